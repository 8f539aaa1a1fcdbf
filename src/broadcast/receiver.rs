//! [`Receiver`] and [`Iter`].

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use crate::access::ReadOnly;
use crate::broadcast::News;
use crate::data::SharedData;
use crate::data::identity::ProcessIdentity;
use crate::error::SharedMemoryError;
use crate::place::{Place, Unchecked};
use crate::protocol::companions::Companions;
use crate::protocol::directory::Kind;
use crate::protocol::payload::Payload;
use crate::protocol::shape::Shape;
use crate::protocol::subscriber::Subscriber;
use crate::region::options::SharedMemoryOptions;
use crate::sync::Armed;
use crate::sync::process::Liveness;

/// Receives every message of a `T` that a [`Sender`](super::Sender) sends under a name, in order.
///
/// It needs no more than read access to the regions. See the [module](super) for which messages it gets, and for what
/// happens when the sender exits, is killed, or comes back with another type.
///
/// # Examples
///
/// ```
/// use win_shared_memory::broadcast::{News, Receiver, Sender};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut sender = Sender::register(r"Local\docs-broadcast-receiver")?;
/// let mut receiver = Receiver::<[f32; 2]>::open(r"Local\docs-broadcast-receiver")?;
/// sender.send(&[20.5_f32, 21.0]);
/// sender.send(&[20.5, 21.5]);
/// drop(sender);
///
/// for news in receiver.iter() {
///     match news? {
///         News::Message([inside, outside]) => assert!(inside < outside),
///         News::Lagged(missed) => println!("{missed} messages were missed"),
///     }
/// }
/// assert_eq!(receiver.number(), 2);
/// # Ok(())
/// # }
/// ```
pub struct Receiver<T> {
    subscriber: Subscriber,
    message: PhantomData<fn() -> T>,
}

impl<T> Receiver<T> {
    /// Opens the broadcast of this name, to receive what is sent from now on. If its sender is just registering, waits
    /// for that for at most five seconds.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::OpenMapping`]: there is none, or security denies it.
    /// - [`SharedMemoryError::NotReady`]: its sender has not finished registering, or died at it.
    /// - [`SharedMemoryError::LayoutMismatch`]: it is of another type, and not of one that this
    ///   [may grow](SharedData::MAY_GROW) to. The error names the first field that differs.
    /// - [`SharedMemoryError::UnknownFormat`]: it is not a broadcast of this crate, or it is damaged.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::broadcast::{News, Receiver, Sender};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut sender = Sender::register(r"Local\docs-broadcast-open")?;
    /// sender.send(&20.5_f32);
    /// let mut receiver = Receiver::<f32>::open(r"Local\docs-broadcast-open")?;
    /// sender.send(&21.0);
    /// assert_eq!(receiver.recv()?, News::Message(21.0));
    /// # Ok(())
    /// # }
    /// ```
    pub fn open(name: &str) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::open_with(name, &SharedMemoryOptions::new())
    }

    /// Opens as [`open`](Self::open) does, with these options. With [`wait`](SharedMemoryOptions::wait) it also waits
    /// for a broadcast that does not exist yet, and for one of another type whose sender has exited to be replaced. The
    /// [`security`](SharedMemoryOptions::security) is that of the event by which the sender wakes this receiver.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open), and [`SharedMemoryError::TimedOut`] if there is no such broadcast when
    /// the wait is over.
    pub fn open_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        let names = Companions::new(name);
        let shape = Shape::readable::<T>(&names)?;
        let mut subscriber = Subscriber::open(names, Kind::Broadcast, Some(shape), options)?;
        subscriber.go_to_end()?;
        Ok(Self {
            subscriber,
            message: PhantomData,
        })
    }
}

impl<T: SharedData> Receiver<T> {
    /// The next message, or how many were missed before it; `None` if there is none yet.
    ///
    /// A `bool`, `char` or enum in the copy is checked, because another program has written it. A type
    /// without one costs no check.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::Disconnected`]: there is no message, and the sender was dropped, or its process has
    ///   exited, which is noticed at most about 50 ms later. If another sender comes, its messages are received then:
    ///   see [`wait_for_sender`](Self::wait_for_sender).
    /// - [`SharedMemoryError::InvalidValue`]: the bytes are not a valid value. The message counts as received.
    /// - [`SharedMemoryError::LayoutMismatch`]: the sender came back with another type, and all that the one before has
    ///   sent was received.
    /// - [`SharedMemoryError::UnknownFormat`]: another program has damaged the region.
    pub fn try_recv(&mut self) -> Result<Option<News<T>>, SharedMemoryError> {
        self.subscriber
            .read_next(copy)?
            .map(|next| Ok(News::check(next, Unchecked::check)?))
            .transpose()
    }

    /// Receives as [`try_recv`](Self::try_recv) does, and waits for a message up to `timeout`; `None` if there is none
    /// by then. See [`wait`](Self::wait).
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    pub fn recv_timeout(
        &mut self,
        timeout: Duration,
    ) -> Result<Option<News<T>>, SharedMemoryError> {
        self.subscriber
            .read_next_within(timeout, copy)?
            .map(|next| Ok(News::check(next, Unchecked::check)?))
            .transpose()
    }

