//! [`Waiting`].

use std::thread;
use std::time::Duration;

use crate::error::SharedMemoryError;
use crate::protocol::companions::Companions;
use crate::protocol::waiters::Waiter;
use crate::region::options::SharedMemoryOptions;
use crate::sync::armed::{Armed, POLL, SLICE};
use crate::sync::{Event, Reset};
use crate::sys::clock;

/// How long a reader that could not be registered as a waiter polls before it tries again.
const AGAIN: Duration = Duration::from_secs(1);

/// How one reader waits. It registers when it first does.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// For the event of this reader.
    options: SharedMemoryOptions,
    way: Option<Way>,
}

#[derive(Debug)]
enum Way {
    Woken(Waiter),
    /// An event that nobody sets, and when this began, as the time since the system started.
    Polling(Event, Duration),
}

impl Waiting {
    pub(crate) fn new(options: &SharedMemoryOptions) -> Self {
        let mut event = SharedMemoryOptions::new();
        event.security = options.security_for_waiting();
        Self {
            options: event,
            way: None,
        }
    }

    /// Waits until woken, for `timeout` at most, and no longer than until it is time to look again; not at all
    /// if `is_done` says so after the writer was told.
    pub(crate) fn wait(
        &mut self,
        names: &Companions,
        timeout: Duration,
        is_done: impl FnOnce() -> bool,
    ) -> Result<(), SharedMemoryError> {
        match self.way(names)? {
            Way::Woken(waiter) => waiter.wait(SLICE.min(timeout), is_done),
            Way::Polling(..) => {
                thread::sleep(POLL.min(timeout));
                Ok(())
            }
        }
    }

    /// Tells the writer that this reader waits. What it published before is seen by a look after this, and for
    /// what it publishes later it sets the event.
    pub(crate) fn arm(&mut self, names: &Companions) -> Result<(), SharedMemoryError> {
        if let Way::Woken(waiter) = self.way(names)? {
            waiter.arm();
        }
        Ok(())
    }

    /// What to wait for after [`arm`](Self::arm). Disarms on drop.
    pub(crate) fn armed(&self) -> Option<Armed<'_>> {
        self.way.as_ref().map(|way| match way {
            Way::Woken(waiter) => waiter.armed(),
            Way::Polling(unset, _) => Armed::polling(unset),
        })
    }

    fn way(&mut self, names: &Companions) -> Result<&Way, SharedMemoryError> {
        let way = match self.way.take() {
            Some(Way::Polling(_, since)) if clock::since_start() >= since + AGAIN => None,
            way => way,
        };
        let way = match way {
            Some(way) => way,
            None => match Waiter::register(names, &self.options) {
                Some(waiter) => Way::Woken(waiter),
                None => Way::Polling(Event::create_unnamed(Reset::Auto)?, clock::since_start()),
            },
        };
        Ok(self.way.insert(way))
    }
}
