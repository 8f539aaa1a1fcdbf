//! Programs that are killed at any instant: what they leave is whole, nothing that they said is lost,
//! nobody waits for them, and the next goes on.
//!
//! `WIN_SHARED_MEMORY_KILLS` says how many are killed in all; 800 unless it is set.

mod broadcasts;
mod channels;
mod holders;
mod slices;

use std::env;
use std::mem;
use std::time::{Duration, Instant};

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{
    ReadWrite, Section, SharedMemoryError, SharedMemoryLink, SharedMemoryOptions,
};

use crate::format::{Payload, RECORD_SEQUENCE, Words};
use crate::support::{Child, PATIENCE, Parent, Random, Watchdog, fresh_name, latest, watchdog};

/// How many of all are killed by a test that has so many of 32 parts.
fn kills(parts: usize) -> usize {
    let all = env::var("WIN_SHARED_MEMORY_KILLS").map_or(800, |it| it.parse().unwrap());
    (all * parts).div_ceil(32)
}

/// Whether there are more to kill: a tenth at least must have been in the midst of what matters, which
/// of a few may be none by chance.
fn goes_on(kills: usize, killed: usize, in_the_midst: usize) -> bool {
    killed < kills || 10 * in_the_midst < kills && killed < 10 * kills
}

/// How many kills one watchdog, and one reader in another process, lives through.
const BATCH: usize = 40;