    /// Receives as [`try_recv`](Self::try_recv) does, and waits for a message without a limit.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::broadcast::{News, Receiver, Sender};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut sender = Sender::register(r"Local\docs-broadcast-recv")?;
    /// let mut receiver = Receiver::<f32>::open(r"Local\docs-broadcast-recv")?;
    /// sender.send(&20.5_f32);
    /// match receiver.recv()? {
    ///     News::Message(degrees) => assert_eq!(degrees, 20.5),
    ///     News::Lagged(missed) => println!("{missed} messages were missed"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn recv(&mut self) -> Result<News<T>, SharedMemoryError> {
        let next = self.subscriber.read_next_of_writer(copy)?;
        Ok(News::check(next, Unchecked::check)?)
    }

    /// Iterates over what [`recv`](Self::recv) receives, until there is nothing left and the sender has gone.
    pub fn iter(&mut self) -> Iter<'_, T> {
        Iter(self)
    }

    /// Waits up to `timeout` until there is something to receive: `false` if there is nothing by then. Receives nothing.
    ///
    /// [`Duration::MAX`] waits without a limit. The sender wakes a receiver that may also write, also when it is dropped;
    /// any other looks every millisecond, unless the sender grants it
    /// [waiting](crate::SharedMemoryOptions::waiting_security).
    ///
    /// # Errors
    ///
    /// As for [`try_recv`](Self::try_recv), and [`SharedMemoryError::System`] if the system refuses to wait.
    pub fn wait(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        self.subscriber.wait_next(timeout)
    }

    /// Waits up to `timeout` until there is a sender, or something to receive: `false` if there is neither by then.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait), except that it does not fail while there is no sender.
    ///
    /// # Examples
    ///
    /// A receiver that goes on when the sender is started again:
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use win_shared_memory::broadcast::{News, Receiver};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut receiver = Receiver::<u32>::open(r"Local\docs-wait-for-sender")?;
    /// loop {
    ///     for news in receiver.iter() {
    ///         match news? {
    ///             News::Message(number) => println!("{number}"),
    ///             News::Lagged(missed) => println!("{missed} numbers were missed"),
    ///         }
    ///     }
    ///     println!("the sender has gone; waiting for the next one");
    ///     receiver.wait_for_sender(Duration::MAX)?;
    /// }
    /// # }
    /// ```
    pub fn wait_for_sender(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        self.subscriber.wait_for_writer(timeout)
    }

    /// What to wait for, together with other things, until there is something to receive; `None` if there is, or the
    /// sender has gone: then receive. Receives nothing itself. See [`Armed`] for how to wait.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::broadcast::{News, Receiver, Sender};
    /// use win_shared_memory::sync::{Event, Reset, wait_any};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut sender = Sender::<u32>::register(r"Local\docs-broadcast-arm")?;
    /// let mut receiver = Receiver::<u32>::open(r"Local\docs-broadcast-arm")?;
    /// let stop = Event::create_unnamed(Reset::Manual)?;
    ///
    /// if let Some(armed) = receiver.arm()? {
    ///     sender.send(&7);
    ///     assert_eq!(wait_any(&[&stop, &armed], armed.look_after())?, Some(1));
    /// }
    /// assert!(receiver.arm()?.is_none(), "there is a message now");
    /// assert_eq!(receiver.try_recv()?, Some(News::Message(7)));
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::broadcast::{News, Receiver, Sender};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut sender = Sender::register(r"Local\docs-rewind")?;
    /// sender.send(&1_u32);
    /// sender.send(&2);
    ///
    /// // A program that starts late, and wants what was sent before:
    /// let mut receiver = Receiver::<u32>::open(r"Local\docs-rewind")?;
    /// assert_eq!(receiver.try_recv()?, None);
    /// receiver.rewind()?;
    /// assert_eq!(receiver.try_recv()?, Some(News::Message(1)));
    /// # Ok(())
    /// # }
    /// ```
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

fn copy<'a, T: SharedData>(payload: &'a Payload<ReadOnly>, slot: u32) -> Unchecked<T> {
    let place: Place<'a, T, ReadOnly> = payload.value(slot);
    place.copy_out()
}

/// What [`Receiver::iter`] iterates with.
///
/// # Examples
///
/// ```
/// use win_shared_memory::broadcast::{Receiver, Sender};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut sender = Sender::<u32>::register(r"Local\docs-broadcast-iter")?;
/// let mut receiver = Receiver::<u32>::open(r"Local\docs-broadcast-iter")?;
/// sender.send(&7);
/// drop(sender);
/// for news in receiver.iter() {
///     println!("{:?}", news?);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Iter<'a, T>(&'a mut Receiver<T>);

impl<T: SharedData> Iterator for Iter<'_, T> {
    type Item = Result<News<T>, SharedMemoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.recv()).filter(|it| !matches!(it, Err(error) if error.is_disconnected()))
    }
}

impl<'a, T: SharedData> IntoIterator for &'a mut Receiver<T> {
    type Item = Result<News<T>, SharedMemoryError>;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Receiver").field(&self.subscriber).finish()
    }
}

impl<T> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Iter").field(&self.0).finish()
    }
}
