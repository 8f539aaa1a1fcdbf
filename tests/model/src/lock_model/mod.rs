//! The lock: its holders exclude each other; in `ends` they end at each of their steps.

mod ends;

use std::convert::Infallible;
use std::sync::Arc;

use loom::sync::{Condvar, Mutex};
use loom::thread::{self, JoinHandle};

use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::lock_word::{Host, LockWord, Locker, Outcome, SLOT, Wait};
use crate::data::identity::ProcessIdentity;
use crate::explore::bounded;
use crate::step::die_at;

/// The step of a process that does not end.
const NEVER: u32 = 0;

struct Shared {
    word: AtomicU32,
    slots: Vec<AtomicU32>,
    /// The companion mutex: the process that holds it, 0 for none.
    mutex: Mutex<u32>,
    released: Condvar,
    /// An auto-reset event, and the processes that have ended. Each end is told to all waiters: that
    /// stands for the time after which they look.
    event: Mutex<(bool, Vec<u32>)>,
    happened: Condvar,
    /// What the lock protects: changes are lost unless one holder sees what the last one did.
    value: AtomicU32,
}

fn identity(id: u32) -> ProcessIdentity {
    ProcessIdentity { id, created: 7 }
}

impl Shared {
    fn new(slots: usize) -> Arc<Self> {
        Arc::new(Self {
            word: AtomicU32::new(0),
            slots: (0..slots * SLOT).map(|_| AtomicU32::new(0)).collect(),
            mutex: Mutex::new(0),
            released: Condvar::new(),
            event: Mutex::new((false, Vec::new())),
            happened: Condvar::new(),
            value: AtomicU32::new(0),
        })
    }

    fn word(&self) -> LockWord<'_> {
        LockWord {
            word: &self.word,
            slots: &self.slots,
        }
    }

    fn has_ended(&self, id: u32) -> bool {
        self.event.lock().unwrap().1.contains(&id)
    }

    /// Runs `act` as a process that ends at this step; whether it got done.
    fn live(self: &Arc<Self>, id: u32, step: u32, act: impl FnOnce(&mut Process)) -> bool {
        let mut process = Process {
            shared: self.clone(),
            id,
            told: 0,
            is_patient: true,
        };
        let done = die_at(step, || act(&mut process)).is_some();
        if !done {
            self.end(id);
        }
        done
    }

    /// A process that has registered.
    fn registered(self: &Arc<Self>, id: u32) -> Locker {
        let mut locker = None;
        self.live(id, NEVER, |it| locker = it.register());
        locker.expect("a slot")
    }

    fn end(&self, id: u32) {
        self.release(id);
        self.event.lock().unwrap().1.push(id);
        self.happened.notify_all();
    }

    /// Has `act` done while this process holds the companion mutex. Should it end meanwhile, that is
    /// abandoned: released when it has.
    fn exclusively<R>(&self, id: u32, act: impl FnOnce() -> R) -> R {
        let mut holder = self.mutex.lock().unwrap();
        while *holder != 0 {
            holder = self.released.wait(holder).unwrap();
        }
        *holder = id;
        drop(holder);
        let done = act();
        self.release(id);
        done
    }

    fn release(&self, id: u32) {
        let mut holder = self.mutex.lock().unwrap();
        if *holder == id {
            *holder = 0;
            self.released.notify_one();
        }
    }

    fn spawn(
        self: &Arc<Self>,
        id: u32,
        step: u32,
        act: impl FnOnce(&mut Process) + 'static,
    ) -> JoinHandle<bool> {
        let shared = self.clone();
        thread::spawn(move || shared.live(id, step, act))
    }

    fn value(&self) -> u32 {
        self.value.load(Ordering::Relaxed)
    }
}

struct Process {
    shared: Arc<Shared>,
    id: u32,
    /// How many have ended of whom this process was told.
    told: usize,
    /// Whether it waits at all.
    is_patient: bool,
}

impl Process {
    fn register(&self) -> Option<Locker> {
        let shared = &self.shared;
        let slot = shared.exclusively(self.id, || {
            shared
                .word()
                .register(identity(self.id), |it| shared.has_ended(it.id))
        })?;
        Some(Locker {
            slot,
            process: identity(self.id),
            thread: self.id,
        })
    }

    /// Adds one to the value, under the lock.
    fn change(&mut self, me: Locker) -> Outcome {
        let shared = self.shared.clone();
        let locked = shared.word().lock(me, self).unwrap();
        assert!(matches!(locked, Outcome::Acquired | Outcome::Abandoned));
        let value = shared.value();
        shared.value.store(value + 1, Ordering::Relaxed);
        step!();
        self.unlock(me, true);
        locked
    }

    fn unlock(&mut self, me: Locker, is_told: bool) {
        if self.shared.word().unlock(me.slot, is_told) {
            self.shared.event.lock().unwrap().0 = true;
            // Some of them go on waiting.
            self.shared.happened.notify_all();
            step!();
        }
    }

    fn register_and_change(&mut self) {
        let me = self.register().expect("a slot");
        self.change(me);
    }
}

