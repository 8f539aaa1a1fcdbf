//! The region of a channel: its header, the word with which the receiver is woken, and for each sender a lane.
//!
//! | offset | size | what |
//! |---:|---:|---|
//! | 0 | 64 | header, as a payload has it; the number of slots is that of a ring's units, the capacity that of messages, or the most elements of one that is a slice, the offset that of the first ring, the stride the bytes of a ring |
//! | 128 | 4 | whether the receiver waits |
//! | 256 | | the schema |
//! | | 384 each | the words of the lanes: head; tail and turn; and whether the sender waits, in 128 bytes each |
//! | | | the rings |

use crate::access::ReadWrite;
use crate::cores::atomic::AtomicU32;
use crate::cores::ring::{Lane, Units};
use crate::cores::ring_size::{Messages, Size};
use crate::data::SharedData;
use crate::error::SharedMemoryError;
use crate::error::unknown_format::UnknownFormat;
use crate::place::Place;
use crate::place::places::Places;
use crate::protocol::companions::Companions;
use crate::protocol::described::{self, Described};
use crate::protocol::directory::Kind;
use crate::protocol::header::{self, Numbers, WORDS, word};
use crate::protocol::shape::{Element, Shape, element_of};
use crate::region::options::SharedMemoryOptions;
use crate::region::section::Section;
use crate::region::view::View;

/// In the region: whether the receiver waits.
const SLEEPS: usize = header::LATEST;

/// No two words of different sides share a cache line, nor the pair that processors fetch together.
const LINE: usize = 128;
const HEAD: usize = 0;
const TAIL: usize = LINE;
const TURN: usize = LINE + 4;
const WAITS: usize = 2 * LINE;
const WORDS_OF_LANE: usize = 3 * LINE;

/// Bytes of a ring, unless the creator says how much it has to hold.
const ROOM: usize = 256 << 10;

/// How many messages a ring has room for at least, unless the creator chooses.
const FEWEST: usize = 16;

/// How large the lanes are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Geometry {
    lanes: usize,
    size: Size,
    /// The messages that there is room for, or the most elements of one.
    capacity: u32,
    /// Offset of the first lane's words.
    words: usize,
    /// Offset of the first ring.
    first: usize,
    /// Bytes of a ring.
    ring: usize,
    end: usize,
}

impl Geometry {
    /// For messages of this element and schema; `None` if there are no lanes of that size.
    fn new(element: Element, schema: &str, rings: Rings, lanes: usize) -> Option<Self> {
        let (unit, units) = (unit(element), rings.units);
        let (promised, capacity, messages) = if is_slice(schema) {
            // A message of the greatest length.
            (units / 2, None, Messages::OfAnyLength)
        } else {
            let promised = promised(rings.capacity as usize, element.size, unit)?;
            let messages = Messages::Of(u32::try_from(element.size).ok()?);
            (
                u32::try_from(promised).ok()?,
                Some(rings.capacity),
                messages,
            )
        };
        let size = Size::new(units, u32::try_from(unit).ok()?, promised, messages)?;
        let words = (header::SCHEMA + schema.len()).next_multiple_of(LINE);
        let first = (words + lanes * WORDS_OF_LANE).next_multiple_of(element.align.max(LINE));
        let ring = unit.checked_mul(units as usize)?;
        let end = ring.checked_mul(lanes)?.checked_add(first)?;
        Some(Self {
            lanes,
            size,
            capacity: capacity.unwrap_or(size.longest() / u32::try_from(element.size).ok()?),
            words,
            first,
            ring,
            end,
        })
    }

    fn header(&self, element: Element, schema: &str) -> [u32; WORDS] {
        header::header(
            Kind::Channel,
            element,
            schema.len(),
            Numbers {
                count: self.size.units(),
                capacity: self.capacity,
                first: self.first,
                stride: self.ring,
            },
        )
    }
}

fn is_slice(schema: &str) -> bool {
    element_of(schema).is_some()
}

