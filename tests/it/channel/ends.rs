//! Ends that come, close, die, hang and are replaced, in processes of their own.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::channel::{Receiver, Sender};
use win_shared_memory::sync::Event;
use win_shared_memory::{Liveness, SecurityDescriptor, SharedMemoryError, SharedMemoryOptions};

use crate::support::{Child, PATIENCE, Parent, fresh_name, watchdog};
use crate::tokens::{acting_as, without_administrators};

#[test]
#[ignore = "a child process of other tests"]
fn child_at_an_end() {
    let Some(parent) = Parent::find() else { return };
    let name = parent.argument(0);
    let mut options = SharedMemoryOptions::new();
    options.capacity(8).senders(2);
    match parent.argument(1) {
        "send" => {
            let mut sender = Sender::<u64>::register_with(name, &options).unwrap();
            loop {
                let number = match parent.hear() {
                    line if line == "close" => break,
                    line => line.parse().unwrap(),
                };
                sender.send(&number).unwrap();
                parent.tell("sent");
            }
            drop(sender);
            parent.tell("closed");
            parent.stay()
        }
        "receive" => {
            let mut receiver = Receiver::<u64>::register_with(name, &options).unwrap();
            parent.tell("receives");
            while parent.hear() != "close" {
                let message = receiver.recv().unwrap();
                parent.tell(&message.to_string());
            }
            drop(receiver);
            parent.tell("closed");
            parent.stay()
        }
        other => panic!("{other}"),
    }
}

pub(super) fn start(name: &str, end: &str) -> Child {
    Child::start(child_at_an_end, &[name, end])
}

pub(super) fn send(child: &mut Child, number: u64) {
    child.tell(&number.to_string());
    assert_eq!(child.answer(), "sent");
}

#[test]
fn a_sender_that_is_killed_is_noticed_and_replaced_and_loses_nothing() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut first = start(&name, "send");
    send(&mut first, 1);
    send(&mut first, 2);
    let mut receiver = Receiver::<u64>::open(&name).unwrap();
    first.kill();
    assert_eq!(receiver.recv().unwrap(), 1);
    assert_eq!(receiver.recv().unwrap(), 2);
    assert!(receiver.recv().unwrap_err().is_disconnected());
    // It stays so.
    assert!(receiver.try_recv().unwrap_err().is_disconnected());
    let waited = receiver.recv_timeout(Duration::ZERO);
    assert!(waited.unwrap_err().is_disconnected());
    assert_eq!(receiver.senders(), 0);
    assert!(!receiver.wait_for_sender(Duration::ZERO).unwrap());

    let mut second = start(&name, "send");
    assert!(receiver.wait_for_sender(PATIENCE).unwrap());
    send(&mut second, 3);
    assert_eq!(receiver.recv().unwrap(), 3);
}

#[test]
fn a_sender_that_closes_ends_the_wait_of_the_receiver() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut receiver = Receiver::<u64>::register(&name).unwrap();
    // A sender has yet to come.
    assert_eq!(
        receiver.recv_timeout(Duration::from_millis(60)).unwrap(),
        None
    );
    let mut sender = start(&name, "send");
    send(&mut sender, 1);
    let receiving = thread::spawn(move || {
        let received: Result<Vec<_>, _> = receiver.iter().collect();
        received.unwrap()
    });
    sender.tell("close");
    assert_eq!(sender.answer(), "closed");
    assert_eq!(receiving.join().unwrap(), [1]);
}

#[test]
fn a_receiver_that_is_killed_is_noticed_when_there_is_no_room_and_replaced() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut receiver = start(&name, "receive");
    assert_eq!(receiver.answer(), "receives");
    let mut sender = Sender::<u64>::open(&name).unwrap();
    assert_eq!(sender.receiver().map(|it| it.id), Some(receiver.id()));
    sender.send(&0).unwrap();
    receiver.tell("one");
    assert_eq!(receiver.answer(), "0");
    receiver.kill();
    // What there is room for waits for the next.
    let mut sent = 1;
    let error = loop {
        match sender.send(&sent) {
            Ok(()) => sent += 1,
            Err(error) => break error,
        }
    };
    assert!(error.is_disconnected() && sent > 8, "{error} after {sent}");
    // It stays so.
    let waited = sender.send_timeout(&sent, Duration::ZERO);
    assert!(waited.unwrap_err().is_disconnected());
    assert_eq!(sender.receiver_liveness(), Liveness::Gone);
    assert!(!sender.wait_for_receiver(Duration::ZERO).unwrap());

    let mut receiver = Receiver::<u64>::open(&name).unwrap();
    assert!(sender.wait_for_receiver(PATIENCE).unwrap());
    sender.send_timeout(&sent, Duration::ZERO).unwrap();
    for expected in 1..sent {
        assert_eq!(receiver.recv().unwrap(), expected);
    }
}

