//! The model of `sequence`.

use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::sequence::Sequence;
use crate::explore::{READERS, bounded, bounded_for_each_step};
use crate::step::die_at;
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};

struct Shared {
    lo: AtomicU32,
    hi: AtomicU32,
    value: [AtomicU32; 2],
}

impl Shared {
    fn sequence(&self) -> Sequence<'_> {
        Sequence {
            lo: &self.lo,
            hi: &self.hi,
        }
    }

    fn write(&self, version: u64) {
        self.write_value(version, version as u32);
    }

    fn write_value(&self, version: u64, value: u32) {
        self.sequence().begin(version);
        for word in &self.value {
            word.store(value, Ordering::Relaxed);
            step!();
        }
        self.sequence().end(version);
        step!();
    }

    fn read(&self) -> Option<(u64, [u32; 2])> {
        let load = || [0, 1].map(|at| self.value[at].load(Ordering::Relaxed));
        self.sequence().read(|_| true, load)
    }
}

/// Starts two versions before the carry, so that both words change.
const FIRST: u64 = (1 << 31) - 1;

fn shared() -> Arc<Shared> {
    let sequence = FIRST << 1;
    Arc::new(Shared {
        lo: AtomicU32::new(sequence as u32),
        hi: AtomicU32::new((sequence >> 32) as u32),
        value: [0, 1].map(|_| AtomicU32::new(FIRST as u32)),
    })
}

fn assert_whole(read: Option<(u64, [u32; 2])>) {
    if let Some((version, value)) = read {
        assert_eq!(value, [version as u32; 2]);
    }
}

// The writer runs in the main thread, with which loom begins: of the loads before a store it remembers
// but the last, and would not try a reader that came first.

fn spawn_reader(shared: &Arc<Shared>) -> JoinHandle<()> {
    let shared = shared.clone();
    thread::spawn(move || assert_whole(shared.read()))
}

#[test]
fn no_reader_sees_half_a_value() {
    bounded(READERS, || {
        let shared = shared();
        let reader = spawn_reader(&shared);
        shared.write(FIRST + 1);
        shared.write(FIRST + 2);
        reader.join().unwrap();
        assert_eq!(shared.read(), Some((FIRST + 2, [(FIRST + 2) as u32; 2])));
    });
}

#[test]
fn no_reader_takes_a_value_with_the_same_low_word_for_the_one_it_began_with() {
    bounded(READERS, || {
        let shared = shared();
        let reader = spawn_reader(&shared);
        // The same `lo`, as after 2³¹ versions more.
        shared.write(FIRST + (1 << 31));
        reader.join().unwrap();
    });
}

#[test]
fn no_reader_sees_half_a_value_of_a_writer_that_died() {
    bounded(READERS, || {
        let shared = shared();
        let reader = spawn_reader(&shared);
        // Dies in the middle of the value; its successor writes it again.
        shared.sequence().begin(FIRST + 1);
        shared.value[0].store(99, Ordering::Relaxed);
        shared.write(FIRST + 2);
        reader.join().unwrap();
    });
}

#[test]
fn neither_of_two_readers_sees_half_a_value() {
    bounded(READERS, || {
        let shared = shared();
        let readers = [spawn_reader(&shared), spawn_reader(&shared)];
        shared.write(FIRST + 1);
        shared.write(FIRST + 2);
        for reader in readers {
            reader.join().unwrap();
        }
    });
}

#[test]
fn neither_of_two_readers_sees_half_a_value_of_a_writer_that_died_at_any_step() {
    const THEIRS: u32 = 98;
    const OURS: u32 = 99;
    let steps = bounded_for_each_step(READERS, |step| {
        let shared = shared();
        let reader = || {
            let shared = shared.clone();
            thread::spawn(move || shared.read())
        };
        let readers = [reader(), reader()];
        let died = die_at(step, || shared.write_value(FIRST + 1, THEIRS)).is_none();
        let finished = shared.lo.load(Ordering::Relaxed) & 1 == 0;
        // The slots of the real thing tell the last version even where `lo` carries into `hi`.
        let ours = shared.sequence().version().max(FIRST) + 1;
        shared.write_value(ours, OURS);
        for reader in readers {
            if let Some((version, value)) = reader.join().unwrap() {
                let expected = match version {
                    FIRST => FIRST as u32,
                    _ if version == ours => OURS,
                    _ if finished => THEIRS,
                    _ => panic!("never finished"),
                };
                assert_eq!(value, [expected; 2]);
            }
        }
        assert_eq!(shared.read(), Some((ours, [OURS; 2])));
        died
    });
    assert_eq!(steps, 5);
}
