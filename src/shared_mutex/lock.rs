//! [`Lock`] and [`Held`].
//!
//! The path of an uncontended lock is always inlined, and the rest never: a call that returns through memory would store
//! just before the exchange that locks or unlocks, and the exchange waits for such stores. They took a third of the time
//! of a lock and a commit.

use std::marker::PhantomData;
use std::sync;
use std::time::Duration;

use crate::access::ReadWrite;
use crate::cores::atomic::Ordering;
use crate::cores::lock_word::{Host, Locker, Outcome, Wait};
use crate::data::identity::ProcessIdentity;
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::protocol::companions::Companions;
use crate::protocol::directory::Directory;
use crate::protocol::token::liveness;
use crate::protocol::waiters::Waiters;
use crate::region::options::LockMode;
use crate::shared_mutex::strategy::{Fast, NO_THREAD, Strategy};
use crate::sync::process::Liveness;
use crate::sync::{Mutex, MutexGuard};
use crate::sys::process::current_thread_id;

/// How long a waiting thread relies on being woken before it looks whether the holder lives: at first, and
/// at most.
const SLICES: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(50)];

/// The lock of a shared mutex, as one handle uses it.
#[derive(Debug)]
pub(super) struct Lock {
    names: Companions,
    directory: Directory<ReadWrite>,
    /// Held while a process registers, or takes over.
    companion: Mutex,
    strategy: Strategy,
    waiters: Waiters,
}

impl Lock {
    pub(super) fn new(
        names: Companions,
        directory: Directory<ReadWrite>,
        companion: Mutex,
        strategy: Strategy,
        waiters: Waiters,
    ) -> Self {
        Self {
            names,
            directory,
            companion,
            strategy,
            waiters,
        }
    }

    pub(super) fn mode(&self) -> LockMode {
        self.strategy.mode()
    }

    /// Acquires the lock; `None` if another thread still holds it after `timeout`.
    #[inline(always)]
    pub(super) fn acquire(&self, timeout: Duration) -> Result<Option<Held<'_>>, SharedMemoryError> {
        let (outcome, mutex) = match &self.strategy {
            Strategy::Fast(fast) => (self.acquire_word(fast, timeout)?, None),
            Strategy::Kernel(mutex) => self.acquire_mutex(mutex, timeout)?,
        };
        let was_abandoned = match outcome {
            Outcome::Acquired => false,
            Outcome::Abandoned => true,
            Outcome::TimedOut => return Ok(None),
            Outcome::AlreadyHeld => return Err(self.already_locked()),
        };
        Ok(Some(Held {
            lock: self,
            mutex,
            was_abandoned,
            is_told: !was_abandoned,
            committed: false,
            not_send: PhantomData,
        }))
    }

    /// Acquires the lock, and waits for it without a limit.
    #[inline(always)]
    pub(super) fn acquire_or_wait(&self) -> Result<Held<'_>, SharedMemoryError> {
        loop {
            if let Some(held) = self.acquire(Duration::MAX)? {
                return Ok(held);
            }
        }
    }

    #[inline(always)]
    fn acquire_word(&self, fast: &Fast, timeout: Duration) -> Result<Outcome, SharedMemoryError> {
        let me = Locker {
            slot: fast.slot,
            process: fast.process,
            thread: current_thread_id(),
        };
        let mut attempt = Attempt {
            lock: self,
            fast,
            timeout: Timeout::new(timeout),
            slice: SLICES[0],
        };
        let word = self.directory.lock_word();
        if timeout.is_zero() {
            word.try_lock(me, &mut attempt)
        } else {
            word.lock(me, &mut attempt)
        }
    }

    #[cold]
    fn already_locked(&self) -> SharedMemoryError {
        SharedMemoryError::AlreadyLocked {
            name: self.names.name.to_string(),
        }
    }

    #[inline(never)]
    fn acquire_mutex<'a>(
        &self,
        mutex: &'a Mutex,
        timeout: Duration,
    ) -> Result<(Outcome, Option<MutexGuard<'a>>), SharedMemoryError> {
        Ok(match mutex.lock_timeout(timeout)? {
            Some(guard) => (self.sign(&guard), Some(guard)),
            None => (Outcome::TimedOut, None),
        })
    }

    /// The holder of the kernel's mutex stores which thread it is: Windows grants a mutex to its holder
    /// again and again.
    fn sign(&self, guard: &MutexGuard<'_>) -> Outcome {
        let (thread, me) = (self.directory.thread(), current_thread_id());
        let outcome = match thread.load(Ordering::Relaxed) {
            _ if guard.was_abandoned() => Outcome::Abandoned,
            0 => Outcome::Acquired,
            last if last == me => return Outcome::AlreadyHeld,
            // A holder stores 0 before it unlocks.
            _ => Outcome::Abandoned,
        };
        thread.store(me, Ordering::Relaxed);
        step!();
        outcome
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.strategy.leave(&self.directory);
    }
}