#[test]
fn a_receiver_that_closes_is_noticed_at_once() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut receiver = start(&name, "receive");
    assert_eq!(receiver.answer(), "receives");
    let mut sender = Sender::<u64>::open(&name).unwrap();
    sender.send(&1).unwrap();
    receiver.tell("close");
    assert_eq!(receiver.answer(), "closed");
    assert!(sender.send(&2).unwrap_err().is_disconnected());
    assert!(sender.drain(PATIENCE).unwrap_err().is_disconnected());
    let mut next = Receiver::<u64>::open(&name).unwrap();
    sender.send(&2).unwrap();
    assert_eq!([next.recv().unwrap(), next.recv().unwrap()], [1, 2]);
}

#[test]
fn an_end_is_taken_while_its_process_lives() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut receiver = start(&name, "receive");
    assert_eq!(receiver.answer(), "receives");
    match Receiver::<u64>::open(&name) {
        Err(SharedMemoryError::EndTaken { holder, .. }) => assert_eq!(holder.id, receiver.id()),
        other => panic!("{other:?}"),
    }
    receiver.kill();
    Receiver::<u64>::register(&name).unwrap();
}

#[test]
fn a_suspended_sender_stops_nobody_else() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut suspended = start(&name, "send");
    send(&mut suspended, 1);
    let mut other = Sender::<u64>::open(&name).unwrap();
    let mut receiver = Receiver::<u64>::open(&name).unwrap();
    suspended.suspend();
    for number in 10..1000 {
        other.send(&number).unwrap();
        let received = receiver.recv().unwrap();
        assert!(received == number || received == 1 || received == number - 1);
    }
    while receiver.try_recv().unwrap().is_some() {}
    let begun = Instant::now();
    assert_eq!(
        receiver.recv_timeout(Duration::from_millis(20)).unwrap(),
        None
    );
    assert!(begun.elapsed() >= Duration::from_millis(20));
    // It lives: its lane is its own.
    drop(other);
    assert_eq!(receiver.try_recv().unwrap(), None);
    assert_eq!(receiver.senders(), 1);
}

#[test]
fn a_suspended_receiver_keeps_its_end_and_the_sender_its_timeout() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut receiver = start(&name, "receive");
    assert_eq!(receiver.answer(), "receives");
    let mut sender = Sender::<u64>::open(&name).unwrap();
    receiver.suspend();
    let timeout = Duration::from_millis(120);
    let begun = Instant::now();
    while sender.send_timeout(&0, timeout).unwrap() {}
    assert!(begun.elapsed() >= timeout);
    assert!(matches!(
        Receiver::<u64>::open(&name),
        Err(SharedMemoryError::EndTaken { .. })
    ));
}

/// Administrators, of whom we are, may do everything; others may map for writing, lock and set.
const OTHERS_SEND: &str = "D:(A;;GA;;;BA)(A;;0x00100007;;;BU)";

#[test]
fn a_receiver_of_another_user_that_nobody_may_wake_and_that_may_wake_nobody_gets_each_message() {
    const MESSAGES: u64 = 60;
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut options = SharedMemoryOptions::new();
    options
        .capacity(8)
        .security(SecurityDescriptor::from_sddl(OTHERS_SEND).unwrap())
        .waiting_security(SecurityDescriptor::from_sddl("D:").unwrap());
    let mut sender = Sender::<u64>::register_with(&name, &options).unwrap();
    let (keep, kept) = mpsc::channel::<()>();
    let receiving = thread::spawn({
        let name = name.clone();
        move || {
            acting_as(&without_administrators(), || {
                let mut receiver = Receiver::<u64>::open_with(&name, &options).unwrap();
                for event in ["ready", "room0"] {
                    let denied = Event::open(&format!("{name}~{event}"));
                    assert!(denied.unwrap_err().is_access_denied());
                }
                for number in 0..MESSAGES {
                    assert_eq!(receiver.recv().unwrap(), number);
                }
                // Then nobody receives any more.
                let _ = kept.recv();
            });
        }
    });
    for number in 0..MESSAGES {
        sender.send(&number).unwrap();
    }
    assert!(sender.drain(PATIENCE).unwrap());
    let timeout = Duration::from_millis(20);
    let begun = Instant::now();
    while sender.send_timeout(&MESSAGES, timeout).unwrap() {}
    assert!(begun.elapsed() >= timeout);
    drop(keep);
    receiving.join().unwrap();
}

#[test]
fn an_opener_waits_for_a_channel_that_is_not_there_yet() {
    let _watchdog = watchdog();
    let name = fresh_name();
    assert!(Receiver::<u64>::open(&name).unwrap_err().is_not_found());
    let mut options = SharedMemoryOptions::new();
    options.wait(PATIENCE);
    let receiving = thread::spawn({
        let name = name.clone();
        move || {
            let mut receiver = Receiver::<u64>::open_with(&name, &options).unwrap();
            receiver.recv().unwrap()
        }
    });
    let mut sender = Sender::<u64>::register(&name).unwrap();
    sender.send(&7).unwrap();
    assert_eq!(receiving.join().unwrap(), 7);
    assert!(sender.was_created());
}
