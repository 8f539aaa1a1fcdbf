//! What `latest_into` costs while another process publishes.

use std::cell::Cell;
use std::env;
use std::fmt::{self, Write as _};
use std::hint::{black_box, spin_loop};
use std::thread;
use std::time::{Duration, Instant};

use bench::{Memcpy, Orders, Pace, Peer, Slots, Table, Target, seconds};
use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{ReadWrite, SharedMemoryError, SharedMemoryLink};

use crate::{LARGE, SMALL, Value, WRITERS, is_whole, label, mark, mode, name};

/// The peer: publishes, or writes one buffer, as it is told.
pub(crate) fn write<const WORDS: usize>(orders: &Orders) {
    let mut writer = Writer::<Value<WORDS>>::create(&orders.name).expect("nobody has the name");
    let buffer = SharedMemoryLink::<Value<WORDS>, ReadWrite>::create(&one_buffer(&orders.name))
        .expect("nobody has the name");
    let mut value = [0; WORDS];
    let mut publish = |with: u64| {
        mark(&mut value, with);
        black_box(&mut value);
        writer.publish(&value);
        orders.count();
    };
    publish(1);
    let mut raw = [0; WORDS];
    let mut next = 2;
    loop {
        let order = orders.next();
        orders.accept(order);
        let period = match order {
            mode::HZ_60 => Duration::from_secs(1) / 60,
            mode::KHZ_10 => Duration::from_micros(100),
            _ => Duration::ZERO,
        };
        let mut due = Instant::now() + period;
        while orders.stands(order) {
            match order {
                mode::CONTINUOUS => publish(next),
                mode::FLOOR => {
                    mark(&mut raw, next);
                    buffer.write(black_box(&raw));
                    orders.count();
                }
                mode::HZ_60 | mode::KHZ_10 => {
                    let left = due.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        publish(next);
                        due += period;
                    } else if left > Duration::from_millis(2) {
                        thread::sleep(left);
                    } else {
                        spin_loop();
                        continue;
                    }
                }
                _ => thread::sleep(Duration::from_millis(1)),
            }
            next += 1;
        }
    }
}

fn one_buffer(name: &str) -> String {
    format!("{name}-buffer")
}

/// What `latest_into` costs.
pub(crate) struct Reads {
    against_memcpy: Table,
    against_one_buffer: Table,
    against_own_copy: Table,
    facts: String,
}

impl Reads {
    pub(crate) fn new() -> Self {
        let table = |title: &str| Table::new("snapshot", title, Pace::SHARED);
        Self {
            against_memcpy: table(
                "latest_into; the floor is memcpy from the slot of the last version, unprotected, \
                 under the same writer (0.8 of its rate is a ratio of 1.25)",
            ),
            against_one_buffer: table(
                "latest_into; the floor is memcpy from one buffer that the same process writes \
                 without a pause, unprotected, or the library's plain copy of it",
            ),
            against_own_copy: table(
                "What the protocol adds: the floor is the library's plain copy of the slot of the \
                 last version, unprotected, under the same writer",
            ),
            facts: String::new(),
        }
    }

    pub(crate) fn measure<const WORDS: usize>(&mut self, role: &str) {
        // Long because one reader and one peer serve all rows.
        let row = |writer: &str| format!("latest_into, {}, {writer}", label(WORDS));
        let is_wanted = |what: &str| bench::is_wanted(&format!("snapshot/{what}"));
        if !WRITERS.iter().any(|it| is_wanted(&row(it.0))) {
            return;
        }
        let name = name(role);
        let peer = Peer::start(role, &name);
        peer.switch(mode::IDLE);
        let slots = Slots::open(&name);
        let mut reader = Reader::<Value<WORDS>>::open(&name).expect("the writer is there");
        let mut value = [0; WORDS];
        let mut raw = [0; WORDS];
        let contended = Cell::new(0_u64);
        let mut read = || match reader.latest_into(&mut value) {
            Ok(got) => got,
            Err(SharedMemoryError::Contended { .. }) => {
                contended.set(contended.get() + 1);
                false
            }
            Err(error) => panic!("{error}"),
        };
        for (writer, order) in WRITERS {
            let what = row(writer);
            if !is_wanted(&what) {
                continue;
            }
            let target = match (WORDS, order) {
                (SMALL, mode::HZ_60) => Target::Seconds(12e-9),
                (LARGE, mode::HZ_60) => Target::Ratio(1.1),
                (LARGE, mode::CONTINUOUS) => Target::Ratio(1.25),
                _ => Target::None,
            };
            contended.set(0);
            peer.switch(order);
            // The others are idle most of the time, and how often they publish is known.
            let under = || (order == mode::CONTINUOUS).then(|| peer.under(order, order));
            self.against_memcpy.row_around(
                &what,
                target,
                under(),
                || slots.copy(slots.latest(), &mut raw),
                &mut read,
            );
            self.against_own_copy.row_around(
                &what,
                target,
                under(),
                || slots.place(slots.latest()).read_into(&mut raw),
                &mut read,
            );
            if order == mode::CONTINUOUS {
                let buffer =
                    SharedMemoryLink::<Value<WORDS>, ReadWrite>::open_existing(&one_buffer(&name))
                        .expect("the writer made it");
                let memcpy = Memcpy::of_this_program();
                self.against_one_buffer.row_around(
                    &what,
                    target,
                    peer.under(mode::FLOOR, mode::CONTINUOUS),
                    // SAFETY: both are as large. That others write meanwhile is what is measured.
                    || unsafe {
                        let from = buffer.as_ptr().cast();
                        memcpy.copy(from, (&raw mut raw).cast(), size_of_val(&raw));
                    },
                    &mut read,
                );
                self.against_one_buffer.row_around(
                    &format!("{what}, own copy"),
                    target,
                    peer.under(mode::FLOOR, mode::CONTINUOUS),
                    || buffer.read_into(&mut raw),
                    &mut read,
                );
                peer.switch(order);
            }
            let attempts = Attempts::of(&slots, &peer, &mut raw);
            writeln!(
                self.facts,
                "| {what:<31} | {:>5} | {:>11.0} | {:>9} | {:>10} | {:>8.4} % | {:>5} |",
                slots.count,
                attempts.published,
                contended.get(),
                attempts.reads,
                attempts.again * 100.0,
                attempts.worst,
            )
            .expect("a String takes all");
        }
    }
}

