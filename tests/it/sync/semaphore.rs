//! Semaphores.

use std::thread;

use win_shared_memory::sync::Semaphore;
use win_shared_memory::{ReadWrite, SharedData, SharedMemoryError, SharedMemoryLink, field};

use super::assert_waits;
use crate::support::{Child, Parent, fresh_name, watchdog};

#[test]
fn a_semaphore_counts_for_all_handles_as_long_as_one_lives() {
    let name = fresh_name();
    let semaphore = Semaphore::create(&name, 1, 5).unwrap();
    assert_eq!(semaphore.release(3).unwrap(), 1);
    let other = Semaphore::get_or_create(&name, 0, 1).unwrap();
    assert!(!other.was_created());
    drop(semaphore);
    for _ in 0..4 {
        let opened = Semaphore::open(&name).unwrap();
        assert!(opened.try_acquire().unwrap());
    }
    assert!(!other.try_acquire().unwrap());
    drop(other);
    assert!(Semaphore::open(&name).unwrap_err().is_not_found());
}

#[test]
fn a_semaphore_never_counts_beyond_its_maximum() {
    let semaphore = Semaphore::create(&fresh_name(), 2, 3).unwrap();
    for count in [2, 100, i32::MAX, -1, i32::MIN] {
        let error = semaphore.release(count).unwrap_err();
        assert!(
            matches!(error, SharedMemoryError::System { .. }),
            "{count}: {error:?}"
        );
    }
    assert_eq!(semaphore.release(1).unwrap(), 2);
    for _ in 0..3 {
        semaphore.acquire().unwrap();
    }
    assert!(!semaphore.try_acquire().unwrap());
}

#[test]
#[ignore = "needs real Windows: Wine takes it for a question"]
fn releasing_nothing_is_an_error() {
    let semaphore = Semaphore::create(&fresh_name(), 2, 3).unwrap();
    let error = semaphore.release(0).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::System { .. }),
        "{error:?}"
    );
}

#[test]
fn a_semaphore_that_counts_less_than_nothing_or_more_than_it_may_is_refused() {
    for (count, maximum) in [(-1, 1), (2, 1), (0, 0), (0, -1), (1, 0)] {
        let name = fresh_name();
        let error = Semaphore::create(&name, count, maximum).unwrap_err();
        assert!(
            matches!(error, SharedMemoryError::System { .. }),
            "{count} of {maximum}: {error:?}"
        );
        assert!(Semaphore::open(&name).unwrap_err().is_not_found());
    }
}

#[test]
fn waiting_for_a_semaphore_at_zero_takes_the_timeout_or_until_it_is_released() {
    let _watchdog = watchdog();
    let semaphore = Semaphore::create(&fresh_name(), 0, 100).unwrap();
    assert_waits(false, |timeout| semaphore.acquire_timeout(timeout).unwrap());
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| (0..20).for_each(|_| semaphore.acquire().unwrap())))
            .collect();
        for _ in 0..8 {
            semaphore.release(10).unwrap();
        }
        threads.into_iter().for_each(|it| it.join().unwrap());
    });
    assert!(!semaphore.try_acquire().unwrap());
}

#[test]
#[ignore = "a child process of another test"]
fn child_that_acquires() {
    let Some(parent) = Parent::find() else { return };
    let semaphore = Semaphore::open(parent.argument(0)).unwrap();
    semaphore.acquire().unwrap();
    parent.tell("acquired");
    parent.stay();
}

#[test]
fn what_a_killed_process_took_from_a_semaphore_is_not_given_back() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let semaphore = Semaphore::create(&name, 2, 2).unwrap();
    let mut child = Child::start(child_that_acquires, &[&name]);
    assert_eq!(child.answer(), "acquired");
    child.kill();
    assert!(semaphore.try_acquire().unwrap());
    assert!(!semaphore.try_acquire().unwrap());
}

/// A ring between two processes: how many items were ever put there, and the last of them.
#[derive(SharedData)]
#[repr(C)]
struct Ring {
    count: u64,
    items: [u64; 8],
}

const ITEMS: u64 = 1000;

/// What both sides need: the ring, how many of its places are free, and how many are taken.
fn ring(name: &str) -> (SharedMemoryLink<Ring, ReadWrite>, [Semaphore; 2]) {
    let ring = SharedMemoryLink::get_or_create(name).unwrap();
    let semaphores = [("free", 8), ("taken", 0)].map(|(what, count)| {
        Semaphore::get_or_create(&format!("{name}-{what}"), count, 8).unwrap()
    });
    (ring, semaphores)
}

#[test]
#[ignore = "a child process of another test"]
fn child_that_produces() {
    let Some(parent) = Parent::find() else { return };
    let (ring, [free, taken]) = ring(parent.argument(0));
    for number in 0..ITEMS {
        free.acquire().unwrap();
        field!(ring.items[number as usize % 8]).write(&(number * number));
        field!(ring.count).write(&(number + 1));
        taken.release(1).unwrap();
    }
    parent.stay();
}

#[test]
fn what_one_process_produces_another_consumes_in_order() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let (ring, [free, taken]) = ring(&name);
    let _child = Child::start(child_that_produces, &[&name]);
    for number in 0..ITEMS {
        taken.acquire().unwrap();
        assert!(field!(ring.count).read() > number);
        let item = field!(ring.items[number as usize % 8]).read();
        assert_eq!(item, number * number);
        free.release(1).unwrap();
    }
    assert_eq!(field!(ring.count).read(), ITEMS);
    assert!(!taken.try_acquire().unwrap());
}
