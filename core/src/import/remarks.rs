//! What comments say of members.

/// Units that are taken for one between parentheses or brackets.
const UNITS: [&str; 40] = [
    "m",
    "mm",
    "cm",
    "km",
    "m/s",
    "km/h",
    "kph",
    "mph",
    "m/s^2",
    "m/s²",
    "g",
    "rad",
    "rad/s",
    "deg",
    "degrees",
    "radians",
    "s",
    "ms",
    "sec",
    "seconds",
    "milliseconds",
    "°C",
    "C",
    "K",
    "Celsius",
    "kPa",
    "psi",
    "Pa",
    "bar",
    "N",
    "Nm",
    "kg",
    "W",
    "V",
    "A",
    "Hz",
    "%",
    "rpm",
    "RPM",
    "l",
];

/// What the comment at the end of a line says, and a unit in it.
pub(super) fn remark(line: &str) -> Option<(String, Option<String>)> {
    let (_, comment) = line.split_once("//")?;
    let comment = comment.trim_start_matches(['/', '!', '<']).trim();
    let mut doc = String::new();
    let mut unit = None;
    let mut rest = comment;
    while let Some(open) = rest.find(['[', '(']) {
        let close = if rest[open..].starts_with('[') {
            ']'
        } else {
            ')'
        };
        let Some(end) = rest[open..].find(close).map(|it| open + it) else {
            break;
        };
        let inside = rest[open + 1..end].trim();
        let stated = inside
            .strip_prefix("UNITS")
            .map(|it| it.trim_start_matches([' ', '=', ':']).trim());
        let found = stated.or_else(|| UNITS.contains(&inside).then_some(inside));
        match found {
            Some(it) if unit.is_none() => {
                unit = Some(it.to_owned());
                doc.push_str(rest[..open].trim_end());
            }
            _ => doc.push_str(&rest[..=end]),
        }
        rest = &rest[end + 1..];
    }
    doc.push_str(rest);
    let doc: String = doc
        .trim()
        .chars()
        .filter(|it| !it.is_control())
        .take(200)
        .collect();
    (!doc.is_empty() || unit.is_some()).then_some((doc, unit))
}

#[cfg(test)]
mod tests {
    use super::remark;

    #[test]
    fn a_comment_is_a_doc_and_often_a_unit() {
        let unit = |text: &str| Some(text.to_owned());
        let said = |line| remark(line).unwrap_or_default();
        assert_eq!(
            said("float t; // Water [ UNITS = Celsius ]   [ RANGE = 0.0f-> ]"),
            ("Water   [ RANGE = 0.0f-> ]".to_owned(), unit("Celsius"))
        );
        assert_eq!(
            said("float v; ///< speed (m/s)"),
            ("speed".to_owned(), unit("m/s"))
        );
        assert_eq!(
            said("int x; // index (0 is none) [2"),
            ("index (0 is none) [2".to_owned(), None)
        );
        assert_eq!(remark("int x;"), None);
        assert_eq!(remark("int x; //  "), None);
    }
}
