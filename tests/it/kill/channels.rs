//! Senders and receivers of a channel.

use std::time::{Duration, Instant};

use win_shared_memory::SharedMemoryOptions;
use win_shared_memory::channel::{Receiver, Sender};

use super::{Log, Victims, goes_on, kills, word};
use crate::support::{PATIENCE, Parent, Random, fresh_name};

/// A ring of a few messages, so that there is no room at times.
fn options() -> SharedMemoryOptions {
    let mut options = SharedMemoryOptions::new();
    options.capacity(300);
    options
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

pub(super) fn send_for_ever(parent: &Parent, log: &Log) {
    let mut sender = Sender::<[u64]>::register_with(parent.argument(0), &options()).unwrap();
    let incarnation = (log.done() >> 32) + 1;
    log.set_done(incarnation << 32);
    parent.tell("sends");
    for number in 1.. {
        let next = message(incarnation, number);
        log.set_inside(true);
        if number % 2 == 0 {
            sender.send(&next).unwrap();
        } else {
            let draft = sender.draft(next.len(), PATIENCE).unwrap().unwrap();
            draft.places().write_from(&next);
            draft.send();
        }
        log.set_inside(false);
        log.set_done(incarnation << 32 | number);
    }
}

#[test]
fn no_message_is_lost_or_received_twice_whose_sender_is_killed() {
    let kills = kills(3);
    let name = fresh_name();
    let (mut random, log) = (Random::unpredictable(), Log::of(&name));
    let mut receiver = Receiver::<[u64]>::register_with(&name, &options()).unwrap();
    let mut victims = Victims::new([&name, "send"]);
    let (mut inside, mut received, mut into) = (0, 0_u64, Vec::new());
    // Of the last sender that anything was received from.
    let (mut incarnation, mut number) = (0, 0);
    let mut check = |into: &[u64]| {
        let (theirs, next) = id(into);
        if theirs != incarnation {
            assert!(theirs > incarnation, "{theirs} after {incarnation}");
            (incarnation, number) = (theirs, 0);
        }
        assert_eq!(next, number + 1, "of sender {incarnation}");
        number = next;
        received += 1;
        (incarnation, number)
    };
    for kill in 0.. {
        if !goes_on(kills, kill, inside) {
            break;
        }
        let mut victim = victims.next();
        assert_eq!(victim.answer(), "sends");
        let (start, life) = (Instant::now(), random.below(1_000_000));
        while start.elapsed() < Duration::from_nanos(life) {
            // By turns so that the sender waits for room, and that this one waits for a message.
            if kill % 3 > 0
                && receiver
                    .recv_into(&mut into, Duration::from_millis(1))
                    .unwrap()
            {
                check(&into);
            }
        }
        victim.kill();
        inside += usize::from(log.is_inside());
        log.set_inside(false);
        let mut last = (0, 0);
        loop {
            match receiver.recv_into(&mut into, PATIENCE) {
                Ok(true) => last = check(&into),
                Ok(false) => panic!("a dead sender is not noticed"),
                Err(error) if error.is_disconnected() => break,
                Err(error) => panic!("{error}"),
            }
        }
        let (sender, sent) = (log.done() >> 32, log.done() & 0xffff_ffff);
        // One more than it lived to say, at most.
        let got = if last.0 == sender { last.1 } else { sent };
        assert!(got == sent || got == sent + 1, "{got} of {sent}");
    }
    println!(
        "{} killed, {inside} while sending; {received} received",
        victims.killed
    );
    assert!(10 * inside >= kills, "{inside} of {kills}");
}

pub(super) fn receive_for_ever(parent: &Parent, log: &Log, takes: bool) {
    let name = parent.argument(0);
    let mut receiver = Receiver::<[u64]>::register_with(name, &options()).unwrap();
    parent.tell("receives");
    let mut is_first = true;
    loop {
        let last = log.done();
        log.set_inside(true);
        let number = if takes {
            id(&receiver.recv().unwrap()).1
        } else {
            let message = receiver.peek(PATIENCE).unwrap().unwrap();
            let number = id(&message.read().unwrap()).1;
            log.set_done(number);
            message.done();
            number
        };
        log.set_inside(false);
        log.set_done(number);
        let expected = match (is_first, takes) {
            (false, _) => last + 1..=last + 1,
            // The one that the last receiver had taken and not lived to say so.
            (true, true) => last + 1..=last + 2,
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
}

fn kill_receivers(work: &str) {
    let kills = kills(2);
    let name = fresh_name();
    let (mut random, log) = (Random::unpredictable(), Log::of(&name));
    let mut sender = Sender::<[u64]>::register_with(&name, &options()).unwrap();
    let mut victims = Victims::new([&name, work]);
    let (mut inside, mut number) = (0, 1);
    for kill in 0.. {
        if !goes_on(kills, kill, inside) {
            break;
        }
        let mut victim = victims.next();
        assert_eq!(victim.answer(), "receives");
        let (start, life) = (Instant::now(), random.below(1_000_000));
        while start.elapsed() < Duration::from_nanos(life) {
            match sender.send_timeout(&message(0, number), Duration::from_millis(1)) {
                Ok(sent) => number += u64::from(sent),
                Err(error) => panic!("{error}"),
            }
        }
        victim.kill();
        inside += usize::from(log.is_inside());
        log.set_inside(false);
        assert!(!log.is_over(), "a message was lost or received twice");
        assert!(log.done() < number);
    }
    println!(
        "{} killed, {inside} while receiving; {number} sent",
        victims.killed
    );
    assert!(10 * inside >= kills, "{inside} of {kills}");
    assert!(log.done() > 0, "they did work");
}

#[test]
fn a_receiver_that_is_killed_loses_one_message_at_most() {
    kill_receivers("receive");
}

#[test]
fn a_receiver_that_is_killed_before_it_is_done_gives_the_message_to_the_next() {
    kill_receivers("peek");
}
