//! How a value is read whole that another program writes in its own way, as one attempt: note a mark, copy the value,
//! look at the mark again. The copy counts if the mark says that nobody wrote meanwhile.
//!
//! The marks are plain integers of foreign programs, loaded relaxed; the fences are here. A producer stores its mark
//! before and after the value, each in this order for all processors, as every store on x86 is.
//!
//! [`in_order`] is what such a producer does.
//!
//! An acquire fence before the copy makes visible below it all that was written before the mark that was noted. An
//! acquire fence after the copy makes sure that if the copy saw something of a later write, the look at the mark sees
//! what the producer had stored before it.

use crate::cores::atomic::{AtomicU32, Ordering, fence};

/// Runs what stores a mark, or anything else whose place among the stores matters: all processors see what this thread
/// stored before it earlier, and what it stores after it later.
///
/// A program whose readers follow a convention writes its counters, ticks and flags like this.
///
/// # Examples
///
/// A program that stands in for rFactor 2, which counts up before and after each write:
///
/// ```
/// use win_shared_memory::consistency::in_order;
/// use win_shared_memory::{ReadWrite, SharedData, SharedMemoryLink, field};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct Page {
///     begin: u32,
///     end: u32,
///     speed: f32,
/// }
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link: SharedMemoryLink<Page, ReadWrite> = SharedMemoryLink::create(r"Local\docs-in-order")?;
/// for count in 1..=3 {
///     in_order(|| field!(link.begin).write(&count));
///     field!(link.speed).write(&(10.0 * count as f32));
///     in_order(|| field!(link.end).write(&count));
/// }
/// # assert_eq!(field!(link.end).read(), 3);
/// # Ok(())
/// # }
/// ```
pub fn in_order<R>(store: impl FnOnce() -> R) -> R {
    fence(Ordering::Release);
    let stored = store();
    fence(Ordering::Release);
    stored
}

/// Why a copy does not count.
///
/// # Examples
///
/// ```
/// use win_shared_memory::consistency::{Cause, Convention, Limits, Reader};
/// use win_shared_memory::{ReadWrite, SharedMemoryError, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// # let region = SharedMemoryLink::<[u32; 2], ReadWrite>::create(r"Local\docs-cause")?;
/// # region.write(&[1, 7]);
/// // The producer of this region is in the middle of a write: its sequence is odd.
/// let mut once = Reader::with_limits(Limits { attempts: 1, ..Limits::default() });
/// let sequence = Convention::sequence(region.place().at(0));
/// match once.read(&sequence, |_| region.place().at(1).read()) {
///     Err(SharedMemoryError::Inconsistent(failed)) => assert_eq!(failed.cause, Cause::Writing),
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// The producer was in the middle of a write.
    Writing,
    /// The producer was in the middle of one and the same write until the timeout: it is suspended, or it was killed
    /// there.
    Stopped,
    /// The counter, the sequence or the bytes changed during the copy.
    Changed,
    /// No buffer is in use.
    NoBuffer,
    /// The producer has come round to the buffer, and may have begun to overwrite it during the copy.
    Overwritten,
    /// Another thread held the mutex or the lock. Neither says which thread that is, or whether it has stopped.
    Locked,
    /// The thread that held the mutex before ended without releasing it, so the value may be half written. Nobody is
    /// told a second time.
    Abandoned,
}

/// What does not change unless a value is written: a counter, or the bytes themselves.
pub(crate) trait Mark {
    /// Remembers what it is now.
    fn note(&mut self);
    /// Whether it still is what was noted.
    fn is_as_noted(&mut self) -> bool;
}

/// A producer that does not say when it begins to write and when it ends. `settle` lasts at least as long as a write
/// does: a write that was under way when the mark was noted has ended when the copy begins, and one that the copy saw
/// a part of has changed the mark when that is looked at again.
///
/// The second is needed for a counter that is stored after the value. Bytes show it by themselves.
pub(crate) fn unchanged<R>(
    mark: &mut impl Mark,
    settle_before: impl FnOnce(),
    settle_after: impl FnOnce(),
    copy: impl FnOnce() -> R,
) -> Result<R, Cause> {
    mark.note();
    settle_before();
    fence(Ordering::Acquire);
    let value = copy();
    fence(Ordering::Acquire);
    settle_after();
    if mark.is_as_noted() {
        Ok(value)
    } else {
        Err(Cause::Changed)
    }
}

/// A producer that sets a flag while it writes. A flag alone does not show a write that began and ended during the
/// copy, so there is a mark besides. It is noted before the first look at the flag and looked at after the second:
/// a write between the two looks changes it.
pub(crate) fn busy<R>(
    is_busy: impl Fn() -> bool,
    mark: &mut impl Mark,
    copy: impl FnOnce() -> R,
) -> Result<R, Cause> {
    mark.note();
    fence(Ordering::Acquire);
    if is_busy() {
        return Err(Cause::Writing);
    }
    fence(Ordering::Acquire);
    let value = copy();
    fence(Ordering::Acquire);
    if is_busy() {
        return Err(Cause::Writing);
    }
    fence(Ordering::Acquire);
    if mark.is_as_noted() {
        Ok(value)
    } else {
        Err(Cause::Changed)
    }
}

