//! `channel`: messages in order, in one program.

#[cfg(target_arch = "x86_64")]
mod calls;
mod ends;
mod hostile;
mod lanes;
mod noticing;

use std::thread;
use std::time::Duration;

use win_shared_memory::channel::{Message, Receiver, Sender};
use win_shared_memory::snapshot::Writer;
use win_shared_memory::sync::{Armed, Event, Reset, Waitable, wait_any};
use win_shared_memory::{SharedData, SharedMemoryError, SharedMemoryOptions, SharedMutex, field};

use crate::support::{PATIENCE, Random, fresh_name, watchdog};

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Lap {
    number: u64,
    seconds: f32,
    is_best: bool,
}

fn lap(number: u64) -> Lap {
    Lap {
        number,
        seconds: number as f32 / 8.0,
        is_best: number % 3 == 0,
    }
}

/// Both ends of a channel that has room for so much.
fn both<M: Message + ?Sized>(capacity: usize) -> (Sender<M>, Receiver<M>) {
    let name = fresh_name();
    let mut options = SharedMemoryOptions::new();
    options.capacity(capacity);
    let sender = Sender::register_with(&name, &options).unwrap();
    (sender, Receiver::open(&name).unwrap())
}

#[test]
fn messages_are_received_once_and_in_order_around_the_end_of_the_ring() {
    let _watchdog = watchdog();
    let (mut sender, mut receiver) = both::<Lap>(5);
    assert_eq!(receiver.try_recv().unwrap(), None);
    let (mut random, mut sent, mut received) = (Random::of(1), 0, 0);
    while received < 5000 {
        for _ in 0..random.below(9) {
            if sender.try_send(&lap(sent)).unwrap() {
                sent += 1;
            }
        }
        for _ in 0..random.below(9) {
            match receiver.try_recv().unwrap() {
                Some(message) => {
                    assert_eq!(message, lap(received));
                    received += 1;
                }
                None => assert_eq!(received, sent),
            }
        }
    }
}

#[test]
fn there_is_room_for_as_many_messages_as_were_asked_for() {
    for capacity in [1, 2, 5, 64] {
        let (mut sender, mut receiver) = both::<Lap>(capacity);
        // Wherever the ring begins.
        for begin in 0..40 {
            let mut sent = 0;
            while sender.try_send(&lap(sent)).unwrap() {
                sent += 1;
            }
            assert!(sent >= capacity as u64, "{sent} of {capacity}");
            let received: Result<Vec<_>, _> = receiver.try_iter().collect();
            assert_eq!(received.unwrap(), (0..sent).map(lap).collect::<Vec<_>>());
            assert!(sender.try_send(&lap(begin)).unwrap());
            assert_eq!(receiver.recv().unwrap(), lap(begin));
        }
    }
}

#[test]
fn half_of_256_kib_can_be_sent_at_any_time_unless_something_else_is_asked_for() {
    let name = fresh_name();
    let mut sender = Sender::<[u64; 8]>::register(&name).unwrap();
    let mut receiver = Receiver::<[u64; 8]>::open(&name).unwrap();
    // First some messages that are received at once, to begin anywhere in the ring.
    for before in 0..70 {
        for number in 0..before {
            sender.send(&[number; 8]).unwrap();
            assert_eq!(receiver.recv().unwrap(), [number; 8]);
        }
        let mut sent = 0;
        while sender.try_send(&[sent; 8]).unwrap() {
            sent += 1;
        }
        assert!(sent * 64 + 64 >= 128 << 10, "{sent}");
        assert_eq!(receiver.try_iter().count() as u64, sent);
    }
}

