//! The payload: a region that describes itself and holds values in slots.

use std::hint;
use std::time::Duration;

use crate::access::{Access, ReadOnly, ReadWrite};
use crate::cores::atomic::{AtomicU32, Ordering, fence};
use crate::cores::in_order;
use crate::cores::sequence::Sequence;
use crate::data::SharedData;
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::error::unknown_format::UnknownFormat;
use crate::place::Place;
use crate::place::places::Places;
use crate::protocol::companions::Companions;
use crate::protocol::described::{self, Described};
use crate::protocol::directory::{FORMAT, Kind};
use crate::protocol::generation::generation_above;
use crate::protocol::header::{self, Geometry, word};
use crate::protocol::shape::{Shape, element_of};
use crate::protocol::unread::Unread;
use crate::region::options::SharedMemoryOptions;
use crate::region::section::Section;
use crate::region::view::View;

/// How often the last value is looked for before the reader gives up.
pub(crate) const ATTEMPTS: u32 = 1000;

/// How long a value is copied, again after each copy that was overwritten, before the reader gives up.
pub(crate) const READING: Duration = Duration::from_secs(1);

/// No writer gets to so many versions. Slots that mention higher ones were damaged, and the versions after
/// them would soon begin again with 0, which is not a version.
pub(crate) const VERSIONS: u64 = 1 << 62;

/// How much a payload has room for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slots {
    /// The number of slots, a power of two.
    pub(crate) count: u32,
    /// The most elements of a slice; 0 for a single value.
    pub(crate) capacity: u32,
}

#[derive(Debug)]
pub(crate) struct Payload<A> {
    view: View<A>,
    /// Keeps the name.
    _section: Section<A>,
    geometry: Geometry,
    /// That of the header, which changes no more.
    schema: Box<str>,
    /// The size of a value; of an element, if the values are slices.
    size: usize,
}

impl Payload<ReadWrite> {
    /// Creates the payload of a generation, under a name that must be free, with so many slots and, for a slice,
    /// with room for so many elements in each.
    pub(crate) fn create(
        names: &Companions,
        generation: u64,
        kind: Kind,
        shape: &Shape,
        Slots { count, capacity }: Slots,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let geometry = Geometry::new(shape.element, capacity, shape.schema.len(), count)
            .ok_or(SharedMemoryError::SizeTooLarge)?;
        let header = geometry.header(kind, shape.element);
        Described::create(names, generation, shape, header, geometry.end, options)
            .map(|it| Self::new(it, geometry))
    }

    /// Creates the payload of the next generation that is free.
    pub(crate) fn create_next(
        names: &Companions,
        last: u64,
        kind: Kind,
        shape: &Shape,
        slots: Slots,
        options: &SharedMemoryOptions,
    ) -> Result<(u64, Self), SharedMemoryError> {
        // Whatever the directory says that the last one was; 0 is none.
        let first = generation_above(last, highest_version(names, last));
        described::create_next(first, |generation| {
            Self::create(names, generation, kind, shape, slots, options)
        })
    }

    /// Says which version readers find.
    #[inline]
    pub(crate) fn set_latest(&self, version: u64) {
        self.latest().store(version as u32, Ordering::Release);
    }

    /// The version for a writer to go on from: at least `least`, and at least what any slot holds or
    /// was about to hold, so that no version is used twice.
    ///
    /// One more if the next version's slot were that of the last published value. So it is after as
    /// many writers in turn died at their first value as there are slots; and the next, dying too,
    /// would leave none.
    pub(crate) fn version_to_go_on_from(&self, least: u64) -> u64 {
        let version = (0..self.geometry.count)
            .map(|slot| self.sequence(slot).version())
            .chain([least])
            .filter(|version| *version < VERSIONS)
            .max()
            .unwrap_or(0);
        let last = self.slot(self.latest().load(Ordering::Relaxed));
        let collides = self.slot((version as u32).wrapping_add(1)) == last;
        version + u64::from(collides)
    }
}

impl<A: Access> Payload<A> {
    /// Opens the payload of a generation and checks that it can be used as this shape; `None` is for whatever
    /// it holds.
    pub(crate) fn open(
        names: &Companions,
        generation: u64,
        kind: Kind,
        shape: Option<&Shape>,
    ) -> Result<Self, SharedMemoryError> {
        let found = Described::open(names, generation, kind, shape)?;
        let (header, element, schema) = (found.header, found.element, &found.schema);
        let (count, capacity) = (header[word::COUNT], header[word::CAPACITY]);
        let geometry = Geometry::new(element, capacity, schema.len(), count)
            .filter(|it| count.is_power_of_two() && it.end <= found.view.len())
            .filter(|_| kind != Kind::Broadcast || count >= in_order::LEAST)
            .filter(|it| (it.capacity > 0) == element_of(schema).is_some())
            .filter(|it| header == it.header(kind, element))
            .ok_or_else(|| SharedMemoryError::UnknownFormat {
                name: names.name.to_string(),
                reason: UnknownFormat::DamagedHeader,
            })?;
        Ok(Self::new(found, geometry))
    }
}

