//! Senders and receivers of channels. Each process that is killed is at the ends of eight, a thread at each: starting
//! a process takes longer than all else, and each thread is somewhere else in what it does. What is counted are these ends.

use std::sync::{Barrier, LazyLock};
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::SharedMemoryOptions;
use win_shared_memory::channel::{Receiver, Sender};

use super::{Log, Victims, goes_on, kills, word};
use crate::support::{PATIENCE, Parent, Random, fresh_name};

/// Channels of a process.
const CHANNELS: usize = 8;

/// Elements of the longest message. Copying it takes longer than all else that is done for it.
const LONGEST: usize = 16_000;

/// The name of a channel and how much it has room for: in some, ends wait for each other after a few messages, and in
/// others they work on for as long as they live.
fn channel(name: &str, number: usize) -> (String, SharedMemoryOptions) {
    let mut options = SharedMemoryOptions::new();
    options.capacity(LONGEST << (1 + number % 4));
    (format!("{name}-{number}"), options)
}

/// The words of message `number` of a sender that was the `incarnation`-th, but for the first, which says so. No word is
/// that of another message nearby. If they were computed each time, an end would spend its time with that.
fn rest(incarnation: u64, number: u64) -> &'static [u64] {
    static WORDS: LazyLock<Vec<u64>> =
        LazyLock::new(|| (0..2 * LONGEST).map(|at| word(0, at)).collect());
    let begin = (incarnation * 7 + number * 41) as usize % LONGEST;
    &WORDS[begin..begin + number as usize * 373 % LONGEST]
}

fn message(incarnation: u64, number: u64) -> Vec<u64> {
    [&[incarnation << 32 | number], rest(incarnation, number)].concat()
}

/// The sender and the number of a whole message.
#[track_caller]
fn id(message: &[u64]) -> (u64, u64) {
    let (incarnation, number) = (message[0] >> 32, message[0] & 0xffff_ffff);
    assert!(message[1..] == *rest(incarnation, number), "torn");
    (incarnation, number)
}

/// Tells whoever kills this process that a thread of it has failed.
struct Alarm<'a>(&'a Log);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.set_over(true);
        }
    }
}

/// Joins all channels, and does `work` at each in a thread of its own. Says so when all do.
fn at_each_channel<E: Send>(
    parent: &Parent,
    join: impl Fn(&str, &SharedMemoryOptions) -> E,
    work: impl Fn(E, &Log) + Sync,
) {
    let ends = (0..CHANNELS).map(|number| {
        let (name, options) = channel(parent.argument(0), number);
        (join(&name, &options), Log::of(&name))
    });
    let ends: Vec<_> = ends.collect();
    let begin = Barrier::new(CHANNELS);
    thread::scope(|threads| {
        for (end, log) in ends {
            let (work, begin) = (&work, &begin);
            threads.spawn(move || {
                if begin.wait().is_leader() {
                    parent.tell("works");
                }
                let _alarm = Alarm(&log);
                work(end, &log);
            });
        }
    });
}

