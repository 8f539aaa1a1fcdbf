//! The region in which readers say that they wait, and their events.
//!
//! A number is that of the process which created its event. So the number of a process that was
//! killed is free again when the event is gone: with the process, or at the writer's next wake-up of
//! others, because a writer keeps the events of its last wake-up open.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::access::ReadWrite;
use crate::backing::Backing;
use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::wake::{self, WAITERS};
use crate::error::SharedMemoryError;
use crate::error::unknown_format::UnknownFormat;
use crate::protocol::companions::Companions;
use crate::protocol::directory::FORMAT;
use crate::region::options::SharedMemoryOptions;
use crate::region::section::Section;
use crate::region::view::View;
use crate::sync::{Armed, Event, Reset};
use crate::sys::process::is_in_app_container;

const SIZE: usize = 4096;
const MAGIC: u32 = u32::from_le_bytes(*b"WSMw");

/// The word of the bits, in a cache line of its own.
const ARMED: usize = 128;

/// A writer keeps the events of the numbers below this. Not of all: if each number were that of a reader
/// that has gone, nobody could wait, and so no wake-up would set a number free.
const KEPT: usize = WAITERS as usize / 2;

/// The region: a bit for each number whose waiter waits.
#[derive(Debug)]
struct Bits {
    view: View<ReadWrite>,
    /// Keeps the name.
    _section: Section<ReadWrite>,
}

impl Bits {
    fn map(section: Section<ReadWrite>) -> Result<Self, SharedMemoryError> {
        Ok(Self {
            view: section.map()?.committed()?,
            _section: section,
        })
    }

    /// Whether the header is that of such a region. Writers write it under the companion mutex alone.
    fn is_ready(&self) -> bool {
        let [magic, format] = self.view.words(0);
        let found = [magic, format].map(|it| it.load(Ordering::Relaxed));
        self.view.len() == SIZE && found == [MAGIC, FORMAT]
    }

    /// Whether it is all zero, but for what a creator that died may have left of the header.
    fn is_unfinished(&self) -> Result<bool, SharedMemoryError> {
        if self.view.len() != SIZE {
            return Ok(false);
        }
        let page: [u32; SIZE / 4] = self.view.read(0)?;
        let header = page[0] == 0 && [0, FORMAT].contains(&page[1]);
        Ok(header && page[2..].iter().all(|word| *word == 0))
    }

    fn write_header(&self) {
        let [magic, format] = self.view.words(0);
        format.store(FORMAT, Ordering::Relaxed);
        step!();
        magic.store(MAGIC, Ordering::Release);
        step!();
    }

    #[inline]
    fn word(&self) -> &AtomicU32 {
        let [word] = self.view.words(ARMED);
        word
    }
}

/// A writer's way to wake.
#[derive(Debug)]
pub(crate) struct Waiters {
    bits: Bits,
    names: Companions,
    /// By number, the events of the last wake-up. Such an event is the one that the number's waiter
    /// waits for, if there is a waiter: while it is open nobody can create another of its name, and a
    /// reader that finds the name taken takes another number.
    kept: Mutex<[Option<Event>; KEPT]>,
}

impl Waiters {
    /// Creates the region, or opens it. The caller holds the companion mutex. With a generation, a writer was there before.
    pub(crate) fn create(
        names: &Companions,
        generation: u64,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let mut options = options.clone();
        options.backing(Backing::Committed);
        options.security = options.security_for_waiting();
        let bits = Bits::map(Section::get_or_create_with(
            &names.waiters(),
            SIZE as u64,
            &options,
        )?)?;
        step!();
        Self::new(bits, names, generation)
    }

    /// Opens the region, which each process keeps that may lock a shared mutex. The caller holds the companion mutex.
    pub(crate) fn open(names: &Companions, generation: u64) -> Result<Self, SharedMemoryError> {
        let bits = Bits::map(Section::open_existing(&names.waiters())?)?;
        Self::new(bits, names, generation)
    }

