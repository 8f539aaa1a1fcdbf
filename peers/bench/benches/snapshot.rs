//! Snapshots, shared mutexes and wake-ups, with the other party in another process: this program
//! starts itself again.
//!
//! What a reader pays depends on what the writer does meanwhile, so both sides of a row are measured
//! under the same writer. It publishes as fast as it can, 10 000 or 60 times a second, or never. The
//! floor copies the bytes of a slot without asking whether they are whole.
//!
//! `-- --long` reads for 60 s under the fastest writer instead of 10 s.

use std::cell::Cell;
use std::fmt::Write as _;
use std::hint::{black_box, spin_loop};
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, process, thread};

use bench::{Memcpy, Orders, Pace, Peer, Row, Side, Slots, Spread, Table, Target, seconds};
use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{
    LockMode, ReadWrite, Section, SharedMemoryError, SharedMemoryLink, SharedMemoryOptions,
    SharedMutex, View,
};
use windows_sys::Win32::Foundation::{HANDLE, WAIT_OBJECT_0};
use windows_sys::Win32::System::Performance::{QueryPerformanceCounter, QueryPerformanceFrequency};
use windows_sys::Win32::System::Threading::{
    CreateEventW, CreateMutexW, INFINITE, ReleaseMutex, ResetEvent, SetEvent, WaitForSingleObject,
};

const KIB: usize = 1 << 10;

/// All of it together takes two or three minutes.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// What a peer is told to do.
mod mode {
    pub(super) const IDLE: u32 = 1;
    pub(super) const HZ_60: u32 = 2;
    pub(super) const KHZ_10: u32 = 3;
    pub(super) const CONTINUOUS: u32 = 4;
    /// As fast as it can, without any protocol.
    pub(super) const FLOOR: u32 = 5;
    pub(super) const OURS: u32 = 6;
}

const WRITERS: [(&str, u32); 4] = [
    ("idle", mode::IDLE),
    ("60 Hz", mode::HZ_60),
    ("10 kHz", mode::KHZ_10),
    ("continuous", mode::CONTINUOUS),
];

/// A value of that many bytes.
type Value<const WORDS: usize> = [u64; WORDS];
const SMALL: usize = 64 / 8;
const MIDDLE: usize = KIB / 8;
const LARGE: usize = 64 * KIB / 8;

/// A value whose first and last word are the same.
fn mark<const WORDS: usize>(value: &mut Value<WORDS>, with: u64) {
    value[0] = with;
    value[WORDS - 1] = with;
}

fn is_whole<const WORDS: usize>(value: &Value<WORDS>) -> bool {
    value[0] == value[WORDS - 1]
}

fn label(words: usize) -> String {
    match words * 8 {
        bytes @ 0..KIB => format!("{bytes} B"),
        bytes => format!("{} KiB", bytes / KIB),
    }
}

/// A name nobody else has.
fn name(what: &str) -> String {
    format!(r"Local\bench-snapshot-{}-{what}", process::id())
}

fn wide(name: &str) -> Vec<u16> {
    name.encode_utf16().chain([0]).collect()
}

fn main() {
    bench::watchdog(LIMIT);
    if let Some(orders) = Orders::given() {
        return peer(&orders);
    }
    let mut reads = Reads::new();
    reads.measure::<SMALL>("writer-64");
    reads.measure::<MIDDLE>("writer-1K");
    reads.measure::<LARGE>("writer-64K");
    print!("{}{}", bench::machine(), reads);
    print!("{}", publishing());
    print!("{}", locking());
    print!("{}", waking());
    print!("{}", spinning());
    print!("{}", long_run());
}

fn peer(orders: &Orders) {
    match orders.role.as_str() {
        "writer-64" => write::<SMALL>(orders),
        "writer-1K" => write::<MIDDLE>(orders),
        "writer-64K" => write::<LARGE>(orders),
        "locker-64" => lock::<SMALL>(orders),
        "locker-64K" => lock::<LARGE>(orders),
        "waker" => wake(orders),
        "echo" => echo(orders),
        role => panic!("{role}: no role"),
    }
}

// Reading.

