//! Mutexes.

use std::mem;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use win_shared_memory::Section;
use win_shared_memory::sync::Mutex;

use super::assert_waits;
use crate::support::{Child, HOUR, Parent, fresh_name, watchdog};

/// Another thread that locks `mutex` and says so, and unlocks when told.
fn while_locked_elsewhere(mutex: &Mutex, body: impl FnOnce()) {
    thread::scope(|scope| {
        let (locks, locked) = mpsc::channel();
        let (ends, ended) = mpsc::channel::<()>();
        scope.spawn(move || {
            let _guard = mutex.lock().unwrap();
            locks.send(()).unwrap();
            let _ = ended.recv();
        });
        locked.recv().unwrap();
        body();
        drop(ends);
    });
}

#[test]
fn a_mutex_held_elsewhere_is_not_had_and_had_when_it_is_released() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mutex = Mutex::create(&name).unwrap();
    let same = Mutex::open(&name).unwrap();
    while_locked_elsewhere(&mutex, || {
        for mutex in [&mutex, &same] {
            assert!(mutex.try_lock().unwrap().is_none());
            assert_waits(true, |timeout| {
                mutex.lock_timeout(timeout).unwrap().is_none()
            });
        }
    });
    let guard = same.try_lock().unwrap().unwrap();
    assert!(!guard.was_abandoned());
    thread::scope(|scope| {
        scope.spawn(|| assert!(mutex.try_lock().unwrap().is_none()));
    });
    drop(guard);
    thread::scope(|scope| {
        scope.spawn(|| assert!(mutex.try_lock().unwrap().is_some()));
    });
}

#[test]
fn a_thread_that_waits_for_a_mutex_gets_it_when_it_is_released() {
    let _watchdog = watchdog();
    let mutex = Mutex::create(&fresh_name()).unwrap();
    for wait in [
        |mutex: &Mutex| drop(mutex.lock().unwrap()),
        |mutex: &Mutex| drop(mutex.lock_timeout(HOUR).unwrap().unwrap()),
        |mutex: &Mutex| drop(mutex.lock_timeout(Duration::MAX).unwrap().unwrap()),
    ] {
        let guard = mutex.lock().unwrap();
        thread::scope(|scope| {
            let waiter = scope.spawn(|| wait(&mutex));
            drop(guard);
            waiter.join().unwrap();
        });
    }
}

#[test]
fn a_mutex_keeps_the_threads_of_all_handles_apart() {
    const ROUNDS: u32 = 500;
    let _watchdog = watchdog();
    let name = fresh_name();
    let _mutex = Mutex::create(&name).unwrap();
    let counter = Section::create(&format!("{name}-counter"), 4).unwrap();
    let counter = counter.map().unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mutex = Mutex::open(&name).unwrap();
                for _ in 0..ROUNDS {
                    let _guard = mutex.lock().unwrap();
                    let count: u32 = counter.read(0).unwrap();
                    thread::yield_now();
                    counter.write(0, &(count + 1)).unwrap();
                }
            });
        }
    });
    assert_eq!(counter.read::<u32>(0).unwrap(), 4 * ROUNDS);
}

#[test]
fn a_mutex_locked_again_by_its_holder_is_held_until_as_many_guards_are_dropped() {
    let mutex = Mutex::create(&fresh_name()).unwrap();
    let is_free = || {
        thread::scope(|scope| {
            let other = scope.spawn(|| mutex.try_lock().unwrap().is_some());
            other.join().unwrap()
        })
    };
    let mut guards: Vec<_> = (0..5).map(|_| mutex.lock().unwrap()).collect();
    guards.push(mutex.try_lock().unwrap().unwrap());
    while let Some(guard) = guards.pop() {
        assert!(!is_free());
        drop(guard);
    }
    assert!(is_free());
}

#[test]
fn the_end_of_a_thread_that_holds_a_mutex_is_told_once() {
    let _watchdog = watchdog();
    let mutex = Mutex::create(&fresh_name()).unwrap();
    for _ in 0..3 {
        thread::scope(|scope| {
            scope.spawn(|| mem::forget(mutex.lock().unwrap()));
        });
        // A scope does not wait until the system has ended its threads.
        assert!(mutex.lock().unwrap().was_abandoned());
        assert!(!mutex.lock().unwrap().was_abandoned());
        assert!(!mutex.try_lock().unwrap().unwrap().was_abandoned());
    }
}

#[test]
#[ignore = "a child process of other tests"]
fn child_that_locks() {
    let Some(parent) = Parent::find() else { return };
    let mutex = Mutex::open(parent.argument(0)).unwrap();
    let guard = mutex.lock().unwrap();
    parent.tell(&guard.was_abandoned().to_string());
    assert_eq!(parent.hear(), "unlock");
    drop(guard);
    parent.tell("unlocked");
    parent.stay();
}

#[test]
fn a_mutex_held_by_another_process_is_had_when_that_unlocks_or_is_killed() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mutex = Mutex::create(&name).unwrap();
    let mut child = Child::start(child_that_locks, &[&name]);
    assert_eq!(child.answer(), "false");
    assert!(mutex.try_lock().unwrap().is_none());
    assert_waits(true, |timeout| {
        mutex.lock_timeout(timeout).unwrap().is_none()
    });
    child.tell("unlock");
    assert_eq!(child.answer(), "unlocked");
    assert!(!mutex.try_lock().unwrap().unwrap().was_abandoned());

    let mut child = Child::start(child_that_locks, &[&name]);
    assert_eq!(child.answer(), "false");
    thread::scope(|scope| {
        let waiter = scope.spawn(|| mutex.lock_timeout(HOUR).unwrap().unwrap().was_abandoned());
        child.kill();
        assert!(waiter.join().unwrap());
    });
    assert!(!mutex.lock().unwrap().was_abandoned());

    // It is the next to lock that is told, whichever process that is.
    let mut victim = Child::start(child_that_locks, &[&name]);
    assert_eq!(victim.answer(), "false");
    victim.kill();
    let mut heir = Child::start(child_that_locks, &[&name]);
    assert_eq!(heir.answer(), "true");
    heir.tell("unlock");
    assert_eq!(heir.answer(), "unlocked");
    assert!(!mutex.lock().unwrap().was_abandoned());
}
