//! How a shared mutex is locked, in either mode.

use std::marker::PhantomData;
use std::mem;
use std::time::Duration;

use crate::access::ReadWrite;
use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::lock_word::{Host, Locker, Outcome, Wait};
use crate::data::identity::ProcessIdentity;
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::error::unknown_format::UnknownFormat;
use crate::protocol::companions::Companions;
use crate::protocol::directory::Directory;
use crate::protocol::token::{Token, liveness};
use crate::region::options::{LockMode, SharedMemoryOptions};
use crate::sync::process::Liveness;
use crate::sync::{Event, Mutex, MutexGuard, Reset};
use crate::sys::clock::since_start;
use crate::sys::process::{current_thread_id, is_in_app_container};

/// How long a waiting thread relies on being woken before it looks whether the holder lives, at first and
/// at most.
const SLICES: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(50)];

/// Tries that fail ask the system no more often whether the holder lives: in milliseconds.
const LOOK: u32 = 50;

/// What a handle locks with.
#[derive(Debug)]
pub(super) enum Strategy {
    Fast(Fast),
    Kernel(Mutex),
}

/// The right to use the lock word.
#[derive(Debug)]
pub(super) struct Fast {
    slot: u32,
    process: ProcessIdentity,
    unlocked: Event,
    /// When this process last asked, for a try, whether a holder lives.
    looked: AtomicU32,
    token: Option<Token>,
}

/// The thread of no thread: the last holder of the kernel's mutex has ended, and nobody has been told.
const NO_THREAD: u32 = u32::MAX;

/// A kernel object that goes with the lock, of this process or another.
struct Companion {
    options: SharedMemoryOptions,
    /// Whether it may be created if it is not there.
    ///
    /// It is there as long as anybody uses the lock. A process in an AppContainer opens objects of the
    /// session and creates its own beside them, where others do not look: it would lock what nobody else
    /// does.
    may_create: bool,
}

impl Companion {
    fn new(options: &SharedMemoryOptions, may_create: bool) -> Self {
        let mut options = options.clone();
        // It is there, or not: nobody is about to create it.
        options.wait = None;
        Self {
            options,
            may_create,
        }
    }

    fn mutex(&self, name: &str) -> Result<Mutex, SharedMemoryError> {
        if self.may_create {
            self.options.get_or_create_mutex(name)
        } else {
            self.options.open_mutex(name)
        }
    }

    fn event(&self, name: &str) -> Result<Event, SharedMemoryError> {
        if self.may_create {
            self.options.get_or_create_event(name, Reset::Auto)
        } else {
            self.options.open_event(name)
        }
    }
}

impl Strategy {
    /// Joins a lock that exists, as the directory says. The caller holds the companion mutex.
    pub(super) fn join(
        names: &Companions,
        directory: &Directory<ReadWrite>,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Self::with(names, directory, &Companion::new(options, false))
    }

    /// The same, and creates what is missing of it.
    pub(super) fn join_or_create(
        names: &Companions,
        directory: &Directory<ReadWrite>,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        // What is created beside a directory that was created goes where the directory went.
        let may_create = directory.was_created() || !is_in_app_container();
        Self::with(names, directory, &Companion::new(options, may_create))
    }

    fn with(
        names: &Companions,
        directory: &Directory<ReadWrite>,
        companion: &Companion,
    ) -> Result<Self, SharedMemoryError> {
        match directory.mode() {
            mode if mode == LockMode::Fast as u32 => {}
            mode if mode == LockMode::Kernel as u32 => {
                let mutex = companion.mutex(&names.lock())?;
                if mutex.was_created() {
                    forget_thread(&mutex, directory)?;
                }
                return Ok(Self::Kernel(mutex));
            }
            found => {
                return Err(SharedMemoryError::UnknownFormat {
                    name: names.name.to_string(),
                    reason: UnknownFormat::UnknownLockMode { found },
                });
            }
        }
        let unlocked = companion.event(&names.unlocked())?;
        let token = Token::create(names)?;
        let process = token.process();
        step!();
        let is_gone = |process| liveness(names, process) == Liveness::Gone;
        let slot = directory.lock_word().register(process, is_gone);
        Ok(Self::Fast(Fast {
            slot: slot.ok_or_else(|| SharedMemoryError::TooManyHandles {
                name: names.name.to_string(),
                limit: Directory::<ReadWrite>::LOCKERS,
            })?,
            process,
            unlocked,
            looked: AtomicU32::new(now().wrapping_sub(LOOK)),
            token: Some(token),
        }))
    }

    pub(super) fn mode(&self) -> LockMode {
        match self {
            Self::Fast(_) => LockMode::Fast,
            Self::Kernel(_) => LockMode::Kernel,
        }
    }
}

/// What locking takes, beside the lock.
#[derive(Clone, Copy)]
pub(super) struct Objects<'a> {
    pub(super) names: &'a Companions,
    pub(super) directory: &'a Directory<ReadWrite>,
    /// Held while a process registers, or takes over.
    pub(super) companion: &'a Mutex,
}

/// A lock that this thread holds. Released on drop.
pub(super) struct Held<'a> {
    directory: &'a Directory<ReadWrite>,
    by: By<'a>,
    pub(super) was_abandoned: bool,
    /// Whether the caller has been told, or there is nothing to tell.
    is_told: bool,
    not_send: PhantomData<*const ()>,
}

