//! Regions that are followed at the same time, each by a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use win_shared_memory_layouts::Plan;
use winshm_core::{Copied, Counts, News, Source, SourceError, State, Time};

use crate::stop;

/// How long a thread waits before it looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);

/// How many messages may be on their way. A thread whose messages are not taken waits.
const AHEAD: usize = 256;

/// Follows regions, and tells what happens to them in the order in which it does.
pub(crate) struct Feed {
    messages: Receiver<Message>,
    threads: Vec<JoinHandle<()>>,
    names: Vec<String>,
    is_over: Arc<AtomicBool>,
}

/// What has happened to a region.
pub(crate) struct Message {
    /// The number of the region.
    pub(crate) region: usize,
    pub(crate) time: Time,
    pub(crate) counts: Counts,
    pub(crate) seen: Seen,
}

pub(crate) enum Seen {
    /// It is in another state.
    State(State),
    /// Its bytes, and what they are, if anybody knows.
    Copy(Vec<u8>, Option<Arc<Plan>>),
    /// A copy was given up, and why.
    Torn(String),
    /// Copies that were due were not taken.
    Late(u64),
    /// It cannot be followed any more.
    Failed(SourceError),
}

impl Feed {
    /// Follows these regions: at a rate, if there is a period, or whenever they change.
    pub(crate) fn new(sources: Vec<Box<dyn Source + Send>>, period: Option<Duration>) -> Self {
        let (sender, messages) = sync_channel(AHEAD);
        let is_over = Arc::new(AtomicBool::new(false));
        let names = sources.iter().map(|it| it.name().to_owned()).collect();
        let threads = sources.into_iter().enumerate().map(|(region, source)| {
            let follower = Follower {
                region,
                source,
                sender: sender.clone(),
                is_over: Arc::clone(&is_over),
                last: Vec::new(),
            };
            thread::spawn(move || follower.run(period))
        });
        let threads = threads.collect();
        Self {
            messages,
            threads,
            names,
            is_over,
        }
    }

    /// The names of the regions.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// What happens next, if it does so in this time. `Err` when nothing more will.
    pub(crate) fn next(&self, timeout: Duration) -> Result<Option<Message>, Over> {
        match self.messages.recv_timeout(timeout) {
            Ok(message) => Ok(Some(message)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Over),
        }
    }
}

/// Nothing more will happen.
#[derive(Debug)]
pub(crate) struct Over;

impl Drop for Feed {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // A thread that waits until its message is taken goes on.
        while self.messages.try_recv().is_ok() {}
        for thread in self.threads.drain(..) {
            while !thread.is_finished() {
                while self.messages.recv_timeout(Duration::from_millis(5)).is_ok() {}
            }
            // It has ended.
            let _ = thread.join();
        }
    }
}

struct Follower {
    region: usize,
    source: Box<dyn Source + Send>,
    sender: SyncSender<Message>,
    is_over: Arc<AtomicBool>,
    /// The bytes that were sent last.
    last: Vec<u8>,
}

/// The feed is over, or the region is.
struct End;

impl Follower {
    fn run(mut self, period: Option<Duration>) {
        // The end is told by the sender that goes with it.
        let _: Result<(), End> = match period {
            None => self.by_change(),
            Some(period) => self.by_time(period),
        };
    }

    fn by_change(&mut self) -> Result<(), End> {
        loop {
            match self.wait(LOOK)? {
                Some(News::Written) => self.copy(false)?,
                // Nothing may tell that its producer has written.
                Some(News::Changed(_)) | None => self.copy(true)?,
            }
        }
    }

    fn by_time(&mut self, period: Duration) -> Result<(), End> {
        let mut due = Instant::now();
        loop {
            // Once at least: a thread that is always late hears of the end, too.
            loop {
                let left = due.saturating_duration_since(Instant::now());
                self.wait(left.min(LOOK))?;
                if Instant::now() >= due {
                    break;
                }
            }
            self.copy(false)?;
            due += period;
            let late = due.elapsed();
            if late > period && self.source.state() == State::Live {
                let missed = late.as_nanos() / period.as_nanos().max(1);
                due += period * u32::try_from(missed).unwrap_or(u32::MAX);
                self.send(Seen::Late(u64::try_from(missed).unwrap_or(u64::MAX)))?;
            } else if late > period {
                due = Instant::now();
            }
        }
    }

    fn wait(&mut self, timeout: Duration) -> Result<Option<News>, End> {
        if self.is_over.load(Ordering::Relaxed) || stop::is_requested() || self.source.is_over() {
            return Err(End);
        }
        let news = match self.source.wait(timeout) {
            Ok(news) => news,
            Err(error) => {
                self.send(Seen::Failed(error))?;
                return Err(End);
            }
        };
        if let Some(News::Changed(state)) = news {
            self.send(Seen::State(state))?;
        }
        Ok(news)
    }

    /// Copies the region and sends it; only if its bytes have changed, if that is asked for.
    fn copy(&mut self, if_changed: bool) -> Result<(), End> {
        let mut bytes = Vec::new();
        match self.source.copy(&mut bytes) {
            Ok(Copied::Whole) if if_changed && bytes == self.last => Ok(()),
            Ok(Copied::Whole) => {
                self.last.clone_from(&bytes);
                let plan = self.source.plan().cloned();
                self.send(Seen::Copy(bytes, plan))
            }
            Ok(Copied::Torn(why)) => self.send(Seen::Torn(why)),
            Ok(Copied::Nothing) => Ok(()),
            Err(error) => {
                self.send(Seen::Failed(error))?;
                Err(End)
            }
        }
    }

    fn send(&mut self, seen: Seen) -> Result<(), End> {
        let message = Message {
            region: self.region,
            time: self.source.time(),
            counts: self.source.counts(),
            seen,
        };
        self.sender.send(message).map_err(|_| End)
    }
}
