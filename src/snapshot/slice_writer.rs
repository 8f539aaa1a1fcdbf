//! [`SliceWriter`].

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

/// Publishes slices of `T` under a name, each as long as it is, for any number of
/// [`SliceReader`](super::SliceReader)s: frames, lists, texts.
///
/// The counterpart of [`Writer`](super::Writer) for values whose size is known at run time. The *capacity*
/// is the most elements that a slice may have. The region has room for several slices of that length, and takes
/// memory only for what was written once.
///
/// # Examples
///
/// ```
/// use win_shared_memory::snapshot::{SliceReader, SliceWriter};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut writer = SliceWriter::<u32>::register(r"Local\docs-slice-writer", 1920 * 1080)?;
/// writer.publish(&[0xff_00_00; 640 * 480])?;
///
/// // In another program:
/// let mut reader = SliceReader::<u32>::open(r"Local\docs-slice-writer")?;
/// let mut frame = Vec::new();
/// if reader.latest_into(&mut frame)? {
///     assert_eq!(frame.len(), 640 * 480);
/// }
/// # Ok(())
/// # }
/// ```
pub struct SliceWriter<T> {
    publisher: Publisher,
    element: PhantomData<fn(T)>,
}

impl<T> SliceWriter<T> {
    /// Registers this process as the writer, as [`Writer::register`](super::Writer::register) does, with room
    /// for `capacity` elements at least.
    ///
    /// If an earlier writer had less room, readers move to a larger payload of a new generation. If it had
    /// more, that is kept.
    ///
    /// # Errors
    ///
    /// As for [`Writer::register`](super::Writer::register), [`SharedMemoryError::InvalidSize`] for a capacity
    /// of 0, and [`SharedMemoryError::SizeTooLarge`] for one over `u32::MAX`, or if the slots do not fit the
    /// address space.
    pub fn register(name: &str, capacity: usize) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::register_with(name, capacity, &SharedMemoryOptions::new())
    }

    /// Registers as [`register`](Self::register) does, with these options; see
    /// [`Writer::register_with`](super::Writer::register_with).
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

    /// Registers this process as the writer of a snapshot that does not exist yet; see
    /// [`Writer::create`](super::Writer::create).
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
    /// [`Writer::create_with`](super::Writer::create_with).
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

impl<T: SharedData> SliceWriter<T> {
    fn enter(
        name: &str,
        capacity: usize,
        options: &SharedMemoryOptions,
        if_there: IfThere,
    ) -> Result<Self, SharedMemoryError> {
        let names = Companions::new(name);
        let shape = Shape::slice::<T>(&names)?;
        let wanted = Wanted::new(Kind::Snapshot, shape).with_capacity(name, capacity)?;
        Ok(Self {
            publisher: Publisher::enter(names, &wanted, options, if_there)?,
            element: PhantomData,
        })
    }

    /// Publishes a slice and returns its version. Wakes the readers that wait, and waits for none of them.
    /// Makes no system call if no reader waits.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::TooLong`] if it is longer than the [capacity](Self::capacity). Then
    /// nothing is published.
    pub fn publish(&mut self, values: &[T]) -> Result<u64, SharedMemoryError> {
        Ok(SliceDraft::of(&mut self.publisher, values)?.publish())
    }

    /// Begins a slice that is built in place, from none of its elements on: so that what is made piece by piece
    /// is not copied once more.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::snapshot::SliceWriter;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut writer = SliceWriter::<f32>::register(r"Local\docs-slice-draft", 1000)?;
    /// let mut draft = writer.draft();
    /// for row in [[1.0, 2.0], [3.0, 4.0]] {
    ///     draft.extend_from_slice(&row)?;
    /// }
    /// assert_eq!(draft.len(), 4);
    /// draft.publish();
    /// # Ok(())
    /// # }
    /// ```
    pub fn draft(&mut self) -> SliceDraft<'_, T> {
        SliceDraft::begin(&mut self.publisher)
    }

    /// Begins a slice that is built in place from the one published last, or from nothing if there is none.
    pub fn draft_from_last(&mut self) -> SliceDraft<'_, T> {
        SliceDraft::from_last(&mut self.publisher)
    }

    /// The most elements that a slice may have; as many as were asked for, or more.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.publisher.payload.capacity()
    }

    /// Whether the call that made this writer has created the snapshot; see
    /// [`Writer::was_created`](super::Writer::was_created).
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

    /// The version of the slice published last. Before the first one, that after which this writer goes on.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.publisher.version
    }
}

impl<T> fmt::Debug for SliceWriter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SliceWriter").field(&self.publisher).finish()
    }
}
