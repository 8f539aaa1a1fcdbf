//! How an end of a channel is woken: each end that waits has an event, which the others set. Whether it waits is
//! bit 0 of a word of [`wake`].

use std::hint;
use std::thread;
use std::time::{Duration, Instant};

use crate::cores::atomic::AtomicU32;
use crate::cores::wake;
use crate::error::SharedMemoryError;
use crate::region::options::SharedMemoryOptions;
use crate::sync::armed::{Armed, POLL, SLICE};
use crate::sync::{Event, Reset};
use crate::sys::process::is_in_app_container;

/// What an end waits for.
#[derive(Debug)]
pub(crate) enum Doorbell {
    /// An event of this name, which the others find.
    Rings(Event),
    /// An event that nobody sets.
    Silent(Event),
}

impl Doorbell {
    /// One that is silent for a process in an AppContainer, whose event the others would not find, and for one that
    /// may not use the event that is there.
    pub(crate) fn create(
        name: &str,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        if !is_in_app_container() {
            let mut event = SharedMemoryOptions::new();
            event.security = options.security_for_waiting();
            if let Ok(event) = Event::get_or_create_with(name, Reset::Auto, &event) {
                return Ok(Self::Rings(event));
            }
        }
        Event::create_unnamed(Reset::Auto).map(Self::Silent)
    }

    /// Waits until woken, for `timeout` at most, and no longer than until it is time to look again; not at all if
    /// `is_done` says so after the others were told.
    pub(crate) fn wait(
        &self,
        word: &AtomicU32,
        timeout: Duration,
        is_done: impl FnOnce() -> bool,
    ) -> Result<(), SharedMemoryError> {
        match self {
            Self::Rings(event) => {
                let wait = || event.wait_timeout(SLICE.min(timeout));
                wake::wait(word, 0, is_done, wait).transpose().map(|_| ())
            }
            Self::Silent(_) => {
                thread::sleep(POLL.min(timeout));
                Ok(())
            }
        }
    }

    /// Tells the others that this end waits. What they did before is seen by a look after this.
    pub(crate) fn arm(&self, word: &AtomicU32) {
        if let Self::Rings(_) = self {
            wake::arm(word, 0);
        }
    }

    /// What to wait for after [`arm`](Self::arm). Disarms on drop.
    pub(crate) fn armed<'a>(&'a self, word: &'a AtomicU32) -> Armed<'a> {
        match self {
            Self::Rings(event) => Armed::new(event, word, 0),
            Self::Silent(unset) => Armed::polling(unset),
        }
    }
}

/// Whether this is so, or becomes so while what others did before may still be on its way: see
/// [`wake::take_without_fence`].
pub(crate) fn settle(is_so: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if start.elapsed() >= wake::SETTLES {
            return false;
        }
        hint::spin_loop();
    }
}

/// What wakes another end.
#[derive(Debug)]
pub(crate) struct Button {
    name: Box<str>,
    /// Open since the first time: opening costs as much as waking.
    event: Option<Event>,
}

impl Button {
    pub(crate) fn new(name: String) -> Self {
        Self {
            name: name.into(),
            event: None,
        }
    }

    /// Wakes the one at that end, if it says that it waits; makes no system call otherwise.
    pub(crate) fn wake_if(&mut self, word: &AtomicU32) {
        self.wake_of(wake::take(word));
    }

    /// The same without a fence, for one that [settles](settle).
    #[inline(always)]
    pub(crate) fn wake_without_fence(&mut self, word: &AtomicU32) {
        self.wake_of(wake::take_without_fence(word));
    }

    #[inline(always)]
    fn wake_of(&mut self, taken: u32) {
        if taken != 0 {
            step!();
            self.wake();
        }
    }

    #[cold]
    pub(crate) fn wake(&mut self) {
        if self.event.is_none() {
            self.event = Event::open_to_set(&self.name).ok();
        }
        // If it fails, the one that waits looks by itself before long.
        let _ = self.event.as_ref().map(Event::set);
        step!();
    }
}
