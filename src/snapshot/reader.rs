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
use crate::data::invalid_value::InvalidValue;
use crate::data::{AnyBytes, SharedData};
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::place::{Copied, Place};
use crate::protocol::attach::{Attached, Patience};
use crate::protocol::companions::Companions;
use crate::protocol::directory::{Directory, Kind};
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

/// One of those that read the values of a `T` published under a name; see the [module](super).
///
/// Reading needs no more than read access to the regions.
pub struct Reader<T> {
    names: Companions,
    directory: Directory<ReadOnly>,
    attached: Attached<ReadOnly>,
    waiter: Option<Waiter>,
    /// For the event that this reader waits for.
    options: SharedMemoryOptions,
    /// The last version got, and when: since the system started.
    seen: (u64, Duration),
    value: PhantomData<fn() -> T>,
}

impl<T: SharedData> Reader<T> {
    /// Opens the snapshot of this name. If its writer is just registering, waits for that a few
    /// seconds.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::OpenMapping`]: there is none, or security denies it.
    /// - [`SharedMemoryError::NotReady`]: its writer has not finished registering, or died at it.
    /// - [`SharedMemoryError::LayoutMismatch`]: it is of another type, whose first field that differs
    ///   is named.
    /// - [`SharedMemoryError::UnknownFormat`]: it is no snapshot of this crate.
    pub fn open(name: &str) -> Result<Self, SharedMemoryError> {
        SharedMemoryOptions::new().open_snapshot(name)
    }

