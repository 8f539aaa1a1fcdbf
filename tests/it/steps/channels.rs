//! Ends of a channel that die at each step.

use std::thread;

use win_shared_memory::channel::{Receiver, Sender};
use win_shared_memory::{Section, SharedMemoryOptions};

use super::{Done, HOUR, Value, done, for_each_step, lanes, number, value};
use crate::format::Words;

/// What a child does that dies at a step; `count` says from where on steps count.
pub(super) fn act(act: &str, name: &str, done: &Done, count: impl FnOnce()) {
    let next = done.read() + 1;
    match act {
        "channel: send a message" | "channel: send a draft" => {
            let mut sender = Sender::<Value>::register(name).unwrap();
            // So that it is woken.
            let lanes = Words::open(&format!("{name}~1"));
            while lanes.get(lanes::SLEEPS) == 0 {
                thread::yield_now();
            }
            count();
            if act == "channel: send a draft" {
                let draft = sender.draft(HOUR).unwrap().unwrap();
                draft.place().write(&value(next));
                draft.send();
            } else {
                sender.send(&value(next)).unwrap();
            }
            done.write(&next);
        }
        "channel: send a batch" => {
            let mut sender = Sender::<Value>::register(name).unwrap();
            count();
            let mut batch = sender.batch();
            for number in [next, next + 1] {
                assert!(batch.push(&value(number)).unwrap());
            }
            batch.send();
            done.write(&(next + 1));
        }
        "channel: register as a sender" => {
            count();
            drop(Sender::<Value>::register(name).unwrap());
        }
        "channel: register as a receiver" => {
            count();
            drop(Receiver::<Value>::register(name).unwrap());
        }
        "channel: receive" => {
            let mut receiver = Receiver::<Value>::register(name).unwrap();
            count();
            while done.read() < 40 {
                let received = number(&receiver.recv().unwrap());
                done.write(&received);
            }
        }
        act => lanes::act(act, name, count),
    }
}

/// A receiver sleeps meanwhile, and gets what was sent, whole, and then what the next sender sends.
fn take_over_from_those_who(act: &str) {
    let mut held = None;
    for_each_step(act, 4, |_, name, live_and_die| {
        let mut receiver = held
            .take()
            .unwrap_or_else(|| Receiver::<Value>::register(name).unwrap());
        let before = done(name);
        let last = before.read();
        let receiving = thread::spawn(move || {
            let mut numbers = Vec::new();
            while numbers.last() != Some(&u64::MAX) {
                match receiver.recv_timeout(HOUR) {
                    Ok(message) => numbers.extend(message.as_ref().map(number)),
                    // By the sender that has died, until the next comes.
                    Err(error) if error.is_disconnected() => {
                        receiver.wait_for_sender(HOUR).unwrap();
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            (numbers, receiver)
        });
        live_and_die();
        let said = before.read();
        let mut next = Sender::<Value>::register(name).unwrap();
        next.send(&value(u64::MAX)).unwrap();
        let (mut numbers, receiver) = receiving.join().unwrap();
        assert_eq!(numbers.pop(), Some(u64::MAX));
        assert!(numbers.is_empty() && said == last || numbers == [last + 1]);
        before.write(&(last + numbers.len() as u64));
        held = Some(receiver);
    });
}

#[test]
fn senders_that_die_at_each_step_of_sending() {
    take_over_from_those_who("channel: send a message");
}

#[test]
fn senders_that_die_at_each_step_of_a_draft() {
    take_over_from_those_who("channel: send a draft");
}

#[test]
fn senders_that_die_at_each_step_of_a_batch() {
    let mut held = None;
    for_each_step("channel: send a batch", 3, |_, name, live_and_die| {
        let receiver = held.get_or_insert_with(|| Receiver::<Value>::register(name).unwrap());
        let before = done(name);
        let last = before.read();
        live_and_die();
        let received: Result<Vec<_>, _> = receiver.try_iter().collect();
        let numbers: Vec<_> = received.unwrap().iter().map(number).collect();
        let is_said = before.read() > last;
        assert!(numbers.is_empty() && !is_said || numbers == [last + 1, last + 2]);
        before.write(&(last + numbers.len() as u64));
    });
}

/// A sender waits for room meanwhile.
#[test]
fn receivers_that_die_at_each_step_of_receiving() {
    // One more than the child receives, which may have taken its last and not lived to say so.
    const LAST: u64 = 41;
    for_each_step("channel: receive", 10, |_, name, live_and_die| {
        let mut options = SharedMemoryOptions::new();
        options.capacity(2);
        let mut sender = Sender::<Value>::register_with(name, &options).unwrap();
        let last = done(name);
        last.write(&0);
        let sending = thread::spawn(move || {
            let mut sent = 1;
            while sent <= LAST {
                match sender.send_timeout(&value(sent), HOUR) {
                    Ok(is_sent) => sent += u64::from(is_sent),
                    Err(error) if error.is_disconnected() => {
                        sender.wait_for_receiver(HOUR).unwrap();
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            sender
        });
        live_and_die();
        let said = last.read();
        let mut next = Receiver::<Value>::register(name).unwrap();
        let mut expected = said + 1;
        while expected <= LAST {
            let received = number(&next.recv().unwrap());
            // One that it had taken.
            if expected == said + 1 && received == said + 2 {
                expected += 1;
            }
            assert_eq!(received, expected);
            expected += 1;
            if received == LAST {
                break;
            }
        }
        sending.join().unwrap();
        assert_eq!(next.try_iter().count(), 0);
    });
}

#[test]
fn ends_that_die_at_each_step_of_registering() {
    for act in [
        "channel: register as a sender",
        "channel: register as a receiver",
    ] {
        // Where nothing was; where somebody holds what they leave; and where they take over.
        for kept in [false, true] {
            for_each_step(act, 15, |_, name, live_and_die| {
                let keep = kept.then(|| Section::create(name, 4096).unwrap());
                live_and_die();
                let mut sender = Sender::<Value>::register(name).unwrap();
                let mut receiver = Receiver::<Value>::register(name).unwrap();
                sender.send(&value(7)).unwrap();
                assert_eq!(number(&receiver.recv().unwrap()), 7);
                drop((sender, receiver, keep));
            });
        }
        let mut held = None;
        for_each_step(act, 8, |round, name, live_and_die| {
            // The other end stays, and so does a message.
            match act {
                "channel: register as a sender" => {
                    let receiver = held.get_or_insert_with(|| {
                        (None, Some(Receiver::<Value>::register(name).unwrap()))
                    });
                    let receiver = receiver.1.as_mut().unwrap();
                    live_and_die();
                    let mut sender = Sender::<Value>::register(name).unwrap();
                    sender.send(&value(round)).unwrap();
                    assert_eq!(number(&receiver.recv().unwrap()), round);
                }
                _ => {
                    let sender = held.get_or_insert_with(|| {
                        (Some(Sender::<Value>::register(name).unwrap()), None)
                    });
                    let sender = sender.0.as_mut().unwrap();
                    while sender.receiver_liveness() != win_shared_memory::Liveness::Gone {}
                    if round == 1 {
                        sender.send(&value(round)).unwrap();
                    }
                    live_and_die();
                    let mut receiver = Receiver::<Value>::register(name).unwrap();
                    assert_eq!(number(&receiver.recv().unwrap()), round);
                    sender.send(&value(round + 1)).unwrap();
                }
            }
        });
    }
}
