//! The model of a channel: two lanes with their senders' ends, and a receiver that sleeps for both with one word.

use loom::sync::Arc;
use loom::thread;

use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::ends::{self, End};
use crate::cores::ring::{Lane, Receiving, Sending, Units};
use crate::cores::ring_size::{Messages, Size};
use crate::cores::wake;
use crate::data::identity::ProcessIdentity;
use crate::event::Event;
use crate::explore::{bounded, bounded_for_each_step};
use crate::step::die_at;

const PROCESS: ProcessIdentity = ProcessIdentity { id: 1, created: 10 };

const UNITS: u32 = 4;

/// Longer than each message, which is nothing but its length. So a record is two units, and two of them fill a ring.
const UNIT: u32 = 8;

/// One sender's words: its lane, and its end.
struct Words {
    head: AtomicU32,
    tail: AtomicU32,
    turn: AtomicU32,
    waits: AtomicU32,
    lens: [AtomicU32; UNITS as usize],
    end: [AtomicU32; 4],
    room: Event,
}

impl Units for Words {
    fn word(&self, offset: u32) -> &AtomicU32 {
        &self.lens[offset as usize]
    }
}

impl Words {
    fn new() -> Self {
        let word = |_| AtomicU32::new(0);
        let [head, tail, turn, waits] = [0; 4].map(word);
        let (lens, end) = ([0; UNITS as usize].map(word), [0; 4].map(word));
        let room = Event::new();
        Self {
            head,
            tail,
            turn,
            waits,
            lens,
            end,
            room,
        }
    }

    fn lane(&self) -> Lane<'_> {
        Lane {
            head: &self.head,
            tail: &self.tail,
            turn: &self.turn,
            waits: &self.waits,
            size: Size::new(UNITS, UNIT, 0, Messages::OfAnyLength).unwrap(),
        }
    }

    fn end(&self) -> End<'_> {
        End(&self.end)
    }

    /// Sleeps while there is no room.
    fn add(&self, sending: &mut Sending, message: u32) {
        loop {
            if let Some(room) = sending.room(self.lane(), message).unwrap() {
                return sending.add(self.lane(), self, room);
            }
            let has_room = || sending.room(self.lane(), message).unwrap().is_some();
            wake::wait(&self.waits, 0, has_room, || self.room.wait());
        }
    }

    fn try_recv(&self, receiving: &mut Receiving) -> Option<u32> {
        let record = receiving.first(self.lane(), self, UNIT).unwrap()?;
        step!();
        if receiving.take(self.lane(), record) {
            self.room.set();
            step!();
        }
        Some(record.len)
    }
}

struct Shared {
    lanes: [Words; 2],
    sleeps: AtomicU32,
    ready: Event,
}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            lanes: [Words::new(), Words::new()],
            sleeps: AtomicU32::new(0),
            ready: Event::new(),
        })
    }

    fn wake(&self, taken: u32) {
        if taken != 0 {
            self.ready.set();
        }
    }

    /// Sleeps while there is no room.
    fn send(&self, lane: usize, messages: &[u32]) {
        let words = &self.lanes[lane];
        let mut sending = Sending::take_over(words.lane()).unwrap();
        for message in messages {
            words.add(&mut sending, *message);
            sending.send(words.lane());
            self.wake(wake::take_without_fence(&self.sleeps));
        }
    }

    fn leave(&self, lane: usize) {
        self.lanes[lane].end().leave();
        self.wake(wake::take(&self.sleeps));
    }

    fn receiving(&self) -> [Receiving; 2] {
        [0, 1].map(|lane| Receiving::take_over(self.lanes[lane].lane()).unwrap())
    }

    fn try_recv(&self, receiving: &mut [Receiving; 2]) -> Option<u32> {
        let mut lanes = self.lanes.iter().zip(receiving);
        lanes.find_map(|(words, receiving)| words.try_recv(receiving))
    }

    fn have_all_left(&self) -> bool {
        ends::have_all_left(self.lanes.iter().map(Words::end))
    }

    /// Sleeps while there is no message. `None` when there is none and all senders have left.
    fn recv(&self, receiving: &mut [Receiving; 2]) -> Option<u32> {
        loop {
            if let Some(message) = self.try_recv(receiving) {
                return Some(message);
            }
            if self.have_all_left() {
                // What they have sent before is seen now.
                return self.try_recv(receiving);
            }
            let is_done = || {
                let mut lanes = self.lanes.iter().zip(&*receiving);
                lanes.any(|(words, receiving)| receiving.is_behind(words.lane()))
                    || self.have_all_left()
            };
            wake::wait(&self.sleeps, 0, is_done, || self.ready.wait());
        }
    }
}

/// A lost wake-up is a deadlock, which loom reports.
#[test]
fn a_receiver_that_sleeps_is_woken_by_the_sender_of_either_lane() {
    bounded(2, || {
        let shared = Shared::new();
        let senders = [0, 1].map(|lane| {
            let shared = shared.clone();
            thread::spawn(move || shared.send(lane, &[1 + lane as u32]))
        });
        let mut receiving = shared.receiving();
        let mut received = [(); 2].map(|()| shared.recv(&mut receiving));
        received.sort_unstable();
        assert_eq!(received, [Some(1), Some(2)]);
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

/// The receiver is told that nobody is left only after it has received all, and is not left asleep.
#[test]
fn all_that_senders_have_sent_before_they_leave_is_received_before_nobody_is_left() {
    bounded(2, || {
        let shared = Shared::new();
        shared.lanes[0].end().join(PROCESS);
        let senders = [0, 1].map(|lane| {
            let shared = shared.clone();
            thread::spawn(move || {
                if lane == 1 {
                    // While the receiver looks.
                    shared.lanes[1].end().join(PROCESS);
                }
                shared.send(lane, &[1 + lane as u32]);
                shared.leave(lane);
            })
        });
        let mut receiving = shared.receiving();
        let mut received = Vec::new();
        while let Some(message) = shared.recv(&mut receiving) {
            received.push(message);
        }
        assert!(received.contains(&1));
        for sender in senders {
            sender.join().unwrap();
        }
        // The first may have left before the second joined.
        received.extend(shared.recv(&mut receiving));
        received.sort_unstable();
        assert_eq!(received, [1, 2]);
    });
}

/// Of a death at this step nobody is told: the word is taken, and the event is not set. The sender goes on when its slice
/// ends.
const BETWEEN_WORD_AND_EVENT: u32 = 3;

#[test]
fn a_sender_that_waits_for_room_gets_it_from_the_successor_of_a_receiver_that_dies() {
    const SENT: [u32; 3] = [1, 2, 3];
    let steps = bounded_for_each_step(3, |step| {
        let shared = Shared::new();
        let receiver = thread::spawn({
            let shared = shared.clone();
            move || {
                let words = &shared.lanes[0];
                let mut received = Vec::new();
                let died = die_at(step, || {
                    let mut receiving = shared.receiving();
                    received.extend(words.try_recv(&mut receiving[0]));
                })
                .is_none();
                let lost = words.head.load(Ordering::Relaxed) != 0 && received.is_empty();
                if died && step == BETWEEN_WORD_AND_EVENT {
                    words.room.set();
                }
                let mut receiving = shared.receiving();
                let expected = &SENT[usize::from(lost)..];
                while received.len() < expected.len() {
                    received.extend(shared.recv(&mut receiving));
                }
                assert_eq!(received, expected);
                died
            }
        });
        shared.send(0, &SENT);
        receiver.join().unwrap()
    });
    assert_eq!(steps, 4);
}