    /// Each writer has had this region, so one that is not as it was left is damaged, perhaps by a reader that may do no
    /// more than wait: that must not stop the next writer. Before the first writer, it may be somebody else's.
    fn new(bits: Bits, names: &Companions, generation: u64) -> Result<Self, SharedMemoryError> {
        if !bits.is_ready() {
            let is_damaged = generation > 0 && bits.view.len() == SIZE;
            if !is_damaged && !bits.is_unfinished()? {
                return Err(foreign(names));
            }
            bits.write_header();
        }
        Ok(Self {
            bits,
            names: names.clone(),
            kept: Mutex::default(),
        })
    }

    /// Wakes all that wait: no system call if there are none.
    #[inline]
    pub(crate) fn wake(&self) {
        self.set_events(wake::take(self.bits.word()));
    }

    /// The same, for a process that has unlocked after it has published.
    #[inline]
    pub(crate) fn wake_after_unlock(&self) {
        self.set_events(wake::take_after_exchange(self.bits.word()));
    }

    #[inline]
    fn set_events(&self, waiting: u32) {
        step!();
        if waiting != 0 {
            self.set_some_events(waiting);
        }
    }

    #[cold]
    fn set_some_events(&self, waiting: u32) {
        // What is left in it is closed when all are woken. Another thread that wakes at the same time finds none.
        let mut last = mem::take(&mut *self.kept());
        let mut keep = <[Option<Event>; KEPT]>::default();
        for index in (0..WAITERS).filter(|index| waiting & 1 << index != 0) {
            let kept = last.get_mut(index as usize).and_then(Option::take);
            let event = kept.or_else(|| Event::open_to_set(&self.names.waiter(index)).ok());
            // One that cannot be opened is that of a process that was killed, or of a user whose
            // events are none of ours: it looks again by itself.
            let Some(event) = event else { continue };
            let _ = event.set();
            step!();
            if let Some(place) = keep.get_mut(index as usize) {
                *place = Some(event);
            }
        }
        *self.kept() = keep;
    }

    /// Locked for a moment, with no system call meanwhile.
    fn kept(&self) -> MutexGuard<'_, [Option<Event>; KEPT]> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn foreign(names: &Companions) -> SharedMemoryError {
    SharedMemoryError::UnknownFormat {
        name: names.name.to_string(),
        reason: UnknownFormat::ForeignCompanion {
            companion: names.waiters(),
        },
    }
}

/// A reader's way to be woken.
#[derive(Debug)]
pub(crate) struct Waiter {
    bits: Bits,
    event: Event,
    index: u32,
}

impl Waiter {
    /// `None` if this process may not write where waiters are registered, if there are too many, or if the
    /// writer would not find the event because this process is in an AppContainer: then it has to look
    /// again from time to time. The event has the security that the options say.
    pub(crate) fn register(names: &Companions, options: &SharedMemoryOptions) -> Option<Self> {
        if is_in_app_container() {
            return None;
        }
        let section = Section::open_existing(&names.waiters()).ok()?;
        let bits = Bits::map(section).ok().filter(Bits::is_ready)?;
        (0..WAITERS)
            .find_map(|index| {
                let name = names.waiter(index);
                let event = Event::create_with(&name, Reset::Auto, options).ok()?;
                Some((index, event))
            })
            .map(|(index, event)| Self { bits, event, index })
    }

    /// Waits until woken, or for `timeout`; not at all if `is_done` says so after the writer was
    /// told.
    pub(crate) fn wait(
        &self,
        timeout: Duration,
        is_done: impl FnOnce() -> bool,
    ) -> Result<(), SharedMemoryError> {
        let wait = || self.event.wait_timeout(timeout);
        wake::wait(self.bits.word(), self.index, is_done, wait)
            .transpose()
            .map(|_| ())
    }

    /// Tells the writer that this waiter waits, or is about to.
    pub(crate) fn arm(&self) {
        step!();
        wake::arm(self.bits.word(), self.index);
        step!();
    }

    /// The event, after [`arm`](Self::arm). Disarms on drop.
    pub(crate) fn armed(&self) -> Armed<'_> {
        Armed::new(&self.event, self.bits.word(), self.index)
    }
}
