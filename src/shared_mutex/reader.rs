//! [`Reader`].

use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::time::Duration;

use crate::access::ReadOnly;
use crate::data::{AnyBytes, SharedData};
use crate::error::SharedMemoryError;
use crate::place::{Copied, Place, Unchecked};
use crate::protocol::companions::Companions;
use crate::protocol::directory::Kind;

use crate::protocol::shape::Shape;
use crate::protocol::subscriber::Subscriber;
use crate::protocol::unread::Unread;
use crate::region::options::SharedMemoryOptions;
use crate::sync::Armed;

/// Reads the value of a [`SharedMutex`](crate::SharedMutex), and waits for changes. It cannot lock.
///
/// It needs only read access to the regions, and is not one of the 240 handles that may lock. It never
/// waits for a holder, and no holder waits for it. The value stays available when all other programs have
/// exited, as long as the reader is open.
///
/// As a [`snapshot::Reader`](crate::snapshot::Reader) does, it remembers which value it has loaded last.
/// [`has_changed`](Self::has_changed) and [`wait_changed`](Self::wait_changed) ask for another one than that; only
/// loading a value marks it as seen. To a reader that has loaded nothing yet, the value has changed. A program that
/// holds a [`SharedMutex`](crate::SharedMutex) and wants to know when others change it opens a reader beside it.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::{SharedMutex, shared_mutex::Reader};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let score = SharedMutex::get_or_create(r"Local\docs-mutex-reader", &0_u64)?;
///
/// // In another program:
/// let mut reader = Reader::<u64>::open(r"Local\docs-mutex-reader")?;
/// assert_eq!(reader.load()?, 0);
/// assert!(!reader.has_changed()?);
///
/// score.update(|score| *score += 10)?;
/// if reader.wait_changed(Duration::from_secs(1))? {
///     assert_eq!(reader.load()?, 10);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Reader<T> {
    subscriber: Subscriber,
    value: PhantomData<fn() -> T>,
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
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::shared_mutex::Reader;
    /// # use win_shared_memory::SharedMutex;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let early = Reader::<u64>::open(r"Local\docs-mutex-reader-open");
    /// assert!(early.is_err_and(|error| error.is_not_found()));
    ///
    /// # let _score = SharedMutex::get_or_create(r"Local\docs-mutex-reader-open", &7_u64)?;
    /// // Another program has created the value:
    /// let mut score = Reader::<u64>::open(r"Local\docs-mutex-reader-open")?;
    /// assert_eq!(score.load()?, 7);
    /// # Ok(())
    /// # }
    /// ```
    pub fn open(name: &str) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::open_with(name, &SharedMemoryOptions::new())
    }

    /// As [`open`](Self::open), with options. Of these it uses [`wait`](SharedMemoryOptions::wait) and
    /// [`inheritable`](SharedMemoryOptions::inheritable), and for the event by which it is woken
    /// [`waiting_security`](SharedMemoryOptions::waiting_security) or else
    /// [`security`](SharedMemoryOptions::security).
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
        let shape = Shape::exact::<T>(&names)?;
        Ok(Self {
            subscriber: Subscriber::open(names, Kind::Mutex, Some(shape), options)?,
            value: PhantomData,
        })
    }
}

