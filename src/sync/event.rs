//! [`Event`].

use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::time::Duration;

use super::object::{Functions, Object};
use super::wait::{Waitable, sealed::Sealed, wait_until};
use crate::deadline::Deadline;
use crate::error::SharedMemoryError;
use crate::region::options::SharedMemoryOptions;
use crate::sys::Win32Error;
use crate::sys::rights::{EVENT_MODIFY_STATE, SYNCHRONIZATION_SYNCHRONIZE};
use crate::sys::sync::{self, Kind, Waited};

/// A named flag that threads of any process can wait for.
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
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reset {
    /// The first wait that it ends resets it.
    Auto,
    /// Only [`Event::reset`] resets it.
    Manual,
}

const WAIT: u32 = SYNCHRONIZATION_SYNCHRONIZE;
const WAIT_AND_SET: u32 = SYNCHRONIZATION_SYNCHRONIZE | EVENT_MODIFY_STATE;

const FUNCTIONS: Functions = Functions {
    create: "CreateEventExW",
    open: "OpenEventW",
};

impl Event {
    /// Creates an event that is not set. Fails if the name is taken.
    ///
    /// # Errors
    ///
    /// As for [`Mutex::create`](super::Mutex::create).
    ///
    /// Calls `CreateEventExW`.
    #[doc(alias = "CreateEventExW")]
    pub fn create(name: &str, reset: Reset) -> Result<Self, SharedMemoryError> {
        SharedMemoryOptions::new().create_event(name, reset)
    }

    /// Opens the event of this name, or creates one that is not set. An existing event keeps its own
    /// [`Reset`].
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create), except `AlreadyExists`.
    ///
    /// Calls `CreateEventExW`.
    #[doc(alias = "CreateEventExW")]
    pub fn get_or_create(name: &str, reset: Reset) -> Result<Self, SharedMemoryError> {
        SharedMemoryOptions::new().get_or_create_event(name, reset)
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
        SharedMemoryOptions::new().open_event(name)
    }

    /// Opens an existing event for waiting only, for programs that may not set it.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open).
    ///
    /// Calls `OpenEventW`.
    #[doc(alias = "OpenEventW")]
    pub fn open_to_wait(name: &str) -> Result<Self, SharedMemoryError> {
        SharedMemoryOptions::new().open_event_to_wait(name)
    }

    /// Sets the event, which ends the waits for it.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if it was opened for waiting only.
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
            .map_err(|code: Win32Error| self.0.error("WaitForSingleObject", code))
    }

    /// Whether this handle's constructor created the event, rather than found it.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.0.was_created()
    }

    /// The name as given.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }
}

impl AsHandle for Event {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

impl Sealed for Event {}
impl Waitable for Event {}

/// Events.
impl SharedMemoryOptions {
    /// [`Event::create`](crate::sync::Event::create) with these options.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn create_event(&self, name: &str, reset: Reset) -> Result<Event, SharedMemoryError> {
        Object::create(kind(reset), &FUNCTIONS, name, WAIT_AND_SET, self).map(Event)
    }

    /// [`Event::get_or_create`](crate::sync::Event::get_or_create) with these options.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn get_or_create_event(
        &self,
        name: &str,
        reset: Reset,
    ) -> Result<Event, SharedMemoryError> {
        Object::get_or_create(kind(reset), &FUNCTIONS, name, WAIT_AND_SET, self).map(Event)
    }

    /// [`Event::open`](crate::sync::Event::open) with these options.
    ///
    /// # Errors
    ///
    /// As there, and [`SharedMemoryError::TimedOut`] after [`wait`](Self::wait).
    pub fn open_event(&self, name: &str) -> Result<Event, SharedMemoryError> {
        Object::open(kind(Reset::Auto), &FUNCTIONS, name, WAIT_AND_SET, self).map(Event)
    }

    /// [`Event::open_to_wait`](crate::sync::Event::open_to_wait) with these options.
    ///
    /// # Errors
    ///
    /// As there, and [`SharedMemoryError::TimedOut`] after [`wait`](Self::wait).
    pub fn open_event_to_wait(&self, name: &str) -> Result<Event, SharedMemoryError> {
        Object::open(kind(Reset::Auto), &FUNCTIONS, name, WAIT, self).map(Event)
    }
}

impl Event {
    /// Opens an existing event that this process will set and never wait for.
    pub(crate) fn open_to_set(name: &str) -> Result<Self, SharedMemoryError> {
        let options = SharedMemoryOptions::new();
        Object::open(
            kind(Reset::Auto),
            &FUNCTIONS,
            name,
            EVENT_MODIFY_STATE,
            &options,
        )
        .map(Self)
    }
}

fn kind(reset: Reset) -> Kind {
    Kind::Event {
        manual_reset: reset == Reset::Manual,
        signaled: false,
    }
}
