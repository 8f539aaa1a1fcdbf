//! Numbers over time, reduced to what a chart can show.

use std::time::Duration;

use crate::time::Time;

/// Numbers over time: several series with the same times.
///
/// Where a series has no number, because the region had no such row or the recording has a gap, it is `NaN`.
///
/// ```
/// use std::time::Duration;
/// use winshm_core::{Reducer, Time};
///
/// let begin = Time::from_nanoseconds(1_700_000_000_000_000_000);
/// let mut reducer = Reducer::new([("speed", Some("km/h"))], begin, begin + Duration::from_secs(99), 100_000, 10);
/// for tick in 0..100_000 {
///     let peak = if tick == 51_234 { 300.0 } else { 0.0 };
///     reducer.push(begin + tick * Duration::from_micros(990), &[peak]);
/// }
/// let samples = reducer.finish();
/// assert!(samples.times.len() <= 20);
/// // However much is left out, no peak is.
/// assert!(samples.series[0].values.contains(&300.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Samples {
    /// When the first was taken.
    pub begin: Time,
    /// Seconds since then.
    pub times: Vec<f64>,
    /// The numbers.
    pub series: Vec<Series>,
}

/// One series of [`Samples`].
///
/// ```
/// use winshm_core::{Reducer, Time};
///
/// let mut reducer = Reducer::new([("speed", Some("km/h"))], Time::default(), Time::default(), 1, 1);
/// reducer.push(Time::default(), &[120.5]);
/// let speed = &reducer.finish().series[0];
/// assert_eq!((&*speed.name, speed.unit.as_deref()), ("speed", Some("km/h")));
/// assert_eq!(speed.values, [120.5]);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Series {
    /// What the numbers are: a path.
    pub name: String,
    /// Their unit.
    pub unit: Option<String>,
    /// A number for each time.
    pub values: Vec<f64>,
}

/// Makes [`Samples`] of any number of rows: of each part of the time, it keeps the lowest and the highest number.
///
/// ```
/// use std::time::Duration;
/// use winshm_core::{Reducer, Time};
///
/// // Three rows, of which a chart has room for all.
/// let begin = Time::default();
/// let mut reducer = Reducer::new([("speed", None), ("gear", None)], begin, begin + Duration::from_secs(2), 3, 1000);
/// for (second, numbers) in [[0.0, 1.0], [50.0, 2.0], [90.0, 3.0]].iter().enumerate() {
///     reducer.push(begin + Duration::from_secs(second as u64), numbers);
/// }
/// let samples = reducer.finish();
/// assert_eq!(samples.times, [0.0, 1.0, 2.0]);
/// assert_eq!(samples.series[1].values, [1.0, 2.0, 3.0]);
/// ```
#[derive(Debug)]
pub struct Reducer {
    samples: Samples,
    /// The parts in which the time is divided, unless all rows are kept.
    parts: Option<u64>,
    len: Duration,
    /// A longer time without a row is a gap.
    gap: Duration,
    last: Option<Time>,
    part: Part,
}

/// A part of the time.
#[derive(Debug, Default)]
struct Part {
    number: u64,
    span: Option<(f64, f64)>,
    extremes: Vec<Extremes>,
}

#[derive(Clone, Copy, Debug)]
struct Extremes {
    low: f64,
    high: f64,
    low_is_first: bool,
}

impl Default for Extremes {
    fn default() -> Self {
        Self {
            low: f64::NAN,
            high: f64::NAN,
            low_is_first: true,
        }
    }
}

impl Reducer {
    /// For `rows` rows between two moments, of which at most two for each of so many `parts` are kept.
    pub fn new<'a>(
        series: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
        begin: Time,
        end: Time,
        rows: u64,
        parts: u64,
    ) -> Self {
        let series: Vec<_> = series
            .into_iter()
            .map(|(name, unit)| Series {
                name: name.to_owned(),
                unit: unit.map(str::to_owned),
                values: Vec::new(),
            })
            .collect();
        let len = end.since(begin);
        let usual = len / u32::try_from(rows.max(1)).unwrap_or(u32::MAX);
        let part = Part {
            extremes: vec![Extremes::default(); series.len()],
            ..Part::default()
        };
        Self {
            samples: Samples {
                begin,
                times: Vec::new(),
                series,
            },
            parts: (rows > 2 * parts).then_some(parts.max(1)),
            len,
            gap: (10 * usual).max(Duration::from_secs(1)),
            last: None,
            part,
        }
    }

    /// Adds a row: a number for each series, `NaN` if there is none.
    pub fn push(&mut self, time: Time, numbers: &[f64]) {
        let seconds = time.since(self.samples.begin).as_secs_f64();
        if let Some(last) = self.last.replace(time)
            && time.since(last) > self.gap
        {
            self.close();
            let middle = last
                .since(self.samples.begin)
                .as_secs_f64()
                .midpoint(seconds);
            self.samples.times.push(middle);
            let all = &mut self.samples.series;
            all.iter_mut().for_each(|it| it.values.push(f64::NAN));
        }
        let Some(parts) = self.parts else {
            self.samples.times.push(seconds);
            for (series, number) in self.samples.series.iter_mut().zip(numbers) {
                series.values.push(*number);
            }
            return;
        };
        let share = seconds / self.len.as_secs_f64().max(f64::MIN_POSITIVE);
        // A float too large becomes the largest number.
        let number = (share * parts as f64) as u64;
        if number != self.part.number {
            self.close();
            self.part.number = number;
        }
        self.part.add(seconds, numbers);
    }

    /// What was kept.
    #[must_use]
    pub fn finish(mut self) -> Samples {
        self.close();
        self.samples
    }

    /// Keeps the extremes of the part, in the order in which they came.
    fn close(&mut self) {
        let Some((begin, end)) = self.part.span.take() else {
            return;
        };
        self.samples.times.extend([begin, end]);
        for (series, it) in self.samples.series.iter_mut().zip(&mut self.part.extremes) {
            let it = std::mem::take(it);
            series.values.extend(if it.low_is_first {
                [it.low, it.high]
            } else {
                [it.high, it.low]
            });
        }
    }
}

impl Part {
    fn add(&mut self, seconds: f64, numbers: &[f64]) {
        let (_, end) = self.span.get_or_insert((seconds, seconds));
        *end = seconds;
        for (it, number) in self.extremes.iter_mut().zip(numbers) {
            if it.low.is_nan() {
                (it.low, it.high) = (*number, *number);
            } else if *number < it.low {
                (it.low, it.low_is_first) = (*number, false);
            } else if *number > it.high {
                (it.high, it.low_is_first) = (*number, true);
            }
        }
    }
}