/// A word of the value of a version: another in each version and at each position.
fn word(version: u64, at: usize) -> u64 {
    (at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ version
}

// `while`, because debug builds spend their time in iterators.
fn fill(version: u64, value: &mut [u64]) {
    let mut at = 0;
    while at < value.len() {
        value[at] = word(version, at);
        at += 1;
    }
}

#[track_caller]
fn assert_whole(version: u64, value: &[u64]) {
    let mut at = 0;
    while at < value.len() {
        assert_eq!(
            value[at] ^ word(0, at),
            version,
            "word {at} of {} is of another version",
            value.len()
        );
        at += 1;
    }
}

fn zeros<const N: usize>() -> Box<[u64; N]> {
    vec![0; N].try_into().unwrap()
}

/// Where a victim says what it has done, for others to read when it has ended.
struct Log(SharedMemoryLink<[u64; 4], ReadWrite>);

impl Log {
    fn of(name: &str) -> Self {
        Self(SharedMemoryLink::get_or_create(&format!("{name}-log")).unwrap())
    }

    /// The last version that a call which has returned made the last one.
    fn done(&self) -> u64 {
        self.0.place().at(0).read()
    }

    fn set_done(&self, version: u64) {
        self.0.place().at(0).write(&version);
    }

    /// Whether the victim is in the call that matters.
    fn is_inside(&self) -> bool {
        self.0.place().at(1).read() != 0
    }

    fn set_inside(&self, inside: bool) {
        self.0.place().at(1).write(&u64::from(inside));
    }

    /// Whether readers should end.
    fn is_over(&self) -> bool {
        self.0.place().at(2).read() != 0
    }

    fn set_over(&self, over: bool) {
        self.0.place().at(2).write(&u64::from(over));
    }

    /// How many victims have begun since one last said what it had done, that one included.
    fn lives(&self) -> u64 {
        self.0.place().at(3).read()
    }

    fn set_lives(&self, lives: u64) {
        self.0.place().at(3).write(&lives);
    }
}

/// Processes to be killed, one after the other; the next is started while one still lives.
struct Victims {
    arguments: [String; 2],
    next: Child,
    killed: usize,
    watchdog: Watchdog,
}

impl Victims {
    fn new(arguments: [&str; 2]) -> Self {
        let arguments = arguments.map(String::from);
        Self {
            next: Self::start(&arguments),
            arguments,
            killed: 0,
            watchdog: watchdog(),
        }
    }

    fn start([name, work]: &[String; 2]) -> Child {
        Child::start(child_to_be_killed, &[name, work])
    }

    /// The next victim, at work from now on.
    fn next(&mut self) -> Child {
        self.killed += 1;
        if self.killed % BATCH == 0 {
            self.watchdog = watchdog();
        }
        let next = Self::start(&self.arguments);
        let mut victim = mem::replace(&mut self.next, next);
        assert_eq!(victim.answer(), "ready");
        victim.tell("go");
        victim
    }
}

#[test]
#[ignore = "a child process of other tests"]
fn child_to_be_killed() {
    let Some(parent) = Parent::find() else { return };
    let log = Log::of(parent.argument(0));
    parent.tell("ready");
    assert_eq!(parent.hear(), "go");
    match parent.argument(1) {
        "1" => publish_for_ever::<1>(&parent, &log),
        "8" => publish_for_ever::<8>(&parent, &log),
        "512" => publish_for_ever::<512>(&parent, &log),
        "8192" => publish_for_ever::<8192>(&parent, &log),
        "create" => create_for_ever(&parent, &log),
        "change" => holders::change_for_ever(&parent, &log),
        "send" => channels::send_for_ever(&parent),
        "receive" => channels::receive_for_ever(&parent, true),
        "peek" => channels::receive_for_ever(&parent, false),
        "slices" => slices::publish_for_ever(&parent, &log),
        "broadcast" => broadcasts::send_for_ever(&parent, &log),
        other => panic!("{other}"),
    }
}

// Writers.

fn publish_for_ever<const N: usize>(parent: &Parent, log: &Log) {
    let mut value = zeros::<N>();
    let mut writer = Writer::<[u64; N]>::register(parent.argument(0)).unwrap();
    parent.tell("writes");
    loop {
        let version = writer.version() + 1;
        let published = if version % 2 == 0 {
            let draft = writer.draft_from_last();
            // Longer half-written than anything else, small ones too; and wrong until the last round.
            let mut rounds = 1 + 64 / N;
            while rounds > 0 {
                rounds -= 1;
                let mut at = 0;
                while at < N {
                    let word = word(version ^ rounds as u64, at);
                    draft.place().at(at).write(&word);
                    at += 1;
                }
            }
            draft.publish()
        } else {
            fill(version, &mut value[..]);
            writer.publish(&value)
        };
        assert_eq!(published, version);
        log.set_done(version);
    }
}

/// Reads while others die, and checks all that it gets.
struct Witness<const N: usize> {
    reader: Reader<[u64; N]>,
    value: Box<[u64; N]>,
    log: Log,
    last: u64,
    reads: u64,
    slowest: Duration,
}

impl<const N: usize> Witness<N> {
    fn new(name: &str) -> Self {
        let mut options = SharedMemoryOptions::new();
        options.wait(PATIENCE);
        Self {
            reader: Reader::open_with(name, &options).unwrap(),
            value: zeros(),
            log: Log::of(name),
            last: 0,
            reads: 0,
            slowest: Duration::ZERO,
        }
    }

    /// Gets the last value, which is whole, not older than any before, and at least what a victim had
    /// finished when this was called.
    #[track_caller]
    fn look(&mut self) -> u64 {
        let done = self.log.done();
        let start = Instant::now();
        let got = self.reader.latest_into(&mut self.value).unwrap();
        self.note(start);
        let version = if got { self.reader.version() } else { 0 };
        assert!(version >= done, "{version} after {done} was published");
        self.check(version);
        version
    }

    /// Waits for a later value, which need not come.
    fn wait(&mut self) {
        let timeout = Duration::from_millis(2);
        let (start, last) = (Instant::now(), self.last);
        let has_changed = self.reader.wait_changed(timeout).unwrap();
        self.note(start);
        if has_changed {
            assert!(self.look() > last);
        } else {
            assert!(start.elapsed() >= timeout);
        }
    }

    fn check(&mut self, version: u64) {
        assert!(version >= self.last, "{version} after {}", self.last);
        if version > 0 {
            assert_whole(version, &self.value[..]);
        }
        self.last = version;
    }

    fn note(&mut self, start: Instant) {
        self.reads += 1;
        self.slowest = self.slowest.max(start.elapsed());
        assert!(self.slowest < PATIENCE, "{:?}", self.slowest);
    }
}

#[test]
#[ignore = "a child process of other tests"]
fn child_that_witnesses() {
    fn witness<const N: usize>(parent: &Parent) {
        let mut witness = Witness::<N>::new(parent.argument(0));
        while !witness.log.is_over() {
            for _ in 0..20 {
                witness.look();
            }
            witness.wait();
        }
        let (reads, slowest) = (witness.reads, witness.slowest);
        parent.tell(&format!("{reads} reads, the slowest {slowest:?}"));
    }
    let Some(parent) = Parent::find() else { return };
    match parent.argument(1) {
        "1" => witness::<1>(&parent),
        "8" => witness::<8>(&parent),
        "512" => witness::<512>(&parent),
        "8192" => witness::<8192>(&parent),
        other => panic!("{other}"),
    }
}

fn kill_writers_of<const N: usize>() {
    let kills = kills(4);
    let name = fresh_name();
    let words = N.to_string();
    let (mut random, log) = (Random::unpredictable(), Log::of(&name));
    let writer = Writer::<[u64; N]>::register(&name).unwrap();
    // Keeps it all from the first to the last.
    let mut witness = Witness::<N>::new(&name);
    drop(writer);
    let (directory, payload) = (Words::open(&name), Payload::open(&name));

    let mut victims = Victims::new([&name, &words]);
    let mut other: Option<Child> = None;
    let (mut half_done, mut registering) = (0, 0);
    for kill in 0.. {
        if !goes_on(kills, kill, half_done) {
            break;
        }
        if kill % BATCH == 0 {
            end(&log, other.take());
            other = Some(Child::start(child_that_witnesses, &[&name, &words]));
        }
        let (before, published) = (payload.highest(), log.done());
        let mut victim = victims.next();
        if random.below(8) > 0 {
            assert_eq!(victim.answer(), "writes");
        }
        let (start, life) = (Instant::now(), random.below(1_000_000));
        while start.elapsed() < Duration::from_nanos(life) {
            witness.look();
        }
        victim.kill();

        let version = witness.look();
        assert!(version >= log.done() && version >= published);
        let in_slot = payload.half_done().is_some_and(|it| it > before);
        let in_record = directory.get(RECORD_SEQUENCE) % 2 == 1;
        half_done += usize::from(in_slot || in_record);
        registering += usize::from(payload.highest() == before);
    }
    end(&log, other);
    println!(
        "{} killed, {half_done} in a value, {registering} before; {} reads here, the slowest {:?}",
        victims.killed, witness.reads, witness.slowest
    );
    // Else they were killed while they did nothing.
    assert!(10 * half_done >= kills, "{half_done} of {kills}");
    assert!(log.done() > kills as u64 / 2, "they did work");

    let mut writer = Writer::<[u64; N]>::register(&name).unwrap();
    let next = writer.version() + 1;
    fill(next, &mut witness.value[..]);
    assert_eq!(writer.publish(&witness.value), next);
    assert_eq!(witness.look(), next);
}

fn end(log: &Log, witness: Option<Child>) {
    if let Some(mut witness) = witness {
        log.set_over(true);
        println!("elsewhere {}", witness.answer());
        log.set_over(false);
    }
}

#[test]
fn values_of_8_bytes_outlive_their_writers() {
    kill_writers_of::<1>();
}

#[test]
fn values_of_64_bytes_outlive_their_writers() {
    kill_writers_of::<8>();
}

#[test]
fn values_of_4_kib_outlive_their_writers() {
    kill_writers_of::<512>();
}

#[test]
fn values_of_64_kib_outlive_their_writers() {
    kill_writers_of::<8192>();
}

// Creators.

type Small = [u64; 8];

fn create_for_ever(parent: &Parent, log: &Log) {
    parent.tell("creates");
    let mut value = [0; 8];
    loop {
        log.set_inside(true);
        let mut writer = Writer::<Small>::register(parent.argument(0)).unwrap();
        log.set_inside(false);
        let version = writer.version() + 1;
        fill(version, &mut value);
        writer.publish(&value);
    }
}

/// Opens what others create, and never fails but for what it says.
#[test]
#[ignore = "a child process of another test"]
fn child_that_opens() {
    let Some(parent) = Parent::find() else { return };
    let log = Log::of(parent.argument(0));
    let timeout = Duration::from_millis(10);
    let mut options = SharedMemoryOptions::new();
    options.wait(timeout);
    let (mut opened, mut late, mut slowest) = (0, 0, Duration::ZERO);
    while !log.is_over() {
        let start = Instant::now();
        match Reader::<Small>::open_with(parent.argument(0), &options) {
            Ok(mut reader) => {
                opened += 1;
                if let Some((version, value)) = latest(&mut reader) {
                    assert_whole(version, &value);
                }
            }
            Err(SharedMemoryError::NotReady { .. } | SharedMemoryError::TimedOut { .. }) => {
                assert!(start.elapsed() >= timeout);
                late += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
        slowest = slowest.max(start.elapsed());
        assert!(slowest < PATIENCE);
    }
    parent.tell(&format!("{opened} opened, {late} not, in {slowest:?}"));
}

#[test]
fn creators_that_die_are_taken_over_at_once() {
    let kills = kills(2);
    let name = fresh_name();
    let (mut random, log) = (Random::unpredictable(), Log::of(&name));
    let mut victims = Victims::new([&name, "create"]);
    let mut opener: Option<Child> = None;
    let (mut inside, mut in_record, mut slowest) = (0, 0, Duration::ZERO);
    for kill in 0.. {
        if !goes_on(kills, kill, inside) {
            break;
        }
        if kill % BATCH == 0 {
            end(&log, opener.take());
            opener = Some(Child::start(child_that_opens, &[&name, ""]));
        }
        // By turns from nothing, and where a reader has the last one's regions open.
        let kept = (kill % 2 == 1).then(|| {
            let mut writer = Writer::<Small>::register(&name).unwrap();
            let version = writer.version() + 1;
            let mut value = [0; 8];
            fill(version, &mut value);
            writer.publish(&value);
            (version, Witness::<8>::new(&name))
        });
        log.set_inside(false);
        let mut victim = victims.next();
        assert_eq!(victim.answer(), "creates");
        let (start, life) = (Instant::now(), random.below(5_000_000));
        let mut last = None;
        while start.elapsed() < Duration::from_nanos(life) {
            // What is open stays, when all others have gone.
            last = Section::open_existing(&name).ok().or(last);
        }
        victim.kill();
        inside += usize::from(log.is_inside());
        let last = last.map(Words::of);
        in_record += last.map_or(0, |it| it.get(RECORD_SEQUENCE) % 2);

        if let Some((version, mut witness)) = kept {
            assert!(witness.look() >= version);
        }
        let start = Instant::now();
        let mut writer = Writer::<Small>::register(&name).unwrap();
        slowest = slowest.max(start.elapsed());
        assert!(slowest < PATIENCE);
        let version = writer.version() + 1;
        let mut value = [0; 8];
        fill(version, &mut value);
        assert_eq!(writer.publish(&value), version);
        let mut reader = Reader::<Small>::open(&name).unwrap();
        assert_eq!(latest(&mut reader), Some((version, value)));
    }
    end(&log, opener);
    println!(
        "{} killed, {inside} while creating, {in_record} in the record; then at most {slowest:?}",
        victims.killed
    );
    assert!(10 * inside >= kills, "{inside} of {kills}");
}