impl<A> Payload<A> {
    fn new(described: Described<A>, geometry: Geometry) -> Self {
        Self {
            view: described.view,
            _section: described.section,
            geometry,
            schema: described.schema,
            size: described.element.size,
        }
    }
}

/// The highest version that the slots of a payload of any type mention; 0 if it cannot be told.
fn highest_version(names: &Companions, generation: u64) -> u64 {
    let Ok((_section, view)) = described::map::<ReadOnly>(names, generation) else {
        return 0;
    };
    let Ok(found) = view.read::<[u32; header::WORDS]>(0) else {
        return 0;
    };
    let count = found[word::COUNT];
    let is_ours = [word::MAGIC, word::FORMAT].map(|at| found[at]) == [header::MAGIC, FORMAT];
    if !is_ours || count as usize > view.len() / header::SLOT_ALIGN {
        return 0;
    }
    let version = |slot: u32| {
        let at = header::wide(&found, word::STRIDE)
            .checked_mul(slot.into())?
            .checked_add(header::wide(&found, word::FIRST))?;
        let [lo, hi] = view.read::<[u32; 2]>(usize::try_from(at).ok()?).ok()?;
        Some((u64::from(hi) << 32 | u64::from(lo)) >> 1)
    };
    (0..count).filter_map(version).max().unwrap_or(0)
}

impl<A> Payload<A> {
    #[inline]
    pub(crate) fn latest(&self) -> &AtomicU32 {
        let [latest] = self.view.words(header::LATEST);
        latest
    }

    /// The slot that a version is in, given its low word.
    #[inline]
    pub(crate) fn slot(&self, version: u32) -> u32 {
        version & (self.geometry.count - 1)
    }

    #[inline]
    pub(crate) fn sequence(&self, slot: u32) -> Sequence<'_> {
        let [lo, hi] = self.view.words(self.offset(slot));
        Sequence { lo, hi }
    }

    /// The value of a slot, of the type that was checked when the payload was opened or created.
    #[inline]
    pub(crate) fn value<T: SharedData>(&self, slot: u32) -> Place<'_, T, A> {
        self.view
            .checked_place(self.offset(slot) + self.geometry.head)
    }

    /// The elements of a slot, as many as it has room for, of the type that was checked when the payload was
    /// opened or created.
    #[inline]
    pub(crate) fn elements<T: SharedData>(&self, slot: u32) -> Places<'_, T, A> {
        self.view
            .checked_places(self.offset(slot) + self.geometry.head, self.capacity())
    }

    /// The bytes of a slot's value, of a slice's elements as many as it says that it has; `None` if there is no
    /// room for so many.
    pub(crate) fn bytes(&self, slot: u32) -> Option<Places<'_, u8, A>> {
        let count = match self.capacity() {
            0 => 1,
            capacity => {
                let len = self.len(slot).load(Ordering::Relaxed) as usize;
                Some(len).filter(|len| *len <= capacity)?
            }
        };
        let at = self.offset(slot) + self.geometry.head;
        Some(self.view.checked_places(at, count * self.size))
    }

    /// What its values are, as the header says.
    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// The size of a value; of an element, if the values are slices.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// How many of the elements of a slot are part of its value, as the region says.
    #[inline]
    pub(crate) fn len(&self, slot: u32) -> &AtomicU32 {
        let [len] = self.view.words(self.offset(slot) + header::LEN);
        len
    }

    /// The most elements of a slice.
    #[inline]
    pub(crate) fn capacity(&self) -> usize {
        self.geometry.capacity as usize
    }

    /// How many of the last values are there for certain, while another is being written.
    #[inline]
    pub(crate) fn history(&self) -> u32 {
        self.geometry.count - 1
    }

    /// Copies the last published value, again until it is whole, and tells its version; `None` if
    /// nothing was published yet. Fails after [`ATTEMPTS`], and after `timeout` if a copy failed.
    #[inline]
    pub(crate) fn read_latest<T: SharedData, R>(
        &self,
        timeout: Duration,
        copy: &mut impl FnMut(Place<'_, T, A>) -> R,
    ) -> Result<Option<(u64, R)>, Unread> {
        self.read_latest_slot(timeout, &mut |slot| copy(self.value(slot)))
    }

    /// As [`read_latest`](Self::read_latest), with what copies from a slot.
    #[inline]
    pub(crate) fn read_latest_slot<R>(
        &self,
        timeout: Duration,
        copy: &mut impl FnMut(u32) -> R,
    ) -> Result<Option<(u64, R)>, Unread> {
        match self.attempt(copy) {
            Attempt::Read(read) => Ok(read),
            failed => self.read_again(failed, timeout, copy),
        }
    }

    /// One attempt: mostly the only one.
    #[inline]
    fn attempt<R>(&self, copy: &mut impl FnMut(u32) -> R) -> Attempt<R> {
        let latest = self.latest().load(Ordering::Relaxed);
        // What was written before `latest` is seen from here on.
        fence(Ordering::Acquire);
        let slot = self.slot(latest);
        let sequence = self.sequence(slot);
        // 0 may also be the low word of a version.
        if latest == 0 && sequence.version() == 0 {
            return Attempt::Read(None);
        }
        // Another version: the writer came round. So `latest` is another by now.
        let is_latest = |version: u64| version as u32 == latest && version != 0;
        let mut copied = false;
        let read = sequence.read(is_latest, || {
            copied = true;
            copy(slot)
        });
        match read {
            None if copied => Attempt::Overwritten,
            None => Attempt::Elsewhere {
                latest,
                found: sequence.version(),
            },
            read => Attempt::Read(read),
        }
    }

    /// The attempts after the first.
    #[cold]
    fn read_again<R>(
        &self,
        mut failed: Attempt<R>,
        timeout: Duration,
        copy: &mut impl FnMut(u32) -> R,
    ) -> Result<Option<(u64, R)>, Unread> {
        let mut timeout = Timeout::new(timeout);
        // Where the last attempt found nothing to copy, and whether anything was ever different.
        let (mut before, mut moves) = (None, false);
        for attempts in 1.. {
            match failed {
                Attempt::Read(read) => return Ok(read),
                // What is not copied costs less than the clock.
                Attempt::Overwritten if timeout.left().is_zero() => {
                    return Err(Unread::Overtaken { attempts });
                }
                Attempt::Overwritten => moves = true,
                Attempt::Elsewhere { latest, found } => {
                    let now = (latest, found);
                    moves |= before.replace(now).is_some_and(|it| it != now);
                }
            }
            if attempts == ATTEMPTS {
                break;
            }
            hint::spin_loop();
            failed = self.attempt(copy);
        }
        Err(if moves {
            Unread::Overtaken { attempts: ATTEMPTS }
        } else {
            Unread::Damaged
        })
    }

    #[inline]
    fn offset(&self, slot: u32) -> usize {
        self.geometry.first + slot as usize * self.geometry.stride
    }
}

