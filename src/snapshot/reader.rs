//! [`Reader`].

use std::fmt;
use std::hint;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::thread;
use std::time::Duration;

use crate::access::ReadOnly;
use crate::cores::atomic::{Ordering, fence};
use crate::data::identity::ProcessIdentity;
use crate::data::{AnyBytes, SharedData};
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::place::{Copied, Place, Unchecked};
use crate::protocol::attach::{Attached, Patience};
use crate::protocol::companions::Companions;
use crate::protocol::directory::{Directory, Kind};
use crate::protocol::payload::READING;
use crate::protocol::token;
use crate::protocol::waiters::Waiter;
use crate::region::options::SharedMemoryOptions;
use crate::sync::process::Liveness;
use crate::sys::clock;

/// How often a waiting reader looks before it asks the system to wake it: some microseconds, the time
/// that takes.
const SPINS: u32 = 500;

/// How long a waiting reader relies on being woken before it looks by itself: a writer of another user
/// may not be allowed to wake it, and one that was killed does not.
const SLICE: Duration = Duration::from_millis(50);

/// How often a reader that cannot be woken looks.
const POLL: Duration = Duration::from_millis(1);

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
    names: Companions,
    directory: Directory<ReadOnly>,
    attached: Attached<ReadOnly>,
    waiter: Option<Waiter>,
    /// For the event that this reader waits for.
    options: SharedMemoryOptions,
    /// The version of the value read last, 0 before the first.
    seen: u64,
    /// When that version was another, as the time since the system started.
    changed: Duration,
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
    /// - [`SharedMemoryError::LayoutMismatch`]: it is of another type. The error names the first field
    ///   that differs.
    /// - [`SharedMemoryError::UnknownFormat`]: it is not a snapshot of this crate.
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
        let mut patience = Patience::new(options);
        let (directory, attached) =
            Attached::open::<T>(&names, Kind::Snapshot, options, &mut patience)?;
        Ok(Self {
            names,
            directory,
            attached,
            waiter: None,
            options: event_options(options),
            seen: 0,
            changed: clock::since_start(),
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
    pub fn has_changed(&mut self) -> Result<bool, SharedMemoryError> {
        self.attach()?;
        Ok(self.is_published_since())
    }

    /// Waits up to `timeout` until [`has_changed`](Self::has_changed): `false` if it has not by then. Copies
    /// no value, and marks none as seen.
    ///
    /// [`Duration::MAX`] waits without a limit.
    ///
    /// # Errors
    ///
    /// As for [`has_changed`](Self::has_changed), and [`SharedMemoryError::System`] if the system refuses to
    /// wait.
    pub fn wait_changed(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        let mut timeout = Timeout::new(timeout);
        for _ in 0..SPINS {
            if self.may_have_changed() {
                break;
            }
            hint::spin_loop();
        }
        let mut may_register = true;
        loop {
            if self.has_changed()? {
                return Ok(true);
            }
            let left = timeout.left();
            if left.is_zero() {
                return Ok(false);
            }
            if self.waiter.is_none() && may_register {
                self.waiter = Waiter::register(&self.names, &self.options);
                may_register = false;
            }
            match &self.waiter {
                Some(waiter) => waiter.wait(SLICE.min(left), || self.may_have_changed())?,
                None => thread::sleep(POLL.min(left)),
            }
        }
    }

    /// The name, as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.names.name
    }

    /// The version of the value that this reader has read last; 0 if it has read none. Of two values, the
    /// one published later has the higher version, also if another writer has published it.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.seen
    }

    /// The number of the payload that this reader is attached to, from 1 on. It grows when a writer comes
    /// back with another payload, not always by one.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.attached.generation
    }

    /// The time since this reader last read another value than before, to the resolution of the system
    /// tick: 10 to 16 ms.
    ///
    /// Calls `GetTickCount64`.
    #[doc(alias = "GetTickCount64")]
    #[must_use]
    pub fn unchanged_for(&self) -> Duration {
        clock::since_start().saturating_sub(self.changed)
    }

    /// The process of the writer, also if it has exited or was killed; `None` if the writer was dropped, or
    /// another one is just registering.
    #[must_use]
    pub fn writer(&self) -> Option<ProcessIdentity> {
        self.owner().map(token::process)
    }

    /// Whether there is a writer and its process is alive. [`Liveness::Gone`] also if the writer was
    /// dropped.
    #[must_use]
    pub fn writer_liveness(&self) -> Liveness {
        self.owner()
            .map_or(Liveness::Gone, |owner| token::liveness(&self.names, owner))
    }

    fn owner(&self) -> Option<ProcessIdentity> {
        self.directory.record().and_then(|(_, record)| record.owner)
    }

    /// Attaches to the current payload, if another writer registered since.
    #[inline]
    fn attach(&mut self) -> Result<(), SharedMemoryError> {
        if self.directory.sequence() == self.attached.sequence {
            return Ok(());
        }
        self.attach_again()
    }

    #[cold]
    fn attach_again(&mut self) -> Result<(), SharedMemoryError> {
        let Some((sequence, record)) = self.directory.record() else {
            // A writer registers, or died at it. What we have stays as it is.
            return Ok(());
        };
        if record.generation != self.attached.generation {
            let current = Attached::current::<T>(&self.directory, &self.names, Kind::Snapshot)?;
            if let Some(attached) = current {
                self.attached = attached;
                return Ok(());
            }
            // Gone again before we could open it; the next writer registers again.
        }
        self.attached.sequence = sequence;
        Ok(())
    }

    /// Whether [`has_changed`](Self::has_changed) may say so, without a system call.
    fn may_have_changed(&self) -> bool {
        let sequence = self.directory.sequence();
        // Odd: a writer registers, or died at it, and there is nothing to attach to yet.
        let registered = sequence != self.attached.sequence && sequence % 2 == 0;
        registered || self.is_published_since()
    }

    /// Whether what we are attached to has a value of another version than the one seen. If so, that is
    /// mostly known without a look at the slot, which still lies in the writer's cache.
    #[inline]
    fn is_published_since(&self) -> bool {
        let payload = &self.attached.payload;
        let latest = payload.latest().load(Ordering::Relaxed);
        if latest != 0 && latest != self.seen as u32 {
            return true;
        }
        fence(Ordering::Acquire);
        let now = payload.sequence(payload.slot(latest)).version();
        now != 0 && now != self.seen
    }

    /// Copies the value published last, again until it is whole, and marks it as seen.
    #[inline]
    fn read<R>(
        &mut self,
        mut copy: impl FnMut(Place<'_, T, ReadOnly>) -> R,
    ) -> Result<Option<R>, SharedMemoryError> {
        self.attach()?;
        let read = self.attached.payload.read_latest(READING, &mut copy);
        match read.map_err(|unread| unread.into_error(&self.names.name))? {
            None => Ok(None),
            Some((version, value)) => {
                if version != self.seen {
                    self.seen = version;
                    self.changed = clock::since_start();
                }
                Ok(Some(value))
            }
        }
    }
}

/// The part of the options that is for the event of a reader: who may set it.
fn event_options(options: &SharedMemoryOptions) -> SharedMemoryOptions {
    let mut event = SharedMemoryOptions::new();
    event.security.clone_from(&options.security);
    event
}

impl<T> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("directory", &self.directory)
            .field("attached", &self.attached)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}
