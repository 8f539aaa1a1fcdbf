//! [`SliceReader`].

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

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

/// Reads the latest slice of `T` that a [`SliceWriter`](super::SliceWriter) publishes under a name.
///
/// The counterpart of [`Reader`](super::Reader) for values whose size is known at run time: it remembers what
/// it has seen, waits, and attaches to the next writer's payload in the same way. Nothing that the region
/// says of lengths is believed beyond what is mapped.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::snapshot::{SliceReader, SliceWriter};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// # let mut writer = SliceWriter::<u8>::register(r"Local\docs-slice-reader", 100)?;
/// # writer.publish(b"first lap")?;
/// let mut reader = SliceReader::<u8>::open(r"Local\docs-slice-reader")?;
/// let mut message = Vec::new();
/// while reader.wait_changed(Duration::from_millis(10))? {
///     if reader.latest_into(&mut message)? {
///         assert_eq!(message, b"first lap");
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct SliceReader<T> {
    subscriber: Subscriber,
    element: PhantomData<fn() -> T>,
}

impl<T> SliceReader<T> {
    /// Opens the snapshot of this name, as [`Reader::open`](super::Reader::open) does.
    ///
    /// # Errors
    ///
    /// As for [`Reader::open`](super::Reader::open).
    pub fn open(name: &str) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::open_with(name, &SharedMemoryOptions::new())
    }

    /// Opens as [`open`](Self::open) does, with these options; see
    /// [`Reader::open_with`](super::Reader::open_with).
    ///
    /// # Errors
    ///
    /// As for [`Reader::open_with`](super::Reader::open_with).
    pub fn open_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        let names = Companions::new(name);
        let shape = Shape::slice::<T>(&names)?;
        Ok(Self {
            subscriber: Subscriber::open(names, Kind::Snapshot, Some(shape), options)?,
            element: PhantomData,
        })
    }
}

impl<T: SharedData> SliceReader<T> {
    /// The slice published last; `None` if none was published yet. Marks it as seen.
    ///
    /// # Errors
    ///
    /// As for [`latest_into`](Self::latest_into).
    pub fn latest(&mut self) -> Result<Option<Vec<T>>, SharedMemoryError> {
        let mut values = Vec::new();
        Ok(self.latest_into(&mut values)?.then_some(values))
    }

    /// Makes `to` the slice published last and marks it as seen; `false`, with `to` left as it is, if none was
    /// published yet. The elements are copied once, and memory is allocated only if `to` has too little.
    ///
    /// Each `bool`, `char` or enum in the copy is checked, because another program has written it. A type
    /// without one costs no check.
    ///
    /// # Errors
    ///
    /// - Those of [`Reader::latest`](super::Reader::latest). An [invalid](SharedMemoryError::InvalidValue)
    ///   element is named with its index.
    /// - [`SharedMemoryError::System`] if there is no memory for the copy
    ///   ([`is_out_of_memory`](SharedMemoryError::is_out_of_memory)).
    ///
    /// After an error, `to` is empty or as it was.
    pub fn latest_into(&mut self, to: &mut Vec<T>) -> Result<bool, SharedMemoryError> {
        let mut elements = Elements::new(to);
        let read = self
            .subscriber
            .read(|payload, slot| elements.copy(payload, slot))?;
        if read.is_some() {
            elements.check(self.name())?;
        }
        Ok(read.is_some())
    }

    /// Whether a slice was published since the one that this reader has read last. Copies nothing, and marks
    /// nothing as seen.
    ///
    /// # Errors
    ///
    /// As for [`Reader::has_changed`](super::Reader::has_changed).
    pub fn has_changed(&mut self) -> Result<bool, SharedMemoryError> {
        self.subscriber.has_changed()
    }

    /// Waits up to `timeout` until [`has_changed`](Self::has_changed): `false` if it has not by then. Copies
    /// nothing, and marks nothing as seen.
    ///
    /// # Errors
    ///
    /// As for [`Reader::wait_changed`](super::Reader::wait_changed).
    pub fn wait_changed(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        self.subscriber.wait_changed(timeout)
    }

    /// What to wait for, together with other things, until [`has_changed`](Self::has_changed); `None` if it has.
    /// See [`Reader::arm`](super::Reader::arm) and [`Armed`].
    ///
    /// # Errors
    ///
    /// As for [`wait_changed`](Self::wait_changed).
    pub fn arm(&mut self) -> Result<Option<Armed<'_>>, SharedMemoryError> {
        self.subscriber.arm()
    }

    /// The most elements that a slice can have in the payload that this reader is attached to.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.subscriber.capacity()
    }

    /// The name, as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.subscriber.names.name
    }

    /// The version of the slice that this reader has read last; 0 if it has read none.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.subscriber.seen
    }

    /// The number of the payload that this reader is attached to; see
    /// [`Reader::generation`](super::Reader::generation).
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.subscriber.generation()
    }

    /// The time since this reader last read another slice than before; see
    /// [`Reader::unchanged_for`](super::Reader::unchanged_for).
    #[must_use]
    pub fn unchanged_for(&self) -> Duration {
        self.subscriber.unchanged_for()
    }

    /// The process of the writer; see [`Reader::writer`](super::Reader::writer).
    #[must_use]
    pub fn writer(&self) -> Option<ProcessIdentity> {
        self.subscriber.writer()
    }

    /// Whether there is a writer and its process is alive; see
    /// [`Reader::writer_liveness`](super::Reader::writer_liveness).
    #[must_use]
    pub fn writer_liveness(&self) -> Liveness {
        self.subscriber.writer_liveness()
    }
}

impl<T> fmt::Debug for SliceReader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SliceReader")
            .field(&self.subscriber)
            .finish()
    }
}
