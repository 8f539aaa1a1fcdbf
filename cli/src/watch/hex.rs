//! The bytes of a region, with those marked that change.

use std::time::Instant;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::looks::Looks;
use super::model::{Bytes, View};

pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    bytes: &Bytes,
    view: &mut View,
    looks: Looks,
    now: Instant,
) {
    let columns = match area.width {
        0..46 => 4,
        46..78 => 8,
        78..143 => 16,
        _ => 32,
    };
    let count = bytes.now.len().div_ceil(columns);
    let height = usize::from(area.height).max(1);
    view.line = view.line.min(count.saturating_sub(1));
    view.top = view
        .top
        .clamp((view.line + 1).saturating_sub(height), view.line);
    let lines = (view.top..count).take(height).map(|line| {
        let from = line * columns;
        let row = &bytes.now[from..(from + columns).min(bytes.now.len())];
        let offset = if line == view.line {
            looks.chosen()
        } else {
            looks.color(Color::DarkGray)
        };
        let mut spans = vec![
            Span::styled(format!(" {from:08x} "), offset),
            Span::raw(" "),
        ];
        let style = |index: usize, byte: u8| match bytes.age(from + index, now) {
            None if byte == 0 => looks.color(Color::DarkGray),
            age => looks.changed(age),
        };
        for (index, byte) in row.iter().enumerate() {
            spans.push(Span::styled(format!("{byte:02x}"), style(index, *byte)));
            spans.push(Span::raw(if index % 8 == 7 { "  " } else { " " }));
        }
        let missing = columns - row.len();
        spans.push(Span::raw(" ".repeat(
            3 * missing + usize::from(missing > 0) * missing.div_ceil(8),
        )));
        for (index, byte) in row.iter().enumerate() {
            let character = if byte.is_ascii_graphic() || *byte == b' ' {
                char::from(*byte)
            } else {
                '.'
            };
            spans.push(Span::styled(character.to_string(), style(index, *byte)));
        }
        Line::from(spans)
    });
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), area);
}