/// Bytes of a unit of a ring: what each message is aligned to.
fn unit(element: Element) -> usize {
    element.align.max(8)
}

/// How many units are promised for so many messages: those of one more, since none crosses the end.
fn promised(messages: usize, size: usize, unit: usize) -> Option<usize> {
    messages.checked_add(1)?.checked_mul(size.div_ceil(unit))
}

/// What the creator chooses of the rings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Rings {
    units: u32,
    /// The messages that there is room for; of a channel of slices it follows from the units.
    capacity: u32,
}

impl Rings {
    /// For at least `capacity` messages of this shape, or for slices of so many elements. `None` if that is too much.
    fn new(shape: &Shape, capacity: Option<usize>) -> Option<Self> {
        let (size, unit) = (shape.element.size, unit(shape.element));
        let (messages, least) = if is_slice(&shape.schema) {
            let longest = size.checked_mul(capacity.unwrap_or(1))?;
            // With the unit of its length.
            (0, (1 + longest.div_ceil(unit)).checked_mul(2)?)
        } else {
            // Half of the ring, as for slices: a sender may skip the other half when it goes back to the start.
            let half = (ROOM / unit / 2 / size.div_ceil(unit).max(1)).saturating_sub(1);
            let messages = capacity.unwrap_or(half.max(FEWEST)).max(1);
            let promised = promised(messages, size, unit)?;
            // Small rings have room for twice as much, so that an empty one can begin again.
            (
                messages,
                promised.max(promised.saturating_mul(2).min(ROOM / unit)),
            )
        };
        let least = match capacity {
            Some(_) => least,
            None => least.max(ROOM / unit),
        };
        Some(Self {
            units: u32::try_from(least.max(16).checked_next_power_of_two()?).ok()?,
            capacity: u32::try_from(messages).ok()?,
        })
    }
}

#[derive(Debug)]
pub(crate) struct Lanes {
    view: View<ReadWrite>,
    /// Keeps the name.
    _section: Section<ReadWrite>,
    geometry: Geometry,
}

impl Lanes {
    /// Creates the lanes of the next generation that is free.
    pub(crate) fn create_next(
        names: &Companions,
        last: u64,
        shape: &Shape,
        lanes: usize,
        options: &SharedMemoryOptions,
    ) -> Result<(u64, Self), SharedMemoryError> {
        let geometry = Rings::new(shape, options.capacity)
            .and_then(|rings| Geometry::new(shape.element, &shape.schema, rings, lanes))
            .ok_or(SharedMemoryError::SizeTooLarge)?;
        let header = geometry.header(shape.element, &shape.schema);
        described::create_next(last.wrapping_add(1), |generation| {
            Described::create(names, generation, shape, header, geometry.end, options)
                .map(|it| Self::new(it, geometry))
        })
    }

    /// Opens the lanes of a generation, if they are for messages of this shape.
    pub(crate) fn open(
        names: &Companions,
        generation: u64,
        shape: &Shape,
        lanes: usize,
    ) -> Result<Self, SharedMemoryError> {
        let found = Described::open(names, generation, Kind::Channel, Some(shape))?;
        let [units, capacity] = [word::COUNT, word::CAPACITY].map(|at| found.header[at]);
        let rings = Rings { units, capacity };
        let geometry = Geometry::new(found.element, &found.schema, rings, lanes)
            .filter(|it| it.end <= found.view.len())
            .filter(|it| found.header == it.header(found.element, &found.schema))
            .ok_or_else(|| SharedMemoryError::UnknownFormat {
                name: names.name.to_string(),
                reason: UnknownFormat::DamagedHeader,
            })?;
        Ok(Self::new(found, geometry))
    }

