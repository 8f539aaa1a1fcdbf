//! How soon a sleeping reader has what was published.

use std::hint::spin_loop;
use std::ptr;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use bench::{Orders, Pace, Peer, Row, Side, Spread, Table, Target};
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
    const WHAT: &str = "wake-up, the reader asleep";
    const ROUNDS: usize = 60;
    const SAMPLES: usize = 15;
    let title = "From before publish until wait_changed and latest have returned in another process; the floor is \
                 SetEvent and WaitForSingleObject (medians of 15 each)";
    let mut table = Table::new("snapshot", title, Pace::CALLS);
    if !table.is_wanted(WHAT) {
        return table;
    }
    eprintln!("measuring {WHAT} …");
    let name = name("wake");
    let peer = Peer::start("waker", &name);
    peer.switch(mode::IDLE);
    let mut reader = Reader::<Value<SMALL>>::open(&name).expect("the writer is there");
    let stamp = SharedMemoryLink::<Value<1>, ReadWrite>::get_or_create(&stamp(&name))
        .expect("the name is ours");
    let event = RawEvent::new(&event(&name));
    let frequency = ticks_per_second();
    let mut median = |side: Side| {
        // Of the last order, something may be left.
        peer.switch(mode::IDLE);
        event.reset();
        reader.latest().expect("no contention");
        peer.switch(match side {
            Side::Floor => mode::FLOOR,
            Side::Ours => mode::OURS,
        });
        let sample = |_| {
            let sent = match side {
                Side::Floor => {
                    event.wait();
                    stamp.read()[0]
                }
                Side::Ours => {
                    let changed = reader.wait_changed(Duration::from_secs(5));
                    assert!(changed.expect("no error"), "the peer lives");
                    let value = reader.latest().expect("no contention");
                    value.expect("it has changed")[0]
                }
            };
            let took = (ticks() - sent) as f64 / frequency;
            peer.seen().fetch_add(1, Ordering::Release);
            took
        };
        Spread::of((0..SAMPLES).map(sample).collect()).median
    };
    // The first time, the reader registers its event.
    median(Side::Ours);
    let (mut floors, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        floors.push(median(Side::Floor));
        ours.push(median(Side::Ours));
    }
    let ratios = floors.iter().zip(&ours).map(|(floor, ours)| ours / floor);
    let ratio = Spread::of(ratios.collect());
    table.push(Row {
        what: WHAT.into(),
        ratio,
        ratio_of_all: ratio,
        floor: Spread::of(floors),
        ours: Spread::of(ours),
        target: Target::None,
        rounds: [ROUNDS, 0],
    });
    table
}
