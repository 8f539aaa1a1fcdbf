//! A receiver in C that was written from FORMAT.md.

use std::thread;

use win_shared_memory::SharedMemoryOptions;
use win_shared_memory::broadcast::Sender;

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
