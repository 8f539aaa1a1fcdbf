//! Programs that die while they create, lock, change or read a shared mutex.

use win_shared_memory::{LockMode, Section, SharedMemoryOptions, SharedMutex};

use super::{DIED, Done, HOUR, Value, done, for_each_step, number, value};
use crate::format::Words;
use crate::support::Child;

#[test]
fn programs_that_die_at_each_step_of_creating_a_shared_mutex() {
    for kept in [false, true] {
        for_each_step("create a mutex", 15, |_, name, live_and_die| {
            let keep = kept.then(|| Words::of(Section::create(name, 4096).unwrap()));
            live_and_die();
            let shared = SharedMutex::get_or_create(name, &value(2)).unwrap();
            assert_eq!(number(&shared.load().unwrap()), 2);
            assert!(!shared.lock().unwrap().was_abandoned());
            drop(keep);
        });
    }
}

#[test]
fn programs_that_die_at_each_step_of_opening_a_reader() {
    let mut held: Option<(SharedMutex<Value>, Done)> = None;
    for_each_step("open a reader", 4, |round, name, live_and_die| {
        let (shared, done) = held.get_or_insert_with(|| {
            let shared = SharedMutex::get_or_create(name, &value(0)).unwrap();
            (shared, done(name))
        });
        shared.update(|last| *last = value(round)).unwrap();
        done.write(&round);
        live_and_die();
        let guard = shared.try_lock().unwrap().unwrap();
        assert_eq!((number(&guard), guard.was_abandoned()), (round, false));
    });
}

/// Programs that die at each step of `act`, on a mutex that others lock afterwards. Before each,
/// somebody may have died with the lock.
fn die_changing(act: &str, mode: LockMode, held_by_the_dead: bool, others_commit: bool) {
    let mut held: Option<(SharedMutex<Value>, Done)> = None;
    let mut told = 0;
    for_each_step(act, 7, |_, name, live_and_die| {
        let (shared, done) = held.get_or_insert_with(|| {
            let done = done(name);
            done.write(&1);
            let mut options = SharedMemoryOptions::new();
            options.lock_mode(mode);
            let shared = SharedMutex::get_or_create_with(name, &value(1), &options);
            (shared.unwrap(), done)
        });
        let before = number(&shared.load().unwrap());
        if held_by_the_dead {
            let mut child = Child::start(super::child_that_dies, &[name, "hold", ""]);
            assert_eq!(child.wait().code(), Some(DIED));
        }
        live_and_die();
        let found = number(&shared.load().unwrap());
        assert!(found == before || found == before + 1);
        assert!(found >= done.read());
        let guard = shared.lock_timeout(HOUR).unwrap().unwrap();
        told += u32::from(guard.was_abandoned());
        assert_eq!(number(&guard), found);
        if others_commit {
            guard.commit(&value(found + 1));
        } else {
            drop(guard);
        }
        done.write(&(found + u64::from(others_commit)));
        assert!(!shared.lock().unwrap().was_abandoned(), "told once");
    });
    assert!(told >= 6, "{told}");
}

#[test]
fn programs_that_die_at_each_step_of_committing() {
    for mode in [LockMode::Fast, LockMode::Kernel] {
        // By turns others commit in between, and do not.
        for others_commit in [true, false] {
            die_changing("commit", mode, false, others_commit);
        }
    }
}

#[test]
fn programs_that_die_at_each_step_of_an_update() {
    for mode in [LockMode::Fast, LockMode::Kernel] {
        for others_commit in [true, false] {
            die_changing("update", mode, false, others_commit);
        }
    }
}

#[test]
fn programs_that_die_at_each_step_of_committing_in_place() {
    for mode in [LockMode::Fast, LockMode::Kernel] {
        for others_commit in [true, false] {
            die_changing("commit in place", mode, false, others_commit);
        }
    }
}

#[test]
fn programs_that_die_at_each_step_of_replacing() {
    for mode in [LockMode::Fast, LockMode::Kernel] {
        for others_commit in [true, false] {
            die_changing("replace", mode, false, others_commit);
        }
    }
}

#[test]
fn programs_that_die_at_each_step_of_opening_a_mutex_and_committing() {
    for mode in [LockMode::Fast, LockMode::Kernel] {
        die_changing("open and commit", mode, false, true);
    }
}

#[test]
fn programs_that_die_at_each_step_of_taking_a_lock_over() {
    for mode in [LockMode::Fast, LockMode::Kernel] {
        for act in ["commit", "update", "commit in place", "replace"] {
            die_changing(act, mode, true, true);
        }
    }
}
