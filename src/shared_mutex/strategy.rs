//! [`Strategy`]: what a handle locks with, and how it comes to have that.

use std::mem;
use std::time::Duration;

use crate::access::ReadWrite;
use crate::cores::atomic::{AtomicU32, Ordering};
use crate::data::identity::ProcessIdentity;
use crate::error::SharedMemoryError;
use crate::error::unknown_format::UnknownFormat;
use crate::protocol::companions::Companions;
use crate::protocol::directory::Directory;
use crate::protocol::token::{Token, liveness};
use crate::region::options::{LockMode, SharedMemoryOptions};
use crate::sync::process::Liveness;
use crate::sync::{Event, Mutex, Reset};
use crate::sys::clock::since_start;

/// Tries that fail ask the system at most this often whether the holder lives.
const LOOK: Duration = Duration::from_millis(50);

/// The thread id of no thread: the last holder of the kernel's mutex has ended, and nobody has been told.
pub(super) const NO_THREAD: u32 = u32::MAX;

/// What a handle locks with.
#[derive(Debug)]
pub(super) enum Strategy {
    Fast(Fast),
    Kernel(Mutex),
}

/// The right to use the lock word.
#[derive(Debug)]
pub(super) struct Fast {
    pub(super) slot: u32,
    pub(super) process: ProcessIdentity,
    pub(super) unlocked: Event,
    /// When a try of this handle last asked whether a holder lives: in milliseconds, of which only
    /// differences count.
    looked: AtomicU32,
    token: Option<Token>,
}

impl Strategy {
    /// Joins the lock in the mode recorded in the directory, and creates what is missing if it may. The caller
    /// holds the companion mutex.
    pub(super) fn join(
        names: &Companions,
        directory: &Directory<ReadWrite>,
        options: &SharedMemoryOptions,
        may_create: bool,
    ) -> Result<Self, SharedMemoryError> {
        let objects = Objects::new(options, may_create);
        match directory.mode() {
            mode if mode == LockMode::Fast as u32 => {
                let unlocked = objects.event(&names.unlocked())?;
                Fast::register(names, directory, unlocked).map(Self::Fast)
            }
            mode if mode == LockMode::Kernel as u32 => {
                let mutex = objects.mutex(&names.lock())?;
                if mutex.was_created() {
                    forget_thread(&mutex, directory)?;
                }
                Ok(Self::Kernel(mutex))
            }
            found => Err(SharedMemoryError::UnknownFormat {
                name: names.name.to_string(),
                reason: UnknownFormat::UnknownLockMode { found },
            }),
        }
    }

    pub(super) fn mode(&self) -> LockMode {
        match self {
            Self::Fast(_) => LockMode::Fast,
            Self::Kernel(_) => LockMode::Kernel,
        }
    }

    /// Leaves the lock, when the handle is closed.
    pub(super) fn leave(&mut self, directory: &Directory<ReadWrite>) {
        if let Self::Fast(fast) = self {
            if !directory.lock_word().unregister(fast.slot) {
                // A leaked guard holds the lock until the process exits. The token shows until then that
                // the process lives.
                mem::forget(fast.token.take());
            }
            step!();
        }
    }
}

impl Fast {
    fn register(
        names: &Companions,
        directory: &Directory<ReadWrite>,
        unlocked: Event,
    ) -> Result<Self, SharedMemoryError> {
        let token = Token::create(names)?;
        let process = token.process();
        step!();
        let is_gone = |process| liveness(names, process) == Liveness::Gone;
        let slot = directory.lock_word().register(process, is_gone);
        Ok(Self {
            slot: slot.ok_or_else(|| SharedMemoryError::TooManyHandles {
                name: names.name.to_string(),
                limit: Directory::<ReadWrite>::LOCKERS,
            })?,
            process,
            unlocked,
            looked: AtomicU32::new(now().wrapping_sub(LOOK.as_millis() as u32)),
            token: Some(token),
        })
    }

    /// Wakes a thread that waits for the lock.
    #[cold]
    pub(super) fn wake(&self) {
        // If this fails, the waiters notice by themselves soon after.
        let _ = self.unlocked.set();
        step!();
    }

    /// Whether a try should ask again whether the holder lives. Most tries do not, because a try that fails
    /// costs little otherwise.
    pub(super) fn is_look_due(&self) -> bool {
        let now = now();
        let since = now.wrapping_sub(self.looked.load(Ordering::Relaxed));
        let is_due = u128::from(since) >= LOOK.as_millis();
        if is_due {
            self.looked.store(now, Ordering::Relaxed);
        }
        is_due
    }
}

fn now() -> u32 {
    since_start().as_millis() as u32
}

/// How the kernel objects of the lock are opened.
struct Objects {
    options: SharedMemoryOptions,
    /// Whether an object may be created if there is none.
    ///
    /// There is one as long as any process uses the lock. A process in an AppContainer opens objects of the
    /// session, but creates its own elsewhere: it would lock an object that nobody else uses.
    may_create: bool,
}

impl Objects {
    fn new(options: &SharedMemoryOptions, may_create: bool) -> Self {
        let mut options = options.clone();
        // An object that is not there now is not about to be created.
        options.wait = None;
        options.initially_set = false;
        Self {
            options,
            may_create,
        }
    }

    fn mutex(&self, name: &str) -> Result<Mutex, SharedMemoryError> {
        if self.may_create {
            Mutex::get_or_create_with(name, &self.options)
        } else {
            Mutex::open_with(name, &self.options)
        }
    }

    fn event(&self, name: &str) -> Result<Event, SharedMemoryError> {
        if self.may_create {
            Event::get_or_create_with(name, Reset::Auto, &self.options)
        } else {
            Event::open_with(name, &self.options)
        }
    }
}

/// Removes the thread id that the last holder left in a region that has outlived the kernel's mutex: it may
/// be the id of this very thread.
fn forget_thread(mutex: &Mutex, directory: &Directory<ReadWrite>) -> Result<(), SharedMemoryError> {
    // Another process may have opened the new mutex and hold it by now; then the id is its own.
    if let Some(_held) = mutex.try_lock()? {
        if directory.thread().load(Ordering::Relaxed) != 0 {
            directory.thread().store(NO_THREAD, Ordering::Relaxed);
        }
    }
    Ok(())
}
