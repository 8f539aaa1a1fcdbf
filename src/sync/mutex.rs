//! [`Mutex`].

use std::marker::PhantomData;
use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::time::Duration;

use super::object::Object;
use super::wait::wait_until;
use crate::deadline::{Deadline, Timeout};
use crate::error::SharedMemoryError;
use crate::region::options::SharedMemoryOptions;
use crate::sys::rights::SYNCHRONIZATION_SYNCHRONIZE;
use crate::sys::sync::{Kind, New, Waited, release_mutex};

/// A lock that one thread, of any process, holds at a time.
///
/// If the thread that holds it ends without releasing it, for instance because its process is killed, the next
/// thread acquires it and is told so: [`MutexGuard::was_abandoned`].
///
/// The thread that holds it may lock it again. It holds the mutex until all its guards are dropped.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::sync::Mutex;
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mutex = Mutex::get_or_create(r"Local\docs-mutex")?;
/// match mutex.lock_timeout(Duration::from_secs(1))? {
///     Some(guard) if guard.was_abandoned() => println!("check the data: its writer died"),
///     Some(_guard) => println!("locked"),
///     None => println!("somebody is slow"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Mutex(Object);

/// The lock on a [`Mutex`]. Dropping it releases the mutex, on the thread that acquired it.
///
/// # Examples
///
/// ```
/// use win_shared_memory::sync::Mutex;
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mutex = Mutex::get_or_create(r"Local\docs-mutex-guard")?;
/// let guard = mutex.lock()?;
/// if guard.was_abandoned() {
///     println!("check the data: its writer died");
/// }
/// // The data is this thread's until the guard is dropped.
/// drop(guard);
/// # Ok(())
/// # }
/// ```
#[must_use = "the lock is released when this is dropped"]
#[derive(Debug)]
pub struct MutexGuard<'a> {
    mutex: &'a Mutex,
    abandoned: bool,
    /// Windows knows a mutex's owner by thread, so a guard stays on its own, as the standard library's does.
    /// References to it may go to other threads.
    not_send: PhantomData<std::sync::MutexGuard<'static, ()>>,
}

/// Releasing takes no right (`MUTEX_MODIFY_STATE` is "reserved for future use").
const RIGHTS: u32 = SYNCHRONIZATION_SYNCHRONIZE;

impl Mutex {
    /// Creates a mutex that nobody holds. Fails if the name is taken.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::AlreadyExists`], [`SharedMemoryError::InvalidName`],
    /// [`SharedMemoryError::NameInUse`] by another kind of object; [`SharedMemoryError::System`]
    /// for others.
    ///
    /// Calls `CreateMutexExW`.
    #[doc(alias = "CreateMutexExW")]
    pub fn create(name: &str) -> Result<Self, SharedMemoryError> {
        Self::create_with(name, &SharedMemoryOptions::new())
    }

    /// [`create`](Self::create) with these options.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create).
    pub fn create_with(
        name: &str,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Object::create(New::Mutex, name, RIGHTS, options).map(Self)
    }

    /// Opens the mutex of this name, or creates it. [`was_created`](Self::was_created) tells which.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create), except `AlreadyExists`.
    ///
    /// Calls `CreateMutexExW`.
    #[doc(alias = "CreateMutexExW")]
    pub fn get_or_create(name: &str) -> Result<Self, SharedMemoryError> {
        Self::get_or_create_with(name, &SharedMemoryOptions::new())
    }

    /// [`get_or_create`](Self::get_or_create) with these options.
    ///
    /// # Errors
    ///
    /// As for [`get_or_create`](Self::get_or_create).
    pub fn get_or_create_with(
        name: &str,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Object::get_or_create(New::Mutex, name, RIGHTS, options).map(Self)
    }

    /// Opens an existing mutex.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if there is none
    /// ([`is_not_found`](SharedMemoryError::is_not_found)) or its security descriptor denies it
    /// ([`is_access_denied`](SharedMemoryError::is_access_denied));
    /// [`SharedMemoryError::InvalidName`]; [`SharedMemoryError::NameInUse`] by another kind of
    /// object.
    ///
    /// Calls `OpenMutexW`.
    #[doc(alias = "OpenMutexW")]
    pub fn open(name: &str) -> Result<Self, SharedMemoryError> {
        Self::open_with(name, &SharedMemoryOptions::new())
    }

    /// [`open`](Self::open) with these options.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open), and [`SharedMemoryError::TimedOut`] after
    /// [`wait`](SharedMemoryOptions::wait).
    pub fn open_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError> {
        Object::open(Kind::Mutex, name, RIGHTS, options).map(Self)
    }

    /// Opens the mutex. If there is a timeout, waits until then for one to appear.
    pub(crate) fn open_within(
        name: &str,
        timeout: Option<&mut Timeout>,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Object::open_within(Kind::Mutex, name, RIGHTS, timeout, options).map(Self)
    }

