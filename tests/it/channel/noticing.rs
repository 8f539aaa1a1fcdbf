//! How soon an end is told that the process at the other one was killed.

use std::thread;
use std::time::Instant;

use win_shared_memory::channel::{Receiver, Sender};
use win_shared_memory::sync::wait_any;

use super::ends::{send, start};
use crate::support::{HOUR, fresh_name, told_in_time, watchdog};

/// Each way to find out that the sender has gone.
const AS_RECEIVER: [fn(&mut Receiver<u64>); 6] = [
    |receiver| assert!(receiver.recv().unwrap_err().is_disconnected()),
    |receiver| assert!(receiver.recv_timeout(HOUR).unwrap_err().is_disconnected()),
    |receiver| assert!(receiver.peek(HOUR).unwrap_err().is_disconnected()),
    |receiver| {
        let error = receiver.iter().find_map(Result::err);
        assert!(error.is_none(), "{error:?}");
    },
    |receiver| {
        loop {
            match receiver.try_recv() {
                Ok(message) => assert_eq!(message, None),
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

/// Each way to find out that the receiver has gone, where there is no room.
const AS_SENDER: [fn(&mut Sender<u64>); 6] = [
    |sender| assert!(sender.send(&0).unwrap_err().is_disconnected()),
    |sender| assert!(sender.send_timeout(&0, HOUR).unwrap_err().is_disconnected()),
    |sender| assert!(sender.draft(HOUR).unwrap_err().is_disconnected()),
    |sender| assert!(sender.drain(HOUR).unwrap_err().is_disconnected()),
    |sender| {
        loop {
            match sender.try_send(&0) {
                Ok(is_sent) => assert!(!is_sent),
                Err(error) => break assert!(error.is_disconnected(), "{error}"),
            }
            thread::yield_now();
        }
    },
    |sender| {
        while let Some(armed) = sender.arm().unwrap() {
            wait_any(&[&armed], armed.look_after()).unwrap();
        }
        assert!(sender.try_send(&0).unwrap_err().is_disconnected());
    },
];

#[test]
fn a_receiver_is_told_in_time_that_the_sender_was_killed() {
    let _watchdog = watchdog();
    for way in AS_RECEIVER {
        told_in_time(|| {
            let name = fresh_name();
            let mut sender = start(&name, "send");
            send(&mut sender, 1);
            let mut receiver = Receiver::<u64>::open(&name).unwrap();
            assert_eq!(receiver.recv().unwrap(), 1);
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
fn a_sender_without_room_is_told_in_time_that_the_receiver_was_killed() {
    let _watchdog = watchdog();
    for way in AS_SENDER {
        told_in_time(|| {
            let name = fresh_name();
            let mut receiver = start(&name, "receive");
            assert_eq!(receiver.answer(), "receives");
            let mut sender = Sender::<u64>::open(&name).unwrap();
            while sender.try_send(&0).unwrap() {}
            let waiting = thread::spawn(move || {
                way(&mut sender);
                Instant::now()
            });
            receiver.kill();
            (Instant::now(), waiting)
        });
    }
}
