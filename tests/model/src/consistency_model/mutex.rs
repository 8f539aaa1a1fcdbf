//! A named mutex, which the system owns: one thread holds it at a time, and it is abandoned if that thread ends.

use std::panic::{self, AssertUnwindSafe};

use crate::consistency_model::{Value, assert_whole};
use crate::cores::consistency::{Cause, LockGuard, locked};
use crate::explore::{bounded, bounded_for_each_step};
use crate::step::{die_at, step};
use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
use loom::thread;

/// What can hold the mutex.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Thread {
    Producer,
    Reader,
}

#[derive(Default)]
struct State {
    holder: Option<Thread>,
    was_abandoned: bool,
}

/// The system's mutex, and the value that it protects.
struct Shared {
    state: Mutex<State>,
    released: Condvar,
    value: Value,
}

/// The reader's hold on the mutex.
struct Held<'a> {
    shared: &'a Shared,
    was_abandoned: bool,
}

impl LockGuard for Held<'_> {
    fn was_abandoned(&self) -> bool {
        self.was_abandoned
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.shared.release(Thread::Reader);
    }
}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            released: Condvar::new(),
            value: Value::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Takes the mutex, which no thread holds; returns whether it was abandoned.
    fn take(mut state: MutexGuard<'_, State>, thread: Thread) -> bool {
        assert_eq!(state.holder, None, "held twice");
        state.holder = Some(thread);
        std::mem::take(&mut state.was_abandoned)
    }

    fn acquire(&self, thread: Thread) -> bool {
        let mut state = self.state();
        while state.holder.is_some() {
            state = self.released.wait(state).unwrap();
        }
        Self::take(state, thread)
    }

    fn release(&self, thread: Thread) {
        let mut state = self.state();
        assert_eq!(state.holder.take(), Some(thread), "the holder releases it");
        self.released.notify_all();
    }

    /// The thread ends, wherever it is.
    fn end(&self, thread: Thread) {
        let mut state = self.state();
        if state.holder == Some(thread) {
            *state = State {
                holder: None,
                was_abandoned: true,
            };
            self.released.notify_all();
        }
    }

    fn write(&self, value: u32) {
        step();
        let _was_abandoned = self.acquire(Thread::Producer);
        step();
        self.value.write_by_steps(value);
        step();
        self.release(Thread::Producer);
    }

    /// A reader with no limit to its timeout.
    fn wait(&self) -> Option<Held<'_>> {
        let was_abandoned = self.acquire(Thread::Reader);
        Some(Held {
            shared: self,
            was_abandoned,
        })
    }

    /// A reader that does not wait.
    fn try_once(&self) -> Option<Held<'_>> {
        let state = self.state();
        let is_free = state.holder.is_none();
        is_free.then(|| Held {
            shared: self,
            was_abandoned: Self::take(state, Thread::Reader),
        })
    }

    fn read<'a>(
        &'a self,
        lock: impl FnOnce(&'a Self) -> Option<Held<'a>>,
    ) -> Result<[u32; 2], Cause> {
        let read = locked(lock(self), || {
            assert_eq!(self.state().holder, Some(Thread::Reader), "not locked");
            self.value.copy()
        });
        let holder = self.state().holder;
        assert_ne!(holder, Some(Thread::Reader), "released in every case");
        read
    }
}

impl Value {
    fn write_by_steps(&self, value: u32) {
        for word in &self.0 {
            step();
            word.store(value, crate::cores::atomic::Ordering::Relaxed);
        }
    }
}

/// A reader that waits, and one whose timeout passes, beside a producer that writes 1 and 2.
#[test]
fn a_value_behind_a_mutex_is_whole_and_read_by_its_holder_alone() {
    for waits in [true, false] {
        bounded(None, move || {
            let shared = Shared::new();
            let producer = thread::spawn({
                let shared = shared.clone();
                move || (1..=2).for_each(|value| shared.write(value))
            });
            let read = match waits {
                true => shared.read(Shared::wait),
                false => shared.read(Shared::try_once),
            };
            assert!(read != Err(Cause::Locked) || !waits, "it waits");
            assert_ne!(read, Err(Cause::Abandoned));
            assert_whole(read);
            producer.join().unwrap();
            assert_eq!(shared.read(Shared::try_once), Ok([2; 2]));
        });
    }
}

/// At each of its steps; the next producer writes a whole value.
#[test]
fn a_producer_that_ends_with_the_mutex_is_told_and_its_value_is_not_taken() {
    let steps = bounded_for_each_step(None, |at| {
        let shared = Shared::new();
        let producer = thread::spawn({
            let shared = shared.clone();
            move || {
                let lived = die_at(at, || shared.write(1)).is_some();
                shared.end(Thread::Producer);
                lived
            }
        });
        let first = shared.read(Shared::wait);
        let lived = producer.join().unwrap();
        if first == Err(Cause::Abandoned) {
            assert!(!lived, "it has ended");
        } else {
            assert_whole(first);
        }
        // The first thread that locks is told of the abandonment: this reader, or the next producer.
        shared.write(2);
        assert_eq!(shared.read(Shared::wait), Ok([2; 2]));
        !lived
    });
    assert_eq!(steps, 5);
}

#[test]
fn a_mutex_is_released_if_the_copy_panics() {
    loom::model(|| {
        let shared = Shared::new();
        let copy =
            AssertUnwindSafe(|| locked(shared.wait(), || panic::resume_unwind(Box::new(()))));
        let read: Result<Result<(), Cause>, _> = panic::catch_unwind(copy);
        assert!(read.is_err());
        assert_eq!(shared.read(Shared::try_once), Ok([0; 2]));
    });
}
