//! Which step runs next.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Work in lanes: of each lane so many pieces at most are done at the same time. A worker takes what comes next
/// in the first lane that has room for them, so that none is idle while any has.
#[derive(Debug)]
pub(super) struct Lanes<T> {
    lanes: Mutex<Vec<Lane<T>>>,
    freed: Condvar,
}

#[derive(Debug)]
struct Lane<T> {
    left: VecDeque<T>,
    /// For so many more there is room.
    room: usize,
}

impl<T> Lanes<T> {
    /// Lanes that begin in this order, each with room for so many, and with work that is begun in this order.
    pub(super) fn new(lanes: impl IntoIterator<Item = (usize, Vec<T>)>) -> Self {
        let lane = |(room, left): (usize, Vec<T>)| Lane {
            left: left.into(),
            room,
        };
        Self {
            lanes: Mutex::new(lanes.into_iter().map(lane).collect()),
            freed: Condvar::new(),
        }
    }

    /// What to do next. Waits until a lane has room that has work left; `None` when all is done or being done by
    /// those who will also do the rest.
    pub(super) fn next(&self) -> Option<Taken<'_, T>> {
        let mut lanes = self.lanes();
        loop {
            for (at, lane) in lanes.iter_mut().enumerate().filter(|(_, it)| it.room > 0) {
                if let Some(work) = lane.left.pop_front() {
                    lane.room -= 1;
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

/// A piece of work, which takes up room in its lane.
#[derive(Debug)]
pub(super) struct Taken<'a, T> {
    lanes: &'a Lanes<T>,
    at: usize,
    pub(super) work: T,
}

impl<T> Drop for Taken<'_, T> {
    fn drop(&mut self) {
        self.lanes.lanes()[self.at].room += 1;
        self.lanes.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::Lanes;

    #[test]
    fn one_worker_does_all_in_order() {
        let lanes = Lanes::new([(1, vec!["a1", "a2"]), (2, vec![]), (1, vec!["b1"])]);
        let done: Vec<_> = std::iter::from_fn(|| Some(lanes.next()?.work)).collect();
        assert_eq!(done, ["a1", "a2", "b1"]);
    }

    #[test]
    fn a_full_lane_is_passed_over_until_it_has_room() {
        let lanes = Lanes::new([(1, vec![1, 2]), (1, vec![10, 20])]);
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
    fn a_lane_with_room_for_two_is_begun_twice() {
        let lanes = Lanes::new([(2, vec![1, 2, 3]), (1, vec![10])]);
        let taken = [1, 2, 10].map(|expected| {
            let taken = lanes.next();
            assert_eq!(taken.as_ref().map(|it| it.work), Some(expected));
            taken
        });
        let [one, ..] = taken;
        drop(one);
        assert_eq!(lanes.next().map(|it| it.work), Some(3));
    }

    #[test]
    fn workers_that_find_all_lanes_full_wait_for_room() {
        let rooms = [1, 2];
        let lanes = Lanes::new([(rooms[0], vec![1, 2]), (rooms[1], vec![3, 4, 5, 6])]);
        let at_once = [0, 0].map(AtomicUsize::new);
        let done = AtomicUsize::new(0);
        let start = Barrier::new(4);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    start.wait();
                    while let Some(taken) = lanes.next() {
                        let lane = usize::from(taken.work > 2);
                        let others = at_once[lane].fetch_add(1, Ordering::SeqCst);
                        assert!(others < rooms[lane], "too many in one lane");
                        thread::yield_now();
                        done.fetch_add(1, Ordering::SeqCst);
                        at_once[lane].fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(done.into_inner(), 6);
    }

    #[test]
    fn a_panic_leaves_room_in_its_lane() {
        let lanes = Lanes::new([(1, vec![1, 2])]);
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
