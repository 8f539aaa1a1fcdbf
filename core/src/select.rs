//! Chooses fields by patterns.

use std::fmt;

/// Patterns for paths of fields, such as `wheels[*].pressure`. A `*` stands for any characters, and upper and lower case
/// are the same. A pattern chooses what it stands for and everything below that. No pattern at all chooses everything.
///
/// ```
/// use winshm_core::Selection;
///
/// let selection = Selection::new(["wheels[*].Pressure", "engine", "readings[CPU*]"]);
/// assert!(selection.contains("wheels[2].pressure"));
/// assert!(selection.contains("engine.rpm") && selection.contains("engine"));
/// assert!(!selection.contains("engineer") && !selection.contains("wheels[2].temperature"));
/// // A label needs no quotes, which some shells eat.
/// assert!(selection.contains("readings[\"CPU Package\"].Value"));
/// assert!(Selection::default().contains("anything"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    text: String,
    /// What a path can look like that it chooses.
    forms: Vec<String>,
}

impl Selection {
    /// What any of these patterns chooses.
    pub fn new<P: Into<String>>(patterns: impl IntoIterator<Item = P>) -> Self {
        let patterns = patterns.into_iter().map(|it| Pattern::new(it.into()));
        let patterns = patterns.collect();
        Self { patterns }
    }

    /// Whether it chooses the field at this path.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.patterns.is_empty() || self.patterns.iter().any(|it| it.chooses(path))
    }

    /// Whether it chooses everything because it has no pattern.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Its patterns as JSON.
    pub(crate) fn to_json(&self) -> String {
        let patterns: serde_json::Value = self.patterns.iter().map(|it| &*it.text).collect();
        patterns.to_string()
    }

    /// What [`to_json`](Self::to_json) has written.
    pub(crate) fn from_json(json: &str) -> Option<Self> {
        let patterns: Vec<String> = serde_json::from_str(json).ok()?;
        Some(Self::new(patterns))
    }

    /// Whether a pattern names an element of an array or a row of a table.
    pub(crate) fn has_index(&self) -> bool {
        self.patterns.iter().any(|it| it.text.contains('['))
    }

    /// Whether a pattern without `*` names the element or the row at this path.
    pub(crate) fn names_element(&self, path: &str) -> bool {
        let is_exact = |it: &&Pattern| it.text.contains('[') && !it.text.contains('*');
        self.patterns
            .iter()
            .filter(is_exact)
            .any(|it| it.chooses(path))
    }

    /// The patterns that choose none of these paths, each with the path that looks most like it.
    pub fn unmatched<'a>(&self, paths: &[&'a str]) -> Vec<Unmatched<'a>> {
        let patterns = self.patterns.iter();
        let unmatched = patterns.filter(|it| !paths.iter().any(|path| it.chooses(path)));
        unmatched
            .map(|pattern| Unmatched {
                pattern: pattern.text.clone(),
                nearest: nearest(&pattern.text, paths),
            })
            .collect()
    }
}

/// A pattern that chooses nothing.
///
/// ```
/// use winshm_core::Selection;
///
/// let selection = Selection::new(["engine.rmp"]);
/// let unmatched = selection.unmatched(&["engine.rpm", "gear"]);
/// assert_eq!(unmatched[0].to_string(), "there is no field `engine.rmp`; did you mean `engine.rpm`?");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched<'a> {
    /// The pattern.
    pub pattern: String,
    /// The path that looks most like it, if one does.
    pub nearest: Option<&'a str>,
}

impl fmt::Display for Unmatched<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no field `{}`", crate::escape(&self.pattern))?;
        let has_comma = |it: &str| it.contains(',');
        match self.nearest {
            nearest if has_comma(&self.pattern) && !nearest.is_some_and(has_comma) => {
                f.write_str("; separate paths with spaces, not with commas")
            }
            Some(path) => write!(f, "; did you mean `{}`?", crate::escape(path)),
            None => Ok(()),
        }
    }
}

