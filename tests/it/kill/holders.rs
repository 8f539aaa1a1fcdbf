//! Holders of a lock, in each way to hold it, while another process reads.

use std::time::{Duration, Instant};

use win_shared_memory::shared_mutex::Reader;
use win_shared_memory::{LockMode, SharedMemoryOptions, SharedMutex};

use super::{BATCH, Log, Victims, assert_whole, end, fill, goes_on, kills, word, zeros};
use crate::format::Payload;
use crate::support::{Child, PATIENCE, Parent, Random, fresh_name};

type Large = [u64; 512];

/// The number of a whole value.
#[track_caller]
fn number(value: &Large) -> u64 {
    let number = value[0] ^ word(0, 0);
    assert_whole(number, &value[..]);
    number
}

pub(super) fn change_for_ever(parent: &Parent, log: &Log) {
    let shared = SharedMutex::<Large>::open(parent.argument(0)).unwrap();
    parent.tell("changes");
    let mut value = zeros::<512>();
    loop {
        let next = number(&shared.load().unwrap()) + 1;
        fill(next, &mut value[..]);
        match next % 4 {
            0 => {
                let guard = shared.lock().unwrap();
                assert_eq!(number(&guard), next - 1);
                guard.commit(&value);
            }
            1 => shared
                .update(|last| {
                    assert_eq!(number(last), next - 1);
                    fill(next, &mut last[..]);
                })
                .unwrap(),
            2 => {
                let draft = shared.lock_in_place(Duration::MAX).unwrap().unwrap();
                let mut at = 0;
                while at < value.len() {
                    draft.place().at(at).write(&value[at]);
                    at += 1;
                }
                draft.commit();
            }
            _ => {
                let draft = shared.lock_to_replace(Duration::MAX).unwrap().unwrap();
                draft.place().write(&value);
                draft.commit();
            }
        }
        log.set_done(next);
    }
}

/// Reads with a handle that cannot lock, and checks all it gets.
#[test]
#[ignore = "a child process of other tests"]
fn child_that_only_reads() {
    let Some(parent) = Parent::find() else { return };
    let log = Log::of(parent.argument(0));
    let mut reader = Reader::<Large>::open(parent.argument(0)).unwrap();
    let mut value = zeros::<512>();
    let (mut last, mut reads, mut slowest) = ((0, 0), 0, Duration::ZERO);
    while !log.is_over() {
        let (done, start) = (log.done(), Instant::now());
        reader.load_into(&mut value).unwrap();
        slowest = slowest.max(start.elapsed());
        assert!(slowest < PATIENCE);
        let now = (reader.version(), number(&value));
        assert!(now.0 >= last.0 && now.1 >= last.1 && now.1 >= done);
        (last, reads) = (now, reads + 1);
    }
    parent.tell(&format!("{reads} reads, the slowest {slowest:?}"));
}

#[test]
fn values_outlive_those_who_hold_their_lock() {
    kill_holders(LockMode::Fast);
}

#[test]
fn values_outlive_those_who_hold_the_kernels_mutex() {
    kill_holders(LockMode::Kernel);
}

fn kill_holders(mode: LockMode) {
    let kills = kills(1);
    let name = fresh_name();
    let (mut random, log) = (Random::unpredictable(), Log::of(&name));
    let mut first = [0; 512];
    fill(0, &mut first);
    let mut options = SharedMemoryOptions::new();
    options.lock_mode(mode);
    let shared = SharedMutex::get_or_create_with(&name, &first, &options).unwrap();
    let payload = Payload::open(&name);
    let mut victims = Victims::new([&name, "change"]);
    let mut reader: Option<Child> = None;
    let (mut half_done, mut abandoned) = (0, 0);
    for kill in 0.. {
        if !goes_on(kills, kill, abandoned) {
            break;
        }
        if kill % BATCH == 0 {
            end(&log, reader.take());
            let child = Child::start(child_that_only_reads, &[&name]);
            reader = Some(child);
        }
        let before = payload.highest();
        let mut victim = victims.next();
        assert_eq!(victim.answer(), "changes");
        let (start, life) = (Instant::now(), random.below(2_000_000));
        let mut last = log.done();
        while start.elapsed() < Duration::from_nanos(life) {
            let done = log.done();
            let version = number(&shared.load().unwrap());
            assert!(version >= last && version >= done);
            last = version;
        }
        victim.kill();
        half_done += usize::from(payload.half_done().is_some_and(|it| it > before));

        let guard = shared.lock_timeout(PATIENCE).unwrap().unwrap();
        abandoned += usize::from(guard.was_abandoned());
        let version = number(&guard);
        assert!(version >= last && version >= log.done());
        if random.below(2) == 0 {
            guard.update(|value| fill(version + 1, &mut value[..]));
        } else {
            drop(guard);
        }
        // Told once.
        assert!(!shared.lock().unwrap().was_abandoned());
    }
    end(&log, reader);
    let killed = victims.killed;
    println!("{mode:?}: {killed} killed, {abandoned} with the lock, {half_done} in a value");
    assert!(10 * abandoned >= kills, "{abandoned} of {kills}");
}
