//! [`Draft`] and [`Batch`].

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use crate::access::ReadWrite;
use crate::channel::message::Message;
use crate::channel::outlet::Outlet;
use crate::cores::ring::Room;
use crate::data::SharedData;
use crate::error::SharedMemoryError;
use crate::link::field::IntoPlace;
use crate::place::Place;
use crate::place::places::Places;

/// A message that a [`Sender`](super::Sender) builds in place. If it is dropped without [`send`](Self::send), nothing is sent.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::channel::{Receiver, Sender};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut sender = Sender::<[u32; 1000]>::register(r"Local\docs-channel-draft-place")?;
/// let mut receiver = Receiver::<[u32; 1000]>::register(r"Local\docs-channel-draft-place")?;
/// if let Some(draft) = sender.draft(Duration::from_secs(1))? {
///     draft.place().at(999).write(&7);
///     draft.send();
/// }
/// assert_eq!(receiver.recv()?[999], 7);
/// # Ok(())
/// # }
/// ```
#[must_use = "a draft is not received until it is sent"]
pub struct Draft<'a, M: ?Sized> {
    outlet: &'a mut Outlet,
    room: Room,
    message: PhantomData<fn(&M)>,
}

impl<'a, M: Message + ?Sized> Draft<'a, M> {
    pub(super) fn new(outlet: &'a mut Outlet, room: Room) -> Self {
        let message = PhantomData;
        Self {
            outlet,
            room,
            message,
        }
    }

    /// Sends the message.
    pub fn send(self) {
        step!();
        self.outlet.add(self.room);
        self.outlet.commit();
    }
}

impl<T: SharedData> Draft<'_, T> {
    /// Where the message is.
    #[must_use]
    pub fn place(&self) -> Place<'_, T, ReadWrite> {
        self.outlet.ring().message(self.room.offset)
    }
}

impl<T: SharedData> Draft<'_, [T]> {
    /// Where the elements of the message are.
    #[must_use]
    pub fn places(&self) -> Places<'_, T, ReadWrite> {
        let count = self.room.len as usize / size_of::<T>();
        self.outlet.ring().elements(self.room.offset, count)
    }
}

impl<'a, T: SharedData> IntoPlace for &'a Draft<'_, T> {
    type Place = Place<'a, T, ReadWrite>;

    #[inline]
    fn into_place(self) -> Self::Place {
        self.place()
    }
}

/// Messages of a [`Sender`](super::Sender) that are received together or not at all. If it is dropped without
/// [`send`](Self::send), nothing is sent.
///
/// # Examples
///
/// ```
/// use win_shared_memory::channel::{Receiver, Sender};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut sender = Sender::<u32>::register(r"Local\docs-channel-batch")?;
/// let mut receiver = Receiver::<u32>::register(r"Local\docs-channel-batch")?;
/// let mut batch = sender.batch();
/// for number in 1..=3 {
///     assert!(batch.push(&number)?);
/// }
/// assert_eq!(receiver.try_recv()?, None);
/// assert_eq!(batch.send(), 3);
/// assert_eq!(receiver.recv()?, 1);
/// # Ok(())
/// # }
/// ```
#[must_use = "a batch is not received until it is sent"]
pub struct Batch<'a, M: Message + ?Sized> {
    outlet: &'a mut Outlet,
    len: usize,
    message: PhantomData<fn(&M)>,
}

impl<'a, M: Message + ?Sized> Batch<'a, M> {
    pub(super) fn new(outlet: &'a mut Outlet) -> Self {
        let message = PhantomData;
        Self {
            outlet,
            len: 0,
            message,
        }
    }

    /// Adds a message. Returns `false` if there is no room for it beside those that were added: the batch has to be
    /// sent without it.
    ///
    /// # Errors
    ///
    /// As for [`Sender::send`](super::Sender::send).
    pub fn push(&mut self, message: &M) -> Result<bool, SharedMemoryError> {
        let (count, size) = (message.count(), size_of::<M::Element>());
        let Some(room) = self.outlet.room(count, size, Duration::ZERO)? else {
            return Ok(false);
        };
        message.write(self.outlet.ring(), room.offset);
        step!();
        self.outlet.add(room);
        self.len += 1;
        Ok(true)
    }

    /// The number of messages so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Sends the messages, and returns how many there are.
    pub fn send(self) -> usize {
        if self.len > 0 {
            self.outlet.commit();
        }
        self.len
    }
}

impl<M: Message + ?Sized> Drop for Batch<'_, M> {
    fn drop(&mut self) {
        // Nothing is left to discard of one that was sent.
        self.outlet.discard();
    }
}

impl<M: ?Sized> fmt::Debug for Draft<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("room", &self.room)
            .finish_non_exhaustive()
    }
}

impl<M: Message + ?Sized> fmt::Debug for Batch<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
