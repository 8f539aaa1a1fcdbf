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
//!
//! # Waiting for several things at once
//!
//! [`wait_any`] waits for the first of several events, semaphores and processes. What this crate's protocols have to
//! wait for joins them through `arm`, as in [`snapshot::Reader::arm`](crate::snapshot::Reader::arm) and
//! [`shared_mutex::Reader::arm`](crate::shared_mutex::Reader::arm): where there is nothing new, it returns an [`Armed`],
//! whose handle is set when there may be. So a wait can be cancelled at once, by an event of your own.
//!
//! | you wait in | with | example |
//! |---|---|---|
//! | a thread, for several things or until you are told to stop | [`wait_any`] | [`stop`](https://github.com/dSyncro/win-shared-memory/blob/main/examples/stop.rs) |
//! | the message loop of a window | `MsgWaitForMultipleObjectsEx` | [`gui`](https://github.com/dSyncro/win-shared-memory/blob/main/examples/gui.rs) |
//! | tokio, which cannot wait for a handle | [`wait_any`] in `spawn_blocking`, with an event that cancels it | [`tokio`](https://github.com/dSyncro/win-shared-memory/blob/main/examples/tokio.rs) |
//! | smol or another runtime on `async-io` | `async_io::os::windows::Waitable` | [`async_io`](https://github.com/dSyncro/win-shared-memory/blob/main/examples/async_io.rs) |
//!
//! The shape is always the same: arm; if there is something already, take it; otherwise wait for the handle,
//! [`look_after`](Armed::look_after) at most; then arm again. A reader that can be woken makes no system call to arm
//! after the first time, nor to disarm.

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
