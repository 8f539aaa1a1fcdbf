//! The two ways to lock a shared mutex: what holds of both, and what of one.

mod objects;

use std::mem;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::shared_mutex::Reader;
use win_shared_memory::sync::{Event, Mutex};
use win_shared_memory::{LockMode, SharedMemoryError, SharedMemoryOptions, SharedMutex};

use crate::format::{LOCK, LOCKERS, Words};
use crate::support::{Child, HOUR, Parent, fresh_name, watchdog};

const MODES: [LockMode; 2] = [LockMode::Fast, LockMode::Kernel];

/// The bit of the lock word that says that somebody may wait.
const WAITING: u32 = 1 << 31;

type Counter = SharedMutex<u64>;

const _: () = {
    const fn of_any_thread<T: Send + Sync>() {}
    of_any_thread::<Counter>();
};

fn counter(name: &str, mode: LockMode) -> Counter {
    let mut options = SharedMemoryOptions::new();
    options.lock_mode(mode);
    SharedMutex::get_or_create_with(name, &0, &options).unwrap()
}

fn count(counter: &Counter) {
    counter.update(|count| *count += 1).unwrap();
}

#[track_caller]
fn assert_already_locked(counter: &Counter) {
    let error = counter.try_lock().unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::AlreadyLocked { .. }),
        "{error}"
    );
}

/// Does what it is told: `lock`, `try`, `unlock`, `forget`, `count`.
#[test]
#[ignore = "a child process of other tests"]
fn child_that_locks() {
    let Some(parent) = Parent::find() else { return };
    let counter = Counter::open(parent.argument(0)).unwrap();
    let mut held = None;
    parent.tell("ready");
    loop {
        match parent.hear().as_str() {
            "lock" => {
                let taken = counter.lock_timeout(HOUR).unwrap().unwrap();
                parent.tell(&taken.was_abandoned().to_string());
                held = Some(taken);
            }
            "try" => parent.tell(&counter.try_lock().unwrap().is_some().to_string()),
            "unlock" => {
                drop(held.take());
                parent.tell("unlocked");
            }
            "forget" => thread::scope(|scope| {
                let forget = || mem::forget(counter.lock().unwrap());
                scope.spawn(forget).join().unwrap();
                parent.tell("forgotten");
            }),
            "count" => {
                for _ in 0..500 {
                    count(&counter);
                }
                parent.tell("done");
            }
            other => panic!("{other}"),
        }
    }
}

fn locker(name: &str) -> Child {
    let mut child = Child::start(child_that_locks, &[name]);
    assert_eq!(child.answer(), "ready");
    child
}

#[track_caller]
fn answer(child: &mut Child, order: &str) -> String {
    child.tell(order);
    child.answer()
}

#[test]
fn the_creator_decides_and_the_others_find_it_decided() {
    for mode in MODES {
        let name = fresh_name();
        let first = counter(&name, mode);
        assert_eq!(first.lock_mode(), mode);
        for other in MODES {
            assert_eq!(counter(&name, other).lock_mode(), mode);
        }
        assert_eq!(Counter::open(&name).unwrap().lock_mode(), mode);
    }
    let default = SharedMutex::get_or_create(&fresh_name(), &0_u64).unwrap();
    assert_eq!(default.lock_mode(), LockMode::Fast);
}

#[test]
fn the_holder_is_refused_at_each_of_its_handles_and_other_threads_wait() {
    let _watchdog = watchdog();
    for mode in MODES {
        let name = fresh_name();
        let (one, other) = (counter(&name, mode), counter(&name, mode));
        for _ in 0..2 {
            let guard = one.lock().unwrap();
            assert_already_locked(&one);
            assert_already_locked(&other);
            thread::scope(|scope| {
                scope.spawn(|| assert!(one.try_lock().unwrap().is_none()));
                scope.spawn(|| assert!(other.try_lock().unwrap().is_none()));
            });
            drop(guard);
            assert!(other.try_lock().unwrap().is_some());
        }
    }
}

#[test]
fn a_lock_held_elsewhere_is_waited_for_as_long_as_asked() {
    let _watchdog = watchdog();
    for mode in MODES {
        let name = fresh_name();
        let counter = counter(&name, mode);
        let mut child = locker(&name);
        assert_eq!(answer(&mut child, "lock"), "false");
        for millis in [0, 1, 70] {
            let (start, timeout) = (Instant::now(), Duration::from_millis(millis));
            assert!(counter.lock_timeout(timeout).unwrap().is_none());
            assert!(start.elapsed() >= timeout);
        }
        assert_eq!(answer(&mut child, "unlock"), "unlocked");
        assert!(!counter.try_lock().unwrap().unwrap().was_abandoned());
    }
}

#[test]
fn no_change_is_lost_between_threads_and_processes_that_want_the_lock_at_once() {
    let _watchdog = watchdog();
    for mode in MODES {
        let name = fresh_name();
        let (one, other) = (counter(&name, mode), counter(&name, mode));
        let mut children = [locker(&name), locker(&name)];
        for child in &mut children {
            child.tell("count");
        }
        thread::scope(|scope| {
            // Two of them with the same handle.
            for handle in [&one, &one, &other] {
                scope.spawn(|| (0..500).for_each(|_| count(handle)));
            }
        });
        for child in &mut children {
            assert_eq!(child.answer(), "done");
        }
        assert_eq!(one.load().unwrap(), 5 * 500);
    }
}

