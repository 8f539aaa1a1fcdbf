//! [`Publisher`].

use crate::access::ReadWrite;
use crate::cores::atomic::Ordering;
use crate::cores::in_order;
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

/// How many slots there are if nobody says. The last values of a broadcast are read one after the other, so more of
/// them are of use.
const LEAST_SLOTS: usize = in_order::LEAST as usize;
const MOST_SLOTS: usize = 64;
const MOST_OF_BROADCAST: usize = 256;

/// What a writer wants of the payload in which it publishes.
pub(crate) struct Wanted {
    kind: Kind,
    shape: Shape,
    /// The least room for elements of slices; 0 for single values.
    capacity: u32,
    /// The least number of values that are kept; 0 for a number that suits their size.
    history: u32,
}

impl Wanted {
    pub(crate) fn new(kind: Kind, shape: Shape) -> Self {
        Self {
            kind,
            shape,
            capacity: 0,
            history: 0,
        }
    }

    /// For slices of at most so many elements.
    pub(crate) fn with_capacity(
        self,
        name: &str,
        capacity: usize,
    ) -> Result<Self, SharedMemoryError> {
        let capacity = u32::try_from(capacity).map_err(|_| SharedMemoryError::SizeTooLarge)?;
        if capacity == 0 {
            return Err(SharedMemoryError::InvalidSize {
                name: Some(name.into()),
                size: 0,
            });
        }
        Ok(Self { capacity, ..self })
    }

    /// With so many values kept.
    pub(crate) fn with_history(self, history: usize) -> Result<Self, SharedMemoryError> {
        let history = u32::try_from(history).map_err(|_| SharedMemoryError::SizeTooLarge)?;
        Ok(Self { history, ..self })
    }

    /// Whether a payload of the wanted shape has enough room.
    fn fits(&self, payload: &Payload<ReadWrite>) -> bool {
        payload.capacity() >= self.capacity as usize && payload.history() >= self.history
    }

    /// What a payload is created with.
    fn slots(&self) -> Result<Slots, SharedMemoryError> {
        let count = if self.history > 0 {
            // The slot of the next value is not one of those that are kept.
            let count = self.history.checked_add(1);
            count
                .and_then(u32::checked_next_power_of_two)
                .ok_or(SharedMemoryError::SizeTooLarge)?
                .max(in_order::LEAST)
        } else {
            let most = match self.kind {
                Kind::Broadcast => MOST_OF_BROADCAST,
                _ => MOST_SLOTS,
            };
            let elements = self.capacity.max(1) as usize;
            let fitting = ROOM / self.shape.element.size.saturating_mul(elements);
            1 << fitting.clamp(LEAST_SLOTS, most).ilog2()
        };
        Ok(Slots {
            count,
            capacity: self.capacity,
        })
    }
}

/// The place of a writer, whatever it publishes. Given up on drop.
#[derive(Debug)]
pub(crate) struct Publisher {
    pub(crate) names: Companions,
    directory: Directory<ReadWrite>,
    pub(crate) payload: Payload<ReadWrite>,
    pub(crate) generation: u64,
    waiters: Waiters,
    /// That of the value published last, or after which this publisher goes on.
    pub(crate) version: u64,
    pub(crate) was_created: bool,
    _token: Token,
}

/// What a writer does where a region of its name is there already.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum IfThere {
    TakeOver,
    Refuse,
}

impl Publisher {
    /// Registers this process as the writer.
    pub(crate) fn enter(
        names: Companions,
        wanted: &Wanted,
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
            IfThere::TakeOver => Directory::create(&names.name, wanted.kind, 0, options)?,
            IfThere::Refuse => Directory::create_new(&names.name, wanted.kind, 0, options)?,
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
        let waiters = Waiters::create(&names, record.generation, options)?;
        step!();
        let found =
            existing(&names, record.generation, wanted)?.filter(|payload| wanted.fits(payload));
        let was_created = directory.was_created() && found.is_none();
        let (generation, payload) = match found {
            Some(payload) => (record.generation, payload),
            None => create(&names, record.generation, wanted, options, if_there)?,
        };
        let least = first_version(generation);
        let version = match wanted.kind {
            Kind::Broadcast => payload.last_version_or(least),
            // Above all that a writer that died has left, so no version is used twice.
            _ => payload.version_to_go_on_from(least),
        };
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
    pub(crate) fn begin(&self) -> u32 {
        let version = self.version + 1;
        let slot = self.payload.slot(version as u32);
        self.payload.sequence(slot).begin(version);
        slot
    }

    /// The slot of the value published last.
    pub(crate) fn last(&self) -> u32 {
        self.payload
            .slot(self.payload.latest().load(Ordering::Relaxed))
    }

    /// Publishes the value begun last, and returns its version.
    pub(crate) fn publish(&mut self) -> u64 {
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
        // Those that wait may look who writes.
        self.waiters.wake();
    }
}

/// The payload of the current generation if it is for this shape.
fn existing(
    names: &Companions,
    generation: u64,
    Wanted { kind, shape, .. }: &Wanted,
) -> Result<Option<Payload<ReadWrite>>, SharedMemoryError> {
    if generation == 0 {
        return Ok(None);
    }
    let open = |shape| Payload::open(names, generation, *kind, Some(shape));
    match open(shape) {
        Ok(payload) => Ok(Some(payload)),
        // A later version of this type has come: it is not an earlier one's to replace.
        Err(mismatch @ SharedMemoryError::LayoutMismatch(_))
            if open(&shape.or_longer()).is_ok() =>
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
    wanted: &Wanted,
    options: &SharedMemoryOptions,
    if_there: IfThere,
) -> Result<(u64, Payload<ReadWrite>), SharedMemoryError> {
    let (kind, shape, slots) = (wanted.kind, &wanted.shape, wanted.slots()?);
    match if_there {
        IfThere::TakeOver => Payload::create_next(names, generation, kind, shape, slots, options),
        IfThere::Refuse => Payload::create(names, 1, kind, shape, slots, options).map(|it| (1, it)),
    }
}
