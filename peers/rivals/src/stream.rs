//! Messages one after the other by iceoryx2, each sent as soon as there is room, against a ring of slots by hand in the same
//! run: the ring that the channel is measured against in `bench/benches/snapshot/messages.rs`.

use std::cell::UnsafeCell;
use std::error::Error;
use std::hint::{black_box, spin_loop};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use iceoryx2::prelude::{BackpressureStrategy, NodeBuilder, ipc};
use iceoryx2::service::port_factory::publish_subscribe::PortFactory;

use crate::{END, Line, ORDER, RIVAL, ROUNDS, begin, median, obey, ticks};

const RING: u32 = 0;

/// Bytes of the ring, and of the rival's buffer.
const ROOM: usize = 256 << 10;

type Slot<const WORDS: usize> = UnsafeCell<[u64; WORDS]>;

struct Ring<const WORDS: usize> {
    head: Line<AtomicU32>,
    tail: Line<AtomicU32>,
    slots: Box<[Slot<WORDS>]>,
}

// SAFETY: a slot is written by one thread, and read by another that has seen `tail` pass it.
unsafe impl<const WORDS: usize> Sync for Ring<WORDS> {}

/// What one side of a ring knows.
#[derive(Default)]
struct Side {
    mine: u32,
    theirs: u32,
}

impl<const WORDS: usize> Ring<WORDS> {
    const SLOTS: usize = ROOM / (WORDS * 8);

    fn new() -> Self {
        Self {
            head: Line(AtomicU32::new(0)),
            tail: Line(AtomicU32::new(0)),
            slots: (0..Self::SLOTS)
                .map(|_| UnsafeCell::new([0; WORDS]))
                .collect(),
        }
    }

    fn slot(&self, position: u32) -> *mut [u64; WORDS] {
        self.slots[position as usize % Self::SLOTS].get()
    }

    fn try_send(&self, side: &mut Side, value: &[u64; WORDS]) -> bool {
        if side.mine.wrapping_sub(side.theirs) as usize == Self::SLOTS {
            side.theirs = self.head.0.load(Ordering::Acquire);
            if side.mine.wrapping_sub(side.theirs) as usize == Self::SLOTS {
                return false;
            }
        }
        // SAFETY: the receiver has passed this slot, and the slot is valid for writes.
        unsafe { self.slot(side.mine).write(*value) };
        side.mine = side.mine.wrapping_add(1);
        self.tail.0.store(side.mine, Ordering::Release);
        true
    }

    fn try_recv(&self, side: &mut Side) -> Option<[u64; WORDS]> {
        if side.mine == side.theirs {
            side.theirs = self.tail.0.load(Ordering::Acquire);
            if side.mine == side.theirs {
                return None;
            }
        }
        // SAFETY: the sender has passed this slot, and the slot is valid for reads.
        let value = unsafe { self.slot(side.mine).read() };
        side.mine = side.mine.wrapping_add(1);
        self.head.0.store(side.mine, Ordering::Release);
        Some(value)
    }
}

type Service<const WORDS: usize> = PortFactory<ipc::Service, [u64; WORDS], ()>;

/// Whose publisher waits for room, and whose subscriber has as much as the ring.
fn service<const WORDS: usize>() -> Result<Service<WORDS>, Box<dyn Error>> {
    let node = NodeBuilder::new().create::<ipc::Service>()?;
    let name = format!("rival-{}-stream-{WORDS}", process::id());
    let builder = node
        .service_builder(&name.as_str().try_into()?)
        .publish_subscribe::<[u64; WORDS]>()
        .enable_safe_overflow(false)
        .subscriber_max_buffer_size(Ring::<WORDS>::SLOTS);
    Ok(builder.open_or_create()?)
}

fn drain<const WORDS: usize>(ring: &Ring<WORDS>) {
    let service = service::<WORDS>().expect("a service");
    let from = service.subscriber_builder().create().expect("a subscriber");
    let mut side = Side::default();
    obey(|order| {
        let got = match order {
            RING => ring
                .try_recv(&mut side)
                .is_some_and(|it| black_box(&it)[0] > 0),
            RIVAL => from
                .receive()
                .expect("no error")
                .is_some_and(|it| black_box(*it)[0] > 0),
            _ => false,
        };
        if !got {
            spin_loop();
        }
    });
}

/// So many messages that the ring is full several times, and blocks take milliseconds.
const fn calls<const WORDS: usize>() -> usize {
    let rings = 8 * Ring::<WORDS>::SLOTS;
    if rings > 400 { rings } else { 400 }
}

pub(crate) fn row<const WORDS: usize>(what: &str) -> Result<(), Box<dyn Error>> {
    let service = service::<WORDS>()?;
    let strategy = BackpressureStrategy::RetryUntilDelivered;
    let to = service
        .publisher_builder()
        .backpressure_strategy(strategy)
        .create()?;
    let ring = Arc::new(Ring::<WORDS>::new());
    ORDER.0.store(u32::MAX, Ordering::Release);
    let peer = thread::spawn({
        let ring = ring.clone();
        move || drain(&ring)
    });
    let (mut side, value) = (Side::default(), [7; WORDS]);
    let (mut ratios, mut each) = (Vec::new(), [Vec::new(), Vec::new()]);
    for round in 0..ROUNDS {
        let mut took = [0.0; 2];
        for turn in 0..2 {
            let order = ((turn + round) % 2) as u32;
            begin(order);
            let start = ticks();
            for _ in 0..calls::<WORDS>() {
                if order == RING {
                    while !ring.try_send(&mut side, black_box(&value)) {
                        spin_loop();
                    }
                } else {
                    let sample = to.loan_uninit()?.write_payload(*black_box(&value));
                    sample.send()?;
                }
            }
            took[order as usize] = (ticks() - start) as f64 / calls::<WORDS>() as f64;
            each[order as usize].push(took[order as usize]);
        }
        ratios.push(took[0] / took[1]);
    }
    ORDER.0.store(END, Ordering::Release);
    peer.join().expect("the other thread ends");
    let (ratio, [floor, rival]) = (median(ratios), each.map(median));
    println!(
        "iceoryx2, one after the other, {what}: {ratio:.2} times as many as by a ring by hand ({rival:.0} to {floor:.0} ticks)"
    );
    Ok(())
}
