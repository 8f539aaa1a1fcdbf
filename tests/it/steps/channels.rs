//! Ends of a channel that die at each step.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use win_shared_memory::channel::{Receiver, Sender};
use win_shared_memory::{Section, SharedMemoryOptions};

use super::{Done, HOUR, Value, done, for_each_step, number, value};
use crate::format::Words;

/// What a child does that dies at a step.
pub(super) const ACTS: [&str; 11] = [
    "send a message",
    "send a batch",
    "send a slice",
    "send a draft of a slice",
    "send a batch of slices",
    "send and wait for room",
    "drain",
    "receive",
    "peek",
    "register as a sender",
    "register as a receiver",
];

/// `count` says from where on steps count.
pub(super) fn act(act: &str, name: &str, done: &Done, count: impl FnOnce()) {
    let next = done.read() + 1;
    match act {
        "register as a sender" => {
            count();
            drop(Sender::<Value>::register(name).unwrap());
        }
        "register as a receiver" => {
            count();
            drop(Receiver::<Value>::register(name).unwrap());
        }
        "receive" | "peek" => receive(act, name, done, count),
        act if act.contains("slice") => send_slices(act, name, done, count),
        _ => {
            let mut sender = Sender::<Value>::register(name).unwrap();
            match act {
                "send a message" => {
                    // So that it is woken.
                    let lane = Lane::of(name);
                    while lane.words.get(SLEEPS) == 0 {
                        thread::yield_now();
                    }
                    count();
                    sender.send(&value(next)).unwrap();
                }
                "send and wait for room" => {
                    count();
                    sender.send(&value(next)).unwrap();
                }
                "drain" => {
                    sender.send(&value(next)).unwrap();
                    done.write(&next);
                    count();
                    assert!(sender.drain(HOUR).unwrap());
                }
                "send a batch" => {
                    count();
                    let mut batch = sender.batch();
                    for number in [next, next + 1] {
                        assert!(batch.push(&value(number)).unwrap());
                    }
                    batch.send();
                    done.write(&(next + 1));
                }
                other => panic!("{other}"),
            }
            done.write(&done.read().max(next));
        }
    }
}

fn send_slices(act: &str, name: &str, done: &Done, count: impl FnOnce()) {
    let next = done.read() + 1;
    let mut sender = Sender::<[u64]>::register(name).unwrap();
    count();
    match act {
        "send a slice" => sender.send(&slice(next)).unwrap(),
        "send a draft of a slice" => {
            let slice = slice(next);
            let draft = sender.draft(slice.len(), HOUR).unwrap().unwrap();
            draft.places().write_from(&slice);
            draft.send();
        }
        _ => {
            let mut batch = sender.batch();
            for number in [next, next + 1] {
                assert!(batch.push(&slice(number)).unwrap());
            }
            batch.send();
        }
    }
    done.write(&next);
}

fn receive(act: &str, name: &str, done: &Done, count: impl FnOnce()) {
    let mut receiver = Receiver::<Value>::register(name).unwrap();
    count();
    while done.read() < LAST - 1 {
        if act == "receive" {
            let received = number(&receiver.recv().unwrap());
            done.write(&received);
        } else {
            let message = receiver.peek(HOUR).unwrap().unwrap();
            done.write(&number(&message.read().unwrap()));
            message.done();
        }
    }
}

/// One more than a child receives, which may have taken its last and not lived to say so.
const LAST: u64 = 13;

/// Where the region says whether the receiver waits.
const SLEEPS: usize = 128;

/// The region of a channel of one sender.
struct Lane {
    words: Words,
    /// Where the ring is; its words are before it.
    ring: usize,
}

impl Lane {
    fn of(name: &str) -> Self {
        let words = Words::open(&format!("{name}~1"));
        let ring = words.get(48) as usize;
        Self { words, ring }
    }

    fn units(&self) -> u32 {
        self.words.get(12)
    }

    fn tail(&self) -> u32 {
        self.words.get(self.ring - 256)
    }

    fn turn(&self) -> u32 {
        self.words.get(self.ring - 252)
    }

    fn waits(&self) -> bool {
        self.words.get(self.ring - 128) != 0
    }
}

fn slice(number: u64) -> Vec<u64> {
    vec![number; 20 + number as usize % 20]
}

