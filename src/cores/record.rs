//! The words of the directory: its header, and the record of who writes and where.
//!
//! | word | offset | what | written by |
//! |---:|---:|---|---|
//! | 0 | 0 | magic, last of the header | creator, under the mutex |
//! | 1 | 4 | format version | " |
//! | 2 | 8 | kind | " |
//! | 3 | 12 | mode: what a mutex is locked with; 0 else | " |
//! | 4 | 16 | record: sequence, odd while it is written | writer that registers, under the mutex |
//! | 5 | 20 | record: owner's process id, 0 for nobody | "; the owner alone, to 0, when it closes |
//! | 6, 7 | 24 | record: owner's creation time, low and high | writer that registers, under the mutex |
//! | 8, 9 | 32 | record: generation, low and high; 0 for none | " |
//!
//! All words are little-endian, as every processor that runs Windows is.
//!
//! The mutex is taken before the directory is created, and is released when its holder dies. So who
//! holds it is alone, and finds what one that died at any step has left.
//!
//! Creator, under the mutex, unless the magic is there:
//!
//! 1. format version, kind, mode
//! 2. magic; release: orders 1 before it
//!
//! Writer that registers, under the mutex, with a payload that is complete:
//!
//! 1. sequence := the next odd one, the same if one that died left it odd; release: orders the header
//!    before it
//! 2. release fence: orders 1 before 3
//! 3. owner, generation
//! 4. sequence := the next even one; release: orders 3 and the payload before it
//!
//! Reader, without the mutex:
//!
//! 1. load the magic; acquire fence: if it is there, so is the rest of the header. If not, load the other
//!    words; acquire fence: who saw something of a record, and loads the magic again, sees it
//! 2. load the sequence; acquire fence: what was registered with it, and the payload, is seen below
//! 3. load owner and generation
//! 4. acquire fence: if 3 saw something of a later registration, 5 sees its odd sequence, or a later one
//! 5. load the sequence; the record is whole if it is as in 2 and even
//!
//! Owner that closes, without the mutex; the sequence stays:
//!
//! 1. process id := 0; release: orders what it published before it
//!
//! Successor, under the mutex:
//!
//! 1. load the record; half a one, that of an odd sequence, has no owner
//! 2. acquire fence: after a process id of 0, what the owner published is seen
//! 3. unless the owner lives, register

use crate::cores::atomic::{AtomicU32, Ordering, fence};
use crate::cores::identity::ProcessIdentity;

const MAGIC: u32 = u32::from_le_bytes(*b"WSMd");
pub(crate) const FORMAT: u32 = 1;
pub(crate) const COUNT: usize = 10;
/// The largest mode that there is.
const MODES: u32 = 2;

pub(crate) type Words = [AtomicU32; COUNT];

/// Why a region that belongs to somebody else is refused.
pub(crate) const FOREIGN: &str =
    "it was not made by this library, which opens its own regions here";

/// What a region of our format is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Snapshot = 1,
    Mutex = 2,
}

/// What the header says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Header {
    /// Nothing yet, or its beginnings.
    Unfinished,
    /// That this is a directory for that kind of region.
    Ready,
    /// Something else, for this reason.
    Other(&'static str),
}

/// Who writes, and where.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Record {
    pub(crate) owner: Option<ProcessIdentity>,
    pub(crate) generation: u64,
}

