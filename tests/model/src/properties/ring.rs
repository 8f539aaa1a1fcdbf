use std::cell::Cell;
use std::collections::VecDeque;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::near;
use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::ring::{Damaged, Lane, Receiving, Record, Room, Sending, Units};
use crate::cores::ring_size::{Messages, Size};
use crate::step::die_at;

const UNIT: u32 = 8;

#[derive(Clone, Debug)]
enum Act {
    /// Messages of these lengths, sent as one; the sender dies at this step, and another takes over: 0 or
    /// more than there are for none.
    Send(Vec<u32>, u32),
    /// The same, given up.
    Discard(Vec<u32>),
    /// Takes so many at most; the receiver dies with the next one copied and not taken.
    Receive(usize, bool),
}

fn act() -> impl Strategy<Value = Act> {
    let lens = || vec(prop_oneof![0..40_u32, any::<u32>()], 1..5);
    let step = prop_oneof![2 => Just(0), 1 => 0..30_u32];
    prop_oneof![
        4 => (lens(), step).prop_map(|(lens, step)| Act::Send(lens, step)),
        1 => lens().prop_map(Act::Discard),
        4 => (0..8_usize, any::<bool>()).prop_map(|(most, dies)| Act::Receive(most, dies)),
    ]
}

struct Ring {
    head: AtomicU32,
    tail: AtomicU32,
    turn: AtomicU32,
    waits: AtomicU32,
    messages: Messages,
    size: Size,
    words: Vec<AtomicU32>,
    /// Which numbers the messages have: for the whole history, so that what the dead left is not taken for ours.
    next: Cell<u32>,
}

impl Units for Ring {
    fn word(&self, offset: u32) -> &AtomicU32 {
        &self.words[(offset * UNIT / 4) as usize]
    }
}

impl Ring {
    fn new(units: u32, position: u32, messages: Messages) -> Self {
        Self {
            head: AtomicU32::new(position),
            tail: AtomicU32::new(position),
            turn: AtomicU32::new(0),
            waits: AtomicU32::new(0),
            messages,
            size: Size::new(units, UNIT, 0, messages).expect("a power of two"),
            words: (0..units * UNIT / 4).map(|_| AtomicU32::new(0)).collect(),
            next: Cell::new(1),
        }
    }

    fn lane(&self) -> Lane<'_> {
        Lane {
            head: &self.head,
            tail: &self.tail,
            turn: &self.turn,
            waits: &self.waits,
            size: self.size,
        }
    }

    fn payload(&self, offset: u32, len: u32) -> &[AtomicU32] {
        let first = ((offset + self.size.before()) * UNIT / 4) as usize;
        &self.words[first..first + len.div_ceil(4) as usize]
    }

    fn write(&self, room: Room, number: u32) {
        for word in self.payload(room.offset, room.len) {
            word.store(number, Ordering::Relaxed);
            step!();
        }
    }

    /// The message's length and number; 0 for one without bytes.
    fn read(&self, record: Record) -> (u32, u32) {
        let payload = self.payload(record.offset, record.len);
        let number = payload.first().map_or(0, |it| it.load(Ordering::Relaxed));
        for word in payload {
            assert_eq!(word.load(Ordering::Relaxed), number, "torn");
        }
        (record.len, number)
    }

    /// Adds what there is room for.
    fn add(&self, sending: &mut Sending, lens: &[u32]) -> Result<Vec<(u32, u32)>, Damaged> {
        let mut added = Vec::new();
        for len in lens {
            let len = match self.messages {
                Messages::Of(len) => len,
                Messages::OfAnyLength => len % (self.size.longest() + 1),
            };
            let Some(room) = sending.room(self.lane(), len)? else {
                break;
            };
            let number = self.next.replace(self.next.get() + 1);
            self.write(room, number);
            sending.add(self.lane(), self, room);
            added.push((len, if len == 0 { 0 } else { number }));
        }
        Ok(added)
    }

    fn first(&self, receiving: &mut Receiving) -> Result<Option<Record>, Damaged> {
        receiving.first(self.lane(), self, u32::MAX)
    }
}

