//! Which step runs next.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Work in lanes: no two pieces of a lane are done at the same time. Those who work take what comes next in any
/// lane that is free, so that none is idle while more lanes than one have work left.
#[derive(Debug)]
pub(super) struct Lanes<T> {
    lanes: Mutex<Vec<Lane<T>>>,
    freed: Condvar,
}

#[derive(Debug)]
struct Lane<T> {
    left: VecDeque<T>,
    busy: bool,
}

impl<T> Lanes<T> {
    /// Lanes that begin in this order, with work that is done in this order.
    pub(super) fn new(lanes: impl IntoIterator<Item = Vec<T>>) -> Self {
        let lane = |left: Vec<T>| Lane {
            left: left.into(),
            busy: false,
        };
        Self {
            lanes: Mutex::new(lanes.into_iter().map(lane).collect()),
            freed: Condvar::new(),
        }
    }

    /// What to do next. Waits until a lane is free that has work left; `None` when all is done or being done by
    /// those who will also do the rest.
    pub(super) fn next(&self) -> Option<Taken<'_, T>> {
        let mut lanes = self.lanes();
        loop {
            for (at, lane) in lanes.iter_mut().enumerate().filter(|(_, it)| !it.busy) {
                if let Some(work) = lane.left.pop_front() {
                    lane.busy = true;
                    return Some(Taken {
                        lanes: self,
                        at,
                        work,
                    });
                }
            }
            if lanes.iter().all(|lane| lane.left.is_empty()) {
                return None;
            }
            let freed = self.freed.wait(lanes);
            lanes = freed.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lanes(&self) -> MutexGuard<'_, Vec<Lane<T>>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A piece of work, which keeps its lane busy.
#[derive(Debug)]
pub(super) struct Taken<'a, T> {
    lanes: &'a Lanes<T>,
    at: usize,
    pub(super) work: T,
}

impl<T> Drop for Taken<'_, T> {
    fn drop(&mut self) {
        self.lanes.lanes()[self.at].busy = false;
        self.lanes.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::thread;

    use super::Lanes;

    #[test]
    fn one_worker_does_all_in_order() {
        let lanes = Lanes::new([vec!["a1", "a2"], vec![], vec!["b1"]]);
        let done: Vec<_> = std::iter::from_fn(|| Some(lanes.next()?.work)).collect();
        assert_eq!(done, ["a1", "a2", "b1"]);
    }

    #[test]
    fn a_busy_lane_is_passed_over_until_it_is_free() {
        let lanes = Lanes::new([vec![1, 2], vec![10, 20]]);
        let one = lanes.next();
        assert_eq!(one.as_ref().map(|it| it.work), Some(1));
        let ten = lanes.next();
        assert_eq!(ten.as_ref().map(|it| it.work), Some(10));
        drop(ten);
        let twenty = lanes.next();
        assert_eq!(twenty.as_ref().map(|it| it.work), Some(20));
        drop(one);
        let two = lanes.next();
        assert_eq!(two.as_ref().map(|it| it.work), Some(2));
        assert!(lanes.next().is_none(), "nothing is left to be begun");
    }

    #[test]
    fn workers_that_find_all_lanes_busy_wait_for_one() {
        let lanes = Lanes::new([vec![1, 2], vec![3, 4, 5, 6]]);
        let busy = [1, 2, 3, 4, 5, 6].map(|_| AtomicBool::new(false));
        let done = AtomicUsize::new(0);
        let start = Barrier::new(3);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    start.wait();
                    while let Some(taken) = lanes.next() {
                        let lane = usize::from(taken.work > 2);
                        assert!(!busy[lane].swap(true, Ordering::SeqCst), "two in one lane");
                        thread::yield_now();
                        done.fetch_add(1, Ordering::SeqCst);
                        busy[lane].store(false, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(done.into_inner(), 6);
    }

    #[test]
    fn a_panic_leaves_its_lane_free() {
        let lanes = Lanes::new([vec![1, 2]]);
        let panicked = thread::scope(|scope| {
            let worker = scope.spawn(|| {
                let _taken = lanes.next();
                std::panic::resume_unwind(Box::new("no message"));
            });
            worker.join().is_err()
        });
        assert!(panicked);
        assert_eq!(lanes.next().map(|it| it.work), Some(2));
    }
}
