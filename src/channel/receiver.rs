//! [`Receiver`].

use std::fmt;
use std::time::Duration;

use crate::channel::inlet::Inlet;
use crate::channel::member::IfAbsent;
use crate::channel::message::Message;
use crate::channel::message::sealed::receive_into;
use crate::channel::received::Received;
use crate::data::SharedData;
use crate::error::SharedMemoryError;
use crate::region::options::SharedMemoryOptions;
use crate::sync::Armed;

/// Receives the messages of a channel: each once, and those of one sender in the order in which they were sent.
///
/// `M` is a type that is [`SharedData`], or a slice of one for messages of any length.
///
/// [`recv`](Self::recv) takes a message and returns it: a program that is killed at that loses this one message at
/// most. [`peek`](Self::peek) lets a program finish its work before the message is taken: if it is killed, the next
/// receiver gets the message again.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::channel::{Receiver, Sender};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut receiver = Receiver::<[u8]>::register(r"Local\docs-channel-receiver")?;
/// assert_eq!(receiver.try_recv()?, None);
///
/// // In another program:
/// let mut sender = Sender::<[u8]>::open(r"Local\docs-channel-receiver")?;
/// sender.send(b"hello")?;
///
/// assert_eq!(receiver.recv_timeout(Duration::from_secs(10))?.as_deref(), Some(&b"hello"[..]));
/// # Ok(())
/// # }
/// ```
pub struct Receiver<M: ?Sized> {
    inlet: Inlet<M>,
}

impl<M: Message + ?Sized> Receiver<M> {
    /// Registers this process as the receiver of the channel of this name, and creates the channel if there is none.
    ///
    /// After a receiver that has exited, also one that was killed, this one goes on with the first message that was not
    /// taken.
    ///
    /// # Errors
    ///
    /// As for [`Sender::register`](super::Sender::register); [`SharedMemoryError::EndTaken`] if there is a receiver.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::channel::{Receiver, Sender};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut sender = Sender::<u32>::register(r"Local\docs-channel-goes-on")?;
    /// sender.send(&7)?;
    /// sender.send(&8)?;
    /// let mut receiver = Receiver::<u32>::register(r"Local\docs-channel-goes-on")?;
    /// assert_eq!(receiver.recv()?, 7);
    /// drop(receiver);
    ///
    /// // Later, or in another process:
    /// let mut receiver = Receiver::<u32>::register(r"Local\docs-channel-goes-on")?;
    /// assert_eq!(receiver.recv()?, 8);
    /// # Ok(())
    /// # }
    /// ```
    pub fn register(name: &str) -> Result<Self, SharedMemoryError> {
        Self::register_with(name, &SharedMemoryOptions::new())
    }

    /// Registers as [`register`](Self::register) does, with these options.
    ///
    /// # Errors
    ///
    /// As for [`register`](Self::register).
    pub fn register_with(
        name: &str,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Self::join(name, IfAbsent::Create, options)
    }

    /// Registers this process as the receiver of a channel that is there.
    ///
    /// # Errors
    ///
    /// As for [`Sender::open`](super::Sender::open).
    pub fn open(name: &str) -> Result<Self, SharedMemoryError> {
        Self::open_with(name, &SharedMemoryOptions::new())
    }

    /// As [`open`](Self::open), with options. [`SharedMemoryOptions::wait`] waits for the channel to appear.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open), and [`SharedMemoryError::TimedOut`] if nothing appeared in that time.
    pub fn open_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError> {
        Self::join(name, IfAbsent::Fail, options)
    }

    fn join(
        name: &str,
        if_absent: IfAbsent,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let inlet = Inlet::join(name, if_absent, options)?;
        Ok(Self { inlet })
    }

    /// Receives a message. Waits for it without a limit.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::Disconnected`]: nothing is left, and all senders have closed their ends or have exited. A
    ///   later sender's messages can be received then ([`wait_for_sender`](Self::wait_for_sender)). While no
    ///   sender has come yet, `recv` waits.
    /// - [`SharedMemoryError::InvalidValue`]: another program has sent bytes that are not a valid value. The message is
    ///   taken.
    /// - [`SharedMemoryError::UnknownFormat`]: another program has damaged the channel.
    /// - [`SharedMemoryError::System`]: there is no memory for a message that is a slice, which then is not taken; or the
    ///   system refuses to wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::channel::{Receiver, Sender};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut receiver = Receiver::<[u8]>::register(r"Local\docs-channel-recv")?;
    /// let mut sender = Sender::<[u8]>::register(r"Local\docs-channel-recv")?;
    /// sender.send(b"hello")?;
    /// drop(sender);
    /// assert_eq!(receiver.recv()?, b"hello");
    /// // Nothing is left, and the sender has gone.
    /// assert!(receiver.recv().is_err_and(|error| error.is_disconnected()));
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn recv(&mut self) -> Result<M::Owned, SharedMemoryError> {
        loop {
            if let Some(message) = self.recv_timeout(Duration::MAX)? {
                return Ok(message);
            }
        }
    }

    /// Receives a message if there is one. Makes no system call, except to wake a sender that waits for room, and to ask
    /// whether the senders live when nothing has come for 30 ms.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Self::recv).
    #[inline]
    pub fn try_recv(&mut self) -> Result<Option<M::Owned>, SharedMemoryError> {
        match self.inlet.first()? {
            Some(found) => self.inlet.receive(found).map(Some),
            None => Ok(None),
        }
    }