/// Of one length half of the time: one that there is room for in the smallest ring.
fn messages() -> impl Strategy<Value = Messages> {
    prop_oneof![
        Just(Messages::OfAnyLength),
        (1..=2 * UNIT).prop_map(Messages::Of)
    ]
}

proptest! {
    #[test]
    fn each_message_is_received_once_and_in_order(
        units in select(&[4, 8, 16, 64, 1024][..]),
        position in near(&[0, 1 << 31, 1 << 32]),
        messages in messages(),
        acts in vec(act(), 0..60),
    ) {
        let ring = Ring::new(units, position as u32, messages);
        let lane = ring.lane();
        let mut sending = Sending::take_over(lane).unwrap();
        let mut receiving = Receiving::take_over(lane).unwrap();
        let mut expected = VecDeque::new();
        for act in acts {
            match act {
                Act::Send(lens, step) => {
                    let mut added = Vec::new();
                    let before = ring.tail.load(Ordering::Relaxed);
                    let lived = die_at(step, || {
                        added = ring.add(&mut sending, &lens).unwrap();
                        sending.send(lane);
                    });
                    prop_assert!(!expected.is_empty() || !added.is_empty() || lived.is_none());
                    // The last step is after the messages were sent.
                    if ring.tail.load(Ordering::Relaxed) != before {
                        expected.extend(added);
                    }
                    if lived.is_none() {
                        sending = Sending::take_over(lane).unwrap();
                    }
                }
                Act::Discard(lens) => {
                    ring.add(&mut sending, &lens).unwrap();
                    sending.discard();
                }
                Act::Receive(most, dies) => {
                    for _ in 0..most {
                        let Some(record) = ring.first(&mut receiving).unwrap() else {
                            prop_assert!(expected.is_empty());
                            break;
                        };
                        prop_assert_eq!(Some(ring.read(record)), expected.pop_front());
                        let _ = receiving.take(lane, record);
                    }
                    if dies {
                        let peeked = ring.first(&mut receiving).unwrap();
                        prop_assert_eq!(peeked.map(|it| ring.read(it)), expected.front().copied());
                        receiving = Receiving::take_over(lane).unwrap();
                    }
                }
            }
        }
        while let Some(record) = ring.first(&mut receiving).unwrap() {
            prop_assert_eq!(Some(ring.read(record)), expected.pop_front());
            let _ = receiving.take(lane, record);
        }
        prop_assert!(expected.is_empty());
    }

    /// Whatever the words are, what is found lies in the ring.
    #[test]
    fn random_words_are_damage_or_a_message_inside_the_ring(
        position in any::<u32>(),
        words in vec(prop_oneof![0..40_u32, Just(u32::MAX), any::<u32>()], 32),
        messages in messages(),
        stores in vec((0..3_usize, 0..20_u32, prop::option::weighted(0.2, any::<u32>())), 1..20),
    ) {
        let ring = Ring::new(16, position, messages);
        let lane = ring.lane();
        for (word, value) in ring.words.iter().zip(&words) {
            word.store(*value, Ordering::Relaxed);
        }
        let mut sending = Sending::take_over(lane).unwrap();
        let mut receiving = Receiving::take_over(lane).unwrap();
        for (word, ahead, any) in stores {
            let value = any.unwrap_or(position.wrapping_add(ahead));
            let word = [&ring.head, &ring.tail, &ring.turn][word];
            word.store(value, Ordering::Relaxed);
            if let Ok(Some(record)) = ring.first(&mut receiving) {
                let _ = ring.payload(record.offset, record.len);
                let _ = receiving.take(lane, record);
            }
            if let Ok(added) = ring.add(&mut sending, &[7, 30]) {
                prop_assert!(added.len() <= 2);
                sending.send(lane);
            }
            sending.discard();
        }
    }
}
