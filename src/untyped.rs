//! Values of this crate's protocols, read without their type.
//!
//! A region of [`snapshot`](crate::snapshot), [`broadcast`](crate::broadcast) or [`SharedMutex`](crate::SharedMutex) says itself what it holds. So a
//! program that shows, records or forwards such values need not be compiled with their types: a [`BytesReader`] hands
//! out their bytes and the [schema](crate::schema) that says which byte is which field. The crate
//! `win-shared-memory-layouts` decodes bytes by a schema.

use std::collections::TryReserveError;
use std::fmt;
use std::time::{Duration, Instant};

use crate::broadcast::News;
use crate::data::identity::ProcessIdentity;
use crate::error::unknown_format::UnknownFormat;
use crate::error::{SharedMemoryError, no_memory};
use crate::place::copied_vec::CopiedVec;
use crate::protocol::companions::Companions;
use crate::protocol::directory::Kind;
use crate::protocol::shape::element_of;
use crate::protocol::subscriber::Subscriber;
use crate::protocol::unread::Unread;
use crate::region::options::SharedMemoryOptions;
use crate::sync::Armed;
use crate::sync::process::Liveness;

/// What a region of this crate's protocols holds.
///
/// # Examples
///
/// ```
/// use win_shared_memory::snapshot::SliceWriter;
/// use win_shared_memory::untyped::{BytesReader, Content};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let writer = SliceWriter::<f32>::register(r"Local\docs-content", 500)?;
/// let reader = BytesReader::open(r"Local\docs-content")?;
/// assert!(matches!(reader.content(), Content::Slice { capacity: 500, .. }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// The latest value of a [`snapshot::Writer`](crate::snapshot::Writer), or the last message of a
    /// [`broadcast::Sender`](crate::broadcast::Sender).
    Value,
    /// The latest slice of a [`snapshot::SliceWriter`](crate::snapshot::SliceWriter), or the last message of a
    /// [`broadcast::SliceSender`](crate::broadcast::SliceSender).
    #[non_exhaustive]
    Slice {
        /// The most elements that a slice can have.
        capacity: usize,
    },
    /// The value of a [`SharedMutex`](crate::SharedMutex), as it was committed last.
    SharedMutex,
}

/// Reads the bytes of the latest value under a name, whatever its type: of a snapshot, a broadcast, or a shared mutex.
///
/// It is a [`snapshot::Reader`](crate::snapshot::Reader) that takes any type, and remembers in the same way which
/// value it has read last. It takes no lock and needs no more than read access to the regions.
///
/// A writer may come back with another type. [`schema`](Self::schema), [`size`](Self::size) and
/// [`content`](Self::content) then change together with [`generation`](Self::generation), in the call that notices it:
/// after [`latest_into`](Self::latest_into) they are those of its value.
///
/// # Examples
///
/// ```
/// use win_shared_memory::untyped::{BytesReader, Content};
/// use win_shared_memory::{SharedData, snapshot::Writer};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct Telemetry {
///     lap: u16,
///     speed: f32,
/// }
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut writer = Writer::register(r"Local\docs-untyped")?;
/// writer.publish(&Telemetry { lap: 3, speed: 120.5 });
///
/// // In a program that does not know the type:
/// let mut reader = BytesReader::open(r"Local\docs-untyped")?;
/// let mut bytes = Vec::new();
/// assert!(reader.latest_into(&mut bytes)?);
/// assert_eq!(reader.content(), Content::Value);
/// assert!(reader.schema().contains(r#"{"name":"speed","offset":4,"type":"f32"}"#));
/// assert_eq!(f32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]), 120.5);
/// # Ok(())
/// # }
/// ```
pub struct BytesReader {
    subscriber: Subscriber,
}

impl BytesReader {
    /// Opens what has this name. If it is just being created, waits for that for at most five seconds.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::OpenMapping`]: there is nothing of this name, or security denies reading it.
    /// - [`SharedMemoryError::NotReady`]: its creator has not finished, or died while creating it.
    /// - [`SharedMemoryError::UnknownFormat`]: this crate has not made it, or it is damaged.
    pub fn open(name: &str) -> Result<Self, SharedMemoryError> {
        Self::open_with(name, &SharedMemoryOptions::new())
    }

