//! Colours, and what stands for them where there are none.

use std::time::Duration;

use ratatui::style::{Color, Modifier, Style};

/// What is behind the chosen line: a dark grey.
pub(super) const CHOSEN: Color = Color::Indexed(237);

/// What the terminal can show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Looks {
    pub(super) has_color: bool,
    /// Whether the font has blocks and arrows.
    pub(super) is_plain: bool,
}

impl Looks {
    pub(super) fn color(self, color: Color) -> Style {
        if self.has_color {
            Style::new().fg(color)
        } else {
            Style::new()
        }
    }

    pub(super) fn dim(self) -> Style {
        self.color(Color::DarkGray)
    }

    /// A key that can be pressed.
    pub(super) fn key(self) -> Style {
        self.color(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    pub(super) fn dot(self) -> &'static str {
        if self.is_plain { "*" } else { "●" }
    }

    /// What stands for what there is no room for.
    pub(super) fn ellipsis(self) -> &'static str {
        if self.is_plain { "~" } else { "…" }
    }

    /// The line that is chosen.
    pub(super) fn chosen(self) -> Style {
        if self.has_color {
            Style::new().bg(CHOSEN)
        } else {
            Style::new().add_modifier(Modifier::REVERSED)
        }
    }

    /// What has just changed stands out, and fades.
    pub(super) fn changed(self, age: Option<Duration>) -> Style {
        match age {
            Some(age) if age < Duration::from_millis(400) => {
                self.color(Color::Yellow).add_modifier(Modifier::BOLD)
            }
            Some(age) if age < Duration::from_millis(1500) => self.color(Color::Yellow),
            _ => Style::new(),
        }
    }
}
