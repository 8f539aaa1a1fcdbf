//! Programs that die at each step in turn of whatever they do to a region, one after the other. For
//! builds with `--cfg win_shared_memory_steps`, in which the library ends the process at a step.
//!
//! `unsafe` is allowed here for the variable that says which step.

#![cfg(win_shared_memory_steps)]
#![allow(unsafe_code)]

mod armed;
mod broadcasts;
mod channels;
mod lanes;
mod mutexes;
mod slices;

use std::env;
use std::thread;
use std::time::Duration;

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{
    Liveness, ReadWrite, Section, SharedData, SharedMemoryError, SharedMemoryLink,
    SharedMemoryOptions, SharedMutex, field, shared_mutex,
};

use crate::format::{ARMED, Words};
use crate::support::{self, Child, HOUR, Parent, fresh_name, wait_latest, watchdog};

/// How the library ends a process.
const DIED: i32 = 113;

/// Each word says the same, if it is whole.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Value {
    first: u64,
    middle: [u64; 510],
    last: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Grown {
    value: u64,
    fuel: u64,
}

/// So large that there are but four slots.
type Large = [u64; 1 << 16];

fn value(number: u64) -> Value {
    Value {
        first: number,
        middle: [number; 510],
        last: number,
    }
}

/// The number of a whole value.
#[track_caller]
fn number(value: &Value) -> u64 {
    let Value {
        first,
        middle,
        last,
    } = value;
    assert!(first == last && middle.iter().all(|it| it == first), "torn");
    *first
}

/// The version and the number of the last value, 0 and 0 for none.
#[track_caller]
fn latest(reader: &mut Reader<Value>) -> (u64, u64) {
    let latest = support::latest(reader);
    latest.map_or((0, 0), |(version, value)| (version, number(&value)))
}

/// What a child has got done: calls that have returned.
type Done = SharedMemoryLink<u64, ReadWrite>;

fn done(name: &str) -> Done {
    Done::get_or_create(&format!("{name}-done")).unwrap()
}

/// Runs `act` in a child again and again, which dies at its first step, its second, and so on until it
/// survives. `round` is given a number from 1 on and calls its argument to let the child live and die.
fn for_each_step(act: &str, at_least: u32, mut round: impl FnMut(u64, &str, &mut dyn FnMut())) {
    let name = fresh_name();
    for step in 1.. {
        let _watchdog = watchdog();
        let mut survived = false;
        round(step.into(), &name, &mut || {
            let step = step.to_string();
            let mut child = Child::start(child_that_dies, &[&name, act, &step]);
            survived = match child.wait().code() {
                Some(0) => true,
                Some(DIED) => false,
                other => panic!("{act}, step {step}: {other:?}"),
            };
        });
        if survived {
            println!("{act}: {} steps", step - 1);
            assert!(step > at_least, "only {} steps", step - 1);
            return;
        }
    }
}

