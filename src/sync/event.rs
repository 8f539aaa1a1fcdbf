//! [`Event`].

use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::time::Duration;

use super::object::Object;
use super::wait::{Waitable, sealed::Sealed, wait_until};
use crate::deadline::Deadline;
use crate::error::SharedMemoryError;
use crate::region::options::SharedMemoryOptions;
use crate::sys::rights::{EVENT_MODIFY_STATE, SYNCHRONIZATION_SYNCHRONIZE};
use crate::sys::sync::{self, Kind, New, Waited};

/// A flag that threads of any process can wait for.
///
/// An event is a hint, not a message: it does not count, and with [`Reset::Auto`] it wakes one of
/// several waiters. Check the data again after each wait.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
/// use win_shared_memory::sync::Event;
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let new_data = Event::open_to_wait(r"Local\IRSDKDataValidEvent")?;
/// while new_data.wait_timeout(Duration::from_secs(1))? {
///     // look at the region
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Event(Object);

/// How an [`Event`] that is set becomes unset. Its creator decides.
///
/// # Examples
///
/// ```
/// use win_shared_memory::sync::{Event, Reset};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let stop = Event::create_unnamed(Reset::Manual)?;
/// stop.set()?;
/// assert!(stop.try_wait()? && stop.try_wait()?, "all waits end until it is reset");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reset {
    /// The first wait that it ends resets it.
    Auto,
    /// Only [`Event::reset`] resets it.
    Manual,
}

const WAIT: u32 = SYNCHRONIZATION_SYNCHRONIZE;
const WAIT_AND_SET: u32 = SYNCHRONIZATION_SYNCHRONIZE | EVENT_MODIFY_STATE;

impl Event {
    /// Creates an event that is not set. Fails if the name is taken.
    ///
    /// # Errors
    ///
    /// As for [`Mutex::create`](super::Mutex::create).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::sync::{Event, Reset};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let event = Event::create(r"Local\docs-event-create", Reset::Auto)?;
    /// event.set()?;
    /// assert!(event.try_wait()?);
    /// assert!(!event.try_wait()?, "the first wait has reset it");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `CreateEventExW`.
    #[doc(alias = "CreateEventExW")]
    pub fn create(name: &str, reset: Reset) -> Result<Self, SharedMemoryError> {
        Self::create_with(name, reset, &SharedMemoryOptions::new())
    }

    /// [`create`](Self::create) with these options, of which
    /// [`initially_set`](SharedMemoryOptions::initially_set) creates one that is set.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create).
    pub fn create_with(
        name: &str,
        reset: Reset,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Object::create(new(reset, options), name, WAIT_AND_SET, options).map(Self)
    }

    /// Opens the event of this name, or creates one that is not set. An existing event keeps its own
    /// [`Reset`]. [`was_created`](Self::was_created) tells which.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create), except `AlreadyExists`.
    ///
    /// Calls `CreateEventExW`.
    #[doc(alias = "CreateEventExW")]
    pub fn get_or_create(name: &str, reset: Reset) -> Result<Self, SharedMemoryError> {
        Self::get_or_create_with(name, reset, &SharedMemoryOptions::new())
    }

    /// [`get_or_create`](Self::get_or_create) with these options, of which
    /// [`initially_set`](SharedMemoryOptions::initially_set) matters only for a new event.
    ///
    /// # Errors
    ///
    /// As for [`get_or_create`](Self::get_or_create).
    pub fn get_or_create_with(
        name: &str,
        reset: Reset,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Object::get_or_create(new(reset, options), name, WAIT_AND_SET, options).map(Self)
    }

