//! [`SharedMutex`].

mod lock;

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use crate::access::ReadWrite;
use crate::data::SharedData;
use crate::error::SharedMemoryError;
use crate::protocol::attach::{Attached, Patience, exclusively};
use crate::protocol::companions::Companions;
use crate::protocol::directory::{Directory, Kind};
use crate::protocol::payload::Payload;
use crate::region::options::{LockMode, SharedMemoryOptions};
use crate::shared_mutex::lock::{Held, Lock, Objects};
use crate::sync::Mutex;

/// One slot holds the committed value while the next is written; the others keep readers that do
/// not lock from being overtaken.
const SLOTS: u32 = 4;

/// A `T` that several programs change, one at a time.
///
/// Who locks it gets a copy of the value to work on, and [commits](SharedMutexGuard::commit) it as a
/// whole. So a program that is killed while it holds the lock, at any instruction, leaves the last
/// committed value, and the next to lock is told
/// ([`was_abandoned`](SharedMutexGuard::was_abandoned)).
///
/// For programs that all use this crate. Where nobody else wants the lock, taking it, changing the value
/// and releasing it make no system call, unless it was created with [`LockMode::Kernel`]. Threads of one
/// process exclude each other as processes do, with one handle or several; a thread that locks again what
/// it holds gets [`AlreadyLocked`](SharedMemoryError::AlreadyLocked).
///
/// # Examples
///
/// ```
/// use win_shared_memory::{SharedData, SharedMutex};
///
/// #[derive(Clone, Copy, Debug, SharedData)]
/// #[repr(C)]
/// struct Account {
///     balance: i64,
///     bookings: u32,
/// }
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let new = Account { balance: 0, bookings: 0 };
/// let account = SharedMutex::get_or_create(r"Local\docs-shared-mutex", &new)?;
///
/// let mut guard = account.lock()?;
/// guard.balance += 100;
/// guard.bookings += 1;
/// guard.commit();
///
/// assert_eq!(account.load()?.balance, 100);
/// # Ok(())
/// # }
/// ```
///
/// # What happens when
///
/// | event | consequence |
/// |---|---|
/// | the holder is killed before or during `commit` | the value stays; the next to lock is told |
/// | the holder is killed after `commit` has returned | the new value stays |
/// | the holder drops the guard without `commit` | the value stays |
/// | the holder forgets the guard (`mem::forget`) | the lock is held until its process ends; its thread, with [`LockMode::Kernel`] |
/// | the holder is killed while it releases the lock | the new value stays; the next to lock need not be told |
/// | one that waits for the lock is killed | the others get it, some 50 ms late at most |
/// | the creator is killed half-way | the next to create starts over, or finds the value if it was there |
///
/// [`when_killed`](crate::when_killed) has each step of each party.
pub struct SharedMutex<T> {
    names: Companions,
    /// Held while a process registers, or takes over.
    companion: Mutex,
    directory: Directory<ReadWrite>,
    lock: Lock,
    payload: Payload<ReadWrite>,
    created: bool,
    value: PhantomData<fn(T) -> T>,
}

/// The lock on a [`SharedMutex`], with a copy of the value to work on. Released on drop; what was not
/// [committed](Self::commit) is forgotten.
#[must_use = "the lock is released when this is dropped"]
pub struct SharedMutexGuard<'a, T: SharedData> {
    payload: &'a Payload<ReadWrite>,
    value: T,
    version: u64,
    held: Held<'a>,
}

impl<T: SharedData> SharedMutex<T> {
    /// Opens the value of this name, or creates it. [`was_created`](Self::was_created) tells which.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::LayoutMismatch`]: it is of another type, whose first field that differs
    ///   is named.
    /// - [`SharedMemoryError::UnknownFormat`]: the name is that of a region of other contents. One page that
    ///   is all zero cannot be told from a value whose creator died: it becomes one.
    /// - [`SharedMemoryError::NotReady`]: another process hangs while it creates or opens it.
    /// - [`SharedMemoryError::TooManyHandles`]: 240 handles are open, of all processes.
    /// - Those of [`SharedMemoryOptions::get_or_create_section`] and [`Mutex::get_or_create`].
    pub fn get_or_create(name: &str, initial: &T) -> Result<Self, SharedMemoryError> {
        SharedMemoryOptions::new().get_or_create_shared_mutex(name, initial)
    }

