//! [`Publisher`].

use crate::access::ReadWrite;
use crate::cores::atomic::Ordering;
use crate::error::SharedMemoryError;
use crate::protocol::attach::{Patience, exclusively};
use crate::protocol::companions::Companions;
use crate::protocol::directory::{Directory, Kind};
use crate::protocol::generation::first_version;
use crate::protocol::payload::{Payload, Slots};
use crate::protocol::shape::Shape;
use crate::protocol::token::{self, Token};
use crate::protocol::waiters::Waiters;
use crate::region::options::SharedMemoryOptions;
use crate::sync::Mutex;
use crate::sync::process::Liveness;

/// The slots should take this many bytes together, so that a small value has many: the reader has
/// to copy one before the writer comes round to it again.
const ROOM: usize = 1 << 20;

/// The place of a writer, whatever it publishes. Given up on drop.
#[derive(Debug)]
pub(super) struct Publisher {
    pub(super) names: Companions,
    directory: Directory<ReadWrite>,
    pub(super) payload: Payload<ReadWrite>,
    pub(super) generation: u64,
    waiters: Waiters,
    /// That of the value published last, or after which this publisher goes on.
    pub(super) version: u64,
    pub(super) was_created: bool,
    _token: Token,
}

/// What a writer does where a snapshot of its name is there already.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum IfThere {
    TakeOver,
    Refuse,
}

impl Publisher {
    /// Registers this process as the writer of values of this shape; of slices, with room for `capacity`
    /// elements at least.
    pub(super) fn enter(
        names: Companions,
        shape: &Shape,
        capacity: u32,
        options: &SharedMemoryOptions,
        if_there: IfThere,
    ) -> Result<Self, SharedMemoryError> {
        // Long because each step of a registration may fail and leaves what the next process finds.
        names.check()?;
        // Before the directory is made: one that is all zero and whose mutex nobody holds is that of
        // a creator that died.
        let mutex = Mutex::get_or_create_with(&names.mutex(), options)?;
        let _registering = exclusively(&names, &mutex, &mut Patience::new(options))?;
        let directory = match if_there {
            IfThere::TakeOver => Directory::create(&names.name, Kind::Snapshot, 0, options)?,
            IfThere::Refuse => Directory::create_new(&names.name, Kind::Snapshot, 0, options)?,
        };
        step!();
        let record = directory.settled_record();
        if let Some(owner) = record.owner {
            if token::liveness(&names, owner) != Liveness::Gone {
                return Err(SharedMemoryError::WriterAlive {
                    name: names.name.into(),
                    writer: token::process(owner),
                });
            }
        }
        let mut waiters = Waiters::create(&names, options)?;
        step!();
        let found = existing(&names, record.generation, shape)?
            .filter(|payload| payload.capacity() >= capacity as usize);
        let was_created = directory.was_created() && found.is_none();
        let (generation, payload) = match found {
            Some(payload) => (record.generation, payload),
            None => create(
                &names,
                record.generation,
                shape,
                capacity,
                options,
                if_there,
            )?,
        };
        // Above all that a writer that died has left, and all of earlier generations, so no version
        // is used twice.
        let version = payload.version_to_go_on_from(first_version(generation));
        let token = Token::create(&names)?;
        step!();
        directory.register(Some(token.process()), generation);
        waiters.wake();
        step!();
        Ok(Self {
            names,
            directory,
            payload,
            generation,
            waiters,
            version,
            was_created,
            _token: token,
        })
    }

    /// Begins a value and tells its slot, which no reader takes from here on.
    pub(super) fn begin(&self) -> u32 {
        let version = self.version + 1;
        let slot = self.payload.slot(version as u32);
        self.payload.sequence(slot).begin(version);
        slot
    }

    /// The slot of the value published last.
    pub(super) fn last(&self) -> u32 {
        self.payload
            .slot(self.payload.latest().load(Ordering::Relaxed))
    }

    /// Publishes the value begun last, and returns its version.
    pub(super) fn publish(&mut self) -> u64 {
        let version = self.version + 1;
        let slot = self.payload.slot(version as u32);
        self.payload.sequence(slot).end(version);
        step!();
        self.payload.set_latest(version);
        step!();
        self.version = version;
        self.waiters.wake();
        version
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.directory.unregister();
        step!();
    }
}

/// The payload of the current generation if it is for this shape.
fn existing(
    names: &Companions,
    generation: u64,
    shape: &Shape,
) -> Result<Option<Payload<ReadWrite>>, SharedMemoryError> {
    if generation == 0 {
        return Ok(None);
    }
    let exact = shape.without_growth();
    match Payload::open(names, generation, Kind::Snapshot, Some(&exact)) {
        Ok(payload) => Ok(Some(payload)),
        // A later version of this type has come: it is not an earlier one's to replace.
        Err(mismatch @ SharedMemoryError::LayoutMismatch(_))
            if Payload::<ReadWrite>::open(names, generation, Kind::Snapshot, Some(shape))
                .is_ok() =>
        {
            Err(mismatch)
        }
        // Of another type, damaged, or gone: readers get a new one.
        Err(
            SharedMemoryError::LayoutMismatch(_)
            | SharedMemoryError::UnknownFormat { .. }
            | SharedMemoryError::NotCommitted { .. }
            | SharedMemoryError::OutOfBounds { .. }
            | SharedMemoryError::NotSharedMemory { .. }
            | SharedMemoryError::NameInUse { .. },
        ) => Ok(None),
        Err(error) if error.is_not_found() => Ok(None),
        // What may pass must not cost readers the last value.
        Err(error) => Err(error),
    }
}

/// A payload of the next generation.
fn create(
    names: &Companions,
    generation: u64,
    shape: &Shape,
    capacity: u32,
    options: &SharedMemoryOptions,
    if_there: IfThere,
) -> Result<(u64, Payload<ReadWrite>), SharedMemoryError> {
    let size = shape.element.size.saturating_mul(capacity.max(1) as usize);
    let fitting = ROOM / size;
    let count = 1 << fitting.clamp(4, 64).ilog2();
    let slots = Slots { count, capacity };
    match if_there {
        IfThere::TakeOver => {
            Payload::create_next(names, generation, Kind::Snapshot, shape, slots, options)
        }
        IfThere::Refuse => {
            let name = names.payload(1);
            Payload::create(&name, Kind::Snapshot, shape, slots, options).map(|it| (1, it))
        }
    }
}
