//! Messages of a channel between two processes that both spin: there and back, and one after the other.

use std::array;
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

/// A mailbox by hand: a value, and its number in a cache line of its own. The writer has to know that the last value was
/// read.
pub(crate) struct Mailbox<const WORDS: usize> {
    view: View<ReadWrite>,
    /// Keeps the name.
    _section: Section<ReadWrite>,
    number: u32,
}

impl<const WORDS: usize> Mailbox<WORDS> {
    pub(crate) fn open(name: &str, way: &str) -> Self {
        let size = LINE + WORDS * 8;
        let section: Section<ReadWrite> =
            Section::get_or_create(&format!("{name}-{way}-mailbox"), size as u64)
                .expect("the name is ours");
        Self {
            view: section.map().expect("there is room"),
            _section: section,
            number: 0,
        }
    }

    fn word(&self) -> &AtomicU32 {
        self.view.place(0).expect("it is inside").shared()
    }

    #[inline]
    pub(crate) fn write(&mut self, value: &Value<WORDS>) {
        self.view.write(LINE, value).expect("it is inside");
        self.number = self.number.wrapping_add(1);
        self.word().store(self.number, Ordering::Release);
    }

    #[inline]
    pub(crate) fn read(&mut self) -> Option<Value<WORDS>> {
        if self.word().load(Ordering::Acquire) == self.number {
            return None;
        }
        self.number = self.number.wrapping_add(1);
        Some(self.view.read(LINE).expect("it is inside"))
    }
}

/// A ring of slots by hand: `head` and `tail`, each kept by one side, and no way to sleep.
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
    let mut back = Mailbox::<WORDS>::open(name, "back");
    let mut there = Mailbox::<WORDS>::open(name, "there");
    loop {
        let order = orders.next();
        orders.accept(order);
        while orders.stands(order) {
            match order {
                mode::OURS => match from.try_recv().expect("no error") {
                    Some(message) => to.send(&message).expect("no error"),
                    None => spin_loop(),
                },
                mode::FLOOR => match there.read() {
                    Some(message) => back.write(&message),
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
    let there_and_back =
        "A message there and back; the floor is two mailboxes by hand, a value and its number each";
    let mut table = Table::new("snapshot", there_and_back, Pace::SHARED);
    answer_row::<SMALL>(&mut table, "answer-64", Target::Ratio(1.15));
    answer_row::<PAGE>(&mut table, "answer-4K", Target::None);
    let stream = "Messages one after the other, each sent as soon as there is room; the floor is a ring by hand, \
                  without a way to sleep or to notice that the other has ended";
    let mut streams = Table::new("snapshot", stream, Pace::SHARED);
    stream_row::<SMALL>(&mut streams, "drain-64");
    stream_row::<PAGE>(&mut streams, "drain-4K");
    stream_row::<LARGE>(&mut streams, "drain-64K");
    let nothing = "try_recv where there is no message; the floor is as many rings by hand";
    let mut empty = Table::new("snapshot", nothing, Pace::COPIES);
    empty_row::<1>(&mut empty);
    empty_row::<31>(&mut empty);
    format!("{table}{streams}{empty}")
}

fn empty_row<const LANES: usize>(table: &mut Table) {
    let what = format!("channel, try_recv of nothing, senders: {LANES}");
    if !table.is_wanted(&what) {
        return;
    }
    let name = name(&format!("empty-{LANES}"));
    let mut options = SharedMemoryOptions::new();
    options.senders(LANES as u32);
    let senders: [Sender<Value<SMALL>>; LANES] =
        array::from_fn(|_| Sender::register_with(&name, &options).expect("a free end"));
    let mut receiver = Receiver::<Value<SMALL>>::open(&name).expect("just made");
    let mut rings: [ByHand<SMALL>; LANES] =
        array::from_fn(|lane| by_hand(&name, &lane.to_string(), 16));
    table.row(
        &what,
        Target::Seconds(100e-9),
        || rings.iter_mut().find_map(ByHand::try_recv),
        || receiver.try_recv().expect("the senders are here"),
    );
    drop(senders);
}

fn answer_row<const WORDS: usize>(table: &mut Table, role: &str, target: Target) {
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
    let mut there = Mailbox::open(&name, "there");
    let mut back = Mailbox::<WORDS>::open(&name, "back");
    let value = Box::new([7; WORDS]);
    let mut floor = || {
        there.write(&value);
        loop {
            if let Some(message) = back.read() {
                break message[0];
            }
            spin_loop();
        }
    };
    let mut ours = || {
        to.send(&value).expect("no error");
        loop {
            if let Some(message) = from.try_recv().expect("no error") {
                break message[0];
            }
            spin_loop();
        }
    };
    let mut around = peer.switching(mode::FLOOR, mode::OURS);
    table.row_around(&what, target, &mut around, &mut floor, &mut ours);
    let slowest = format!("{what}, 99th percentile");
    table.slowest_row(&slowest, target, &mut around, &mut floor, &mut ours);
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
        Target::Ratio(1.0),
        peer.switching(mode::FLOOR, mode::OURS),
        || {
            while !there.try_send(black_box(&value)) {
                spin_loop();
            }
        },
        || to.send(black_box(&value)).expect("no error"),
    );
}
