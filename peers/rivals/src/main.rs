//! Messages by iceoryx2 between two threads that both spin: 64 bytes there and back, against two mailboxes in the same run,
//! and one after the other. Each thread has a node, a publisher and a subscriber of its own, as a process would; the memory is shared
//! memory either way. On x86_64, whose clock it reads.

mod stream;

use std::array;
use std::error::Error;
use std::hint::spin_loop;
use std::process;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread;

use iceoryx2::port::publisher::Publisher;
use iceoryx2::port::subscriber::Subscriber;
use iceoryx2::prelude::{LogLevel, NodeBuilder, ipc, set_log_level};

type Value = [u64; 8];

const ROUNDS: usize = 60;
const CALLS: usize = 2000;
const SETTLE: usize = 200;

const MAILBOXES: u32 = 0;
const RIVAL: u32 = 1;
const END: u32 = 2;

/// No two of these share a cache line, nor a pair of lines that processors fetch together.
#[repr(align(128))]
struct Line<T>(T);

/// A value, and its number in a line of its own.
struct Mailbox {
    number: Line<AtomicU32>,
    value: Line<[AtomicU64; 8]>,
}

impl Mailbox {
    const fn new() -> Self {
        Self {
            number: Line(AtomicU32::new(0)),
            value: Line([const { AtomicU64::new(0) }; 8]),
        }
    }

    fn write(&self, number: &mut u32, value: &Value) {
        for (word, value) in self.value.0.iter().zip(value) {
            word.store(*value, Ordering::Relaxed);
        }
        *number = number.wrapping_add(1);
        self.number.0.store(*number, Ordering::Release);
    }

    fn read(&self, number: &mut u32) -> Option<Value> {
        if self.number.0.load(Ordering::Acquire) == *number {
            return None;
        }
        *number = number.wrapping_add(1);
        Some(array::from_fn(|index| {
            self.value.0[index].load(Ordering::Relaxed)
        }))
    }
}

static THERE: Mailbox = Mailbox::new();
static BACK: Mailbox = Mailbox::new();

/// What the other thread does, and what it has begun to do.
static ORDER: Line<AtomicU32> = Line(AtomicU32::new(u32::MAX));
static ACCEPTED: Line<AtomicU32> = Line(AtomicU32::new(u32::MAX));

type Ports = (
    Publisher<ipc::Service, Value, ()>,
    Subscriber<ipc::Service, Value, ()>,
);

/// Sends to one service and receives from another.
fn ports(to: &str, from: &str) -> Result<Ports, Box<dyn Error>> {
    let node = NodeBuilder::new().create::<ipc::Service>()?;
    let service = |way: &str| {
        let name = format!("rival-{}-{way}", process::id());
        let name = name.as_str().try_into()?;
        let builder = node.service_builder(&name).publish_subscribe::<Value>();
        Ok::<_, Box<dyn Error>>(builder.open_or_create()?)
    };
    let to = service(to)?.publisher_builder().create()?;
    let from = service(from)?.subscriber_builder().create()?;
    Ok((to, from))
}

fn receive(from: &Subscriber<ipc::Service, Value, ()>) -> Option<Value> {
    from.receive().expect("no error").map(|it| *it)
}

fn answer() {
    let (to, from) = ports("back", "there").expect("two services");
    let (mut read, mut written) = (0, 0);
    obey(|order| match order {
        MAILBOXES => match THERE.read(&mut read) {
            Some(value) => BACK.write(&mut written, &value),
            None => spin_loop(),
        },
        RIVAL => match receive(&from) {
            Some(value) => drop(to.send_copy(value).expect("no error")),
            None => spin_loop(),
        },
        _ => spin_loop(),
    });
}

/// The other thread: does what it is told, again and again.
fn obey(mut act: impl FnMut(u32)) {
    loop {
        let order = ORDER.0.load(Ordering::Acquire);
        ACCEPTED.0.store(order, Ordering::Release);
        if order == END {
            return;
        }
        while ORDER.0.load(Ordering::Relaxed) == order {
            act(order);
        }
    }
}

/// Tells the other thread what to do, and returns when it does.
fn begin(order: u32) {
    ORDER.0.store(order, Ordering::Release);
    while ACCEPTED.0.load(Ordering::Acquire) != order {
        spin_loop();
    }
}

fn ticks() -> u64 {
    // SAFETY: every processor of this architecture has the instruction.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// The median and the 99th percentile, in ticks.
fn measure(order: u32, mut call: impl FnMut(u64) -> Value) -> [f64; 2] {
    begin(order);
    let once = |number: usize| {
        let start = ticks();
        let got = call(number as u64);
        let took = ticks() - start;
        assert_eq!(got[0], number as u64);
        took
    };
    let mut took: Vec<_> = (0..SETTLE + CALLS).map(once).skip(SETTLE).collect();
    took.sort_unstable();
    [CALLS / 2, CALLS * 99 / 100].map(|index| took[index] as f64)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> Result<(), Box<dyn Error>> {
    set_log_level(LogLevel::Error);
    let (to, from) = ports("there", "back")?;
    let peer = thread::spawn(answer);
    let (mut read, mut written) = (0, 0);
    let mut all = Vec::new();
    for round in 0..ROUNDS {
        let mut took = [[0.0; 2]; 2];
        for turn in 0..2 {
            let order = ((turn + round) % 2) as u32;
            took[order as usize] = measure(order, |number| {
                let value = [number; 8];
                if order == MAILBOXES {
                    THERE.write(&mut written, &value);
                } else {
                    to.send_copy(value).expect("no error");
                }
                loop {
                    let got = match order {
                        MAILBOXES => BACK.read(&mut read),
                        _ => receive(&from),
                    };
                    match got {
                        Some(got) => break got,
                        None => spin_loop(),
                    }
                }
            });
        }
        all.push(took);
    }
    ORDER.0.store(END, Ordering::Release);
    peer.join().expect("the other thread ends");
    for (part, what) in ["median", "99th percentile"].into_iter().enumerate() {
        let [floor, rival] =
            [0, 1].map(|side| median(all.iter().map(|took| took[side][part]).collect()));
        let ratio = median(
            all.iter()
                .map(|took| took[1][part] / took[0][part])
                .collect(),
        );
        println!(
            "iceoryx2, there and back, 64 B, {what}: {ratio:.2} times two mailboxes ({rival:.0} to {floor:.0} ticks)"
        );
    }
    stream::row::<8>("64 B")?;
    stream::row::<512>("4 KiB")?;
    stream::row::<8192>("64 KiB")
}