    /// Opens an existing event for waiting and setting.
    ///
    /// # Errors
    ///
    /// As for [`Mutex::open`](super::Mutex::open).
    ///
    /// Calls `OpenEventW`.
    #[doc(alias = "OpenEventW")]
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
        Object::open(Kind::Event, name, WAIT_AND_SET, options).map(Self)
    }

    /// Opens an existing event for waiting only: for programs that are not allowed to set it.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open).
    ///
    /// Calls `OpenEventW`.
    #[doc(alias = "OpenEventW")]
    pub fn open_to_wait(name: &str) -> Result<Self, SharedMemoryError> {
        Self::open_to_wait_with(name, &SharedMemoryOptions::new())
    }

    /// [`open_to_wait`](Self::open_to_wait) with these options.
    ///
    /// # Errors
    ///
    /// As for [`open_with`](Self::open_with).
    pub fn open_to_wait_with(
        name: &str,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Object::open(Kind::Event, name, WAIT, options).map(Self)
    }

    /// Opens an existing event that this process will set and never wait for.
    pub(crate) fn open_to_set(name: &str) -> Result<Self, SharedMemoryError> {
        let options = SharedMemoryOptions::new();
        Object::open(Kind::Event, name, EVENT_MODIFY_STATE, &options).map(Self)
    }

    /// Creates an event without a name that is not set. It is shared by passing its handle on.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the system refuses.
    ///
    /// Calls `CreateEventExW`.
    #[doc(alias = "CreateEventExW")]
    pub fn create_unnamed(reset: Reset) -> Result<Self, SharedMemoryError> {
        Self::create_unnamed_with(reset, &SharedMemoryOptions::new())
    }

    /// [`create_unnamed`](Self::create_unnamed) with these options.
    ///
    /// # Errors
    ///
    /// As for [`create_unnamed`](Self::create_unnamed).
    ///
    /// # Examples
    ///
    /// An event that begins set:
    ///
    /// ```
    /// use win_shared_memory::SharedMemoryOptions;
    /// use win_shared_memory::sync::{Event, Reset};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut options = SharedMemoryOptions::new();
    /// options.initially_set(true);
    /// let idle = Event::create_unnamed_with(Reset::Manual, &options)?;
    /// assert!(idle.try_wait()?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_unnamed_with(
        reset: Reset,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Object::create_unnamed(new(reset, options), WAIT_AND_SET, options).map(Self)
    }

    /// Adopts the handle of an event that another process passed on, by inheritance or duplication.
    ///
    /// # Errors
    ///
    /// As for [`Mutex::from_handle`](super::Mutex::from_handle).
    ///
    /// Calls `NtQueryObject`.
    #[doc(alias = "NtQueryObject")]
    pub fn from_handle(handle: OwnedHandle) -> Result<Self, SharedMemoryError> {
        Object::from_handle(Kind::Event, handle).map(Self)
    }

    /// Sets the event, which ends the waits for it.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if it was opened for waiting only.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::sync::{Event, Reset};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let ready = Event::create(r"Local\docs-event-set", Reset::Manual)?;
    ///
    /// // In another program:
    /// let theirs = Event::open_to_wait(r"Local\docs-event-set")?;
    /// assert!(!theirs.try_wait()?);
    /// ready.set()?;
    /// assert!(theirs.try_wait()?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `SetEvent`.
    #[doc(alias = "SetEvent")]
    pub fn set(&self) -> Result<(), SharedMemoryError> {
        sync::set_event(self.as_handle()).map_err(|code| self.0.error("SetEvent", code))
    }

    /// Resets the event.
    ///
    /// # Errors
    ///
    /// As for [`set`](Self::set).
    ///
    /// Calls `ResetEvent`.
    #[doc(alias = "ResetEvent")]
    pub fn reset(&self) -> Result<(), SharedMemoryError> {
        sync::reset_event(self.as_handle()).map_err(|code| self.0.error("ResetEvent", code))
    }

    /// Waits until the event is set, without a limit.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the system refuses.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    /// use win_shared_memory::sync::{Event, Reset};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let ready = Event::create_unnamed(Reset::Manual)?;
    /// thread::scope(|scope| {
    ///     scope.spawn(|| ready.set());
    ///     ready.wait()
    /// })?;
    /// assert!(ready.try_wait()?, "it stays set until it is reset");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `WaitForSingleObject`.
    #[doc(alias = "WaitForSingleObject")]
    pub fn wait(&self) -> Result<(), SharedMemoryError> {
        self.wait_until(Deadline::NEVER).map(|_| ())
    }

    /// Waits until the event is set, at most for `timeout`. Returns `false` if it is still not set.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    pub fn wait_timeout(&self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        self.wait_until(Deadline::after(timeout))
    }

    /// Returns whether the event is set, without waiting. This resets an auto-reset event.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    pub fn try_wait(&self) -> Result<bool, SharedMemoryError> {
        self.wait_timeout(Duration::ZERO)
    }

    fn wait_until(&self, deadline: Deadline) -> Result<bool, SharedMemoryError> {
        wait_until(self.as_handle(), deadline)
            .map(|waited| waited != Waited::TimedOut)
            .map_err(|code| self.0.error("WaitForSingleObject", code))
    }

    /// Whether this handle's constructor created the event, rather than found it.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.0.was_created()
    }

    /// The name as given; `None` for an event without a name, or one made from a handle.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.name()
    }
}

impl AsHandle for Event {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

impl From<Event> for OwnedHandle {
    fn from(event: Event) -> Self {
        event.0.into_handle()
    }
}

impl Sealed for Event {}
impl Waitable for Event {}

fn new(reset: Reset, options: &SharedMemoryOptions) -> New {
    New::Event {
        manual_reset: reset == Reset::Manual,
        set: options.initially_set,
    }
}
