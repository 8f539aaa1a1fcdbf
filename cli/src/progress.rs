//! How far a long work has come: a bar on a terminal, and nothing elsewhere.

use std::io::{self, IsTerminal, Read, Seek};
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use winshm_core::recording::Recording;

/// What stands in the line besides the bar takes 35 columns, so that it fits into a narrow terminal.
const LINE: &str = "{msg:16} {percent:>3} %, {eta:>3} left [{wide_bar}]";

/// After this many events it is told how far a recording has been read.
const STEP: u32 = 512;

/// How far a file has been read. The bar is cleared when this is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    events: u32,
}

impl Progress {
    pub(crate) fn new(path: &Path) -> Self {
        let len = std::fs::metadata(path).map_or(0, |it| it.len());
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template(LINE);
        let bar = ProgressBar::with_draw_target(Some(len), target);
        let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, events: 0 }
    }

    /// Begins with something: reading, writing.
    pub(crate) fn begin(&self, what: &'static str) {
        self.bar.set_message(what);
    }

    pub(crate) fn at(&self, position: u64) {
        self.bar.set_position(position);
    }

    /// One more event of a recording has been read.
    pub(crate) fn step<R: Read + Seek>(&mut self, recording: &mut Recording<R>) -> io::Result<()> {
        self.events = self.events.wrapping_add(1);
        if self.events.is_multiple_of(STEP) {
            self.at(recording.position()?);
        }
        Ok(())
    }

    /// Clears the bar, because something else is printed from now on.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}