#[test]
#[ignore = "a child process of other tests"]
fn child_that_dies() {
    // Long because each scene of the tests has its case.
    let Some(parent) = Parent::find() else { return };
    let (name, step) = (parent.argument(0), parent.argument(2));
    let count = || {
        // SAFETY: on Windows the environment has a lock of its own.
        unsafe { env::set_var("WIN_SHARED_MEMORY_LAST_STEP", step) };
    };
    let done = done(name);
    let next = done.read() + 1;
    match parent.argument(1) {
        "publish" => {
            let mut writer = Writer::register(name).unwrap();
            count();
            writer.publish(&value(next));
            done.write(&next);
        }
        "publish from zeros" => {
            let mut writer = Writer::<Value>::register(name).unwrap();
            count();
            let draft = writer.draft_from_zeros();
            draft.place().write(&value(next));
            draft.publish();
            done.write(&next);
        }
        "publish from last" => {
            let mut writer = Writer::<Value>::register(name).unwrap();
            count();
            let draft = writer.draft_from_last();
            field!(draft.first).write(&next);
            field!(draft.middle).write(&[next; 510]);
            field!(draft.last).write(&next);
            draft.publish();
            done.write(&next);
        }
        "give up" => {
            let mut writer = Writer::<Large>::register(name).unwrap();
            count();
            let draft = writer.draft_from_last();
            draft.place().at(0).write(&next);
            drop(draft);
        }
        "register" => {
            count();
            drop(Writer::<Value>::register(name).unwrap());
        }
        "register another type" => {
            count();
            drop(Writer::<Grown>::register(name).unwrap());
        }
        "open and wait" => {
            count();
            let mut reader = Reader::<Value>::open(name).unwrap();
            reader.latest().unwrap();
            assert!(!reader.wait_changed(Duration::from_millis(10)).unwrap());
            drop(reader.arm().unwrap().unwrap());
        }
        "create a mutex" => {
            count();
            SharedMutex::get_or_create(name, &value(1)).unwrap();
        }
        "commit" => {
            let shared = SharedMutex::<Value>::open(name).unwrap();
            count();
            shared.lock().unwrap().commit(&value(next));
            done.write(&next);
        }
        "update" => {
            let shared = SharedMutex::<Value>::open(name).unwrap();
            count();
            shared.update(|last| *last = value(next)).unwrap();
            done.write(&next);
        }
        "commit in place" => {
            let shared = SharedMutex::<Value>::open(name).unwrap();
            count();
            let draft = shared.lock_in_place(HOUR).unwrap().unwrap();
            field!(draft.first).write(&next);
            field!(draft.middle).write(&[next; 510]);
            field!(draft.last).write(&next);
            draft.commit();
            done.write(&next);
        }
        "replace" => {
            let shared = SharedMutex::<Value>::open(name).unwrap();
            count();
            let draft = shared.lock_to_replace(HOUR).unwrap().unwrap();
            draft.place().write(&value(next));
            draft.commit();
            done.write(&next);
        }
        "open and commit" => {
            count();
            let shared = SharedMutex::<Value>::open(name).unwrap();
            shared.lock().unwrap().commit(&value(next));
            done.write(&next);
            drop(shared);
        }
        "open a reader" => {
            count();
            let mut reader = shared_mutex::Reader::<Value>::open(name).unwrap();
            assert_eq!(number(&reader.load().unwrap()), next - 1);
            drop(reader.arm().unwrap().unwrap());
        }
        // Dies by itself.
        "hold" => {
            let shared = SharedMutex::<Value>::open(name).unwrap();
            let _guard = shared.lock().unwrap();
            std::process::exit(DIED);
        }
        act if act.starts_with("channel: ") => channels::act(act, name, &done, count),
        act if act.contains("slice") => slices::act(act, name, &done, count),
        _ => broadcasts::act(&parent, &done, count),
    }
    // What is dropped from here on is not what is tried.
    std::process::exit(0);
}

/// Each value is the last one or the next: whole, and not lost once it was published.
#[track_caller]
fn assert_last_or_next(found: (u64, u64), before: (u64, u64), done: &Done) {
    let next = before.1 + 1;
    assert!(found == before || found.1 == next && found.0 > before.0);
    assert!(found.1 >= done.read(), "{found:?}, {}", done.read());
    // What the child did not live to say.
    done.write(&found.1);
}

/// Writers that die, and others that take over from them while readers look on and wait.
fn take_over_from_those_who(act: &str, at_least: u32) {
    let mut held: Option<(Reader<Value>, Done)> = None;
    for_each_step(act, at_least, |_, name, live_and_die| {
        if held.is_none() {
            let mut writer = Writer::register(name).unwrap();
            writer.publish(&value(1));
            let done = done(name);
            done.write(&1);
            held = Some((Reader::open(name).unwrap(), done));
        }
        let (reader, done) = held.as_mut().unwrap();
        let before = latest(reader);
        assert_eq!(reader.writer_liveness(), Liveness::Gone);
        let mut late = Reader::<Value>::open(name).unwrap();
        let waiter = thread::spawn(move || {
            let mut got = before.1;
            while got < before.1 + 2 {
                got = number(&wait_latest(&mut late, HOUR).unwrap().1);
            }
        });
        live_and_die();
        assert_eq!(reader.writer_liveness(), Liveness::Gone);
        let found = latest(reader);
        assert_last_or_next(found, before, done);

        let mut writer = Writer::register(name).unwrap();
        assert_eq!(latest(reader), found);
        assert!(writer.version() >= found.0);
        done.write(&(before.1 + 2));
        let version = writer.publish(&value(before.1 + 2));
        assert_eq!(latest(reader), (version, before.1 + 2));
        waiter.join().unwrap();
    });
}

#[test]
fn writers_that_die_at_each_step_of_publishing() {
    take_over_from_those_who("publish", 6);
}

#[test]
fn writers_that_die_at_each_step_of_a_draft_from_zeros() {
    take_over_from_those_who("publish from zeros", 6);
}

#[test]
fn writers_that_die_at_each_step_of_a_draft_from_the_last_value() {
    take_over_from_those_who("publish from last", 6);
}

