//! Another program stores whatever it likes into the regions of a channel.

use std::time::Duration;

use win_shared_memory::channel::{Receiver, Sender};
use win_shared_memory::{SharedMemoryError, SharedMemoryOptions};

use crate::format::Words;
use crate::support::{Random, fresh_name, watchdog};

const SEEDS: u64 = 300;

fn is_told(error: &SharedMemoryError) -> bool {
    matches!(
        error,
        SharedMemoryError::UnknownFormat { .. }
            | SharedMemoryError::Disconnected { .. }
            | SharedMemoryError::InvalidValue(_)
            | SharedMemoryError::EndTaken { .. }
    )
}

/// Whatever words are stored between the calls, each call returns, with a message or an error.
#[test]
fn no_store_makes_a_call_panic_or_hang() {
    // Long because each call has its case.
    for seed in 0..SEEDS {
        let _watchdog = watchdog();
        let mut random = Random::of(seed);
        let name = fresh_name();
        let mut options = SharedMemoryOptions::new();
        options.capacity(20).senders(2);
        let mut receiver = Receiver::<[u8]>::register_with(&name, &options).unwrap();
        let mut sender = Sender::<[u8]>::register(&name).unwrap();
        let regions = [Words::open(&name), Words::open(&format!("{name}~1"))];
        let mut into = Vec::new();
        for _ in 0..60 {
            for _ in 0..random.below(4) {
                let region = &regions[random.below(2) as usize];
                let words = region.view().len() as u64 / 4;
                let within = random.pick(&[words, 64, 512]).min(words);
                let value = match random.below(4) {
                    0 => random.next() as u32,
                    1 => u32::MAX,
                    _ => random.below(64) as u32,
                };
                region.set(4 * random.below(within) as usize, value);
            }
            let wait = Duration::from_micros(random.below(2) * 100);
            let result = match random.below(8) {
                0 | 1 => sender.send_timeout(b"hello", wait).map(|_| ()),
                2 => sender.draft(7, wait).map(|draft| {
                    if let Some(draft) = draft {
                        draft.send();
                    }
                }),
                3 => {
                    let mut batch = sender.batch();
                    let pushed = batch.push(b"").and_then(|_| batch.push(&[1; 18]));
                    batch.send();
                    pushed.map(|_| ())
                }
                4 | 5 => receiver.recv_into(&mut into, wait).map(|_| ()),
                6 => receiver.peek(wait).map(|message| {
                    if let Some(message) = message {
                        let _ = message.places().len();
                        message.done();
                    }
                }),
                _ => match random.below(4) {
                    0 => sender.drain(wait).map(|_| ()),
                    1 => receiver.wait_for_sender(wait).map(|_| ()),
                    2 => sender.arm().map(|_| ()),
                    _ => receiver.arm().map(|_| ()),
                },
            };
            if let Err(error) = result {
                assert!(is_told(&error), "seed {seed}: {error:?}");
            }
        }
        let mut at_once = SharedMemoryOptions::new();
        at_once.wait(Duration::ZERO);
        for error in [
            Sender::<[u8]>::open_with(&name, &at_once).err(),
            Receiver::<[u8]>::open_with(&name, &at_once).err(),
        ] {
            let is_told = error.as_ref().is_none_or(|it| {
                is_told(it)
                    || matches!(
                        it,
                        SharedMemoryError::LayoutMismatch(_) | SharedMemoryError::NotReady { .. }
                    )
            });
            assert!(is_told, "seed {seed}: {error:?}");
        }
    }
}

#[test]
fn positions_and_lengths_that_lead_nowhere_are_damage() {
    let name = fresh_name();
    let mut options = SharedMemoryOptions::new();
    options.capacity(8);
    let mut sender = Sender::<u64>::register_with(&name, &options).unwrap();
    let mut receiver = Receiver::<u64>::open(&name).unwrap();
    sender.send(&1).unwrap();
    let lanes = Words::open(&format!("{name}~1"));
    // The schema is `"u64"`, so the first lane's words are at 384.
    let (head, tail) = (384, 512);
    assert_eq!((lanes.get(head), lanes.get(tail)), (0, 1));
    lanes.set(tail, 1000);
    assert!(receiver.try_recv().is_err_and(|it| is_told(&it)));
    lanes.set(tail, 1);
    lanes.set(head, 1000);
    let mut full = Ok(true);
    while let Ok(true) = full {
        full = sender.try_send(&2);
    }
    assert!(full.is_err_and(|it| is_told(&it)));
}