    /// Opens as [`open`](Self::open) does, with these options; see
    /// [`snapshot::Reader::open_with`](crate::snapshot::Reader::open_with).
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open), and [`SharedMemoryError::TimedOut`] if nothing appeared within
    /// [`wait`](SharedMemoryOptions::wait).
    pub fn open_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError> {
        let begun = Instant::now();
        let open = |kind, options: &_| Subscriber::open(Companions::new(name), kind, None, options);
        let mut opened = open(Kind::Snapshot, options);
        for kind in [Kind::Mutex, Kind::Broadcast] {
            if let Err(SharedMemoryError::UnknownFormat {
                reason: UnknownFormat::OtherKind,
                ..
            }) = opened
            {
                let mut options = options.clone();
                options.wait = options.wait.map(|it| it.saturating_sub(begun.elapsed()));
                opened = open(kind, &options);
            }
        }
        Ok(Self {
            subscriber: opened?,
        })
    }

    /// What kind of value it reads.
    #[must_use]
    pub fn content(&self) -> Content {
        match (self.subscriber.kind(), self.subscriber.capacity()) {
            (Kind::Mutex, _) => Content::SharedMutex,
            (_, 0) => Content::Value,
            (_, capacity) => Content::Slice { capacity },
        }
    }

    /// The schema of a value; of an element, if the values are slices. It is the text in the region and may be
    /// anything: only that it is the text that its writer has hashed is checked.
    #[must_use]
    pub fn schema(&self) -> &str {
        let schema = self.subscriber.payload().schema();
        element_of(schema).unwrap_or(schema)
    }

    /// The size of a value in bytes; of an element, if the values are slices.
    #[must_use]
    pub fn size(&self) -> usize {
        self.subscriber.payload().size()
    }

    /// Makes `to` the bytes of the value published last and marks it as seen; `false`, with `to` left as it is, if
    /// none was published yet. Of a slice these are the bytes of its elements, one after the other. Memory is
    /// allocated only if `to` has too little, and never more than is mapped.
    ///
    /// Nothing is checked of the bytes: a `bool` among them may be 7.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::Contended`]: the writer overwrote the value during each attempt to copy it, a
    ///   thousand times or for a second.
    /// - [`SharedMemoryError::UnknownFormat`]: another program has damaged the region.
    /// - [`SharedMemoryError::System`] if there is no memory for the copy
    ///   ([`is_out_of_memory`](SharedMemoryError::is_out_of_memory)).
    ///
    /// After an error, `to` is empty or as it was.
    pub fn latest_into(&mut self, to: &mut Vec<u8>) -> Result<bool, SharedMemoryError> {
        let mut copied = CopiedVec::new(to);
        let read = self.subscriber.read(|payload, slot| {
            let bytes = payload.bytes(slot);
            bytes.map(|bytes| copied.copy(bytes))
        })?;
        match read {
            None => Ok(false),
            Some(copy) => self.check(copy, copied).map(|()| true),
        }
    }

    /// Copies the next value into `to`: the one published after the value that this reader read last. Returns
    /// [`News::Lagged`] with the number of values that were overwritten before this reader came to them, and `None` if no
    /// newer value has been published. A program that records every value calls this: a broadcast keeps its last
    /// values, and so does a snapshot.
    ///
    /// A reader that has read none begins with the oldest value that is kept. A value that the writer of a snapshot was
    /// killed while writing counts as overwritten. A shared mutex keeps only its last value; earlier ones are not counted.
    ///
    /// # Errors
    ///
    /// As for [`latest_into`](Self::latest_into), and [`SharedMemoryError::Disconnected`] if there is no newer value and
    /// the writer was dropped or its process has exited; this is noticed about 50 ms later at most. Once another writer has
    /// registered, its values are read. After an error or [`News::Lagged`], `to` is empty or as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::broadcast::News;
    /// use win_shared_memory::snapshot::Writer;
    /// use win_shared_memory::untyped::BytesReader;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut writer = Writer::register(r"Local\docs-untyped-next")?;
    /// let mut reader = BytesReader::open(r"Local\docs-untyped-next")?;
    /// writer.publish(&1_u16);
    /// writer.publish(&2);
    ///
    /// let mut bytes = Vec::new();
    /// assert_eq!(reader.next_into(&mut bytes)?, Some(News::Message(())));
    /// assert_eq!(bytes, [1, 0]);
    /// assert_eq!(reader.next_into(&mut bytes)?, Some(News::Message(())));
    /// assert_eq!(bytes, [2, 0]);
    /// assert_eq!(reader.next_into(&mut bytes)?, None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn next_into(&mut self, to: &mut Vec<u8>) -> Result<Option<News<()>>, SharedMemoryError> {
        if self.subscriber.kind() == Kind::Mutex {
            let is_new = self.has_changed()? && self.latest_into(to)?;
            return Ok(is_new.then_some(News::Message(())));
        }
        self.subscriber.begin_in_order();
        let mut copied = CopiedVec::new(to);
        let next = self.subscriber.read_next(|payload, slot| {
            let bytes = payload.bytes(slot);
            bytes.map(|bytes| copied.copy(bytes))
        })?;
        next.map(|next| News::check(next, |copy| self.check(copy, copied)))
            .transpose()
    }

    /// Waits up to `timeout` until [`next_into`](Self::next_into) has something to tell: `false` if it has not by then.
    /// Unlike [`wait_changed`](Self::wait_changed), it stays with the values of a writer that has gone until they are read.
    ///
    /// # Errors
    ///
    /// As for [`next_into`](Self::next_into); [`SharedMemoryError::System`] if the system refuses to wait.
    pub fn wait_next(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        if self.subscriber.kind() == Kind::Mutex {
            return self.wait_changed(timeout);
        }
        self.subscriber.begin_in_order();
        self.subscriber.wait_next(timeout)
    }

    /// The outcome of a copy. `None` stands for a slice that claims more elements than fit in a slot, which no writer
    /// stores.
    fn check(
        &self,
        copy: Option<Result<(), TryReserveError>>,
        copied: CopiedVec<'_, u8>,
    ) -> Result<(), SharedMemoryError> {
        match copy {
            Some(Ok(())) => Ok(copied.check()?),
            Some(Err(_)) => Err(no_memory()),
            None => Err(Unread::Damaged.into_error(self.name())),
        }
    }

    /// Marks the value published last as seen, and copies nothing; `false` if none was published yet. For a program
    /// that is told of changes and copies now and then.
    ///
    /// # Errors
    ///
    /// As for [`latest_into`](Self::latest_into).
    pub fn mark_seen(&mut self) -> Result<bool, SharedMemoryError> {
        Ok(self.subscriber.read(|_, _| ())?.is_some())
    }

    /// Whether a value was published since the one that this reader has read last. Copies nothing, and marks
    /// nothing as seen.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::UnknownFormat`], as for [`latest_into`](Self::latest_into).
    pub fn has_changed(&mut self) -> Result<bool, SharedMemoryError> {
        self.subscriber.has_changed()
    }

    /// Waits up to `timeout` until [`has_changed`](Self::has_changed): `false` if it has not by then. Copies
    /// nothing, and marks nothing as seen.
    ///
    /// # Errors
    ///
    /// As for [`has_changed`](Self::has_changed); [`SharedMemoryError::System`] if the system refuses to wait.
    pub fn wait_changed(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        self.subscriber.wait_changed(timeout)
    }

    /// What to wait for, together with other things, until [`has_changed`](Self::has_changed); `None` if it has.
    /// See [`Reader::arm`](crate::snapshot::Reader::arm) and [`Armed`].
    ///
    /// # Errors
    ///
    /// As for [`wait_changed`](Self::wait_changed).
    pub fn arm(&mut self) -> Result<Option<Armed<'_>>, SharedMemoryError> {
        self.subscriber.arm()
    }

    /// The name, as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.subscriber.names.name
    }

    /// The version of the value that this reader has read last; 0 if it has read none.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.subscriber.seen
    }

    /// The number of the payload that this reader is attached to; see
    /// [`snapshot::Reader::generation`](crate::snapshot::Reader::generation).
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.subscriber.generation()
    }

    /// The process of the writer; see [`snapshot::Reader::writer`](crate::snapshot::Reader::writer). A shared mutex
    /// has none.
    #[must_use]
    pub fn writer(&self) -> Option<ProcessIdentity> {
        self.subscriber.writer()
    }

    /// Whether there is a writer and its process is alive. [`Liveness::Gone`] also if the writer was dropped; of a
    /// shared mutex [`Liveness::Unknown`], because it has no writer.
    #[must_use]
    pub fn writer_liveness(&self) -> Liveness {
        match self.subscriber.kind() {
            Kind::Mutex => Liveness::Unknown,
            _ => self.subscriber.writer_liveness(),
        }
    }
}

impl fmt::Debug for BytesReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BytesReader")
            .field(&self.subscriber)
            .finish()
    }
}