/// A receiver sleeps meanwhile, and gets what was sent, whole, and then what the next sender sends.
#[test]
fn senders_that_die_at_each_step_of_sending() {
    let mut held = None;
    for_each_step("send a message", 4, |_, name, live_and_die| {
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
fn senders_that_die_at_each_step_of_a_batch() {
    let mut held = None;
    for_each_step("send a batch", 3, |_, name, live_and_die| {
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

/// At the ring's end, so that the sender turns. Each step is seen to be one at which a sender dies.
#[test]
fn senders_of_slices_that_die_at_each_step() {
    for (act, messages) in [
        ("send a slice", 1),
        ("send a draft of a slice", 1),
        ("send a batch of slices", 2),
    ] {
        let mut held = None;
        let mut seen = Vec::new();
        for_each_step(act, 4, |_, name, live_and_die| {
            let receiver = held.get_or_insert_with(|| {
                let mut options = SharedMemoryOptions::new();
                options.capacity(100);
                Receiver::<[u64]>::register_with(name, &options).unwrap()
            });
            let lane = Lane::of(name);
            go_to_the_end(name, &lane, receiver);
            let before = done(name);
            let last = before.read();
            let (tail, next) = (lane.tail(), slice(last + 1));
            live_and_die();
            let steps = [
                u64::from(lane.words.get(lane.ring + 8)) == next[0],
                lane.words.get(lane.ring) as usize == size_of_val(&next[..]),
                lane.turn() == tail,
                lane.tail() != tail,
            ];
            if seen.last() != Some(&steps) {
                seen.push(steps);
            }
            let received: Result<Vec<_>, _> = receiver.try_iter().collect();
            let (received, is_said) = (received.unwrap(), before.read() > last);
            let all: Vec<_> = (1..=messages).map(|it| slice(last + it)).collect();
            assert!(received.is_empty() && !is_said || received == all);
            before.write(&(last + received.len() as u64));
        });
        // Written, its length stored, turned, and sent.
        let in_turn = [1, 2, 3, 4].map(|done| [1, 2, 3, 4].map(|step| step <= done));
        assert_eq!(seen, in_turn, "{act}");
    }
}

/// Sends and receives so much that the next message is the first in the ring.
fn go_to_the_end(name: &str, lane: &Lane, receiver: &mut Receiver<[u64]>) {
    let mut sender = Sender::<[u64]>::register(name).unwrap();
    while lane.tail() % lane.units() <= lane.units() - 20 {
        sender.send(&[0]).unwrap();
    }
    assert!(receiver.try_iter().all(|it| it.unwrap() == [0]));
}

/// Room is made, and all is received, once they sleep.
#[test]
fn senders_that_die_at_each_step_of_waiting() {
    for act in ["send and wait for room", "drain"] {
        let mut held = None;
        let mut slept = 0;
        for_each_step(act, 3, |_, name, live_and_die| {
            let receiver = held.get_or_insert_with(|| {
                let mut options = SharedMemoryOptions::new();
                options.capacity(2);
                Receiver::<Value>::register_with(name, &options).unwrap()
            });
            let before = done(name);
            let first = before.read() + 1;
            let mut sender = Sender::<Value>::register(name).unwrap();
            while act != "drain" && sender.try_send(&value(before.read() + 1)).unwrap() {
                before.write(&(before.read() + 1));
            }
            drop(sender);
            let (lane, is_over) = (Lane::of(name), AtomicBool::new(false));
            let mut numbers = thread::scope(|threads| {
                let receiving = threads.spawn(|| {
                    while !lane.waits() && !is_over.load(Ordering::Relaxed) {
                        thread::yield_now();
                    }
                    slept += u32::from(lane.waits());
                    let received = receiver.try_iter().map(|it| number(&it.unwrap()));
                    received.collect::<Vec<_>>()
                });
                live_and_die();
                is_over.store(true, Ordering::Relaxed);
                receiving.join().unwrap()
            });
            numbers.extend(receiver.try_iter().map(|it| number(&it.unwrap())));
            let (said, received) = (before.read(), first - 1 + numbers.len() as u64);
            assert_eq!(numbers, (first..=received).collect::<Vec<_>>());
            assert!(
                received == said || received == said + 1,
                "{received}, {said}"
            );

            let mut next = Sender::<Value>::register(name).unwrap();
            next.send(&value(received + 1)).unwrap();
            assert_eq!(number(&receiver.recv().unwrap()), received + 1);
            before.write(&(received + 1));
        });
        // One that dies asleep, one that has been woken, and the one that survives.
        assert!(slept >= 3, "{act}: {slept}");
    }
}

/// A sender waits for room meanwhile.
#[test]
fn receivers_that_die_at_each_step_of_receiving() {
    for act in ["receive", "peek"] {
        let mut seen = [false; 2];
        for_each_step(act, 10, |_, name, live_and_die| {
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
            let first = number(&next.recv().unwrap());
            // One that was taken is lost, and one that was not is received again.
            let is_other = match act {
                "receive" => first == said + 2,
                _ => first == said,
            };
            assert!(is_other || first == said + 1, "{first} after {said}");
            seen[usize::from(is_other)] = true;
            for expected in first + 1..=LAST {
                assert_eq!(number(&next.recv().unwrap()), expected);
            }
            sending.join().unwrap();
            assert_eq!(next.try_iter().count(), 0);
        });
        assert_eq!(
            seen, [true; 2],
            "{act}: before the message is taken, and after"
        );
    }
}

#[test]
fn ends_that_die_at_each_step_of_registering() {
    for act in ["register as a sender", "register as a receiver"] {
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
                "register as a sender" => {
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