impl Host for Process {
    type Error = Infallible;

    fn wait(&mut self) -> Result<Wait, Infallible> {
        if !self.is_patient {
            return Ok(Wait::Over);
        }
        let mut event = self.shared.event.lock().unwrap();
        loop {
            if std::mem::take(&mut event.0) {
                return Ok(Wait::Woken);
            }
            if event.1.len() > self.told {
                self.told = event.1.len();
                return Ok(Wait::Look);
            }
            event = self.shared.happened.wait(event).unwrap();
        }
    }

    fn seems_gone(&mut self, process: ProcessIdentity) -> bool {
        self.is_gone(process)
    }

    fn is_gone(&mut self, process: ProcessIdentity) -> bool {
        self.shared.has_ended(process.id)
    }

    fn exclusively(&mut self, act: impl FnOnce(&mut Self) -> bool) -> Result<bool, Infallible> {
        let shared = self.shared.clone();
        Ok(shared.exclusively(self.id, || act(self)))
    }
}

#[test]
fn two_exclude_each_other_and_both_get_the_lock() {
    bounded(None, || {
        let shared = Shared::new(2);
        let other = shared.spawn(2, NEVER, Process::register_and_change);
        shared.live(1, NEVER, Process::register_and_change);
        other.join().unwrap();
        assert_eq!(shared.value(), 2);
    });
}

#[test]
fn three_exclude_each_other_and_all_get_the_lock() {
    bounded(2, || {
        let shared = Shared::new(3);
        let others = [2, 3].map(|id| shared.spawn(id, NEVER, Process::register_and_change));
        shared.live(1, NEVER, Process::register_and_change);
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(shared.value(), 3);
    });
}

#[test]
fn two_threads_with_one_handle_exclude_each_other() {
    bounded(None, || {
        let shared = Shared::new(1);
        let me = shared.registered(1);
        let other = Locker { thread: 2, ..me };
        let other = shared.spawn(1, NEVER, move |it| {
            it.change(other);
        });
        shared.live(1, NEVER, |it| {
            it.change(me);
        });
        other.join().unwrap();
        assert_eq!(shared.value(), 2);
    });
}

#[test]
fn one_that_gives_up_costs_no_other_its_wake_up() {
    bounded(3, || {
        let shared = Shared::new(3);
        let [one, two, three] = [1, 2, 3].map(|id| shared.registered(id));
        let others = [
            shared.spawn(2, NEVER, move |it| {
                it.is_patient = false;
                let shared = it.shared.clone();
                if shared.word().lock(two, it) == Ok(Outcome::Acquired) {
                    it.unlock(two, true);
                }
            }),
            shared.spawn(3, NEVER, move |it| {
                it.change(three);
            }),
        ];
        shared.live(1, NEVER, |it| {
            it.change(one);
        });
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(shared.value(), 2);
    });
}

/// A process that gives up its slot has released the lock.
#[test]
fn nobody_takes_over_from_one_that_gives_up_its_slot() {
    bounded(None, || {
        let shared = Shared::new(2);
        let [one, other] = [1, 2].map(|id| shared.registered(id));
        // So that a waiter looks.
        shared.end(99);
        let other = shared.spawn(2, NEVER, move |it| {
            it.change(other);
            it.shared.word().unregister(other.slot);
        });
        shared.live(1, NEVER, |it| {
            assert_eq!(it.change(one), Outcome::Acquired);
        });
        other.join().unwrap();
        assert_eq!(shared.value(), 2);
    });
}

#[test]
fn locking_again_is_refused() {
    bounded(None, || {
        let shared = Shared::new(1);
        shared.live(1, NEVER, |it| {
            let me = it.register().expect("a slot");
            let shared = it.shared.clone();
            assert_eq!(shared.word().lock(me, it), Ok(Outcome::Acquired));
            assert_eq!(shared.word().lock(me, it), Ok(Outcome::AlreadyHeld));
            it.unlock(me, true);
            assert_eq!(shared.word().lock(me, it), Ok(Outcome::Acquired));
        });
    });
}

/// A try neither waits nor asks to be woken; the lock is free afterwards, and nobody is woken in vain.
#[test]
fn a_try_changes_nothing_for_the_holder_and_excludes() {
    bounded(None, || {
        let shared = Shared::new(2);
        let [one, two] = [1, 2].map(|id| shared.registered(id));
        let other = shared.spawn(2, NEVER, move |it| {
            it.change(two);
        });
        shared.live(1, NEVER, |it| {
            let shared = it.shared.clone();
            match shared.word().try_lock(one, it).unwrap() {
                Outcome::Acquired => {
                    let value = shared.value();
                    shared.value.store(value + 1, Ordering::Relaxed);
                    it.unlock(one, true);
                }
                tried => {
                    assert_eq!(tried, Outcome::TimedOut);
                    assert_eq!(shared.word().word.load(Ordering::Relaxed) >> 30, 0);
                }
            }
        });
        other.join().unwrap();
        assert_eq!(shared.word.load(Ordering::Relaxed), 0);
    });
}