impl Pattern {
    fn new(text: String) -> Self {
        let mut forms = Vec::new();
        for whole in [quoted(&text).as_ref(), Some(&text)].into_iter().flatten() {
            // What is below it, and itself.
            forms.extend([format!("{whole}.*"), format!("{whole}[*"), whole.clone()]);
        }
        Self { text, forms }
    }

    fn chooses(&self, path: &str) -> bool {
        self.forms.iter().any(|form| matches(form, path))
    }
}

/// The pattern with the label in its first bracket between quotes, if there is one without.
fn quoted(pattern: &str) -> Option<String> {
    let (before, rest) = pattern.split_once('[')?;
    let (label, after) = rest.split_once(']')?;
    let is_index = label.starts_with('"') || label.bytes().all(|it| it.is_ascii_digit());
    (!is_index).then(|| format!("{before}[\"{label}\"]{after}"))
}

/// Whether a pattern with `*` stands for a text. Takes a time that is bounded by the product of their lengths.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut in_text) = (0, 0);
    // Where the last `*` is, and what of the text it does not stand for yet.
    let mut star: Option<(usize, usize)> = None;
    while in_text < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, in_text));
                at += 1;
            }
            Some(byte) if byte.eq_ignore_ascii_case(&text[in_text]) => {
                at += 1;
                in_text += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else {
                    return false;
                };
                star = Some((star_at, taken + 1));
                (at, in_text) = (star_at + 1, taken + 1);
            }
        }
    }
    pattern[at..].iter().all(|it| *it == b'*')
}

/// The path that looks most like what was asked for: the shortest that has it in it, whatever the case, or one with few
/// other letters.
pub(crate) fn nearest<'a>(wanted: &str, paths: &[&'a str]) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    let holds = paths
        .iter()
        .filter(|it| it.to_lowercase().contains(&wanted));
    if let Some(shortest) = holds.min_by_key(|it| it.len()) {
        return Some(shortest);
    }
    let most = wanted.chars().count() / 3;
    let paths = paths
        .iter()
        .map(|path| (distance(&wanted, &path.to_lowercase()), path));
    let nearest = paths.min_by_key(|(distance, _)| *distance);
    nearest
        .filter(|(distance, _)| *distance <= most)
        .map(|(_, path)| *path)
}

/// How many letters have to be added, left out or changed (V. I. Levenshtein, 1966); of long texts only the beginning
/// counts.
fn distance(a: &str, b: &str) -> usize {
    const MOST: usize = 128;
    let b: Vec<char> = b.chars().take(MOST).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (line, a) in a.chars().take(MOST).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (at, b) in b.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[at + 1];
            row[at + 1] = changed.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{Selection, matches, nearest};

    #[test]
    fn stars_stand_for_any_characters() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("*", "abc"),
            ("a*c", "abbc"),
            ("**b*", "ab"),
            ("a*b*c", "a.b.b.c"),
            ("rpm", "RPM"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a*c", "ab"), ("*b", "ba"), ("ä", "Ä")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
        assert!(!matches(&"*a".repeat(500), &"a".repeat(499)));
    }

    #[test]
    fn a_pattern_that_chooses_nothing_has_a_suggestion() {
        let paths = ["engine.rpm", "engine.oil", "speed"];
        let unmatched = Selection::new([
            "RPM",
            "sped",
            "speed",
            "nothing like it",
            "engine.rpm,speed",
        ])
        .unmatched(&paths);
        let told: Vec<_> = unmatched.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "there is no field `RPM`; did you mean `engine.rpm`?",
                "there is no field `sped`; did you mean `speed`?",
                "there is no field `nothing like it`",
                "there is no field `engine.rpm,speed`; separate paths with spaces, not with commas",
            ]
        );
        assert_eq!(nearest("", &[]), None);
    }
}