    /// Receives a message, and waits for it at most for `timeout`. Returns `None` if there is none then.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Self::recv).
    #[inline]
    pub fn recv_timeout(
        &mut self,
        timeout: Duration,
    ) -> Result<Option<M::Owned>, SharedMemoryError> {
        match self.inlet.first_within(timeout)? {
            Some(found) => self.inlet.receive(found).map(Some),
            None => Ok(None),
        }
    }

    /// Waits for a message, at most for `timeout`, and leaves it in the channel until it is
    /// [done](Received::done). Returns `None` if there is none then.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Self::recv), except that bytes that are not a valid value are not looked at.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use win_shared_memory::channel::{Receiver, Sender};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut sender = Sender::<u32>::register(r"Local\docs-peek")?;
    /// sender.send(&7)?;
    ///
    /// let mut receiver = Receiver::<u32>::register(r"Local\docs-peek")?;
    /// if let Some(message) = receiver.peek(Duration::from_secs(1))? {
    ///     let number = message.read()?;
    ///     // Work that has to be finished before the message is gone.
    ///     assert_eq!(number, 7);
    ///     message.done();
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn peek(
        &mut self,
        timeout: Duration,
    ) -> Result<Option<Received<'_, M>>, SharedMemoryError> {
        let found = self.inlet.first_within(timeout)?;
        Ok(found.map(|found| Received::new(&mut self.inlet, found)))
    }

    /// The messages, each waited for without a limit, until the senders have gone and nothing is left.
    pub fn iter(&mut self) -> Iter<'_, M> {
        Iter { receiver: self }
    }

    /// The messages that are there.
    pub fn try_iter(&mut self) -> TryIter<'_, M> {
        TryIter { receiver: self }
    }

    /// How many senders there are that have not exited, as far as the system tells.
    #[must_use]
    pub fn senders(&self) -> usize {
        self.inlet.senders()
    }

    /// Waits until there is a sender, at most for `timeout`: whether there is one.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the system refuses.
    pub fn wait_for_sender(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        self.inlet.wait_for_sender(timeout)
    }

    /// A handle to wait on beside others until there is a message. Returns `None` if there is something to receive now,
    /// or nobody is left who could send; then receive. See [`Armed`] for its rules.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::UnknownFormat`]: another program has damaged the channel.
    pub fn arm(&mut self) -> Result<Option<Armed<'_>>, SharedMemoryError> {
        self.inlet.arm()
    }

    /// Whether the call that made this receiver has created the channel.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.inlet.member.was_created
    }

    /// The name, as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inlet.member.names.name
    }
}

impl<T: SharedData> Receiver<[T]> {
    /// Receives a message into `to`, whose memory is used again, and waits for it at most for `timeout`. Returns `false`
    /// if there is none then.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Self::recv). After an error, `to` is empty or as it was.
    pub fn recv_into(
        &mut self,
        to: &mut Vec<T>,
        timeout: Duration,
    ) -> Result<bool, SharedMemoryError> {
        let Some(found) = self.inlet.first_within(timeout)? else {
            return Ok(false);
        };
        let (ring, take) = self.inlet.parts(found);
        receive_into(to, ring, found.record.offset, found.record.len, take)?;
        Ok(true)
    }
}

/// The messages of a channel until its senders have gone. Made by [`Receiver::iter`].
///
/// # Examples
///
/// ```
/// use win_shared_memory::channel::{Receiver, Sender};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut sender = Sender::<u32>::register(r"Local\docs-channel-iter")?;
/// let mut receiver = Receiver::<u32>::register(r"Local\docs-channel-iter")?;
/// sender.send(&7)?;
/// sender.send(&8)?;
/// drop(sender);
/// let all: Vec<u32> = receiver.iter().collect::<Result<_, _>>()?;
/// assert_eq!(all, [7, 8]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Iter<'a, M: ?Sized> {
    receiver: &'a mut Receiver<M>,
}

impl<M: Message + ?Sized> Iterator for Iter<'_, M> {
    type Item = Result<M::Owned, SharedMemoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.receiver.recv() {
            Err(error) if error.is_disconnected() => None,
            received => Some(received),
        }
    }
}

/// The messages of a channel that are there. Made by [`Receiver::try_iter`].
///
/// # Examples
///
/// ```
/// use win_shared_memory::channel::{Receiver, Sender};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut sender = Sender::<u32>::register(r"Local\docs-channel-try-iter")?;
/// let mut receiver = Receiver::<u32>::register(r"Local\docs-channel-try-iter")?;
/// sender.send(&7)?;
/// for message in receiver.try_iter() {
///     assert_eq!(message?, 7);
/// }
/// assert_eq!(receiver.try_iter().count(), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TryIter<'a, M: ?Sized> {
    receiver: &'a mut Receiver<M>,
}

impl<M: Message + ?Sized> Iterator for TryIter<'_, M> {
    type Item = Result<M::Owned, SharedMemoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.receiver.try_recv() {
            Err(error) if error.is_disconnected() => None,
            received => received.transpose(),
        }
    }
}

impl<M: ?Sized> fmt::Debug for Receiver<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Receiver").field(&self.inlet).finish()
    }
}
