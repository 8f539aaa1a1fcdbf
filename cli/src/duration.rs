//! Durations, as people write them.

use std::time::Duration;

/// Reads `250ms`, `1.5s`, `2m`, `1h` or a number of seconds.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    const UNITS: [(&str, f64); 5] = [
        ("ms", 0.001),
        ("s", 1.0),
        ("m", 60.0),
        ("h", 3600.0),
        ("", 1.0),
    ];
    let wrong = || "this is not a duration such as 250ms, 1.5s, 2m or 1h".to_owned();
    let found = UNITS
        .iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)));
    let (number, seconds) = found.ok_or_else(wrong)?;
    let number: f64 = number.trim_end().parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_fractions_are_understood() {
        for (text, milliseconds) in [
            ("250ms", 250),
            ("1.5s", 1500),
            ("2 m", 120_000),
            ("1h", 3_600_000),
            ("0", 0),
            ("3", 3000),
        ] {
            assert_eq!(
                parse(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        for text in ["", "s", "-1", "1d", "nan", "inf", "1e300h"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
