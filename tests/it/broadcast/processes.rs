//! Senders and receivers in processes of their own, which are killed, suspended and replaced.

use std::process;
use std::thread;
use std::time::Instant;

use win_shared_memory::broadcast::{News, Receiver, Sender};
use win_shared_memory::sync::wait_any;
use win_shared_memory::{Liveness, SecurityDescriptor, SharedMemoryError};

use super::{HOUR, Trade, keeping, receive_all, recv_from_any, send, sender_keeping, trade};
use crate::support::{Child, PATIENCE, Parent, fresh_name, told_in_time, watchdog};

/// Sends as many messages as it is told to, each with its own number, and says the last one. Ends after "close".
#[test]
#[ignore = "a child process of other tests"]
fn child_that_sends() {
    let Some(parent) = Parent::find() else { return };
    let mut options = keeping(parent.argument(1).parse().unwrap());
    let sddl = parent.argument(2);
    if !sddl.is_empty() {
        options.security(SecurityDescriptor::from_sddl(sddl).unwrap());
    }
    let mut sender = Sender::register_with(parent.argument(0), &options).unwrap();
    parent.tell(&process::id().to_string());
    loop {
        let order = parent.hear();
        if order == "close" {
            return;
        }
        for _ in 0..order.parse().unwrap() {
            let next = sender.number() + 1;
            send(&mut sender, [next]);
        }
        parent.tell(&sender.number().to_string());
    }
}

/// Receives until it has the message of this number, and says how many it got and how many it missed.
#[test]
#[ignore = "a child process of other tests"]
fn child_that_receives() {
    let Some(parent) = Parent::find() else { return };
    let mut receiver = Receiver::<Trade>::open(parent.argument(0)).unwrap();
    let (mut received, mut missed) = (0, 0);
    parent.tell("opened");
    loop {
        let last: u64 = parent.hear().parse().unwrap();
        while receiver.number() < last {
            match receiver.recv_timeout(HOUR).unwrap().unwrap() {
                News::Message(message) => {
                    assert_eq!(message, trade(receiver.number()));
                    received += 1;
                }
                News::Lagged(lagged) => missed += lagged,
            }
        }
        parent.tell(&format!("{received} {missed}"));
    }
}

fn sending_child(name: &str, history: usize) -> (Child, u32) {
    sending_child_for(name, history, "")
}

/// With this security, if it is not empty.
pub(super) fn sending_child_for(name: &str, history: usize, sddl: &str) -> (Child, u32) {
    let test = child_that_sends;
    let mut child = Child::start(test, &[name, &history.to_string(), sddl]);
    let id = child.answer().parse().unwrap();
    (child, id)
}

/// Has the child send so many messages; the number of the last one.
pub(super) fn send_by(child: &mut Child, messages: u64) -> u64 {
    child.tell(&messages.to_string());
    child.answer().parse().unwrap()
}

fn receiving_child(name: &str) -> Child {
    let mut child = Child::start(child_that_receives, &[name]);
    assert_eq!(child.answer(), "opened");
    child
}

/// How many messages the child has received and missed when it has got to this one.
fn received_by(child: &mut Child, last: u64) -> (u64, u64) {
    child.tell(&last.to_string());
    let answer = child.answer();
    let (received, missed) = answer.split_once(' ').unwrap();
    (received.parse().unwrap(), missed.parse().unwrap())
}

#[test]
fn a_sender_that_was_killed_is_replaced_and_nothing_it_sent_is_lost() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut receiver = None;
    let mut last = 0;
    for turn in 0..3 {
        let (mut sender, id) = sending_child(&name, 31);
        let receiver = receiver.get_or_insert_with(|| Receiver::<Trade>::open(&name).unwrap());
        assert_eq!(receiver.sender().unwrap().id, id);
        assert_eq!(receiver.sender_liveness(), Liveness::Alive);
        last = send_by(&mut sender, 10);
        assert_eq!(last, 10 * (turn + 1));
        sender.kill();
        assert_eq!(receiver.sender_liveness(), Liveness::Gone);
        if turn < 2 {
            let expected: Vec<u64> = (last - 9..=last).collect();
            assert_eq!(receive_all(receiver), (expected, 0));
        }
    }
    // The last ten were left by a process that is no more.
    let mut receiver = receiver.unwrap();
    let received: Vec<u64> = receiver
        .iter()
        .map(|news| news.unwrap().message().unwrap().number)
        .collect();
    assert_eq!(received, (last - 9..=last).collect::<Vec<u64>>());
}

/// Each way to find out that the sender has gone.
const WAYS: [fn(&mut Receiver<Trade>); 5] = [
    |receiver| assert!(receiver.recv().unwrap_err().is_disconnected()),
    |receiver| assert!(receiver.recv_timeout(HOUR).unwrap_err().is_disconnected()),
    |receiver| assert!(receiver.wait(HOUR).unwrap_err().is_disconnected()),
    |receiver| {
        loop {
            match receiver.try_recv() {
                Ok(news) => assert_eq!(news, None),
                Err(error) => break assert!(error.is_disconnected(), "{error}"),
            }
            thread::yield_now();
        }
    },
    |receiver| {
        while let Some(armed) = receiver.arm().unwrap() {
            wait_any(&[&armed], armed.look_after()).unwrap();
        }
        assert!(receiver.try_recv().unwrap_err().is_disconnected());
    },
];

