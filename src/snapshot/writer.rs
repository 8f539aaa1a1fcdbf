//! [`Writer`].

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

/// Publishes values of a `T` under a name, for any number of [`Reader`](super::Reader)s.
///
/// There is one writer of a name at a time. [`register`](Self::register) takes its place, also after one
/// that was killed. When a writer is dropped, or its process exits, readers keep the last value.
///
/// A writer may be sent to another thread.
///
/// # Examples
///
/// ```
/// use win_shared_memory::snapshot::{Reader, Writer};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut writer = Writer::<[u32; 3]>::register(r"Local\docs-writer")?;
/// writer.publish(&[1, 2, 3]);
/// # let mut reader = Reader::<[u32; 3]>::open(r"Local\docs-writer")?;
/// drop(writer);
///
/// // Later, or in another process: the value has outlived its writer, because a reader has it open.
/// let mut writer = Writer::<[u32; 3]>::register(r"Local\docs-writer")?;
/// assert_eq!(writer.version(), 1);
/// assert_eq!(reader.latest()?, Some([1, 2, 3]));
/// writer.publish(&[4, 5, 6]);
/// assert_eq!(reader.latest()?, Some([4, 5, 6]));
/// # Ok(())
/// # }
/// ```
pub struct Writer<T> {
    publisher: Publisher,
    value: PhantomData<fn(T)>,
}

impl<T> Writer<T> {
    /// Registers this process as the writer, and creates the snapshot if there is none. Takes over from a
    /// writer that was dropped or has exited: the value published last stays, and versions go on, if it
    /// published the same type.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::WriterAlive`]: a writer of this name is alive, in this process or another.
    /// - [`SharedMemoryError::LayoutMismatch`]: the writer before had all fields of this type and more after them, so
    ///   it came from a later version of the program. An earlier version does not take its readers away. A writer
    ///   of any other type does.
    /// - [`SharedMemoryError::UnknownFormat`]: the name, or that of a region beside it, belongs to a
    ///   region of other contents. One page that is all zero cannot be told from a snapshot whose creator
    ///   died: it becomes one.
    /// - [`SharedMemoryError::NotReady`]: another process has been registering for five seconds.
    /// - Those of [`Section::get_or_create_with`](crate::Section::get_or_create_with) and
    ///   [`Mutex::get_or_create`](crate::sync::Mutex::get_or_create).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMemoryError;
    /// use win_shared_memory::snapshot::Writer;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let writer = Writer::<f32>::register(r"Local\docs-snapshot-register")?;
    /// let second = Writer::<f32>::register(r"Local\docs-snapshot-register");
    /// assert!(matches!(second, Err(SharedMemoryError::WriterAlive { .. })));
    ///
    /// drop(writer);
    /// assert!(Writer::<f32>::register(r"Local\docs-snapshot-register").is_ok());
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
    /// [`was_created`](Self::was_created). [`wait`](SharedMemoryOptions::wait) is for how long another
    /// process that is just registering is waited for.
    ///
    /// # Errors
    ///
    /// As for [`register`](Self::register).
    pub fn register_with(
        name: &str,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::enter(name, options, IfThere::TakeOver)
    }

    /// Registers this process as the writer of a snapshot that does not exist yet. Takes over from nobody,
    /// so [`was_created`](Self::was_created) is true.
    ///
    /// A program that uses this does not come back after it was killed as long as a reader has the snapshot
    /// open.
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

    /// Creates as [`create`](Self::create) does, with these options: all that the writer publishes is
    /// protected by their [`security`](SharedMemoryOptions::security).
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{SecurityDescriptor, SharedMemoryOptions, snapshot::Writer};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let writer = Writer::<[u8; 32]>::create_with(
    ///     r"Local\docs-create-with",
    ///     SharedMemoryOptions::new().security(SecurityDescriptor::current_user()?),
    /// )?;
    /// assert!(writer.was_created());
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::enter(name, options, IfThere::Refuse)
    }
}

impl<T: SharedData> Writer<T> {
    fn enter(
        name: &str,
        options: &SharedMemoryOptions,
        if_there: IfThere,
    ) -> Result<Self, SharedMemoryError> {
        let names = Companions::new(name);
        let wanted = Wanted::new(Kind::Snapshot, Shape::exact::<T>(&names)?);
        Ok(Self {
            publisher: Publisher::enter(names, &wanted, options, if_there)?,
            value: PhantomData,
        })
    }

    /// Whether the call that made this writer has created the snapshot: its directory and its payload.
    ///
    /// Otherwise they were there before, with the security descriptor of their creator and whoever opened
    /// them so far: an earlier writer's, which a reader has kept open, or a *squatter's*. That is a program
    /// which took the name first, to read what you publish, or to forge it, whatever descriptor you give.
    /// Where that matters, use [`create_with`](Self::create_with).
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.publisher.was_created
    }

    /// The name, as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.publisher.names.name
    }

    /// The number of the payload that this writer publishes in, from 1 on.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.publisher.generation
    }

    /// The version of the value published last. Before the first one, that after which this writer goes
    /// on.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.publisher.version
    }

    /// Publishes a value and returns its version. Wakes the readers that wait, and waits for none of them.
    /// Makes no system call if no reader waits.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::snapshot::{Reader, Writer};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut writer = Writer::register(r"Local\docs-publish")?;
    /// assert_eq!(writer.publish(&20.5_f32), 1);
    /// assert_eq!(writer.publish(&21.0), 2);
    ///
    /// // A reader gets the last value, and not those before it.
    /// let mut reader = Reader::<f32>::open(r"Local\docs-publish")?;
    /// assert_eq!(reader.latest()?, Some(21.0));
    /// # Ok(())
    /// # }
    /// ```
    pub fn publish(&mut self, value: &T) -> u64 {
        Draft::of(&mut self.publisher, value).publish()
    }

    /// Begins a value that is built in place, part by part, from zeros: for types too large to be built
    /// first and then copied.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{SharedData, field, snapshot::Writer};
    ///
    /// #[derive(SharedData)]
    /// #[repr(C)]
    /// struct Frame {
    ///     width: u32,
    ///     pixels: [u32; 1 << 20],
    /// }
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut writer = Writer::<Frame>::register(r"Local\docs-draft")?;
    /// let draft = writer.draft_from_zeros();
    /// field!(draft.width).write(&1024);
    /// field!(draft.pixels[5]).write(&0xff_ff_ff);
    /// draft.publish();
    /// # Ok(())
    /// # }
    /// ```
    pub fn draft_from_zeros(&mut self) -> Draft<'_, T> {
        Draft::from_zeros(&mut self.publisher)
    }

    /// Begins a value that is built in place from the one published last, or from zeros if there is none.
    pub fn draft_from_last(&mut self) -> Draft<'_, T> {
        Draft::from_last(&mut self.publisher)
    }
}

impl<T> fmt::Debug for Writer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Writer").field(&self.publisher).finish()
    }
}
