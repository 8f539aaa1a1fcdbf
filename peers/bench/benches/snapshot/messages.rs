//! Messages of a channel between two processes that both spin: there and back, and one after the other.

use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use bench::{Orders, Pace, Peer, Table, Target};
use win_shared_memory::channel::{Receiver, Sender};
use win_shared_memory::{ReadWrite, Section, SharedMemoryOptions, View};

use crate::broadcasting::PAGE;
use crate::{LARGE, SMALL, Value, label, mode, name};

/// Bytes from one word of the ring by hand to the next, and from the words to the first slot.
const LINE: usize = 128;

/// As a channel has by default.
const ROOM: usize = 256 << 10;

/// A ring of slots by hand: `head` and `tail`, each kept by one side, and no way to sleep. With one slot it is a
/// mailbox.
struct ByHand<const WORDS: usize> {
    view: View<ReadWrite>,
    /// Keeps the name.
    _section: Section<ReadWrite>,
    slots: u32,
    mine: u32,
    theirs: u32,
}

impl<const WORDS: usize> ByHand<WORDS> {
    fn open(name: &str, slots: usize) -> Self {
        let size = 2 * LINE + slots * WORDS * 8;
        let section: Section<ReadWrite> =
            Section::get_or_create(name, size as u64).expect("the name is ours");
        Self {
            view: section.map().expect("there is room"),
            _section: section,
            slots: slots as u32,
            mine: 0,
            theirs: 0,
        }
    }

    fn word(&self, at: usize) -> &AtomicU32 {
        self.view.place(at).expect("it is inside").shared()
    }

    fn slot(&self, position: u32) -> usize {
        2 * LINE + (position % self.slots) as usize * WORDS * 8
    }

    #[inline]
    fn try_send(&mut self, value: &Value<WORDS>) -> bool {
        if self.mine.wrapping_sub(self.theirs) == self.slots {
            self.theirs = self.word(0).load(Ordering::Acquire);
            if self.mine.wrapping_sub(self.theirs) == self.slots {
                return false;
            }
        }
        let slot = self.slot(self.mine);
        self.view.write(slot, value).expect("it is inside");
        self.mine = self.mine.wrapping_add(1);
        self.word(LINE).store(self.mine, Ordering::Release);
        true
    }

    #[inline]
    fn try_recv(&mut self) -> Option<Value<WORDS>> {
        if self.mine == self.theirs {
            self.theirs = self.word(LINE).load(Ordering::Acquire);
            if self.mine == self.theirs {
                return None;
            }
        }
        let slot = self.slot(self.mine);
        let value = self.view.read(slot).expect("it is inside");
        self.mine = self.mine.wrapping_add(1);
        self.word(0).store(self.mine, Ordering::Release);
        Some(value)
    }
}

fn by_hand<const WORDS: usize>(name: &str, way: &str, slots: usize) -> ByHand<WORDS> {
    ByHand::open(&format!("{name}-{way}-by-hand"), slots)
}

fn channel(name: &str, way: &str) -> String {
    format!("{name}-{way}-channel")
}

fn options() -> SharedMemoryOptions {
    let mut options = SharedMemoryOptions::new();
    options.wait(Duration::from_secs(20));
    options
}

/// The peer: sends back what it gets.
pub(crate) fn answer<const WORDS: usize>(orders: &Orders) {
    let name = &orders.name;
    let mut to = Sender::<Value<WORDS>>::register(&channel(name, "back")).expect("a free end");
    let mut from = Receiver::<Value<WORDS>>::open_with(&channel(name, "there"), &options())
        .expect("the parent made it");
    let mut back = by_hand::<WORDS>(name, "back", 1);
    let mut there = by_hand::<WORDS>(name, "there", 1);
    loop {
        let order = orders.next();
        orders.accept(order);
        while orders.stands(order) {
            match order {
                mode::OURS => match from.try_recv().expect("no error") {
                    Some(message) => to.send(&message).expect("no error"),
                    None => spin_loop(),
                },
                mode::FLOOR => match there.try_recv() {
                    Some(message) => while !back.try_send(&message) {},
                    None => spin_loop(),
                },
                _ => thread::sleep(Duration::from_millis(1)),
            }
        }
    }
}

