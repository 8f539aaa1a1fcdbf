//! Senders that come back with another type, or another history.

use std::thread;

use win_shared_memory::broadcast::{News, Receiver, Sender};
use win_shared_memory::{SharedData, SharedMemoryError};

use super::{Trade, keeping, receive_all, recv_from_any, send, sender_keeping, trade};
use crate::format::{ARMED, Words};
use crate::support::{fresh_name, watchdog};

const SECOND: u64 = 1 << 40;

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Other {
    number: u64,
    price: f64,
    venue: u32,
}

#[test]
fn receivers_move_to_a_longer_history_after_all_that_was_sent_before() {
    let name = fresh_name();
    let mut sender = sender_keeping(&name, 7);
    let mut receivers = [(); 2].map(|()| Receiver::<Trade>::open(&name).unwrap());
    send(&mut sender, 1..=2);
    assert_eq!(receive_all(&mut receivers[0]), (vec![1, 2], 0));
    send(&mut sender, 3..=5);
    drop(sender);

    let mut sender = sender_keeping(&name, 15);
    assert_eq!((sender.generation(), sender.number()), (2, SECOND));
    send(&mut sender, SECOND + 1..=SECOND + 2);
    for (receiver, first) in receivers.iter_mut().zip([3, 1]) {
        let expected: Vec<u64> = (first..=5).chain([SECOND + 1, SECOND + 2]).collect();
        assert_eq!(receive_all(receiver), (expected, 0));
        assert_eq!((receiver.generation(), receiver.history()), (2, 15));
    }
    drop(sender);

    // A shorter one is not taken from them.
    let mut sender = Sender::<Trade>::register_with(&name, &keeping(3)).unwrap();
    assert_eq!((sender.generation(), sender.history()), (2, 15));
    send(&mut sender, [SECOND + 3]);
    assert_eq!(receive_all(&mut receivers[0]), (vec![SECOND + 3], 0));
}

#[test]
fn a_receiver_is_told_exactly_what_it_missed_of_the_next_generation() {
    let name = fresh_name();
    let mut sender = sender_keeping(&name, 7);
    let mut receiver = Receiver::<Trade>::open(&name).unwrap();
    send(&mut sender, 1..=20);
    drop(sender);
    let mut sender = sender_keeping(&name, 15);
    send(&mut sender, SECOND + 1..=SECOND + 100);
    let expected: Vec<u64> = (15..=20).chain(SECOND + 89..=SECOND + 100).collect();
    assert_eq!(receive_all(&mut receiver), (expected, 14 + 88));
}

#[test]
fn another_type_is_told_of_after_all_that_was_sent_before_it() {
    let name = fresh_name();
    let mut sender = sender_keeping(&name, 7);
    let mut receiver = Receiver::<Trade>::open(&name).unwrap();
    send(&mut sender, 1..=2);
    drop(sender);
    let other = Sender::<Other>::register(&name).unwrap();
    for number in [1, 2] {
        assert_eq!(receiver.recv().unwrap(), News::Message(trade(number)));
    }
    for _ in 0..2 {
        match receiver.try_recv() {
            Err(SharedMemoryError::LayoutMismatch(mismatch)) => {
                assert_eq!(mismatch.field(), "volume");
            }
            other => panic!("{other:?}"),
        }
    }
    // What was received can be received again.
    receiver.rewind().unwrap();
    assert_eq!(receiver.try_recv().unwrap(), Some(News::Message(trade(1))));
    assert_eq!(receiver.try_recv().unwrap(), Some(News::Message(trade(2))));
    drop(other);
    let mut sender = sender_keeping(&name, 7);
    let first = sender.number() + 1;
    assert!(first > SECOND);
    send(&mut sender, [first]);
    assert_eq!(receive_all(&mut receiver), (vec![first], 0));
    assert_eq!(receiver.generation(), sender.generation());
}

#[test]
fn a_receiver_that_waits_moves_to_the_next_generation() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let sender = sender_keeping(&name, 7);
    let waiters = Words::open(&format!("{name}~wait"));
    let mut receiver = Receiver::<Trade>::open(&name).unwrap();
    let receiving = thread::spawn(move || recv_from_any(&mut receiver));
    while waiters.get(ARMED) == 0 {
        thread::yield_now();
    }
    drop(sender);
    let mut sender = sender_keeping(&name, 15);
    send(&mut sender, [SECOND + 1]);
    let received = receiving.join().unwrap();
    assert_eq!(received, News::Message(trade(SECOND + 1)));
}

#[test]
fn messages_that_have_grown_are_received_as_what_they_were() {
    #[derive(Clone, Copy, Debug, PartialEq, SharedData)]
    #[repr(C)]
    #[shared_data(may_grow)]
    struct Old {
        tick: u64,
    }
    #[derive(Clone, Copy, Debug, PartialEq, SharedData)]
    #[repr(C)]
    #[shared_data(may_grow)]
    struct New {
        tick: u64,
        fuel: u64,
    }
    let name = fresh_name();
    let mut sender = Sender::register(&name).unwrap();
    let mut receiver = Receiver::<Old>::open(&name).unwrap();
    sender.send(&Old { tick: 1 });
    drop(sender);
    let mut sender = Sender::register(&name).unwrap();
    sender.send(&New { tick: 2, fuel: 9 });
    for tick in [1, 2] {
        assert_eq!(receiver.recv().unwrap(), News::Message(Old { tick }));
    }
}
