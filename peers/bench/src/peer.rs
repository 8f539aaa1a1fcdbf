//! [`Peer`] and [`Orders`]: a second process of this very program, and what it is told to do.

use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, process, thread};

use crate::{Around, Side};
use win_shared_memory::{Liveness, Process, ProcessIdentity, ReadWrite, SharedMemoryLink};

/// Set for a peer alone: its role, its name, and its parent's process id.
const ROLE: &str = "BENCH_PEER_ROLE";
const NAME: &str = "BENCH_PEER_NAME";
const PARENT: &str = "BENCH_PEER_PARENT";

/// How long a peer may take to do what it is told.
const OBEDIENCE: Duration = Duration::from_secs(20);

/// Words far enough apart that no two share a cache line, nor the pair fetched together.
type Words = [AtomicU32; 128];
const WANTED: usize = 0;
const CURRENT: usize = 32;
const COUNT: usize = 64;
const SEEN: usize = 96;

/// No order yet.
const NOTHING: u32 = 0;

fn control(name: &str) -> String {
    format!("{name}-control")
}

/// Ends this process after that time, whatever it does: a hang is a failure and not a hung machine.
/// Its peers notice.
pub fn watchdog(limit: Duration) {
    thread::spawn(move || {
        thread::sleep(limit);
        eprintln!("not done within {limit:?}: ended");
        process::exit(3);
    });
}

/// Another process of this program, killed when this is dropped.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    words: SharedMemoryLink<Words, ReadWrite>,
}

impl Peer {
    /// Starts it with a role, and a name for whatever the two share.
    #[must_use]
    pub fn start(role: &str, name: &str) -> Self {
        let words = SharedMemoryLink::create(&control(name)).expect("nobody has the name");
        let child = Command::new(env::current_exe().expect("this program has a file"))
            .env(ROLE, role)
            .env(NAME, name)
            .env(PARENT, process::id().to_string())
            .spawn()
            .expect("this program can be started");
        Self { child, words }
    }

    /// Tells it what to do from now on (any number but 0), and returns when it does.
    pub fn switch(&self, mode: u32) {
        let words = self.words.shared();
        words[WANTED].store(mode, Ordering::Release);
        let start = Instant::now();
        while words[CURRENT].load(Ordering::Acquire) != mode {
            assert!(start.elapsed() < OBEDIENCE, "the other process hangs");
            thread::yield_now();
        }
    }

    /// To measure while it does one thing for the floor and another for ours.
    pub fn switching(&self, floor: u32, ours: u32) -> impl FnMut(Side) {
        move |side| match side {
            Side::Floor => self.switch(floor),
            Side::Ours => self.switch(ours),
        }
    }

    /// To measure while it does one thing for the floor and another, or the same, for ours, by
    /// itself. Blocks during which it did less than 0.6 of what it did in its best one do not count:
    /// mostly, it had no processor.
    #[must_use]
    pub fn under(&self, floor: u32, ours: u32) -> Under<'_> {
        Under {
            peer: self,
            modes: [floor, ours],
            best: [0.0; 2],
            start: (Instant::now(), 0),
        }
    }

    /// How often it did what it was told, over all; wraps.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.words.shared()[COUNT].load(Ordering::Relaxed)
    }

    /// A word for the peer to look at.
    #[must_use]
    pub fn seen(&self) -> &AtomicU32 {
        &self.words.shared()[SEEN]
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// See [`Peer::under`].
#[derive(Debug)]
pub struct Under<'a> {
    peer: &'a Peer,
    modes: [u32; 2],
    /// The highest rate of its work so far, on each side.
    best: [f64; 2],
    start: (Instant, u32),
}

impl Around for Under<'_> {
    fn before(&mut self, side: Side) {
        self.peer.switch(self.modes[side as usize]);
        self.start = (Instant::now(), self.peer.count());
    }

    fn counts(&mut self, side: Side) -> bool {
        let (start, count) = self.start;
        let done = f64::from(self.peer.count().wrapping_sub(count));
        let rate = done / start.elapsed().as_secs_f64();
        let best = &mut self.best[side as usize];
        *best = best.max(rate);
        // Half is what is left if both share a processor.
        rate > *best * 0.6
    }
}

/// What a peer is told.
#[derive(Debug)]
pub struct Orders {
    /// What kind of peer this is.
    pub role: String,
    /// The name for what it shares with its parent.
    pub name: String,
    words: SharedMemoryLink<Words, ReadWrite>,
}

impl Orders {
    /// `None` if this process is not a peer. A peer ends when its parent does.
    #[must_use]
    pub fn given() -> Option<Self> {
        let (role, name) = (env::var(ROLE).ok()?, env::var(NAME).ok()?);
        let parent: u32 = env::var(PARENT).ok()?.parse().ok()?;
        let Ok(parent) = Process::open(parent).map(|it| it.identity()) else {
            process::exit(2);
        };
        thread::spawn(move || end_with(parent));
        let words = SharedMemoryLink::open_existing(&control(&name)).expect("the parent made it");
        Some(Self { role, name, words })
    }

    /// The next order, once there is one. [`accept`](Self::accept) it when all is prepared.
    #[must_use]
    pub fn next(&self) -> u32 {
        loop {
            match self.words.shared()[WANTED].load(Ordering::Acquire) {
                NOTHING => thread::sleep(Duration::from_millis(1)),
                mode => return mode,
            }
        }
    }

    /// Says that this is being done.
    pub fn accept(&self, mode: u32) {
        self.words.shared()[CURRENT].store(mode, Ordering::Release);
    }

    /// Whether this is still to be done.
    #[must_use]
    #[inline]
    pub fn stands(&self, mode: u32) -> bool {
        self.words.shared()[WANTED].load(Ordering::Relaxed) == mode
    }

    /// Says that it was done once more.
    #[inline]
    pub fn count(&self) {
        let count = &self.words.shared()[COUNT];
        count.store(
            count.load(Ordering::Relaxed).wrapping_add(1),
            Ordering::Relaxed,
        );
    }

    /// The word to look at.
    #[must_use]
    pub fn seen(&self) -> &AtomicU32 {
        &self.words.shared()[SEEN]
    }
}

fn end_with(parent: ProcessIdentity) {
    while parent.liveness() == Liveness::Alive {
        thread::sleep(Duration::from_millis(250));
    }
    process::exit(1);
}
