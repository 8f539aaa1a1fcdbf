//! [`SharedMutex`].

// Long because the ways to lock and to read differ in cost and failure, and each says how.

use std::fmt;
use std::mem::MaybeUninit;
use std::time::Duration;

use crate::access::ReadWrite;
use crate::data::{AnyBytes, SharedData};
use crate::error::SharedMemoryError;
use crate::place::{Copied, Place, Room};
use crate::protocol::attach::{Attached, Patience, exclusively};
use crate::protocol::companions::Companions;
use crate::protocol::directory::{Directory, Kind};
use crate::protocol::payload::{Payload, Slots};
use crate::protocol::shape::Shape;
use crate::protocol::waiters::Waiters;
use crate::region::options::{LockMode, SharedMemoryOptions};
use crate::shared_mutex::draft::{Draft, Next};
use crate::shared_mutex::guard::Guard;
use crate::shared_mutex::lock::{Held, Lock};
use crate::shared_mutex::strategy::Strategy;
use crate::shared_mutex::value::Value;
use crate::sync::Mutex;
use crate::sys::process::is_in_app_container;

/// One slot holds the committed value while the next is written; the others keep readers that do
/// not lock from being overtaken.
const SLOTS: Slots = Slots {
    count: 4,
    capacity: 0,
};

/// A `T` that several programs change, one at a time.
///
/// [`update`](Self::update) locks it, passes a copy of the value to a closure, and commits the changed copy
/// as a whole. So a program that is killed while it holds the lock, at any instruction, leaves the last
/// committed value.
///
/// For programs that all use this crate. An uncontended lock makes no system call, unless the value was
/// created with [`LockMode::Kernel`]. Threads of one process exclude each other as processes do, with one
/// handle or several. A thread that locks again what it already holds gets
/// [`AlreadyLocked`](SharedMemoryError::AlreadyLocked). Programs that only read, or wait for changes, open a
/// [`Reader`](crate::shared_mutex::Reader).
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
/// let bookings = account.update(|account| {
///     account.balance += 100;
///     account.bookings += 1;
///     account.bookings
/// })?;
///
/// assert_eq!(bookings, 1);
/// assert_eq!(account.load()?.balance, 100);
/// # Ok(())
/// # }
/// ```
///
/// # What happens when
///
/// | event | consequence |
/// |---|---|
/// | the holder is killed before or during the commit | the value stays; the next holder that asks is told |
/// | the holder is killed after the commit has returned | the new value stays |
/// | the closure of `update` panics, or a guard or draft is dropped | the value stays |
/// | a guard is leaked (`mem::forget`) | the lock is held until its process exits; its thread, with [`LockMode::Kernel`] |
/// | the holder is killed while it releases the lock | the new value stays; the next holder need not be told; readers that wait for a change see it at most about 50 ms late |
/// | a program that waits for the lock is killed | the others acquire it, at most about 50 ms late |
/// | the creator is killed half-way | the next to create starts over, or finds the value if it was there |
///
/// [`when_killed`](crate::when_killed) has each step of each party.
pub struct SharedMutex<T> {
    lock: Lock,
    value: Value<T>,
    created: bool,
}

