//! How a writer knows whom to wake, at the price of one load where nobody waits.
//!
//! One word, a bit for each waiter. A waiter sets its bit, looks once more whether there is something
//! new, and waits for its own event. The writer makes its value visible, takes all bits, and sets the
//! events they stand for. Between the two steps on each side stands a sequentially consistent fence, so
//! at least one of the two sees what the other did first: either the waiter sees the value, or the
//! writer sees the bit.
//!
//! A bit is no count: one left by a waiter that was killed costs the writer one event in vain.

use crate::atomic::{AtomicU32, Ordering, fence};

/// The most that can wait at once with an event each.
pub(crate) const WAITERS: u32 = u32::BITS;

/// Waiter: says that it waits. It has to look once more afterwards.
pub(crate) fn arm(armed: &AtomicU32, waiter: u32) {
    armed.fetch_or(1 << waiter, Ordering::Relaxed);
    fence(Ordering::SeqCst);
}

/// Waiter: says that it no longer does.
pub(crate) fn disarm(armed: &AtomicU32, waiter: u32) {
    armed.fetch_and(!(1 << waiter), Ordering::Relaxed);
}

/// Writer, after its value is visible: the waiters to wake, of which it now is the only one to know.
#[inline]
pub(crate) fn take(armed: &AtomicU32) -> u32 {
    fence(Ordering::SeqCst);
    if armed.load(Ordering::Relaxed) == 0 {
        return 0;
    }
    armed.swap(0, Ordering::Relaxed)
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use loom::sync::{Arc, Condvar, Mutex};
    use loom::thread;

    /// An auto-reset event.
    struct Event(Mutex<bool>, Condvar);

    impl Event {
        fn new() -> Self {
            Self(Mutex::new(false), Condvar::new())
        }

        fn set(&self) {
            *self.0.lock().unwrap() = true;
            self.1.notify_one();
        }

        fn wait(&self) {
            let mut set = self.0.lock().unwrap();
            while !*set {
                set = self.1.wait(set).unwrap();
            }
            *set = false;
        }
    }

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
            let waiters = take(&self.armed);
            for (bit, event) in self.events.iter().enumerate() {
                if waiters & 1 << bit != 0 {
                    event.set();
                }
            }
        }

        fn wait_for(&self, waiter: u32, value: u32) {
            loop {
                arm(&self.armed, waiter);
                if self.value.load(Ordering::Relaxed) >= value {
                    disarm(&self.armed, waiter);
                    return;
                }
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

    #[test]
    fn two_waiters_are_woken() {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(3);
        model.check(|| {
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
    fn a_waiter_that_was_killed_does_not_cost_another_its_wake_up() {
        loom::model(|| {
            let shared = Shared::new();
            // Killed while it waited: its bit stays.
            arm(&shared.armed, 1);
            let writer = thread::spawn({
                let shared = shared.clone();
                move || shared.publish(1)
            });
            shared.wait_for(0, 1);
            writer.join().unwrap();
        });
    }
}