    /// Opens the value of this name. If it is just being created, waits for that a few seconds.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::OpenMapping`]: there is none, or security denies it.
    /// - [`SharedMemoryError::NotReady`]: its creator has not finished, or died at it; or another
    ///   process hangs while it opens it.
    /// - [`SharedMemoryError::System`]: security denies one of the objects that go with it, or the last
    ///   that used it has just gone ([`is_not_found`](SharedMemoryError::is_not_found)).
    /// - [`SharedMemoryError::LayoutMismatch`], [`SharedMemoryError::UnknownFormat`] and
    ///   [`SharedMemoryError::TooManyHandles`], as for [`get_or_create`](Self::get_or_create).
    pub fn open(name: &str) -> Result<Self, SharedMemoryError> {
        SharedMemoryOptions::new().open_shared_mutex(name)
    }

    fn get_or_create_with(
        name: &str,
        initial: &T,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let names = Companions::new(name);
        names.check()?;
        let companion = options.get_or_create_mutex(&names.mutex())?;
        let creating = exclusively(&names, &companion, &mut Patience::new(options))?;
        let directory = Directory::create(name, Kind::Mutex, options.lock_mode as u32, options)?;
        step!();
        let generation = directory.settled_record().generation;
        let existing = match generation {
            0 => None,
            _ => match Payload::open::<T>(&names, generation, Kind::Mutex) {
                Err(error) if error.is_not_found() => None,
                payload => Some(payload?),
            },
        };
        let created = existing.is_none();
        let payload = match existing {
            Some(payload) => payload,
            None => {
                let (generation, payload) =
                    Payload::create_next::<T>(&names, generation, Kind::Mutex, SLOTS, options)?;
                commit(&payload, 1, initial);
                step!();
                directory.register(None, generation);
                payload
            }
        };
        // What it takes is given back by the whole only, so nothing may fail behind it.
        let lock = Lock::join(&names, &directory, options)?;
        drop(creating);
        Ok(Self {
            names,
            companion,
            directory,
            lock,
            payload,
            created,
            value: PhantomData,
        })
    }

    fn open_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError> {
        let names = Companions::new(name);
        let mut patience = Patience::new(options);
        let (directory, attached) =
            Attached::open::<T>(&names, Kind::Mutex, options, &mut patience)?;
        let companion = options.open_mutex_within(&names.mutex(), patience.for_absent())?;
        let joining = exclusively(&names, &companion, &mut patience)?;
        let lock = Lock::join(&names, &directory, options)?;
        drop(joining);
        Ok(Self {
            names,
            companion,
            directory,
            lock,
            payload: attached.payload,
            created: false,
            value: PhantomData,
        })
    }

