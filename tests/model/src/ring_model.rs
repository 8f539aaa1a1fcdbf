//! The model of `ring`: messages of one to three units, around the end of the ring and of the positions.

use std::iter;
use std::sync::Mutex;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::ring::{Lane, Receiving, Record, Sending, Units};
use crate::cores::ring_size::{Messages, Size};
use crate::cores::wake;
use crate::event::Event;
use crate::explore::{bounded, bounded_for_each_step};
use crate::step::die_at;

/// So large that two units are enough for a warm restart.
const UNIT: u32 = 512;

struct Shared {
    head: AtomicU32,
    tail: AtomicU32,
    turn: AtomicU32,
    waits: AtomicU32,
    sleeps: AtomicU32,
    size: Size,
    lens: Vec<AtomicU32>,
    /// What a unit holds where it holds no length. Loom sees the cell, which stands for the bytes, and reports an
    /// access that nothing orders after another's; it does not see this mutex.
    values: Vec<Mutex<(UnsafeCell<()>, u32)>>,
    ready: Event,
    room: Event,
}

impl Units for Shared {
    fn word(&self, offset: u32) -> &AtomicU32 {
        &self.lens[offset as usize]
    }
}

/// A message is so many units of the same number.
type Message = (u32, u32);

impl Shared {
    fn new(units: u32, position: u32) -> Arc<Self> {
        Self::of(Messages::OfAnyLength, units, position)
    }

