//! What is done with what happens to regions while they are recorded.

use std::collections::VecDeque;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use win_shared_memory_layouts::Plan;
use winshm_core::recording::Note;
use winshm_core::{Selection, State, Time, escape};

use super::{Files, Trigger};
use crate::failure::{Code, Failure, Result};
use crate::feed::{Feed, Message, Seen};
use crate::fields::Unknown;
use crate::stop;

/// How often there is a look at everything that is not a message.
const LOOK: Duration = Duration::from_millis(100);

/// How much may be kept in memory.
const MOST: usize = 1 << 30;

/// A recording that goes on.
pub(crate) struct Session {
    feed: Feed,
    files: Files,
    triggers: Vec<Trigger>,
    memory: Option<Memory>,
    unknown: Unknown,
    #[cfg(windows)]
    marks: Option<super::marks::Marks>,
    tally: Tally,
    /// Copies that were given up, by region, and not noted yet.
    torn: Vec<u64>,
    /// By region, its state as long as nothing of it was recorded.
    missing: Vec<Option<State>>,
}

/// What has happened last, while nothing is written.
pub(crate) struct Memory {
    /// How long it reaches back, and how long a file goes on after it was asked for.
    length: Duration,
    kept: VecDeque<(Time, Kept)>,
    len: usize,
    /// Until when the open file goes on.
    until: Option<Time>,
}

enum Kept {
    Frame(usize, Vec<u8>, Option<Arc<Plan>>),
    Note(Note),
}

/// How it goes.
#[derive(Default)]
struct Tally {
    frames: u64,
    lost: u64,
    torn: u64,
    began: Option<Instant>,
    shown: Option<Instant>,
}

impl Memory {
    pub(crate) fn new(length: Duration) -> Self {
        Self {
            length,
            kept: VecDeque::new(),
            len: 0,
            until: None,
        }
    }

    fn keep(&mut self, time: Time, kept: Kept) {
        self.len += kept.len();
        self.kept.push_back((time, kept));
        while let Some((oldest, first)) = self.kept.front() {
            if time.since(*oldest) <= self.length && self.len <= MOST {
                break;
            }
            self.len -= first.len();
            self.kept.pop_front();
        }
    }
}

impl Kept {
    fn len(&self) -> usize {
        match self {
            Self::Frame(_, bytes, _) => bytes.len(),
            Self::Note(_) => 64,
        }
    }
}

impl Session {
    pub(crate) fn new(
        feed: Feed,
        files: Files,
        triggers: Vec<Trigger>,
        memory: Option<Memory>,
        selection: &Selection,
    ) -> Self {
        let torn = vec![0; feed.names().len()];
        let missing = vec![Some(State::Absent); feed.names().len()];
        Self {
            unknown: Unknown::new(selection, feed.names().len()),
            feed,
            files,
            triggers,
            memory,
            #[cfg(windows)]
            marks: super::marks::Marks::listen(),
            tally: Tally::default(),
            torn,
            missing,
        }
    }

    /// Records until it is enough, and tells which files there are.
    pub(crate) fn run(mut self, length: Option<Duration>) -> Result<Vec<PathBuf>> {
        if self.memory.is_none() {
            self.files.begin()?;
        }
        let began = Instant::now();
        self.tally.began = Some(began);
        let is_shown = std::io::stderr().is_terminal();
        while !stop::is_requested() && length.is_none_or(|it| began.elapsed() < it) {
            match self.feed.next(LOOK) {
                Err(_) => break,
                Ok(Some(message)) => self.message(message)?,
                Ok(None) => self.files.flush_if_due(Time::now())?,
            }
            self.marks()?;
            if is_shown && self.tally.shown.is_none_or(|it| it.elapsed() >= LOOK * 5) {
                self.show();
            }
        }
        if is_shown {
            self.show();
            eprintln!();
        }
        // What is in memory when it ends is what was meant to be seen.
        if self
            .memory
            .as_ref()
            .is_some_and(|it| it.until.is_none() && !it.kept.is_empty())
        {
            self.save(Time::now())?;
        }
        self.note_torn(Time::now())?;
        self.files.end()?;
        for (name, state) in self.feed.names().iter().zip(&self.missing) {
            if let Some(state) = state {
                eprintln!(
                    "winshm: {}: no value was recorded; the region is {state}",
                    escape(name)
                );
            }
        }
        Ok(self.files.saved())
    }

