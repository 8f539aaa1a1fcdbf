//! Draws a chart: a panel for each unit, above each other, over one axis of time.

use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::ticks::{self, Axis};
use super::{Chart, ChartError, OfUnit, Series};
use crate::palette;

/// Units of a drawing for a pixel of an image.
pub(super) const SCALE: i32 = 2;

/// Sizes, in units of the drawing.
const WIDTH: i32 = 960 * SCALE;
const PANEL: i32 = 260 * SCALE;
const TITLE: i32 = 54 * SCALE;
const LEGEND: i32 = 22 * SCALE;
const FOOT: i32 = 50 * SCALE;
const BETWEEN: i32 = 16 * SCALE;
const LEFT: i32 = 76 * SCALE;
const RIGHT: i32 = 24 * SCALE;

/// More panels are not drawn: the chart would be higher than a screen is.
const MOST_PANELS: usize = 12;

/// What has no colour of its own.
const INK: RGBColor = RGBColor(32, 33, 36);
const FAINT: RGBColor = RGBColor(95, 99, 104);
const GRID: RGBColor = RGBColor(224, 226, 230);

/// The font of a chart: an image has it with it, a page or a viewer of SVG has one of its own.
pub(super) struct Font(pub(super) &'static str);

/// From the left, and from the top.
type Place = (i32, i32);

struct Panel<'c> {
    unit: Option<&'c str>,
    series: Vec<&'c Series>,
    /// What its legend takes.
    legend: i32,
    top: i32,
}

/// The parts of a chart, and where they are.
pub(super) struct Plan<'c> {
    chart: &'c Chart,
    panels: Vec<Panel<'c>>,
    height: i32,
}

impl<'c> Plan<'c> {
    pub(super) fn new(chart: &'c Chart) -> Result<Self, ChartError> {
        let units = chart.units();
        if units.is_empty() || units.len() > MOST_PANELS {
            return Err(ChartError(format!(
                "there are {} units; a chart has 1 to {MOST_PANELS}",
                units.len()
            )));
        }
        let mut top = TITLE;
        let mut panels = Vec::new();
        for OfUnit { unit, series } in units {
            let rows = legend(&series, &mut |_, _, _| Ok(()))?;
            let legend = rows * LEGEND;
            top += legend;
            panels.push(Panel {
                unit,
                series,
                legend,
                top,
            });
            top += PANEL + BETWEEN;
        }
        Ok(Self {
            chart,
            panels,
            height: top - BETWEEN + FOOT,
        })
    }

    /// Width and height, in units of the drawing.
    pub(super) fn size(&self) -> (u32, u32) {
        (WIDTH.unsigned_abs(), self.height.unsigned_abs())
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        backend: B,
        font: &Font,
    ) -> Result<(), ChartError> {
        let area = backend.into_drawing_area();
        let drawing = Drawing { area: &area, font };
        area.fill(&WHITE).map_err(failed)?;
        drawing.text(&self.chart.title, (LEFT, 26 * SCALE), 17, INK, HPos::Left)?;
        let samples = &self.chart.samples;
        let end = samples.times.last().copied().unwrap_or_default();
        let time = ticks::times(end, 10);
        for panel in &self.panels {
            drawing.panel(panel, &samples.times, &time)?;
        }
        let bottom = self.height - FOOT;
        for (seconds, text) in &time.ticks {
            let x = across(&time, *seconds);
            drawing.text(text, (x, bottom + 16 * SCALE), 12, FAINT, HPos::Center)?;
        }
        let begin = format!("time since {}", samples.begin);
        let middle = (LEFT + WIDTH - RIGHT) / 2;
        drawing.text(
            &begin,
            (middle, bottom + 35 * SCALE),
            12,
            FAINT,
            HPos::Center,
        )?;
        area.present().map_err(failed)
    }
}

struct Drawing<'a, B: DrawingBackend> {
    area: &'a DrawingArea<B, plotters::coord::Shift>,
    font: &'a Font,
}

