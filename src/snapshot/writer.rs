//! [`Writer`] and [`Draft`].

use std::fmt;
use std::marker::PhantomData;

use crate::access::ReadWrite;
use crate::data::SharedData;
use crate::error::SharedMemoryError;
use crate::link::field::IntoPlace;
use crate::place::Place;
use crate::protocol::attach::{Patience, exclusively};
use crate::protocol::companions::Companions;
use crate::protocol::directory::{Directory, Kind};
use crate::protocol::payload::{Payload, first_version};
use crate::protocol::token::{self, Token, liveness};
use crate::protocol::waiters::Waiters;
use crate::region::options::SharedMemoryOptions;
use crate::sync::process::Liveness;

/// The slots should take this many bytes together, so that a small value has many: the reader has
/// to copy one before the writer comes round to it again.
const ROOM: usize = 1 << 20;

/// The one that publishes values of a `T` under a name; see the [module](super).
///
/// May be sent to another thread. When it is dropped, or its process ends, another may be created;
/// readers keep the last value.
pub struct Writer<T> {
    directory: Directory<ReadWrite>,
    payload: Payload<ReadWrite>,
    waiters: Waiters,
    version: u64,
    _token: Token,
    value: PhantomData<fn(T)>,
}

impl<T: SharedData> Writer<T> {
    /// Registers this process as the writer. Takes over from one that has ended: the last published
    /// value stays, and versions go on, if it published the same type.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::WriterAlive`]: a writer of this name lives, in this process or another.
    /// - [`SharedMemoryError::UnknownFormat`]: the name, or the one of a region beside it, belongs to a
    ///   region of other contents. One page that is all zero cannot be told from a snapshot whose creator
    ///   died: it becomes one.
    /// - [`SharedMemoryError::NotReady`]: another process hangs while it registers.
    /// - Those of [`SharedMemoryOptions::get_or_create_section`] and
    ///   [`Mutex::get_or_create`](crate::sync::Mutex::get_or_create).
    pub fn create(name: &str) -> Result<Self, SharedMemoryError> {
        SharedMemoryOptions::new().create_snapshot(name)
    }

    fn create_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError> {
        let names = Companions::new(name);
        names.check()?;
        // Before the directory is made: one that is all zero and whose mutex nobody holds is that of
        // a creator that died.
        let mutex = options.get_or_create_mutex(&names.mutex())?;
        let _registering = exclusively(&names, &mutex, &mut Patience::new(options))?;
        let directory = Directory::create(name, Kind::Snapshot, 0, options)?;
        step!();
        let record = directory.settled_record();
        if let Some(owner) = record.owner {
            if liveness(&names, owner) != Liveness::Gone {
                return Err(SharedMemoryError::WriterAlive {
                    name: name.into(),
                    writer: token::process(owner),
                });
            }
        }
        let mut waiters = Waiters::create(&names, options)?;
        step!();
        let (generation, payload) = Self::payload(&names, record.generation, options)?;
        // Above all that a writer that died has left, and all of earlier generations, so no version
        // is used twice.
        let version = payload.version_to_go_on_from(first_version(generation));
        let token = Token::create(&names)?;
        step!();
        directory.register(Some(token.process()), generation);
        waiters.wake();
        step!();
        Ok(Self {
            directory,
            payload,
            waiters,
            version,
            _token: token,
            value: PhantomData,
        })
    }

    /// The payload of the current generation if it is for this type, or a new one.
    fn payload(
        names: &Companions,
        generation: u64,
        options: &SharedMemoryOptions,
    ) -> Result<(u64, Payload<ReadWrite>), SharedMemoryError> {
        if generation > 0 {
            match Payload::open::<T>(names, generation, Kind::Snapshot) {
                Ok(payload) => return Ok((generation, payload)),
                // Of another type, damaged, or gone: readers get a new one.
                Err(
                    SharedMemoryError::LayoutMismatch(_)
                    | SharedMemoryError::UnknownFormat { .. }
                    | SharedMemoryError::NotCommitted { .. }
                    | SharedMemoryError::OutOfBounds { .. }
                    | SharedMemoryError::NotSharedMemory { .. }
                    | SharedMemoryError::NameInUse { .. },
                ) => {}
                Err(error) if error.is_not_found() => {}
                // What may pass must not cost readers the last value.
                Err(error) => return Err(error),
            }
        }
        let fitting = ROOM / size_of::<T>().max(1);
        let count = 1 << fitting.clamp(4, 64).ilog2();
        Payload::create_next::<T>(names, generation, Kind::Snapshot, count, options)
    }

    /// Publishes a value and returns its version. Readers that wait are woken; nobody is waited for.
    /// Without a reader that waits this makes no system call.
    pub fn publish(&mut self, value: &T) -> u64 {
        let draft = self.draft();
        draft.place().write(value);
        step!();
        draft.publish()
    }

    /// Begins a value that is built in place, part by part, from zeros: for types too large to be
    /// built first and copied then.
    pub fn draft_from_zeros(&mut self) -> Draft<'_, T> {
        let draft = self.draft();
        draft.place().zero();
        step!();
        draft
    }

    /// Begins a value that is built in place from the last published one; from zeros if there is
    /// none.
    pub fn draft_from_last(&mut self) -> Draft<'_, T> {
        let payload = &self.payload;
        let last = payload.slot(
            payload
                .latest()
                .load(crate::cores::atomic::Ordering::Relaxed),
        );
        let draft = self.draft();
        let last: Place<'_, T, ReadWrite> = draft.writer.payload.value(last);
        draft.place().copy_from(last);
        step!();
        draft
    }

    fn draft(&mut self) -> Draft<'_, T> {
        let version = self.version + 1;
        let slot = self.payload.slot(version as u32);
        self.payload.sequence(slot).begin(version);
        Draft {
            writer: self,
            version,
            slot,
        }
    }

    /// The version of the value published last; before the first one, that after which this writer
    /// goes on.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }
}

/// A value that a [`Writer`] builds in place. Dropped without [`publish`](Self::publish) it is
/// forgotten.
#[must_use = "a draft is seen by nobody until it is published"]
pub struct Draft<'a, T> {
    writer: &'a mut Writer<T>,
    version: u64,
    slot: u32,
}

impl<T: SharedData> Draft<'_, T> {
    /// Where the value is, to be written by parts: `field!(draft.speed).write(&120.5)`.
    #[must_use]
    pub fn place(&self) -> Place<'_, T, ReadWrite> {
        self.writer.payload.value(self.slot)
    }

    /// Publishes the value and returns its version.
    pub fn publish(self) -> u64 {
        let Self {
            writer,
            version,
            slot,
        } = self;
        writer.payload.sequence(slot).end(version);
        step!();
        writer.payload.set_latest(version);
        step!();
        writer.version = version;
        writer.waiters.wake();
        version
    }
}

impl<'a, T: SharedData> IntoPlace for &'a Draft<'_, T> {
    type Place = Place<'a, T, ReadWrite>;

    #[inline]
    fn into_place(self) -> Self::Place {
        self.place()
    }
}

impl<T> Drop for Writer<T> {
    fn drop(&mut self) {
        self.directory.unregister();
        step!();
    }
}

impl<T> fmt::Debug for Writer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("directory", &self.directory)
            .field("payload", &self.payload)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Draft<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Snapshots.
impl SharedMemoryOptions {
    /// [`snapshot::Writer::create`](crate::snapshot::Writer::create) with these options.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn create_snapshot<T: SharedData>(
        &self,
        name: &str,
    ) -> Result<Writer<T>, SharedMemoryError> {
        Writer::create_with(name, self)
    }
}
