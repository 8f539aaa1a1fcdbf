//! Named mutexes, events and semaphores, between threads and between processes.

use std::fmt::Debug;
use std::time::{Duration, Instant};

mod event;
mod handles;
mod message_loop;
mod mutex;
mod names;
mod semaphore;
mod several;

const TIMEOUTS: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_millis(1),
    Duration::from_millis(20),
    Duration::from_millis(120),
];

/// Calls `wait` with each timeout; it must not be back sooner, nor with anything.
#[track_caller]
fn assert_waits<T: Debug + PartialEq>(nothing: T, wait: impl Fn(Duration) -> T) {
    for timeout in TIMEOUTS {
        let start = Instant::now();
        assert_eq!(wait(timeout), nothing);
        assert!(start.elapsed() >= timeout, "{:?}", start.elapsed());
    }
}
