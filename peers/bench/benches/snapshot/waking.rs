//! How soon a sleeping reader has what was published, and a sleeping receiver what was sent.

use std::hint::spin_loop;
use std::ptr;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use bench::{Orders, Pace, Peer, Row, Side, Spread, Table, Target};
use win_shared_memory::channel::{Receiver, Sender};
use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{ReadWrite, SharedMemoryLink};
use windows_sys::Win32::Foundation::{HANDLE, WAIT_OBJECT_0};
use windows_sys::Win32::System::Performance::{QueryPerformanceCounter, QueryPerformanceFrequency};
use windows_sys::Win32::System::Threading::{
    CreateEventW, ResetEvent, SetEvent, WaitForSingleObject,
};

use crate::{SMALL, Value, mode, name, wide};

/// An auto-reset event, by hand.
struct RawEvent(HANDLE);

impl RawEvent {
    fn new(name: &str) -> Self {
        // SAFETY: the name ends with NUL.
        let handle = unsafe { CreateEventW(ptr::null(), 0, 0, wide(name).as_ptr()) };
        assert!(!handle.is_null());
        Self(handle)
    }

    fn set(&self) {
        // SAFETY: the handle is that of an event, never closed.
        assert_ne!(unsafe { SetEvent(self.0) }, 0);
    }

    fn reset(&self) {
        // SAFETY: as above.
        assert_ne!(unsafe { ResetEvent(self.0) }, 0);
    }

    fn wait(&self) {
        // SAFETY: as above.
        assert_eq!(unsafe { WaitForSingleObject(self.0, 5000) }, WAIT_OBJECT_0);
    }
}

/// A clock that is the same in all processes.
fn ticks() -> u64 {
    let mut ticks = 0;
    // SAFETY: the pointer is valid for writes.
    unsafe { QueryPerformanceCounter(&raw mut ticks) };
    ticks as u64
}

fn ticks_per_second() -> f64 {
    let mut frequency = 0;
    // SAFETY: the pointer is valid for writes.
    unsafe { QueryPerformanceFrequency(&raw mut frequency) };
    frequency as f64
}

/// How long the reader has to fall asleep: beyond its spinning, and the system call.
const ASLEEP: Duration = Duration::from_micros(500);

fn stamp(name: &str) -> String {
    format!("{name}-stamp")
}

fn channel(name: &str) -> String {
    format!("{name}-channel")
}

fn event(name: &str) -> String {
    format!("{name}-event")
}

/// The peer: when the parent has seen the last one and had time to fall asleep, says when it is and
/// wakes it.
pub(crate) fn wake(orders: &Orders) {
    let mut writer = Writer::<Value<SMALL>>::create(&orders.name).expect("nobody has the name");
    let stamp = SharedMemoryLink::<Value<1>, ReadWrite>::get_or_create(&stamp(&orders.name))
        .expect("the name is ours");
    let event = RawEvent::new(&event(&orders.name));
    let mut sender = Sender::<Value<SMALL>>::register(&channel(&orders.name)).expect("a free end");
    loop {
        let order = orders.next();
        orders.accept(order);
        let mut seen = orders.seen().load(Ordering::Acquire);
        while orders.stands(order) {
            if order == mode::IDLE {
                thread::sleep(Duration::from_millis(1));
                continue;
            }
            pause(ASLEEP);
            match order {
                mode::OURS => drop(writer.publish(&[ticks(); SMALL])),
                mode::SENDS => sender.send(&[ticks(); SMALL]).expect("no error"),
                _ => {
                    stamp.write(&[ticks()]);
                    event.set();
                }
            }
            while orders.stands(order) && orders.seen().load(Ordering::Acquire) == seen {
                spin_loop();
            }
            seen = orders.seen().load(Ordering::Acquire);
        }
    }
}

fn pause(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        spin_loop();
    }
}

pub(crate) fn table() -> Table {
    let title = "From before publish, or send, until the value is there in another process: wait_changed and latest, or \
                 recv; the floor is SetEvent and WaitForSingleObject (medians of 15 each)";
    let mut table = Table::new("snapshot", title, Pace::CALLS);
    let snapshot = "wake-up, the reader asleep";
    if table.is_wanted(snapshot) {
        let name = name("wake");
        let peer = start(&name);
        let mut reader = Reader::<Value<SMALL>>::open(&name).expect("the writer is there");
        let wait = || {
            let changed = reader.wait_changed(Duration::from_secs(5));
            assert!(changed.expect("no error"), "the peer lives");
            let value = reader.latest().expect("no contention");
            value.expect("it has changed")[0]
        };
        table.push(row(snapshot, &name, &peer, mode::OURS, Target::None, wait));
    }
    let asleep = "channel, wake-up, the receiver asleep";
    if table.is_wanted(asleep) {
        let name = name("wake-receiver");
        let peer = start(&name);
        let mut receiver =
            Receiver::<Value<SMALL>>::open(&channel(&name)).expect("the sender is there");
        let wait = || receiver.recv().expect("the peer lives")[0];
        let target = Target::Ratio(1.1);
        table.push(row(asleep, &name, &peer, mode::SENDS, target, wait));
    }
    table
}

fn start(name: &str) -> Peer {
    let peer = Peer::start("waker", name);
    peer.switch(mode::IDLE);
    peer
}

/// `wait` returns when what it waits for was sent.
fn row(
    what: &str,
    name: &str,
    peer: &Peer,
    ours: u32,
    target: Target,
    mut wait: impl FnMut() -> u64,
) -> Row {
    const ROUNDS: usize = 60;
    const SAMPLES: usize = 15;
    eprintln!("measuring {what} …");
    let stamp = SharedMemoryLink::<Value<1>, ReadWrite>::get_or_create(&stamp(name))
        .expect("the name is ours");
    let event = RawEvent::new(&event(name));
    let frequency = ticks_per_second();
    let mut median = |side: Side| {
        // Of the last order, something may be left.
        peer.switch(mode::IDLE);
        event.reset();
        peer.switch(match side {
            Side::Floor => mode::FLOOR,
            Side::Ours => ours,
        });
        let sample = |_| {
            let sent = match side {
                Side::Floor => {
                    event.wait();
                    stamp.read()[0]
                }
                Side::Ours => wait(),
            };
            let took = (ticks() - sent) as f64 / frequency;
            peer.seen().fetch_add(1, Ordering::Release);
            took
        };
        // The first may be of the last order.
        let samples: Vec<_> = (0..=SAMPLES).map(sample).collect();
        Spread::of(samples[1..].to_vec()).median
    };
    // The first time, the reader registers its event.
    median(Side::Ours);
    let (mut floors, mut all_ours, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (floor, ours) = (median(Side::Floor), median(Side::Ours));
        floors.push(floor);
        all_ours.push(ours);
        ratios.push(ours / floor);
    }
    let ratio = Spread::of(ratios);
    Row {
        what: what.into(),
        ratio,
        ratio_of_all: ratio,
        floor: Spread::of(floors),
        ours: Spread::of(all_ours),
        target,
        rounds: [ROUNDS, 0],
    }
}