    /// Waits, for ever if need be, until nobody else holds the lock.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::AlreadyLocked`]: this very thread holds it.
    /// - Those of [`load`](Self::load); the lock is released then, and the next to lock is not told of
    ///   a holder that died before.
    /// - [`SharedMemoryError::System`] if the system refuses.
    ///
    /// Calls `WaitForSingleObject`: with [`LockMode::Fast`] only if another holds the lock, and then also
    /// what [`ProcessIdentity::liveness`](crate::ProcessIdentity::liveness) calls.
    pub fn lock(&self) -> Result<SharedMutexGuard<'_, T>, SharedMemoryError> {
        loop {
            if let Some(held) = self.lock.lock(self.objects(), Duration::MAX)? {
                return self.guard(held);
            }
        }
    }

    /// The lock if nobody holds it; `None` else.
    ///
    /// # Errors
    ///
    /// As for [`lock`](Self::lock).
    pub fn try_lock(&self) -> Result<Option<SharedMutexGuard<'_, T>>, SharedMemoryError> {
        self.lock_timeout(Duration::ZERO)
    }

    /// Waits up to `timeout` for the lock; `None` if somebody still holds it then.
    ///
    /// # Errors
    ///
    /// As for [`lock`](Self::lock).
    pub fn lock_timeout(
        &self,
        timeout: Duration,
    ) -> Result<Option<SharedMutexGuard<'_, T>>, SharedMemoryError> {
        match self.lock.lock(self.objects(), timeout)? {
            Some(held) => self.guard(held).map(Some),
            None => Ok(None),
        }
    }

    fn objects(&self) -> Objects<'_> {
        Objects {
            names: &self.names,
            directory: &self.directory,
            companion: &self.companion,
        }
    }

    fn guard<'a>(&'a self, held: Held<'a>) -> Result<SharedMutexGuard<'a, T>, SharedMemoryError> {
        let (version, value) = self.committed()?;
        step!();
        Ok(SharedMutexGuard {
            payload: &self.payload,
            value,
            version,
            held,
        })
    }

    /// A copy of the last committed value, without locking.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::InvalidValue`]: another program has put a value there that is none.
    /// - [`SharedMemoryError::UnknownFormat`]: another program has damaged the region.
    /// - [`SharedMemoryError::Contended`]: it was changed during every one of a thousand attempts.
    pub fn load(&self) -> Result<T, SharedMemoryError> {
        self.committed().map(|(_, value)| value)
    }

    fn committed(&self) -> Result<(u64, T), SharedMemoryError> {
        let read = self
            .payload
            .read_latest(None, &mut |place| place.try_read())
            .map_err(|unread| unread.into_error(&self.names.name))?;
        match read {
            Some((version, value)) => Ok((version, value?)),
            // Nobody who creates a payload names it before it has a value.
            None => Err(SharedMemoryError::UnknownFormat {
                name: self.names.name.to_string(),
                reason: "it has lost its value",
            }),
        }
    }

    /// Whether this handle's constructor created the value, rather than found it.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.created
    }

    /// What it is locked with, as its creator has chosen.
    #[must_use]
    pub fn lock_mode(&self) -> LockMode {
        self.lock.mode()
    }

    /// The name as given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.names.name
    }
}

/// Writes a value beside the last one, and then says that it is the last.
fn commit<T: SharedData>(payload: &Payload<ReadWrite>, version: u64, value: &T) {
    let slot = payload.slot(version as u32);
    payload.sequence(slot).begin(version);
    payload.value(slot).write(value);
    step!();
    payload.sequence(slot).end(version);
    step!();
    payload.set_latest(version);
    step!();
}

impl<T: SharedData> SharedMutexGuard<'_, T> {
    /// Makes the changed copy the value, as a whole, and releases the lock.
    pub fn commit(self) {
        // The slots behind the last value's may hold later versions than its own, of holders that died
        // before they said so.
        let version = self.payload.version_to_go_on_from(self.version) + 1;
        commit(self.payload, version, &self.value);
    }

    /// Whether who held the lock before ended without releasing it. The value is what was committed
    /// last all the same.
    #[must_use]
    pub fn was_abandoned(&self) -> bool {
        self.held.was_abandoned
    }
}

impl<T: SharedData> Deref for SharedMutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: SharedData> DerefMut for SharedMutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> Drop for SharedMutex<T> {
    fn drop(&mut self) {
        if let Lock::Fast(fast) = &mut self.lock {
            fast.leave(&self.directory);
            step!();
        }
    }
}

impl<T> fmt::Debug for SharedMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMutex")
            .field("lock", &self.lock)
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}

impl<T: SharedData + fmt::Debug> fmt::Debug for SharedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMutexGuard")
            .field("value", &self.value)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Shared mutexes.
impl SharedMemoryOptions {
    /// [`SharedMutex::get_or_create`] with these options.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn get_or_create_shared_mutex<T: SharedData>(
        &self,
        name: &str,
        initial: &T,
    ) -> Result<SharedMutex<T>, SharedMemoryError> {
        SharedMutex::get_or_create_with(name, initial, self)
    }

    /// [`SharedMutex::open`] with these options.
    ///
    /// # Errors
    ///
    /// As there, and [`SharedMemoryError::TimedOut`] after [`wait`](Self::wait).
    pub fn open_shared_mutex<T: SharedData>(
        &self,
        name: &str,
    ) -> Result<SharedMutex<T>, SharedMemoryError> {
        SharedMutex::open_with(name, self)
    }
}
