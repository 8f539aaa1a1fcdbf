//! [`Received`].

use std::fmt;

use crate::channel::inlet::{Found, Inlet};
use crate::channel::message::Message;
use crate::data::SharedData;
use crate::error::SharedMemoryError;
use crate::link::field::IntoPlace;
use crate::place::Place;
use crate::place::places::Places;

/// A message that is still in the channel. If it is dropped without [`done`](Self::done), or its program is killed, it
/// is received again.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::channel::{Receiver, Sender};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut sender = Sender::<u32>::register(r"Local\docs-channel-received")?;
/// let mut receiver = Receiver::<u32>::register(r"Local\docs-channel-received")?;
/// sender.send(&7)?;
/// for _ in 0..2 {
///     let message = receiver.peek(Duration::from_secs(1))?.expect("it was sent");
///     assert_eq!(message.read()?, 7);
///     // Dropped here, as if this program had been killed while it worked on the message.
/// }
/// let message = receiver.peek(Duration::from_secs(1))?.expect("it is still there");
/// message.done();
/// assert_eq!(receiver.try_recv()?, None);
/// # Ok(())
/// # }
/// ```
pub struct Received<'a, M: ?Sized> {
    inlet: &'a mut Inlet<M>,
    found: Found,
}

impl<'a, M: Message + ?Sized> Received<'a, M> {
    pub(super) fn new(inlet: &'a mut Inlet<M>, found: Found) -> Self {
        Self { inlet, found }
    }

    /// A copy of the message.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::InvalidValue`], and [`SharedMemoryError::System`], as for [`Receiver::recv`](super::Receiver::recv).
    pub fn read(&self) -> Result<M::Owned, SharedMemoryError> {
        let ring = self.inlet.ring(self.found);
        M::receive(ring, self.found.record.offset, self.found.record.len, || {})
    }

    /// The number of the sender's place, from 0 on.
    #[must_use]
    pub fn lane(&self) -> usize {
        self.found.lane
    }

    /// Takes the message from the channel.
    pub fn done(self) {
        step!();
        let (_, take) = self.inlet.parts(self.found);
        take();
    }
}

impl<T: SharedData> Received<'_, T> {
    /// Where the message is. Its sender does not change it any more; a hostile one could.
    #[must_use]
    pub fn place(&self) -> Place<'_, T> {
        let ring = self.inlet.ring(self.found);
        ring.message(self.found.record.offset).read_only()
    }
}

impl<'a, T: SharedData> IntoPlace for &'a Received<'_, T> {
    type Place = Place<'a, T>;

    #[inline]
    fn into_place(self) -> Self::Place {
        self.place()
    }
}

impl<T: SharedData> Received<'_, [T]> {
    /// Where the elements of the message are. Their sender does not change them any more; a hostile one could.
    #[must_use]
    pub fn places(&self) -> Places<'_, T> {
        let count = self.found.record.len as usize / size_of::<T>();
        let ring = self.inlet.ring(self.found);
        ring.elements(self.found.record.offset, count).read_only()
    }
}

impl<M: ?Sized> fmt::Debug for Received<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("found", &self.found)
            .finish_non_exhaustive()
    }
}
