//! How often a receiver is woken by the end of a slice of its wait although its message was there: its sender makes no
//! fence, so its stores may be on their way while the receiver falls asleep.

use std::env;
use std::hint::spin_loop;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bench::{Orders, Peer};
use win_shared_memory::channel::{Receiver, Sender};
use win_shared_memory::sync::wait_any;

use crate::{mode, name};

/// More stores than any processor's buffer has room for, each to a line that is in no cache.
const STORES: usize = 150;

/// Bytes that these lines are chosen from.
const FIELD: usize = 256 << 20;

const LINE: usize = 64;

/// The peer: a message for each that the parent has seen, at any time while that begins to wait, behind as many stores
/// as the processor can hold.
pub(crate) fn send(orders: &Orders) {
    let mut sender = Sender::<u64>::register(&orders.name).expect("a free end");
    let mut field = vec![1_u8; FIELD];
    let mut random = 1_u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random as usize
    };
    let order = orders.next();
    orders.accept(order);
    for number in 0_u32.. {
        let lines = [(); STORES].map(|()| next() % (FIELD / LINE) * LINE);
        let pause = Duration::from_nanos(next() as u64 % 15_000);
        while orders.seen().load(Ordering::Acquire) != number {
            if !orders.stands(order) {
                return;
            }
            spin_loop();
        }
        let start = Instant::now();
        while start.elapsed() < pause {
            spin_loop();
        }
        for line in lines {
            field[line] = number as u8;
        }
        sender.send(&u64::from(number)).expect("no error");
    }
}

pub(crate) fn count() -> String {
    const WHAT: &str = "channel, waits that end late";
    if !bench::is_wanted(&format!("snapshot/{WHAT}")) {
        return String::new();
    }
    let long = env::args().any(|it| it == "--long");
    let waits = if long { 1_000_000 } else { 20_000 };
    eprintln!("measuring {WHAT} …");
    let name = name("settling");
    let mut receiver = Receiver::<u64>::register(&name).expect("nobody has the name");
    let peer = Peer::start("sender-behind-stores", &name);
    receiver
        .wait_for_sender(Duration::from_secs(20))
        .expect("no error");
    peer.switch(mode::SENDS);
    let (mut asleep, mut late) = (0, 0);
    for number in 0..waits {
        loop {
            let Some(armed) = receiver.arm().expect("no error") else {
                break;
            };
            asleep += 1;
            let is_woken = || {
                let woken = wait_any(&[&armed], armed.look_after());
                woken.expect("no error").is_some()
            };
            // Once more, because the system may have held the sender up between its message and the event.
            let is_set = is_woken() || is_woken();
            drop(armed);
            if !is_set && receiver.peek(Duration::ZERO).expect("no error").is_some() {
                late += 1;
            }
        }
        assert_eq!(receiver.recv().expect("the peer lives"), number);
        peer.seen().fetch_add(1, Ordering::Release);
    }
    format!(
        "\n{WHAT}: {late} of {waits}, {asleep} of which the system was asked for; each message was sent behind \
         {STORES} stores that miss the caches\n"
    )
}
