//! [`Reader`].

use std::hint;
use std::thread;
use std::time::{Duration, Instant};

use super::convention::{Buffer, BufferPlace, Convention, Kind};
use super::word::{Mark, Noted, Word};
use crate::cores::consistency::{self, Cause, Mark as _};
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::error::inconsistent::Inconsistent;
use crate::sync::MutexGuard;

/// After so many attempts in a row, the next waits a little.
const SPINS: u32 = 32;

/// After so many, it waits for as long as the system's timer takes.
const YIELDS: u32 = 128;

const PAUSE: Duration = Duration::from_millis(1);

/// How long a [`Reader`] tries.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::consistency::{Limits, Reader};
///
/// // A game loop would rather show the last value than wait for longer than this.
/// let reader = Reader::with_limits(Limits {
///     timeout: Duration::from_millis(2),
///     ..Limits::default()
/// });
/// assert_eq!(reader.counts().reads, 0);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// The most attempts for one read, at least 1. The default is 1000.
    pub attempts: u32,
    /// The longest time for one read. The default is 100 ms; zero makes one attempt.
    pub timeout: Duration,
    /// How long a producer may take for one write, if it does not say when it writes ([`Convention::counter`],
    /// [`Convention::double_read`]). The default is 50 µs, enough for some KB and an interrupt. What the convention
    /// looks at has to stand still for this long before the copy, and a counter also after it. Every attempt takes
    /// that time, whatever the timeout. A producer that writes more often is never read.
    pub settle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts: 1000,
            timeout: Duration::from_millis(100),
            settle: Duration::from_micros(50),
        }
    }
}

/// How often a [`Reader`] has read.
///
/// # Examples
///
/// ```
/// use win_shared_memory::consistency::{Convention, Reader};
/// use win_shared_memory::{ReadWrite, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link: SharedMemoryLink<u32, ReadWrite> = SharedMemoryLink::create(r"Local\docs-counts")?;
/// let mut reader = Reader::new();
/// reader.read(&Convention::sequence(link.place()), |_| ())?;
/// let counts = reader.counts();
/// assert_eq!((counts.reads, counts.retries, counts.failures), (1, 0, 0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Counts {
    /// Calls of [`Reader::read`].
    pub reads: u64,
    /// Attempts beyond the first of each.
    pub retries: u64,
    /// Reads that gave up.
    pub failures: u64,
}

/// Reads whole values of another program, as their [`Convention`] demands, and counts how often that took more than
/// one attempt.
///
/// A reader is not tied to a region. One reader serves a program as long as it runs, with conventions of whatever
/// regions are there.
///
/// # Examples
///
/// ```
/// use win_shared_memory::consistency::{Cause, Convention, Reader};
/// use win_shared_memory::{ReadWrite, SharedMemoryError, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link: SharedMemoryLink<[u32; 2], ReadWrite> = SharedMemoryLink::create(r"Local\docs-whole")?;
/// let mut reader = Reader::new();
/// let sequence = Convention::sequence(link.place().at(0));
/// assert_eq!(reader.read(&sequence, |_| link.place().at(1).read())?, 0);
///
/// // The sequence is odd, and stays so: the producer has stopped in the middle of a write.
/// link.write(&[1, 7]);
/// let error = reader.read(&sequence, |_| ()).unwrap_err();
/// let SharedMemoryError::Inconsistent(error) = error else { panic!("{error}") };
/// assert_eq!(error.cause, Cause::Stopped);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Reader {
    limits: Limits,
    counts: Counts,
    /// Room for the bytes that a convention compares.
    noted: Vec<u8>,
    /// Room for those that tell one write from the next.
    noted_of_write: Vec<u8>,
}