    fn open_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError> {
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
            seen: (0, clock::since_start()),
            value: PhantomData,
        })
    }

    /// The last published value and its version; `None` if nothing was published yet.
    ///
    /// If the writer came back with a larger payload, this attaches to it.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::LayoutMismatch`]: the writer came back with another type.
    /// - [`SharedMemoryError::Contended`]: the writer overtook every one of a thousand attempts.
    /// - [`SharedMemoryError::UnknownFormat`]: another program has damaged the region.
    pub fn latest(&mut self) -> Result<Option<(u64, T)>, SharedMemoryError>
    where
        T: AnyBytes,
    {
        self.attach()?;
        let got = self.copy(None, |place| place.read())?;
        Ok(self.note(got))
    }

    /// As [`latest`](Self::latest), over `to`, without a copy on the stack; tells the version. After
    /// an error `to` holds bytes of several values.
    ///
    /// # Errors
    ///
    /// As for [`latest`](Self::latest).
    pub fn latest_into(&mut self, to: &mut T) -> Result<Option<u64>, SharedMemoryError>
    where
        T: AnyBytes,
    {
        self.attach()?;
        let got = self.copy(None, |place| place.read_into(to))?;
        Ok(self.note(got).map(|(version, ())| version))
    }

    /// As [`latest`](Self::latest), for types of which not all bytes are valid.
    ///
    /// # Errors
    ///
    /// As for [`latest`](Self::latest), and [`SharedMemoryError::InvalidValue`].
    pub fn try_latest(&mut self) -> Result<Option<(u64, T)>, SharedMemoryError> {
        self.attach()?;
        let got = self.copy(None, |place| place.try_read())?;
        valid(self.note(got))
    }

    /// As [`try_latest`](Self::try_latest), into `to`, without a copy on the stack: for types of megabytes.
    /// After an error, and if nothing was published yet, `to` holds no value.
    ///
    /// # Errors
    ///
    /// As for [`try_latest`](Self::try_latest).
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
    /// # let mut writer = snapshot::Writer::<Frame>::create(r"Local\docs-try-latest-into")?;
    /// # let draft = writer.draft_from_zeros();
    /// # field!(draft.is_key).write(&true);
    /// # draft.publish();
    /// let mut reader = snapshot::Reader::<Frame>::open(r"Local\docs-try-latest-into")?;
    /// let mut room = Box::new_uninit();
    /// if let Some((version, frame)) = reader.try_latest_into(&mut room)? {
    ///     assert!(version > 0 && frame.is_key);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_latest_into<'r>(
        &mut self,
        to: &'r mut MaybeUninit<T>,
    ) -> Result<Option<(u64, &'r mut T)>, SharedMemoryError> {
        self.attach()?;
        let mut copied = Copied::new(to);
        let got = self.copy(None, |place| copied.copy(place))?;
        match self.note(got) {
            None => Ok(None),
            Some((version, ())) => Ok(Some((version, copied.check()?))),
        }
    }

    /// The last published value if its version is another than this one: 0 for any. Does not copy it
    /// otherwise.
    ///
    /// # Errors
    ///
    /// As for [`latest`](Self::latest).
    pub fn newer_than(&mut self, version: u64) -> Result<Option<(u64, T)>, SharedMemoryError>
    where
        T: AnyBytes,
    {
        self.newer(version, None, |place| place.read())
    }

    /// As [`newer_than`](Self::newer_than), for types of which not all bytes are valid.
    ///
    /// # Errors
    ///
    /// As for [`latest`](Self::latest), and [`SharedMemoryError::InvalidValue`].
    pub fn try_newer_than(&mut self, version: u64) -> Result<Option<(u64, T)>, SharedMemoryError> {
        self.newer(version, None, |place| place.try_read())
            .and_then(valid)
    }

    fn newer<R>(
        &mut self,
        version: u64,
        timeout: Option<&mut Timeout>,
        copy: impl FnMut(Place<'_, T, ReadOnly>) -> R,
    ) -> Result<Option<(u64, R)>, SharedMemoryError> {
        self.attach()?;
        if !self.is_published_anew(version) {
            return Ok(None);
        }
        let got = self.copy(timeout, copy)?;
        Ok(self.note(got).filter(|it| it.0 != version))
    }

    /// Waits up to `timeout` for a value of another version than this one; `None` if there is none
    /// then, or each was overwritten while it was copied.
    ///
    /// # Errors
    ///
    /// As for [`latest`](Self::latest).
    pub fn wait_newer(
        &mut self,
        version: u64,
        timeout: Duration,
    ) -> Result<Option<(u64, T)>, SharedMemoryError>
    where
        T: AnyBytes,
    {
        self.wait(version, timeout, |place| place.read())
    }

    /// As [`wait_newer`](Self::wait_newer), for types of which not all bytes are valid.
    ///
    /// # Errors
    ///
    /// As for [`latest`](Self::latest), and [`SharedMemoryError::InvalidValue`].
    pub fn try_wait_newer(
        &mut self,
        version: u64,
        timeout: Duration,
    ) -> Result<Option<(u64, T)>, SharedMemoryError> {
        self.wait(version, timeout, |place| place.try_read())
            .and_then(valid)
    }

    fn wait<R>(
        &mut self,
        version: u64,
        timeout: Duration,
        mut copy: impl FnMut(Place<'_, T, ReadOnly>) -> R,
    ) -> Result<Option<(u64, R)>, SharedMemoryError> {
        let mut timeout = Timeout::new(timeout);
        while self.wait_until_news(version, &mut timeout)? {
            match self.newer(version, Some(&mut timeout), &mut copy) {
                Ok(None) | Err(SharedMemoryError::Contended { .. }) if timeout.left().is_zero() => {
                    break;
                }
                // What looked like news was none: the writer had not finished registering, or the
                // words change in ways that are not ours.
                Ok(None) => {}
                news => return news,
            }
        }
        Ok(None)
    }

    /// As [`wait_newer`](Self::wait_newer), and does not copy the value: `false` if there is no other
    /// version after `timeout`. For large types, with [`latest_into`](Self::latest_into) or
    /// [`try_latest_into`](Self::try_latest_into).
    ///
    /// # Errors
    ///
    /// As for [`latest`](Self::latest).
    pub fn wait_for_news(
        &mut self,
        version: u64,
        timeout: Duration,
    ) -> Result<bool, SharedMemoryError> {
        self.wait_until_news(version, &mut Timeout::new(timeout))
    }

    fn wait_until_news(
        &mut self,
        version: u64,
        timeout: &mut Timeout,
    ) -> Result<bool, SharedMemoryError> {
        for _ in 0..SPINS {
            if self.has_news(version) {
                break;
            }
            hint::spin_loop();
        }
        let mut may_register = true;
        loop {
            self.attach()?;
            if self.has_news(version) {
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
                Some(waiter) => waiter.wait(SLICE.min(left), || self.has_news(version))?,
                None => thread::sleep(POLL.min(left)),
            }
        }
    }

    /// Whether the writer lives. [`Liveness::Gone`] also if it was dropped.
    #[must_use]
    pub fn writer(&self) -> Liveness {
        self.owner()
            .map_or(Liveness::Gone, |owner| token::liveness(&self.names, owner))
    }

    fn owner(&self) -> Option<ProcessIdentity> {
        self.directory.record().and_then(|(_, record)| record.owner)
    }

    /// The process of the writer; `None` if it was dropped, or is being replaced.
    #[must_use]
    pub fn writer_identity(&self) -> Option<ProcessIdentity> {
        self.owner().map(token::process)
    }

    /// The number of the payload that this reader is attached to, from 1 on. It grows when a writer comes
    /// back with another payload, not always by one.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.attached.generation
    }

    /// How long this reader has got no other version than the last, to within a tick of the system:
    /// 10 to 16 ms.
    ///
    /// Calls `GetTickCount64`.
    #[doc(alias = "GetTickCount64")]
    #[must_use]
    pub fn unchanged_for(&self) -> Duration {
        clock::since_start().saturating_sub(self.seen.1)
    }

    /// Attaches to the current payload, if another writer registered since.
    #[inline]
    fn attach(&mut self) -> Result<(), SharedMemoryError> {
        if self.directory.sequence() == self.attached.sequence {
            return Ok(());
        }
        self.attach_anew()
    }

    #[cold]
    fn attach_anew(&mut self) -> Result<(), SharedMemoryError> {
        let Some((sequence, record)) = self.directory.record() else {
            // Somebody registers, or died at it. What we have stays as it is.
            return Ok(());
        };
        if record.generation != self.attached.generation {
            let current = Attached::current::<T>(&self.directory, &self.names, Kind::Snapshot)?;
            if let Some(attached) = current {
                self.attached = attached;
                return Ok(());
            }
            // Gone again before we could open it; whoever comes next registers anew.
        }
        self.attached.sequence = sequence;
        Ok(())
    }

    /// Whether [`newer_than`](Self::newer_than) would have something to do.
    fn has_news(&self, version: u64) -> bool {
        let sequence = self.directory.sequence();
        // Odd: somebody registers, or died at it, and there is nothing to attach to yet.
        let registered = sequence != self.attached.sequence && sequence % 2 == 0;
        registered || self.is_published_anew(version)
    }

    /// Whether something was published in what we are attached to, and under another version than this.
    /// If so, that is mostly known without a look at the slot, which still lies in the writer's cache.
    #[inline]
    fn is_published_anew(&self, version: u64) -> bool {
        let payload = &self.attached.payload;
        let latest = payload.latest().load(Ordering::Relaxed);
        if latest != 0 && latest != version as u32 {
            return true;
        }
        fence(Ordering::Acquire);
        let now = payload.sequence(payload.slot(latest)).version();
        now != 0 && now != version
    }

    /// Copies the last published value, again and again until it is whole.
    #[inline]
    fn copy<R>(
        &self,
        timeout: Option<&mut Timeout>,
        mut copy: impl FnMut(Place<'_, T, ReadOnly>) -> R,
    ) -> Result<Option<(u64, R)>, SharedMemoryError> {
        self.attached
            .payload
            .read_latest(timeout, &mut copy)
            .map_err(|unread| unread.into_error(&self.names.name))
    }

    #[inline]
    fn note<R>(&mut self, got: Option<(u64, R)>) -> Option<(u64, R)> {
        if let Some((version, _)) = got {
            if version != self.seen.0 {
                self.seen = (version, clock::since_start());
            }
        }
        got
    }
}

/// Those of `options` that the event of a reader has: who may set it.
fn event_options(options: &SharedMemoryOptions) -> SharedMemoryOptions {
    let mut event = SharedMemoryOptions::new();
    event.security.clone_from(&options.security);
    event
}

/// What was got, if its bytes are a value.
fn valid<T>(
    got: Option<(u64, Result<T, InvalidValue>)>,
) -> Result<Option<(u64, T)>, SharedMemoryError> {
    match got {
        None => Ok(None),
        Some((version, value)) => Ok(Some((version, value?))),
    }
}

impl<T> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("directory", &self.directory)
            .field("attached", &self.attached)
            .field("seen", &self.seen.0)
            .finish_non_exhaustive()
    }
}

/// Snapshots.
impl SharedMemoryOptions {
    /// [`snapshot::Reader::open`](crate::snapshot::Reader::open) with these options.
    ///
    /// # Errors
    ///
    /// As there, and [`SharedMemoryError::TimedOut`] after [`wait`](Self::wait).
    pub fn open_snapshot<T: SharedData>(&self, name: &str) -> Result<Reader<T>, SharedMemoryError> {
        Reader::open_with(name, self)
    }
}
