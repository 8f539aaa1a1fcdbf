//! A lock whose words lie in a region of its own, as Le Mans Ultimate has it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use win_shared_memory::sync::{Event, Reset};
use win_shared_memory::{ReadWrite, Section, SharedMemoryError, View};

/// How long a wait relies on the event.
const SLICE: Duration = Duration::from_millis(10);

pub(super) struct Lock {
    view: View<ReadWrite>,
    /// Keeps the name.
    _section: Section<ReadWrite>,
    waiters: usize,
    busy: usize,
    event: Option<Event>,
    is_seized: bool,
}

/// The lock, held.
pub(super) struct Held<'a>(&'a Lock);

impl Lock {
    /// The lock of this region, which is made if it is not there.
    pub(super) fn new(
        region: &str,
        waiters: u64,
        busy: u64,
        event: Option<&str>,
    ) -> Result<Self, SharedMemoryError> {
        let [waiters, busy] = [waiters, busy].map(|it| usize::try_from(it).unwrap_or(usize::MAX));
        let size = waiters.max(busy).saturating_add(4) as u64;
        let section: Section<ReadWrite> = Section::get_or_create(region, size)?;
        let view = section.map()?;
        for word in [waiters, busy] {
            view.place::<AtomicU32>(word)?;
        }
        let event = event
            .map(|it| Event::get_or_create(it, Reset::Auto))
            .transpose()?;
        Ok(Self {
            view,
            _section: section,
            waiters,
            busy,
            event,
            is_seized: false,
        })
    }

    /// From now on, a lock that is held for too long is taken from its holder.
    pub(super) fn seize(&mut self) {
        self.is_seized = true;
    }

    /// Waits until nobody else holds it; `None` if that takes too long, as when its holder has ended.
    pub(super) fn acquire(
        &mut self,
        timeout: Duration,
    ) -> Result<Option<Held<'_>>, SharedMemoryError> {
        let began = Instant::now();
        let (waiters, busy) = (self.word(self.waiters)?, self.word(self.busy)?);
        while busy
            .compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            if began.elapsed() >= timeout {
                if !self.is_seized {
                    return Ok(None);
                }
                // It stays taken, by us.
                break;
            }
            waiters.fetch_add(1, Ordering::SeqCst);
            let waited = match &self.event {
                Some(event) => event.wait_timeout(SLICE).map(|_| ()),
                None => {
                    std::thread::yield_now();
                    Ok(())
                }
            };
            waiters.fetch_sub(1, Ordering::SeqCst);
            waited?;
        }
        Ok(Some(Held(self)))
    }

    fn word(&self, offset: usize) -> Result<&AtomicU32, SharedMemoryError> {
        Ok(self.view.place::<AtomicU32>(offset)?.shared())
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let lock = self.0;
        let (Ok(waiters), Ok(busy)) = (lock.word(lock.waiters), lock.word(lock.busy)) else {
            return;
        };
        busy.store(0, Ordering::SeqCst);
        if let Some(event) = lock
            .event
            .as_ref()
            .filter(|_| waiters.load(Ordering::SeqCst) > 0)
        {
            // One that waits looks again by itself.
            let _ = event.set();
        }
    }
}
