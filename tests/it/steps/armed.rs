//! Readers that wait for several things at once, while programs die that publish: before they wake anybody, too.

use std::thread;

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::sync::{Event, Reset, wait_any};
use win_shared_memory::{LockMode, SharedMemoryOptions, SharedMutex, shared_mutex};

use super::{Value, done, for_each_step, latest, number, value};

/// Whether there is something new before `stop` is set, for a reader with `arm`. It waits as long at a time as it is
/// told to.
macro_rules! changes_before {
    ($stop:expr, $reader:expr) => {
        loop {
            let Some(armed) = $reader.arm().unwrap() else {
                break true;
            };
            if wait_any(&[$stop, &armed], armed.look_after()).unwrap() == Some(0) {
                break false;
            }
        }
    };
}

#[test]
fn armed_readers_learn_of_values_whose_writers_died() {
    let stop = Event::create_unnamed(Reset::Auto).unwrap();
    let mut held: Option<Reader<Value>> = None;
    for_each_step("publish", 6, |_, name, live_and_die| {
        let reader = held.get_or_insert_with(|| {
            let mut writer = Writer::register(name).unwrap();
            writer.publish(&value(1));
            Reader::open(name).unwrap()
        });
        let before = latest(reader);
        let done = done(name);
        done.write(&before.1);
        let mut other = Reader::<Value>::open(name).unwrap();
        latest(&mut other);
        thread::scope(|scope| {
            let waiter = scope.spawn(|| changes_before!(&stop, other));
            live_and_die();
            let changed = reader.has_changed().unwrap();
            if !changed {
                stop.set().unwrap();
            }
            assert_eq!(waiter.join().unwrap(), changed);
        });
        assert!(latest(reader).1 >= done.read());
    });
}

#[test]
fn armed_readers_learn_of_commits_whose_holders_died() {
    let stop = Event::create_unnamed(Reset::Auto).unwrap();
    for mode in [LockMode::Fast, LockMode::Kernel] {
        for act in ["commit", "update", "commit in place", "replace"] {
            let mut held: Option<SharedMutex<Value>> = None;
            for_each_step(act, 7, |_, name, live_and_die| {
                let shared = held.get_or_insert_with(|| {
                    let mut options = SharedMemoryOptions::new();
                    options.lock_mode(mode);
                    SharedMutex::get_or_create_with(name, &value(1), &options).unwrap()
                });
                let before = number(&shared.load().unwrap());
                let done = done(name);
                done.write(&before);
                let mut reader = shared_mutex::Reader::<Value>::open(name).unwrap();
                reader.load().unwrap();
                thread::scope(|scope| {
                    let waiter = scope.spawn(|| changes_before!(&stop, reader));
                    live_and_die();
                    let changed = number(&shared.load().unwrap()) > before;
                    if !changed {
                        stop.set().unwrap();
                    }
                    assert_eq!(waiter.join().unwrap(), changed);
                });
                assert!(number(&shared.load().unwrap()) >= done.read());
            });
        }
    }
}
