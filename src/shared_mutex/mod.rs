//! [`SharedMutex`].

mod draft;
mod guard;
mod strategy;

use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::time::Duration;

use crate::access::ReadWrite;
use crate::data::SharedData;
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::error::unknown_format::UnknownFormat;
use crate::place::{Copied, Place};
use crate::protocol::attach::{Attached, Patience, exclusively};
use crate::protocol::companions::Companions;
use crate::protocol::directory::{Directory, Kind};
use crate::protocol::payload::{Payload, Unread};
use crate::region::options::{LockMode, SharedMemoryOptions};
use crate::shared_mutex::draft::Next;
pub use crate::shared_mutex::draft::SharedMutexDraft;
pub use crate::shared_mutex::guard::SharedMutexGuard;
use crate::shared_mutex::strategy::{Held, Objects, Strategy};
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
    lock: Strategy,
    payload: Payload<ReadWrite>,
    created: bool,
    value: PhantomData<fn(T) -> T>,
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
                let first = Next::begin(&payload, 0);
                first.place().write(initial);
                step!();
                first.commit();
                step!();
                directory.register(None, generation);
                payload
            }
        };
        // What it takes is given back by the whole only, so nothing may fail behind it.
        let lock = Strategy::join_or_create(&names, &directory, options)?;
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
        let lock = Strategy::join(&names, &directory, options)?;
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

    /// Waits, forever if need be, until nobody else holds the lock.
    ///
    /// The guard has a copy of the value on the stack; for values too large for that there is
    /// [`lock_in_place`](Self::lock_in_place).
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::AlreadyLocked`]: this very thread holds it.
    /// - [`SharedMemoryError::InvalidValue`], [`SharedMemoryError::UnknownFormat`]: another program has
    ///   damaged the value. The lock is released; [`lock_to_replace`](Self::lock_to_replace) can mend it,
    ///   and is told of a holder that ended before.
    /// - [`SharedMemoryError::System`] if the system refuses.
    ///
    /// Calls `WaitForSingleObject`: with [`LockMode::Fast`] only if another holds the lock, and then also
    /// what [`ProcessIdentity::liveness`](crate::ProcessIdentity::liveness) calls.
    pub fn lock(&self) -> Result<SharedMutexGuard<'_, T>, SharedMemoryError> {
        loop {
            if let Some(guard) = self.lock_timeout(Duration::MAX)? {
                return Ok(guard);
            }
        }
    }

    /// The lock if nobody holds it; `None` otherwise.
    ///
    /// With [`LockMode::Fast`] a failed try makes no system call, except that at most every 50 ms one of
    /// this handle's tries asks whether the holder lives. So a program that tries again and again acquires
    /// the lock of a holder that has died within 100 ms of its end.
    ///
    /// # Errors
    ///
    /// As for [`lock`](Self::lock).
    pub fn try_lock(&self) -> Result<Option<SharedMutexGuard<'_, T>>, SharedMemoryError> {
        self.lock_timeout(Duration::ZERO)
    }

    /// Waits up to `timeout` for the lock; `None` if somebody still holds it then. A timeout of zero is
    /// [`try_lock`](Self::try_lock).
    ///
    /// With [`LockMode::Fast`], acquiring the lock of a holder that has died takes a mutex that processes
    /// hold while they open the value. One that is suspended then delays that, within the timeout: give
    /// one.
    ///
    /// # Errors
    ///
    /// As for [`lock`](Self::lock).
    pub fn lock_timeout(
        &self,
        timeout: Duration,
    ) -> Result<Option<SharedMutexGuard<'_, T>>, SharedMemoryError> {
        let Some(mut held) = self.hold(timeout)? else {
            return Ok(None);
        };
        let (version, value) = self.last(&mut |place| place.try_read())?;
        let value = value?;
        held.tell();
        step!();
        Ok(Some(SharedMutexGuard {
            payload: &self.payload,
            value,
            version,
            held,
        }))
    }

    /// Waits up to `timeout` for the lock, to change the value where it is: for values of which a program
    /// changes parts, or that are too large for the stack. `None` if somebody still holds the lock then.
    ///
    /// The draft begins as the bytes of the last committed value, unchecked, and becomes the value when it
    /// is [committed](SharedMutexDraft::commit).
    ///
    /// # Errors
    ///
    /// As for [`lock`](Self::lock), except that bytes that are not a valid value are not looked at.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use win_shared_memory::{SharedMutex, field};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let map = SharedMutex::get_or_create(r"Local\docs-in-place", &[0_u32; 1000])?;
    /// if let Some(draft) = map.lock_in_place(Duration::from_secs(1))? {
    ///     draft.place().at(7).write(&1);
    ///     draft.commit();
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn lock_in_place(
        &self,
        timeout: Duration,
    ) -> Result<Option<SharedMutexDraft<'_, T>>, SharedMemoryError> {
        let Some(mut held) = self.hold(timeout)? else {
            return Ok(None);
        };
        let (version, ()) = self.last(&mut |_| ())?;
        let last: Place<'_, T, ReadWrite> = self.payload.value(self.payload.slot(version as u32));
        let next = Next::begin(&self.payload, version);
        next.place().copy_from(last);
        step!();
        held.tell();
        Ok(Some(SharedMutexDraft { next, held }))
    }

    /// Waits up to `timeout` for the lock, to replace the value whatever it is: also one that another
    /// program has damaged, which every other way to lock refuses. `None` if somebody still holds the lock
    /// then.
    ///
    /// The draft begins as zeros and becomes the value when it is [committed](SharedMutexDraft::commit).
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::AlreadyLocked`]: this very thread holds it.
    /// - [`SharedMemoryError::System`] if the system refuses.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use win_shared_memory::SharedMutex;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let name = r"Local\docs-to-replace";
    /// let flags = SharedMutex::get_or_create(name, &[false; 8])?;
    /// if flags.load().is_err() {
    ///     if let Some(draft) = flags.lock_to_replace(Duration::from_secs(1))? {
    ///         draft.place().write(&[false; 8]);
    ///         draft.commit();
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn lock_to_replace(
        &self,
        timeout: Duration,
    ) -> Result<Option<SharedMutexDraft<'_, T>>, SharedMemoryError> {
        let Some(mut held) = self.hold(timeout)? else {
            return Ok(None);
        };
        let next = Next::begin(&self.payload, 0);
        next.place().zero();
        step!();
        held.tell();
        Ok(Some(SharedMutexDraft { next, held }))
    }

    fn hold(&self, timeout: Duration) -> Result<Option<Held<'_>>, SharedMemoryError> {
        let objects = Objects {
            names: &self.names,
            directory: &self.directory,
            companion: &self.companion,
        };
        self.lock.lock(objects, timeout)
    }

    /// The last committed value, for the holder of the lock: nobody changes it meanwhile, so one look
    /// tells.
    fn last<R>(
        &self,
        copy: &mut impl FnMut(Place<'_, T, ReadWrite>) -> R,
    ) -> Result<(u64, R), SharedMemoryError> {
        let read = self
            .payload
            .read_latest(Some(&mut Timeout::new(Duration::ZERO)), copy);
        self.found(read.map_err(|_| Unread::Damaged))
    }

    /// A copy of the last committed value, without locking.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::InvalidValue`]: another program has put a value there that is not valid.
    /// - [`SharedMemoryError::UnknownFormat`]: another program has damaged the region.
    /// - [`SharedMemoryError::Contended`]: it was changed during every one of a thousand attempts.
    pub fn load(&self) -> Result<T, SharedMemoryError> {
        let read = self.payload.read_latest(None, &mut |it| it.try_read());
        Ok(self.found(read)?.1?)
    }

    /// As [`load`](Self::load), without a copy on the stack: for values too large for it.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load); `to` then holds whatever was copied.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMutex;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let samples = SharedMutex::get_or_create(r"Local\docs-load-into", &[0.0_f32; 1000])?;
    /// let mut copy = Box::new_uninit();
    /// let copy: &mut [f32; 1000] = samples.load_into(&mut copy)?;
    /// assert_eq!(copy[7], 0.0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn load_into<'a>(
        &self,
        to: &'a mut MaybeUninit<T>,
    ) -> Result<&'a mut T, SharedMemoryError> {
        let mut copied = Copied::new(to);
        let read = self.payload.read_latest(None, &mut |it| copied.copy(it));
        self.found(read)?;
        Ok(copied.check()?)
    }

    fn found<R>(
        &self,
        read: Result<Option<(u64, R)>, Unread>,
    ) -> Result<(u64, R), SharedMemoryError> {
        let found = read.map_err(|unread| unread.into_error(&self.names.name))?;
        // A payload is not named before it has a value.
        found.ok_or_else(|| SharedMemoryError::UnknownFormat {
            name: self.names.name.to_string(),
            reason: UnknownFormat::ValueLost,
        })
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

impl<T> Drop for SharedMutex<T> {
    fn drop(&mut self) {
        if let Strategy::Fast(fast) = &mut self.lock {
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
