//! A screen that is written to a pipe, without asking a console for anything.

use std::fmt::Write as _;
use std::io::Write;

use ratatui::Frame;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::looks::{CHOSEN, Looks};
use crate::failure::{Code, Failure, Result};

/// A screen in memory.
pub(super) struct Screen {
    terminal: Terminal<TestBackend>,
}

impl Screen {
    /// As large as `COLUMNS` and `LINES` say, or 100 and 30.
    pub(super) fn new() -> Result<Self> {
        let size = |name: &str, default: u16| {
            let told = std::env::var(name).ok().and_then(|it| it.parse().ok());
            told.unwrap_or(default).clamp(4, 500)
        };
        let backend = TestBackend::new(size("COLUMNS", 100), size("LINES", 30));
        let terminal = Terminal::new(backend);
        let terminal = terminal.map_err(|error| Failure::new(Code::Failed, error))?;
        Ok(Self { terminal })
    }

    /// Draws it, over what was drawn before.
    pub(super) fn draw(
        &mut self,
        out: &mut impl Write,
        looks: Looks,
        draw: impl FnOnce(&mut Frame<'_>),
    ) -> Result<()> {
        let drawn = self.terminal.draw(draw);
        drawn.map_err(|error| Failure::new(Code::Failed, error))?;
        out.write_all(ansi(self.terminal.backend().buffer(), looks).as_bytes())?;
        Ok(out.flush()?)
    }
}

/// The screen as text with ANSI sequences (ECMA-48), from the upper left corner.
fn ansi(buffer: &Buffer, looks: Looks) -> String {
    let mut text = String::from("\x1b[H");
    let height = buffer.area.height;
    for y in 0..height {
        // What is behind the row is cleared before it: after a row that is as wide as the terminal, its last letter
        // would go too. The last row does not end the line, which would push out the first.
        text.push_str(match y {
            0 => "\x1b[K",
            _ if y + 1 == height => "\r\n\x1b[J",
            _ => "\r\n\x1b[K",
        });
        let mut last = String::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            let style = sequence(cell, looks);
            if style != last {
                // Writing to a string does not fail.
                let _ = write!(text, "\x1b[0{style}m");
                last = style;
            }
            text.push_str(cell.symbol());
        }
        text.push_str("\x1b[0m");
    }
    text
}

fn sequence(cell: &Cell, looks: Looks) -> String {
    let mut sequence = String::new();
    if cell.modifier.contains(Modifier::BOLD) {
        sequence.push_str(";1");
    }
    if cell.modifier.contains(Modifier::REVERSED) {
        sequence.push_str(";7");
    }
    let color = match cell.fg {
        Color::Red => ";31",
        Color::Green => ";32",
        Color::Yellow => ";33",
        Color::Cyan => ";36",
        Color::DarkGray => ";90",
        _ => "",
    };
    if looks.has_color {
        sequence.push_str(color);
        if cell.bg == CHOSEN {
            sequence.push_str(";48;5;237");
        }
    }
    sequence
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;

    use super::{Looks, ansi};

    #[test]
    fn a_screen_as_large_as_the_terminal_pushes_out_no_row_and_clears_no_letter() {
        let buffer = Buffer::with_lines(["one", "two", "six"]);
        let looks = Looks {
            has_color: false,
            is_plain: false,
        };
        let rows = [
            "\x1b[H\x1b[Kone\x1b[0m",
            "\x1b[Ktwo\x1b[0m",
            "\x1b[Jsix\x1b[0m",
        ];
        assert_eq!(ansi(&buffer, looks), rows.join("\r\n"));
    }
}