    fn message(&mut self, message: Message) -> Result<()> {
        let Message {
            region, time, seen, ..
        } = message;
        let name = || self.feed.names()[region].clone();
        match seen {
            Seen::Copy(bytes, plan) => {
                self.tally.frames += 1;
                self.missing[region] = None;
                self.unknown.tell(region, plan.as_deref(), &bytes);
                let mut triggered = Vec::new();
                if let Some(plan) = &plan {
                    let fired = self.triggers.iter_mut().filter_map(|it| {
                        let is_new = it.looks_at(plan, &bytes);
                        is_new.then(|| it.text().to_owned())
                    });
                    triggered.extend(fired);
                }
                self.frame(time, region, bytes, plan)?;
                for text in triggered {
                    self.marked(time, text)?;
                }
                self.close_if_over(time)
            }
            Seen::State(state) => {
                if let Some(missing) = &mut self.missing[region] {
                    *missing = state;
                }
                let note = Note::State {
                    region: name(),
                    state,
                };
                self.note(time, note)
            }
            Seen::Torn(_) => {
                self.tally.torn += 1;
                self.torn[region] += 1;
                Ok(())
            }
            Seen::Late(frames) => {
                self.tally.lost += frames;
                let note = Note::Lost {
                    region: name(),
                    frames,
                };
                self.note(time, note)
            }
            Seen::Failed(error) => {
                let name = name();
                self.files.end()?;
                Err(Failure::new(
                    Code::Failed,
                    format_args!("{}: {error}", escape(&name)),
                ))
            }
        }
    }

    fn frame(
        &mut self,
        time: Time,
        region: usize,
        bytes: Vec<u8>,
        plan: Option<Arc<Plan>>,
    ) -> Result<()> {
        match &mut self.memory {
            Some(memory) if !self.files.is_open() => {
                memory.keep(time, Kept::Frame(region, bytes, plan));
                Ok(())
            }
            _ => self.files.frame(region, time, plan.as_ref(), &bytes),
        }
    }

    fn note(&mut self, time: Time, note: Note) -> Result<()> {
        match &mut self.memory {
            Some(memory) if !self.files.is_open() => {
                memory.keep(time, Kept::Note(note));
                Ok(())
            }
            _ => self.files.note(time, &note),
        }
    }

    /// Notes a marker. With a memory it is what that is kept for.
    fn marked(&mut self, time: Time, text: String) -> Result<()> {
        self.note(time, Note::Marker { text })?;
        if self.memory.is_some() {
            self.save(time)?;
        }
        Ok(())
    }

    /// Writes what is kept to a file, which goes on for as long as the memory reaches back.
    fn save(&mut self, time: Time) -> Result<()> {
        if !self.files.is_open() {
            self.files.begin()?;
        }
        let Some(memory) = &mut self.memory else {
            return Ok(());
        };
        memory.until = Some(time + memory.length);
        memory.len = 0;
        for (time, kept) in memory.kept.drain(..) {
            match kept {
                Kept::Frame(region, bytes, plan) => {
                    self.files.frame(region, time, plan.as_ref(), &bytes)?
                }
                Kept::Note(note) => self.files.note(time, &note)?,
            }
        }
        Ok(())
    }

    fn close_if_over(&mut self, time: Time) -> Result<()> {
        let Some(memory) = &mut self.memory else {
            return Ok(());
        };
        if memory.until.is_some_and(|until| time >= until) {
            memory.until = None;
            self.note_torn(time)?;
            self.files.end()?;
        }
        Ok(())
    }

    fn note_torn(&mut self, time: Time) -> Result<()> {
        for region in 0..self.torn.len() {
            let frames = std::mem::take(&mut self.torn[region]);
            if frames > 0 {
                let region = self.feed.names()[region].clone();
                self.note(time, Note::Torn { region, frames })?;
            }
        }
        Ok(())
    }

    #[cfg(windows)]
    fn marks(&mut self) -> Result<()> {
        let text = self.marks.as_mut().and_then(super::marks::Marks::next);
        match text {
            Some(text) => self.marked(Time::now(), text),
            None => Ok(()),
        }
    }

    #[cfg(not(windows))]
    fn marks(&mut self) -> Result<()> {
        Ok(())
    }

    /// One line that is written over again.
    fn show(&mut self) {
        self.tally.shown = Some(Instant::now());
        let Tally {
            frames, lost, torn, ..
        } = self.tally;
        let seconds = self.tally.began.map_or(0, |it| it.elapsed().as_secs());
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        let file = match (&self.memory, self.files.is_open()) {
            (Some(memory), false) => format!("{:.1} MB in memory", memory.len as f64 / 1e6),
            _ => format!("{:.1} MB", self.files.written() as f64 / 1e6),
        };
        let mut error = std::io::stderr().lock();
        // A terminal that has gone is not what a recording is about.
        let _ = write!(
            error,
            "\r{minutes:3}:{seconds:02}  {frames} frames  {lost} lost  {torn} torn  {file}   "
        );
        let _ = error.flush();
    }
}