    /// Creates a mutex without a name. It is shared by passing its handle on.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the system refuses.
    ///
    /// Calls `CreateMutexExW`.
    #[doc(alias = "CreateMutexExW")]
    pub fn create_unnamed() -> Result<Self, SharedMemoryError> {
        Self::create_unnamed_with(&SharedMemoryOptions::new())
    }

    /// [`create_unnamed`](Self::create_unnamed) with these options.
    ///
    /// # Errors
    ///
    /// As for [`create_unnamed`](Self::create_unnamed).
    pub fn create_unnamed_with(options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError> {
        Object::create_unnamed(New::Mutex, RIGHTS, options).map(Self)
    }

    /// Adopts the handle of a mutex that another process passed on, by inheritance or duplication.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::WrongObject`] if the handle is that of another kind of object. Whether it
    /// grants the right to wait shows when it is used.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::os::windows::io::OwnedHandle;
    /// use win_shared_memory::sync::{Event, Mutex, Reset};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let passed_on: OwnedHandle = Mutex::create_unnamed()?.into();
    /// let mutex = Mutex::from_handle(passed_on)?;
    /// let _guard = mutex.lock()?;
    ///
    /// let event = Event::create_unnamed(Reset::Auto)?;
    /// assert!(Mutex::from_handle(event.into()).is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `NtQueryObject`.
    #[doc(alias = "NtQueryObject")]
    pub fn from_handle(handle: OwnedHandle) -> Result<Self, SharedMemoryError> {
        Object::from_handle(Kind::Mutex, handle).map(Self)
    }

    /// Waits, without a limit, until no other thread holds the mutex, and acquires it. A program that hangs
    /// while it holds the mutex hangs this one too; prefer [`lock_timeout`](Self::lock_timeout) for mutexes of
    /// other programs.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the system refuses.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    /// use win_shared_memory::sync::Mutex;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mutex = Mutex::get_or_create(r"Local\docs-mutex-held")?;
    /// let guard = mutex.lock()?;
    /// // Until the guard is dropped, no other thread of any process acquires it.
    /// let try_elsewhere = || mutex.try_lock().is_ok_and(|guard| guard.is_some());
    /// assert!(!thread::scope(|scope| scope.spawn(try_elsewhere).join()).unwrap());
    /// drop(guard);
    /// assert!(thread::scope(|scope| scope.spawn(try_elsewhere).join()).unwrap());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `WaitForSingleObject`.
    #[doc(alias = "WaitForSingleObject")]
    pub fn lock(&self) -> Result<MutexGuard<'_>, SharedMemoryError> {
        loop {
            if let Some(guard) = self.lock_until(Deadline::NEVER)? {
                return Ok(guard);
            }
        }
    }

    /// Acquires the mutex if no other thread holds it, and returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// As for [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::sync::Mutex;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mutex = Mutex::get_or_create(r"Local\docs-mutex-try-lock")?;
    /// if let Some(_guard) = mutex.try_lock()? {
    ///     // the data is ours until the guard is dropped
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_lock(&self) -> Result<Option<MutexGuard<'_>>, SharedMemoryError> {
        self.lock_timeout(Duration::ZERO)
    }

    /// Waits for the mutex, at most for `timeout`. Returns `None` if another thread still holds it.
    ///
    /// # Errors
    ///
    /// As for [`lock`](Self::lock).
    pub fn lock_timeout(
        &self,
        timeout: Duration,
    ) -> Result<Option<MutexGuard<'_>>, SharedMemoryError> {
        self.lock_until(Deadline::after(timeout))
    }

    fn lock_until(&self, deadline: Deadline) -> Result<Option<MutexGuard<'_>>, SharedMemoryError> {
        let waited = wait_until(self.as_handle(), deadline)
            .map_err(|code| self.0.error("WaitForSingleObject", code))?;
        let guard = |abandoned| MutexGuard {
            mutex: self,
            abandoned,
            not_send: PhantomData,
        };
        Ok(match waited {
            Waited::Signaled(_) => Some(guard(false)),
            Waited::Abandoned(_) => Some(guard(true)),
            Waited::TimedOut => None,
        })
    }

    /// Whether this handle's constructor created the mutex, rather than found it.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.0.was_created()
    }

    /// The name as given; `None` for a mutex without a name, or one made from a handle.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.name()
    }
}

impl MutexGuard<'_> {
    /// Whether the thread that held the mutex before ended without releasing it, so that the data it protects
    /// may be half changed. Only the next thread that locks is told.
    #[must_use]
    pub fn was_abandoned(&self) -> bool {
        self.abandoned
    }
}

impl Drop for MutexGuard<'_> {
    fn drop(&mut self) {
        // Fails only for a thread that does not own the mutex, and the guard never left its own.
        let _ = release_mutex(self.mutex.as_handle());
    }
}

impl AsHandle for Mutex {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

impl From<Mutex> for OwnedHandle {
    fn from(mutex: Mutex) -> Self {
        mutex.0.into_handle()
    }
}
