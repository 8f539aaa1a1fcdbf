//! The payload: a region that describes itself and holds values in slots.
//!
//! | offset | size | what |
//! |---:|---:|---|
//! | 0 | 4 | magic |
//! | 4 | 4 | format version |
//! | 8 | 4 | kind |
//! | 12 | 4 | number of slots, a power of two |
//! | 16 | 8 | hash of the layout |
//! | 24 | 8 | size of a value in bytes |
//! | 32 | 4 | alignment of a value in bytes |
//! | 36 | 4 | offset of the schema |
//! | 40 | 4 | length of the schema in bytes |
//! | 48 | 8 | offset of the first slot |
//! | 56 | 8 | bytes from one slot to the next |
//! | 128 | 4 | latest: the low word of the last published version |
//! | 256 | | the schema |
//! | | | the slots: sequence `lo`, `hi`, and at the slot's alignment the value |
//!
//! The header is written before the directory names the payload, and never changes.

use std::hint;
use std::time::Duration;

use crate::access::{Access, ReadOnly, ReadWrite};
use crate::backing::Backing;
use crate::cores::atomic::{AtomicU32, Ordering, fence};
use crate::cores::sequence::Sequence;
use crate::data::SharedData;
use crate::data::encoding::Encoding;
use crate::data::layout::LONGEST_SCHEMA;
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::error::layout_mismatch::LayoutMismatch;
use crate::error::unknown_format::UnknownFormat;
use crate::place::Place;
use crate::protocol::companions::Companions;
use crate::protocol::directory::{FORMAT, Kind};
use crate::region::options::SharedMemoryOptions;
use crate::region::section::{Section, mappable_size};
use crate::region::view::View;

/// How often the last value is looked for before the reader gives up.
const ATTEMPTS: u32 = 1000;

/// How long a value is copied, again after each copy that was overwritten, before the reader gives up.
pub(crate) const READING: Duration = Duration::from_secs(1);

/// How many names are tried for a new payload: a bound on what squatters can cost.
const GENERATIONS: u64 = 1000;

const MAGIC: u32 = u32::from_le_bytes(*b"WSMp");
const HEADER_WORDS: usize = 16;

/// Which word of the header is which. Of a number of two words this is the low one.
mod word {
    pub(super) const MAGIC: usize = 0;
    pub(super) const FORMAT: usize = 1;
    pub(super) const KIND: usize = 2;
    pub(super) const COUNT: usize = 3;
    pub(super) const HASH: usize = 4;
    pub(super) const SIZE: usize = 6;
    pub(super) const ALIGN: usize = 8;
    pub(super) const SCHEMA: usize = 9;
    pub(super) const SCHEMA_LEN: usize = 10;
    pub(super) const FIRST: usize = 12;
    pub(super) const STRIDE: usize = 14;
}

const LATEST: usize = 128;
const SCHEMA: usize = 256;

/// Generation *g* counts its versions from (*g* - 1) << this.
const VERSION_BITS: u32 = 40;

/// No writer gets to so many versions. Slots that mention higher ones were damaged, and the versions after
/// them would soon begin again with 0, which is no version.
const VERSIONS: u64 = 1 << 62;

/// No payload of ours has more slots.
const MAX_COUNT: u32 = 1 << 10;

/// No two slots share a cache line, nor the pair that processors fetch together.
const SLOT_ALIGN: usize = 128;

/// Where the slots are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Geometry {
    pub(crate) count: u32,
    schema_len: usize,
    first: usize,
    /// From the slot to its value, and what slots are aligned to.
    head: usize,
    stride: usize,
    end: usize,
}

impl Geometry {
    /// `None` if the address space is too small.
    fn new(size: usize, align: usize, schema_len: usize, count: u32) -> Option<Self> {
        let head = align.max(SLOT_ALIGN);
        let first = SCHEMA
            .checked_add(schema_len)?
            .checked_next_multiple_of(head)?;
        let stride = size.checked_next_multiple_of(head)?.checked_add(head)?;
        let end = stride.checked_mul(count as usize)?.checked_add(first)?;
        Some(Self {
            count,
            schema_len,
            first,
            head,
            stride,
            end,
        })
    }
}

#[derive(Debug)]
pub(crate) struct Payload<A> {
    view: View<A>,
    /// Keeps the name.
    _section: Section<A>,
    geometry: Geometry,
}

impl Payload<ReadWrite> {
    /// Creates a payload under a name that must be free.
    pub(crate) fn create<T: SharedData>(
        name: &str,
        kind: Kind,
        count: u32,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let schema = T::LAYOUT.schema();
        let geometry = Geometry::new(size_of::<T>(), align_of::<T>(), schema.len(), count)
            .ok_or(SharedMemoryError::SizeTooLarge)?;
        let mut options = options.clone();
        options.backing(Backing::Committed);
        let section: Section<ReadWrite> =
            Section::create_with(name, geometry.end as u64, &options)?;
        let view = section.map_range(0, geometry.end)?;
        let header = header::<T>(kind, &geometry);
        step!();
        view.write_bytes(SCHEMA, schema.as_bytes())?;
        step!();
        view.write(0, &header)?;
        step!();
        Ok(Self {
            view,
            _section: section,
            geometry,
        })
    }

