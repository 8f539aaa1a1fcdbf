//! [`SliceSender`].

use std::fmt;
use std::marker::PhantomData;

use crate::data::SharedData;
use crate::error::SharedMemoryError;
use crate::protocol::companions::Companions;
use crate::protocol::directory::Kind;
use crate::protocol::publisher::{IfThere, Publisher, Wanted};
use crate::protocol::shape::Shape;
use crate::protocol::slice_draft::SliceDraft;
use crate::region::options::SharedMemoryOptions;

/// Sends slices of `T` under a name, each as long as it is, to any number of
/// [`SliceReceiver`](super::SliceReceiver)s: log lines, packets, frames.
///
/// The counterpart of [`Sender`](super::Sender) for messages whose size is known at run time. The *capacity* is the most
/// elements that a message may have. The region has room for as many messages of that length as its
/// [history](Self::history) says, and takes memory only for what was written once.
///
/// # Examples
///
/// ```
/// use win_shared_memory::broadcast::{SliceReceiver, SliceSender};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut sender = SliceSender::<u8>::register(r"Local\docs-slice-sender", 512)?;
///
/// // In another program:
/// let mut receiver = SliceReceiver::<u8>::open(r"Local\docs-slice-sender")?;
/// # sender.send(b"started")?;
/// let mut line = Vec::new();
/// receiver.recv_into(&mut line)?.message();
/// assert_eq!(line, b"started");
/// # Ok(())
/// # }
/// ```
pub struct SliceSender<T> {
    publisher: Publisher,
    element: PhantomData<fn(T)>,
}

impl<T> SliceSender<T> {
    /// Registers this process as the sender, as [`Sender::register`](super::Sender::register) does, with room
    /// for `capacity` elements at least.
    ///
    /// If an earlier sender had less room, receivers move to a larger payload of a new generation, once they have
    /// received what was sent before. If it had more, that is kept.
    ///
    /// # Errors
    ///
    /// As for [`Sender::register`](super::Sender::register), [`SharedMemoryError::InvalidSize`] for a capacity
    /// of 0, and [`SharedMemoryError::SizeTooLarge`] for one over `u32::MAX`, or if the messages do not fit the
    /// address space.
    pub fn register(name: &str, capacity: usize) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::register_with(name, capacity, &SharedMemoryOptions::new())
    }

    /// Registers as [`register`](Self::register) does, with these options; see
    /// [`Sender::register_with`](super::Sender::register_with).
    ///
    /// # Errors
    ///
    /// As for [`register`](Self::register).
    pub fn register_with(
        name: &str,
        capacity: usize,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::enter(name, capacity, options, IfThere::TakeOver)
    }

    /// Registers this process as the sender of a broadcast that does not exist yet; see
    /// [`Sender::create`](super::Sender::create).
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::AlreadyExists`] if there is one, and as for [`register`](Self::register).
    pub fn create(name: &str, capacity: usize) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::create_with(name, capacity, &SharedMemoryOptions::new())
    }

    /// Creates as [`create`](Self::create) does, with these options; see
    /// [`Sender::create_with`](super::Sender::create_with).
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create).
    pub fn create_with(
        name: &str,
        capacity: usize,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::enter(name, capacity, options, IfThere::Refuse)
    }
}

impl<T: SharedData> SliceSender<T> {
    fn enter(
        name: &str,
        capacity: usize,
        options: &SharedMemoryOptions,
        if_there: IfThere,
    ) -> Result<Self, SharedMemoryError> {
        let names = Companions::new(name);
        let wanted = Wanted::new(Kind::Broadcast, Shape::slice::<T>(&names)?)
            .with_capacity(name, capacity)?
            .with_history(options.history)?;
        Ok(Self {
            publisher: Publisher::enter(names, &wanted, options, if_there)?,
            element: PhantomData,
        })
    }

    /// Sends a slice and returns its number. Wakes the receivers that wait, and waits for none of them.
    /// Makes no system call if no receiver waits.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::TooLong`] if it is longer than the [capacity](Self::capacity). Then
    /// nothing is sent, and its number is used for the next message.
    pub fn send(&mut self, message: &[T]) -> Result<u64, SharedMemoryError> {
        Ok(SliceDraft::of(&mut self.publisher, message)?.publish())
    }

    /// Begins a slice that is built in place, from none of its elements on: so that what is made piece by piece
    /// is not copied once more.
    pub fn draft(&mut self) -> SliceDraft<'_, T> {
        SliceDraft::begin(&mut self.publisher)
    }

    /// The most elements that a message may have; as many as were asked for, or more.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.publisher.payload.capacity()
    }

    /// How many messages are kept; see [`Sender::history`](super::Sender::history).
    #[must_use]
    pub fn history(&self) -> usize {
        self.publisher.payload.history() as usize
    }

    /// Whether the call that made this sender has created the broadcast; see
    /// [`snapshot::Writer::was_created`](crate::snapshot::Writer::was_created).
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.publisher.was_created
    }

    /// The name, as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.publisher.names.name
    }

    /// The number of the payload in which this sender sends, from 1 on.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.publisher.generation
    }

    /// The number of the message sent last; see [`Sender::number`](super::Sender::number).
    #[must_use]
    pub fn number(&self) -> u64 {
        self.publisher.version
    }
}

impl<T> fmt::Debug for SliceSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SliceSender").field(&self.publisher).finish()
    }
}