impl fmt::Display for Reads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            against_memcpy,
            against_one_buffer,
            against_own_copy,
            facts,
        } = self;
        write!(f, "{against_memcpy}{against_one_buffer}{against_own_copy}")?;
        if facts.is_empty() {
            return Ok(());
        }
        write!(
            f,
            "\nContended: how many of the reads above failed. Again: reads by a reader of this \
             program's own, after FORMAT.md, that took more than one attempt; most: that any took.\n\n\
             | {:<31} | slots | published/s | Contended | reads      | again      | most  |\n\
             |-{:-<31}-|------:|------------:|----------:|-----------:|-----------:|------:|\n\
             {facts}",
            "what", ""
        )
    }
}

/// How many attempts reads take.
struct Attempts {
    reads: u64,
    /// The part of the reads that took more than one attempt.
    again: f64,
    worst: u32,
    /// A second.
    published: f64,
}

impl Attempts {
    fn of<const WORDS: usize>(slots: &Slots, peer: &Peer, to: &mut Value<WORDS>) -> Self {
        const TIME: Duration = Duration::from_secs(1);
        let (mut reads, mut again, mut worst) = (0_u64, 0_u64, 0);
        let (start, count) = (Instant::now(), peer.count());
        while start.elapsed() < TIME {
            for _ in 0..16 {
                let attempts = slots.read(|place| place.read_into(to));
                assert!(is_whole(to));
                reads += 1;
                again += u64::from(attempts > 1);
                worst = worst.max(attempts);
            }
        }
        let published = peer.count().wrapping_sub(count);
        Self {
            reads,
            again: again as f64 / reads as f64,
            worst,
            published: f64::from(published) / start.elapsed().as_secs_f64(),
        }
    }
}

pub(crate) fn long_run() -> String {
    const WHAT: &str = "long run, 64 KiB, continuous";
    if !bench::is_wanted(&format!("snapshot/{WHAT}")) {
        return String::new();
    }
    let long = env::args().any(|it| it == "--long");
    let time = Duration::from_secs(if long { 60 } else { 10 });
    eprintln!("measuring {WHAT}, {time:?} …");
    let name = name("long");
    let peer = Peer::start("writer-64K", &name);
    peer.switch(mode::CONTINUOUS);
    let mut reader = Reader::<Value<LARGE>>::open(&name).expect("the writer is there");
    let mut value = [0; LARGE];
    let (mut reads, mut contended, mut torn, mut news, mut last) = (0_u64, 0_u64, 0_u64, 0_u64, 0);
    let mut slowest = Duration::ZERO;
    let (start, count) = (Instant::now(), peer.count());
    let mut now = start;
    while now - start < time {
        match reader.latest_into(&mut value) {
            Ok(got) => {
                assert!(got, "something was published");
                let version = reader.version();
                torn += u64::from(!is_whole(&value));
                news += u64::from(version > last);
                assert!(version >= last, "versions went back");
                last = version;
            }
            Err(SharedMemoryError::Contended { .. }) => contended += 1,
            Err(error) => panic!("{error}"),
        }
        reads += 1;
        let then = now;
        now = Instant::now();
        slowest = slowest.max(now - then);
    }
    let passed = (now - start).as_secs_f64();
    let published = f64::from(peer.count().wrapping_sub(count)) / passed;
    format!(
        "\n{WHAT}, {time:?}: {reads} reads ({:.0}/s, {:.1} % of them of a new version), {published:.0} \
         published/s, Contended {contended} (target 0: {}), torn {torn}, slowest read {}\n",
        reads as f64 / passed,
        news as f64 / reads as f64 * 100.0,
        if contended == 0 { "yes" } else { "NO" },
        seconds(slowest.as_secs_f64()),
    )
}
