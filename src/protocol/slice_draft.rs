//! [`SliceDraft`].

use std::fmt;
use std::marker::PhantomData;

use crate::access::ReadWrite;
use crate::cores::atomic::Ordering;
use crate::data::SharedData;
use crate::error::SharedMemoryError;
use crate::place::places::Places;
use crate::protocol::publisher::Publisher;

/// A slice that a [`snapshot::SliceWriter`](crate::snapshot::SliceWriter) or a
/// [`broadcast::SliceSender`](crate::broadcast::SliceSender) builds in place, as one builds a `Vec`. If it is dropped
/// without [`publish`](Self::publish), nothing is published.
///
/// # Examples
///
/// ```
/// use win_shared_memory::snapshot::{SliceReader, SliceWriter};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut writer = SliceWriter::<f32>::register(r"Local\docs-snapshot-slice-draft", 1024)?;
/// let mut draft = writer.draft();
/// for degrees in [0.0_f32, 45.0, 90.0] {
///     draft.push(&degrees.to_radians().sin())?;
/// }
/// draft.publish();
///
/// let mut reader = SliceReader::<f32>::open(r"Local\docs-snapshot-slice-draft")?;
/// assert_eq!(reader.latest()?.map(|sines| sines.len()), Some(3));
/// # Ok(())
/// # }
/// ```
#[must_use = "readers do not see a draft until it is published"]
pub struct SliceDraft<'a, T> {
    publisher: &'a mut Publisher,
    slot: u32,
    len: usize,
    element: PhantomData<fn(T)>,
}

impl<'a, T: SharedData> SliceDraft<'a, T> {
    pub(crate) fn begin(publisher: &'a mut Publisher) -> Self {
        Self {
            slot: publisher.begin(),
            publisher,
            len: 0,
            element: PhantomData,
        }
    }

    /// From a whole slice. Fails if there is no room for it.
    pub(crate) fn of(
        publisher: &'a mut Publisher,
        values: &[T],
    ) -> Result<Self, SharedMemoryError> {
        let mut draft = Self::begin(publisher);
        draft.extend_from_slice(values)?;
        step!();
        Ok(draft)
    }

    /// From the slice published last.
    pub(crate) fn from_last(publisher: &'a mut Publisher) -> Self {
        let last = publisher.last();
        let mut draft = Self::begin(publisher);
        let payload = &draft.publisher.payload;
        let len = payload.len(last).load(Ordering::Relaxed) as usize;
        // More only if another program has damaged the region.
        if let Some(last) = payload.elements::<T>(last).get_slice(..len) {
            draft.room().slice(..len).copy_from(last);
            draft.len = len;
        }
        step!();
        draft
    }

    /// All elements that there is room for.
    fn room(&self) -> Places<'_, T, ReadWrite> {
        self.publisher.payload.elements(self.slot)
    }

    /// The number of elements so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The elements so far, to be read and written again.
    #[must_use]
    pub fn places(&self) -> Places<'_, T, ReadWrite> {
        self.room().slice(..self.len)
    }

    /// Adds an element at the end.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::TooLong`] if there is no room for it.
    pub fn push(&mut self, value: &T) -> Result<(), SharedMemoryError> {
        self.extend_from_slice(std::slice::from_ref(value))
    }

    /// Adds elements at the end. Their padding is not stored.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::TooLong`] if there is no room for all of them. Then none is added.
    pub fn extend_from_slice(&mut self, values: &[T]) -> Result<(), SharedMemoryError> {
        let room = self.room();
        let end = self.len.saturating_add(values.len());
        let Some(places) = room.get_slice(self.len..end) else {
            return Err(SharedMemoryError::TooLong {
                name: self.publisher.names.name.to_string(),
                len: end,
                limit: room.len(),
            });
        };
        places.write_from(values);
        self.len = end;
        Ok(())
    }

    /// Publishes the slice and returns its version.
    pub fn publish(self) -> u64 {
        let len = self.publisher.payload.len(self.slot);
        // No more than the capacity, which is a `u32`.
        len.store(self.len as u32, Ordering::Relaxed);
        step!();
        self.publisher.publish()
    }
}

impl<T> fmt::Debug for SliceDraft<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SliceDraft")
            .field("version", &(self.publisher.version + 1))
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
