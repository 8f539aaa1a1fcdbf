//! Named kernel objects that programs wait on: [`Mutex`], [`Event`], [`Semaphore`].
//!
//! For regions of programs that document such an object beside their shared memory (a mutex to hold
//! while reading, an event that says "new data"), and for programs of your own.
//!
//! Names are those of regions, in the same namespace: a mutex and a region cannot have one name, and
//! the second gets [`NameInUse`](crate::SharedMemoryError::NameInUse).
//!
//! Waiting ends with an outcome, not an error, when the time is over: `None` or `false`. A timeout of
//! zero does not wait at all; no wait returns before its timeout without having got what it waited
//! for.

mod event;
mod mutex;
mod object;
pub(crate) mod process;
mod semaphore;
mod wait;

pub use event::{Event, Reset};
pub use mutex::{Mutex, MutexGuard};
pub use semaphore::Semaphore;
pub use wait::{Waitable, wait_any};
pub(crate) use wait::{sealed, wait_until};
