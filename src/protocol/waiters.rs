//! The region in which readers say that they wait, and their events.
//!
//! A waiter is the one who created the event of its number. So the number of a process that was
//! killed is free again when the event is gone: with the process, or at the writer's next wake-up of
//! others, because a writer keeps the events of its last wake-up open.

use std::mem;
use std::time::Duration;

use crate::access::ReadWrite;
use crate::backing::Backing;
use crate::cores::atomic::AtomicU32;
use crate::cores::wake::{self, WAITERS};
use crate::error::SharedMemoryError;
use crate::protocol::companions::Companions;
use crate::region::options::SharedMemoryOptions;
use crate::region::section::Section;
use crate::region::view::View;
use crate::sync::{Event, Reset};

const SIZE: usize = 4096;

/// A writer keeps the events of the numbers below this. Not of all: if each number were that of a reader
/// that has gone, nobody could wait, and so no wake-up would set a number free.
const KEPT: usize = WAITERS as usize / 2;

/// The region: a bit for each number whose waiter waits.
#[derive(Debug)]
struct Armed {
    view: View<ReadWrite>,
    /// Keeps the name.
    _section: Section<ReadWrite>,
}

impl Armed {
    fn map(section: Section<ReadWrite>) -> Result<Self, SharedMemoryError> {
        Ok(Self {
            view: section.map_range(0, SIZE)?.committed()?,
            _section: section,
        })
    }

    fn word(&self) -> &AtomicU32 {
        let [word] = self.view.words(0);
        word
    }
}

/// A writer's way to wake.
#[derive(Debug)]
pub(crate) struct Waiters {
    armed: Armed,
    names: Companions,
    /// By number, the events of the last wake-up. Such an event is the one that the number's waiter
    /// waits for, if there is a waiter: while it is open nobody can create another of its name, and a
    /// reader that finds the name taken takes another number.
    kept: [Option<Event>; KEPT],
}

impl Waiters {
    pub(crate) fn create(
        names: &Companions,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let mut options = options.clone();
        options.backing(Backing::Committed);
        let section = options.get_or_create_section(&names.waiters(), SIZE as u64)?;
        Ok(Self {
            armed: Armed::map(section)?,
            names: names.clone(),
            kept: Default::default(),
        })
    }

    /// Wakes all that wait: no system call if there are none.
    #[inline]
    pub(crate) fn wake(&mut self) {
        let waiting = wake::take(self.armed.word());
        step!();
        if waiting != 0 {
            self.set_events(waiting);
        }
    }

    #[cold]
    fn set_events(&mut self, waiting: u32) {
        // What is left in it is closed when all are woken.
        let mut last = mem::take(&mut self.kept);
        for index in (0..WAITERS).filter(|index| waiting & 1 << index != 0) {
            let kept = last.get_mut(index as usize).and_then(Option::take);
            let event = kept.or_else(|| Event::open(&self.names.waiter(index)).ok());
            // One that cannot be opened is that of a process that was killed, or of a user whose
            // events are none of ours: it looks again by itself.
            let Some(event) = event else { continue };
            let _ = event.set();
            step!();
            if let Some(keep) = self.kept.get_mut(index as usize) {
                *keep = Some(event);
            }
        }
    }
}

/// A reader's way to be woken.
#[derive(Debug)]
pub(crate) struct Waiter {
    armed: Armed,
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
        let armed = Armed::map(section).ok()?;
        (0..WAITERS)
            .find_map(|index| {
                let event = Event::create(&names.waiter(index), Reset::Auto).ok()?;
                Some((index, event))
            })
            .map(|(index, event)| Self {
                armed,
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
        let wait = || self.event.wait_timeout(timeout);
        wake::wait(self.armed.word(), self.index, is_done, wait)
            .transpose()
            .map(|_| ())
    }
}
