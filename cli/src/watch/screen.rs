//! How it looks.

use std::time::Instant;

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line as TextLine, Span};
use ratatui::widgets::{Block, Cell, Clear, Paragraph, Row as TableRow, Table};
use winshm_core::{State, escape};

use super::looks::Looks;
use super::model::{Line, Region, Row, Sorting, View};
use super::words::{named, short};
use super::{detail, hex};

/// How wide the columns are: a unit, the shortest and the longest trend, and a number of the statistics.
const UNIT: u16 = 6;
const TRENDS: [u16; 2] = [12, 40];
const STATISTIC: u16 = 9;

const KEYS: [(&str, &str); 12] = [
    ("↑ ↓ PgUp PgDn", "choose a line"),
    ("Home End", "the first, the last"),
    ("←", "show the group as one line"),
    ("→", "show the lines of the group"),
    ("/", "show paths with a text in them"),
    ("o", "order: region, changes, path"),
    ("x", "bytes instead of values"),
    ("Tab", "the next region"),
    ("Space", "hold and go on"),
    ("r", "begin the statistics again"),
    ("?", "this help"),
    ("q Esc", "quit"),
];

pub(super) fn draw(
    frame: &mut Frame<'_>,
    regions: &[Region],
    view: &mut View,
    looks: Looks,
    now: Instant,
) {
    let Some(region) = regions.get(view.region) else {
        return;
    };
    let has_tabs = regions.len() > 1;
    let [tabs, head, body, foot] = Layout::vertical([
        Constraint::Length(has_tabs.into()),
        Constraint::Length(2),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    if has_tabs {
        frame.render_widget(tab_line(regions, view.region, tabs.width, looks), tabs);
    }
    frame.render_widget(header(region, view, has_tabs, head.width, looks, now), head);
    if view.is_hex {
        hex::draw(frame, body, &region.bytes, view, looks, now);
    } else if region.rows.is_empty() {
        let words = nothing(region).style(looks.dim());
        frame.render_widget(words.alignment(Alignment::Center), body);
    } else {
        values(frame, body, region, view, looks, now);
    }
    frame.render_widget(footer(region, view, foot.width, looks), foot);
    if view.is_help {
        help(frame, looks);
    }
}

fn state_color(state: State) -> Color {
    match state {
        State::Live => Color::Green,
        State::Frozen | State::NotReady => Color::Yellow,
        _ => Color::Red,
    }
}

/// The names of the regions, as many as there is room for; the chosen one is always there.
fn tab_line(regions: &[Region], chosen: usize, width: u16, looks: Looks) -> TextLine<'static> {
    let names: Vec<String> = regions
        .iter()
        .map(|it| format!("{} ", escape(&it.name)))
        .collect();
    let taken = |from: usize| -> usize {
        let upto = &names[from..=chosen];
        upto.iter().map(|it| it.chars().count() + 3).sum()
    };
    let first = (0..chosen).find(|from| taken(*from) <= usize::from(width));
    let shown = regions.iter().zip(names).enumerate();
    let mut spans = Vec::new();
    for (at, (region, name)) in shown.skip(first.unwrap_or(chosen)) {
        let style = if at == chosen {
            looks.chosen()
        } else {
            Style::new()
        };
        let dot = format!(" {} ", looks.dot());
        let color = looks.color(state_color(region.state));
        spans.push(Span::styled(dot, color.patch(style)));
        let bold = style.add_modifier(Modifier::BOLD);
        let name_style = if at == chosen { bold } else { looks.dim() };
        spans.push(Span::styled(name, name_style));
    }
    TextLine::from(spans)
}

fn header<'a>(
    region: &'a Region,
    view: &View,
    has_tabs: bool,
    width: u16,
    looks: Looks,
    now: Instant,
) -> Paragraph<'a> {
    let state = format!(" {} {} ", looks.dot(), region.state);
    let color = looks.color(state_color(region.state));
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let mut spans = Vec::new();
    if !has_tabs {
        spans.push(Span::styled(format!(" {} ", escape(&region.name)), bold));
    }
    spans.push(Span::styled(state, color.patch(bold)));
    if view.is_paused {
        let reversed = Style::new().add_modifier(Modifier::REVERSED);
        spans.push(Span::styled(" held ", reversed));
    }
    let mut say = |text: String| spans.push(Span::styled(format!(" {text} "), looks.dim()));
    if let Some(layout) = &region.layout {
        say(escape(layout).to_string());
    }
    if let Some(rate) = region.rate(now) {
        say(format!("{rate:.1}/s"));
    }
    if !region.bytes.now.is_empty() {
        say(format!("{} bytes", region.bytes.now.len()));
    }
    if region.counts.retries > 0 {
        let count = region.counts.retries;
        say(format!(
            "{count} {}",
            if count == 1 { "retry" } else { "retries" }
        ));
    }
    if region.counts.torn > 0 {
        say(format!("{} torn", region.counts.torn));
    }
    let below = match region.problem.as_ref().or(region.unknown.first()) {
        Some(problem) => Span::styled(format!(" {}", escape(problem)), looks.color(Color::Red)),
        None => {
            let line = if looks.is_plain { "-" } else { "─" };
            Span::styled(line.repeat(width.into()), looks.dim())
        }
    };
    Paragraph::new(vec![TextLine::from(spans), TextLine::from(below)])
}

