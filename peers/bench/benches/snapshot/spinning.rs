//! How long a value takes there and back between two processes that both spin.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use bench::{Orders, Pace, Peer, Table, Target};
use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{ReadWrite, SharedMemoryLink};

use crate::messages::Mailbox;
use crate::{SMALL, Value, mode, name};

type Pair = [AtomicU32; 64];

fn atomics(name: &str) -> SharedMemoryLink<Pair, ReadWrite> {
    SharedMemoryLink::get_or_create(&format!("{name}-atomics")).expect("the name is ours")
}

fn back(name: &str) -> String {
    format!("{name}-back")
}

/// The peer: sends back what it gets.
pub(crate) fn echo(orders: &Orders) {
    const SLICE: Duration = Duration::from_millis(5);
    let mut writer = Writer::<Value<SMALL>>::create(&back(&orders.name)).expect("a free name");
    let mut reader = Reader::<Value<SMALL>>::open(&orders.name).expect("the parent made it");
    let words = atomics(&orders.name);
    let [there, back] = [&words.shared()[0], &words.shared()[32]];
    let mut from = Mailbox::<SMALL>::open(&orders.name, "there");
    let mut to = Mailbox::<SMALL>::open(&orders.name, "back");
    loop {
        let order = orders.next();
        reader.latest().expect("no contention");
        let mut last = there.load(Ordering::Acquire);
        orders.accept(order);
        while orders.stands(order) {
            match order {
                mode::OURS => {
                    if reader.wait_changed(SLICE).expect("no error") {
                        let value = reader.latest().expect("no contention");
                        writer.publish(&value.expect("it has changed"));
                        orders.count();
                    }
                }
                mode::FLOOR => {
                    let next = there.load(Ordering::Acquire);
                    if next == last {
                        spin_loop();
                    } else {
                        last = next;
                        back.store(next, Ordering::Release);
                        orders.count();
                    }
                }
                mode::MAILBOX => match from.read() {
                    Some(value) => to.write(&value),
                    None => spin_loop(),
                },
                _ => thread::sleep(Duration::from_millis(1)),
            }
        }
    }
}

pub(crate) fn table() -> Table {
    const WHAT: &str = "ping-pong, both spinning, 64 B";
    let title = "There and back: publish, wait_changed and latest there, publish there, wait_changed and latest; the floor is two \
                 atomics and no value, or two mailboxes with the value";
    let mut table = Table::new("snapshot", title, Pace::SHARED);
    if !table.is_wanted(WHAT) {
        return table;
    }
    let name = name("echo");
    let mut writer = Writer::<Value<SMALL>>::create(&name).expect("nobody has the name");
    let peer = Peer::start("echo", &name);
    peer.switch(mode::IDLE);
    let mut reader = Reader::<Value<SMALL>>::open(&back(&name)).expect("the peer made it");
    let words = atomics(&name);
    let [there, back] = [&words.shared()[0], &words.shared()[32]];
    let mut value = [0; SMALL];
    let mut ours = || {
        value[0] += 1;
        writer.publish(&value);
        let changed = reader.wait_changed(Duration::from_secs(5));
        assert!(changed.expect("no error"), "the peer lives");
        assert_eq!(reader.latest().expect("no contention"), Some(value));
    };
    table.row_around(
        WHAT,
        Target::None,
        peer.switching(mode::FLOOR, mode::OURS),
        || {
            let next = there.load(Ordering::Relaxed).wrapping_add(1);
            there.store(next, Ordering::Release);
            while back.load(Ordering::Acquire) != next {
                spin_loop();
            }
        },
        &mut ours,
    );
    let mut there = Mailbox::open(&name, "there");
    let mut back = Mailbox::<SMALL>::open(&name, "back");
    table.row_around(
        &format!("{WHAT}, beside mailboxes"),
        Target::Ratio(1.3),
        peer.switching(mode::MAILBOX, mode::OURS),
        || {
            there.write(&[7; SMALL]);
            while back.read().is_none() {
                spin_loop();
            }
        },
        &mut ours,
    );
    table
}