impl<T> SharedMutex<T> {
    /// Opens the value of this name, or creates it. [`was_created`](Self::was_created) tells which.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::LayoutMismatch`]: it is of another type; the error names the first field that
    ///   differs.
    /// - [`SharedMemoryError::UnknownFormat`]: the name is that of a region of other contents. One page that
    ///   is all zero cannot be told from a value whose creator died: it becomes one.
    /// - [`SharedMemoryError::NotReady`]: another process hangs while it creates or opens it.
    /// - [`SharedMemoryError::TooManyHandles`]: all processes together have 240 handles open.
    /// - Those of [`Section::get_or_create`](crate::Section::get_or_create) and
    ///   [`sync::Mutex::get_or_create`](crate::sync::Mutex::get_or_create).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMutex;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let first = SharedMutex::get_or_create(r"Local\docs-mutex-get-or-create", &0_u64)?;
    /// first.update(|score| *score += 10)?;
    ///
    /// // In another program. The value is there, so the initial one is not used.
    /// let second = SharedMutex::get_or_create(r"Local\docs-mutex-get-or-create", &0_u64)?;
    /// assert!(!second.was_created());
    /// assert_eq!(second.load()?, 10);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_or_create(name: &str, initial: &T) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::get_or_create_with(name, initial, &SharedMemoryOptions::new())
    }

    /// As [`get_or_create`](Self::get_or_create), with options.
    ///
    /// # Errors
    ///
    /// As for [`get_or_create`](Self::get_or_create).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{LockMode, SharedMemoryOptions, SharedMutex};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut options = SharedMemoryOptions::new();
    /// options.lock_mode(LockMode::Kernel);
    /// let name = r"Local\docs-shared-mutex-with";
    /// let counter = SharedMutex::get_or_create_with(name, &0_u64, &options)?;
    /// assert_eq!(counter.lock_mode(), LockMode::Kernel);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_or_create_with(
        name: &str,
        initial: &T,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        let names = Companions::new(name);
        names.check()?;
        let companion = Mutex::get_or_create_with(&names.mutex(), options)?;
        let creating = exclusively(&names, &companion, &mut Patience::new(options))?;
        let directory = Directory::create(name, Kind::Mutex, options.lock_mode as u32, options)?;
        step!();
        // Objects that are created along with a directory go to the same namespace.
        let may_create = directory.was_created() || !is_in_app_container();
        let last = directory.settled_record().generation;
        let waiters = if may_create {
            Waiters::create(&names, last, options)?
        } else {
            Waiters::open(&names, last)?
        };
        step!();
        let (payload, created) = Self::payload(&names, &directory, last, initial, options)?;
        let strategy = Strategy::join(&names, &directory, options, may_create)?;
        drop(creating);
        Ok(Self {
            lock: Lock::new(names, directory, companion, strategy, waiters),
            value: Value::new(name, payload),
            created,
        })
    }

    /// The payload of the last generation, or a new one with the initial value, and whether it is new. The
    /// caller holds the companion mutex.
    fn payload(
        names: &Companions,
        directory: &Directory<ReadWrite>,
        last: u64,
        initial: &T,
        options: &SharedMemoryOptions,
    ) -> Result<(Payload<ReadWrite>, bool), SharedMemoryError>
    where
        T: SharedData,
    {
        let shape = Shape::exact::<T>(names)?;
        if last > 0 {
            match Payload::open(names, last, Kind::Mutex, Some(&shape)) {
                Err(error) if error.is_not_found() => {}
                payload => return Ok((payload?, false)),
            }
        }
        let (generation, payload) =
            Payload::create_next(names, last, Kind::Mutex, &shape, SLOTS, options)?;
        Next::begin_anywhere(&payload).write(initial);
        directory.register(None, generation);
        Ok((payload, true))
    }

    /// Opens the value of this name. If it is just being created, waits for that up to five seconds.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::OpenMapping`]: there is none, or its security descriptor denies reading or
    ///   writing. A [`Reader`](crate::shared_mutex::Reader) needs only the right to read.
    /// - [`SharedMemoryError::NotReady`]: its creator has not finished, or died while creating it; or another
    ///   process hangs while it opens it.
    /// - [`SharedMemoryError::System`]: a security descriptor denies one of the objects that go with it, or
    ///   the last program that locked it has just exited
    ///   ([`is_not_found`](SharedMemoryError::is_not_found)).
    /// - [`SharedMemoryError::LayoutMismatch`], [`SharedMemoryError::UnknownFormat`] and
    ///   [`SharedMemoryError::TooManyHandles`], as for [`get_or_create`](Self::get_or_create).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMutex;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// # let _creator = SharedMutex::get_or_create(r"Local\docs-mutex-open", &0_u64)?;
    /// let score = SharedMutex::<u64>::open(r"Local\docs-mutex-open")?;
    /// score.update(|score| *score += 10)?;
    /// assert_eq!(score.load()?, 10);
    /// # Ok(())
    /// # }
    /// ```
    pub fn open(name: &str) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::open_with(name, &SharedMemoryOptions::new())
    }

    /// As [`open`](Self::open), with options. [`SharedMemoryOptions::wait`] waits for the value to appear.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open), and [`SharedMemoryError::TimedOut`] if nothing appeared in that time.
    pub fn open_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        let names = Companions::new(name);
        let mut patience = Patience::new(options);
        let shape = Shape::exact::<T>(&names)?;
        let (directory, attached) =
            Attached::open(&names, Kind::Mutex, Some(&shape), options, &mut patience)?;
        let companion = Mutex::open_within(&names.mutex(), patience.for_absent(), options)?;
        let joining = exclusively(&names, &companion, &mut patience)?;
        let strategy = Strategy::join(&names, &directory, options, false)?;
        let waiters = Waiters::open(&names, attached.generation)?;
        drop(joining);
        Ok(Self {
            lock: Lock::new(names, directory, companion, strategy, waiters),
            value: Value::new(name, attached.payload),
            created: false,
        })
    }
}

