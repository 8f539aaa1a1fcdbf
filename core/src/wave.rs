//! Numbers that move, for programs that stand in for others.

use std::f64::consts::TAU;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A number that moves with time: `sine(0,100,5s)`, `ramp(0,1,10s)`, `square(0,1,2s)`, `triangle(…)`, `noise(…)`. The first two
/// numbers are the least and the greatest value; the time is that of a period. `step(2,3,4,1s)` is one number after the
/// other, each for the time.
///
/// ```
/// use std::time::Duration;
/// use winshm_core::Wave;
///
/// let wave: Wave = "ramp(10, 20, 4s)".parse()?;
/// assert_eq!(wave.at(Duration::from_secs(1)), 12.5);
/// assert_eq!(wave.at(Duration::from_secs(5)), 12.5);
/// let gears: Wave = "step(1, 2, 5, 4s)".parse()?;
/// assert_eq!([0, 4, 8, 12].map(|it| gears.at(Duration::from_secs(it))), [1.0, 2.0, 5.0, 1.0]);
/// # Ok::<(), winshm_core::WaveError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Wave {
    shape: Shape,
    /// The least and the greatest; of steps, all of them.
    numbers: Vec<f64>,
    period: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Sine,
    Ramp,
    Triangle,
    Square,
    Noise,
    Step,
}

const SHAPES: [(&str, Shape); 6] = [
    ("sine", Shape::Sine),
    ("ramp", Shape::Ramp),
    ("triangle", Shape::Triangle),
    ("square", Shape::Square),
    ("noise", Shape::Noise),
    ("step", Shape::Step),
];

/// A text that is not a wave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaveError;

impl fmt::Display for WaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a wave is sine, ramp, triangle, square or noise, and (least,greatest,period): sine(0,100,5s); \
             or step and (number,number,…,time of each): step(1,2,3,500ms)",
        )
    }
}

impl std::error::Error for WaveError {}

impl Wave {
    /// The number at this time after the beginning.
    #[must_use]
    pub fn at(&self, time: Duration) -> f64 {
        let periods = time.as_secs_f64() / self.period;
        let phase = periods.fract();
        let part = match self.shape {
            Shape::Sine => 0.5 - 0.5 * (TAU * phase).cos(),
            Shape::Ramp => phase,
            Shape::Triangle => 1.0 - (2.0 * phase - 1.0).abs(),
            Shape::Square => f64::from(u8::from(phase >= 0.5)),
            Shape::Noise => noise(time.as_nanos() as u64),
            Shape::Step => return self.numbers[periods as usize % self.numbers.len()],
        };
        let (min, max) = (self.numbers[0], self.numbers[1]);
        min + (max - min) * part
    }
}

/// A number from 0 to 1 that looks random (splitmix64, S. Vigna, 2015).
fn noise(seed: u64) -> f64 {
    let mut it = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((it ^ (it >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

impl FromStr for Wave {
    type Err = WaveError;

    fn from_str(text: &str) -> Result<Self, WaveError> {
        let (name, rest) = text.split_once('(').ok_or(WaveError)?;
        let name = name.trim();
        let (_, shape) = SHAPES.iter().find(|(it, _)| *it == name).ok_or(WaveError)?;
        let inner = rest.trim_end().strip_suffix(')').ok_or(WaveError)?;
        let mut numbers: Vec<&str> = inner.split(',').map(str::trim).collect();
        let period = numbers.pop().ok_or(WaveError)?;
        let number = |text: &str| {
            text.parse()
                .ok()
                .filter(|it: &f64| it.is_finite())
                .ok_or(WaveError)
        };
        let (period, factor) = match period.strip_suffix("ms") {
            Some(period) => (period, 0.001),
            None => (period.trim_end_matches('s'), 1.0),
        };
        let period = factor * number(period.trim_end())?;
        if period <= 0.0 {
            return Err(WaveError);
        }
        let numbers: Vec<f64> = numbers.into_iter().map(number).collect::<Result<_, _>>()?;
        let fits = match shape {
            Shape::Step => !numbers.is_empty(),
            _ => numbers.len() == 2,
        };
        fits.then_some(Self {
            shape: *shape,
            numbers,
            period,
        })
        .ok_or(WaveError)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Wave;

    #[test]
    fn waves_stay_within_their_bounds() {
        for shape in ["sine", "ramp", "triangle", "square", "noise", "step"] {
            let wave: Result<Wave, _> = format!("{shape}(-1,3,700ms)").parse();
            let values =
                (0..1000).map(|it| wave.as_ref().map(|wave| wave.at(Duration::from_millis(it))));
            let values: Result<Vec<_>, _> = values.collect();
            let is_within = values.is_ok_and(|it| it.iter().all(|it| (-1.0..=3.0).contains(it)));
            assert!(is_within, "{shape}");
        }
    }

    #[test]
    fn what_is_not_a_wave_is_refused() {
        for text in [
            "",
            "sine",
            "sine()",
            "sine(1,2)",
            "sine(1,2,0)",
            "sine(1,2,-1s)",
            "sine(a,2,1)",
            "x(1,2,3)",
            "sine(1,2,3,4)",
            "sine(NaN,2,3)",
            "step(3s)",
        ] {
            assert!(text.parse::<Wave>().is_err(), "{text}");
        }
    }
}
