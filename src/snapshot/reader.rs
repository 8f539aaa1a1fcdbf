//! [`Reader`].

use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::time::Duration;

use crate::access::ReadOnly;
use crate::data::identity::ProcessIdentity;
use crate::data::{AnyBytes, SharedData};
use crate::error::SharedMemoryError;
use crate::place::{Copied, Place, Unchecked};
use crate::protocol::companions::Companions;
use crate::protocol::directory::Kind;
use crate::protocol::shape::Shape;
use crate::protocol::subscriber::Subscriber;
use crate::region::options::SharedMemoryOptions;
use crate::sync::Armed;
use crate::sync::process::Liveness;

/// Reads the latest value of a `T` that a [`Writer`](super::Writer) publishes under a name.
///
/// A reader remembers which value it has read last. [`has_changed`](Self::has_changed) and
/// [`wait_changed`](Self::wait_changed) ask for another one than that; only reading a value marks it as
/// seen. A reader that has read nothing yet takes whatever is there for a change.
///
/// It needs no more than read access to the regions. See the [module](super) for what happens when the
/// writer exits, is killed, or comes back with another type.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::snapshot::{Reader, Writer};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut writer = Writer::register(r"Local\docs-reader")?;
/// writer.publish(&[20.5_f32, 21.0]);
///
/// // In another program:
/// let mut reader = Reader::<[f32; 2]>::open(r"Local\docs-reader")?;
/// assert_eq!(reader.latest()?, Some([20.5, 21.0]));
/// assert!(!reader.wait_changed(Duration::from_millis(1))?);
/// # writer.publish(&[20.5, 21.5]);
///
/// if reader.wait_changed(Duration::from_secs(1))? {
///     assert_eq!(reader.latest()?, Some([20.5, 21.5]));
/// }
/// # Ok(())
/// # }
/// ```
pub struct Reader<T> {
    subscriber: Subscriber,
    value: PhantomData<fn() -> T>,
}

impl<T> Reader<T> {
    /// Opens the snapshot of this name. If its writer is just registering, waits for that for at most
    /// five seconds.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::OpenMapping`]: there is none, or security denies it.
    /// - [`SharedMemoryError::NotReady`]: its writer has not finished registering, or died at it.
    /// - [`SharedMemoryError::LayoutMismatch`]: it is of another type, and not of one that this
    ///   [may grow](SharedData::MAY_GROW) to. The error names the first field that differs.
    /// - [`SharedMemoryError::UnknownFormat`]: it is not a snapshot of this crate.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::snapshot::Reader;
    /// # use win_shared_memory::snapshot::Writer;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let early = Reader::<f32>::open(r"Local\docs-snapshot-open");
    /// assert!(early.is_err_and(|error| error.is_not_found()));
    ///
    /// # let _writer = Writer::<f32>::register(r"Local\docs-snapshot-open")?;
    /// // The writer has registered:
    /// let mut reader = Reader::<f32>::open(r"Local\docs-snapshot-open")?;
    /// assert_eq!(reader.latest()?, None, "and has published nothing yet");
    /// # Ok(())
    /// # }
    /// ```
    pub fn open(name: &str) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::open_with(name, &SharedMemoryOptions::new())
    }

    /// Opens as [`open`](Self::open) does, with these options. With
    /// [`wait`](SharedMemoryOptions::wait) it also waits for a snapshot that does not exist yet, and for
    /// one of another type whose writer has exited to be replaced. The
    /// [`security`](SharedMemoryOptions::security) is that of the event by which the writer wakes this
    /// reader.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open), and [`SharedMemoryError::TimedOut`] if there is no such snapshot when
    /// the wait is over.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use win_shared_memory::{SharedMemoryOptions, snapshot::Reader};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let reader = Reader::<[f32; 2]>::open_with(
    ///     r"Local\not_there_yet",
    ///     SharedMemoryOptions::new().wait(Duration::from_secs(10)),
    /// )?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn open_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        let names = Companions::new(name);
        let shape = Shape::readable::<T>(&names)?;
        Ok(Self {
            subscriber: Subscriber::open(names, Kind::Snapshot, Some(shape), options)?,
            value: PhantomData,
        })
    }
}

