//! Regions that are followed at the same time, each by a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use win_shared_memory_layouts::Plan;
use winshm_core::{Copied, Counts, News, Source, SourceError, State, Time};

use crate::stop;

/// How long a thread waits before it looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);

/// How many messages may be queued, and how many bytes the copies among them may have: at 1 kHz, enough for a second in
/// which the disk is busy. A thread waits when the queue is full.
const AHEAD: usize = 1024;
const BYTES_AHEAD: usize = 64 << 20;

/// How long a thread waits for room before it looks again.
const FULL: Duration = Duration::from_millis(1);

/// Follows regions, and tells what happens to them in the order in which it does.
#[derive(Debug)]
pub struct Feed {
    messages: Receiver<Message>,
    threads: Vec<JoinHandle<()>>,
    names: Vec<String>,
    is_over: Arc<AtomicBool>,
    on_their_way: Arc<AtomicUsize>,
}

/// What has happened to a region.
#[derive(Debug)]
pub struct Message {
    /// The number of the region.
    pub region: usize,
    /// When it did.
    pub time: Time,
    /// How many copies have succeeded and failed until then.
    pub counts: Counts,
    /// What it was.
    pub seen: Seen,
}

/// Which values of a region are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// The latest, once in each such period.
    Every(Duration),
    /// The latest, whenever the region changes.
    Changes,
    /// Each, where the region keeps earlier ones, as snapshots and broadcasts do; otherwise as with
    /// [`Changes`](Self::Changes).
    Values,
}

/// What is seen of a region.
#[derive(Debug)]
pub enum Seen {
    /// It is in another state.
    State(State),
    /// Its bytes, and what they are, if anybody knows.
    Copy(Vec<u8>, Option<Arc<Plan>>),
    /// A copy was given up, and why.
    Torn(String),
    /// This many copies that were due, or values that should have been copied, were missed.
    Late(u64),
    /// It cannot be followed any more.
    Failed(SourceError),
}

impl Seen {
    /// How many bytes it holds.
    fn bytes(&self) -> usize {
        match self {
            Self::Copy(bytes, _) => bytes.len(),
            _ => 0,
        }
    }
}

impl Feed {
    /// Follows these regions.
    #[must_use]
    pub fn new(sources: Vec<Box<dyn Source + Send>>, pace: Pace) -> Self {
        let (sender, messages) = sync_channel(AHEAD);
        let is_over = Arc::new(AtomicBool::new(false));
        let on_their_way = Arc::new(AtomicUsize::new(0));
        let names = sources.iter().map(|it| it.name().to_owned()).collect();
        let threads = sources.into_iter().enumerate().map(|(region, source)| {
            let follower = Follower {
                region,
                source,
                sender: sender.clone(),
                is_over: Arc::clone(&is_over),
                on_their_way: Arc::clone(&on_their_way),
            };
            thread::spawn(move || follower.run(pace))
        });
        let threads = threads.collect();
        Self {
            messages,
            threads,
            names,
            is_over,
            on_their_way,
        }
    }

    /// The names of the regions.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What happens next, if it does so in this time.
    ///
    /// # Errors
    ///
    /// Nothing more will happen.
    pub fn next(&self, timeout: Duration) -> Result<Option<Message>, Over> {
        match self.messages.recv_timeout(timeout) {
            Ok(message) => {
                let bytes = message.seen.bytes();
                self.on_their_way.fetch_sub(bytes, Ordering::Relaxed);
                Ok(Some(message))
            }
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Over),
        }
    }
}

/// Nothing more will happen.
#[derive(Clone, Copy, Debug)]
pub struct Over;

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
    on_their_way: Arc<AtomicUsize>,
}

/// The feed is over, or the region is.
struct End;

impl Follower {
    fn run(mut self, pace: Pace) {
        if pace == Pace::Values {
            self.source.keep_order();
        }
        // The end is told by the sender that goes with it.
        let _: Result<(), End> = match pace {
            Pace::Every(period) => self.by_time(period),
            Pace::Changes | Pace::Values => self.by_change(),
        };
    }

    fn by_change(&mut self) -> Result<(), End> {
        let mut last = Vec::new();
        loop {
            self.go_on()?;
            let news = self.source.wait(LOOK).or_else(|it| self.failed(it))?;
            if let Some(News::Changed(state)) = news {
                self.send(Seen::State(state))?;
            }
            while let Some((bytes, is_next)) = self.copy()? {
                if is_next {
                    self.send_copy(bytes)?;
                    self.go_on()?;
                    continue;
                }
                // Not every producer shows that it has written.
                if news == Some(News::Written) || bytes != last {
                    last.clone_from(&bytes);
                    self.send_copy(bytes)?;
                }
                break;
            }
        }
    }

