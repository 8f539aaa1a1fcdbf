//! [`Semaphore`].

use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::time::Duration;

use super::object::Object;
use super::wait::{Waitable, sealed::Sealed, wait_until};
use crate::deadline::Deadline;
use crate::error::SharedMemoryError;
use crate::region::options::SharedMemoryOptions;
use crate::sys::rights::{SEMAPHORE_MODIFY_STATE, SYNCHRONIZATION_SYNCHRONIZE};
use crate::sys::sync::{self, Kind, New, Waited};

/// A counting semaphore. `acquire` takes one from the count and waits while it is zero.
///
/// The system does not give back what a killed process has taken.
///
/// # Examples
///
/// ```
/// use win_shared_memory::sync::Semaphore;
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let slots = Semaphore::create(r"Local\docs-semaphore", 1, 4)?;
/// assert!(slots.try_acquire()?);
/// assert!(!slots.try_acquire()?);
/// slots.release(2)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Semaphore(Object);

const RIGHTS: u32 = SYNCHRONIZATION_SYNCHRONIZE | SEMAPHORE_MODIFY_STATE;

impl Semaphore {
    /// Creates a semaphore with this count, which never exceeds `maximum`. Fails if the name is
    /// taken.
    ///
    /// # Errors
    ///
    /// As for [`Mutex::create`](super::Mutex::create), and [`SharedMemoryError::System`] unless
    /// `0 <= count <= maximum` and `maximum > 0`.
    ///
    /// Calls `CreateSemaphoreExW`.
    #[doc(alias = "CreateSemaphoreExW")]
    pub fn create(name: &str, count: i32, maximum: i32) -> Result<Self, SharedMemoryError> {
        Self::create_with(name, count, maximum, &SharedMemoryOptions::new())
    }

    /// [`create`](Self::create) with these options.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create).
    pub fn create_with(
        name: &str,
        count: i32,
        maximum: i32,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Object::create(New::Semaphore { count, maximum }, name, RIGHTS, options).map(Self)
    }

    /// Opens the semaphore of this name, or creates it. An existing semaphore keeps its count and
    /// maximum. [`was_created`](Self::was_created) tells which.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create), except `AlreadyExists`.
    ///
    /// Calls `CreateSemaphoreExW`.
    #[doc(alias = "CreateSemaphoreExW")]
    pub fn get_or_create(name: &str, count: i32, maximum: i32) -> Result<Self, SharedMemoryError> {
        Self::get_or_create_with(name, count, maximum, &SharedMemoryOptions::new())
    }

    /// [`get_or_create`](Self::get_or_create) with these options.
    ///
    /// # Errors
    ///
    /// As for [`get_or_create`](Self::get_or_create).
    pub fn get_or_create_with(
        name: &str,
        count: i32,
        maximum: i32,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Object::get_or_create(New::Semaphore { count, maximum }, name, RIGHTS, options).map(Self)
    }

    /// Opens an existing semaphore.
    ///
    /// # Errors
    ///
    /// As for [`Mutex::open`](super::Mutex::open).
    ///
    /// Calls `OpenSemaphoreW`.
    #[doc(alias = "OpenSemaphoreW")]
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
        Object::open(Kind::Semaphore, name, RIGHTS, options).map(Self)
    }

    /// Creates a semaphore without a name. It is shared by passing its handle on.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] unless `0 <= count <= maximum` and `maximum > 0`, or if the system
    /// refuses.
    ///
    /// Calls `CreateSemaphoreExW`.
    #[doc(alias = "CreateSemaphoreExW")]
    pub fn create_unnamed(count: i32, maximum: i32) -> Result<Self, SharedMemoryError> {
        Self::create_unnamed_with(count, maximum, &SharedMemoryOptions::new())
    }

    /// [`create_unnamed`](Self::create_unnamed) with these options.
    ///
    /// # Errors
    ///
    /// As for [`create_unnamed`](Self::create_unnamed).
    pub fn create_unnamed_with(
        count: i32,
        maximum: i32,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Object::create_unnamed(New::Semaphore { count, maximum }, RIGHTS, options).map(Self)
    }

    /// Adopts the handle of a semaphore that another process passed on, by inheritance or duplication.
    ///
    /// # Errors
    ///
    /// As for [`Mutex::from_handle`](super::Mutex::from_handle).
    ///
    /// Calls `NtQueryObject`.
    #[doc(alias = "NtQueryObject")]
    pub fn from_handle(handle: OwnedHandle) -> Result<Self, SharedMemoryError> {
        Object::from_handle(Kind::Semaphore, handle).map(Self)
    }

    /// Adds to the count and returns the previous count.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if that would exceed the maximum, or if `count` is not positive. The
    /// count is then unchanged.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::sync::Semaphore;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let slots = Semaphore::create(r"Local\docs-semaphore-release", 1, 4)?;
    /// assert_eq!(slots.release(3)?, 1);
    /// assert!(slots.release(1).is_err(), "there are four already");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `ReleaseSemaphore`.
    #[doc(alias = "ReleaseSemaphore")]
    pub fn release(&self, count: i32) -> Result<i32, SharedMemoryError> {
        sync::release_semaphore(self.as_handle(), count)
            .map_err(|code| self.0.error("ReleaseSemaphore", code))
    }

    /// Waits, without a limit, until the count is not zero, and takes one from it.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the system refuses.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::sync::Semaphore;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let slots = Semaphore::create(r"Local\docs-semaphore-acquire", 1, 4)?;
    /// slots.acquire()?;
    /// assert!(!slots.try_acquire()?);
    /// slots.release(1)?;
    /// assert!(slots.try_acquire()?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `WaitForSingleObject`.
    #[doc(alias = "WaitForSingleObject")]
    pub fn acquire(&self) -> Result<(), SharedMemoryError> {
        self.acquire_until(Deadline::NEVER).map(|_| ())
    }

    /// Waits until the count is not zero, at most for `timeout`, and takes one from it. Returns `false` if the
    /// count is still zero.
    ///
    /// # Errors
    ///
    /// As for [`acquire`](Self::acquire).
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        self.acquire_until(Deadline::after(timeout))
    }

    /// Takes one from the count if it is not zero, without waiting. Returns whether it did.
    ///
    /// # Errors
    ///
    /// As for [`acquire`](Self::acquire).
    pub fn try_acquire(&self) -> Result<bool, SharedMemoryError> {
        self.acquire_timeout(Duration::ZERO)
    }

    fn acquire_until(&self, deadline: Deadline) -> Result<bool, SharedMemoryError> {
        wait_until(self.as_handle(), deadline)
            .map(|waited| waited != Waited::TimedOut)
            .map_err(|code| self.0.error("WaitForSingleObject", code))
    }

    /// Whether this handle's constructor created the semaphore, rather than found it.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.0.was_created()
    }

    /// The name as given; `None` for a semaphore without a name, or one made from a handle.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.name()
    }
}

impl AsHandle for Semaphore {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

impl From<Semaphore> for OwnedHandle {
    fn from(semaphore: Semaphore) -> Self {
        semaphore.0.into_handle()
    }
}

impl Sealed for Semaphore {}
impl Waitable for Semaphore {}