impl<B: DrawingBackend> Drawing<'_, B> {
    fn panel(&self, panel: &Panel<'_>, times: &[f64], time: &Axis) -> Result<(), ChartError> {
        let (top, bottom) = (panel.top, panel.top + PANEL);
        let values = panel.series.iter().flat_map(|it| it.values.iter().copied());
        let axis = ticks::numbers(values, 5);
        for (seconds, _) in &time.ticks {
            let x = across(time, *seconds);
            self.line([(x, top), (x, bottom)], GRID, 1)?;
        }
        for (tick, text) in &axis.ticks {
            let y = up(&axis, *tick, panel);
            self.line([(LEFT, y), (WIDTH - RIGHT, y)], GRID, 1)?;
            self.text(text, (LEFT - 8 * SCALE, y), 12, FAINT, HPos::Right)?;
        }
        self.line([(LEFT, bottom), (WIDTH - RIGHT, bottom)], FAINT, SCALE)?;
        if let Some(unit) = panel.unit {
            self.text_up(unit, (14 * SCALE, (top + bottom) / 2))?;
        }
        for (number, series) in panel.series.iter().enumerate() {
            self.series(number, series, times, time, &axis, panel)?;
        }
        let rows = panel.legend;
        legend(&panel.series, &mut |number, name, (x, y)| {
            let at = (x, top - rows + y + 6 * SCALE);
            self.swatch(number, at)?;
            self.text(name, (at.0 + 26 * SCALE, at.1), 12, INK, HPos::Left)
        })?;
        Ok(())
    }

    /// The line of a series; it is broken where there is no number.
    fn series(
        &self,
        number: usize,
        series: &Series,
        times: &[f64],
        time: &Axis,
        axis: &Axis,
        panel: &Panel<'_>,
    ) -> Result<(), ChartError> {
        let mut points = Vec::new();
        let finite = |value: &f64| value.is_finite() && (axis.low..=axis.high).contains(value);
        for (seconds, value) in times.iter().zip(&series.values) {
            if finite(value) {
                let point = (across(time, *seconds), up(axis, *value, panel));
                if points.last() != Some(&point) {
                    points.push(point);
                }
            } else {
                self.run(number, &points)?;
                points.clear();
            }
        }
        self.run(number, &points)
    }

    /// A part of a line without a gap.
    fn run(&self, number: usize, points: &[(i32, i32)]) -> Result<(), ChartError> {
        let (colour, times) = style(number);
        match points {
            [] => Ok(()),
            [point] => self
                .area
                .draw(&Circle::new(*point, 3 * SCALE / 2, colour.filled()))
                .map_err(failed),
            _ => {
                let line = points.to_vec();
                let stroke = colour.stroke_width(SCALE.unsigned_abs() * 3 / 2);
                if times == 0 {
                    smooth(&line).try_for_each(|part| {
                        let path = PathElement::new(part.to_vec(), stroke);
                        self.area.draw(&path).map_err(failed)
                    })
                } else {
                    let (dash, space) = (6 * SCALE * times as i32, 3 * SCALE);
                    let line = DashedPathElement::new(line, dash, space, stroke);
                    self.area.draw(&line).map_err(failed)
                }
            }
        }
    }

    fn swatch(&self, number: usize, (x, y): (i32, i32)) -> Result<(), ChartError> {
        self.run(number, &[(x, y), (x + 20 * SCALE, y)])
    }

    fn line(
        &self,
        points: [(i32, i32); 2],
        colour: RGBColor,
        width: i32,
    ) -> Result<(), ChartError> {
        let stroke = colour.stroke_width(width.unsigned_abs());
        self.area
            .draw(&PathElement::new(points, stroke))
            .map_err(failed)
    }

    fn text(
        &self,
        text: &str,
        at: (i32, i32),
        size: i32,
        colour: RGBColor,
        side: HPos,
    ) -> Result<(), ChartError> {
        let style = self
            .style(size)
            .color(&colour)
            .pos(Pos::new(side, VPos::Center));
        self.area.draw_text(text, &style, at).map_err(failed)
    }

    /// A text that goes upwards.
    fn text_up(&self, text: &str, at: (i32, i32)) -> Result<(), ChartError> {
        let style = self
            .style(13)
            .color(&INK)
            .pos(Pos::new(HPos::Center, VPos::Center));
        let style = style.transform(FontTransform::Rotate270);
        self.area.draw_text(text, &style, at).map_err(failed)
    }

    /// SVG takes sizes to be of capital letters.
    fn style(&self, size: i32) -> TextStyle<'_> {
        let size = f64::from(size * SCALE) * 1.24;
        TextStyle::from((self.font.0, size).into_font())
    }
}

/// Places the names of series in rows. Returns the number of rows.
fn legend(
    series: &[&Series],
    place: &mut dyn FnMut(usize, &str, Place) -> Result<(), ChartError>,
) -> Result<i32, ChartError> {
    let (mut x, mut row) = (LEFT, 0);
    for (number, it) in series.iter().enumerate() {
        // Sizes of letters are not known everywhere; few are wider than this.
        let letters = i32::try_from(it.name.chars().count()).unwrap_or(i32::MAX / 100);
        let width = 44 * SCALE + letters * 7 * SCALE;
        if x + width > WIDTH - RIGHT && x > LEFT {
            (x, row) = (LEFT, row + 1);
        }
        place(number, &it.name, (x, row * LEGEND))?;
        x += width;
    }
    Ok(row + 1)
}

fn style(number: usize) -> (RGBColor, usize) {
    let ((red, green, blue), times) = palette::series(number);
    (RGBColor(red, green, blue), times)
}

fn across(time: &Axis, seconds: f64) -> i32 {
    let share = (seconds - time.low) / (time.high - time.low);
    LEFT + (share * f64::from(WIDTH - LEFT - RIGHT)).round() as i32
}

fn up(axis: &Axis, value: f64, panel: &Panel<'_>) -> i32 {
    let share = (value - axis.low) / (axis.high - axis.low);
    panel.top + PANEL - (share * f64::from(PANEL)).round() as i32
}

fn failed(error: impl std::fmt::Display) -> ChartError {
    ChartError(format!("the chart cannot be drawn: {error}"))
}

/// The parts of a line between the points where it turns back: a joint there would have a spike as long as the chart is
/// high.
fn smooth(line: &[(i32, i32)]) -> impl Iterator<Item = &[(i32, i32)]> {
    let mut rest = line;
    std::iter::from_fn(move || {
        if rest.len() < 2 {
            return None;
        }
        let turn = rest
            .windows(3)
            .position(|it| turns_back(it[0], it[1], it[2]));
        let end = turn.map_or(rest.len() - 1, |it| it + 1);
        let part = &rest[..=end];
        rest = &rest[end..];
        Some(part)
    })
}

/// Whether the way from `b` to `c` is more or less that from `b` back to `a`.
fn turns_back(a: (i32, i32), b: (i32, i32), c: (i32, i32)) -> bool {
    let way = |from: (i32, i32), to: (i32, i32)| {
        [
            f64::from(to.0) - f64::from(from.0),
            f64::from(to.1) - f64::from(from.1),
        ]
    };
    let ([x1, y1], [x2, y2]) = (way(a, b), way(b, c));
    let lengths = x1.hypot(y1) * x2.hypot(y2);
    x1 * x2 + y1 * y2 < -0.5 * lengths
}
