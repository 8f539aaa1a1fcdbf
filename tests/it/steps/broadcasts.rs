//! Senders and receivers of a broadcast.

use std::thread;
use std::time::Duration;

use win_shared_memory::SharedMemoryOptions;
use win_shared_memory::broadcast::{News, Receiver, Sender};

use super::{Done, Value, done, for_each_step, number, value};
use crate::broadcast::{recv_from_any, try_recv};
use crate::format::{ARMED, Words};
use crate::support::Parent;

const HISTORY: usize = 7;

fn sender_keeping(name: &str, messages: usize) -> Sender<Value> {
    let mut options = SharedMemoryOptions::new();
    options.history(messages);
    Sender::register_with(name, &options).unwrap()
}

fn sender(name: &str) -> Sender<Value> {
    sender_keeping(name, HISTORY)
}

/// What a child does that dies at a step; `count` says from where on steps count.
pub(super) fn act(parent: &Parent, done: &Done, count: impl FnOnce()) {
    let name = parent.argument(0);
    let next = done.read() + 1;
    match parent.argument(1) {
        "send" => {
            let mut sender = sender(name);
            count();
            sender.send(&value(next));
            done.write(&next);
        }
        "send a draft" => {
            let mut sender = sender(name);
            count();
            let draft = sender.draft_from_zeros();
            draft.place().write(&value(next));
            draft.publish();
            done.write(&next);
        }
        "register a sender" => {
            count();
            drop(sender(name));
        }
        "register a sender that keeps more" => {
            count();
            drop(sender_keeping(name, done.read() as usize));
        }
        "receive and wait" => {
            count();
            let mut receiver = Receiver::<Value>::open(name).unwrap();
            receiver.rewind().unwrap();
            while receiver.recv().unwrap() != News::Message(value(next - 1)) {}
            assert!(!receiver.wait(Duration::from_millis(10)).unwrap());
        }
        other => panic!("{other}"),
    }
}

/// The numbers of all messages that there are; none was missed.
#[track_caller]
fn receive_all(receiver: &mut Receiver<Value>) -> Vec<u64> {
    let mut received = Vec::new();
    while let Some(news) = try_recv(receiver) {
        match news {
            News::Message(message) => received.push(number(&message)),
            News::Lagged(missed) => panic!("{missed} missed"),
        }
    }
    received
}

/// Senders that die at a message, and others that take over from them while receivers look on and wait. A message says
/// its own number.
fn take_over_from_those_who(act: &str) {
    let mut held: Option<(Receiver<Value>, Done)> = None;
    for_each_step(act, 6, |_, name, live_and_die| {
        let (receiver, done) = held.get_or_insert_with(|| {
            let sender = sender(name);
            assert_eq!(sender.number(), 0);
            (Receiver::open(name).unwrap(), done(name))
        });
        let before = receiver.number();
        let mut late = Receiver::<Value>::open(name).unwrap();
        let waiter = thread::spawn(move || {
            let mut received = Vec::new();
            while received.last() != Some(&u64::MAX) {
                let news = recv_from_any(&mut late);
                received.push(number(&news.message().unwrap()));
            }
            received
        });
        live_and_die();
        // It was sent, or has no number; and if `send` has returned it was sent.
        let mut all = receive_all(receiver);
        assert!(all.is_empty() || all == [before + 1], "{all:?}");
        assert_eq!(receiver.number(), before + all.len() as u64);
        assert!(receiver.number() >= done.read());

        let mut sender = sender(name);
        assert_eq!(sender.number(), receiver.number());
        assert_eq!(receive_all(receiver), []);
        let next = sender.number() + 1;
        assert_eq!(sender.send(&value(next)), next);
        assert_eq!(sender.send(&value(u64::MAX)), next + 1);
        all.extend([next, u64::MAX]);
        let sent_since = &all[all.len() - 2..];
        assert_eq!(receive_all(receiver), sent_since);
        assert_eq!(receiver.generation(), 1);
        assert_eq!(waiter.join().unwrap(), all);
        done.write(&receiver.number());
    });
}