/// The peer: publishes, or writes one buffer, as it is told.
fn write<const WORDS: usize>(orders: &Orders) {
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
struct Reads {
    against_memcpy: Table,
    against_one_buffer: Table,
    against_own_copy: Table,
    facts: String,
}

impl Reads {
    fn new() -> Self {
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

    fn measure<const WORDS: usize>(&mut self, role: &str) {
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
            Ok(version) => version,
            Err(SharedMemoryError::Contended { .. }) => {
                contended.set(contended.get() + 1);
                None
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

impl std::fmt::Display for Reads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

/// How often a read has to begin anew.
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

fn long_run() -> String {
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
            Ok(version) => {
                let version = version.expect("something was published");
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

// Publishing.

fn publishing() -> Table {
    let title = "publish with nobody waiting; the floor is memcpy into as many slots in turn, or into \
                 one buffer";
    let mut table = Table::new("snapshot", title, Pace::COPIES);
    publish_rows::<SMALL>(&mut table);
    publish_rows::<MIDDLE>(&mut table);
    publish_rows::<LARGE>(&mut table);
    table
}

fn publish_rows<const WORDS: usize>(table: &mut Table) {
    let name = name(&format!("publish-{WORDS}"));
    let mut writer = Writer::<Value<WORDS>>::create(&name).expect("nobody has the name");
    let count = Slots::open(&name).count as usize;
    let buffers = Buffers::new(&format!("{name}-raw"), WORDS * 8, count);
    let from = Box::new([7_u64; WORDS]);
    let turn = Cell::new(0);
    let copy = |buffer: usize| buffers.fill(buffer, black_box(&*from));
    table.row(
        &format!("publish, {}, {count} slots", label(WORDS)),
        Target::None,
        || {
            turn.set((turn.get() + 1) % count);
            copy(turn.get());
        },
        || writer.publish(black_box(&from)),
    );
    table.row(
        &format!("publish, {}, one buffer", label(WORDS)),
        Target::None,
        || copy(0),
        || writer.publish(black_box(&from)),
    );
}

/// Shared memory for the floor, laid out as slots are.
struct Buffers {
    view: View<ReadWrite>,
    stride: usize,
    memcpy: Memcpy,
}

impl Buffers {
    fn new(name: &str, size: usize, count: usize) -> Self {
        let stride = size.next_multiple_of(128) + 128;
        let section: Section<ReadWrite> =
            Section::create(name, (stride * count) as u64).expect("nobody has the name");
        let view = section.map().expect("there is room");
        for at in (0..stride * count).step_by(64) {
            view.write(at, &1_u64).expect("in bounds");
        }
        Self {
            view,
            stride,
            memcpy: Memcpy::of_this_program(),
        }
    }

    fn fill<const WORDS: usize>(&self, buffer: usize, from: &Value<WORDS>) {
        let at = buffer * self.stride + 128;
        assert!(at + WORDS * 8 <= self.view.len());
        // SAFETY: just checked; nobody else has the region.
        unsafe {
            let to = self.view.as_mut_ptr().add(at);
            self.memcpy.copy(from.as_ptr().cast(), to, WORDS * 8);
        }
    }
}

// Locking.

/// A kernel mutex, by hand.
struct RawMutex(HANDLE);

impl RawMutex {
    fn new(name: &str) -> Self {
        // SAFETY: the name ends with NUL.
        let handle = unsafe { CreateMutexW(ptr::null(), 0, wide(name).as_ptr()) };
        assert!(!handle.is_null());
        Self(handle)
    }

    fn lock_and_release(&self) {
        // SAFETY: the handle is that of a mutex, never closed.
        unsafe {
            assert_eq!(WaitForSingleObject(self.0, INFINITE), WAIT_OBJECT_0);
            assert_ne!(ReleaseMutex(self.0), 0);
        }
    }
}

fn raw_lock(name: &str) -> String {
    format!("{name}-raw-lock")
}

fn change<const WORDS: usize>(mutex: &SharedMutex<Value<WORDS>>) {
    let change = |value: &mut Value<WORDS>| value[0] = value[0].wrapping_add(1);
    mutex.update(change).expect("no thread locks twice");
}

/// The peer: locks and releases as fast as it can.
fn lock<const WORDS: usize>(orders: &Orders) {
    let ours = SharedMutex::open(&orders.name).expect("the parent made it");
    let raw = RawMutex::new(&raw_lock(&orders.name));
    loop {
        let order = orders.next();
        orders.accept(order);
        while orders.stands(order) {
            match order {
                mode::OURS => change::<WORDS>(&ours),
                mode::FLOOR => raw.lock_and_release(),
                _ => thread::sleep(Duration::from_millis(1)),
            }
            orders.count();
        }
    }
}

fn locking() -> Table {
    let title = "SharedMutex: lock, change, commit; the floor is WaitForSingleObject and ReleaseMutex \
                 of a mutex alone; of a fast lock that nobody else wants, a std Mutex whose value is \
                 copied out and in again";
    let mut table = Table::new("snapshot", title, Pace::CALLS);
    for mode in [LockMode::Fast, LockMode::Kernel] {
        lock_rows::<SMALL>(&mut table, "locker-64", mode);
        lock_rows::<LARGE>(&mut table, "locker-64K", mode);
    }
    table
}

fn lock_rows<const WORDS: usize>(table: &mut Table, role: &str, mode: LockMode) {
    let name = format!("{}-{mode:?}", name(role));
    let mut options = SharedMemoryOptions::new();
    options.lock_mode(mode);
    let ours = SharedMutex::get_or_create_with(&name, &[0; WORDS], &options)
        .expect("nobody has the name");
    let (raw, own) = (RawMutex::new(&raw_lock(&name)), Mutex::new([0; WORDS]));
    let title = format!("lock, commit, {}, {mode:?}", label(WORDS));
    let change = || change::<WORDS>(&ours);
    if mode == LockMode::Fast {
        table.row(&title, Target::None, || change_own(&own), change);
    } else {
        table.row(&title, Target::None, || raw.lock_and_release(), change);
    }
    let contended = format!("{title}, contended");
    if table.is_wanted(&contended) {
        let peer = Peer::start(role, &name);
        table.row_around(
            &contended,
            Target::None,
            peer.switching(mode::FLOOR, mode::OURS),
            || raw.lock_and_release(),
            change,
        );
    }
}

fn change_own<const WORDS: usize>(mutex: &Mutex<Value<WORDS>>) {
    let mut guard = mutex.lock().expect("nobody panics");
    let mut value = black_box(*guard);
    value[0] = value[0].wrapping_add(1);
    *guard = black_box(value);
}

// Waking.

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
fn wake(orders: &Orders) {
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

fn waking() -> Table {
    const WHAT: &str = "wake-up, the reader asleep";
    const ROUNDS: usize = 60;
    const SAMPLES: usize = 15;
    let title = "From before publish until wait_newer has returned in another process; the floor is \
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
    let mut version = 0;
    let mut median = |side: Side| {
        // Of the last order, something may be left.
        peer.switch(mode::IDLE);
        event.reset();
        version = reader.latest().expect("no contention").map_or(0, |it| it.0);
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
                    let news = reader.wait_newer(version, Duration::from_secs(5));
                    let (newer, value) = news.expect("no contention").expect("the peer lives");
                    version = newer;
                    value[0]
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

// Spinning.

type Pair = [AtomicU32; 64];

fn atomics(name: &str) -> SharedMemoryLink<Pair, ReadWrite> {
    SharedMemoryLink::get_or_create(&format!("{name}-atomics")).expect("the name is ours")
}

fn back(name: &str) -> String {
    format!("{name}-back")
}

/// The peer: sends back what it gets.
fn echo(orders: &Orders) {
    const SLICE: Duration = Duration::from_millis(5);
    let mut writer = Writer::<Value<SMALL>>::create(&back(&orders.name)).expect("a free name");
    let mut reader = Reader::<Value<SMALL>>::open(&orders.name).expect("the parent made it");
    let words = atomics(&orders.name);
    let [there, back] = [&words.shared()[0], &words.shared()[32]];
    loop {
        let order = orders.next();
        let mut version = reader.latest().expect("no contention").map_or(0, |it| it.0);
        let mut last = there.load(Ordering::Acquire);
        orders.accept(order);
        while orders.stands(order) {
            match order {
                mode::OURS => {
                    if let Some((newer, value)) =
                        reader.wait_newer(version, SLICE).expect("no contention")
                    {
                        version = newer;
                        writer.publish(&value);
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
                _ => thread::sleep(Duration::from_millis(1)),
            }
        }
    }
}

fn spinning() -> Table {
    const WHAT: &str = "ping-pong, both spinning, 64 B";
    let title = "There and back: publish, wait_newer there, publish there, wait_newer; the floor is two \
                 atomics and no value";
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
    let (mut version, mut value) = (0, [0; SMALL]);
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
        || {
            value[0] += 1;
            writer.publish(&value);
            let news = reader.wait_newer(version, Duration::from_secs(5));
            let (newer, echoed) = news.expect("no contention").expect("the peer lives");
            assert_eq!(echoed, value);
            version = newer;
        },
    );
    table
}