/// Many more than there are slots, and nobody publishes anything in between: none of them may take the
/// last value away.
#[test]
fn writers_that_die_in_turn_before_they_publish() {
    let mut held: Option<Reader<Large>> = None;
    let mut value: Box<Large> = vec![0; 1 << 16].try_into().unwrap();
    for_each_step("give up", 3, |_, name, live_and_die| {
        let reader = held.get_or_insert_with(|| {
            let mut writer = Writer::<Large>::register(name).unwrap();
            let draft = writer.draft_from_zeros();
            draft.place().at(0).write(&5);
            assert_eq!(draft.publish(), 1);
            Reader::open(name).unwrap()
        });
        for _ in 0..5 {
            live_and_die();
            assert!(reader.latest_into(&mut value).unwrap());
            assert_eq!(reader.version(), 1);
            assert_eq!((value[0], value[(1 << 16) - 1]), (5, 0));
        }
    });
}

/// What openers are told of a region in whatever state.
fn assert_open_or_not_ready<T: SharedData>(name: &str) {
    let mut options = SharedMemoryOptions::new();
    options.wait(Duration::from_millis(5));
    match Reader::<T>::open_with(name, &options) {
        Ok(_) | Err(SharedMemoryError::NotReady { .. } | SharedMemoryError::TimedOut { .. }) => {}
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn writers_that_die_at_each_step_of_registering_where_nothing_was() {
    // With nobody holding what they leave, and with somebody.
    for kept in [false, true] {
        for_each_step("register", 15, |_, name, live_and_die| {
            let regions = [name.to_owned(), format!("{name}~wait")];
            let keep = kept.then(|| regions.map(|it| Section::create(&it, 4096).unwrap()));
            live_and_die();
            assert_open_or_not_ready::<Value>(name);
            let mut writer = Writer::register(name).unwrap();
            let version = writer.publish(&value(7));
            assert_eq!(latest(&mut Reader::open(name).unwrap()), (version, 7));
            drop(keep);
        });
    }
}

#[test]
fn writers_that_die_at_each_step_of_taking_over() {
    let mut held: Option<Reader<Value>> = None;
    let mut before = (1, 1);
    for_each_step("register", 10, |_, name, live_and_die| {
        let reader = held.get_or_insert_with(|| {
            let mut writer = Writer::register(name).unwrap();
            writer.publish(&value(1));
            Reader::open(name).unwrap()
        });
        live_and_die();
        assert_eq!(latest(reader), before);
        assert_ne!(reader.writer_liveness(), Liveness::Alive);
        assert_open_or_not_ready::<Value>(name);
        let mut writer = Writer::register(name).unwrap();
        assert_eq!(latest(reader), before);
        assert_eq!(reader.writer_liveness(), Liveness::Alive);
        before = (writer.publish(&value(before.1 + 1)), before.1 + 1);
        assert_eq!(latest(reader), before);
        assert_eq!(reader.generation(), 1);
    });
}

#[test]
fn writers_that_die_at_each_step_of_registering_another_type() {
    let mut held: Option<Reader<Value>> = None;
    let mut before = (0, 0);
    for_each_step("register another type", 12, |round, name, live_and_die| {
        // The type of before, which readers have open.
        let mut writer = Writer::register(name).unwrap();
        let reader = held.get_or_insert_with(|| Reader::open(name).unwrap());
        let version = writer.publish(&value(round));
        assert!(version > before.0);
        before = (version, round);
        assert_eq!(latest(reader), before);
        drop(writer);

        live_and_die();
        // The payload has gone with its writer, so this is still the last value.
        assert_eq!(latest(reader), before);
        assert_open_or_not_ready::<Value>(name);
    });
}

#[test]
fn readers_that_die_at_each_step_of_opening_and_waiting() {
    let mut held: Option<Writer<Value>> = None;
    for_each_step("open and wait", 5, |round, name, live_and_die| {
        let writer = held.get_or_insert_with(|| Writer::register(name).unwrap());
        writer.publish(&value(round));
        let keep = done(name);
        keep.write(&writer.version());
        live_and_die();
        // Others are woken as ever.
        let mut reader = Reader::<Value>::open(name).unwrap();
        let waiters = Words::open(&format!("{name}~wait"));
        let version = writer.version();
        reader.latest().unwrap();
        let waiter = thread::spawn(move || wait_latest(&mut reader, HOUR).unwrap());
        while waiters.get(ARMED) == 0 {
            thread::yield_now();
        }
        writer.publish(&value(round + 1));
        assert_eq!(waiter.join().unwrap(), (version + 1, value(round + 1)));
    });
}