#[test]
fn senders_that_die_at_each_step_of_sending() {
    take_over_from_those_who("send");
}

#[test]
fn senders_that_die_at_each_step_of_a_draft() {
    take_over_from_those_who("send a draft");
}

/// Many more than there are slots, and nobody sends anything in between.
#[test]
fn senders_that_die_in_turn_before_they_send_use_up_no_number() {
    let mut held: Option<(Receiver<Value>, Done)> = None;
    for_each_step("send", 6, |_, name, live_and_die| {
        let (receiver, done) = held.get_or_insert_with(|| {
            let mut sender = sender(name);
            let receiver = Receiver::open(name).unwrap();
            sender.send(&value(1));
            (receiver, done(name))
        });
        let mut last = receiver.number().max(1);
        for _ in 0..=HISTORY {
            done.write(&last);
            live_and_die();
            let mut late = Receiver::<Value>::open(name).unwrap();
            assert!((last..=last + 1).contains(&late.number()));
            last = late.number();
            late.rewind().unwrap();
            let first = last.saturating_sub(HISTORY as u64) + 1;
            // What was not sent has overwritten none of those that are kept.
            assert_eq!(try_recv(&mut late), Some(News::Message(value(first))));
        }
        receiver.rewind().unwrap();
        while try_recv(receiver).is_some() {}
        assert_eq!(receiver.number(), last);
    });
}

#[test]
fn senders_that_die_at_each_step_of_taking_over() {
    let mut held: Option<Receiver<Value>> = None;
    for_each_step("register a sender", 10, |_, name, live_and_die| {
        let receiver = held.get_or_insert_with(|| {
            let _sender = sender(name);
            Receiver::open(name).unwrap()
        });
        let mut last = sender(name);
        let next = last.send(&value(receiver.number() + 1));
        drop(last);
        live_and_die();
        assert_eq!(receive_all(receiver), [next]);
        let error = receiver.recv().unwrap_err();
        assert!(error.is_disconnected(), "{error}");
        let mut sender = sender(name);
        assert_eq!(sender.number(), next);
        sender.send(&value(next + 1));
        assert_eq!(receive_all(receiver), [next + 1]);
    });
}

#[test]
fn senders_that_die_at_each_step_of_registering_with_a_longer_history() {
    let mut held: Option<(Receiver<Value>, Done)> = None;
    for_each_step(
        "register a sender that keeps more",
        12,
        |_, name, live_and_die| {
            let (receiver, done) = held.get_or_insert_with(|| {
                let _sender = sender(name);
                (Receiver::open(name).unwrap(), done(name))
            });
            // Receivers have something left to receive when the payload is replaced.
            let mut last = sender(name);
            let next = last.send(&value(5));
            drop(last);
            done.write(&(receiver.history() as u64 + 1));
            live_and_die();
            let mut sender = sender(name);
            assert!(sender.number() >= next);
            sender.send(&value(6));
            assert_eq!(receive_all(receiver), [5, 6]);
            assert_eq!(receiver.generation(), sender.generation());
            assert_eq!(receiver.number(), sender.number());
        },
    );
}

#[test]
fn receivers_that_die_at_each_step_of_receiving_and_waiting() {
    let mut held: Option<(Sender<Value>, Done)> = None;
    for_each_step("receive and wait", 3, |round, name, live_and_die| {
        let (sender, done) = held.get_or_insert_with(|| (sender(name), done(name)));
        sender.send(&value(2 * round));
        done.write(&(2 * round));
        live_and_die();
        // Others are woken as ever.
        let mut receiver = Receiver::<Value>::open(name).unwrap();
        let waiters = Words::open(&format!("{name}~wait"));
        let waiter = thread::spawn(move || receiver.recv().unwrap());
        while waiters.get(ARMED) == 0 {
            thread::yield_now();
        }
        sender.send(&value(2 * round + 1));
        let received = waiter.join().unwrap();
        assert_eq!(received, News::Message(value(2 * round + 1)));
    });
}
