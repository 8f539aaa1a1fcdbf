//! Both sides of a broadcast in C, written from FORMAT.md.

use std::thread;

use win_shared_memory::SharedMemoryOptions;
use win_shared_memory::broadcast::{News, Receiver, Sender};

use super::Peer;
use crate::support::fresh_name;

const WORDS: usize = 64;

fn sender_keeping(name: &str, messages: usize) -> Sender<[u64; WORDS]> {
    let mut options = SharedMemoryOptions::new();
    options.history(messages);
    Sender::register_with(name, &options).unwrap()
}

fn send(sender: &mut Sender<[u64; WORDS]>, messages: u64) -> u64 {
    for _ in 0..messages {
        let number = sender.number() + 1;
        assert_eq!(sender.send(&[number; WORDS]), number);
    }
    sender.number()
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_written_from_the_format_receives_every_message_or_knows_how_many_it_missed() {
    let name = fresh_name();
    let mut sender = sender_keeping(&name, 63);
    send(&mut sender, 10);
    let mut receiver = Peer::ready("broadcast_receiver", &name, "ready");
    let last = send(&mut sender, 63);
    assert_eq!(
        receiver.ask(&format!("until {last}")),
        "received 63 missed 0 torn 0 generation 1"
    );
    assert_eq!(receiver.ask("oldest"), "after 10");

    // More than it can keep up with, while it receives.
    let end = last + 200_000;
    let answer = thread::scope(|scope| {
        let sending = scope.spawn(|| send(&mut sender, 200_000));
        let answer = receiver.ask(&format!("until {end}"));
        assert_eq!(sending.join().unwrap(), end);
        answer
    });
    let numbers: Vec<u64> = answer.split(' ').filter_map(|it| it.parse().ok()).collect();
    let [received, missed, torn, _] = numbers[..] else {
        panic!("{answer}");
    };
    assert_eq!(
        (received + missed, torn),
        (63 + 63 + 200_000, 0),
        "{answer}"
    );
    assert!(received > 126, "nothing was received meanwhile: {answer}");

    // The next sender keeps more, in another payload; the messages of the one before come first.
    send(&mut sender, 5);
    drop(sender);
    let mut sender = sender_keeping(&name, 255);
    let last = send(&mut sender, 255);
    assert_eq!(
        receiver.ask(&format!("until {last}")),
        format!(
            "received {} missed {missed} torn 0 generation 2",
            received + 260
        )
    );
}

/// Receives these, in order and none missed.
fn receive(receiver: &mut Receiver<[u64; WORDS]>, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        let news = receiver.recv().unwrap();
        assert!(
            matches!(news, News::Message(message) if message == [number; WORDS]),
            "{news:?} instead of {number}"
        );
    }
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_written_from_the_format_sends_and_takes_over_and_is_taken_over() {
    let name = fresh_name();
    let start = |slots: &str| Peer::start_with("broadcast_sender", &[&name, slots]);
    let mut first = start("256");
    assert_eq!(first.answer(), "generation 1 last 0");
    let mut receiver = Receiver::open(&name).unwrap();
    assert!(
        Sender::<[u64; WORDS]>::register(&name).is_err(),
        "one sends"
    );
    let receiving = thread::spawn(move || {
        receive(&mut receiver, 1..=100);
        receiver
    });
    assert!(first.ask("send 100").starts_with("last 100 "));
    let mut receiver = receiving.join().unwrap();

    // Killed while it writes a message that nobody gets.
    assert_eq!(first.ask("begin"), "begun");
    first.kill();
    assert!(receiver.recv().unwrap_err().is_disconnected());
    let mut ours = sender_keeping(&name, 255);
    assert_eq!(send(&mut ours, 5), 105);
    receive(&mut receiver, 101..=105);
    drop(ours);

    let mut second = start("256");
    assert_eq!(second.answer(), "generation 1 last 105");
    // One that sleeps is woken.
    let armed = receiver.arm().unwrap().unwrap();
    assert_eq!(second.ask("send 1"), "last 106 woken 1");
    drop(armed);
    receive(&mut receiver, [106]);
    assert_eq!(second.ask("leave"), "left");
    assert!(receiver.recv().unwrap_err().is_disconnected());

    // More slots than there are.
    let mut third = start("512");
    let base = 1_u64 << 40;
    assert_eq!(third.answer(), format!("generation 2 last {base}"));
    assert!(
        third
            .ask("send 3")
            .starts_with(&format!("last {} ", base + 3))
    );
    receive(&mut receiver, base + 1..=base + 3);
}
