//! Both ends of a channel in C, written from FORMAT.md.

use std::fmt;
use std::thread;

use win_shared_memory::SharedMemoryOptions;
use win_shared_memory::channel::{Message, Receiver, Sender};

use super::Peer;
use crate::support::fresh_name;

const MESSAGES: u64 = 100_000;

type Record = [u32; 5];

/// Room for so few that both ends wait for each other at times.
fn options(capacity: usize) -> SharedMemoryOptions {
    let mut options = SharedMemoryOptions::new();
    options.capacity(capacity);
    options
}

fn slice(number: u64) -> Vec<u64> {
    vec![number; (number % 50 + 1) as usize]
}

fn record(number: u64) -> Record {
    [number as u32; 5]
}

fn c_sends<M>(capacity: usize, of: &str, message: impl Fn(u64) -> M::Owned + Send + 'static)
where
    M: Message + ?Sized + 'static,
    M::Owned: PartialEq + fmt::Debug,
{
    let name = fresh_name();
    let mut receiver = Receiver::<M>::register_with(&name, &options(capacity)).unwrap();
    let mut sender = Peer::start_with("channel", &[&name, "send", of]);
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

fn c_receives<M>(capacity: usize, of: &str, send: impl Fn(&mut Sender<M>, u64) + Send + 'static)
where
    M: Message + ?Sized + 'static,
{
    let name = fresh_name();
    let mut sender = Sender::<M>::register_with(&name, &options(capacity)).unwrap();
    let mut receiver = Peer::start_with("channel", &[&name, "receive", of]);
    assert_eq!(receiver.answer(), "ready");
    let sending = thread::spawn(move || {
        for number in 1..=MESSAGES {
            send(&mut sender, number);
        }
        sender
    });
    assert_eq!(
        receiver.ask(&format!("receive {MESSAGES}")),
        format!("first 1 last {MESSAGES} wrong 0")
    );
    let sender = sending.join().unwrap();
    assert_eq!(receiver.ask("leave"), "left");
    assert_eq!(sender.receiver(), None);
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_written_from_the_format_sends_slices() {
    c_sends::<[u64]>(400, "slices", slice);
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_written_from_the_format_sends_records() {
    c_sends::<Record>(20, "records", record);
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_written_from_the_format_receives_slices() {
    c_receives::<[u64]>(400, "slices", |sender, number| {
        sender.send(&slice(number)).unwrap();
    });
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_written_from_the_format_receives_records() {
    c_receives::<Record>(20, "records", |sender, number| {
        sender.send(&record(number)).unwrap();
    });
}
