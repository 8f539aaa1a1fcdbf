//! [`Player`]

use std::io::{Read, Seek};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory_layouts::Plan;

use super::{Event, Note, Recording};
use crate::source::{Copied, Counts, News, Source, SourceError};
use crate::state::State;
use crate::time::Time;

/// Plays a region of a recording, as if it was live.
///
/// ```no_run
/// use std::path::Path;
/// use std::time::Duration;
/// use winshm_core::recording::{Player, Recording};
/// use winshm_core::{News, Source};
///
/// let recording = Recording::open(Path::new("race.mcap"))?;
/// let mut player = Player::new(recording, 0, 2.0);
/// let mut bytes = Vec::new();
/// while !player.is_over() {
///     if player.wait(Duration::from_secs(1))? == Some(News::Written) {
///         player.copy(&mut bytes)?;
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Debug)]
pub struct Player<R> {
    recording: Recording<R>,
    region: usize,
    name: String,
    plan: Option<Arc<Plan>>,
    speed: f64,
    /// When it began to play, and the time in the recording then: the moment from which it reads, or that of the first
    /// event of any region, so that players of several regions keep the time between them.
    began: Option<(Instant, Time)>,
    /// What comes next.
    next: Option<(Time, Next)>,
    is_over: bool,
    state: State,
    current: Vec<u8>,
    time: Time,
    counts: Counts,
}

#[derive(Debug)]
enum Next {
    Frame(Vec<u8>),
    State(State),
}

impl<R: Read + Seek> Player<R> {
    /// Plays a region, from where the recording stands, so many times as fast as it was recorded.
    ///
    /// # Panics
    ///
    /// There is no such region.
    #[must_use]
    pub fn new(recording: Recording<R>, region: usize, speed: f64) -> Self {
        let about = &recording.regions()[region];
        Self {
            name: about.name.clone(),
            plan: about.plan.clone().map(Arc::new),
            recording,
            region,
            speed,
            began: None,
            next: None,
            is_over: false,
            state: State::Absent,
            current: Vec::new(),
            time: Time::default(),
            counts: Counts::default(),
        }
    }

    /// The recording.
    #[must_use]
    pub fn recording(&self) -> &Recording<R> {
        &self.recording
    }

    /// Reads what comes next.
    fn read(&mut self) -> Result<(), SourceError> {
        let start = self.recording.start();
        while self.next.is_none() && !self.is_over {
            let event = self.recording.next()?;
            if let Some(event) = &event {
                let start = start.unwrap_or(event.time());
                self.began.get_or_insert((Instant::now(), start));
            }
            self.next = match event {
                None => {
                    self.is_over = true;
                    None
                }
                Some(Event::Frame {
                    region,
                    time,
                    bytes,
                }) if region == self.region => Some((time, Next::Frame(bytes.to_vec()))),
                Some(Event::Note {
                    time,
                    note: Note::State { region, state },
                }) if region == self.name => Some((time, Next::State(state))),
                Some(_) => None,
            };
        }
        Ok(())
    }

    /// How long it is until the moment of the recording.
    fn until(&self, time: Time) -> Duration {
        let Some((began, first)) = self.began else {
            return Duration::ZERO;
        };
        let due = time.since(first).as_secs_f64() / self.speed;
        let due = Duration::try_from_secs_f64(due).unwrap_or(Duration::MAX);
        due.saturating_sub(began.elapsed())
    }
}

impl<R: Read + Seek> Source for Player<R> {
    fn name(&self) -> &str {
        &self.name
    }

    fn plan(&self) -> Option<&Arc<Plan>> {
        self.plan.as_ref()
    }

    fn state(&self) -> State {
        self.state
    }

    fn wait(&mut self, timeout: Duration) -> Result<Option<News>, SourceError> {
        self.read()?;
        let Some((time, next)) = self.next.take() else {
            if self.state != State::Absent {
                self.state = State::Absent;
                return Ok(Some(News::Changed(State::Absent)));
            }
            return Ok(None);
        };
        let until = self.until(time);
        thread::sleep(until.min(timeout));
        if until > timeout {
            self.next = Some((time, next));
            return Ok(None);
        }
        self.time = time;
        match next {
            // A recording that begins with a frame does not say that the region was live.
            Next::Frame(bytes) if self.state == State::Absent => {
                self.next = Some((time, Next::Frame(bytes)));
                self.state = State::Live;
                Ok(Some(News::Changed(State::Live)))
            }
            Next::State(state) => {
                self.state = state;
                Ok(Some(News::Changed(state)))
            }
            Next::Frame(bytes) => {
                self.current = bytes;
                Ok(Some(News::Written))
            }
        }
    }

    fn look(&mut self) -> Result<Option<State>, SourceError> {
        loop {
            match self.wait(Duration::ZERO)? {
                Some(News::Changed(state)) => return Ok(Some(state)),
                Some(News::Written) => {}
                None => return Ok(None),
            }
        }
    }

    fn copy(&mut self, bytes: &mut Vec<u8>) -> Result<Copied, SourceError> {
        if self.state == State::Absent || self.current.is_empty() {
            return Ok(Copied::Nothing);
        }
        bytes.clone_from(&self.current);
        self.counts.whole += 1;
        Ok(Copied::Whole)
    }

    fn time(&self) -> Time {
        self.time
    }

    fn counts(&self) -> Counts {
        self.counts
    }

    fn is_over(&self) -> bool {
        self.is_over && self.state == State::Absent
    }
}
