//! [`Armed`].

use std::fmt;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::time::Duration;

use super::Event;
use super::wait::{Waitable, sealed::Sealed};
use crate::cores::atomic::AtomicU32;
use crate::cores::wake;

/// How long a party that others wake relies on that before it looks by itself: one that was killed wakes nobody,
/// and one of another user may not be allowed to.
pub(crate) const SLICE: Duration = Duration::from_millis(50);

/// How often a party that nobody can wake looks.
pub(crate) const POLL: Duration = Duration::from_millis(1);

/// A handle to wait on: there is nothing yet, and it is set when there may be something.
///
/// A reader returns it from `arm`, as [`snapshot::Reader::arm`](crate::snapshot::Reader::arm) does, for programs that
/// wait for several things at once: with [`wait_any`](super::wait_any), in the message loop of a window, or in
/// asynchronous code. Programs that wait for one thing do not need it; they call the reader's own `wait_changed`.
///
/// Three rules:
///
/// 1. Arm again before each wait. `arm` returns `None` where there is something already; then do not wait.
/// 2. Wait for [`look_after`](Self::look_after) at most, then call `arm` again. A process that is killed after it has
///    published, and before it wakes others, wakes nobody.
/// 3. That the handle was set is a hint. Look again whether there is something.
///
/// The handle is that of an auto-reset event, so a wait that it ends resets it. It belongs to the reader: use it for
/// waiting and nothing else. Dropping makes no system call, and from then on nobody makes one to wake this reader.
///
/// A program that registers a handle once, rather than for each wait, keeps a duplicate
/// ([`try_clone_to_owned`](BorrowedHandle::try_clone_to_owned)) and arms before each wait all the same. It is the right
/// one as long as [`look_after`](Self::look_after) stays what it was.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::snapshot::{Reader, Writer};
/// use win_shared_memory::sync::{Event, Reset, wait_any};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// # let mut writer = Writer::<u32>::register(r"Local\docs-armed")?;
/// # writer.publish(&7);
/// let stop = Event::create_unnamed(Reset::Manual)?;
/// let mut reader = Reader::<u32>::open(r"Local\docs-armed")?;
/// loop {
///     let Some(armed) = reader.arm()? else {
///         println!("{:?}", reader.latest()?);
/// #       stop.set()?;
///         continue;
///     };
///     if wait_any(&[&stop, &armed], armed.look_after())? == Some(0) {
///         break;
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is waited for by arming alone"]
pub struct Armed<'a> {
    event: &'a Event,
    /// Where it is said that this party waits, and with which bit; `None` where nobody can be told.
    told: Option<(&'a AtomicU32, u32)>,
}

impl<'a> Armed<'a> {
    /// For a party that has armed this bit of the word and found nothing since: it is woken by the event.
    pub(crate) fn new(event: &'a Event, word: &'a AtomicU32, bit: u32) -> Self {
        let told = Some((word, bit));
        Self { event, told }
    }

    /// For a party that nobody can wake, with an event that nobody sets.
    pub(crate) fn polling(event: &'a Event) -> Self {
        Self { event, told: None }
    }

    /// How long to wait at most before looking again: 50 ms, or 1 ms where nobody can wake this reader.
    ///
    /// A reader cannot be woken if it may not write where readers say that they wait
    /// ([`waiting_security`](crate::SharedMemoryOptions::waiting_security) grants that), in an AppContainer, and if 32
    /// others wait. A wait by the system may take a tick longer than asked for, about 16 ms.
    #[must_use]
    pub fn look_after(&self) -> Duration {
        if self.told.is_some() { SLICE } else { POLL }
    }
}

impl Drop for Armed<'_> {
    fn drop(&mut self) {
        if let Some((word, bit)) = self.told {
            wake::disarm(word, bit);
        }
    }
}

impl AsHandle for Armed<'_> {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.event.as_handle()
    }
}

impl Sealed for Armed<'_> {}
impl Waitable for Armed<'_> {}

impl fmt::Debug for Armed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Armed")
            .field("event", &self.event)
            .field("look_after", &self.look_after())
            .finish()
    }
}