impl Reader {
    /// A reader with the default limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A reader that tries within these limits.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Runs `copy` until the condition of the convention holds for one run, and returns what that returned.
    ///
    /// `copy` is told which buffer to copy, which concerns [`Convention::latest_of`] alone. It may run several times.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::Inconsistent`] after the last attempt that the [`Limits`] allow. It has the number of
    ///   attempts and the cause.
    /// - [`SharedMemoryError::System`] if the system refuses to wait for a mutex or an event.
    ///
    /// # Examples
    ///
    /// A row of a table that the region describes, at places known at run time:
    ///
    /// ```
    /// use win_shared_memory::consistency::{Convention, Reader};
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// # let section = Section::create(r"Local\docs-consistency", 4096)?;
    /// # section.map()?.write(8, &[64_u32, 8, 3])?;
    /// let view = section.map()?;
    /// let mut reader = Reader::new();
    /// let sequence = Convention::sequence(view.place::<u32>(0)?);
    /// let rows: Vec<u32> = reader.read(&sequence, |_| {
    ///     let [offset, stride, count] = view.read::<[u32; 3]>(8)?;
    ///     let table = view.table::<u32>(offset, stride, count)?;
    ///     Ok::<_, win_shared_memory::SharedMemoryError>(table.iter().map(|row| row.read()).collect())
    /// })??;
    /// assert_eq!(rows.len(), 3);
    /// assert_eq!(reader.counts().retries, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn read<R>(
        &mut self,
        convention: &Convention<'_>,
        mut copy: impl FnMut(Buffer) -> R,
    ) -> Result<R, SharedMemoryError> {
        self.counts.reads += 1;
        let mut timeout = Timeout::new(self.limits.timeout);
        let one_write = convention.mark_of_write();
        let mut one_write = one_write.map(|it| Noted::new(it, &mut self.noted_of_write));
        let mut attempts = 1;
        loop {
            let attempt = attempt(
                convention,
                &mut timeout,
                self.limits.settle,
                &mut self.noted,
                &mut copy,
            );
            let cause = match attempt? {
                Ok(value) => return Ok(value),
                Err(cause) => cause,
            };
            match &mut one_write {
                _ if cause != Cause::Writing => one_write = None,
                Some(write) if attempts == 1 => write.note(),
                _ => {}
            }
            let left = timeout.left();
            // An abandoned mutex is told once: a second attempt would take the half-written value.
            if attempts >= self.limits.attempts || left.is_zero() || cause == Cause::Abandoned {
                let is_stopped = attempts > 1
                    && left.is_zero()
                    && one_write.is_some_and(|mut it| it.is_as_noted());
                self.counts.failures += 1;
                return Err(SharedMemoryError::Inconsistent(Inconsistent {
                    cause: if is_stopped { Cause::Stopped } else { cause },
                    attempts,
                    timeout: self.limits.timeout,
                }));
            }
            pause(attempts, left);
            attempts += 1;
            self.counts.retries += 1;
        }
    }

    /// How often this reader has read, tried again and given up.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }
}

impl consistency::LockGuard for MutexGuard<'_> {
    fn was_abandoned(&self) -> bool {
        MutexGuard::was_abandoned(self)
    }
}

/// Runs `copy` once. `noted` is room for the bytes that a convention compares.
fn attempt<R>(
    convention: &Convention<'_>,
    timeout: &mut Timeout,
    settle_for: Duration,
    noted: &mut Vec<u8>,
    copy: &mut impl FnMut(Buffer) -> R,
) -> Result<Result<R, Cause>, SharedMemoryError> {
    let whole = || copy(Buffer::default());
    Ok(match convention.0 {
        Kind::Sequence(word) => consistency::sequence(|| word.read(), whole),
        Kind::BeginEnd { begin, end } => {
            consistency::begin_end(|| begin.read(), || end.read(), whole)
        }
        Kind::LatestOf { buffers, in_use } => {
            let buffers = in_use.map_or(buffers, |count| first(buffers, count));
            let tick = |at: usize| buffers[at].tick.read();
            consistency::latest_of(buffers.len(), tick, |at, tick| {
                copy(buffers[at].read(at, tick))
            })
        }
        Kind::Mutex(mutex) => consistency::locked(mutex.lock_timeout(timeout.left())?, whole),
        Kind::LockRegion(lock) => consistency::locked(lock.lock(timeout)?, whole),
        Kind::Busy { flag, bits, mark } => {
            let mut mark = Noted::new(mark, noted);
            consistency::busy(|| flag.read() & bits != 0, &mut mark, whole)
        }
        Kind::Unchanged(mark) => {
            let after = match mark {
                Mark::Word(_) => settle_for,
                Mark::Bytes(_) => Duration::ZERO,
            };
            let mut mark = Noted::new(mark, noted);
            consistency::unchanged(&mut mark, || settle(settle_for), || settle(after), whole)
        }
    })
}

/// As many buffers as the region says are in use, and it may say anything.
fn first<'a>(buffers: &'a [BufferPlace<'a>], count: Word<'_>) -> &'a [BufferPlace<'a>] {
    let count = usize::try_from(count.read()).unwrap_or(0);
    &buffers[..count.min(buffers.len())]
}

/// Lets the producer finish what it has begun.
fn settle(time: Duration) {
    if time > PAUSE {
        thread::sleep(time);
    } else if !time.is_zero() {
        let start = Instant::now();
        while start.elapsed() < time {
            thread::yield_now();
        }
    }
}

/// Waits before the next attempt, the longer the more there were.
fn pause(attempts: u32, left: Duration) {
    if attempts < SPINS {
        hint::spin_loop();
    } else if attempts < YIELDS {
        thread::yield_now();
    } else {
        thread::sleep(PAUSE.min(left));
    }
}
