//! [`Sender`].

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use crate::channel::draft::{Batch, Draft};
use crate::channel::member::{IfAbsent, process};
use crate::channel::message::Message;
use crate::channel::outlet::Outlet;
use crate::data::SharedData;
use crate::data::identity::ProcessIdentity;
use crate::error::SharedMemoryError;
use crate::protocol::companions::Companions;
use crate::region::options::SharedMemoryOptions;
use crate::sync::Armed;
use crate::sync::process::Liveness;

/// Sends messages to a channel: each once, in order.
///
/// `M` is a type that is [`SharedData`], or a slice of one for messages of any length.
///
/// # Examples
///
/// ```
/// use win_shared_memory::channel::{Receiver, Sender};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut sender = Sender::<[u8]>::register(r"Local\docs-sender")?;
/// sender.send(b"hello")?;
/// sender.send(b"")?;
///
/// // In another program:
/// let mut receiver = Receiver::<[u8]>::register(r"Local\docs-sender")?;
/// assert_eq!(receiver.recv()?, b"hello");
/// assert_eq!(receiver.recv()?, b"");
/// # Ok(())
/// # }
/// ```
pub struct Sender<M: ?Sized> {
    outlet: Outlet,
    message: PhantomData<fn(&M)>,
}

impl<M: Message + ?Sized> Sender<M> {
    /// Registers this process as a sender of the channel of this name, and creates the channel if there is none.
    ///
    /// After a sender that has exited, also one that was killed, this one goes on: what that one has sent is received
    /// first. A message that it was sending when it was killed is received whole or not at all.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::EndTaken`]: there are as many senders as the channel's creator has allowed
    ///   ([`senders`](SharedMemoryOptions::senders)), 1 by default.
    /// - [`SharedMemoryError::LayoutMismatch`]: it carries messages of another type; the error names the first field
    ///   that differs.
    /// - [`SharedMemoryError::UnknownFormat`]: the name is that of a region of other contents, or another program has
    ///   damaged the channel.
    /// - [`SharedMemoryError::NotReady`]: another process hangs while it joins.
    /// - [`SharedMemoryError::SizeTooLarge`]: the [`capacity`](SharedMemoryOptions::capacity) takes more than 2²⁸
    ///   units of 8 bytes, or more than the address space has.
    /// - Those of [`Section::get_or_create`](crate::Section::get_or_create) and
    ///   [`sync::Mutex::get_or_create`](crate::sync::Mutex::get_or_create).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMemoryError;
    /// use win_shared_memory::channel::Sender;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let sender = Sender::<u32>::register(r"Local\docs-channel-register")?;
    /// let second = Sender::<u32>::register(r"Local\docs-channel-register");
    /// assert!(matches!(second, Err(SharedMemoryError::EndTaken { .. })));
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
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMemoryOptions;
    /// use win_shared_memory::channel::Sender;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut options = SharedMemoryOptions::new();
    /// options.capacity(1000).senders(2);
    /// let mut first: Sender<[f32; 4]> = Sender::register_with(r"Local\docs-senders", &options)?;
    /// let mut second: Sender<[f32; 4]> = Sender::register(r"Local\docs-senders")?;
    /// first.send(&[1.0; 4])?;
    /// second.send(&[2.0; 4])?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn register_with(
        name: &str,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Self::join(name, IfAbsent::Create, options)
    }

    /// Registers this process as a sender of a channel that is there.
    ///
    /// # Errors
    ///
    /// As for [`register`](Self::register); [`SharedMemoryError::OpenMapping`] if there is none; and
    /// [`SharedMemoryError::System`] if the last program that used it has just exited
    /// ([`is_not_found`](SharedMemoryError::is_not_found)).
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
        let names = Companions::new(name);
        let shape = M::shape(&names)?;
        Ok(Self {
            outlet: Outlet::join(names, &shape, if_absent, options)?,
            message: PhantomData,
        })
    }

    /// Sends a message. Waits without a limit while there is no room for it.
    ///
    /// A message that was sent is received, also if this program is killed then, as long as any program has the
    /// channel open and somebody receives. Makes no system call, except to wait, and to wake a receiver that waits.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::Disconnected`]: the receiver has closed its end; or there is no room, and it has exited.
    ///   While nobody has received from the channel yet, `send` waits.
    /// - [`SharedMemoryError::TooLong`]: no message of so many elements has room. Then nothing is sent.
    /// - [`SharedMemoryError::UnknownFormat`]: another program has damaged the channel.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::channel::{Receiver, Sender};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut sender = Sender::<u32>::register(r"Local\docs-channel-send")?;
    /// let mut receiver = Receiver::<u32>::register(r"Local\docs-channel-send")?;
    /// sender.send(&7)?;
    /// assert_eq!(receiver.recv()?, 7);
    ///
    /// drop(receiver);
    /// assert!(sender.send(&8).is_err_and(|error| error.is_disconnected()));
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn send(&mut self, message: &M) -> Result<(), SharedMemoryError> {
        while !self.send_timeout(message, Duration::MAX)? {}
        Ok(())
    }

    /// Sends a message if there is room for it, and returns `false` otherwise.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    #[inline]
    pub fn try_send(&mut self, message: &M) -> Result<bool, SharedMemoryError> {
        self.send_timeout(message, Duration::ZERO)
    }

    /// Sends a message, and waits for room at most for `timeout`. Returns `false` if there is none then.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    #[inline]
    pub fn send_timeout(
        &mut self,
        message: &M,
        timeout: Duration,
    ) -> Result<bool, SharedMemoryError> {
        let outlet = &mut self.outlet;
        outlet.discard();
        let Some(room) = outlet.room(message.count(), size_of::<M::Element>(), timeout)? else {
            return Ok(false);
        };
        message.write(outlet.ring(), room.offset);
        step!();
        outlet.add(room);
        outlet.commit();
        Ok(true)
    }

    /// Begins some messages that are received together: the receiver gets the first of them when it can get all. If
    /// this program is killed before they are sent, none is.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::channel::{Receiver, Sender};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut sender = Sender::<u32>::register(r"Local\docs-batch")?;
    /// let mut batch = sender.batch();
    /// for number in 1..=3 {
    ///     batch.push(&number)?;
    /// }
    /// batch.send();
    ///
    /// let mut receiver = Receiver::<u32>::register(r"Local\docs-batch")?;
    /// assert_eq!(receiver.recv()?, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn batch(&mut self) -> Batch<'_, M> {
        self.outlet.discard();
        Batch::new(&mut self.outlet)
    }

    /// The most elements that a message may have; 1 for a channel whose messages are no slices.
    #[must_use]
    pub fn longest(&self) -> usize {
        M::longest(self.outlet.longest() / size_of::<M::Element>())
    }

    /// Waits until all that was sent is received, at most for `timeout`: whether it is. For a program that is about to
    /// exit: messages that are not received are lost when the last program closes the channel.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::Disconnected`] if the receiver has gone, and [`SharedMemoryError::UnknownFormat`], as for
    /// [`send`](Self::send).
    pub fn drain(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        self.outlet.drain(timeout)
    }

    /// How many bytes of this sender's part of the channel hold messages that were not received, with 8 bytes or more
    /// beside each.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::UnknownFormat`]: another program has damaged the channel.
    pub fn unread_bytes(&mut self) -> Result<u64, SharedMemoryError> {
        self.outlet.unread_bytes()
    }

    /// Waits until somebody receives from the channel, at most for `timeout`: whether somebody does.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the system refuses.
    pub fn wait_for_receiver(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        self.outlet.wait_for_receiver(timeout)
    }

    /// The process that receives, or received last without closing its end.
    #[must_use]
    pub fn receiver(&self) -> Option<ProcessIdentity> {
        process(self.outlet.member.receiver())
    }

    /// Whether somebody receives: [`Liveness::Gone`] if nobody does.
    #[must_use]
    pub fn receiver_liveness(&self) -> Liveness {
        let member = &self.outlet.member;
        member.liveness(member.receiver())
    }

    /// A handle to wait on beside others until there is room for a message of as many elements as
    /// [`longest`](Self::longest) says. Returns `None` if there is room now, or the receiver has gone; then send. See
    /// [`Armed`] for its rules.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::UnknownFormat`]: another program has damaged the channel.
    pub fn arm(&mut self) -> Result<Option<Armed<'_>>, SharedMemoryError> {
        let bytes = self.longest() * size_of::<M::Element>();
        self.outlet.arm(bytes as u32)
    }

    /// Whether the call that made this sender has created the channel.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.outlet.member.was_created
    }

    /// The name, as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.outlet.member.names.name
    }
}