fn nothing(region: &Region) -> Paragraph<'static> {
    Paragraph::new(match region.state {
        State::Absent => {
            "\nThere is no region of this name yet.\nIt shows as soon as its program makes it."
        }
        State::NotReady => "\nThe region is there. Its program has not filled it yet.",
        _ if region.bytes.now.is_empty() => "\nNothing has been read yet.",
        _ if region.layout.is_none() => {
            "\nNo layout says what the bytes are: x shows them, --layout names one."
        }
        _ => "\nNo field is chosen.",
    })
}

fn values(
    frame: &mut Frame<'_>,
    area: Rect,
    region: &Region,
    view: &mut View,
    looks: Looks,
    now: Instant,
) {
    let lines = view.lines(region);
    view.line = view.line.min(lines.len().saturating_sub(1));
    let area = match lines.get(view.line) {
        Some(Line::Row(row)) => with_detail(frame, area, &region.rows[*row], looks),
        _ => area,
    };
    let height = usize::from(area.height.saturating_sub(1)).max(1);
    view.top = view
        .top
        .clamp((view.line + 1).saturating_sub(height), view.line);
    let shown = lines.iter().skip(view.top).take(height);
    let columns = Columns::new(area.width, region, shown);
    let shown = lines.iter().enumerate().skip(view.top).take(height);
    let rows = shown.map(|(at, line)| {
        let row = match line {
            Line::Row(row) => value(&region.rows[*row], &columns, looks, now),
            Line::Group(name, count) => group(name, *count, looks),
        };
        if at == view.line {
            row.style(looks.chosen())
        } else {
            row
        }
    });
    let mut widths = vec![columns.field, columns.value, UNIT];
    let mut titles = vec![
        TextLine::from("field"),
        TextLine::from("value").right_aligned(),
        TextLine::from("unit"),
    ];
    if let Some(trend) = columns.trend {
        widths.push(trend);
        titles.push(TextLine::from("trend"));
    }
    if columns.has_stats {
        for title in ["min", "mean", "p95", "max"] {
            widths.push(STATISTIC);
            titles.push(TextLine::from(title).right_aligned());
        }
    }
    let table = Table::new(rows, widths)
        .header(TableRow::new(titles).style(looks.dim()))
        .column_spacing(1);
    frame.render_widget(table, area);
}

/// Draws the chosen number large, if there is room; returns what is left.
fn with_detail(frame: &mut Frame<'_>, area: Rect, row: &Row, looks: Looks) -> Rect {
    if area.height < 2 * detail::HEIGHT || area.width < 60 {
        return area;
    }
    let parts = Layout::vertical([Constraint::Fill(1), Constraint::Length(detail::HEIGHT)]);
    let [left, below] = parts.areas(area);
    // The list does not jump when a text is chosen.
    if let Some(stats) = &row.stats {
        detail::draw(frame, below, row, stats, looks);
    }
    left
}

/// How wide the columns are, as far as there is room: values come first, then the trend, then the statistics.
struct Columns {
    field: u16,
    value: u16,
    trend: Option<u16>,
    has_stats: bool,
}

impl Columns {
    fn new<'a>(width: u16, region: &Region, shown: impl Iterator<Item = &'a Line<'a>>) -> Self {
        let (mut field, mut value) = (12, 8);
        for line in shown {
            match line {
                Line::Group(group, _) => field = field.max(2 + group.chars().count()),
                Line::Row(row) => {
                    let row = &region.rows[*row];
                    field = field.max(2 + row.path.chars().count());
                    value = value.max(row.value.chars().count());
                }
            }
        }
        let narrow = |count: usize, most: u16| u16::try_from(count).map_or(most, |it| it.min(most));
        // A value that grows a digit must not move the columns.
        let value = narrow(value.next_multiple_of(6), 24.min(width / 3));
        let field = narrow(field, width.saturating_sub(value + UNIT + 2).max(8));
        let left = width.saturating_sub(field + value + UNIT + 2);
        let stats = 4 * (STATISTIC + 1);
        let has_stats = left > stats + TRENDS[0];
        let trend = left.saturating_sub(if has_stats { stats + 1 } else { 1 });
        Self {
            field,
            value,
            trend: (trend >= TRENDS[0]).then_some(trend.min(TRENDS[1])),
            has_stats,
        }
    }
}

fn group<'a>(name: &str, count: usize, looks: Looks) -> TableRow<'a> {
    let arrow = if looks.is_plain { "+" } else { "▸" };
    let count = TextLine::from(format!("{count} values")).right_aligned();
    TableRow::new([
        Cell::from(format!("{arrow} {}", escape(name))),
        Cell::from(count).style(looks.dim()),
    ])
}

