//! What keys do.

use ratatui::crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};

use super::Watch;
use super::model::Sorting;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    GoOn,
    End,
}

const PAGE: usize = 20;

impl Watch {
    pub(super) fn answer(&mut self, event: &Event) -> Answer {
        let Event::Key(key) = event else {
            return Answer::GoOn;
        };
        // Windows tells of the release, too.
        if key.kind != KeyEventKind::Press {
            return Answer::GoOn;
        }
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return Answer::End;
        }
        if self.view.is_filtering {
            self.filter(key.code);
            return Answer::GoOn;
        }
        self.key(key.code)
    }

    fn filter(&mut self, key: KeyCode) {
        let view = &mut self.view;
        match key {
            KeyCode::Char(character) => view.filter.push(character),
            KeyCode::Backspace => {
                view.filter.pop();
            }
            KeyCode::Esc => {
                view.filter.clear();
                view.is_filtering = false;
            }
            KeyCode::Enter => view.is_filtering = false,
            _ => {}
        }
        (view.line, view.top) = (0, 0);
    }

    fn key(&mut self, key: KeyCode) -> Answer {
        let view = &mut self.view;
        let region = &mut self.regions[view.region];
        match key {
            KeyCode::Esc if view.is_help => view.is_help = false,
            KeyCode::Esc if !view.filter.is_empty() => view.filter.clear(),
            KeyCode::Char('q') | KeyCode::Esc => return Answer::End,
            KeyCode::Char('?') => view.is_help = !view.is_help,
            KeyCode::Char('/') => view.is_filtering = true,
            KeyCode::Char(' ') => view.is_paused = !view.is_paused,
            KeyCode::Char('r') => region.reset(),
            KeyCode::Char('x') => {
                view.is_hex = !view.is_hex;
                (view.line, view.top) = (0, 0);
            }
            KeyCode::Char('o') => {
                view.sorting = match view.sorting {
                    Sorting::Region => Sorting::Changes,
                    Sorting::Changes => Sorting::Path,
                    Sorting::Path => Sorting::Region,
                }
            }
            KeyCode::Tab => {
                view.region = (view.region + 1) % self.regions.len();
                (view.line, view.top) = (0, 0);
            }
            // The end of the list is found when it is drawn.
            KeyCode::Down => view.line = view.line.saturating_add(1),
            KeyCode::Up => view.line = view.line.saturating_sub(1),
            KeyCode::PageDown => view.line = view.line.saturating_add(PAGE),
            KeyCode::PageUp => view.line = view.line.saturating_sub(PAGE),
            KeyCode::Home => view.line = 0,
            KeyCode::End => view.line = usize::MAX - 1,
            KeyCode::Left => view.collapse(region),
            KeyCode::Right => view.expand(region),
            _ => {}
        }
        Answer::GoOn
    }
}