impl<T: SharedData> SharedMutex<T> {
    /// Locks the value, passes a copy of it to `change`, commits the changed copy as a whole, and releases the
    /// lock. Returns what `change` returned. Waits without a limit until no other thread holds the lock.
    ///
    /// The change is committed whenever `change` returns, also if it returns an `Err`. If it panics, the value
    /// stays as it was. To give up a change, to wait with a limit, or to be told that a holder died, use
    /// [`lock`](Self::lock) or [`lock_timeout`](Self::lock_timeout) and [`Guard::update`]: a guard that is
    /// dropped changes nothing. `update` itself does not report an abandoned lock; it leaves that for the next
    /// guard or draft, of any process.
    ///
    /// The copy is on the stack; for values too large for that there is
    /// [`lock_in_place`](Self::lock_in_place).
    ///
    /// # Errors
    ///
    /// As for [`lock`](Self::lock). `change` is then not called.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use win_shared_memory::SharedMutex;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let tickets = SharedMutex::get_or_create(r"Local\docs-update", &0_u32)?;
    /// let mine = tickets.update(|last| {
    ///     *last += 1;
    ///     *last
    /// })?;
    /// assert_eq!(mine, 1);
    ///
    /// // The same with a limit, and only while there are tickets:
    /// match tickets.lock_timeout(Duration::from_secs(1))? {
    ///     Some(guard) if *guard < 100 => guard.update(|last| *last += 1),
    ///     Some(_) => println!("sold out"),
    ///     None => println!("another program is busy"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> Result<R, SharedMemoryError> {
        let mut held = self.lock.acquire_or_wait()?;
        let mut room = MaybeUninit::uninit();
        let mut copied = Copied::new(&mut room);
        let (version, ()) = self.value.read_held(&mut |it| copied.copy(it))?;
        let value = copied.check()?;
        step!();
        let result = change(value);
        Next::begin(self.value.payload(), version).write(value);
        held.has_committed();
        Ok(result)
    }

    /// Waits without a limit until no other thread holds the lock, and acquires it. The guard has a copy of
    /// the value.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::AlreadyLocked`]: the calling thread holds the lock.
    /// - [`SharedMemoryError::InvalidValue`], [`SharedMemoryError::UnknownFormat`]: another program has
    ///   damaged the value. The lock is released; [`lock_to_replace`](Self::lock_to_replace) can repair the
    ///   value, and tells whether a holder ended before.
    /// - [`SharedMemoryError::System`] if the system refuses.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMutex;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let score = SharedMutex::get_or_create(r"Local\docs-mutex-lock", &7_u64)?;
    /// let guard = score.lock()?;
    /// let doubled = 2 * *guard;
    /// guard.commit(&doubled);
    /// assert_eq!(score.load()?, 14);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `WaitForSingleObject`: with [`LockMode::Fast`] only if another thread holds the lock, and then
    /// also what [`ProcessIdentity::liveness`](crate::ProcessIdentity::liveness) calls.
    pub fn lock(&self) -> Result<Guard<'_, T>, SharedMemoryError> {
        self.guard(self.lock.acquire_or_wait()?)
    }

    /// Acquires the lock if no other thread holds it, and returns `None` otherwise.
    ///
    /// With [`LockMode::Fast`] a failed try makes no system call, except that at most every 50 ms one of
    /// this handle's tries asks whether the holder lives. So a program that tries again and again acquires
    /// the lock of a holder that has died within 100 ms of its end.
    ///
    /// # Errors
    ///
    /// As for [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMutex;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let score = SharedMutex::get_or_create(r"Local\docs-shared-mutex-try-lock", &7_u64)?;
    /// match score.try_lock()? {
    ///     Some(guard) => guard.commit(&8),
    ///     None => println!("another thread holds it"),
    /// }
    /// assert_eq!(score.load()?, 8);
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_lock(&self) -> Result<Option<Guard<'_, T>>, SharedMemoryError> {
        self.lock_timeout(Duration::ZERO)
    }

    /// Waits for the lock, at most for `timeout`. Returns `None` if another thread still holds it then. A
    /// timeout of zero is [`try_lock`](Self::try_lock).
    ///
    /// With [`LockMode::Fast`], acquiring the lock of a holder that has died takes a mutex that processes
    /// hold while they open the value. A process that is suspended meanwhile delays that, up to the timeout.
    ///
    /// # Errors
    ///
    /// As for [`lock`](Self::lock).
    pub fn lock_timeout(
        &self,
        timeout: Duration,
    ) -> Result<Option<Guard<'_, T>>, SharedMemoryError> {
        match self.lock.acquire(timeout)? {
            Some(held) => self.guard(held).map(Some),
            None => Ok(None),
        }
    }

    #[inline]
    fn guard<'a>(&'a self, held: Held<'a>) -> Result<Guard<'a, T>, SharedMemoryError> {
        let mut room = Room::new();
        let (version, ()) = room.fill(|to| self.value.read_held(&mut |it| to.copy(it)))?;
        Ok(Guard::new(
            self.value.payload(),
            version,
            held,
            room.into_value(),
        ))
    }

    /// Waits for the lock, at most for `timeout`, to change the value where it is: for values of which a
    /// program changes parts, or that are too large for the stack. Returns `None` if another thread still
    /// holds the lock then.
    ///
    /// The draft begins as the bytes of the last committed value, unchecked, and becomes the value when it
    /// is [committed](Draft::commit).
    ///
    /// # Errors
    ///
    /// As for [`lock`](Self::lock), except that bytes that are not a valid value are not looked at.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use win_shared_memory::SharedMutex;
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
    ) -> Result<Option<Draft<'_, T>>, SharedMemoryError> {
        let Some(held) = self.lock.acquire(timeout)? else {
            return Ok(None);
        };
        let (version, ()) = self.value.read_held(&mut |_| ())?;
        let payload = self.value.payload();
        let last: Place<'_, T, ReadWrite> = payload.value(payload.slot(version as u32));
        let next = Next::begin(payload, version);
        next.place().copy_from(last);
        step!();
        Ok(Some(Draft::new(next, held)))
    }

    /// Waits for the lock, at most for `timeout`, to replace the value whatever it is, even if another
    /// program has damaged it; every other way to lock refuses a damaged value. Returns `None` if another thread still
    /// holds the lock then.
    ///
    /// The draft begins as zeros and becomes the value when it is [committed](Draft::commit).
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::AlreadyLocked`]: the calling thread holds the lock.
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
    ) -> Result<Option<Draft<'_, T>>, SharedMemoryError> {
        let Some(held) = self.lock.acquire(timeout)? else {
            return Ok(None);
        };
        let next = Next::begin_anywhere(self.value.payload());
        next.place().zero();
        step!();
        Ok(Some(Draft::new(next, held)))
    }

    /// Returns a copy of the last committed value, without locking.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::InvalidValue`]: another program has stored bytes that are not a valid value.
    /// - [`SharedMemoryError::UnknownFormat`]: another program has damaged the region.
    /// - [`SharedMemoryError::Contended`]: the value changed during every attempt to copy it: a thousand, or as many as
    ///   fit into one second.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMutex;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let score = SharedMutex::get_or_create(r"Local\docs-mutex-load", &7_u64)?;
    /// let _guard = score.lock()?;
    /// // It does not wait for the holder.
    /// assert_eq!(score.load()?, 7);
    /// # Ok(())
    /// # }
    /// ```
    pub fn load(&self) -> Result<T, SharedMemoryError> {
        self.value.load()
    }

    /// Copies the last committed value over `to`, without locking and without a copy on the stack. After an
    /// error `to` may hold bytes of several values.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load).
    pub fn load_into(&self, to: &mut T) -> Result<(), SharedMemoryError>
    where
        T: AnyBytes,
    {
        self.value.load_into(to)
    }

    /// Copies the last committed value into `to`, without locking and without a copy on the stack, and checks
    /// it there: for types of megabytes.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load); `to` then holds no valid value.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMutex;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let flags = SharedMutex::get_or_create(r"Local\docs-load-into", &[false; 4096])?;
    /// let mut room = Box::new_uninit();
    /// let copy: &mut [bool; 4096] = flags.load_into_uninit(&mut room)?;
    /// assert!(!copy[7]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn load_into_uninit<'r>(
        &self,
        to: &'r mut MaybeUninit<T>,
    ) -> Result<&'r mut T, SharedMemoryError> {
        self.value.load_into_uninit(to)
    }
}

impl<T> SharedMutex<T> {
    /// Whether this handle's constructor created the value, rather than found it.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.created
    }

    /// Returns how the value is locked, as its creator chose.
    #[must_use]
    pub fn lock_mode(&self) -> LockMode {
        self.lock.mode()
    }

    /// Returns the name as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        self.value.name()
    }
}

impl<T> fmt::Debug for SharedMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMutex")
            .field("lock", &self.lock)
            .field("payload", self.value.payload())
            .finish_non_exhaustive()
    }
}
