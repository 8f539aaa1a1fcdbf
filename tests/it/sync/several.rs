//! Waiting for several objects at once.

use std::thread;
use std::time::Duration;

use win_shared_memory::sync::{Event, Reset, Semaphore, Waitable, wait_any};
use win_shared_memory::{Process, SharedMemoryError};

use super::assert_waits;
use crate::support::{Child, HOUR, fresh_name, watchdog};

#[test]
fn of_several_objects_the_first_that_is_signaled_ends_the_wait_and_no_other_is_touched() {
    let _watchdog = watchdog();
    let auto = Event::create(&fresh_name(), Reset::Auto).unwrap();
    let manual = Event::create(&fresh_name(), Reset::Manual).unwrap();
    let semaphore = Semaphore::create(&fresh_name(), 0, 9).unwrap();
    let all: [&dyn Waitable; 3] = [&manual, &auto, &semaphore];
    assert_waits(None, |timeout| wait_any(&all, timeout).unwrap());

    auto.set().unwrap();
    semaphore.release(1).unwrap();
    assert_eq!(wait_any(&all, HOUR).unwrap(), Some(1));
    assert_eq!(wait_any(&all, Duration::MAX).unwrap(), Some(2));
    assert_eq!(wait_any(&all, Duration::ZERO).unwrap(), None);
    manual.set().unwrap();
    auto.set().unwrap();
    for _ in 0..3 {
        assert_eq!(wait_any(&all, HOUR).unwrap(), Some(0));
    }
    assert!(auto.try_wait().unwrap());
}

#[test]
fn as_many_objects_as_the_system_takes_are_waited_for_and_more_are_an_error() {
    let _watchdog = watchdog();
    let events: Vec<_> = (0..65)
        .map(|_| Event::create(&fresh_name(), Reset::Auto).unwrap())
        .collect();
    let all: Vec<&dyn Waitable> = events.iter().map(|it| it as _).collect();
    events[63].set().unwrap();
    assert_eq!(wait_any(&all[..64], HOUR).unwrap(), Some(63));
    assert_eq!(wait_any(&all[..64], Duration::ZERO).unwrap(), None);
    for objects in [&all[..], &[]] {
        let error = wait_any(objects, HOUR).unwrap_err();
        assert!(
            matches!(error, SharedMemoryError::System { .. }),
            "{error:?}"
        );
    }
}

#[test]
fn the_end_of_a_process_is_waited_for_beside_an_event() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let event = Event::create(&name, Reset::Auto).unwrap();
    let mut child = Child::start(crate::process::child_that_tells_who_it_is, &[]);
    let id = child.answer().split_once(' ').unwrap().0.parse().unwrap();
    let process = Process::open(id).unwrap();
    event.set().unwrap();
    assert_eq!(wait_any(&[&process, &event], HOUR).unwrap(), Some(1));
    thread::scope(|scope| {
        let waiter = scope.spawn(|| wait_any(&[&event, &process], HOUR).unwrap());
        child.kill();
        assert_eq!(waiter.join().unwrap(), Some(1));
    });
}
