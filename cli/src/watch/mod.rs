//! The screen of `winshm watch`.

mod model;

mod looks;

mod words;

mod detail;
mod hex;

mod screen;

mod keys;
mod plain;

#[cfg(test)]
mod picture;
#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use ratatui::crossterm::event;
use winshm_core::Selection;

use crate::failure::{Code, Result};
use crate::feed::{Feed, Message, Seen};
use crate::fields::Unknown;
use crate::stop;
use keys::Answer;
use looks::Looks;
use model::{Region, View};

/// How often the screen is drawn.
const FRAME: Duration = Duration::from_millis(50);

/// How many messages are passed over for one screen. More than this can arrive meanwhile.
const MOST_SKIPPED: usize = 512;

/// What the user wants of the screen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Whether whole screens are written, and no keys are read.
    pub(crate) is_piped: bool,
    /// Whether there are no characters but those of ASCII.
    pub(crate) is_ascii: bool,
    /// When it ends.
    pub(crate) time: Option<Duration>,
}

/// Shows what comes until it is enough.
pub(crate) fn run(
    feed: &Feed,
    selection: &Selection,
    options: Options,
    out: &mut impl Write,
) -> Result<()> {
    let looks = Looks {
        has_color: std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty()),
        is_plain: options.is_ascii
            || std::env::var_os("TERM").is_some_and(|it| it == "linux" || it == "dumb"),
    };
    let mut watch = Watch {
        regions: feed.names().iter().map(|it| Region::new(it)).collect(),
        unknown: Unknown::new(selection, feed.names().len()),
        view: View::default(),
        end: options.time.map(|it| Instant::now() + it),
    };
    if options.is_piped {
        return watch.piped(feed, selection, looks, out);
    }
    let mut terminal = ratatui::try_init()?;
    let outcome = watch.on_terminal(feed, selection, looks, &mut terminal);
    ratatui::restore();
    outcome
}

/// Ends the program if its terminal has hung up. Crossterm would spin on the end of its input, and ratatui would panic
/// when it can neither restore the terminal nor print why.
fn end_with_terminal() {
    if !io::stdin().is_terminal() {
        std::process::exit(Code::Unread as i32);
    }
}

struct Watch {
    regions: Vec<Region>,
    unknown: Unknown,
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
            let outcome = terminal
                .draw(|frame| screen::draw(frame, &self.regions, &mut self.view, looks, drawn));
            end_with_terminal();
            outcome?;
            self.take(feed, selection, drawn + FRAME);
            end_with_terminal();
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
        // A shell's prompt comes below.
        Ok(writeln!(out)?)
    }

    fn is_over(&self) -> bool {
        stop::is_requested() || self.end.is_some_and(|it| it <= Instant::now())
    }

    /// Takes over what happens until then. If more has happened than could be looked at, of the rest only the last
    /// copy of each region is: the screen does not lag behind a fast producer.
    fn take(&mut self, feed: &Feed, selection: &Selection, until: Instant) {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
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
        let mut last: Vec<Option<Message>> = self.regions.iter().map(|_| None).collect();
        for _ in 0..MOST_SKIPPED {
            let Ok(Some(message)) = feed.next(Duration::ZERO) else {
                break;
            };
            if let Seen::Copy(..) = message.seen {
                let region = message.region;
                last[region] = Some(message);
            } else {
                self.message(message, selection);
            }
        }
        for message in last.into_iter().flatten() {
            self.message(message, selection);
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
                let unknown = self.unknown.look(message.region, plan.as_deref(), &bytes);
                region.unknown.extend(unknown);
                region.copied(plan.as_deref(), bytes, selection, Instant::now());
            }
            Seen::Torn(why) => region.problem = Some(why),
            Seen::Late(_) => {}
            Seen::Failed(error) => region.problem = Some(error.to_string()),
        }
    }
}