#[test]
fn whoever_receives_is_told_in_time_that_the_sender_was_killed() {
    let _watchdog = watchdog();
    for way in WAYS {
        told_in_time(|| {
            let name = fresh_name();
            let (mut sender, _) = sending_child(&name, 7);
            let mut receiver = Receiver::<Trade>::open(&name).unwrap();
            send_by(&mut sender, 1);
            assert_eq!(receiver.recv().unwrap(), News::Message(trade(1)));
            let waiting = thread::spawn(move || {
                way(&mut receiver);
                Instant::now()
            });
            sender.kill();
            (Instant::now(), waiting)
        });
    }
}

#[test]
fn a_sender_that_ends_by_itself_wakes_whoever_waits_for_it() {
    let _watchdog = watchdog();
    for way in WAYS {
        let name = fresh_name();
        let (mut sender, _) = sending_child(&name, 7);
        let mut receiver = Receiver::<Trade>::open(&name).unwrap();
        let mut armed_one = Receiver::<Trade>::open(&name).unwrap();
        let armed = armed_one.arm().unwrap().unwrap();
        let waiting = thread::spawn(move || way(&mut receiver));
        sender.tell("close");
        // Nobody looks: it is set by the sender.
        assert_eq!(wait_any(&[&armed], HOUR).unwrap(), Some(0));
        drop(armed);
        assert!(armed_one.arm().unwrap().is_none());
        assert!(armed_one.try_recv().unwrap_err().is_disconnected());
        waiting.join().unwrap();
        assert!(sender.wait().success());
    }
}

#[test]
fn a_receiver_goes_on_with_the_next_process_that_sends() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let (mut sender, _) = sending_child(&name, 7);
    let mut receiver = Receiver::<Trade>::open(&name).unwrap();
    let receiving = thread::spawn(move || {
        let news = [(); 4].map(|()| recv_from_any(&mut receiver));
        news.map(|it| it.message().unwrap().number)
    });
    for turn in 0..4 {
        assert_eq!(send_by(&mut sender, 1), turn + 1);
        if turn % 2 == 0 {
            sender.kill();
        } else {
            sender.tell("close");
            sender.wait();
        }
        sender = sending_child(&name, 7).0;
    }
    assert_eq!(receiving.join().unwrap(), [1, 2, 3, 4]);
}

#[test]
fn receivers_that_are_killed_or_suspended_do_not_delay_the_sender() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut sender = sender_keeping(&name, 31);
    let mut receivers = [(); 3].map(|()| receiving_child(&name));
    send(&mut sender, 1..=20);
    for child in &mut receivers {
        assert_eq!(received_by(child, 20), (20, 0));
    }
    let [killed, suspended, good] = &mut receivers;
    // Both wait for the next message.
    killed.tell("21");
    suspended.tell("21");
    suspended.suspend();
    killed.kill();
    let start = Instant::now();
    for number in 21..=10_020 {
        send(&mut sender, [number]);
        if number % 20 == 0 {
            assert_eq!(received_by(good, number), (number, 0));
        }
    }
    assert!(start.elapsed() < PATIENCE);
}

#[test]
fn a_receiver_that_does_not_keep_up_is_told_exactly_how_many_it_missed() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let (mut sender, _) = sending_child(&name, 15);
    let mut child = receiving_child(&name);
    let mut receiver = Receiver::<Trade>::open(&name).unwrap();
    let (mut received, mut missed) = (0, 0);
    let mut last = 0;
    for messages in [10, 1000, 16, 5, 100_000] {
        last = send_by(&mut sender, messages);
        let (more, lagged) = receive_all(&mut receiver);
        received += more.len() as u64;
        missed += lagged;
        assert_eq!(received + missed, last);
        let (received, missed) = received_by(&mut child, last);
        assert_eq!(received + missed, last);
        if messages <= 15 {
            assert_eq!((more.len() as u64, lagged), (messages, 0));
        } else {
            assert!(lagged > 0 || messages == 16);
        }
    }
    assert_eq!(receiver.number(), last);
}

#[test]
fn receivers_in_other_processes_get_all_from_a_sender_that_they_keep_up_with() {
    const MESSAGES: u64 = 2000;
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut sender = Sender::register_with(&name, &keeping(4095)).unwrap();
    let mut receivers = [(); 2].map(|()| receiving_child(&name));
    for child in &mut receivers {
        child.tell(&MESSAGES.to_string());
    }
    // As fast as it can, while they receive.
    send(&mut sender, 1..=MESSAGES);
    for child in &mut receivers {
        assert_eq!(child.answer(), format!("{MESSAGES} 0"));
    }
}

#[test]
fn a_late_receiver_in_another_process_finds_what_is_kept_of_a_dead_sender() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let (mut child, _) = sending_child(&name, 7);
    // Keeps the region.
    let keeper = Receiver::<Trade>::open(&name).unwrap();
    assert_eq!(send_by(&mut child, 100), 100);
    child.kill();
    let mut late = Receiver::<Trade>::open(&name).unwrap();
    late.rewind().unwrap();
    assert_eq!(receive_all(&mut late), ((94..=100).collect(), 0));
    assert!(late.recv().unwrap_err().is_disconnected());
    // Without anybody it would be gone.
    drop((keeper, late));
    let gone = Receiver::<Trade>::open(&name).unwrap_err();
    assert!(
        matches!(gone, SharedMemoryError::OpenMapping(_)),
        "{gone:?}"
    );
    assert!(gone.is_not_found());
}
