//! What an end of a channel that dies leaves in the words of its lane, as a program sees it that knows FORMAT.md and
//! not this library: all that comes before the step at which it died, and nothing that comes after.

use std::time::Duration;

use win_shared_memory::SharedMemoryOptions;
use win_shared_memory::channel::{Receiver, Sender};
use win_shared_memory::sync::Event;

use super::{HOUR, for_each_step};
use crate::format::Words;

/// Whether the receiver waits.
pub(super) const SLEEPS: usize = 128;

// With a short schema and one lane.
const HEAD: usize = 384;
const TAIL: usize = 512;
const TURN: usize = 516;
const WAITS: usize = 640;
const RING: usize = 768;

const UNIT: usize = 8;

/// Messages take a unit more than they have elements. Of 16 units these leave 3.
const FIRST: [&[u64]; 2] = [&[1; 4], &[2; 7]];

/// So it is at offset 0, and longer than what was there.
const NEXT: &[u64] = &[3; 5];

/// A ring of 16 units.
fn options() -> SharedMemoryOptions {
    let mut options = SharedMemoryOptions::new();
    options.capacity(7);
    options
}

fn sender(name: &str) -> Sender<[u64]> {
    Sender::register_with(name, &options()).unwrap()
}

fn receiver(name: &str) -> Receiver<[u64]> {
    Receiver::register_with(name, &options()).unwrap()
}

fn lanes(name: &str) -> Words {
    Words::open(&format!("{name}~1"))
}

fn receive_all(receiver: &mut Receiver<[u64]>) -> Vec<Vec<u64>> {
    receiver.try_iter().map(Result::unwrap).collect()
}

/// What a child does that dies at a step; `count` says from where on steps count.
pub(super) fn act(act: &str, name: &str, count: impl FnOnce()) {
    const MOMENT: Duration = Duration::from_millis(1);
    match act {
        "channel: send a slice" => {
            let mut sender = sender(name);
            lanes(name).set(SLEEPS, 1);
            count();
            sender.send(NEXT).unwrap();
        }
        "channel: send a draft of a slice" => {
            let mut sender = sender(name);
            lanes(name).set(SLEEPS, 1);
            count();
            let draft = sender.draft(NEXT.len(), HOUR).unwrap().unwrap();
            draft.places().write_from(NEXT);
            draft.send();
        }
        "channel: receive a slice" => {
            let mut receiver = receiver(name);
            lanes(name).set(WAITS, 1);
            count();
            assert_eq!(receiver.recv().unwrap(), FIRST[0]);
        }
        "channel: peek at a slice" => {
            let mut receiver = receiver(name);
            lanes(name).set(WAITS, 1);
            count();
            let message = receiver.peek(HOUR).unwrap().unwrap();
            assert_eq!(message.read().unwrap(), FIRST[0]);
            message.done();
        }
        "channel: wait for a message" => {
            let mut receiver = receiver(name);
            count();
            assert_eq!(receiver.recv_timeout(MOMENT).unwrap(), None);
        }
        "channel: wait for room" => {
            let mut sender = sender(name);
            count();
            assert!(!sender.send_timeout(NEXT, MOMENT).unwrap());
        }
        "channel: drain" => {
            let mut sender = sender(name);
            count();
            assert!(!sender.drain(MOMENT).unwrap());
        }
        other => panic!("{other}"),
    }
}

/// Of these, each of which is done after the one before, so many are.
#[track_caller]
fn assert_done<const N: usize>(done: [bool; N], count: u64) {
    let expected = std::array::from_fn(|it| (it as u64) < count);
    assert_eq!(done, expected);
}

#[test]
fn senders_that_die_at_each_step_of_a_slice_at_the_end_of_the_ring() {
    for act in ["channel: send a slice", "channel: send a draft of a slice"] {
        for_each_step(act, 6, |round, name, die| {
            let mut receiver = receiver(name);
            let mut first = sender(name);
            for message in FIRST {
                first.send(message).unwrap();
                assert_eq!(receiver.recv().unwrap(), message);
            }
            drop(first);
            let lanes = lanes(name);
            let ready = Event::open(&format!("{name}~ready")).unwrap();
            assert_eq!([TAIL, TURN].map(|at| lanes.get(at)), [13, 0]);

            die();
            let mut elements = (1..=NEXT.len()).map(|unit| lanes.get(RING + UNIT * unit));
            let is_sent = lanes.get(TAIL) == 13 + 3 + 6;
            let done = [
                elements.all(|it| it == 3),
                lanes.get(RING) == 8 * NEXT.len() as u32,
                lanes.get(TURN) == 13,
                is_sent,
                lanes.get(SLEEPS) == 0,
                ready.try_wait().unwrap(),
            ];
            assert_done(done, round);

            sender(name).send(&[4]).unwrap();
            let received = receive_all(&mut receiver);
            let expected = [NEXT, &[4]];
            assert_eq!(received, expected[usize::from(!is_sent)..]);
        });
    }
}

#[test]
fn receivers_that_die_at_each_step_of_a_slice() {
    for (act, steps_before) in [
        ("channel: receive a slice", 0),
        ("channel: peek at a slice", 1),
    ] {
        for_each_step(act, 3 + steps_before, |round, name, die| {
            let mut sender = sender(name);
            for message in FIRST {
                sender.send(message).unwrap();
            }
            let lanes = lanes(name);
            let room = Event::open(&format!("{name}~room0")).unwrap();

            die();
            let is_taken = lanes.get(HEAD) == 5;
            let done = [is_taken, lanes.get(WAITS) == 0, room.try_wait().unwrap()];
            assert_done(done, round - u64::from(steps_before));

            let received = receive_all(&mut receiver(name));
            assert_eq!(received, FIRST[usize::from(is_taken)..]);
            assert!(sender.drain(Duration::ZERO).unwrap());
        });
    }
}

#[test]
fn senders_that_die_at_each_step_of_waiting() {
    for act in ["channel: wait for room", "channel: drain"] {
        for_each_step(act, 3, |round, name, die| {
            let mut receiver = receiver(name);
            let mut first = sender(name);
            let mut sent = Vec::new();
            while first.try_send(&[sent.len() as u64]).unwrap() {
                sent.push([sent.len() as u64]);
            }
            drop(first);
            let lanes = lanes(name);

            die();
            // After these it may have waited once more, or has closed its end.
            if round <= 3 {
                assert_eq!(lanes.get(WAITS), u32::from(round > 1));
            }
            assert_eq!(receive_all(&mut receiver), sent);
            // The receiver has woken nobody, and does so no more.
            assert_eq!(lanes.get(WAITS), 0);
            sender(name).send(NEXT).unwrap();
            assert_eq!(receiver.recv().unwrap(), NEXT);
        });
    }
}

#[test]
fn receivers_that_die_at_each_step_of_waiting() {
    for_each_step("channel: wait for a message", 3, |round, name, die| {
        let mut sender = sender(name);
        let lanes = lanes(name);

        die();
        // After these it may have waited once more, or has closed its end.
        if round <= 3 {
            assert_eq!(lanes.get(SLEEPS), u32::from(round > 1));
            sender.send(NEXT).unwrap();
            // The sender has woken nobody, and does so no more.
            assert_eq!(lanes.get(SLEEPS), 0);
            assert_eq!(receiver(name).recv().unwrap(), NEXT);
        }
    });
}
