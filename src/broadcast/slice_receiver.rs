//! [`SliceReceiver`].

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use crate::broadcast::News;
use crate::cores::in_order::Next;
use crate::data::SharedData;
use crate::data::identity::ProcessIdentity;
use crate::error::SharedMemoryError;
use crate::protocol::companions::Companions;
use crate::protocol::directory::Kind;
use crate::protocol::elements::Elements;
use crate::protocol::shape::Shape;
use crate::protocol::subscriber::Subscriber;
use crate::region::options::SharedMemoryOptions;
use crate::sync::Armed;
use crate::sync::process::Liveness;

/// Receives every slice of `T` that a [`SliceSender`](super::SliceSender) sends under a name, in order.
///
/// The counterpart of [`Receiver`](super::Receiver) for messages whose size is known at run time. It copies each message
/// to a vector of the caller's, which is empty or as it was if there is no message. Nothing that the region says of
/// lengths is believed beyond what is mapped.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::broadcast::{News, SliceReceiver, SliceSender};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut sender = SliceSender::<u8>::register(r"Local\docs-slice-receiver", 512)?;
/// let mut receiver = SliceReceiver::<u8>::open(r"Local\docs-slice-receiver")?;
/// # for line in ["first", "second"] { sender.send(line.as_bytes())?; }
/// let mut line = Vec::new();
/// while let Some(news) = receiver.recv_timeout_into(&mut line, Duration::from_millis(10))? {
///     match news {
///         News::Message(()) => println!("{}", String::from_utf8_lossy(&line)),
///         News::Lagged(missed) => println!("{missed} lines were missed"),
///     }
/// }
/// # assert_eq!(receiver.number(), 2);
/// # Ok(())
/// # }
/// ```
pub struct SliceReceiver<T> {
    subscriber: Subscriber,
    element: PhantomData<fn() -> T>,
}

impl<T> SliceReceiver<T> {
    /// Opens the broadcast of this name, as [`Receiver::open`](super::Receiver::open) does.
    ///
    /// # Errors
    ///
    /// As for [`Receiver::open`](super::Receiver::open).
    pub fn open(name: &str) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::open_with(name, &SharedMemoryOptions::new())
    }

    /// Opens as [`open`](Self::open) does, with these options; see
    /// [`Receiver::open_with`](super::Receiver::open_with).
    ///
    /// # Errors
    ///
    /// As for [`Receiver::open_with`](super::Receiver::open_with).
    pub fn open_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        let names = Companions::new(name);
        let shape = Shape::slice::<T>(&names)?;
        let mut subscriber = Subscriber::open(names, Kind::Broadcast, Some(shape), options)?;
        subscriber.go_to_end()?;
        Ok(Self {
            subscriber,
            element: PhantomData,
        })
    }
}

impl<T: SharedData> SliceReceiver<T> {
    /// Makes `to` the next message, or tells how many were missed before it; `None` if there is none yet. The elements
    /// are copied once, and memory is allocated only if `to` has too little.
    ///
    /// # Errors
    ///
    /// - Those of [`Receiver::try_recv`](super::Receiver::try_recv). An
    ///   [invalid](SharedMemoryError::InvalidValue) element is named with its index.
    /// - [`SharedMemoryError::System`] if there is no memory for the copy
    ///   ([`is_out_of_memory`](SharedMemoryError::is_out_of_memory)). The message counts as received.
    pub fn try_recv_into(
        &mut self,
        to: &mut Vec<T>,
    ) -> Result<Option<News<()>>, SharedMemoryError> {
        let mut elements = Elements::new(to);
        let next = self
            .subscriber
            .read_next(|payload, slot| elements.copy(payload, slot))?;
        next.map(|next| self.check(next, elements)).transpose()
    }

