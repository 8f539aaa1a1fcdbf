//! Senders and receivers of channels. Each process that is killed is at the ends of eight, a thread at each, because to
//! start a process takes longer than all else. So eight ends die at the same instant, each somewhere else in its work:
//! what is counted are ends, and the processes are an eighth of them.
//!
//! An end that waits is not in the midst of anything. A sender is while it writes into the room that it got, and sends
//! that; a receiver from when it has found a message until it has taken it and noted which it was.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::SharedMemoryOptions;
use win_shared_memory::channel::{Receiver, Sender};

use super::{Log, Victims, kills, word};
use crate::support::{PATIENCE, Parent, Random, fresh_name};

/// Channels of a process.
const CHANNELS: usize = 8;

/// How often a sender writes a draft before it sends it, and a receiver checks what it has found.
const ROUNDS: u64 = 16;

/// A ring of a few messages, so that there is no room at times.
fn options() -> SharedMemoryOptions {
    let mut options = SharedMemoryOptions::new();
    options.capacity(300);
    options
}

/// Whether there are more to kill, until a tenth of all that were was in the midst of a message.
fn goes_on(kills: usize, killed: usize, inside: usize) -> bool {
    killed < kills || 10 * inside < killed && killed < 10 * kills
}

fn channel(name: &str, number: usize) -> String {
    format!("{name}-{number}")
}

/// Message `number` of those of a sender that was the `incarnation`-th; each of its words follows from that.
fn message(incarnation: u64, number: u64) -> Vec<u64> {
    let id = incarnation << 32 | number;
    let len = 1 + (number * 37 % 100) as usize;
    (0..len).map(|at| word(id, at)).collect()
}

/// The sender and the number of a whole message.
#[track_caller]
fn id(message: &[u64]) -> (u64, u64) {
    let id = message[0] ^ word(0, 0);
    let (incarnation, number) = (id >> 32, id & 0xffff_ffff);
    assert_eq!(message, self::message(incarnation, number), "torn");
    (incarnation, number)
}

/// Joins all channels, does `work` at each in a thread of its own, and says when all have begun.
fn at_each_channel<E: Send>(
    parent: &Parent,
    join: impl Fn(&str) -> E,
    work: impl Fn(E, &Log) + Sync,
) {
    let ends = (0..CHANNELS).map(|number| {
        let name = channel(parent.argument(0), number);
        (join(&name), Log::of(&name))
    });
    let ends: Vec<_> = ends.collect();
    let begin = Barrier::new(CHANNELS + 1);
    thread::scope(|threads| {
        for (end, log) in ends {
            let (work, begin) = (&work, &begin);
            threads.spawn(move || {
                begin.wait();
                work(end, &log);
            });
        }
        begin.wait();
        parent.tell("works");
    });
}

pub(super) fn send_for_ever(parent: &Parent) {
    at_each_channel(
        parent,
        |name| Sender::<[u64]>::register_with(name, &options()).unwrap(),
        |mut sender, log| {
            let incarnation = (log.done() >> 32) + 1;
            log.set_done(incarnation << 32);
            for number in 1.. {
                let next = message(incarnation, number);
                if number % 2 == 0 {
                    sender.send(&next).unwrap();
                } else {
                    let draft = sender.draft(next.len(), PATIENCE).unwrap().unwrap();
                    log.set_inside(true);
                    // Longer half-written than anything else; and wrong until the last round.
                    for round in (0..ROUNDS).rev() {
                        for (place, word) in draft.places().iter().zip(&next) {
                            place.write(&(word ^ round));
                        }
                    }
                    draft.send();
                    log.set_inside(false);
                }
                log.set_done(incarnation << 32 | number);
            }
        },
    );
}

/// Receives what senders that are killed have sent, and checks it.
struct Incoming {
    receiver: Receiver<[u64]>,
    log: Log,
    message: Vec<u64>,
    /// Of the last message.
    id: (u64, u64),
    received: u64,
}

impl Incoming {
    fn new(name: &str) -> Self {
        Self {
            receiver: Receiver::register_with(name, &options()).unwrap(),
            log: Log::of(name),
            message: Vec::new(),
            id: (0, 0),
            received: 0,
        }
    }

    /// Whether there was a message; `None` if there is none and the sender has gone.
    fn receive(&mut self) -> Option<bool> {
        match self.receiver.recv_into(&mut self.message, Duration::ZERO) {
            Ok(true) => {}
            Ok(false) => return Some(false),
            Err(error) if error.is_disconnected() => return None,
            Err(error) => panic!("{error}"),
        }
        let (incarnation, number) = id(&self.message);
        let last = if incarnation == self.id.0 {
            self.id.1
        } else {
            assert!(incarnation > self.id.0, "{incarnation} after {:?}", self.id);
            0
        };
        assert_eq!(number, last + 1, "of sender {incarnation}");
        self.id = (incarnation, number);
        self.received += 1;
        Some(true)
    }

    /// Once all is received: that nothing is missing. Returns whether the sender was killed in the midst of a message.
    fn check(&self) -> bool {
        let (incarnation, sent) = (self.log.done() >> 32, self.log.done() & 0xffff_ffff);
        let (theirs, received) = self.id;
        let received = if theirs == incarnation { received } else { 0 };
        // One more than it lived to say, at most. One that has not begun has sent nothing.
        assert!(
            received == sent || received == sent + 1,
            "{received} of {sent}"
        );
        let was_inside = self.log.is_inside();
        self.log.set_inside(false);
        was_inside
    }
}

