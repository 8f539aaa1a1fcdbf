//! Numbers with units, as people write them on a command line.

use std::time::Duration;

/// A duration: `500ms`, `2s`, `1.5m`, `1h`; a number alone is seconds.
///
/// # Errors
///
/// The text is not a duration; the message says what one looks like.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let seconds = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err("this is not a duration such as 250ms, 1.5s, 2m or 1h".to_owned()),
    };
    let number: f64 = number
        .parse()
        .map_err(|_| "this is not a duration such as 250ms, 1.5s, 2m or 1h".to_owned())?;
    Duration::try_from_secs_f64(number * seconds)
        .map_err(|_| "it is no time that passes".to_owned())
}

/// A rate: `60`, `60Hz`, `1kHz`, `0.2`. Told as the time from one to the next.
pub(crate) fn period(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "hz" => 1.0,
        "khz" => 1000.0,
        _ => return Err("write for example 60, 60Hz or 1kHz".to_owned()),
    };
    let number: f64 = number.parse().map_err(|_| "it has no number".to_owned())?;
    let rate = number * factor;
    if !(0.0001..=10_000.0).contains(&rate) {
        return Err("a rate is from 0.0001 to 10000 per second".to_owned());
    }
    Ok(Duration::from_secs_f64(1.0 / rate))
}

/// A size: `4096`, `64KiB`, `100MB`, `1G`. K, M and G are powers of 1024, as Windows has them.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let unit = unit.to_ascii_lowercase();
    let shift = match unit.trim_end_matches("ib").trim_end_matches('b') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        _ => return Err("write for example 4096, 64KiB, 100MB or 1G".to_owned()),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "it is not a whole number".to_owned())?;
    number
        .checked_mul(1 << shift)
        .ok_or_else(|| "it is too large".to_owned())
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let at = text
        .find(|it: char| !(it.is_ascii_digit() || it == '.'))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    (number, unit.trim_start())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{duration, period, size};

    #[test]
    fn units_are_those_that_people_write() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1.5 m"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("7"), Ok(Duration::from_secs(7)));
        assert_eq!(period("60 Hz"), Ok(Duration::from_secs_f64(1.0 / 60.0)));
        assert_eq!(period("1kHz"), Ok(Duration::from_millis(1)));
        assert_eq!(size("64KiB"), Ok(65_536));
        assert_eq!(size("1G"), Ok(1 << 30));
    }

    #[test]
    fn what_is_no_number_or_too_much_is_refused() {
        for text in [
            "",
            "s",
            "-1s",
            "1 week",
            "1e400",
            "99999999999999999999999h",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
        for text in ["0", "-60", "1MHz", "NaN", "20000"] {
            assert!(period(text).is_err(), "{text}");
        }
        for text in ["", "1.5K", "99999999999G", "-1"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