    fn by_time(&mut self, period: Duration) -> Result<(), End> {
        let mut due = Instant::now();
        loop {
            // Once at least: a thread that is always late hears of the end, too.
            loop {
                // std sleeps by a timer that is finer than a millisecond; waits for objects are not.
                thread::sleep(due.saturating_duration_since(Instant::now()).min(LOOK));
                self.go_on()?;
                while let Some(state) = self.source.look().or_else(|it| self.failed(it))? {
                    self.send(Seen::State(state))?;
                }
                if Instant::now() >= due {
                    break;
                }
            }
            if let Some((bytes, _)) = self.copy()? {
                self.send_copy(bytes)?;
            }
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

    /// Fails if it is time to end.
    fn go_on(&self) -> Result<(), End> {
        let is_over =
            self.is_over.load(Ordering::Relaxed) || stop::is_requested() || self.source.is_over();
        if is_over { Err(End) } else { Ok(()) }
    }

    /// Tells that the region cannot be followed any more.
    fn failed<T>(&mut self, error: SourceError) -> Result<T, End> {
        self.send(Seen::Failed(error))?;
        Err(End)
    }

    /// A copy of the region, if one can be taken, and whether it is the next value in order.
    fn copy(&mut self) -> Result<Option<(Vec<u8>, bool)>, End> {
        let mut bytes = Vec::new();
        match self.source.copy(&mut bytes) {
            Ok(Copied::Whole) => Ok(Some((bytes, false))),
            Ok(Copied::Next { missed }) => {
                if missed > 0 {
                    self.send(Seen::Late(missed))?;
                }
                Ok(Some((bytes, true)))
            }
            Ok(Copied::Torn(why)) => self.send(Seen::Torn(why)).map(|()| None),
            Ok(Copied::Nothing) => Ok(None),
            Err(error) => self.failed(error),
        }
    }

    fn send_copy(&mut self, bytes: Vec<u8>) -> Result<(), End> {
        let plan = self.source.plan().cloned();
        self.send(Seen::Copy(bytes, plan))
    }

    fn send(&mut self, seen: Seen) -> Result<(), End> {
        let bytes = seen.bytes();
        let (time, counts) = (self.source.time(), self.source.counts());
        // A copy of any size is sent once the queue has drained.
        while self.on_their_way.load(Ordering::Relaxed) > BYTES_AHEAD {
            if self.is_over.load(Ordering::Relaxed) {
                return Err(End);
            }
            thread::sleep(FULL);
        }
        self.on_their_way.fetch_add(bytes, Ordering::Relaxed);
        let message = Message {
            region: self.region,
            time,
            counts,
            seen,
        };
        self.sender.send(message).map_err(|_| End)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// Another value of so many bytes at each copy.
    #[derive(Clone, Default)]
    struct Busy {
        len: usize,
        waits: Arc<AtomicUsize>,
        looks: Arc<AtomicUsize>,
        copies: Arc<AtomicUsize>,
    }

    impl Source for Busy {
        fn name(&self) -> &str {
            "Busy"
        }

        fn plan(&self) -> Option<&Arc<Plan>> {
            None
        }

        fn state(&self) -> State {
            State::Live
        }

        fn wait(&mut self, _: Duration) -> Result<Option<News>, SourceError> {
            self.waits.fetch_add(1, Ordering::Relaxed);
            Ok(Some(News::Written))
        }

        fn look(&mut self) -> Result<Option<State>, SourceError> {
            self.looks.fetch_add(1, Ordering::Relaxed);
            Ok(None)
        }

        fn copy(&mut self, bytes: &mut Vec<u8>) -> Result<Copied, SourceError> {
            bytes.resize(self.len, 0);
            self.copies.fetch_add(1, Ordering::Relaxed);
            Ok(Copied::Whole)
        }

        fn counts(&self) -> Counts {
            Counts::default()
        }
    }

    #[test]
    fn at_a_rate_nobody_watches_between_the_copies() {
        let busy = Busy::default();
        let period = Duration::from_millis(20);
        let feed = Feed::new(vec![Box::new(busy.clone())], Pace::Every(period));
        let mut copies = 0;
        while copies < 10 {
            let message = feed.next(MINUTE).unwrap().unwrap();
            copies += usize::from(matches!(message.seen, Seen::Copy(..)));
        }
        drop(feed);
        let [waits, looks, copies] =
            [&busy.waits, &busy.looks, &busy.copies].map(|it| it.load(Ordering::Relaxed));
        assert_eq!(waits, 0, "it was looked for writes");
        // A timer may be early.
        assert!(looks <= 2 * copies + 1, "{looks} looks for {copies} copies");
    }

    #[test]
    fn copies_that_nobody_takes_do_not_pile_up() {
        let busy = Busy {
            len: BYTES_AHEAD / 100,
            ..Busy::default()
        };
        let copies = &busy.copies;
        let feed = Feed::new(vec![Box::new(busy.clone())], Pace::Changes);
        // As many as may be queued, one beyond the limit, and one that waits for room.
        let most = BYTES_AHEAD / busy.len + 2;
        for taken in 0..5 {
            let begun = Instant::now();
            while copies.load(Ordering::Relaxed) < taken + most {
                assert!(begun.elapsed() < MINUTE);
                thread::yield_now();
            }
            // More would come now.
            thread::sleep(Duration::from_millis(100));
            assert_eq!(copies.load(Ordering::Relaxed), taken + most);
            feed.next(MINUTE).unwrap().unwrap();
        }
    }
}