impl<T: SharedData> Sender<T> {
    /// Begins a message that is built in place, in the channel itself, and waits for room at most for `timeout`.
    /// Returns `None` if there is none then. The draft begins as whatever bytes are there.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use win_shared_memory::channel::{Receiver, Sender};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut sender = Sender::<[f32; 1000]>::register(r"Local\docs-channel-draft")?;
    /// if let Some(draft) = sender.draft(Duration::from_secs(1))? {
    ///     for index in 0..1000 {
    ///         draft.place().at(index).write(&0.5);
    ///     }
    ///     draft.send();
    /// }
    ///
    /// let mut receiver = Receiver::<[f32; 1000]>::register(r"Local\docs-channel-draft")?;
    /// assert_eq!(receiver.recv()?[999], 0.5);
    /// # Ok(())
    /// # }
    /// ```
    pub fn draft(&mut self, timeout: Duration) -> Result<Option<Draft<'_, T>>, SharedMemoryError> {
        self.outlet.discard();
        let room = self.outlet.room(1, size_of::<T>(), timeout)?;
        Ok(room.map(|room| Draft::new(&mut self.outlet, room)))
    }
}

impl<T: SharedData> Sender<[T]> {
    /// Begins a message of `len` elements that is built in place, in the channel itself, and waits for room at most for
    /// `timeout`. Returns `None` if there is none then. The draft begins as whatever bytes are there.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use win_shared_memory::channel::{Receiver, Sender};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut sender = Sender::<[u16]>::register(r"Local\docs-channel-draft-of-slice")?;
    /// if let Some(draft) = sender.draft(3, Duration::from_secs(1))? {
    ///     draft.places().write_from(&[1, 2, 3]);
    ///     draft.send();
    /// }
    ///
    /// let mut receiver = Receiver::<[u16]>::register(r"Local\docs-channel-draft-of-slice")?;
    /// assert_eq!(receiver.recv()?, [1, 2, 3]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn draft(
        &mut self,
        len: usize,
        timeout: Duration,
    ) -> Result<Option<Draft<'_, [T]>>, SharedMemoryError> {
        self.outlet.discard();
        let room = self.outlet.room(len, size_of::<T>(), timeout)?;
        Ok(room.map(|room| Draft::new(&mut self.outlet, room)))
    }
}

impl<M: ?Sized> fmt::Debug for Sender<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sender").field(&self.outlet).finish()
    }
}
