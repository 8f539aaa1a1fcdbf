//! The chosen number at the foot of the screen: its course, drawn large.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::bar;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Sparkline};
use winshm_core::{Stats, escape};

use super::looks::Looks;
use super::model::Row;
use super::words::{named, short};

/// How high it is, its title and a line of space included.
pub(super) const HEIGHT: u16 = 8;

/// How wide the scale is.
const SCALE: u16 = 11;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, row: &Row, stats: &Stats, looks: Looks) {
    let [_, title, body] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Fill(1),
    ])
    .areas(area);
    let [scale, course] =
        Layout::horizontal([Constraint::Length(SCALE), Constraint::Fill(1)]).areas(body);
    frame.render_widget(about(row, stats, looks), title);

    let recent: Vec<f64> = stats.recent(course.width.into()).collect();
    let min = recent.iter().copied().fold(f64::INFINITY, f64::min);
    let max = recent.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if recent.is_empty() {
        let words = Paragraph::new("it has not changed").style(looks.dim());
        frame.render_widget(words, course);
        return;
    }
    let mut lines = vec![Line::default(); body.height.into()];
    let label = |value: f64| Line::styled(format!("{} ", short(value)), looks.dim());
    if let Some(first) = lines.first_mut() {
        *first = label(max).right_aligned();
    }
    if let Some(last) = lines.last_mut().filter(|_| max > min) {
        *last = label(min).right_aligned();
    }
    frame.render_widget(Paragraph::new(lines), scale);

    // The least value is a line and not a gap: nothing is a gap.
    let steps = f64::from(course.height) * 8.0;
    let bars = recent.iter().map(|value| {
        let part = if max > min {
            (value - min) / (max - min)
        } else {
            0.0
        };
        (1.0 + part * (steps - 1.0)).round() as u64
    });
    let bars: Vec<u64> = bars.collect();
    let set = if looks.is_plain {
        PLAIN
    } else {
        bar::NINE_LEVELS
    };
    let sparkline = Sparkline::default()
        .data(bars)
        .max(steps as u64)
        .bar_set(set)
        .style(looks.color(Color::Cyan));
    frame.render_widget(sparkline, course);
}

const PLAIN: bar::Set<'static> = bar::Set {
    full: "#",
    seven_eighths: "#",
    three_quarters: "#",
    five_eighths: "=",
    half: "=",
    three_eighths: "-",
    one_quarter: "_",
    one_eighth: "_",
    empty: " ",
};

fn about<'a>(row: &Row, stats: &Stats, looks: Looks) -> Line<'a> {
    let mut spans = vec![Span::raw(" ")];
    spans.extend(named(escape(&row.path).to_string(), looks));
    let unit = row.unit.as_deref().unwrap_or_default();
    let value = format!("  {} {}  ", escape(&row.value), escape(unit));
    let bold = Style::new().add_modifier(Modifier::BOLD);
    spans.push(Span::styled(value, bold));
    let statistics = [
        ("min", stats.min()),
        ("mean", stats.mean()),
        ("p95", stats.quantile(0.95)),
        ("max", stats.max()),
    ];
    for (name, number) in statistics {
        if let Some(number) = number {
            spans.push(Span::styled(format!(" {name} "), looks.dim()));
            spans.push(Span::raw(format!("{} ", short(number))));
        }
    }
    Line::from(spans)
}