#[test]
fn slices_of_any_length_are_received_as_they_were_sent() {
    let _watchdog = watchdog();
    let (mut sender, mut receiver) = both::<[u16]>(100);
    assert!(sender.longest() >= 100);
    let message = |number: u64| -> Vec<u16> {
        let len = number * 31 % 101;
        (0..len).map(|at| (number + at) as u16).collect()
    };
    let mut into = Vec::new();
    for number in 0..3000 {
        sender.send(&message(number)).unwrap();
        if number % 2 == 0 {
            assert_eq!(receiver.recv().unwrap(), message(number));
        } else {
            assert!(receiver.recv_into(&mut into, PATIENCE).unwrap());
            assert_eq!(into, message(number));
        }
    }
    let limit = sender.longest();
    let error = sender.try_send(&vec![0; limit + 1]).unwrap_err();
    match &error {
        SharedMemoryError::TooLong { len, limit: it, .. } => {
            assert_eq!((*len, *it), (limit + 1, limit));
        }
        other => panic!("{other:?}"),
    }
    assert!(error.to_string().contains("larger capacity"), "{error}");
    // Nothing of it was sent, and one that is as long as it may be is.
    sender.send(&vec![7; limit]).unwrap();
    assert_eq!(receiver.recv().unwrap(), vec![7; limit]);
}

#[test]
fn a_full_channel_refuses_and_waits_until_there_is_room() {
    let _watchdog = watchdog();
    let (mut sender, mut receiver) = both::<u64>(4);
    let mut sent = 0;
    while sender.try_send(&sent).unwrap() {
        sent += 1;
    }
    assert!(
        !sender
            .send_timeout(&sent, Duration::from_millis(5))
            .unwrap()
    );
    assert!(sender.unread_bytes().unwrap() >= 8 * sent);
    let receiving = thread::spawn(move || {
        let received: Vec<_> = (0..=sent).map(|_| receiver.recv().unwrap()).collect();
        (received, receiver)
    });
    sender.send(&sent).unwrap();
    assert!(sender.drain(PATIENCE).unwrap());
    let (received, _receiver) = receiving.join().unwrap();
    assert_eq!(received, (0..=sent).collect::<Vec<_>>());
    assert_eq!(sender.unread_bytes().unwrap(), 0);
}

#[test]
fn both_ends_sleep_and_wake_each_other() {
    let _watchdog = watchdog();
    let (mut sender, mut receiver) = both::<u64>(1);
    let count = 20_000;
    let receiving = thread::spawn(move || {
        for expected in 0..count {
            assert_eq!(receiver.recv().unwrap(), expected);
        }
        receiver.recv().unwrap_err()
    });
    for number in 0..count {
        sender.send(&number).unwrap();
    }
    drop(sender);
    assert!(receiving.join().unwrap().is_disconnected());
}

#[test]
fn a_draft_is_built_in_place_and_received_when_it_is_sent() {
    let (mut sender, mut receiver) = both::<Lap>(4);
    let draft = sender.draft(Duration::ZERO).unwrap().unwrap();
    draft.place().write(&lap(9));
    drop(draft);
    assert_eq!(receiver.try_recv().unwrap(), None);
    let draft = sender.draft(Duration::ZERO).unwrap().unwrap();
    draft.place().write(&lap(1));
    field!(draft.seconds).write(&2.5);
    draft.send();
    let expected = Lap {
        seconds: 2.5,
        ..lap(1)
    };
    assert_eq!(receiver.recv().unwrap(), expected);

    let (mut sender, mut receiver) = both::<[u32]>(10);
    let draft = sender.draft(3, Duration::ZERO).unwrap().unwrap();
    draft.places().write_from(&[1, 2, 3]);
    draft.send();
    assert_eq!(receiver.recv().unwrap(), [1, 2, 3]);
}