#[test]
fn no_message_is_lost_or_received_twice_whose_sender_is_killed() {
    let kills = CHANNELS * kills(3);
    let name = fresh_name();
    let mut random = Random::unpredictable();
    let mut incoming: Vec<_> = (0..CHANNELS)
        .map(|number| Incoming::new(&channel(&name, number)))
        .collect();
    let mut victims = Victims::new([&name, "send"]);
    let (mut killed, mut inside) = (0, 0);
    while goes_on(kills, killed, inside) {
        let mut victim = victims.next();
        assert_eq!(victim.answer(), "works");
        let (start, life) = (Instant::now(), random.below(4_000_000));
        while start.elapsed() < Duration::from_nanos(life) {
            // By turns so that the senders wait for room, and that this one waits for messages.
            if victims.killed % 3 > 0 {
                for it in &mut incoming {
                    it.receive();
                }
            }
        }
        victim.kill();
        killed += CHANNELS;
        let killed_at = Instant::now();
        for it in &mut incoming {
            while let Some(received) = it.receive() {
                assert!(
                    killed_at.elapsed() < PATIENCE,
                    "a dead sender is not noticed"
                );
                if !received {
                    thread::sleep(Duration::from_millis(1));
                }
            }
        }
        inside += incoming.iter().filter(|it| it.check()).count();
    }
    let received: u64 = incoming.iter().map(|it| it.received).sum();
    println!(
        "{killed} senders killed in {} processes, {inside} of them in a message; {received} received",
        victims.killed
    );
    assert!(10 * inside >= killed, "{inside} of {killed}");
}

/// Works with a message for longer than all else takes, and returns its number.
fn work(message: &[u64]) -> u64 {
    (0..ROUNDS).map(|_| id(message).1).max().unwrap()
}

pub(super) fn receive_for_ever(parent: &Parent, takes: bool) {
    at_each_channel(
        parent,
        |name| Receiver::<[u64]>::register_with(name, &options()).unwrap(),
        |mut receiver, log| {
            let mut is_first = true;
            loop {
                let last = log.done();
                let message = receiver.peek(PATIENCE).unwrap().unwrap();
                log.set_inside(true);
                if is_first {
                    log.set_lives(log.lives() + 1);
                }
                let number = if takes {
                    let number = work(&receiver.recv().unwrap());
                    log.set_done(number);
                    number
                } else {
                    let number = work(&message.read().unwrap());
                    log.set_done(number);
                    message.done();
                    number
                };
                log.set_inside(false);
                let lives = log.lives();
                log.set_lives(1);
                let expected = match (is_first, takes) {
                    (false, _) => last + 1..=last + 1,
                    // Each receiver before this one that found a message may have taken it, and died before it could say so.
                    (true, true) => last + 1..=last + lives,
                    // The one that it had not taken.
                    (true, false) => last.max(1)..=last + 1,
                };
                if !expected.contains(&number) {
                    // For whoever kills this.
                    log.set_over(true);
                    panic!("{number} after {last}");
                }
                is_first = false;
            }
        },
    );
}

/// Sends to receivers that are killed.
struct Outgoing {
    sender: Sender<[u64]>,
    log: Log,
    next: u64,
}

fn kill_receivers(work: &str) {
    let kills = CHANNELS * kills(2);
    let name = fresh_name();
    let mut random = Random::unpredictable();
    let mut outgoing: Vec<_> = (0..CHANNELS)
        .map(|number| {
            let name = channel(&name, number);
            Outgoing {
                sender: Sender::register_with(&name, &options()).unwrap(),
                log: Log::of(&name),
                next: 1,
            }
        })
        .collect();
    let mut victims = Victims::new([&name, work]);
    let (mut killed, mut inside, mut all_worked) = (0, 0, false);
    // Processes that are killed this early may not have begun, so the test goes on until each receiver has received.
    while goes_on(kills, killed, if all_worked { inside } else { 0 }) {
        let mut victim = victims.next();
        assert_eq!(victim.answer(), "works");
        let (mut start, life) = (Instant::now(), random.below(4_000_000));
        let mut is_at_work = false;
        while !is_at_work || start.elapsed() < Duration::from_nanos(life) {
            // It lives on from when one of its receivers has found a message.
            if !is_at_work && outgoing.iter().any(|it| it.log.is_inside()) {
                (is_at_work, start) = (true, Instant::now());
            }
            for it in &mut outgoing {
                match it.sender.try_send(&message(0, it.next)) {
                    Ok(sent) => it.next += u64::from(sent),
                    Err(error) => panic!("{error}"),
                }
            }
        }
        victim.kill();
        killed += CHANNELS;
        for it in &outgoing {
            inside += usize::from(it.log.is_inside());
            it.log.set_inside(false);
            assert!(!it.log.is_over(), "a message was lost or received twice");
            assert!(it.log.done() < it.next);
        }
        all_worked = outgoing.iter().all(|it| it.log.done() > 0);
    }
    let sent: u64 = outgoing.iter().map(|it| it.next - 1).sum();
    println!(
        "{killed} receivers killed in {} processes, {inside} of them in a message; {sent} sent",
        victims.killed
    );
    assert!(10 * inside >= killed, "{inside} of {killed}");
    assert!(all_worked, "a receiver never received");
}

#[test]
fn a_receiver_that_is_killed_loses_one_message_at_most() {
    kill_receivers("receive");
}

#[test]
fn a_receiver_that_is_killed_before_it_is_done_gives_the_message_to_the_next() {
    kill_receivers("peek");
}
