//! The screen of `winshm watch`.

mod model;

mod looks;

mod hex;
mod screen;

mod keys;
mod plain;

#[cfg(test)]
mod tests;

use std::io::Write;
use std::time::{Duration, Instant};

use ratatui::crossterm::event;
use winshm_core::Selection;

use crate::failure::Result;
use crate::feed::{Feed, Message, Seen};
use crate::stop;
use keys::Answer;
use looks::Looks;
use model::{Region, View};

/// How often the screen is drawn.
const FRAME: Duration = Duration::from_millis(50);

/// Shows what comes until it is enough. If it is piped, whole screens are written, and no keys are read.
pub(crate) fn run(
    feed: &Feed,
    selection: &Selection,
    is_piped: bool,
    time: Option<Duration>,
    out: &mut impl Write,
) -> Result<()> {
    let looks = Looks {
        has_color: std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty()),
        is_plain: std::env::var_os("TERM").is_some_and(|it| it == "linux" || it == "dumb"),
    };
    let mut watch = Watch {
        regions: feed.names().iter().map(|it| Region::new(it)).collect(),
        view: View::default(),
        end: time.map(|it| Instant::now() + it),
    };
    if is_piped {
        return watch.piped(feed, selection, looks, out);
    }
    let mut terminal = ratatui::try_init()?;
    let outcome = watch.on_terminal(feed, selection, looks, &mut terminal);
    ratatui::restore();
    outcome
}

struct Watch {
    regions: Vec<Region>,
    view: View,
    end: Option<Instant>,
}

impl Watch {
    fn on_terminal(
        &mut self,
        feed: &Feed,
        selection: &Selection,
        looks: Looks,
        terminal: &mut ratatui::DefaultTerminal,
    ) -> Result<()> {
        while !self.is_over() {
            let drawn = Instant::now();
            terminal
                .draw(|frame| screen::draw(frame, &self.regions, &mut self.view, looks, drawn))?;
            self.take(feed, selection, drawn + FRAME);
            while event::poll(Duration::ZERO)? {
                if self.answer(&event::read()?) == Answer::End {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn piped(
        &mut self,
        feed: &Feed,
        selection: &Selection,
        looks: Looks,
        out: &mut impl Write,
    ) -> Result<()> {
        let mut screen = plain::Screen::new()?;
        while !self.is_over() {
            let drawn = Instant::now();
            screen.draw(out, looks, |frame| {
                screen::draw(frame, &self.regions, &mut self.view, looks, drawn)
            })?;
            self.take(feed, selection, drawn + 2 * FRAME);
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        stop::is_requested() || self.end.is_some_and(|it| it <= Instant::now())
    }

    /// Takes over what happens until then.
    fn take(&mut self, feed: &Feed, selection: &Selection, until: Instant) {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match feed.next(left) {
                Ok(Some(message)) => self.message(message, selection),
                Ok(None) => return,
                // What was played stays on the screen.
                Err(_) => {
                    std::thread::sleep(left);
                    return;
                }
            }
        }
    }

    fn message(&mut self, message: Message, selection: &Selection) {
        let region = &mut self.regions[message.region];
        region.counts = message.counts;
        match message.seen {
            Seen::State(state) => region.state = state,
            Seen::Copy(..) if self.view.is_paused => {}
            Seen::Copy(bytes, plan) => {
                region.time = Some(message.time);
                region.copied(plan.as_deref(), bytes, selection, Instant::now());
            }
            Seen::Torn(why) => region.problem = Some(why),
            Seen::Late(_) => {}
            Seen::Failed(error) => region.problem = Some(error.to_string()),
        }
    }
}
