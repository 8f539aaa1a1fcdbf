//! A screen as a picture, for the README.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use winshm_core::escape;

/// The size of a character.
const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 18.0;
const MARGIN: f64 = 14.0;
/// The bar of the window.
const BAR: f64 = 30.0;

const BLOCKS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// The screen as SVG: text where there is text, and rectangles where there are blocks, which fonts draw with gaps.
pub(super) fn svg(buffer: &Buffer, title: &str) -> String {
    let (width, height) = (buffer.area.width, buffer.area.height);
    let (full_width, full_height) = (
        2.0 * MARGIN + f64::from(width) * WIDTH,
        BAR + MARGIN + f64::from(height) * HEIGHT,
    );
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full_width:.1} {full_height:.1}" width="{full_width:.0}" height="{full_height:.0}" font-family="ui-monospace, 'Cascadia Mono', 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" shape-rendering="crispEdges">
<rect width="100%" height="100%" rx="9" fill="#16181d"/>
<g shape-rendering="auto"><circle cx="20" cy="15" r="5.5" fill="#ff5f57"/><circle cx="38" cy="15" r="5.5" fill="#febc2e"/><circle cx="56" cy="15" r="5.5" fill="#28c840"/></g>
<text x="{:.1}" y="20" text-anchor="middle" fill="#8b93a1" font-size="13">{}</text>
"##,
        full_width / 2.0,
        marked(title)
    );
    for y in 0..height {
        row(&mut svg, buffer, y);
    }
    svg.push_str("</svg>\n");
    svg
}

fn row(svg: &mut String, buffer: &Buffer, y: u16) {
    let width = buffer.area.width;
    let top = BAR + f64::from(y) * HEIGHT;
    let mut x = 0;
    while x < width {
        let cell = &buffer[(x, y)];
        let mut end = x + 1;
        while end < width && is_like(cell, &buffer[(end, y)]) {
            end += 1;
        }
        let (left, length) = (MARGIN + f64::from(x) * WIDTH, f64::from(end - x) * WIDTH);
        let (front, back) = colors(cell);
        if let Some(back) = back {
            // Writing to a string does not fail.
            let _ = writeln!(
                svg,
                r#"<rect x="{left:.1}" y="{top:.1}" width="{length:.1}" height="{HEIGHT}" fill="{back}"/>"#
            );
        }
        blocks(svg, buffer, x..end, y, front);
        let text: String = (x..end)
            .map(|x| buffer[(x, y)].symbol())
            .map(|it| if BLOCKS.contains(&it) { " " } else { it })
            .collect();
        text_at(svg, &text, left, top + 13.5, front, cell);
        x = end;
    }
}

/// The text without the spaces around it, as long as its characters are wide in a terminal.
fn text_at(svg: &mut String, text: &str, left: f64, base: f64, front: &str, cell: &Cell) {
    let shown = text.trim();
    if shown.is_empty() {
        return;
    }
    let before = text.chars().take_while(|it| *it == ' ').count();
    let left = left + before as f64 * WIDTH;
    let length = shown.chars().count() as f64 * WIDTH;
    let weight = if cell.modifier.contains(Modifier::BOLD) {
        r#" font-weight="bold""#
    } else {
        ""
    };
    let _ = writeln!(
        svg,
        r#"<text x="{left:.1}" y="{base:.1}" textLength="{length:.1}" lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="{front}"{weight}>{}</text>"#,
        marked(shown)
    );
}

/// Bars, of which neighbours as high as each other are one.
fn blocks(svg: &mut String, buffer: &Buffer, range: std::ops::Range<u16>, y: u16, front: &str) {
    let level = |x: u16| BLOCKS.iter().position(|it| *it == buffer[(x, y)].symbol());
    let mut x = range.start;
    while x < range.end {
        let mut end = x + 1;
        if let Some(found) = level(x) {
            while end < range.end && level(end) == Some(found) {
                end += 1;
            }
            let high = (found + 1) as f64 / 8.0 * HEIGHT;
            let _ = writeln!(
                svg,
                r#"<rect x="{:.1}" y="{:.2}" width="{:.1}" height="{high:.2}" fill="{front}"/>"#,
                MARGIN + f64::from(x) * WIDTH,
                BAR + f64::from(y + 1) * HEIGHT - high,
                f64::from(end - x) * WIDTH,
            );
        }
        x = end;
    }
}

fn is_like(a: &Cell, b: &Cell) -> bool {
    (a.fg, a.bg, a.modifier) == (b.fg, b.bg, b.modifier)
}

fn colors(cell: &Cell) -> (&'static str, Option<&'static str>) {
    let front = match cell.fg {
        Color::Red => "#f47067",
        Color::Green => "#6bc46d",
        Color::Yellow => "#e5c07b",
        Color::Cyan => "#56b6c2",
        Color::DarkGray => "#7a8290",
        _ => "#d7dae0",
    };
    let back = match cell.bg {
        Color::Reset => None,
        _ => Some("#2c313a"),
    };
    (front, back)
}

/// A text in XML.
fn marked(text: &str) -> String {
    let text = escape(text).to_string();
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;")
}