/// The peer: receives all that it can.
pub(crate) fn drain<const WORDS: usize>(orders: &Orders) {
    let name = &orders.name;
    let mut from = Receiver::<Value<WORDS>>::open_with(&channel(name, "there"), &options())
        .expect("the parent made it");
    let mut there = by_hand::<WORDS>(name, "there", ROOM / (WORDS * 8));
    loop {
        let order = orders.next();
        orders.accept(order);
        while orders.stands(order) {
            let is_received = match order {
                mode::OURS => from.try_recv().expect("no error").map(|it| it[0]),
                mode::FLOOR => there.try_recv().map(|it| it[0]),
                _ => {
                    thread::sleep(Duration::from_millis(1));
                    None
                }
            };
            match black_box(is_received) {
                Some(_) => orders.count(),
                None => spin_loop(),
            }
        }
    }
}

pub(crate) fn table() -> String {
    let there_and_back = "A message there and back; the floor is two mailboxes by hand";
    let mut table = Table::new("snapshot", there_and_back, Pace::SHARED);
    answer_row::<SMALL>(&mut table, "answer-64");
    answer_row::<PAGE>(&mut table, "answer-4K");
    let stream = "Messages one after the other, each sent as soon as there is room; the floor is a ring by hand, \
                  without a way to sleep or to notice that the other has ended";
    let mut streams = Table::new("snapshot", stream, Pace::SHARED);
    stream_row::<SMALL>(&mut streams, "drain-64");
    stream_row::<PAGE>(&mut streams, "drain-4K");
    stream_row::<LARGE>(&mut streams, "drain-64K");
    format!("{table}{streams}")
}

fn answer_row<const WORDS: usize>(table: &mut Table, role: &str) {
    let what = format!("channel, there and back, {}", label(WORDS));
    if !table.is_wanted(&what) {
        return;
    }
    let name = name(role);
    let mut to = Sender::<Value<WORDS>>::register(&channel(&name, "there")).expect("a free end");
    let peer = Peer::start(role, &name);
    let mut from = Receiver::<Value<WORDS>>::open_with(&channel(&name, "back"), &options())
        .expect("the peer makes it");
    peer.switch(mode::IDLE);
    let (mut there, mut back) = (
        by_hand(&name, "there", 1),
        by_hand::<WORDS>(&name, "back", 1),
    );
    let value = Box::new([7; WORDS]);
    table.row_around(
        &what,
        Target::None,
        peer.switching(mode::FLOOR, mode::OURS),
        || {
            while !there.try_send(&value) {}
            loop {
                if let Some(message) = back.try_recv() {
                    break message[0];
                }
                spin_loop();
            }
        },
        || {
            to.send(&value).expect("no error");
            loop {
                if let Some(message) = from.try_recv().expect("no error") {
                    break message[0];
                }
                spin_loop();
            }
        },
    );
}

fn stream_row<const WORDS: usize>(table: &mut Table, role: &str) {
    let what = format!("channel, one after the other, {}", label(WORDS));
    if !table.is_wanted(&what) {
        return;
    }
    let name = name(role);
    let mut to = Sender::<Value<WORDS>>::register(&channel(&name, "there")).expect("a free end");
    let peer = Peer::start(role, &name);
    peer.switch(mode::IDLE);
    let mut there = by_hand::<WORDS>(&name, "there", ROOM / (WORDS * 8));
    let value = Box::new([7; WORDS]);
    table.row_around(
        &what,
        Target::None,
        peer.switching(mode::FLOOR, mode::OURS),
        || {
            while !there.try_send(black_box(&value)) {
                spin_loop();
            }
        },
        || to.send(black_box(&value)).expect("no error"),
    );
}
