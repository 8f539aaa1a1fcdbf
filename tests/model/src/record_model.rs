//! The model of `record`.

use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::record::{
    COUNT, FORMAT, Header, Kind, MAGIC, Record, Words, header, record, register, settled_record,
    unregister, write_header,
};
use crate::data::identity::ProcessIdentity;
use crate::explore::{READERS, bounded, bounded_for_each_step};
use crate::step::die_at;
use loom::sync::{Arc, Mutex};
use loom::thread;

const KIND: Kind = Kind::Snapshot;

/// The step of a process that does not die.
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

    /// As `snapshot::Writer::register`, until this step: whether it did.
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
            other => panic!("{other:?}"),
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
            other => panic!("{other:?}"),
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
    u64::from(number) << 32 | u64::from(number)
}

// Openers are started first and creators run in the main thread, so that loom begins with the
// creators. Of the loads before a store it remembers but the last, which is the creator's own: an
// opener that went first would never be tried otherwise.

#[test]
fn an_opener_finds_nothing_yet_or_all() {
    bounded(READERS, || {
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
    let steps = bounded_for_each_step(READERS, |step| {
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

// From an odd one, which a process that died has left, and an even one.
const BEFORE_THE_WRAP: [u32; 2] = [u32::MAX, u32::MAX - 1];

#[test]
fn no_record_is_mixed_where_the_sequence_wraps() {
    for first in BEFORE_THE_WRAP {
        bounded(READERS, move || register_and_read(first, 1));
    }
}

#[test]
fn no_record_is_mixed_of_several_where_the_sequence_wraps() {
    for first in BEFORE_THE_WRAP {
        bounded(READERS, move || register_and_read(first, 2));
    }
}