/// A producer that counts `begin` up before it writes and `end` after. `end` is read first and `begin` last: if they
/// are equal, no write has begun since the one that ended before the copy.
pub(crate) fn begin_end<R>(
    begin: impl Fn() -> i64,
    end: impl Fn() -> i64,
    copy: impl FnOnce() -> R,
) -> Result<R, Cause> {
    let ended = end();
    fence(Ordering::Acquire);
    if begin() != ended {
        return Err(Cause::Writing);
    }
    let value = copy();
    fence(Ordering::Acquire);
    if begin() == ended {
        Ok(value)
    } else {
        Err(Cause::Changed)
    }
}

/// A producer that counts a sequence up before it writes and after, so that it is odd meanwhile.
pub(crate) fn sequence<R>(
    sequence: impl Fn() -> i64,
    copy: impl FnOnce() -> R,
) -> Result<R, Cause> {
    let before = sequence();
    if before & 1 != 0 {
        return Err(Cause::Writing);
    }
    fence(Ordering::Acquire);
    let value = copy();
    fence(Ordering::Acquire);
    if sequence() == before {
        Ok(value)
    } else {
        Err(Cause::Changed)
    }
}

/// A producer that writes the buffers in turn, each with a tick stored after it that is higher than all others. `copy`
/// is given the newest buffer and its tick.
///
/// The producer keeps the old tick of the buffer that it overwrites until it is done, so an equal tick is not enough.
/// It overwrites a buffer when that is the oldest, so the copy counts if another one is older still. The only buffer of
/// a producer is always the oldest.
pub(crate) fn latest_of<R>(
    count: usize,
    tick: impl Fn(usize) -> i64,
    copy: impl FnOnce(usize, i64) -> R,
) -> Result<R, Cause> {
    let buffers = (0..count).map(|at| (tick(at), at));
    let (newest, at) = buffers.max().ok_or(Cause::NoBuffer)?;
    fence(Ordering::Acquire);
    let value = copy(at, newest);
    fence(Ordering::Acquire);
    let is_kept = tick(at) == newest;
    fence(Ordering::Acquire);
    if is_kept && (0..count).any(|other| tick(other) < newest) {
        Ok(value)
    } else {
        Err(Cause::Overwritten)
    }
}

/// Holds a lock until it is dropped.
pub(crate) trait LockGuard {
    /// Whether the previous holder's thread ended while it held the lock.
    fn was_abandoned(&self) -> bool;
}

/// Copies under a lock that the producer holds while it writes. There is no guard if the lock could not be taken in time.
/// Without a guard, or with one that was abandoned and so may protect half a write, nothing is copied.
pub(crate) fn locked<R>(
    guard: Option<impl LockGuard>,
    copy: impl FnOnce() -> R,
) -> Result<R, Cause> {
    match guard {
        None => Err(Cause::Locked),
        Some(guard) if guard.was_abandoned() => Err(Cause::Abandoned),
        Some(_guard) => Ok(copy()),
    }
}

/// A lock that lies in shared memory: `busy` is 1 while it is held, `waiters` counts those that wait for its event.
#[derive(Clone, Copy)]
pub(crate) struct Lock<'a> {
    pub(crate) waiters: &'a AtomicU32,
    pub(crate) busy: &'a AtomicU32,
}

impl Lock<'_> {
    /// Takes the lock if nobody has it.
    pub(crate) fn try_acquire(self) -> bool {
        let taken = (self.busy).compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed);
        taken.is_ok()
    }

    /// Takes the lock, after as many calls of `wait` as it takes: `false` once that returns `false`. A waiter counts
    /// itself before it looks again, and a holder looks at the count after it has let go, so that one of them sees
    /// the other.
    pub(crate) fn acquire<E>(self, mut wait: impl FnMut() -> Result<bool, E>) -> Result<bool, E> {
        if self.try_acquire() {
            return Ok(true);
        }
        self.waiters.fetch_add(1, Ordering::Relaxed);
        let taken = loop {
            fence(Ordering::SeqCst);
            if self.try_acquire() {
                break Ok(true);
            }
            match wait() {
                Ok(true) => {}
                ended => break ended,
            }
        };
        self.waiters.fetch_sub(1, Ordering::Relaxed);
        taken
    }

    /// Lets go; `true` if somebody waits, whom the event wakes.
    #[must_use]
    pub(crate) fn release(self) -> bool {
        self.busy.store(0, Ordering::Release);
        fence(Ordering::SeqCst);
        self.waiters.load(Ordering::Relaxed) != 0
    }
}
