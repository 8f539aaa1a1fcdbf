//! Numbers over time as a chart: an image, or a page that zooms.

mod draw;
mod html;
mod image;
mod ticks;

use std::fmt;

use crate::escape::escape;
use crate::series::{Samples, Series};

/// A chart of [`Samples`].
///
/// Series of the same unit share a panel, and all panels the axis of time. Names may come from other programs: whatever they are, they are text in the
/// chart and nothing else.
///
/// ```
/// use std::time::Duration;
/// use winshm_core::chart::Chart;
/// use winshm_core::{Reducer, Time};
///
/// let begin = Time::from_nanoseconds(1_700_000_000_000_000_000);
/// let mut reducer = Reducer::new([("<speed>", Some("km/h"))], begin, begin + Duration::from_secs(9), 10, 1000);
/// for second in 0..10_u32 {
///     reducer.push(begin + second * Duration::from_secs(1), &[f64::from(second)]);
/// }
/// let chart = Chart::new("A drive", &reducer.finish());
/// assert!(chart.svg()?.contains("&lt;speed&gt;"));
/// assert!(chart.html().starts_with("<!DOCTYPE html>"));
/// # Ok::<(), winshm_core::chart::ChartError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Chart {
    title: String,
    samples: Samples,
}

/// The series of one unit.
struct OfUnit<'c> {
    unit: Option<&'c str>,
    series: Vec<&'c Series>,
}

/// A chart that cannot be drawn: it is too large, or has no series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartError(String);

impl fmt::Display for ChartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ChartError {}

impl Chart {
    /// A chart with a title.
    #[must_use]
    pub fn new(title: &str, samples: &Samples) -> Self {
        let mut samples = samples.clone();
        for series in &mut samples.series {
            series.name = shown(&series.name);
            series.unit = series.unit.as_deref().map(shown);
        }
        Self {
            title: shown(title),
            samples,
        }
    }

    /// As an SVG image.
    ///
    /// # Errors
    ///
    /// There is no series.
    pub fn svg(&self) -> Result<String, ChartError> {
        image::svg(self)
    }

    /// As a PNG image.
    ///
    /// # Errors
    ///
    /// There is no series.
    pub fn png(&self) -> Result<Vec<u8>, ChartError> {
        image::png(self)
    }

    /// As a page that zooms, in one file that loads no other.
    #[must_use]
    pub fn html(&self) -> String {
        html::html(self)
    }

    /// The units, in the order of their first series.
    fn units(&self) -> Vec<OfUnit<'_>> {
        let mut units: Vec<OfUnit<'_>> = Vec::new();
        for series in &self.samples.series {
            let unit = series.unit.as_deref();
            match units.iter_mut().find(|it| it.unit == unit) {
                Some(it) => it.series.push(series),
                None => units.push(OfUnit {
                    unit,
                    series: vec![series],
                }),
            }
        }
        units
    }
}

/// A text of another program, of a length that a chart has room for.
fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    let text = escape(text).to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    let mut text: String = text.chars().take(LONGEST - 1).collect();
    text.push('…');
    text
}