    /// Receives as [`try_recv_into`](Self::try_recv_into) does, and waits for a message up to `timeout`; `None` if there
    /// is none by then. See [`wait`](Self::wait).
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    pub fn recv_timeout_into(
        &mut self,
        to: &mut Vec<T>,
        timeout: Duration,
    ) -> Result<Option<News<()>>, SharedMemoryError> {
        let mut elements = Elements::new(to);
        let next = self
            .subscriber
            .read_next_within(timeout, |payload, slot| elements.copy(payload, slot))?;
        next.map(|next| self.check(next, elements)).transpose()
    }

    /// Receives as [`try_recv_into`](Self::try_recv_into) does, and waits for a message without a limit.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    pub fn recv_into(&mut self, to: &mut Vec<T>) -> Result<News<()>, SharedMemoryError> {
        let mut elements = Elements::new(to);
        let next = self
            .subscriber
            .read_next_of_writer(|payload, slot| elements.copy(payload, slot))?;
        self.check(next, elements)
    }

    fn check(
        &self,
        next: Next<()>,
        elements: Elements<'_, T>,
    ) -> Result<News<()>, SharedMemoryError> {
        News::check(next, |()| elements.check(self.name()))
    }

    /// The most elements that a message can have in the payload that this receiver reads.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.subscriber.capacity()
    }

    /// Waits up to `timeout` until there is something to receive: `false` if there is nothing by then. Receives nothing.
    ///
    /// [`Duration::MAX`] waits without a limit. The sender wakes a receiver that may also write, also when it is dropped;
    /// any other looks every millisecond, unless the sender grants it
    /// [waiting](crate::SharedMemoryOptions::waiting_security).
    ///
    /// # Errors
    ///
    /// As for [`try_recv_into`](Self::try_recv_into), and [`SharedMemoryError::System`] if the system refuses to wait.
    pub fn wait(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        self.subscriber.wait_next(timeout)
    }

    /// Waits up to `timeout` until there is a sender, or something to receive: `false` if there is neither by then. See
    /// [`Receiver::wait_for_sender`](super::Receiver::wait_for_sender).
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait), except that it does not fail while there is no sender.
    pub fn wait_for_sender(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        self.subscriber.wait_for_writer(timeout)
    }

    /// What to wait for, together with other things, until there is something to receive; `None` if there is, or the
    /// sender has gone: then receive. Receives nothing itself. See [`Armed`] for how to wait.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    pub fn arm(&mut self) -> Result<Option<Armed<'_>>, SharedMemoryError> {
        self.subscriber.arm_next()
    }

    /// Goes back to the oldest message that is kept, to receive it next, and those after it again.
    ///
    /// A sender that sends meanwhile may overwrite it before it is received. Then that is told as [`News::Lagged`].
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::UnknownFormat`]: another program has damaged the region.
    pub fn rewind(&mut self) -> Result<(), SharedMemoryError> {
        self.subscriber.rewind()
    }

    /// The name, as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.subscriber.names.name
    }

    /// The number of the message that this receiver has received or missed last; before the first, that of the last
    /// message that was there when it was opened.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.subscriber.seen
    }

    /// The number of the payload that this receiver reads, from 1 on. It grows when a sender comes back with another
    /// payload, not always by one.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.subscriber.generation()
    }

    /// How many messages are kept for receivers that are behind.
    #[must_use]
    pub fn history(&self) -> usize {
        self.subscriber.history() as usize
    }

    /// The process of the sender, also if it has exited or was killed; `None` if the sender was dropped, or
    /// another one is just registering.
    #[must_use]
    pub fn sender(&self) -> Option<ProcessIdentity> {
        self.subscriber.writer()
    }

    /// Whether there is a sender and its process is alive. [`Liveness::Gone`] also if the sender was
    /// dropped.
    #[must_use]
    pub fn sender_liveness(&self) -> Liveness {
        self.subscriber.writer_liveness()
    }
}

impl<T> fmt::Debug for SliceReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SliceReceiver")
            .field(&self.subscriber)
            .finish()
    }
}