pub(super) fn send_for_ever(parent: &Parent) {
    at_each_channel(
        parent,
        |name, options| Sender::<[u64]>::register_with(name, options).unwrap(),
        |mut sender, log| {
            let incarnation = (log.done() >> 32) + 1;
            log.set_done(incarnation << 32);
            let wrong = vec![0; LONGEST];
            for number in 1.. {
                let next = message(incarnation, number);
                if number % 2 == 0 {
                    sender.send(&next).unwrap();
                } else {
                    let draft = sender.draft(next.len(), PATIENCE).unwrap().unwrap();
                    // Not before: it may have waited for room.
                    log.set_inside(true);
                    // Half-written for longer than anything else takes, and wrong until the last round.
                    for _ in 0..400 {
                        draft.places().write_from(&wrong[..next.len()]);
                    }
                    draft.places().write_from(&next);
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
    fn new((name, options): (String, SharedMemoryOptions)) -> Self {
        Self {
            receiver: Receiver::register_with(&name, &options).unwrap(),
            log: Log::of(&name),
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

    /// Once all is received: that nothing is missing. Returns whether the sender was killed at a message that it had room
    /// for and had not said to be sent.
    fn check(&self) -> bool {
        let (incarnation, sent) = (self.log.done() >> 32, self.log.done() & 0xffff_ffff);
        let (theirs, received) = self.id;
        let received = if theirs == incarnation { received } else { 0 };
        // One more than it lived to say, at most. One that has not begun has sent nothing.
        assert!(
            received == sent || received == sent + 1,
            "{received} of {sent}"
        );
        assert!(!self.log.is_over(), "a sender has failed");
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
        .map(|number| Incoming::new(channel(&name, number)))
        .collect();
    let mut victims = Victims::new([&name, "send"]);
    let (mut killed, mut inside) = (0, 0);
    while goes_on(kills, killed, inside) {
        let mut victim = victims.next();
        assert_eq!(victim.answer(), "works");
        let (start, life) = (Instant::now(), random.below(10_000_000));
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
        "{killed} senders in {} processes killed, {inside} in a message; {received} received",
        victims.killed
    );
    assert!(10 * inside >= kills, "{inside} of {kills}");
}

pub(super) fn receive_for_ever(parent: &Parent, takes: bool) {
    at_each_channel(
        parent,
        |name, options| Receiver::<[u64]>::register_with(name, options).unwrap(),
        |mut receiver, log| {
            let mut is_first = true;
            loop {
                let last = log.done();
                if is_first {
                    log.set_lives(log.lives() + 1);
                }
                let number = if takes {
                    // Only if there is a message: else it would wait.
                    log.set_inside(receiver.arm().unwrap().is_none());
                    let message = receiver.recv().unwrap();
                    log.set_inside(false);
                    id(&message).1
                } else {
                    let message = receiver.peek(PATIENCE).unwrap().unwrap();
                    log.set_inside(true);
                    // Works with it for a while.
                    let [number, ..] = [(); 16].map(|()| id(&message.read().unwrap()).1);
                    log.set_done(number);
                    message.done();
                    log.set_inside(false);
                    number
                };
                log.set_done(number);
                let lives = log.lives();
                log.set_lives(1);
                let expected = match (is_first, takes) {
                    (false, _) => last + 1..=last + 1,
                    // Each receiver before this one may have taken a message and died before it could say so.
                    (true, true) => last + 1..=last + lives,
                    // The one that it had not taken.
                    (true, false) => last.max(1)..=last + 1,
                };
                assert!(expected.contains(&number), "{number} after {last}");
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

impl Outgoing {
    /// Whether there was room.
    fn send(&mut self) -> bool {
        match self.sender.try_send(&message(0, self.next)) {
            Ok(is_sent) => {
                self.next += u64::from(is_sent);
                is_sent
            }
            // There is none, and no receiver after the one that was killed.
            Err(error) if error.is_disconnected() => false,
            Err(error) => panic!("{error}"),
        }
    }
}

/// One of `share` at least is killed at a message.
fn kill_receivers(work: &str, share: usize) {
    let kills = CHANNELS * kills(2);
    let name = fresh_name();
    let mut random = Random::unpredictable();
    let mut outgoing: Vec<_> = (0..CHANNELS)
        .map(|number| {
            let (name, options) = channel(&name, number);
            Outgoing {
                sender: Sender::register_with(&name, &options).unwrap(),
                log: Log::of(&name),
                next: 1,
            }
        })
        .collect();
    let mut victims = Victims::new([&name, work]);
    let (mut killed, mut inside, mut all_worked) = (0, 0, false);
    // Processes that are killed this early may not have begun, so the test goes on until each receiver has received.
    while goes_on(
        kills,
        killed,
        if all_worked { share * inside / 10 } else { 0 },
    ) {
        for it in &mut outgoing {
            while it.send() {}
        }
        let mut victim = victims.next();
        assert_eq!(victim.answer(), "works");
        let (start, life) = (Instant::now(), random.below(10_000_000));
        while start.elapsed() < Duration::from_nanos(life) {
            for it in &mut outgoing {
                it.send();
            }
        }
        victim.kill();
        killed += CHANNELS;
        for it in &outgoing {
            inside += usize::from(it.log.is_inside());
            it.log.set_inside(false);
            assert!(!it.log.is_over(), "a receiver has failed");
            assert!(it.log.done() < it.next);
        }
        all_worked = outgoing.iter().all(|it| it.log.done() > 0);
    }
    let sent: u64 = outgoing.iter().map(|it| it.next - 1).sum();
    println!(
        "{killed} receivers in {} processes killed, {inside} at a message; {sent} sent",
        victims.killed
    );
    assert!(share * inside >= kills, "{inside} of {kills}");
    assert!(all_worked, "a receiver never received");
}

#[test]
fn a_receiver_that_is_killed_loses_one_message_at_most() {
    // `recv` is short beside what the process does else.
    kill_receivers("receive", 100);
}

#[test]
fn a_receiver_that_is_killed_before_it_is_done_gives_the_message_to_the_next() {
    kill_receivers("peek", 10);
}
