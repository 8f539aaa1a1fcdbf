//! Each convention against a C program that follows it as real programs do: at the rate and size of a real one, as
//! fast as it can, and stopped in the middle of a write.
//!
//! `WIN_SHARED_MEMORY_READS` sets the number of reads; without it each test reads for a moment.

use std::collections::HashMap;
use std::env;
use std::time::{Duration, Instant};

use win_shared_memory::consistency::{
    Buffer, BufferPlace, Bytes, Cause, Convention, Inconsistent, Limits, LockRegion, Reader,
};
use win_shared_memory::sync::Mutex;
use win_shared_memory::{Section, SharedMemoryError, View};

use super::Peer;
use crate::support::fresh_name;

/// How a real producer writes.
struct Producer {
    kind: &'static str,
    /// Of the region, in bytes.
    size: usize,
    /// From the end of one write to the beginning of the next, in microseconds.
    pause: u32,
}

const MUMBLE: Producer = Producer {
    kind: "double_read",
    size: 5460,
    pause: 20_000,
};
const ASSETTO: Producer = Producer {
    kind: "counter",
    size: 800,
    pause: 3000,
};
const RFACTOR: Producer = Producer {
    kind: "begin_end",
    size: 241_680,
    pause: 20_000,
};
const AUTOMOBILISTA: Producer = Producer {
    kind: "sequence",
    size: 20_688,
    pause: 16_000,
};
const IRACING: Producer = Producer {
    kind: "latest_of",
    size: 32_768,
    pause: 16_000,
};
const GPU_Z: Producer = Producer {
    kind: "busy",
    size: 200_204,
    pause: 100_000,
};
const HWINFO: Producer = Producer {
    kind: "mutex",
    size: 65_536,
    pause: 100_000,
};
const LE_MANS: Producer = Producer {
    kind: "lock_region",
    size: 324_824,
    pause: 10_000,
};

const FAST: Limits = Limits {
    attempts: 3,
    timeout: Duration::from_millis(200),
    settle: Duration::from_micros(50),
};

/// A producer that runs, and what a reader has open of it.
struct World {
    kind: &'static str,
    peer: Peer,
    view: View,
    size: usize,
    mutex: Option<Mutex>,
    lock: Option<LockRegion>,
    bytes: Vec<u8>,
}

impl World {
    fn start(kind: &'static str, size: usize) -> Self {
        let name = fresh_name();
        let mut peer = Peer::start_with("producer", &[kind, &name, &size.to_string()]);
        assert_eq!(peer.answer(), "ready");
        let other = |suffix| format!("{name}-{suffix}");
        Self {
            kind,
            peer,
            view: Section::open(&name).unwrap().map().unwrap(),
            size,
            mutex: (kind == "mutex").then(|| Mutex::open(&other("mutex")).unwrap()),
            lock: (kind == "lock_region")
                .then(|| LockRegion::open(&other("lock"), 0, 4, &*other("event")).unwrap()),
            bytes: Vec::new(),
        }
    }

    /// Reads a value as the convention of its producer demands: its step.
    fn read(&mut self, reader: &mut Reader) -> Result<Step, SharedMemoryError> {
        let Self { view, bytes, .. } = self;
        let word = |offset| view.place::<u32>(offset).unwrap();
        let row = |at: usize| BufferPlace {
            tick: word(48 + 16 * at).into(),
            start: word(48 + 16 * at + 4).into(),
        };
        let rows = [0, 1, 2, 3].map(row);
        let convention = match self.kind {
            "double_read" => Convention::double_read(Bytes::of_range(view, 0..self.size)?),
            "counter" => Convention::counter(word(0)),
            "begin_end" => Convention::begin_end(word(0), word(4)),
            "sequence" => Convention::sequence(word(self.size / 8 * 4)),
            "latest_of" => Convention::latest_of(&rows, Some(word(32).into())),
            "busy" => Convention::busy(word(4), 1, word(8)),
            "mutex" => Convention::mutex(self.mutex.as_ref().unwrap()),
            "lock_region" => Convention::lock_region(self.lock.as_ref().unwrap()),
            other => panic!("{other}"),
        };
        let (kind, size) = (self.kind, self.size);
        reader.read(&convention, |buffer| copy(kind, size, view, buffer, bytes))?;
        Ok(Step::of(self.kind, bytes))
    }

    /// The same without a convention.
    fn read_unprotected(&mut self) -> Step {
        let buffer = match self.kind {
            "latest_of" => 128,
            _ => 0,
        };
        let Self { view, bytes, .. } = self;
        copy_from(self.kind, self.size, view, buffer, bytes);
        Step::of(self.kind, bytes)
    }