#[test]
fn a_try_and_a_wait_acquire_the_lock_of_a_killed_holder_and_are_told_once() {
    let _watchdog = watchdog();
    for mode in MODES {
        let name = fresh_name();
        let counter = counter(&name, mode);
        let mut waiter = locker(&name);
        // One that comes afterwards.
        let mut victim = locker(&name);
        assert_eq!(answer(&mut victim, "lock"), "false");
        victim.kill();
        let guard = counter.try_lock().unwrap().unwrap();
        assert!(guard.was_abandoned());
        drop(guard);
        assert!(!counter.try_lock().unwrap().unwrap().was_abandoned());
        // One that waits already.
        let mut victim = locker(&name);
        assert_eq!(answer(&mut victim, "lock"), "false");
        waiter.tell("lock");
        if mode == LockMode::Fast {
            let directory = Words::open(&name);
            while directory.get(LOCK) & WAITING == 0 {
                thread::yield_now();
            }
        }
        victim.kill();
        assert_eq!(waiter.answer(), "true");
        assert_eq!(answer(&mut waiter, "unlock"), "unlocked");
        assert!(!counter.try_lock().unwrap().unwrap().was_abandoned());
    }
}

#[test]
fn a_forgotten_guard_locks_until_its_process_ends_or_its_thread_with_the_kernels_mutex() {
    let _watchdog = watchdog();
    let (fast, kernel) = (fresh_name(), fresh_name());
    for (name, mode) in [(&fast, LockMode::Fast), (&kernel, LockMode::Kernel)] {
        let counter = counter(name, mode);
        let mut child = locker(name);
        assert_eq!(answer(&mut child, "forget"), "forgotten");
        if mode == LockMode::Fast {
            assert_eq!(answer(&mut child, "try"), "false");
            let other = Counter::open(name).unwrap();
            assert!(other.try_lock().unwrap().is_none());
            child.kill();
        }
        assert!(counter.try_lock().unwrap().unwrap().was_abandoned());
    }
    // Also where the handle is closed afterwards.
    let (one, other) = (
        counter(&fast, LockMode::Fast),
        counter(&fast, LockMode::Fast),
    );
    mem::forget(one.lock().unwrap());
    drop(one);
    assert_already_locked(&other);
    thread::scope(|scope| {
        scope.spawn(|| assert!(other.try_lock().unwrap().is_none()));
    });
}

#[test]
fn there_are_so_many_handles_and_those_of_the_dead_are_given_again() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let first = counter(&name, LockMode::Fast);
    let mut child = Child::start(child_with_many_handles, &[&name]);
    assert_eq!(child.answer(), "ready");
    let all = || -> Vec<Counter> { (0..20).map(|_| Counter::open(&name).unwrap()).collect() };
    let handles = all();
    assert_eq!(1 + 219 + handles.len(), LOCKERS);
    let error = Counter::open(&name).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::TooManyHandles { limit, .. } if limit == LOCKERS),
        "{error}"
    );
    assert!(error.to_string().contains("240"), "{error}");
    // A handle that only reads is not one of them.
    assert_eq!(Reader::<u64>::open(&name).unwrap().load().unwrap(), 0);
    drop(handles);
    let handles = all();
    child.kill();
    let more: Vec<Counter> = (0..10).flat_map(|_| all()).collect();
    for handle in handles.iter().chain(&more) {
        count(handle);
    }
    assert_eq!(first.load().unwrap(), 220);
}

#[test]
#[ignore = "a child process of another test"]
fn child_with_many_handles() {
    let Some(parent) = Parent::find() else { return };
    let handles = (0..219).map(|_| Counter::open(parent.argument(0)).unwrap());
    let _handles: Vec<Counter> = handles.collect();
    parent.tell("ready");
    parent.stay();
}

/// A program that tries in each of its frames.
#[test]
fn tries_notice_a_dead_holder_though_not_each_looks() {
    let _watchdog = watchdog();
    for mode in MODES {
        let name = fresh_name();
        let counter = counter(&name, mode);
        let mut victim = locker(&name);
        assert_eq!(answer(&mut victim, "lock"), "false");
        (0..100).for_each(|_| assert!(counter.try_lock().unwrap().is_none()));
        victim.kill();
        let guard = loop {
            if let Some(guard) = counter.try_lock().unwrap() {
                break guard;
            }
        };
        assert!(guard.was_abandoned());
    }
}

#[test]
fn a_failed_try_does_not_make_the_holder_wake_anybody() {
    let name = fresh_name();
    let counter = counter(&name, LockMode::Fast);
    let directory = Words::open(&name);
    let event = Event::open(&format!("{name}~unlocked")).unwrap();
    let guard = counter.lock().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            assert!(counter.try_lock().unwrap().is_none());
            assert!(counter.lock_timeout(Duration::ZERO).unwrap().is_none());
        });
    });
    assert_eq!(directory.get(LOCK) & WAITING, 0);
    drop(guard);
    assert!(!event.wait_timeout(Duration::ZERO).unwrap());
}

/// Others hang while they hold the lock, and while they open it.
#[test]
fn a_wait_for_the_lock_ends_in_time_whoever_is_suspended() {
    let _watchdog = watchdog();
    for mode in MODES {
        let name = fresh_name();
        let counter = counter(&name, mode);
        let companion = Mutex::open(&format!("{name}~mutex")).unwrap();
        let mut victim = locker(&name);
        assert_eq!(answer(&mut victim, "lock"), "false");
        let _registers = companion.lock().unwrap();
        if mode == LockMode::Fast {
            victim.kill();
        }
        thread::scope(|scope| {
            scope.spawn(|| {
                for millis in [0, 1, 20, 200] {
                    let (start, timeout) = (Instant::now(), Duration::from_millis(millis));
                    assert!(counter.lock_timeout(timeout).unwrap().is_none());
                    assert!(start.elapsed() >= timeout);
                }
            });
        });
    }
}