/// The lock, held by this thread. Released on drop.
pub(super) struct Held<'a> {
    lock: &'a Lock,
    /// Released after the thread id was removed.
    mutex: Option<MutexGuard<'a>>,
    pub(super) was_abandoned: bool,
    /// Whether the caller has been told that the lock was abandoned, or there is nothing to tell.
    is_told: bool,
    /// Whether those that wait for a change have one.
    committed: bool,
    /// As the standard library's guard: it stays on its thread, and may be looked at from others.
    not_send: PhantomData<sync::MutexGuard<'static, ()>>,
}

impl Held<'_> {
    /// The caller gets to see whether the lock was abandoned. Otherwise the next holder is told.
    #[inline]
    pub(super) fn tell(&mut self) {
        self.is_told = true;
    }

    /// There is another value than the lock was acquired with: those that wait for one are woken after the lock is
    /// released.
    #[inline]
    pub(super) fn has_committed(&mut self) {
        self.committed = true;
    }
}

impl Drop for Held<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        let lock = self.lock;
        match &lock.strategy {
            Strategy::Fast(fast) => {
                if lock.directory.lock_word().unlock(fast.slot, self.is_told) {
                    fast.wake();
                }
                if self.committed {
                    lock.waiters.wake_after_unlock();
                }
            }
            Strategy::Kernel(_) => self.release_mutex(),
        }
    }
}

impl Held<'_> {
    #[inline(never)]
    fn release_mutex(&mut self) {
        let thread = if self.is_told { 0 } else { NO_THREAD };
        self.lock
            .directory
            .thread()
            .store(thread, Ordering::Relaxed);
        step!();
        drop(self.mutex.take());
        if self.committed {
            self.lock.waiters.wake();
        }
    }
}

/// One attempt to acquire the lock word, with what the system does for it.
struct Attempt<'a> {
    lock: &'a Lock,
    fast: &'a Fast,
    timeout: Timeout,
    slice: Duration,
}

impl Host for Attempt<'_> {
    type Error = SharedMemoryError;

    fn wait(&mut self) -> Result<Wait, SharedMemoryError> {
        let left = self.timeout.left();
        if left.is_zero() {
            return Ok(Wait::Over);
        }
        let woken = self.fast.unlocked.wait_timeout(self.slice.min(left))?;
        self.slice = SLICES[1].min(self.slice * 2);
        Ok(if woken { Wait::Woken } else { Wait::Look })
    }

    fn seems_gone(&mut self, process: ProcessIdentity) -> bool {
        // A thread that waits asks after each slice.
        let waits = !self.timeout.after().is_zero();
        (waits || self.fast.is_look_due()) && self.is_gone(process)
    }

    fn is_gone(&mut self, process: ProcessIdentity) -> bool {
        liveness(&self.lock.names, process) == Liveness::Gone
    }

    fn exclusively(
        &mut self,
        act: impl FnOnce(&mut Self) -> bool,
    ) -> Result<bool, SharedMemoryError> {
        let timeout = SLICES[1].min(self.timeout.left());
        match self.lock.companion.lock_timeout(timeout)? {
            Some(_registering) => Ok(act(self)),
            None => Ok(false),
        }
    }
}