    fn of(messages: Messages, units: u32, position: u32) -> Arc<Self> {
        Arc::new(Self {
            head: AtomicU32::new(position),
            tail: AtomicU32::new(position),
            turn: AtomicU32::new(0),
            waits: AtomicU32::new(0),
            sleeps: AtomicU32::new(0),
            size: Size::new(units, UNIT, 0, messages).unwrap(),
            lens: (0..units).map(|_| AtomicU32::new(0)).collect(),
            values: (0..units)
                .map(|_| Mutex::new((UnsafeCell::new(()), 0)))
                .collect(),
            ready: Event::new(),
            room: Event::new(),
        })
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

    fn write(&self, offset: u32, number: u32) {
        let mut value = self.values[offset as usize].lock().unwrap();
        value.0.with_mut(|_| ());
        value.1 = number;
    }

    fn read(&self, offset: u32) -> u32 {
        let value = self.values[offset as usize].lock().unwrap();
        value.0.with(|_| ());
        value.1
    }

    fn sending(&self) -> Sending {
        Sending::take_over(self.lane()).unwrap()
    }

    fn receiving(&self) -> Receiving {
        Receiving::take_over(self.lane()).unwrap()
    }

    /// `false` if there is no room.
    fn add(&self, sending: &mut Sending, (units, number): Message) -> bool {
        let Some(room) = sending.room(self.lane(), units * UNIT).unwrap() else {
            return false;
        };
        for unit in 0..units {
            self.write(room.offset + self.size.before() + unit, number);
            step!();
        }
        sending.add(self.lane(), self, room);
        true
    }

    fn send(&self, sending: &mut Sending) {
        sending.send(self.lane());
        if wake::take_without_fence(&self.sleeps) != 0 {
            step!();
            self.ready.set();
        }
    }

    /// Sleeps while there is no room.
    fn send_one(&self, sending: &mut Sending, message: Message) {
        while !self.add(sending, message) {
            let has_room = || {
                sending
                    .room(self.lane(), message.0 * UNIT)
                    .unwrap()
                    .is_some()
            };
            wake::wait(&self.waits, 0, has_room, || self.room.wait());
        }
        self.send(sending);
    }

    fn peek(&self, receiving: &mut Receiving) -> Option<(Record, Message)> {
        let longest = self.lane().size.longest();
        let record = receiving.first(self.lane(), self, longest).unwrap()?;
        let units = record.len / UNIT;
        let first = record.offset + self.size.before();
        let number = self.read(first);
        for unit in 1..units {
            assert_eq!(self.read(first + unit), number, "torn");
        }
        Some((record, (units, number)))
    }

    fn try_recv(&self, receiving: &mut Receiving) -> Option<Message> {
        let wake = |is_due: bool| {
            if is_due {
                self.room.set();
            }
        };
        let Some((record, message)) = self.peek(receiving) else {
            wake(receiving.idle(self.lane()));
            return None;
        };
        step!();
        wake(receiving.take(self.lane(), record));
        step!();
        Some(message)
    }

    /// Sleeps while there is no message.
    fn recv(&self, receiving: &mut Receiving) -> Message {
        loop {
            if let Some(message) = self.try_recv(receiving) {
                return message;
            }
            let tail = self.tail.load(Ordering::Relaxed);
            if self.peek(receiving).is_some() {
                continue;
            }
            let is_there = || self.tail.load(Ordering::Relaxed) != tail;
            wake::wait(&self.sleeps, 0, is_there, || self.ready.wait());
        }
    }

    fn rest(&self) -> Vec<Message> {
        let mut receiving = self.receiving();
        iter::from_fn(|| self.try_recv(&mut receiving)).collect()
    }
}

/// Sends and receives these, asleep whenever there is nothing to do; a lost wake-up is a deadlock, which loom
/// reports.
fn pass(units: u32, position: u32, messages: &'static [Message]) {
    pass_of(Messages::OfAnyLength, units, position, messages);
}

fn pass_of(of: Messages, units: u32, position: u32, messages: &'static [Message]) {
    bounded(3, move || {
        let shared = Shared::of(of, units, position);
        let sender = thread::spawn({
            let shared = shared.clone();
            move || {
                let mut sending = shared.sending();
                for message in messages {
                    shared.send_one(&mut sending, *message);
                }
            }
        });
        let mut receiving = shared.receiving();
        for message in messages {
            assert_eq!(shared.recv(&mut receiving), *message);
        }
        // Whoever found nothing wakes a sender; none is left waiting.
        sender.join().unwrap();
        assert_eq!(shared.rest(), []);
    });
}

const WRAPS: u32 = 0_u32.wrapping_sub(4);

#[test]
fn a_sleeping_receiver_is_woken() {
    pass(8, 0, &[(1, 7), (1, 8)]);
}

#[test]
fn a_sender_that_waits_for_room_is_woken() {
    pass(4, 0, &[(1, 7), (1, 8), (1, 9)]);
}

#[test]
fn a_sender_that_waits_until_all_is_taken_is_woken() {
    bounded(3, || {
        // Less than a quarter.
        let shared = Shared::new(16, 0);
        let receiver = thread::spawn({
            let shared = shared.clone();
            move || {
                let mut receiving = shared.receiving();
                assert_eq!(shared.recv(&mut receiving), (1, 7));
                assert_eq!(shared.try_recv(&mut receiving), None);
            }
        });
        let mut sending = shared.sending();
        shared.send_one(&mut sending, (1, 7));
        while !sending.is_drained(shared.lane()).unwrap() {
            let is_drained = || sending.is_drained(shared.lane()).unwrap();
            wake::wait(&shared.waits, 0, is_drained, || shared.room.wait());
        }
        receiver.join().unwrap();
    });
}

#[test]
fn messages_go_around_the_end_of_the_ring_and_of_the_positions() {
    pass(8, WRAPS + 1, &[(2, 7), (1, 8), (2, 9)]);
}

#[test]
fn a_ring_of_which_little_is_in_use_is_begun_again() {
    // While a message is there.
    pass(8, WRAPS, &[(1, 7), (1, 8), (1, 9)]);
}

#[test]
fn messages_of_one_length_go_around_the_end_of_the_ring() {
    // Where two do not fit, and where they fit exactly.
    pass_of(
        Messages::Of(2 * UNIT),
        8,
        WRAPS + 3,
        &[(2, 7), (2, 8), (2, 9)],
    );
    pass_of(
        Messages::Of(UNIT),
        4,
        WRAPS,
        &[(1, 7), (1, 8), (1, 9), (1, 10), (1, 11)],
    );
}

#[test]
fn a_batch_is_seen_whole_or_not_at_all() {
    const BATCH: [Message; 2] = [(1, 7), (2, 8)];
    let steps = bounded_for_each_step(3, |step| {
        let shared = Shared::new(16, WRAPS);
        let receiver = thread::spawn({
            let shared = shared.clone();
            move || {
                let mut receiving = shared.receiving();
                let first = shared.try_recv(&mut receiving);
                let second = shared.try_recv(&mut receiving);
                assert!(first.is_none() || second.is_some());
                first.into_iter().chain(second).collect::<Vec<_>>()
            }
        });
        let died = die_at(step, || {
            let mut sending = shared.sending();
            for message in BATCH {
                assert!(shared.add(&mut sending, message));
            }
            shared.send(&mut sending);
        })
        .is_none();
        let mut received = receiver.join().unwrap();
        received.extend(shared.rest());
        assert!(
            received == BATCH || died && received.is_empty(),
            "{received:?}"
        );
        died
    });
    assert!(steps > 5, "only {steps} steps");
}

#[test]
fn what_a_sender_has_sent_before_it_dies_comes_before_what_its_successor_sends() {
    // The second goes around the end.
    const SENT: [Message; 2] = [(1, 7), (2, 8)];
    const NEXT: Message = (1, 9);
    let steps = bounded_for_each_step(3, |step| {
        let shared = Shared::new(8, WRAPS);
        let receiver = thread::spawn({
            let shared = shared.clone();
            move || {
                let mut receiving = shared.receiving();
                let received = [(); 2].map(|()| shared.try_recv(&mut receiving));
                received.into_iter().flatten().collect::<Vec<_>>()
            }
        });
        let mut sent = 0;
        let died = die_at(step, || {
            let mut sending = shared.sending();
            for message in SENT {
                if shared.add(&mut sending, message) {
                    shared.send(&mut sending);
                    sent += 1;
                }
            }
        })
        .is_none();
        let mut sending = shared.sending();
        let next = shared.add(&mut sending, NEXT);
        if next {
            shared.send(&mut sending);
        }
        let mut received = receiver.join().unwrap();
        received.extend(shared.rest());
        if next {
            assert_eq!(received.pop(), Some(NEXT));
        }
        // The one that it died at is whole or was never sent.
        assert!(
            received.len() >= sent && SENT.starts_with(&received),
            "{received:?}"
        );
        died
    });
    assert_eq!(steps, 8);
}

#[test]
fn a_sender_that_takes_over_does_not_write_over_what_is_being_received() {
    const FULL: [Message; 2] = [(1, 7), (1, 8)];
    const NEXT: Message = (1, 9);
    bounded(3, || {
        let shared = Shared::new(4, WRAPS);
        let mut sending = shared.sending();
        for message in FULL {
            assert!(shared.add(&mut sending, message));
            shared.send(&mut sending);
        }
        let successor = thread::spawn({
            let shared = shared.clone();
            move || {
                let mut sending = shared.sending();
                let added = shared.add(&mut sending, NEXT);
                shared.send(&mut sending);
                added
            }
        });
        let mut receiving = shared.receiving();
        let mut received: Vec<_> = FULL.map(|_| shared.recv(&mut receiving)).into();
        let added = successor.join().unwrap();
        received.extend(shared.rest());
        let expected = FULL.into_iter().chain(added.then_some(NEXT));
        assert!(expected.eq(received));
    });
}

#[test]
fn a_receiver_that_dies_loses_one_message_at_most_and_its_successor_goes_on() {
    const SENT: [Message; 3] = [(1, 7), (1, 8), (2, 9)];
    let steps = bounded_for_each_step(3, |step| {
        let shared = Shared::new(16, WRAPS);
        let receiver = thread::spawn({
            let shared = shared.clone();
            move || {
                let mut received = Vec::new();
                let lived = die_at(step, || {
                    let mut receiving = shared.receiving();
                    for _ in 0..2 {
                        received.extend(shared.try_recv(&mut receiving));
                    }
                });
                let before = received.len();
                received.extend(shared.rest());
                (lived.is_none(), before, received)
            }
        });
        let mut sending = shared.sending();
        for message in SENT {
            assert!(shared.add(&mut sending, message));
            shared.send(&mut sending);
        }
        let (died, before, mut received) = receiver.join().unwrap();
        received.extend(shared.rest());
        let mut expected = SENT.to_vec();
        if received != expected {
            assert!(died);
            expected.remove(before);
        }
        assert_eq!(received, expected);
        died
    });
    assert!(steps > 5, "only {steps} steps");
}

#[test]
fn a_message_that_is_not_taken_before_its_receiver_dies_is_received_again() {
    const SENT: [Message; 2] = [(1, 7), (1, 8)];
    bounded(3, || {
        let shared = Shared::new(8, WRAPS);
        let receiver = thread::spawn({
            let shared = shared.clone();
            move || {
                let peeked = shared.peek(&mut shared.receiving());
                let received = shared.rest();
                assert!(peeked.is_none_or(|(_, message)| Some(&message) == received.first()));
                received
            }
        });
        let mut sending = shared.sending();
        for message in SENT {
            assert!(shared.add(&mut sending, message));
            shared.send(&mut sending);
        }
        let mut received = receiver.join().unwrap();
        received.extend(shared.rest());
        assert_eq!(received, SENT);
    });
}
