//! Waiting for one object, and for the first of several.

use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::time::Duration;

use crate::deadline::Deadline;
use crate::error::{SharedMemoryError, system_error};
use crate::sys::Win32Error;
use crate::sys::sync::{self, Waited};

/// An object that [`wait_any`] can wait for. Sealed.
///
/// A [`Mutex`](super::Mutex) is not one: waiting for it acquires it, and only a guard may own that.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::sync::{Event, Reset, Waitable, wait_any};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let events = [Event::create_unnamed(Reset::Auto)?, Event::create_unnamed(Reset::Auto)?];
/// let objects: Vec<&dyn Waitable> = events.iter().map(|it| it as _).collect();
/// events[1].set()?;
/// assert_eq!(wait_any(&objects, Duration::ZERO)?, Some(1));
/// # Ok(())
/// # }
/// ```
pub trait Waitable: AsHandle + sealed::Sealed {}

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// Waits until one of the objects is signaled, and returns its index, the smallest if several are signaled.
/// Returns `None` after `timeout`; [`Duration::MAX`] waits without a limit. Only that one object is changed: an
/// auto-reset event is reset, a semaphore's count is reduced.
///
/// # Errors
///
/// [`SharedMemoryError::System`] if there are no objects, or more than 64 (`MAXIMUM_WAIT_OBJECTS`), or if the
/// system refuses.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::sync::{Event, Reset, wait_any};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let data = Event::create(r"Local\docs-wait-data", Reset::Auto)?;
/// let stop = Event::create(r"Local\docs-wait-stop", Reset::Manual)?;
/// stop.set()?;
/// assert_eq!(wait_any(&[&data, &stop], Duration::from_secs(1))?, Some(1));
/// # Ok(())
/// # }
/// ```
///
/// Calls `WaitForMultipleObjects`.
#[doc(alias = "WaitForMultipleObjects")]
pub fn wait_any(
    objects: &[&dyn Waitable],
    timeout: Duration,
) -> Result<Option<usize>, SharedMemoryError> {
    let handles: Vec<BorrowedHandle<'_>> = objects.iter().map(|it| it.as_handle()).collect();
    let waited = until(Deadline::after(timeout), |millis| {
        sync::wait_any(&handles, millis)
    })
    .map_err(|code| system_error("WaitForMultipleObjects", code))?;
    Ok(match waited {
        Waited::Signaled(index) | Waited::Abandoned(index) => Some(index),
        Waited::TimedOut => None,
    })
}

/// Waits for an object until the deadline.
pub(crate) fn wait_until(
    object: BorrowedHandle<'_>,
    deadline: Deadline,
) -> Result<Waited, Win32Error> {
    until(deadline, |millis| sync::wait(object, millis))
}

/// Waits in as many parts as the deadline needs: the system counts in ticks and may return a little
/// early.
fn until(
    deadline: Deadline,
    wait: impl Fn(u32) -> Result<Waited, Win32Error>,
) -> Result<Waited, Win32Error> {
    loop {
        match wait(deadline.millis_left())? {
            Waited::TimedOut if deadline.millis_left() > 0 => {}
            waited => return Ok(waited),
        }
    }
}
