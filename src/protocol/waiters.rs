//! The region in which readers say that they wait, and their events.
//!
//! A waiter is the one who created the event of its number. So the number of a process that was
//! killed is free again: its event is gone with it.

use std::time::Duration;

use crate::access::ReadWrite;
use crate::atomic::AtomicU32;
use crate::error::SharedMemoryError;
use crate::options::{Backing, SharedMemoryOptions};
use crate::protocol::companions::Companions;
use crate::protocol::wake::{self, WAITERS};
use crate::section::Section;
use crate::sync::{Event, Reset};
use crate::view::View;

const SIZE: usize = 4096;

#[derive(Debug)]
pub(crate) struct Waiters {
    view: View<ReadWrite>,
    /// Keeps the name.
    _section: Section<ReadWrite>,
    names: Companions,
}

impl Waiters {
    /// For a writer.
    pub(crate) fn create(
        names: &Companions,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let mut options = options.clone();
        options.backing(Backing::Committed);
        Self::map(
            names,
            options.get_or_create_section(&names.waiters(), SIZE as u64)?,
        )
    }

    fn map(names: &Companions, section: Section<ReadWrite>) -> Result<Self, SharedMemoryError> {
        Ok(Self {
            view: section.map_range(0, SIZE)?.committed()?,
            _section: section,
            names: names.clone(),
        })
    }

    fn armed(&self) -> &AtomicU32 {
        let [armed] = self.view.words(0);
        armed
    }

    /// Wakes all that wait: no system call if there are none.
    #[inline]
    pub(crate) fn wake(&self) {
        let waiting = wake::take(self.armed());
        step!();
        if waiting != 0 {
            self.set_events(waiting);
        }
    }

    #[cold]
    fn set_events(&self, waiting: u32) {
        for index in (0..WAITERS).filter(|index| waiting & 1 << index != 0) {
            // One that cannot be opened is that of a process that was killed, or of a user whose
            // events are none of ours: it looks again by itself.
            if let Ok(event) = Event::open(&self.names.waiter(index)) {
                let _ = event.set();
                step!();
            }
        }
    }
}

/// A reader's way to be woken.
#[derive(Debug)]
pub(crate) struct Waiter {
    waiters: Waiters,
    event: Event,
    index: u32,
}

impl Waiter {
    /// `None` if this process may not write where waiters are registered, or there are too many:
    /// then it has to look again from time to time.
    pub(crate) fn register(names: &Companions) -> Option<Self> {
        let section = SharedMemoryOptions::new()
            .open_section(&names.waiters())
            .ok()?;
        let waiters = Waiters::map(names, section).ok()?;
        (0..WAITERS)
            .find_map(|index| {
                let event = Event::create(&names.waiter(index), Reset::Auto).ok()?;
                Some((index, event))
            })
            .map(|(index, event)| Self {
                waiters,
                event,
                index,
            })
    }

    /// Waits until woken, or for `timeout`; not at all if `is_done` says so after the writer was
    /// told.
    pub(crate) fn wait(
        &self,
        timeout: Duration,
        is_done: impl FnOnce() -> bool,
    ) -> Result<(), SharedMemoryError> {
        step!();
        wake::arm(self.waiters.armed(), self.index);
        step!();
        let waited = if is_done() {
            Ok(())
        } else {
            self.event.wait_timeout(timeout).map(|_| ())
        };
        step!();
        wake::disarm(self.waiters.armed(), self.index);
        waited
    }
}