#[test]
fn a_batch_is_received_whole_or_not_at_all() {
    let (mut sender, mut receiver) = both::<u64>(8);
    let mut batch = sender.batch();
    for number in 0..5 {
        assert!(batch.push(&number).unwrap());
    }
    assert_eq!(receiver.try_recv().unwrap(), None);
    assert_eq!(batch.send(), 5);
    let received: Result<Vec<_>, _> = receiver.try_iter().collect();
    assert_eq!(received.unwrap(), [0, 1, 2, 3, 4]);

    let mut given_up = sender.batch();
    assert!(given_up.push(&77).unwrap());
    drop(given_up);
    // Also one whose destructor never runs.
    let mut leaked = sender.batch();
    assert!(leaked.push(&78).unwrap());
    std::mem::forget(leaked);
    sender.send(&5).unwrap();
    assert_eq!(receiver.recv().unwrap(), 5);
    assert_eq!(receiver.try_recv().unwrap(), None);

    let mut batch = sender.batch();
    let mut pushed = 0;
    while batch.push(&pushed).unwrap() {
        pushed += 1;
    }
    assert_eq!(batch.send(), pushed as usize);
    let received: Result<Vec<_>, _> = receiver.try_iter().collect();
    assert_eq!(received.unwrap(), (0..pushed).collect::<Vec<_>>());
}

#[test]
fn a_message_that_is_peeked_at_stays_until_it_is_done() {
    let (mut sender, mut receiver) = both::<Lap>(4);
    sender.send(&lap(1)).unwrap();
    sender.send(&lap(2)).unwrap();
    for _ in 0..2 {
        let message = receiver.peek(Duration::ZERO).unwrap().unwrap();
        assert_eq!(message.read().unwrap(), lap(1));
        assert_eq!(field!(message.number).read(), 1);
        assert_eq!(message.lane(), 0);
    }
    receiver.peek(Duration::ZERO).unwrap().unwrap().done();
    assert_eq!(receiver.recv().unwrap(), lap(2));
    assert!(receiver.peek(Duration::ZERO).unwrap().is_none());
}

#[test]
fn each_sender_gets_its_turn_and_keeps_its_order() {
    let name = fresh_name();
    let mut options = SharedMemoryOptions::new();
    options.capacity(8).senders(3);
    let mut receiver = Receiver::<[u64; 2]>::register_with(&name, &options).unwrap();
    let mut senders: Vec<_> = (0..3)
        .map(|_| Sender::<[u64; 2]>::open(&name).unwrap())
        .collect();
    for number in 0..5 {
        for (lane, sender) in senders.iter_mut().enumerate() {
            sender.send(&[lane as u64, number]).unwrap();
        }
    }
    for number in 0..5 {
        let mut turn: Vec<_> = (0..3).map(|_| receiver.recv().unwrap()).collect();
        turn.sort_unstable();
        assert_eq!(turn, [[0, number], [1, number], [2, number]]);
    }
    match Sender::<[u64; 2]>::open(&name) {
        Err(SharedMemoryError::EndTaken { holder, .. }) => {
            assert_eq!(holder.id, std::process::id());
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(receiver.senders(), 3);
}

#[test]
fn several_receivers_are_waited_for_at_once_until_they_shall_stop() {
    const MESSAGES: u64 = 300;
    let _watchdog = watchdog();
    let ends = [(); 3].map(|()| both::<u64>(1));
    let (mut senders, mut receivers): (Vec<_>, Vec<_>) = ends.into_iter().unzip();
    let stop = Event::create_unnamed(Reset::Manual).unwrap();
    let mut received = [const { Vec::new() }; 3];
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..MESSAGES {
                for sender in &mut senders {
                    sender.send(&number).unwrap();
                }
            }
            for sender in &mut senders {
                assert!(sender.drain(PATIENCE).unwrap());
            }
            stop.set().unwrap();
        });
        loop {
            let mut waiting: Vec<&dyn Waitable> = vec![&stop];
            let mut armed = Vec::new();
            for (receiver, received) in receivers.iter_mut().zip(&mut received) {
                received.extend(receiver.try_iter().map(Result::unwrap));
                armed.push(receiver.arm().unwrap());
            }
            waiting.extend(armed.iter().flatten().map(|it| it as &dyn Waitable));
            // Where one is not armed, it has a message.
            let timeouts = armed
                .iter()
                .map(|it| it.as_ref().map_or(Duration::ZERO, Armed::look_after));
            if wait_any(&waiting, timeouts.min().unwrap()).unwrap() == Some(0) {
                break;
            }
        }
    });
    for received in received {
        assert_eq!(received, (0..MESSAGES).collect::<Vec<_>>());
    }
}

