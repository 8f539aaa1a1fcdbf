//! Both ends of a channel in C, written from FORMAT.md.

use std::thread;

use win_shared_memory::SharedMemoryOptions;
use win_shared_memory::channel::{Receiver, Sender};

use super::Peer;
use crate::support::fresh_name;

const MESSAGES: u64 = 100_000;

/// So small that both ends wait for each other at times.
fn options() -> SharedMemoryOptions {
    let mut options = SharedMemoryOptions::new();
    options.capacity(400);
    options
}

fn message(number: u64) -> Vec<u64> {
    vec![number; (number % 50 + 1) as usize]
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_written_from_the_format_sends() {
    let name = fresh_name();
    let mut receiver = Receiver::<[u64]>::register_with(&name, &options()).unwrap();
    let mut sender = Peer::start_with("channel", &[&name, "send"]);
    assert_eq!(sender.answer(), "ready");
    assert_eq!(receiver.senders(), 1);
    let receiving = thread::spawn(move || {
        for number in 1..=MESSAGES {
            assert_eq!(receiver.recv().unwrap(), message(number));
        }
        receiver
    });
    assert_eq!(
        sender.ask(&format!("send {MESSAGES}")),
        format!("last {MESSAGES}")
    );
    let mut receiver = receiving.join().unwrap();
    assert_eq!(receiver.try_recv().unwrap(), None);
    assert_eq!(sender.ask("leave"), "left");
    assert!(receiver.recv().unwrap_err().is_disconnected());
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_written_from_the_format_receives() {
    let name = fresh_name();
    let mut sender = Sender::<[u64]>::register_with(&name, &options()).unwrap();
    let mut receiver = Peer::start_with("channel", &[&name, "receive"]);
    assert_eq!(receiver.answer(), "ready");
    let sending = thread::spawn(move || {
        for number in 1..=MESSAGES {
            sender.send(&message(number)).unwrap();
        }
        sender
    });
    assert_eq!(
        receiver.ask(&format!("receive {MESSAGES}")),
        format!("first 1 last {MESSAGES} wrong 0")
    );
    let mut sender = sending.join().unwrap();
    assert_eq!(receiver.ask("leave"), "left");
    assert!(sender.send(&message(1)).unwrap_err().is_disconnected());
}