/// What one attempt to read has come to.
enum Attempt<R> {
    /// A value and its version; `None` if nothing was published yet.
    Read(Option<(u64, R)>),
    /// The value was overwritten while it was copied.
    Overwritten,
    /// The slot of the latest version holds another one, or half of one.
    Elsewhere { latest: u32, found: u64 },
}

#[cfg(test)]
mod tests {
    use std::process;
    use std::time::{Duration, Instant};

    use super::{ATTEMPTS, Payload, Slots};
    use crate::access::ReadWrite;
    use crate::place::Place;
    use crate::protocol::companions::Companions;
    use crate::protocol::directory::Kind;
    use crate::protocol::shape::Shape;
    use crate::protocol::unread::Unread;
    use crate::region::options::SharedMemoryOptions;

    /// What a reader gets whose value is overwritten during each copy, which takes so long.
    fn read_while_overwritten(test: &str, copy: Duration, timeout: Duration) -> Option<Unread> {
        let name = format!(r"Local\win-shared-memory-{test}-{}", process::id());
        let options = SharedMemoryOptions::new();
        let names = Companions::new(&name);
        let shape = Shape::exact::<u64>(&names).expect("8 bytes");
        let (count, capacity) = (4, 0);
        let slots = Slots { count, capacity };
        let payload = Payload::create(&names, 1, Kind::Snapshot, &shape, slots, &options);
        let payload = payload.expect("a free name");
        let mut version = 4;
        let mut publish = || {
            version += 4;
            payload.sequence(0).begin(version);
            payload.sequence(0).end(version);
            payload.set_latest(version);
        };
        publish();
        let read = payload.read_latest(timeout, &mut |_: Place<'_, u64, ReadWrite>| {
            let begun = Instant::now();
            publish();
            while begun.elapsed() < copy {}
        });
        read.err()
    }

    #[test]
    fn a_value_overwritten_in_each_copy_is_copied_a_thousand_times() {
        let hour = Duration::from_secs(3600);
        let unread = read_while_overwritten("attempts", Duration::ZERO, hour);
        assert_eq!(unread, Some(Unread::Overtaken { attempts: ATTEMPTS }));
    }

    #[test]
    fn a_value_overwritten_in_each_copy_is_copied_again_until_the_timeout() {
        let begun = Instant::now();
        let [copy, timeout] = [5, 30].map(Duration::from_millis);
        match read_while_overwritten("timeout", copy, timeout) {
            // The timeout begins with the end of the first copy.
            Some(Unread::Overtaken { attempts }) => assert!((2..=8).contains(&attempts)),
            other => panic!("{other:?}"),
        }
        assert!(begun.elapsed() >= timeout);
        let unread = read_while_overwritten("no-timeout", copy, Duration::ZERO);
        assert_eq!(unread, Some(Unread::Overtaken { attempts: 1 }));
    }
}