fn value<'a>(row: &'a Row, columns: &Columns, looks: Looks, now: Instant) -> TableRow<'a> {
    let text = escape(&row.value).to_string();
    let mut cells = vec![
        Cell::from(path(&row.path, columns.field, looks)),
        Cell::from(TextLine::from(text).right_aligned()).style(looks.changed(row.age(now))),
        Cell::from(
            row.unit
                .as_deref()
                .map_or(String::new(), |it| escape(it).to_string()),
        )
        .style(looks.dim()),
    ];
    if let Some(stats) = &row.stats {
        if let Some(width) = columns.trend {
            let trend = sparkline(stats.recent(width.into()), looks.is_plain);
            cells.push(Cell::from(trend).style(looks.color(Color::Cyan)));
        }
        if columns.has_stats {
            for number in [stats.min(), stats.mean(), stats.quantile(0.95), stats.max()] {
                let text = number.map_or(String::new(), short);
                cells.push(Cell::from(TextLine::from(text).right_aligned()).style(looks.dim()));
            }
        }
    }
    TableRow::new(cells)
}

/// A path that is as wide as there is room: its end says more than its beginning.
fn path(path: &str, width: u16, looks: Looks) -> TextLine<'static> {
    let path = escape(path).to_string();
    let surplus = (path.chars().count() + 2).saturating_sub(width.into());
    if surplus == 0 {
        let mut spans = vec![Span::raw("  ")];
        spans.extend(named(path, looks));
        return TextLine::from(spans);
    }
    let end = path.chars().skip(surplus + 1).collect();
    let mut spans = vec![Span::raw(format!("  {}", looks.ellipsis()))];
    spans.extend(named(end, looks));
    TextLine::from(spans)
}

/// The course of a number, a character a value.
fn sparkline(values: impl ExactSizeIterator<Item = f64>, is_plain: bool) -> String {
    // A full block would touch the line above.
    const BLOCKS: [char; 7] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇'];
    const PLAIN: [char; 4] = ['_', '.', '-', '^'];
    let levels: &[char] = if is_plain { &PLAIN } else { &BLOCKS };
    let values: Vec<f64> = values.collect();
    let min = values.iter().copied().fold(f64::INFINITY, f64::min);
    let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if max <= min {
        return String::new();
    }
    let level = |value: f64| {
        let part = (value - min) / (max - min);
        levels[((part * levels.len() as f64) as usize).min(levels.len() - 1)]
    };
    values.into_iter().map(level).collect()
}

fn footer<'a>(region: &Region, view: &'a View, width: u16, looks: Looks) -> TextLine<'a> {
    if view.is_filtering {
        let cursor = if looks.is_plain { "_" } else { "▏" };
        return TextLine::from(vec![
            Span::styled(" /", looks.key()),
            Span::raw(view.filter.as_str()),
            Span::raw(cursor),
        ]);
    }
    let order = match view.sorting {
        Sorting::Region => "as in the region",
        Sorting::Changes => "by change",
        Sorting::Path => "by path",
    };
    let keys = [
        ("?", "help"),
        ("/", "filter"),
        ("x", if view.is_hex { "values" } else { "bytes" }),
        ("o", order),
        ("Space", if view.is_paused { "go on" } else { "hold" }),
        ("q", "quit"),
    ];
    let mut spans = Vec::new();
    for (key, about) in keys {
        spans.push(Span::styled(format!(" {key}"), looks.key()));
        spans.push(Span::styled(format!(" {about} "), looks.dim()));
    }
    if !view.filter.is_empty() {
        spans.push(Span::raw(format!("  filter: {}", escape(&view.filter))));
    }
    // Which line is chosen, at the right.
    let count = view.lines(region).len();
    let position = format!("{}/{count} ", view.line + 1);
    let left = usize::from(width).checked_sub(TextLine::from(spans.clone()).width());
    let space = left.and_then(|it| it.checked_sub(position.len()));
    if let Some(space) = space.filter(|_| count > 0 && !view.is_hex) {
        let position = format!("{}{position}", " ".repeat(space));
        spans.push(Span::styled(position, looks.dim()));
    }
    TextLine::from(spans)
}

fn help(frame: &mut Frame<'_>, looks: Looks) {
    let area = frame.area();
    let (width, height) = (52.min(area.width), (KEYS.len() as u16 + 2).min(area.height));
    let area = Rect::new(
        (area.width - width) / 2,
        (area.height - height) / 2,
        width,
        height,
    );
    let lines = KEYS.map(|(key, about)| {
        let key = match key {
            "↑ ↓ PgUp PgDn" if looks.is_plain => "Up Down PgUp/Dn",
            "←" if looks.is_plain => "Left",
            "→" if looks.is_plain => "Right",
            key => key,
        };
        TextLine::from(vec![
            Span::styled(format!(" {key:14}"), looks.key()),
            Span::raw(format!(" {about}")),
        ])
    });
    frame.render_widget(Clear, area);
    let block = if looks.is_plain {
        Block::new()
    } else {
        Block::bordered()
    };
    frame.render_widget(
        Paragraph::new(lines.to_vec()).block(block.title(" keys ")),
        area,
    );
}