/// What the header says to one that looks for this kind of region.
pub(crate) fn header(words: &Words, kind: Kind) -> Header {
    let word = |at: usize| words[at].load(Ordering::Relaxed);
    let magic = word(0);
    fence(Ordering::Acquire);
    if magic == 0 {
        // Nothing yet, or the beginnings of a header; anything else is somebody's data.
        let ours = [0, FORMAT].contains(&word(1))
            && [0, kind as u32].contains(&word(2))
            && word(3) <= MODES
            && (4..COUNT).all(|at| word(at) == 0);
        // Unless the magic has come meanwhile: who sees a record's first step sees it.
        fence(Ordering::Acquire);
        if ours || word(0) != 0 {
            return Header::Unfinished;
        }
    }
    match [magic, word(1), word(2)] {
        [MAGIC, FORMAT, found] if found == kind as u32 => Header::Ready,
        [MAGIC, FORMAT, _] => {
            Header::Other("it holds something else (say, a lock instead of a snapshot)")
        }
        [MAGIC, ..] => {
            Header::Other("it was made by another, incompatible version of this library")
        }
        _ => Header::Other(FOREIGN),
    }
}

/// Writes a header that is not there or unfinished. The caller holds the mutex.
pub(crate) fn write_header(words: &Words, kind: Kind, mode: u32) {
    step!();
    words[1].store(FORMAT, Ordering::Relaxed);
    step!();
    words[2].store(kind as u32, Ordering::Relaxed);
    step!();
    words[3].store(mode, Ordering::Relaxed);
    step!();
    words[0].store(MAGIC, Ordering::Release);
    step!();
}

/// The mode, once the header is ready.
pub(crate) fn mode(words: &Words) -> u32 {
    words[3].load(Ordering::Relaxed)
}

/// Changes with every registration.
#[inline]
pub(crate) fn sequence(words: &Words) -> u32 {
    words[4].load(Ordering::Relaxed)
}

/// The record and its sequence; `None` while it is being written, or if its writer died then.
pub(crate) fn record(words: &Words) -> Option<(u32, Record)> {
    let before = sequence(words);
    fence(Ordering::Acquire);
    let record = fields(words);
    fence(Ordering::Acquire);
    (before & 1 == 0 && sequence(words) == before).then_some((before, record))
}

/// The record, for who holds the mutex, also after a writer died while registering: its half-written
/// record names a generation that was finished, or none.
pub(crate) fn settled_record(words: &Words) -> Record {
    let half = sequence(words) & 1 != 0;
    let record = fields(words);
    fence(Ordering::Acquire);
    Record {
        owner: record.owner.filter(|_| !half),
        ..record
    }
}

fn fields(words: &Words) -> Record {
    let load = |at: usize| words[at].load(Ordering::Relaxed);
    let (id, created, generation) = (load(5), [load(6), load(7)], [load(8), load(9)]);
    Record {
        owner: (id != 0).then(|| ProcessIdentity {
            id,
            created: join(created),
        }),
        generation: join(generation),
    }
}

/// Registers the writer, if this kind of region has one, and the generation. The caller holds the
/// mutex.
pub(crate) fn register(words: &Words, owner: Option<ProcessIdentity>, generation: u64) {
    let owner = owner.unwrap_or(ProcessIdentity { id: 0, created: 0 });
    let store = |at: usize, value| {
        words[at].store(value, Ordering::Relaxed);
        step!();
    };
    // Odd already if a writer died at this.
    let odd = sequence(words) | 1;
    words[4].store(odd, Ordering::Release);
    step!();
    fence(Ordering::Release);
    store(5, owner.id);
    store(6, owner.created as u32);
    store(7, (owner.created >> 32) as u32);
    store(8, generation as u32);
    store(9, (generation >> 32) as u32);
    words[4].store(odd.wrapping_add(1), Ordering::Release);
    step!();
}

/// The owner closes: one store, so that it needs no mutex.
pub(crate) fn unregister(words: &Words) {
    words[5].store(0, Ordering::Release);
}

