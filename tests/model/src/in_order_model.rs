//! The model of `in_order`.

use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::in_order::{self, Next, Slots};
use crate::cores::sequence::Sequence;
use crate::explore::{READERS, bounded, bounded_for_each_step};
use crate::step::die_at;
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};

const COUNT: u32 = 4;

struct Slot {
    lo: AtomicU32,
    hi: AtomicU32,
    value: AtomicU32,
}

pub(crate) struct Shared {
    latest: AtomicU32,
    slots: [Slot; COUNT as usize],
}

impl Slots for Shared {
    fn count(&self) -> u32 {
        COUNT
    }

    fn latest(&self) -> &AtomicU32 {
        &self.latest
    }

    fn sequence(&self, slot: u32) -> Sequence<'_> {
        let Slot { lo, hi, .. } = &self.slots[slot as usize];
        Sequence { lo, hi }
    }
}

impl Shared {
    /// All slots are full, and `last` is the last version.
    pub(crate) fn after(last: u64) -> Arc<Self> {
        let slots = [0, 1, 2, 3].map(|slot| {
            let version = (last - 3..=last).find(|it| it % 4 == slot).unwrap();
            Slot {
                lo: AtomicU32::new((version << 1) as u32),
                hi: AtomicU32::new((version >> 31) as u32),
                value: AtomicU32::new(version as u32),
            }
        });
        Arc::new(Self {
            latest: AtomicU32::new(last as u32),
            slots,
        })
    }

    /// A writer of one version: as one that takes over, so it asks where to go on.
    pub(crate) fn send(&self) -> u64 {
        self.send_marked(0)
    }

    fn send_marked(&self, mark: u32) -> u64 {
        let version = in_order::last(self).unwrap() + 1;
        let slot = self.slot_of(version);
        self.sequence(slot).begin(version);
        let value = &self.slots[slot as usize].value;
        value.store(version as u32 ^ mark, Ordering::Relaxed);
        step!();
        self.sequence(slot).end(version);
        step!();
        self.latest.store(version as u32, Ordering::Release);
        step!();
        version
    }
}

/// What one that begins after `seen` gets in so many calls.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) seen: u64,
    got: Vec<(u64, u32)>,
    missed: u64,
}

impl Receiver {
    pub(crate) fn new(seen: u64) -> Self {
        Self {
            seen,
            got: Vec::new(),
            missed: 0,
        }
    }

    /// Tells whether there was something.
    fn receive(&mut self, shared: &Shared) -> bool {
        let before = self.seen;
        let copy = |slot: u32| shared.slots[slot as usize].value.load(Ordering::Relaxed);
        match in_order::next(shared, &mut self.seen, copy) {
            None => {
                assert_eq!(self.seen, before);
                return false;
            }
            Some(Next::Value(value)) => {
                assert_eq!(self.seen, before + 1);
                self.got.push((self.seen, value));
            }
            Some(Next::Lagged(missed)) => {
                assert!(missed > 0);
                assert_eq!(self.seen, before + missed);
                self.missed += missed;
            }
        }
        true
    }

    pub(crate) fn receive_all(&mut self, shared: &Shared) {
        while self.receive(shared) {}
    }

    fn spawn(shared: &Arc<Shared>, seen: u64, calls: u32) -> JoinHandle<Self> {
        let shared = shared.clone();
        thread::spawn(move || {
            let mut receiver = Self::new(seen);
            for _ in 0..calls {
                receiver.receive(&shared);
            }
            receiver
        })
    }

    pub(crate) fn assert_complete(&self, first: u64, last: u64) {
        assert_eq!(self.seen, last);
        assert_eq!(self.got.len() as u64 + self.missed, last - first);
        assert!(
            self.got
                .iter()
                .all(|(version, value)| *version as u32 == *value)
        );
    }
}

/// Where the low word of a sequence carries, and where `latest` wraps.
const EDGES: [u64; 2] = [(1 << 31) - 1, (1 << 32) - 1];

// The writer runs in the main thread: see `sequence_model`.

#[test]
fn a_reader_that_is_overtaken_knows_how_many_it_has_missed() {
    for last in EDGES {
        for behind in 0..=3 {
            bounded(READERS, move || {
                let shared = Shared::after(last);
                let receiver = Receiver::spawn(&shared, last - behind, 2);
                shared.send();
                shared.send();
                let mut receiver = receiver.join().unwrap();
                receiver.receive_all(&shared);
                receiver.assert_complete(last - behind, last + 2);
            });
        }
    }
}

#[test]
fn a_reader_is_overtaken_while_it_copies() {
    let last = EDGES[0];
    bounded(READERS, move || {
        let shared = Shared::after(last);
        let receiver = Receiver::spawn(&shared, last - 1, 1);
        for _ in 0..4 {
            shared.send();
        }
        let mut receiver = receiver.join().unwrap();
        receiver.receive_all(&shared);
        receiver.assert_complete(last - 1, last + 4);
        // However far it was passed over: the last two were there.
        assert!(receiver.got.len() >= 2);
    });
}

#[test]
fn two_readers_each_get_every_message() {
    let last = EDGES[1];
    bounded(READERS, move || {
        let shared = Shared::after(last);
        let receivers = [last - 1, last].map(|seen| (seen, Receiver::spawn(&shared, seen, 1)));
        shared.send();
        shared.send();
        for (seen, receiver) in receivers {
            let mut receiver = receiver.join().unwrap();
            receiver.receive_all(&shared);
            receiver.assert_complete(seen, last + 2);
            assert_eq!(receiver.missed, 0);
        }
    });
}

#[test]
fn the_number_of_a_message_whose_sender_died_is_used_again_and_not_missed() {
    const THEIRS: u32 = 1 << 20;
    for last in EDGES {
        let steps = bounded_for_each_step(READERS, move |step| {
            let shared = Shared::after(last);
            let receiver = Receiver::spawn(&shared, last, 2);
            let died = die_at(step, || shared.send_marked(THEIRS)).is_none();
            let was_sent = shared.latest.load(Ordering::Relaxed) != last as u32;
            let ours = shared.send();
            assert_eq!(ours, last + 1 + u64::from(was_sent));
            let mut receiver = receiver.join().unwrap();
            receiver.receive_all(&shared);
            assert_eq!((receiver.seen, receiver.missed), (ours, 0));
            let theirs = was_sent.then_some((last + 1, (last + 1) as u32 ^ THEIRS));
            let expected: Vec<_> = theirs.into_iter().chain([(ours, ours as u32)]).collect();
            assert_eq!(receiver.got, expected);
            died
        });
        assert_eq!(steps, 5, "begin has two");
    }
}

#[test]
fn a_reader_that_was_left_behind_by_whole_laps_passes_over_them() {
    // The low word of what it has seen is that of the last version.
    const LAP: u64 = 1 << 32;
    for seen in [EDGES[0], EDGES[1]] {
        bounded(READERS, move || {
            let shared = Shared::after(seen + LAP);
            let receiver = Receiver::spawn(&shared, seen, 2);
            shared.send();
            let mut receiver = receiver.join().unwrap();
            receiver.receive_all(&shared);
            receiver.assert_complete(seen, seen + LAP + 1);
        });
    }
}
