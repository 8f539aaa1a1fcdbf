//! Random histories: every call of snapshots, broadcasts, channels and shared mutexes, in any order, on regions in which
//! somebody stores random words between the calls, and in some histories also during them. Whatever comes of
//! it: no panic, no overflow, and no call takes longer than it was told to.
//!
//! A history follows from its seed. One that fails says its seed; `WIN_SHARED_MEMORY_SEED` replays that
//! one alone. `WIN_SHARED_MEMORY_SEEDS` says how many there are of each kind.

mod broadcasts;
mod channels;
mod mutexes;

use std::env;
use std::fmt::Debug;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::snapshot::{Reader, SliceReader, SliceWriter, Writer};
use win_shared_memory::{LockMode, Section, SharedData, SharedMemoryOptions};

use crate::format::{GENERATION, LATEST, LOCK, RECORD_SEQUENCE, WRITER_ID, Words};
use crate::support::{Random, fresh_name, watchdog_that_says};

/// What a call may take beyond its timeout.
const SLACK: Duration = Duration::from_millis(400);

/// What registering and opening may take, which are many calls of the system.
const REGISTRATION: Duration = Duration::from_millis(1500);

/// A call is too slow if it is so in each of so many runs of its history: a machine with much else to do
/// is slow here and there.
const RUNS: u32 = 5;

const STEPS: u32 = 60;

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Value {
    tick: u64,
    speed: f32,
    gears: [i32; 3],
}

/// Another type, with bytes that are not valid.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Light {
    on: bool,
    lumen: u32,
    colour: Colour,
}

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(u8)]
enum Colour {
    Red = 1,
    Green = 2,
}

const LIGHT: Light = Light {
    on: true,
    lumen: 7,
    colour: Colour::Green,
};

/// One run of a history.
struct History {
    random: Random,
    name: String,
    regions: Vec<Words>,
    /// Stores that may be undone: region, offset, and the word before.
    stores: Vec<(usize, usize, u32)>,
    /// What is being done, for the watchdog, and to tell a call that was too slow.
    now: Arc<Mutex<String>>,
    too_slow: Option<String>,
    timeout: Duration,
}

impl History {
    fn new(seed: u64, now: &Arc<Mutex<String>>) -> Self {
        Self {
            random: Random::of(seed),
            name: fresh_name(),
            regions: Vec::new(),
            stores: Vec::new(),
            now: now.clone(),
            too_slow: None,
            timeout: Duration::ZERO,
        }
    }

    /// Calls `body`, whatever it returns, and notes how long that took.
    fn call<R: Debug>(&mut self, name: &str, limit: Duration, body: impl FnOnce() -> R) -> R {
        *self.now.lock().unwrap() = name.to_owned();
        let start = Instant::now();
        let result = body();
        let took = start.elapsed();
        if took > limit {
            self.too_slow = Some(format!("{name} took {took:?}: {result:?}"));
        }
        result
    }

    /// What there is of the regions now. Which payload there is follows from the directory.
    fn find_regions(&mut self) {
        let directory = self.regions.first();
        let generation = directory.map_or(1, |it| it.get(GENERATION));
        let payload = format!("{}~{generation:x}", self.name);
        self.stores.clear();
        self.regions.clear();
        for region in [&self.name, &payload, &format!("{}~wait", self.name)] {
            let section = Section::open_existing(region);
            self.regions.extend(section.ok().map(Words::of));
        }
    }

    /// Stores some words, or undoes that.
    fn store(&mut self) {
        match self.random.below(8) {
            0 => {
                for (region, at, word) in self.stores.drain(..).rev() {
                    self.regions[region].set(at, word);
                }
            }
            1..4 => {}
            // Both ends of a channel may be gone, and its regions with them.
            _ if self.regions.is_empty() => {}
            _ => {
                for _ in 0..=self.random.below(3) {
                    let (region, at, word) = any_store(&mut self.random, &self.regions);
                    self.stores.push((region, at, self.regions[region].get(at)));
                    self.regions[region].set(at, word);
                }
            }
        }
    }

    fn any_timeout(&mut self) -> Duration {
        self.timeout = Duration::from_micros(self.random.pick(&[0, 0, 100, 1000]));
        self.timeout
    }

    fn waiting(&mut self) -> SharedMemoryOptions {
        let mut options = SharedMemoryOptions::new();
        options.wait(self.any_timeout());
        options
    }

    fn value(&mut self) -> Value {
        Value {
            tick: self.random.next(),
            speed: 0.0,
            gears: [1; 3],
        }
    }
}