#[test]
fn an_armed_end_is_waited_for_beside_other_things() {
    let _watchdog = watchdog();
    let (mut sender, mut receiver) = both::<u64>(1);
    let stop = Event::create_unnamed(Reset::Manual).unwrap();
    let receiving = thread::spawn(move || {
        let mut received = Vec::new();
        loop {
            let Some(armed) = receiver.arm().unwrap() else {
                match receiver.try_recv() {
                    Ok(message) => received.extend(message),
                    Err(error) if error.is_disconnected() => return received,
                    Err(error) => panic!("{error}"),
                }
                continue;
            };
            wait_any(&[&stop, &armed], armed.look_after()).unwrap();
        }
    });
    for number in 0..1000 {
        while !sender.try_send(&number).unwrap() {
            if let Some(armed) = sender.arm().unwrap() {
                wait_any(&[&armed], armed.look_after()).unwrap();
            }
        }
    }
    drop(sender);
    assert_eq!(receiving.join().unwrap(), (0..1000).collect::<Vec<_>>());
}

/// Longer than the 50 ms after which one looks by oneself: only whoever is woken gets through.
#[test]
fn an_armed_end_is_woken_by_a_message_by_room_and_by_an_end_that_closes() {
    let _watchdog = watchdog();
    let woken = |armed: &Armed<'_>| wait_any(&[armed], PATIENCE).unwrap() == Some(0);

    let (mut sender, mut receiver) = both::<u64>(1);
    let armed = receiver.arm().unwrap().unwrap();
    sender.send(&1).unwrap();
    assert!(woken(&armed), "by a message");
    drop(armed);
    assert_eq!(receiver.recv().unwrap(), 1);
    let armed = receiver.arm().unwrap().unwrap();
    drop(sender);
    assert!(woken(&armed), "by a sender that closes");

    let (mut sender, mut receiver) = both::<u64>(1);
    while sender.try_send(&2).unwrap() {}
    let armed = sender.arm().unwrap().unwrap();
    while receiver.try_recv().unwrap().is_some() {}
    assert!(woken(&armed), "by room");
    drop(armed);
    while sender.try_send(&3).unwrap() {}
    let armed = sender.arm().unwrap().unwrap();
    drop(receiver);
    assert!(woken(&armed), "by a receiver that closes");
}

#[test]
fn a_region_of_another_kind_or_type_is_refused() {
    let name = fresh_name();
    let _snapshot = Writer::<u64>::register(&name).unwrap();
    for error in [
        Sender::<u64>::register(&name).unwrap_err(),
        Receiver::<u64>::open(&name).unwrap_err(),
    ] {
        assert!(
            matches!(error, SharedMemoryError::UnknownFormat { .. }),
            "{error:?}"
        );
    }
    let name = fresh_name();
    let _sender = Sender::<u64>::register(&name).unwrap();
    assert!(SharedMutex::get_or_create(&name, &0_u64).is_err());
    for error in [
        Receiver::<i64>::register(&name).unwrap_err(),
        Receiver::<[u64]>::register(&name).unwrap_err(),
    ] {
        assert!(
            matches!(error, SharedMemoryError::LayoutMismatch(_)),
            "{error:?}"
        );
    }
}

#[test]
fn a_channel_of_overaligned_messages_keeps_them_aligned() {
    #[derive(Clone, Copy, Debug, PartialEq, SharedData)]
    #[repr(C, align(256))]
    struct Wide([u64; 32]);

    let (mut sender, mut receiver) = both::<Wide>(3);
    for number in 0..100 {
        let draft = sender.draft(Duration::ZERO).unwrap().unwrap();
        assert_eq!(draft.place().as_ptr().addr() % 256, 0);
        draft.place().write(&Wide([number; 32]));
        draft.send();
        assert_eq!(receiver.recv().unwrap(), Wide([number; 32]));
    }
}
