//! How a shared mutex is locked, in either mode.

use std::marker::PhantomData;
use std::mem;
use std::time::Duration;

use crate::access::ReadWrite;
use crate::cores::atomic::Ordering;
use crate::cores::identity::ProcessIdentity;
use crate::cores::lock::{Locked, Locker, System, Woken};
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::protocol::companions::Companions;
use crate::protocol::directory::Directory;
use crate::protocol::token::{Token, liveness};
use crate::region::options::{LockMode, SharedMemoryOptions};
use crate::sync::process::Liveness;
use crate::sync::{Event, Mutex, MutexGuard, Reset};
use crate::sys::process::current_thread_id;

/// How long a waiting thread relies on being woken before it looks whether the holder lives, at first and
/// at most.
const SLICES: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(50)];

/// What a handle locks with.
#[derive(Debug)]
pub(super) enum Lock {
    Fast(Fast),
    Kernel(Mutex),
}

/// The right to use the lock word.
#[derive(Debug)]
pub(super) struct Fast {
    slot: u32,
    process: ProcessIdentity,
    unlocked: Event,
    token: Option<Token>,
}

impl Lock {
    /// Takes part in what the directory says that is locked with. The caller holds the companion
    /// mutex.
    pub(super) fn join(
        names: &Companions,
        directory: &Directory<ReadWrite>,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        match directory.mode() {
            mode if mode == LockMode::Fast as u32 => {}
            mode if mode == LockMode::Kernel as u32 => {
                let mutex = options.get_or_create_mutex(&names.lock())?;
                let thread = directory.lock().thread;
                if mutex.was_created() && thread.load(Ordering::Relaxed) != 0 {
                    // The mutex has gone with its holder, the region has not. No thread has this id.
                    thread.store(u32::MAX, Ordering::Relaxed);
                }
                return Ok(Self::Kernel(mutex));
            }
            _ => {
                return Err(SharedMemoryError::UnknownFormat {
                    name: names.name.to_string(),
                    reason: "it is locked in a way that this version of the library does not know",
                });
            }
        }
        let unlocked = options.get_or_create_event(&names.unlocked(), Reset::Auto)?;
        let token = Token::create(names)?;
        let process = token.process();
        step!();
        let is_gone = |process| liveness(names, process) == Liveness::Gone;
        let slot = directory.lock().register(process, is_gone);
        Ok(Self::Fast(Fast {
            slot: slot.ok_or_else(|| SharedMemoryError::TooManyHandles {
                name: names.name.to_string(),
                limit: Directory::<ReadWrite>::LOCKERS,
            })?,
            process,
            unlocked,
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
    not_send: PhantomData<*const ()>,
}

enum By<'a> {
    Word(Locking<'a>),
    Mutex(#[allow(dead_code, reason = "unlocks when dropped")] MutexGuard<'a>),
}

impl Lock {
    /// Locks; `None` if another still holds the lock after `timeout`.
    #[inline]
    pub(super) fn lock<'a>(
        &'a self,
        objects: Objects<'a>,
        timeout: Duration,
    ) -> Result<Option<Held<'a>>, SharedMemoryError> {
        let (locked, by) = match self {
            Self::Fast(fast) => {
                let mut locking = Locking::new(fast, objects, timeout);
                let locker = Locker {
                    slot: fast.slot,
                    process: fast.process,
                    thread: current_thread_id(),
                };
                let locked = objects.directory.lock().lock(locker, &mut locking)?;
                (locked, By::Word(locking))
            }
            Self::Kernel(mutex) => {
                let Some(guard) = mutex.lock_timeout(timeout)? else {
                    return Ok(None);
                };
                (mark(&guard, objects.directory), By::Mutex(guard))
            }
        };
        let held = |was_abandoned| Held {
            directory: objects.directory,
            by,
            was_abandoned,
            not_send: PhantomData,
        };
        match locked {
            Locked::Granted => Ok(Some(held(false))),
            Locked::Abandoned => Ok(Some(held(true))),
            Locked::TimedOut => Ok(None),
            Locked::Already => Err(SharedMemoryError::AlreadyLocked {
                name: objects.names.name.to_string(),
            }),
        }
    }
}

/// Windows grants a mutex to its holder again and again: so the holder says who it is.
fn mark(guard: &MutexGuard<'_>, directory: &Directory<ReadWrite>) -> Locked {
    let (thread, me) = (directory.lock().thread, current_thread_id());
    let locked = match thread.load(Ordering::Relaxed) {
        _ if guard.was_abandoned() => Locked::Abandoned,
        0 => Locked::Granted,
        last if last == me => return Locked::Already,
        // Who unlocks stores 0 first.
        _ => Locked::Abandoned,
    };
    thread.store(me, Ordering::Relaxed);
    step!();
    locked
}

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        match &mut self.by {
            By::Word(locking) => self.directory.lock().unlock(locking),
            // The guard is dropped afterwards.
            By::Mutex(_) => {
                self.directory.lock().thread.store(0, Ordering::Relaxed);
                step!();
            }
        }
    }
}

impl Fast {
    pub(super) fn leave(&mut self, directory: &Directory<ReadWrite>) {
        if !directory.lock().unregister(self.slot) {
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

impl System for Locking<'_> {
    type Error = SharedMemoryError;

    fn wait(&mut self) -> Result<Woken, SharedMemoryError> {
        let left = self.timeout.left();
        if left.is_zero() {
            return Ok(Woken::GiveUp);
        }
        let woken = self.fast.unlocked.wait_timeout(self.slice.min(left))?;
        self.slice = SLICES[1].min(self.slice * 2);
        Ok(if woken { Woken::Yes } else { Woken::NotYet })
    }

    fn wake(&mut self) {
        // Should it fail, those who wait look by themselves before long.
        let _ = self.fast.unlocked.set();
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