enum By<'a> {
    Word(Locking<'a>),
    Mutex(#[allow(dead_code, reason = "unlocks when dropped")] MutexGuard<'a>),
}

impl Strategy {
    /// Locks; `None` if another still holds the lock after `timeout`.
    #[inline]
    pub(super) fn lock<'a>(
        &'a self,
        objects: Objects<'a>,
        timeout: Duration,
    ) -> Result<Option<Held<'a>>, SharedMemoryError> {
        let (outcome, by) = match self {
            Self::Fast(fast) => {
                let mut locking = Locking::new(fast, objects, timeout);
                let locker = Locker {
                    slot: fast.slot,
                    process: fast.process,
                    thread: current_thread_id(),
                };
                let word = objects.directory.lock_word();
                let outcome = if timeout.is_zero() {
                    word.try_lock(locker, &mut locking)?
                } else {
                    word.lock(locker, &mut locking)?
                };
                (outcome, By::Word(locking))
            }
            Self::Kernel(mutex) => {
                let Some(guard) = mutex.lock_timeout(timeout)? else {
                    return Ok(None);
                };
                (mark(&guard, objects.directory), By::Mutex(guard))
            }
        };
        let was_abandoned = match outcome {
            Outcome::Acquired => false,
            Outcome::Abandoned => true,
            Outcome::TimedOut => return Ok(None),
            Outcome::AlreadyHeld => {
                return Err(SharedMemoryError::AlreadyLocked {
                    name: objects.names.name.to_string(),
                });
            }
        };
        Ok(Some(Held {
            directory: objects.directory,
            by,
            was_abandoned,
            is_told: !was_abandoned,
            not_send: PhantomData,
        }))
    }
}

/// Windows grants a mutex to its holder again and again: so the holder says who it is.
fn mark(guard: &MutexGuard<'_>, directory: &Directory<ReadWrite>) -> Outcome {
    let (thread, me) = (directory.thread(), current_thread_id());
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

/// The kernel's mutex has gone with its last holder, the region has not. What is left there may be the id
/// of this very thread.
fn forget_thread(mutex: &Mutex, directory: &Directory<ReadWrite>) -> Result<(), SharedMemoryError> {
    // Somebody else may have opened it and hold it by now, and has said who it is.
    if let Some(_held) = mutex.try_lock()? {
        if directory.thread().load(Ordering::Relaxed) != 0 {
            directory.thread().store(NO_THREAD, Ordering::Relaxed);
        }
    }
    Ok(())
}

impl Held<'_> {
    /// The caller gets to see whether the lock was abandoned.
    #[inline]
    pub(super) fn tell(&mut self) {
        self.is_told = true;
    }
}

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        match &mut self.by {
            By::Word(locking) => {
                let slot = locking.fast.slot;
                self.directory
                    .lock_word()
                    .unlock(slot, self.is_told, locking);
            }
            // The guard is dropped afterwards.
            By::Mutex(_) => {
                let thread = if self.is_told { 0 } else { NO_THREAD };
                self.directory.thread().store(thread, Ordering::Relaxed);
                step!();
            }
        }
    }
}

impl Fast {
    pub(super) fn leave(&mut self, directory: &Directory<ReadWrite>) {
        if !directory.lock_word().unregister(self.slot) {
            // A forgotten guard locks until the process ends, and so long this says that it lives.
            mem::forget(self.token.take());
        }
    }
}

/// One attempt to lock, with what the system does for it.
struct Locking<'a> {
    fast: &'a Fast,
    objects: Objects<'a>,
    timeout: Timeout,
    slice: Duration,
}

impl<'a> Locking<'a> {
    fn new(fast: &'a Fast, objects: Objects<'a>, timeout: Duration) -> Self {
        Self {
            fast,
            objects,
            timeout: Timeout::new(timeout),
            slice: SLICES[0],
        }
    }
}

impl Locking<'_> {
    /// A wait looks in the intervals of its slices. Of tries, which cost little otherwise, not each does.
    fn is_look_due(&mut self) -> bool {
        if !self.timeout.after().is_zero() {
            return true;
        }
        let (looked, now) = (&self.fast.looked, now());
        let is_due = now.wrapping_sub(looked.load(Ordering::Relaxed)) >= LOOK;
        if is_due {
            looked.store(now, Ordering::Relaxed);
        }
        is_due
    }
}

/// Milliseconds, of which differences count.
fn now() -> u32 {
    since_start().as_millis() as u32
}

impl Host for Locking<'_> {
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

    fn wake(&mut self) {
        // Should it fail, those who wait look by themselves before long.
        let _ = self.fast.unlocked.set();
    }

    fn seems_gone(&mut self, process: ProcessIdentity) -> bool {
        self.is_look_due() && self.is_gone(process)
    }

    fn is_gone(&mut self, process: ProcessIdentity) -> bool {
        liveness(self.objects.names, process) == Liveness::Gone
    }

    fn exclusively(
        &mut self,
        act: impl FnOnce(&mut Self) -> bool,
    ) -> Result<bool, SharedMemoryError> {
        let timeout = SLICES[1].min(self.timeout.left());
        match self.objects.companion.lock_timeout(timeout)? {
            Some(_registering) => Ok(act(self)),
            None => Ok(false),
        }
    }
}