impl<T: SharedData> Reader<T> {
    /// The value published last; `None` if none was published yet. Marks it as seen.
    ///
    /// A `bool`, `char` or enum in the copy is checked, because another program has written it. A type
    /// without one costs no check.
    ///
    /// If the writer came back with another payload, this attaches to it.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::InvalidValue`]: the bytes are not a valid value. They count as seen.
    /// - [`SharedMemoryError::LayoutMismatch`]: the writer came back with another type.
    /// - [`SharedMemoryError::Contended`]: the writer overwrote the value during each attempt to copy it,
    ///   a thousand times or for a second.
    /// - [`SharedMemoryError::UnknownFormat`]: another program has damaged the region.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::snapshot::{Reader, Writer};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut writer = Writer::register(r"Local\docs-latest")?;
    /// let mut reader = Reader::<f32>::open(r"Local\docs-latest")?;
    /// assert_eq!(reader.latest()?, None);
    /// writer.publish(&20.5_f32);
    /// assert_eq!(reader.latest()?, Some(20.5));
    /// assert_eq!(reader.latest()?, Some(20.5), "it is still the latest");
    /// # Ok(())
    /// # }
    /// ```
    pub fn latest(&mut self) -> Result<Option<T>, SharedMemoryError> {
        match self.read(|place| place.copy_out())? {
            Some(copy) => Ok(Some(Unchecked::check(copy)?)),
            None => Ok(None),
        }
    }

    /// Copies the value published last over `to` and marks it as seen; `false`, with `to` left as it is,
    /// if none was published yet. For values too large for the stack.
    ///
    /// # Errors
    ///
    /// As for [`latest`](Self::latest). After an error, `to` may hold parts of several values.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::snapshot::{Reader, Writer};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// # let mut writer = Writer::<[u32; 4096]>::register(r"Local\docs-latest-into")?;
    /// # writer.publish(&[7; 4096]);
    /// let mut reader = Reader::<[u32; 4096]>::open(r"Local\docs-latest-into")?;
    /// let mut samples = Box::new([0_u32; 4096]);
    /// if reader.latest_into(&mut samples)? {
    ///     assert_eq!(samples[4095], 7);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn latest_into(&mut self, to: &mut T) -> Result<bool, SharedMemoryError>
    where
        T: AnyBytes,
    {
        Ok(self.read(|place| place.read_into(to))?.is_some())
    }

