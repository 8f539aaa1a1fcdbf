//! [`Reader`].

use std::fmt;
use std::mem::MaybeUninit;

use crate::access::ReadOnly;
use crate::data::{AnyBytes, SharedData};
use crate::error::SharedMemoryError;
use crate::protocol::attach::{Attached, Patience};
use crate::protocol::companions::Companions;
use crate::protocol::directory::{Directory, Kind};
use crate::protocol::shape::Shape;
use crate::region::options::SharedMemoryOptions;
use crate::shared_mutex::value::Value;

/// A handle that reads the value of a [`SharedMutex`](crate::SharedMutex) and cannot lock it.
///
/// It needs only read access to the regions, and is not one of the 240 handles that may lock. It never
/// waits for a holder, and no holder waits for it. The value stays available when all other programs have
/// exited, as long as the reader is open.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{SharedMutex, shared_mutex::Reader};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let score = SharedMutex::get_or_create(r"Local\docs-mutex-reader", &0_u64)?;
///
/// // In another program:
/// let reader = Reader::<u64>::open(r"Local\docs-mutex-reader")?;
/// let version = reader.version()?;
/// assert_eq!(reader.load()?, 0);
///
/// score.update(|score| *score += 10)?;
/// assert_ne!(reader.version()?, version);
/// assert_eq!(reader.load()?, 10);
/// # Ok(())
/// # }
/// ```
pub struct Reader<T> {
    value: Value<T, ReadOnly>,
    /// Keeps the name.
    directory: Directory<ReadOnly>,
}

impl<T> Reader<T> {
    /// Opens the value of this name. If it is just being created, waits for that up to five seconds.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::OpenMapping`]: there is none, or its security descriptor denies reading.
    /// - [`SharedMemoryError::NotReady`]: its creator has not finished, or died while creating it.
    /// - [`SharedMemoryError::LayoutMismatch`]: it is of another type; the error names the first field that
    ///   differs.
    /// - [`SharedMemoryError::UnknownFormat`]: the region of this name is not a shared mutex of this crate.
    pub fn open(name: &str) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::open_with(name, &SharedMemoryOptions::new())
    }

    /// As [`open`](Self::open), with options. Of these it uses [`wait`](SharedMemoryOptions::wait) and
    /// [`inheritable`](SharedMemoryOptions::inheritable).
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open), and [`SharedMemoryError::TimedOut`] if nothing appeared within
    /// [`wait`](SharedMemoryOptions::wait).
    pub fn open_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        let names = Companions::new(name);
        let mut patience = Patience::new(options);
        let shape = Shape::exact::<T>(&names)?;
        let (directory, attached) =
            Attached::open(&names, Kind::Mutex, Some(&shape), options, &mut patience)?;
        Ok(Self {
            value: Value::new(name, attached.payload),
            directory,
        })
    }
}

impl<T: SharedData> Reader<T> {
    /// Returns a copy of the last committed value.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::InvalidValue`]: another program has stored bytes that are not a valid value.
    /// - [`SharedMemoryError::UnknownFormat`]: another program has damaged the region.
    /// - [`SharedMemoryError::Contended`]: the value changed during every attempt to copy it: a thousand, or as many as
    ///   fit into one second.
    pub fn load(&self) -> Result<T, SharedMemoryError> {
        self.value.load()
    }

    /// Copies the last committed value over `to`, without a copy on the stack. After an error `to` may hold
    /// bytes of several values.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load).
    pub fn load_into(&self, to: &mut T) -> Result<(), SharedMemoryError>
    where
        T: AnyBytes,
    {
        self.value.load_into(to)
    }

    /// Copies the last committed value into `to`, without a copy on the stack, and checks it there: for
    /// types of megabytes.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load); `to` then holds no valid value.
    pub fn load_into_uninit<'r>(
        &self,
        to: &'r mut MaybeUninit<T>,
    ) -> Result<&'r mut T, SharedMemoryError> {
        self.value.load_into_uninit(to)
    }

    /// Returns the version of the last committed value, which every commit changes. It does not copy the
    /// value, so it is a cheap way to ask whether there is a new one.
    ///
    /// Ask for the version first and load the value then: the value is the one of that version, or a later
    /// one.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load), except `InvalidValue`.
    pub fn version(&self) -> Result<u64, SharedMemoryError> {
        self.value.version()
    }
}

impl<T> Reader<T> {
    /// Returns the name as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        self.value.name()
    }
}

impl<T> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("directory", &self.directory)
            .field("payload", self.value.payload())
            .finish_non_exhaustive()
    }
}