    /// Stops it; how long the writes of some steps took, which were interrupted.
    fn stop(&mut self) -> HashMap<u32, Duration> {
        let answer = self.peer.ask("stop");
        let mut numbers = answer.strip_prefix("stopped ").unwrap().split(' ');
        let _last = numbers.next();
        let numbers: Vec<u32> = numbers.map(|it| it.parse().unwrap()).collect();
        let slow = numbers.chunks_exact(2);
        slow.map(|it| (it[0], Duration::from_micros(it[1].into())))
            .collect()
    }
}

fn copy(kind: &str, size: usize, view: &View, buffer: Buffer, to: &mut Vec<u8>) {
    copy_from(kind, size, view, buffer.start, to);
}

fn copy_from(kind: &str, size: usize, view: &View, start: usize, to: &mut Vec<u8>) {
    let len = match kind {
        "latest_of" => (size - 128) / 3 / 4 * 4,
        _ => size,
    };
    to.resize(len, 0);
    view.read_bytes(start, to).unwrap();
}

/// What a value is of: one step if it is whole.
#[derive(Clone, Copy, Debug)]
struct Step {
    lowest: u32,
    highest: u32,
}

impl Step {
    fn of(kind: &str, bytes: &[u8]) -> Self {
        let (before, after) = match kind {
            "begin_end" => (&bytes[8..], &[][..]),
            "busy" => (&bytes[12..], &[][..]),
            // The sequence is in the middle.
            "sequence" => {
                let middle = bytes.len() / 8 * 4;
                (&bytes[..middle], &bytes[middle + 4..])
            }
            _ => (bytes, &[][..]),
        };
        let word = |bytes: &[u8]| u32::from_le_bytes(bytes[..4].try_into().unwrap());
        // All words are the same if each is the same as the next: a comparison that is fast in any build.
        let is_even = |bytes: &[u8]| bytes.is_empty() || bytes[4..] == bytes[..bytes.len() - 4];
        if is_even(before) && is_even(after) && after.get(..4).is_none_or(|it| it == &before[..4]) {
            let step = word(before);
            return Self {
                lowest: step,
                highest: step,
            };
        }
        let words = before
            .chunks_exact(4)
            .chain(after.chunks_exact(4))
            .map(word);
        Self {
            lowest: words.clone().min().unwrap(),
            highest: words.max().unwrap(),
        }
    }

    fn is_torn(self) -> bool {
        self.lowest != self.highest
    }
}

/// How long to read, if not a number of times.
const MOMENT: Duration = Duration::from_millis(300);

/// Whether to go on reading, after so many reads.
fn goes_on() -> impl Fn(u32) -> bool {
    let number = env::var("WIN_SHARED_MEMORY_READS").map(|it| it.parse().unwrap());
    let start = Instant::now();
    move |read| match number {
        Ok(number) => read < number,
        Err(_) => start.elapsed() < MOMENT,
    }
}

/// Reads without the convention, until so many values were torn: how often, and how many were.
fn read_all_unprotected(world: &mut World, needed: u32) -> (u32, u32) {
    let goes_on = goes_on();
    let (mut read, mut torn) = (0, 0);
    while goes_on(read) || torn < needed {
        // If none ever is, the watchdog ends it.
        if goes_on(read) && read % 1000 == 0 {
            world.peer.goes_on();
        }
        torn += u32::from(world.read_unprotected().is_torn());
        read += 1;
    }
    (read, torn)
}

/// Reads while the producer writes, until a value was whole. Nothing is torn, except where the producer does not say
/// when it writes and was interrupted for longer than it is given.
fn read_all(world: &mut World, limits: Limits) {
    let mut reader = Reader::with_limits(limits);
    let goes_on = goes_on();
    let (mut read, mut whole, mut torn) = (0, 0, Vec::new());
    while goes_on(read) || whole == 0 {
        if goes_on(read) && read % 1000 == 0 {
            world.peer.goes_on();
        }
        match world.read(&mut reader) {
            Ok(step) if step.is_torn() => torn.push(step),
            Ok(_) => whole += 1,
            Err(SharedMemoryError::Inconsistent(_)) => {}
            Err(error) => panic!("{error}"),
        }
        read += 1;
    }
    world.peer.goes_on();
    let slow = world.stop();
    assert_eq!(reader.counts().reads, u64::from(read));
    let failures = read - whole - torn.len() as u32;
    assert_eq!(reader.counts().failures, u64::from(failures));
    let says_nothing = ["double_read", "counter"].contains(&world.kind);
    let (interrupted, torn): (Vec<_>, Vec<_>) = torn.into_iter().partition(|step| {
        let took = slow.get(&step.highest).copied().unwrap_or_default();
        says_nothing && took >= limits.settle
    });
    println!(
        "{} of {} bytes: {read} reads, {whole} whole, {failures} given up, {} torn, {} of interrupted writes",
        world.kind,
        world.size,
        torn.len(),
        interrupted.len(),
    );
    assert!(torn.is_empty(), "{}: torn {torn:?}", world.kind);
}