fn join([lo, hi]: [u32; 2]) -> u64 {
    u64::from(hi) << 32 | u64::from(lo)
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::explore::{bounded, bounded_for_each_step};
    use crate::step::die_at;
    use loom::sync::{Arc, Mutex};
    use loom::thread;

    const KIND: Kind = Kind::Snapshot;

    /// The step of who does not die.
    const NEVER: u32 = 0;

    /// All that has one name.
    struct Region {
        mutex: Mutex<Kernel>,
        words: Words,
        /// Of each generation: the payload's header and its last value.
        payloads: [[AtomicU32; 2]; 2],
    }

    /// What the kernel knows.
    #[derive(Default)]
    struct Kernel {
        /// How many names of payloads are taken.
        payloads: u64,
        /// The process that has died.
        dead: Option<u32>,
    }

    impl Region {
        fn new() -> Arc<Self> {
            Self::with([0; COUNT], 0)
        }

        fn with(words: [u32; COUNT], payloads: u64) -> Arc<Self> {
            let payload = |generation| {
                let complete = generation <= payloads as u32;
                [0, 0].map(|_| AtomicU32::new(if complete { generation } else { 0 }))
            };
            Arc::new(Self {
                mutex: Mutex::new(Kernel {
                    payloads,
                    dead: None,
                }),
                words: words.map(AtomicU32::new),
                payloads: [payload(1), payload(2)],
            })
        }

        fn payload(&self, generation: u64) -> &[AtomicU32; 2] {
            &self.payloads[generation as usize - 1]
        }

        #[track_caller]
        fn assert_complete(&self, generation: u64) {
            for word in self.payload(generation) {
                assert!(word.load(Ordering::Relaxed) >= generation as u32);
            }
        }

        /// As `snapshot::Writer::create`, until this step: whether it did.
        fn create(&self, id: u32, last_step: u32) -> bool {
            let mut kernel = self.mutex.lock().unwrap();
            let created = die_at(last_step, || self.create_alone(id, &mut kernel));
            if created.is_none() {
                kernel.dead = Some(id);
            }
            created == Some(true)
        }

        fn create_alone(&self, id: u32, kernel: &mut Kernel) -> bool {
            match header(&self.words, KIND) {
                Header::Unfinished => write_header(&self.words, KIND, 0),
                Header::Ready => {}
                Header::Other(reason) => panic!("{reason}"),
            }
            let found = settled_record(&self.words);
            if found.owner.is_some_and(|it| kernel.dead != Some(it.id)) {
                return false;
            }
            let mut generation = found.generation;
            if generation == 0 {
                // One that died may have taken a name, and others may keep it.
                kernel.payloads += 1;
                generation = kernel.payloads;
                for word in self.payload(generation) {
                    step!();
                    word.store(generation as u32, Ordering::Relaxed);
                }
                step!();
            }
            self.assert_complete(generation);
            register(&self.words, Some(identity(id)), generation);
            true
        }

        /// As `Attached::open`, but looks once: the writer's process id, 0 for nobody.
        fn open(&self) -> Option<u32> {
            match header(&self.words, KIND) {
                Header::Unfinished => return None,
                Header::Ready => {}
                Header::Other(reason) => panic!("{reason}"),
            }
            let (_, found) = record(&self.words)?;
            if found.generation == 0 {
                assert_eq!(found.owner, None);
                return None;
            }
            self.assert_complete(found.generation);
            let id = found.owner.map_or(0, |it| it.id);
            assert!(id == 0 || found.owner == Some(identity(id)));
            Some(id)
        }
    }

    fn identity(id: u32) -> ProcessIdentity {
        ProcessIdentity {
            id,
            created: wide(id),
        }
    }

    /// A number both halves of which tell which it is.
    fn wide(number: u32) -> u64 {
        join([number; 2])
    }

    // Openers are started first and creators run in the main thread, so that loom begins with the
    // creators. Of the loads before a store it remembers but the last, which is the creator's own: an
    // opener that went first would never be tried otherwise. Openers only load, and loom lets a load see
    // each store it may, so a low bound leaves out little.

    #[test]
    fn an_opener_finds_nothing_yet_or_all() {
        loom::model(|| {
            let region = Region::new();
            let opener = thread::spawn({
                let region = region.clone();
                move || assert!([None, Some(1)].contains(&region.open()))
            });
            assert!(region.create(1, NEVER));
            opener.join().unwrap();
            assert_eq!(region.open(), Some(1));
        });
    }

    #[test]
    fn the_next_creates_after_one_that_died_at_any_step() {
        let steps = bounded_for_each_step(2, |step| {
            let region = Region::new();
            let opener = thread::spawn({
                let region = region.clone();
                move || region.open()
            });
            let died = !region.create(1, step);
            assert_eq!(region.create(2, NEVER), died);
            assert_ne!(opener.join().unwrap(), Some(0));
            assert_eq!(region.open(), Some(if died { 2 } else { 1 }));
            died
        });
        assert_eq!(steps, 15);
    }

    #[test]
    fn of_two_creators_at_once_one_creates() {
        bounded(2, || {
            let region = Region::new();
            let opener = thread::spawn({
                let region = region.clone();
                move || region.open()
            });
            let other = thread::spawn({
                let region = region.clone();
                move || region.create(2, NEVER)
            });
            let one = region.create(1, NEVER);
            assert_eq!(other.join().unwrap(), !one);
            let creator = Some(if one { 1 } else { 2 });
            let found = opener.join().unwrap();
            assert!(found.is_none() || found == creator);
            assert_eq!(region.open(), creator);
        });
    }

    fn registered(sequence: u32, id: u32, generation: u64) -> [u32; COUNT] {
        let (lo, hi) = (generation as u32, (generation >> 32) as u32);
        let kind = KIND as u32;
        [MAGIC, FORMAT, kind, 0, sequence, id, id, id, lo, hi]
    }

    #[test]
    fn who_comes_after_an_owner_that_closed_sees_all_it_published() {
        bounded(3, || {
            let region = Region::with(registered(2, 1, 1), 1);
            let opener = thread::spawn({
                let region = region.clone();
                move || {
                    let found = region.open();
                    assert!([None, Some(0), Some(1), Some(2)].contains(&found));
                }
            });
            let successor = thread::spawn({
                let region = region.clone();
                move || {
                    let created = region.create(2, NEVER);
                    if created {
                        let last = region.payload(1)[1].load(Ordering::Relaxed);
                        assert_eq!(last, 9);
                    }
                    created
                }
            });
            // Published last.
            region.payload(1)[1].store(9, Ordering::Relaxed);
            unregister(&region.words);
            opener.join().unwrap();
            let created = successor.join().unwrap();
            assert_eq!(region.open(), Some(if created { 2 } else { 0 }));
        });
    }

    /// Registers as often while another reads the record.
    fn register_and_read(first: u32, times: u32) {
        let region = Region::with(registered(first, 1, wide(1)), 0);
        let reader = thread::spawn({
            let region = region.clone();
            move || record(&region.words)
        });
        let whole = |sequence, id| {
            let record = Record {
                owner: Some(identity(id)),
                generation: wide(id),
            };
            Some((sequence, record))
        };
        let mut allowed = vec![None];
        if first % 2 == 0 {
            allowed.push(whole(first, 1));
        }
        for id in 2..2 + times {
            register(&region.words, Some(identity(id)), wide(id));
            let sequence = (first | 1).wrapping_add(2 * id - 3);
            allowed.push(whole(sequence, id));
        }
        assert!(allowed.contains(&reader.join().unwrap()));
        assert_eq!(allowed.pop(), Some(record(&region.words)));
    }

    // From an odd one, left by who died, and an even one.
    const BEFORE_THE_WRAP: [u32; 2] = [u32::MAX, u32::MAX - 1];

    #[test]
    fn no_record_is_mixed_where_the_sequence_wraps() {
        for first in BEFORE_THE_WRAP {
            loom::model(move || register_and_read(first, 1));
        }
    }

    #[test]
    fn no_record_is_mixed_of_several_where_the_sequence_wraps() {
        for first in BEFORE_THE_WRAP {
            bounded(3, move || register_and_read(first, 2));
        }
    }
}
