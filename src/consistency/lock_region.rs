//! [`LockRegion`].

use std::fmt;
use std::sync::atomic::AtomicU32;
use std::thread;
use std::time::Duration;

use crate::access::ReadWrite;
use crate::cores::consistency::{Lock, LockGuard};
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::region::section::Section;
use crate::region::view::View;
use crate::sync::Event;

/// How long a waiter relies on the event: it may be set for another waiter.
const SLICE: Duration = Duration::from_millis(10);

/// A lock in a region of its own, as Le Mans Ultimate has it: a word that is 1 while the lock is held, the number of
/// threads that wait, and an auto-reset event that wakes one of them.
///
/// Holding it keeps the producer from writing, and it is not released if a process ends while it holds it. It is
/// therefore held by [`Reader::read`](super::Reader::read) alone, for as long as its closure copies.
///
/// It keeps the memory but not the name. A producer that starts again therefore gets a new lock, even if the old one
/// is held forever. Open the lock region again after the producer's region has been replaced.
///
/// # Examples
///
/// ```
/// use win_shared_memory::SharedMemoryLink;
/// use win_shared_memory::consistency::{Convention, LockRegion, Reader};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// # let name = r"Local\docs-lock-region";
/// # let words = SharedMemoryLink::<[u32; 2], _>::create(name)?;
/// // Without an event, a reader that waits looks again and again.
/// let lock = LockRegion::open(name, 0, 4, None)?;
/// let busy = Reader::new().read(&Convention::lock_region(&lock), |_| words.read()[1])?;
/// assert_eq!((busy, words.read()[1]), (1, 0));
/// # Ok(())
/// # }
/// ```
pub struct LockRegion {
    view: View<ReadWrite>,
    waiters: usize,
    busy: usize,
    event: Option<Event>,
}

impl LockRegion {
    /// Opens the lock in the region `name`, with the number of waiters and the busy word at these offsets in bytes.
    ///
    /// # Errors
    ///
    /// As for [`SharedMemoryLink::open_existing`](crate::SharedMemoryLink::open_existing) and [`Event::open`];
    /// [`SharedMemoryError::OutOfBounds`] or [`SharedMemoryError::Misaligned`] for an offset.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use win_shared_memory::consistency::{Convention, LockRegion, Reader};
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let view = Section::open("LMU_Data")?.map()?;
    /// let lock = LockRegion::open("LMU_SharedMemoryLockData", 0, 4, "LMU_SharedMemoryLockEvent")?;
    /// let mut bytes = vec![0; 324_824];
    /// Reader::new().read(&Convention::lock_region(&lock), |_| view.read_bytes(0, &mut bytes))??;
    /// # Ok(())
    /// # }
    /// ```
    pub fn open<'e>(
        name: &str,
        waiters: usize,
        busy: usize,
        event: impl Into<Option<&'e str>>,
    ) -> Result<Self, SharedMemoryError> {
        let lock = Self {
            view: Section::open_existing(name)?.map()?,
            waiters,
            busy,
            event: event.into().map(Event::open).transpose()?,
        };
        lock.words()?;
        Ok(lock)
    }

    fn words(&self) -> Result<Lock<'_>, SharedMemoryError> {
        Ok(Lock {
            waiters: self.view.place::<AtomicU32>(self.waiters)?.shared(),
            busy: self.view.place::<AtomicU32>(self.busy)?.shared(),
        })
    }

    /// Holds the lock until the guard is dropped; `None` after the timeout.
    pub(super) fn lock(
        &self,
        timeout: &mut Timeout,
    ) -> Result<Option<LockRegionGuard<'_>>, SharedMemoryError> {
        let words = self.words()?;
        let wait = || {
            let left = timeout.left();
            if left.is_zero() {
                return Ok(false);
            }
            match &self.event {
                Some(event) => event.wait_timeout(SLICE.min(left)).map(|_| true),
                None => {
                    thread::yield_now();
                    Ok(true)
                }
            }
        };
        // A guard that was not earned would release another's lock.
        let guard = || LockRegionGuard { lock: self, words };
        Ok(words.acquire(wait)?.then(guard))
    }
}

/// Releases the lock when dropped.
pub(super) struct LockRegionGuard<'a> {
    lock: &'a LockRegion,
    words: Lock<'a>,
}

impl LockGuard for LockRegionGuard<'_> {
    /// Unknown: the words do not say which process holds the lock.
    fn was_abandoned(&self) -> bool {
        false
    }
}

impl Drop for LockRegionGuard<'_> {
    fn drop(&mut self) {
        if self.words.release() {
            if let Some(event) = &self.lock.event {
                // If the event cannot be set, the waiter looks by itself in a while.
                let _ = event.set();
            }
        }
    }
}

impl fmt::Debug for LockRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockRegion")
            .field("view", &self.view)
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}
