//! Where an axis has ticks, and what they say.

/// An axis of numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) ticks: Vec<(f64, String)>,
}

/// Steps of a time axis, in seconds.
const STEPS: [f64; 24] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0,
    120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 21_600.0, 86_400.0,
];

/// An axis for these numbers, from a tick to a tick.
pub(super) fn numbers(values: impl Iterator<Item = f64>, most: usize) -> Axis {
    let finite = values.filter(|it| it.is_finite() && it.abs() < 1e300);
    let range = finite.fold(None, |range: Option<(f64, f64)>, it| {
        let (low, high) = range.unwrap_or((it, it));
        Some((low.min(it), high.max(it)))
    });
    let (mut low, mut high) = range.unwrap_or((0.0, 1.0));
    // A line that does not move stands in the middle.
    if high - low <= 1e-9 * low.abs().max(high.abs()) {
        let around = if low == 0.0 { 1.0 } else { low.abs() / 10.0 };
        (low, high) = (low - around, high + around);
    }
    let step = step((high - low) / most as f64);
    let (first, last) = ((low / step).floor(), (high / step).ceil());
    // Two more than `most` at most.
    let count = (last - first).clamp(1.0, 2.0 * most as f64 + 2.0) as usize;
    let places = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
    let largest = low.abs().max(high.abs());
    let text = |tick: f64| {
        if !(1e-4..1e7).contains(&largest) {
            return short(tick, step);
        }
        let text = format!("{:.places$}", tick + 0.0);
        text.replace('-', "\u{2212}")
    };
    let ticks = (0..=count).map(|it| {
        let tick = (first + it as f64) * step;
        (tick, text(tick))
    });
    Axis {
        low: first * step,
        high: (first + count as f64) * step,
        ticks: ticks.collect(),
    }
}

/// A large or a small number, with as many digits as its step has.
fn short(tick: f64, step: f64) -> String {
    if tick.abs() < step / 2.0 {
        return "0".to_owned();
    }
    let digits = (tick.abs().log10().floor() - step.log10().floor()).clamp(0.0, 15.0) as usize;
    format!("{tick:.digits$e}").replace('-', "\u{2212}")
}

/// The next 1, 2 or 5 times a power of ten.
fn step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|it| it * power >= least * 0.999_999);
    factor.unwrap_or(10.0) * power
}

/// An axis for a time from 0 to `end` seconds.
pub(super) fn times(end: f64, most: usize) -> Axis {
    let end = if end > 0.0 { end.min(1e12) } else { 1.0 };
    let least = end / most as f64;
    let step = STEPS
        .into_iter()
        .find(|it| *it >= least)
        .unwrap_or_else(|| {
            let days = least / 86_400.0;
            step(days) * 86_400.0
        });
    let count = (end / step * 1.000_001) as usize;
    let ticks = (0..=count.min(2 * most)).map(|it| {
        let seconds = it as f64 * step;
        (seconds, elapsed(seconds, step))
    });
    Axis {
        low: 0.0,
        high: end,
        ticks: ticks.collect(),
    }
}

/// A time since the beginning: `0.25 s`, `1:30`, `2:00:00`.
fn elapsed(seconds: f64, step: f64) -> String {
    if step < 1.0 {
        let places = (-step.log10().floor()) as usize;
        return format!("{seconds:.places$} s");
    }
    let seconds = seconds.round() as u64;
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours >= 48 && step >= 3600.0 {
        format!("{} d {}:{minutes:02}", hours / 24, hours % 24)
    } else if hours > 0 || step >= 1800.0 {
        format!("{hours}:{minutes:02}:{rest:02}")
    } else {
        format!("{minutes}:{rest:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::{numbers, times};

    fn texts(axis: super::Axis) -> String {
        let texts: Vec<_> = axis.ticks.into_iter().map(|(_, text)| text).collect();
        texts.join(" ")
    }

    #[test]
    fn ticks_are_round_numbers_around_the_values() {
        let axis = |values: &[f64]| texts(numbers(values.iter().copied(), 5));
        assert_eq!(axis(&[0.0, 312.4]), "0 100 200 300 400");
        assert_eq!(axis(&[-0.31, 0.28]), "−0.4 −0.2 0.0 0.2 0.4");
        assert_eq!(axis(&[61.2, 61.9]), "61.2 61.4 61.6 61.8 62.0");
        assert_eq!(axis(&[5.0]), "4.4 4.6 4.8 5.0 5.2 5.4 5.6");
        assert_eq!(axis(&[f64::NAN, f64::INFINITY]), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(axis(&[0.0, 3e9]), "0 1e9 2e9 3e9");
        assert_eq!(
            axis(&[-f64::MAX, f64::MAX, 1.0, 2.0]),
            "1.0 1.2 1.4 1.6 1.8 2.0"
        );
    }

    #[test]
    fn times_are_told_as_people_tell_them() {
        assert_eq!(texts(times(0.4, 5)), "0.0 s 0.1 s 0.2 s 0.3 s 0.4 s");
        assert_eq!(texts(times(95.0, 8)), "0:00 0:15 0:30 0:45 1:00 1:15 1:30");
        assert_eq!(
            texts(times(8000.0, 6)),
            "0:00:00 0:30:00 1:00:00 1:30:00 2:00:00"
        );
        assert_eq!(texts(times(0.0, 5)), "0.0 s 0.2 s 0.4 s 0.6 s 0.8 s 1.0 s");
        assert!((2..12).contains(&times(1e300, 5).ticks.len()));
    }
}