fn nothing_is_torn(producer: &Producer) {
    // As fast as it can, it tears values for those that do not follow the convention; at its own rate, seldom.
    for (size, pause, limits, torn) in [
        (4096, 0, FAST, 1),
        (producer.size, producer.pause, Limits::default(), 0),
    ] {
        let mut world = World::start(producer.kind, size);
        assert_eq!(world.peer.ask(&format!("run {pause}")), "runs");
        let (read, torn) = read_all_unprotected(&mut world, torn);
        println!(
            "{} of {size} bytes: {torn} torn of {read} reads without the convention",
            world.kind
        );
        read_all(&mut world, limits);
    }
}

/// What a reader is told of a producer that stopped in the middle of a write.
#[derive(Debug, PartialEq)]
enum Told {
    Whole,
    Nothing,
    Failed(Cause),
}

fn told(world: &mut World) -> Told {
    let limits = Limits {
        timeout: Duration::from_millis(50),
        ..Limits::default()
    };
    let start = Instant::now();
    let told = match world.read(&mut Reader::with_limits(limits)) {
        Ok(step) if step.is_torn() => Told::Nothing,
        Ok(_) => Told::Whole,
        Err(SharedMemoryError::Inconsistent(Inconsistent { cause, .. })) => Told::Failed(cause),
        Err(error) => panic!("{error}"),
    };
    // The timeout, and what a busy machine may need for one pause.
    assert!(start.elapsed() < Duration::from_secs(2));
    told
}

fn a_stop_is_told(kind: &'static str, stopped: &Told, killed: &Told) {
    let mut world = World::start(kind, 4096);
    // A few values first, so that there is one in each of several buffers.
    for _ in 0..4 {
        assert_eq!(world.peer.ask("half"), "half");
        assert_eq!(world.peer.ask("go on"), "whole");
    }
    assert_eq!(world.peer.ask("half"), "half");
    assert_eq!(told(&mut world), *stopped, "{kind}, stopped");
    assert_eq!(world.peer.ask("go on"), "whole");
    assert_eq!(told(&mut world), Told::Whole, "{kind}, went on");
    assert_eq!(world.peer.ask("half"), "half");
    world.peer.suspend();
    assert_eq!(told(&mut world), *stopped, "{kind}, suspended");
    world.peer.kill();
    assert_eq!(told(&mut world), *killed, "{kind}, killed");
}

macro_rules! conventions {
    ($($whole:ident $stop:ident $producer:ident $stopped:expr, $killed:expr;)*) => { $(
        #[test]
        #[ignore = "needs the compiled peers: run cargo xtask test"]
        fn $whole() {
            nothing_is_torn(&$producer);
        }

        #[test]
        #[ignore = "needs the compiled peers: run cargo xtask test"]
        fn $stop() {
            a_stop_is_told($producer.kind, &$stopped, &$killed);
        }
    )* };
}

conventions! {
    double_read_is_not_torn double_read_does_not_notice_a_stop
        MUMBLE Told::Nothing, Told::Nothing;
    a_counter_is_not_torn a_counter_does_not_notice_a_stop
        ASSETTO Told::Nothing, Told::Nothing;
    begin_and_end_are_not_torn begin_and_end_tell_of_a_stop
        RFACTOR Told::Failed(Cause::Stopped), Told::Failed(Cause::Stopped);
    a_sequence_is_not_torn a_sequence_tells_of_a_stop
        AUTOMOBILISTA Told::Failed(Cause::Stopped), Told::Failed(Cause::Stopped);
    the_newest_buffer_is_not_torn the_newest_buffer_stays_whole_after_a_stop
        IRACING Told::Whole, Told::Whole;
    what_is_not_busy_is_not_torn a_busy_flag_tells_of_a_stop
        GPU_Z Told::Failed(Cause::Stopped), Told::Failed(Cause::Stopped);
    what_a_mutex_protects_is_not_torn a_mutex_tells_of_a_stop
        HWINFO Told::Failed(Cause::Locked), Told::Failed(Cause::Abandoned);
    what_a_lock_region_protects_is_not_torn a_lock_region_tells_of_a_stop
        LE_MANS Told::Failed(Cause::Locked), Told::Failed(Cause::Locked);
}