/// Words that mean something, and those around them.
fn any_store(random: &mut Random, regions: &[Words]) -> (usize, usize, u32) {
    let region = random.below(regions.len() as u64) as usize;
    let words = &regions[region];
    let meaningful = [
        0,
        4,
        8,
        12,
        RECORD_SEQUENCE,
        WRITER_ID,
        24,
        28,
        GENERATION,
        36,
        LATEST,
        LOCK + 4,
        256,
        260,
        264,
        268,
        272,
    ];
    let at = match random.below(4) {
        0 => 4 * random.below(words.view().len() as u64 / 4) as usize,
        1 => 4 * random.below(256) as usize,
        _ => random.pick(&meaningful),
    };
    let before = words.get(at);
    let any = random.next() as u32;
    let others = [
        0,
        1,
        2,
        3,
        40,
        u32::MAX,
        u32::MAX - 1,
        1 << 31,
        (1 << 31) - 1,
        before.wrapping_add(1),
        before.wrapping_sub(1),
        before ^ 1 << (any % 32),
        std::process::id(),
        any,
    ];
    (region, at, random.pick(&others))
}

/// Does `body` while a thread of its own stores as it likes, in one history of eight.
fn beside_a_scribbler(seed: u64, name: &str, body: impl FnOnce()) {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        if seed % 8 == 7 {
            let regions =
                ["", "~1", "~wait"].map(|it| Section::open_existing(&format!("{name}{it}")));
            let regions: Vec<_> = regions.into_iter().flatten().map(Words::of).collect();
            let (over, mut random) = (&over, Random::of(!seed));
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    // Somebody who registers without end, or anything.
                    if seed % 16 == 7 {
                        let sequence = regions[0].get(RECORD_SEQUENCE);
                        regions[0].set(RECORD_SEQUENCE, sequence.wrapping_add(1));
                    } else {
                        let (region, at, word) = any_store(&mut random, &regions);
                        regions[region].set(at, word);
                    }
                }
            });
        }
        // Also if it panics, or the thread goes on for ever.
        struct Over<'a>(&'a AtomicBool);
        impl Drop for Over<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let _over = Over(&over);
        body();
    });
}

fn snapshot(seed: u64, history: &mut History) {
    let name = history.name.clone();
    let mut writer = Some(Writer::<Value>::register(&name).unwrap());
    let mut reader = Reader::<Value>::open(&name).unwrap();
    history.find_regions();
    beside_a_scribbler(seed, &name, || {
        for _ in 0..STEPS {
            history.store();
            if history.random.below(2) == 0 {
                read(history, &mut reader);
            } else {
                write(history, &mut writer);
            }
        }
    });
}

fn slices(seed: u64, history: &mut History) {
    const CAPACITY: usize = 50;
    let name = history.name.clone();
    let mut writer = SliceWriter::<Value>::register(&name, CAPACITY).ok();
    let mut reader = SliceReader::<Value>::open(&name).unwrap();
    history.find_regions();
    beside_a_scribbler(seed, &name, || {
        let mut values = Vec::new();
        for _ in 0..STEPS {
            history.store();
            let timeout = history.any_timeout();
            let len = history.random.below(CAPACITY as u64 + 2) as usize;
            let new = vec![history.value(); len];
            match (history.random.below(8), &mut writer) {
                (0 | 1, _) => {
                    let read = || reader.latest_into(&mut values);
                    let _ = history.call("latest_into", SLACK, read);
                    assert!(values.len() <= reader.capacity().max(CAPACITY));
                }
                (2, _) => {
                    let wait = || reader.wait_changed(timeout);
                    let _ = history.call("wait_changed", timeout + SLACK, wait);
                    let arm = || reader.arm().map(|it| it.is_some());
                    let _ = history.call("arm", SLACK, arm);
                }
                (3, _) => {
                    let options = history.waiting();
                    let open = || SliceReader::open_with(&name, &options);
                    if let Ok(another) = history.call("open_with", REGISTRATION, open) {
                        reader = another;
                    }
                }
                (4, Some(_)) => writer = None,
                (5, Some(writer)) => {
                    let mut draft = writer.draft_from_last();
                    history.store();
                    let _ = draft.extend_from_slice(&new);
                    history.store();
                    draft.publish();
                }
                (_, Some(writer)) => {
                    let published = history.call("publish", SLACK, || writer.publish(&new));
                    assert!(published.is_ok() || len > writer.capacity());
                }
                (_, None) => {
                    let register = || SliceWriter::register(&name, len.max(1));
                    writer = history.call("register", REGISTRATION, register).ok();
                    history.find_regions();
                }
            }
        }
    });
}

