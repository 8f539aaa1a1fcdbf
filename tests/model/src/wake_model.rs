//! The model of `wake`.

use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::wake::{arm, take, take_after_exchange, wait};
use crate::event::Event;
use loom::sync::{Arc, Mutex};
use loom::thread;

struct Shared {
    value: AtomicU32,
    armed: AtomicU32,
    events: [Event; 2],
}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            value: AtomicU32::new(0),
            armed: AtomicU32::new(0),
            events: [Event::new(), Event::new()],
        })
    }

    fn publish(&self, value: u32) {
        self.value.store(value, Ordering::Release);
        self.wake(take(&self.armed));
    }

    fn wake(&self, waiters: u32) {
        for (bit, event) in self.events.iter().enumerate() {
            if waiters & 1 << bit != 0 {
                event.set();
            }
        }
    }

    fn wait_for(&self, waiter: u32, value: u32) {
        let is_there = || self.value.load(Ordering::Relaxed) >= value;
        while !is_there() {
            wait(&self.armed, waiter, is_there, || {
                self.events[waiter as usize].wait();
            });
        }
    }

    /// As [`wait_for`](Self::wait_for), until it is killed after the first wait.
    fn wait_and_die(&self, waiter: u32, value: u32) {
        arm(&self.armed, waiter);
        if self.value.load(Ordering::Relaxed) < value {
            self.events[waiter as usize].wait();
        }
    }
}

// A lost wake-up is a deadlock, which loom reports.

#[test]
fn one_waiter_is_woken() {
    loom::model(|| {
        let shared = Shared::new();
        let writer = thread::spawn({
            let shared = shared.clone();
            move || {
                shared.publish(1);
                shared.publish(2);
            }
        });
        shared.wait_for(0, 2);
        writer.join().unwrap();
    });
}

/// For three threads: to try all their orders takes minutes.
fn with_three_preemptions(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

#[test]
fn two_waiters_are_woken() {
    with_three_preemptions(|| {
        let shared = Shared::new();
        let waiter = thread::spawn({
            let shared = shared.clone();
            move || shared.wait_for(1, 1)
        });
        let writer = thread::spawn({
            let shared = shared.clone();
            move || shared.publish(1)
        });
        shared.wait_for(0, 1);
        waiter.join().unwrap();
        writer.join().unwrap();
    });
}

#[test]
fn a_waiter_killed_while_it_waits_does_not_cost_another_its_wake_up() {
    loom::model(|| {
        let shared = Shared::new();
        // Its bit stays.
        arm(&shared.armed, 1);
        let writer = thread::spawn({
            let shared = shared.clone();
            move || shared.publish(1)
        });
        shared.wait_for(0, 1);
        writer.join().unwrap();
    });
}

#[test]
fn a_waiter_killed_after_its_wait_does_not_cost_another_its_wake_up() {
    with_three_preemptions(|| {
        let shared = Shared::new();
        let killed = thread::spawn({
            let shared = shared.clone();
            move || shared.wait_and_die(1, 1)
        });
        let writer = thread::spawn({
            let shared = shared.clone();
            move || {
                shared.publish(1);
                shared.publish(2);
            }
        });
        shared.wait_for(0, 2);
        killed.join().unwrap();
        writer.join().unwrap();
    });
}

/// A shared mutex: the order of those that commit is that of their lock, but not that in which they wake. The first may
/// take a waiter's bit after the second has found none.
#[test]
fn a_waiter_is_woken_whichever_of_two_that_commit_wakes_first() {
    with_three_preemptions(|| {
        let shared = Shared::new();
        let lock = Arc::new(Mutex::new(()));
        let writers: Vec<_> = (0..2)
            .map(|_| {
                let (shared, lock) = (shared.clone(), lock.clone());
                thread::spawn(move || {
                    let held = lock.lock().unwrap();
                    let value = shared.value.load(Ordering::Relaxed);
                    shared.value.store(value + 1, Ordering::Release);
                    drop(held);
                    shared.wake(take_after_exchange(&shared.armed));
                })
            })
            .collect();
        shared.wait_for(0, 2);
        for writer in writers {
            writer.join().unwrap();
        }
    });
}