    fn new(described: Described<ReadWrite>, geometry: Geometry) -> Self {
        Self {
            view: described.view,
            _section: described.section,
            geometry,
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.geometry.lanes
    }

    pub(crate) fn size(&self) -> Size {
        self.geometry.size
    }

    /// The word with which the receiver is woken.
    #[inline]
    pub(crate) fn sleeps(&self) -> &AtomicU32 {
        self.word(SLEEPS)
    }

    #[inline(always)]
    pub(crate) fn lane(&self, lane: usize) -> Lane<'_> {
        let at = self.geometry.words + lane * WORDS_OF_LANE;
        // Together, so that one check is enough.
        let words: &[AtomicU32; WORDS_OF_LANE / 4] = self.view.words(at);
        Lane {
            head: &words[HEAD / 4],
            tail: &words[TAIL / 4],
            turn: &words[TURN / 4],
            waits: &words[WAITS / 4],
            size: self.geometry.size,
        }
    }

    #[inline(always)]
    pub(crate) fn ring(&self, lane: usize) -> Ring<'_> {
        Ring {
            view: &self.view,
            at: self.geometry.first + lane * self.geometry.ring,
            unit: self.geometry.size.unit() as usize,
            before: self.geometry.size.before() as usize,
        }
    }

    #[inline]
    fn word(&self, at: usize) -> &AtomicU32 {
        let [word] = self.view.words(at);
        word
    }
}

/// The ring of a lane.
#[derive(Clone, Copy)]
pub(crate) struct Ring<'a> {
    view: &'a View<ReadWrite>,
    /// Its offset in the view.
    at: usize,
    /// Bytes of a unit.
    unit: usize,
    /// Units of a record before its message.
    before: usize,
}

impl<'a> Ring<'a> {
    /// The message of a record that begins at this offset in units, of the type that was checked when the
    /// lanes were opened or created.
    #[inline]
    pub(crate) fn message<T: SharedData>(self, offset: u32) -> Place<'a, T, ReadWrite> {
        self.view.checked_place(self.payload(offset))
    }

    /// The same for a message that is a slice.
    #[inline]
    pub(crate) fn elements<T: SharedData>(
        self,
        offset: u32,
        count: usize,
    ) -> Places<'a, T, ReadWrite> {
        self.view.checked_places(self.payload(offset), count)
    }

    #[inline]
    fn payload(self, offset: u32) -> usize {
        self.at + (offset as usize + self.before) * self.unit
    }
}

impl Units for Ring<'_> {
    #[inline]
    fn word(&self, offset: u32) -> &AtomicU32 {
        let [word] = self.view.words(self.at + offset as usize * self.unit);
        word
    }
}

#[cfg(test)]
mod tests {
    use super::Rings;
    use crate::protocol::companions::Companions;
    use crate::protocol::shape::Shape;

    #[test]
    fn a_small_ring_has_room_for_twice_what_is_asked_for_and_a_large_one_for_that() {
        let names = Companions::new("x");
        let units = |shape, capacity| Rings::new(shape, capacity).map(|it| it.units);
        let one = Shape::exact::<[u64; 3]>(&names).expect("24 bytes");
        // Records of three units, and one that is left over at the end.
        assert_eq!(units(&one, Some(4)), Some(32));
        assert_eq!(units(&one, Some(5)), Some(64));
        assert_eq!(units(&one, Some(1 << 20)), Some(4 << 20));
        assert_eq!(units(&one, None), Some(32 << 10));
        assert_eq!(units(&one, Some(usize::MAX)), None);
        let slice = Shape::slice::<u16>(&names).expect("2 bytes");
        assert_eq!(units(&slice, Some(4 * 15)), Some(32));
        assert_eq!(units(&slice, Some(4 * 15 + 1)), Some(64));
        assert_eq!(units(&slice, Some(usize::MAX)), None);
        let large = Shape::exact::<[u64; 1 << 27]>(&names);
        // 2 GiB on a 32-bit system, which has no room for 16 of them; none of the sums overflows.
        if let Ok(large) = large {
            let _ = units(&large, None);
        }
    }
}