    /// Creates the payload of the next generation that is free: names may be taken by what somebody
    /// left who died before registering, as long as somebody else has it open.
    pub(crate) fn create_next<T: SharedData>(
        names: &Companions,
        last: u64,
        kind: Kind,
        count: u32,
        options: &SharedMemoryOptions,
    ) -> Result<(u64, Self), SharedMemoryError> {
        mappable_size::<T>(Some(&names.name))?;
        // Whatever the directory says that the last one was; 0 is none.
        let first = generation_above(last, highest_version(names, last));
        let next = (0..GENERATIONS).map(|it| first.wrapping_add(it));
        for generation in next.filter(|it| *it > 0) {
            match Self::create::<T>(&names.payload(generation), kind, count, options) {
                Err(SharedMemoryError::AlreadyExists | SharedMemoryError::NameInUse { .. }) => {}
                Err(error) if error.is_access_denied() => {}
                payload => return Ok((generation, payload?)),
            }
        }
        Err(SharedMemoryError::AlreadyExists)
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
    /// Opens the payload of a generation and checks that it holds a `T`.
    pub(crate) fn open<T: SharedData>(
        names: &Companions,
        generation: u64,
        kind: Kind,
    ) -> Result<Self, SharedMemoryError> {
        mappable_size::<T>(Some(&names.name))?;
        let (section, view) = Self::map(names, generation)?;
        // Copied once; from here on only the copy counts.
        let found: [u32; HEADER_WORDS] = view.read(0)?;
        let unknown = |reason| SharedMemoryError::UnknownFormat {
            name: names.name.to_string(),
            reason,
        };
        match [word::MAGIC, word::FORMAT, word::KIND].map(|at| found[at]) {
            [MAGIC, FORMAT, it] if it == kind as u32 => {}
            [MAGIC, FORMAT, _] => return Err(unknown(UnknownFormat::OtherKind)),
            [MAGIC, found, _] => return Err(unknown(UnknownFormat::OtherVersion { found })),
            _ => {
                let companion = names.payload(generation);
                return Err(unknown(UnknownFormat::ForeignCompanion { companion }));
            }
        }
        let schema = T::LAYOUT.schema();
        // One of another length is read for the message alone.
        let len = match found[word::SCHEMA_LEN] as usize {
            len if len == schema.len() => len,
            len => len.min(LONGEST_SCHEMA),
        };
        let theirs = view.read_text(SCHEMA, len, Encoding::Utf8)?;
        if theirs != schema {
            return Err(LayoutMismatch::new(&names.name, &schema, &theirs).into());
        }
        let count = found[word::COUNT];
        let geometry = Geometry::new(size_of::<T>(), align_of::<T>(), schema.len(), count)
            .filter(|it| count.is_power_of_two() && it.end <= view.len())
            .filter(|it| found == header::<T>(kind, it))
            .ok_or_else(|| unknown(UnknownFormat::DamagedHeader))?;
        Ok(Self {
            view,
            _section: section,
            geometry,
        })
    }
}

impl<A: Access> Payload<A> {
    fn map(
        names: &Companions,
        generation: u64,
    ) -> Result<(Section<A>, View<A>), SharedMemoryError> {
        let section: Section<A> =
            Section::open_with(&names.payload(generation), &SharedMemoryOptions::new())?;
        let view = section.map()?.committed()?;
        Ok((section, view))
    }
}

/// The highest version that the slots of a payload of any type mention; 0 if it cannot be told.
fn highest_version(names: &Companions, generation: u64) -> u64 {
    let Ok((_section, view)) = Payload::<ReadOnly>::map(names, generation) else {
        return 0;
    };
    let Ok(found) = view.read::<[u32; HEADER_WORDS]>(0) else {
        return 0;
    };
    let wide = |at: usize| u64::from(found[at + 1]) << 32 | u64::from(found[at]);
    let count = found[word::COUNT];
    if [word::MAGIC, word::FORMAT].map(|at| found[at]) != [MAGIC, FORMAT] || count > MAX_COUNT {
        return 0;
    }
    let version = |slot: u32| {
        let at = wide(word::STRIDE)
            .checked_mul(slot.into())?
            .checked_add(wide(word::FIRST))?;
        let [lo, hi] = view.read::<[u32; 2]>(usize::try_from(at).ok()?).ok()?;
        Some((u64::from(hi) << 32 | u64::from(lo)) >> 1)
    };
    (0..count).filter_map(version).max().unwrap_or(0)
}

/// The first generation after `last` whose versions are all above `highest`.
fn generation_above(last: u64, highest: u64) -> u64 {
    let fitting = highest.div_ceil(1 << VERSION_BITS) + 1;
    last.wrapping_add(1).max(fitting)
}

/// The version after which a generation counts.
pub(crate) fn first_version(generation: u64) -> u64 {
    generation.wrapping_sub(1) << VERSION_BITS
}

impl<A> Payload<A> {
    #[inline]
    pub(crate) fn latest(&self) -> &AtomicU32 {
        let [latest] = self.view.words(LATEST);
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

    /// Copies the last published value, again until it is whole, and tells its version; `None` if
    /// nothing was published yet. Fails after [`ATTEMPTS`], and after `timeout` if a copy failed.
    #[inline]
    pub(crate) fn read_latest<T: SharedData, R>(
        &self,
        timeout: Duration,
        copy: &mut impl FnMut(Place<'_, T, A>) -> R,
    ) -> Result<Option<(u64, R)>, Unread> {
        let mut timeout = Timeout::new(timeout);
        // What the failed attempts found, and whether that was ever another.
        let (mut found, mut moves) = (None, false);
        for attempt in 1..=ATTEMPTS {
            let latest = self.latest().load(Ordering::Relaxed);
            // What was written before `latest` is seen from here on.
            fence(Ordering::Acquire);
            let slot = self.slot(latest);
            let sequence = self.sequence(slot);
            // 0 may also be the low word of a version.
            if latest == 0 && sequence.version() == 0 {
                return Ok(None);
            }
            // Another version: the writer came round. So `latest` is another by now.
            let is_latest = |version: u64| version as u32 == latest && version != 0;
            let mut copied = false;
            let read = sequence.read(is_latest, || {
                copied = true;
                copy(self.value(slot))
            });
            if read.is_some() {
                return Ok(read);
            }
            let now = (latest, sequence.version());
            moves |= copied || found.replace(now).is_some_and(|it| it != now);
            // What is not copied costs less than the clock.
            if copied && timeout.left().is_zero() {
                return Err(Unread::Overtaken { attempts: attempt });
            }
            hint::spin_loop();
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

/// Why no value was got where there should be one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unread {
    /// It was overwritten during each of so many attempts.
    Overtaken { attempts: u32 },
    /// The words do not lead to a value and nobody changes them. A writer never leaves them so,
    /// wherever it is stopped: the slot of the latest version stays as it is until another is the latest.
    Damaged,
}

impl Unread {
    /// The error of a call on the region of this name.
    pub(crate) fn into_error(self, name: &str) -> SharedMemoryError {
        match self {
            Self::Overtaken { attempts } => SharedMemoryError::Contended {
                name: name.into(),
                attempts,
            },
            Self::Damaged => SharedMemoryError::UnknownFormat {
                name: name.into(),
                reason: UnknownFormat::ValueLost,
            },
        }
    }
}

fn header<T: SharedData>(kind: Kind, geometry: &Geometry) -> [u32; HEADER_WORDS] {
    let mut words = [0; HEADER_WORDS];
    words[word::MAGIC] = MAGIC;
    words[word::FORMAT] = FORMAT;
    words[word::KIND] = kind as u32;
    words[word::COUNT] = geometry.count;
    let wide = [
        (word::HASH, const { T::LAYOUT.hash() }),
        (word::SIZE, size_of::<T>() as u64),
        (word::FIRST, geometry.first as u64),
        (word::STRIDE, geometry.stride as u64),
    ];
    for (at, value) in wide {
        words[at] = value as u32;
        words[at + 1] = (value >> 32) as u32;
    }
    words[word::ALIGN] = align_of::<T>() as u32;
    words[word::SCHEMA] = SCHEMA as u32;
    words[word::SCHEMA_LEN] = geometry.schema_len as u32;
    words
}

#[cfg(test)]
mod tests {
    use std::process;
    use std::time::{Duration, Instant};

    use super::{ATTEMPTS, Payload, Unread, first_version, generation_above};
    use crate::access::ReadWrite;
    use crate::place::Place;
    use crate::protocol::directory::Kind;
    use crate::region::options::SharedMemoryOptions;

    /// What a reader gets whose value is overwritten during each copy, which takes so long.
    fn read_while_overwritten(test: &str, copy: Duration, timeout: Duration) -> Option<Unread> {
        let name = format!(r"Local\win-shared-memory-{test}-{}", process::id());
        let options = SharedMemoryOptions::new();
        let payload = Payload::create::<u64>(&name, Kind::Snapshot, 4, &options);
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

    #[test]
    fn no_generation_uses_a_version_again() {
        let tera = 1 << 40;
        for last in [1, 2, 1000, 1 << 22] {
            let least = first_version(last);
            for highest in [
                0,
                1,
                least,
                least + tera - 1,
                least + tera,
                least + 3 * tera + 10,
            ] {
                let next = generation_above(last, highest);
                assert!(next > last, "{last} {highest}");
                assert!(first_version(next) >= highest, "{last} {highest}");
            }
        }
    }

    #[test]
    fn numbers_that_a_writer_never_stores_do_not_overflow() {
        for last in [u64::MAX, u64::MAX - 1, 1 << 63] {
            for highest in [0, u64::MAX >> 1] {
                let _ = first_version(generation_above(last, highest));
            }
        }
    }
}