impl<T: SharedData> Reader<T> {
    /// Returns a copy of the last committed value, and marks it as seen.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::InvalidValue`]: another program has stored bytes that are not a valid value. They
    ///   count as seen.
    /// - [`SharedMemoryError::UnknownFormat`]: another program has damaged the region.
    /// - [`SharedMemoryError::Contended`]: the value changed during every attempt to copy it: a thousand, or as many as
    ///   fit into one second.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMutex;
    /// use win_shared_memory::shared_mutex::Reader;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let score = SharedMutex::get_or_create(r"Local\docs-mutex-reader-load", &0_u64)?;
    /// let mut reader = Reader::<u64>::open(r"Local\docs-mutex-reader-load")?;
    /// let _guard = score.lock()?;
    /// // It does not wait for the holder.
    /// assert_eq!(reader.load()?, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn load(&mut self) -> Result<T, SharedMemoryError> {
        let copy = self.read(|place| place.copy_out())?;
        Ok(Unchecked::check(copy)?)
    }

    /// Copies the last committed value over `to`, without a copy on the stack, and marks it as seen. After an
    /// error `to` may hold bytes of several values.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMutex;
    /// use win_shared_memory::shared_mutex::Reader;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let _map = SharedMutex::get_or_create(r"Local\docs-mutex-reader-load-into", &[7_u32; 1000])?;
    /// let mut reader = Reader::<[u32; 1000]>::open(r"Local\docs-mutex-reader-load-into")?;
    /// let mut map = Box::new([0; 1000]);
    /// reader.load_into(&mut map)?;
    /// assert_eq!(map[999], 7);
    /// # Ok(())
    /// # }
    /// ```
    pub fn load_into(&mut self, to: &mut T) -> Result<(), SharedMemoryError>
    where
        T: AnyBytes,
    {
        self.read(|place| place.read_into(to))
    }

    /// Copies the last committed value into `to`, without a copy on the stack, checks it there, and marks it as
    /// seen: for types of megabytes.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load); `to` then holds no valid value.
    pub fn load_into_uninit<'r>(
        &mut self,
        to: &'r mut MaybeUninit<T>,
    ) -> Result<&'r mut T, SharedMemoryError> {
        let mut copied = Copied::new(to);
        self.read(|place| copied.copy(place))?;
        Ok(copied.check()?)
    }

    /// Whether a value was committed since the one that this reader has loaded last, also one that is equal to it.
    /// Copies no value, and marks none as seen.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::LayoutMismatch`] and [`SharedMemoryError::UnknownFormat`]: another program has
    /// damaged the region.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedMutex;
    /// use win_shared_memory::shared_mutex::Reader;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let score = SharedMutex::get_or_create(r"Local\docs-mutex-reader-has-changed", &0_u64)?;
    /// let mut reader = Reader::<u64>::open(r"Local\docs-mutex-reader-has-changed")?;
    /// reader.load()?;
    /// assert!(!reader.has_changed()?);
    /// score.update(|score| *score += 10)?;
    /// assert!(reader.has_changed()?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn has_changed(&mut self) -> Result<bool, SharedMemoryError> {
        self.subscriber.has_changed()
    }

    /// Waits up to `timeout` until [`has_changed`](Self::has_changed): `false` if it has not by then. Copies
    /// no value, and marks none as seen.
    ///
    /// [`Duration::MAX`] waits without a limit. A commit wakes a reader that may also write; any other looks every
    /// millisecond, unless the creator grants it [waiting](SharedMemoryOptions::waiting_security).
    ///
    /// # Errors
    ///
    /// As for [`has_changed`](Self::has_changed), and [`SharedMemoryError::System`] if the system refuses to
    /// wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use win_shared_memory::SharedMutex;
    /// use win_shared_memory::shared_mutex::Reader;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let score = SharedMutex::get_or_create(r"Local\docs-mutex-reader-wait", &0_u64)?;
    /// let mut reader = Reader::<u64>::open(r"Local\docs-mutex-reader-wait")?;
    /// reader.load()?;
    /// assert!(!reader.wait_changed(Duration::from_millis(1))?);
    /// score.update(|score| *score += 10)?;
    /// assert!(reader.wait_changed(Duration::from_secs(10))?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_changed(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        self.subscriber.wait_changed(timeout)
    }

    /// What to wait for, together with other things, until [`has_changed`](Self::has_changed); `None` if it has,
    /// and there is nothing to wait for. Marks nothing as seen. See [`Armed`] for how to wait.
    ///
    /// # Errors
    ///
    /// As for [`wait_changed`](Self::wait_changed).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::sync::{Event, Reset, wait_any};
    /// use win_shared_memory::{SharedMutex, shared_mutex::Reader};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let score = SharedMutex::get_or_create(r"Local\docs-mutex-arm", &0_u64)?;
    /// let mut reader = Reader::<u64>::open(r"Local\docs-mutex-arm")?;
    /// reader.load()?;
    /// let stop = Event::create_unnamed(Reset::Manual)?;
    ///
    /// if let Some(armed) = reader.arm()? {
    ///     score.update(|score| *score += 10)?;
    ///     assert_eq!(wait_any(&[&stop, &armed], armed.look_after())?, Some(1));
    /// }
    /// assert_eq!(reader.load()?, 10);
    /// # Ok(())
    /// # }
    /// ```
    pub fn arm(&mut self) -> Result<Option<Armed<'_>>, SharedMemoryError> {
        self.subscriber.arm()
    }

    #[inline]
    fn read<R>(
        &mut self,
        mut copy: impl FnMut(Place<'_, T, ReadOnly>) -> R,
    ) -> Result<R, SharedMemoryError> {
        let read = self
            .subscriber
            .read(|payload, slot| copy(payload.value(slot)))?;
        // A payload is not named before it has a value.
        read.ok_or_else(|| Unread::Damaged.into_error(self.name()))
    }
}

impl<T> Reader<T> {
    /// Returns the name as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.subscriber.names.name
    }

    /// Returns the version of the value that this reader has loaded last; 0 if it has loaded none. Every commit
    /// makes a higher version.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.subscriber.seen
    }
}

impl<T> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reader").field(&self.subscriber).finish()
    }
}
