//! [`Sender`].

use std::fmt;
use std::marker::PhantomData;

use crate::data::SharedData;
use crate::error::SharedMemoryError;
use crate::protocol::companions::Companions;
use crate::protocol::directory::Kind;
use crate::protocol::draft::Draft;
use crate::protocol::publisher::{IfThere, Publisher, Wanted};
use crate::protocol::shape::Shape;
use crate::region::options::SharedMemoryOptions;

/// Sends messages of a `T` under a name to any number of [`Receiver`](super::Receiver)s.
///
/// There is one sender of a name at a time. [`register`](Self::register) takes its place, also after one that was
/// killed. When a sender is dropped, or its process exits, receivers still get what it has sent.
///
/// A sender may be sent to another thread.
///
/// # Examples
///
/// ```
/// use win_shared_memory::broadcast::{News, Receiver, Sender};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut sender = Sender::<[u32; 3]>::register(r"Local\docs-broadcast-sender")?;
/// let mut receiver = Receiver::<[u32; 3]>::open(r"Local\docs-broadcast-sender")?;
/// sender.send(&[1, 2, 3]);
/// drop(sender);
///
/// // Later, or in another process: numbers go on, because a receiver has the region open.
/// let mut sender = Sender::<[u32; 3]>::register(r"Local\docs-broadcast-sender")?;
/// assert_eq!(sender.send(&[4, 5, 6]), 2);
/// assert_eq!(receiver.recv()?, News::Message([1, 2, 3]));
/// assert_eq!(receiver.recv()?, News::Message([4, 5, 6]));
/// # Ok(())
/// # }
/// ```
pub struct Sender<T> {
    publisher: Publisher,
    message: PhantomData<fn(T)>,
}

impl<T> Sender<T> {
    /// Registers this process as the sender, and creates the broadcast if there is none. Takes over from a sender that
    /// was dropped or has exited: if that has sent the same type, numbers go on.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::WriterAlive`]: a sender of this name is alive, in this process or another.
    /// - Those of [`snapshot::Writer::register`](crate::snapshot::Writer::register).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMemoryError;
    /// use win_shared_memory::broadcast::Sender;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let sender = Sender::<u32>::register(r"Local\docs-broadcast-register")?;
    /// let second = Sender::<u32>::register(r"Local\docs-broadcast-register");
    /// assert!(matches!(second, Err(SharedMemoryError::WriterAlive { .. })));
    /// # Ok(())
    /// # }
    /// ```
    pub fn register(name: &str) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::register_with(name, &SharedMemoryOptions::new())
    }

    /// Registers as [`register`](Self::register) does, with these options. The
    /// [`security`](SharedMemoryOptions::security) is that of what this call creates: see
    /// [`was_created`](Self::was_created). A broadcast that keeps fewer messages than
    /// [`history`](SharedMemoryOptions::history) says is replaced by one that keeps as many; one that keeps more stays
    /// as it is.
    ///
    /// # Errors
    ///
    /// As for [`register`](Self::register), and [`SharedMemoryError::SizeTooLarge`] if so many messages do not fit the
    /// address space.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMemoryOptions;
    /// use win_shared_memory::broadcast::Sender;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut options = SharedMemoryOptions::new();
    /// options.history(10_000);
    /// let sender = Sender::<[f64; 4]>::register_with(r"Local\docs-history", &options)?;
    /// assert_eq!(sender.history(), 16_383);
    /// # Ok(())
    /// # }
    /// ```
    pub fn register_with(
        name: &str,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::enter(name, options, IfThere::TakeOver)
    }

    /// Registers this process as the sender of a broadcast that does not exist yet. Takes over from nobody,
    /// so [`was_created`](Self::was_created) is true. See
    /// [`snapshot::Writer::create`](crate::snapshot::Writer::create).
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::AlreadyExists`] if there is a region of this name, or one of its first payload's;
    /// and as for [`register`](Self::register).
    pub fn create(name: &str) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::create_with(name, &SharedMemoryOptions::new())
    }

    /// Creates as [`create`](Self::create) does, with these options: all that is sent is protected by their
    /// [`security`](SharedMemoryOptions::security).
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create).
    pub fn create_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::enter(name, options, IfThere::Refuse)
    }
}

impl<T: SharedData> Sender<T> {
    fn enter(
        name: &str,
        options: &SharedMemoryOptions,
        if_there: IfThere,
    ) -> Result<Self, SharedMemoryError> {
        let names = Companions::new(name);
        let wanted = Wanted::new(Kind::Broadcast, Shape::exact::<T>(&names)?)
            .with_history(options.history)?;
        Ok(Self {
            publisher: Publisher::enter(names, &wanted, options, if_there)?,
            message: PhantomData,
        })
    }

    /// Sends a message and returns its number. Wakes the receivers that wait, and waits for none of them.
    /// Makes no system call if no receiver waits.
    ///
    /// The oldest message is overwritten, whether or not anybody has received it.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::broadcast::{News, Receiver, Sender};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut sender = Sender::register(r"Local\docs-broadcast-send")?;
    /// let mut one = Receiver::<f32>::open(r"Local\docs-broadcast-send")?;
    /// let mut other = Receiver::<f32>::open(r"Local\docs-broadcast-send")?;
    /// assert_eq!(sender.send(&20.5_f32), 1);
    /// assert_eq!(one.recv()?, News::Message(20.5));
    /// assert_eq!(other.recv()?, News::Message(20.5));
    /// # Ok(())
    /// # }
    /// ```
    pub fn send(&mut self, message: &T) -> u64 {
        Draft::of(&mut self.publisher, message).publish()
    }

    /// Begins a message that is built in place, part by part, from zeros: for types too large to be built
    /// first and then copied.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{SharedData, broadcast::Sender, field};
    ///
    /// #[derive(SharedData)]
    /// #[repr(C)]
    /// struct Frame {
    ///     width: u32,
    ///     pixels: [u32; 1 << 20],
    /// }
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut sender = Sender::<Frame>::register(r"Local\docs-broadcast-draft")?;
    /// let draft = sender.draft_from_zeros();
    /// field!(draft.width).write(&1024);
    /// field!(draft.pixels[5]).write(&0xff_ff_ff);
    /// draft.publish();
    /// # Ok(())
    /// # }
    /// ```
    pub fn draft_from_zeros(&mut self) -> Draft<'_, T> {
        Draft::from_zeros(&mut self.publisher)
    }

    /// How many messages are kept: as many as were asked for, or more. The oldest one of these is overwritten by the
    /// next message but one.
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

    /// The number of the message sent last, by this sender or the one before it. Before the first one, that after which
    /// numbers go on.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.publisher.version
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sender").field(&self.publisher).finish()
    }
}