fn read(history: &mut History, reader: &mut Reader<Value>) {
    let timeout = history.any_timeout();
    let limit = timeout + SLACK;
    let mut value = history.value();
    match history.random.below(10) {
        0 | 1 => {
            let _ = history.call("latest", limit, || reader.latest());
        }
        2 => {
            let _ = history.call("latest_into", limit, || reader.latest_into(&mut value));
        }
        3 => {
            let mut room = MaybeUninit::uninit();
            let read = || reader.latest_into_uninit(&mut room).map(|it| it.is_some());
            let _ = history.call("latest_into_uninit", limit, read);
        }
        4 => {
            let _ = history.call("has_changed", limit, || reader.has_changed());
        }
        5 | 6 => {
            let _ = history.call("wait_changed", limit, || reader.wait_changed(timeout));
        }
        7 => {
            history.call("writer", limit, || {
                (reader.writer_liveness(), reader.writer())
            });
        }
        8 => {
            let _ = (
                reader.generation(),
                reader.unchanged_for(),
                format!("{reader:?}"),
            );
        }
        _ => {
            let (name, options) = (history.name.clone(), history.waiting());
            let open = || Reader::open_with(&name, &options);
            if let Ok(another) = history.call("open_with", REGISTRATION, open) {
                *reader = another;
            }
        }
    }
}

fn write(history: &mut History, slot: &mut Option<Writer<Value>>) {
    let name = history.name.clone();
    let value = history.value();
    let Some(writer) = slot else {
        if history.random.below(4) == 0 {
            let other = history.call("register", REGISTRATION, || {
                Writer::<Light>::register(&name)
            });
            if let Ok(mut other) = other {
                history.call("publish", SLACK, || other.publish(&LIGHT));
            }
        }
        *slot = history
            .call("register", REGISTRATION, || Writer::register(&name))
            .ok();
        history.find_regions();
        return;
    };
    match history.random.below(8) {
        0 => {
            *slot = None;
        }
        1 => {
            let second = || Writer::<Value>::register(&name).map(drop);
            let _ = history.call("register", REGISTRATION, second);
            let new = || Writer::<Value>::create(&name).map(drop);
            let _ = history.call("create", REGISTRATION, new);
        }
        way @ 2..5 => {
            let draft = match way {
                2 => writer.draft_from_zeros(),
                _ => writer.draft_from_last(),
            };
            history.store();
            draft.place().write(&value);
            history.store();
            if way < 4 {
                draft.publish();
            }
        }
        _ => {
            history.call("publish", SLACK, || writer.publish(&value));
        }
    }
}

/// So many seeds of each kind, or the one that is asked for.
fn seeds() -> impl Iterator<Item = u64> {
    let number = |name| env::var(name).ok().map(|it| it.parse().unwrap());
    match number("WIN_SHARED_MEMORY_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("WIN_SHARED_MEMORY_SEEDS").unwrap_or(700),
    }
}

/// Says the seed if the history panics.
struct Seed<'a>(u64, &'a Mutex<String>);

impl Drop for Seed<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let call = self.1.lock().map(|it| it.clone()).unwrap_or_default();
            eprintln!("WIN_SHARED_MEMORY_SEED={}, in or after {call}", self.0);
        }
    }
}

fn run(history: impl Fn(u64, &mut History)) {
    let (seed_now, now) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(Mutex::new(String::new())),
    );
    let start = Instant::now();
    let mut watchdogs = Vec::new();
    let mut count = 0;
    for seed in seeds() {
        if count % 50 == 0 {
            let (seed, now) = (seed_now.clone(), now.clone());
            watchdogs = vec![watchdog_that_says(move || {
                let (seed, call) = (
                    seed.load(Ordering::Relaxed),
                    now.lock().map(|it| it.clone()),
                );
                format!("with WIN_SHARED_MEMORY_SEED={seed} in {call:?}")
            })];
        }
        seed_now.store(seed, Ordering::Relaxed);
        count += 1;
        let _seed = Seed(seed, &now);
        let mut too_slow = Vec::new();
        while too_slow.len() < RUNS as usize {
            let mut run = History::new(seed, &now);
            history(seed, &mut run);
            match run.too_slow {
                None => break,
                Some(call) => too_slow.push(call),
            }
        }
        assert!(too_slow.len() < RUNS as usize, "each time: {too_slow:#?}");
    }
    drop(watchdogs);
    println!("{count} histories in {:?}", start.elapsed());
}

#[test]
fn snapshots_survive_random_stores() {
    run(snapshot);
}

#[test]
fn snapshots_of_slices_survive_random_stores() {
    run(slices);
}

#[test]
fn broadcasts_survive_random_stores() {
    run(broadcasts::broadcast);
}

#[test]
fn broadcasts_of_slices_survive_random_stores() {
    run(broadcasts::slices);
}

#[test]
fn channels_survive_random_stores() {
    run(channels::channel);
}

#[test]
fn channels_of_slices_survive_random_stores() {
    run(channels::slices);
}

#[test]
fn shared_mutexes_survive_random_stores() {
    run(|seed, history| mutexes::shared_mutex(seed, history, LockMode::Fast));
}

#[test]
fn shared_mutexes_of_the_kernel_survive_random_stores() {
    run(|seed, history| mutexes::shared_mutex(seed, history, LockMode::Kernel));
}