    /// Copies the value published last to `to`, checks it there, and marks it as seen: as
    /// [`latest_into`](Self::latest_into), for every type. `None` if none was published yet.
    ///
    /// # Errors
    ///
    /// As for [`latest`](Self::latest). After an error, and after `None`, `to` holds no value.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{SharedData, field, snapshot};
    ///
    /// #[derive(SharedData)]
    /// #[repr(C)]
    /// struct Frame {
    ///     is_key: bool,
    ///     pixels: [u8; 4 << 20],
    /// }
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// # let mut writer = snapshot::Writer::<Frame>::register(r"Local\docs-latest-into-uninit")?;
    /// # let draft = writer.draft_from_zeros();
    /// # field!(draft.is_key).write(&true);
    /// # draft.publish();
    /// let mut reader = snapshot::Reader::<Frame>::open(r"Local\docs-latest-into-uninit")?;
    /// let mut room = Box::new_uninit();
    /// if let Some(frame) = reader.latest_into_uninit(&mut room)? {
    ///     assert!(frame.is_key);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn latest_into_uninit<'r>(
        &mut self,
        to: &'r mut MaybeUninit<T>,
    ) -> Result<Option<&'r mut T>, SharedMemoryError> {
        let mut copied = Copied::new(to);
        match self.read(|place| copied.copy(place))? {
            Some(()) => Ok(Some(copied.check()?)),
            None => Ok(None),
        }
    }

    /// Whether a value was published since the one that this reader has read last. Copies no value, and
    /// marks none as seen.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::LayoutMismatch`] and [`SharedMemoryError::UnknownFormat`], as for
    /// [`latest`](Self::latest).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::snapshot::{Reader, Writer};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut writer = Writer::register(r"Local\docs-has-changed")?;
    /// let mut reader = Reader::<f32>::open(r"Local\docs-has-changed")?;
    /// writer.publish(&20.5_f32);
    /// assert!(reader.has_changed()?);
    /// reader.latest()?;
    /// assert!(!reader.has_changed()?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn has_changed(&mut self) -> Result<bool, SharedMemoryError> {
        self.subscriber.has_changed()
    }

    /// Waits up to `timeout` until [`has_changed`](Self::has_changed): `false` if it has not by then. Copies
    /// no value, and marks none as seen.
    ///
    /// [`Duration::MAX`] waits without a limit. The writer wakes a reader that may also write; any other looks every
    /// millisecond, unless the writer grants it [waiting](crate::SharedMemoryOptions::waiting_security).
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
    /// use win_shared_memory::snapshot::{Reader, Writer};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut writer = Writer::register(r"Local\docs-wait-changed")?;
    /// let mut reader = Reader::<f32>::open(r"Local\docs-wait-changed")?;
    /// assert!(!reader.wait_changed(Duration::from_millis(1))?);
    ///
    /// // In another program:
    /// writer.publish(&20.5_f32);
    ///
    /// assert!(reader.wait_changed(Duration::from_secs(10))?);
    /// assert_eq!(reader.latest()?, Some(20.5));
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
    /// use win_shared_memory::snapshot::{Reader, Writer};
    /// use win_shared_memory::sync::{Event, Reset, wait_any};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut writer = Writer::<u32>::register(r"Local\docs-arm")?;
    /// let mut reader = Reader::<u32>::open(r"Local\docs-arm")?;
    /// let stop = Event::create_unnamed(Reset::Manual)?;
    ///
    /// if let Some(armed) = reader.arm()? {
    ///     writer.publish(&7);
    ///     assert_eq!(wait_any(&[&stop, &armed], armed.look_after())?, Some(1));
    /// }
    /// assert!(reader.arm()?.is_none(), "there is a value now");
    /// assert_eq!(reader.latest()?, Some(7));
    /// # Ok(())
    /// # }
    /// ```
    pub fn arm(&mut self) -> Result<Option<Armed<'_>>, SharedMemoryError> {
        self.subscriber.arm()
    }

    /// The name, as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.subscriber.names.name
    }

    /// The version of the value that this reader has read last; 0 if it has read none. Of two values, the
    /// one published later has the higher version, also if another writer has published it.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.subscriber.seen
    }

    /// The number of the payload that this reader is attached to, from 1 on. It grows when a writer comes
    /// back with another payload, not always by one.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.subscriber.generation()
    }

    /// The time since this reader last read another value than before, to the resolution of the system
    /// tick: 10 to 16 ms.
    ///
    /// Calls `GetTickCount64`.
    #[doc(alias = "GetTickCount64")]
    #[must_use]
    pub fn unchanged_for(&self) -> Duration {
        self.subscriber.unchanged_for()
    }

    /// The process of the writer, also if it has exited or was killed; `None` if the writer was dropped, or
    /// another one is just registering.
    #[must_use]
    pub fn writer(&self) -> Option<ProcessIdentity> {
        self.subscriber.writer()
    }

    /// Whether there is a writer and its process is alive. [`Liveness::Gone`] also if the writer was
    /// dropped.
    #[must_use]
    pub fn writer_liveness(&self) -> Liveness {
        self.subscriber.writer_liveness()
    }

    #[inline]
    fn read<R>(
        &mut self,
        mut copy: impl FnMut(Place<'_, T, ReadOnly>) -> R,
    ) -> Result<Option<R>, SharedMemoryError> {
        self.subscriber
            .read(|payload, slot| copy(payload.value(slot)))
    }
}

impl<T> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reader").field(&self.subscriber).finish()
    }
}
