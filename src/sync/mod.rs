//! Kernel objects that programs wait on: [`Mutex`], [`Event`], [`Semaphore`].
//!
//! Use them with regions whose programs document such an object beside their shared memory (a mutex to hold
//! while reading, an event that says "new data"), and in programs of your own.
//!
//! Names share one namespace with regions: a mutex and a region cannot have the same name, and the second to
//! ask for it gets [`NameInUse`](crate::SharedMemoryError::NameInUse).
//!
//! An object without a name is shared by its handle: a child process inherits it
//! ([`inheritable`](crate::SharedMemoryOptions::inheritable)), or it is duplicated into another process, which
//! adopts it with `from_handle`.
//!
//! A wait that times out is an outcome, `None` or `false`, and not an error. A timeout of zero does not wait.
//! A wait returns early only when it succeeds.

pub(crate) mod armed;
mod event;
mod mutex;
mod object;
pub(crate) mod process;
mod semaphore;
mod wait;

pub use armed::Armed;
pub use event::{Event, Reset};
pub use mutex::{Mutex, MutexGuard};
pub use semaphore::Semaphore;
pub use wait::{Waitable, wait_any};
pub(crate) use wait::{sealed, wait_until};
