//! Named mutexes, events and semaphores, between threads and between processes.

use std::fmt::Debug;
use std::mem;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::sync::{Event, Mutex, Reset, Semaphore, Waitable, wait_any};
use win_shared_memory::{
    Process, Section, SecurityDescriptor, SharedMemoryError, SharedMemoryOptions,
};

use crate::support::{Child, Parent, fresh_name, watchdog};

/// For what should not be waited for; ends in the watchdog if it is.
const HOUR: Duration = Duration::from_secs(3600);

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

#[track_caller]
fn assert_name_in_use<T: Debug>(result: Result<T, SharedMemoryError>, name: &str) {
    match result {
        Err(SharedMemoryError::NameInUse { name: given }) => assert_eq!(given, name),
        other => panic!("{other:?}"),
    }
}

// Names.

#[test]
fn regions_and_objects_do_not_share_a_name() {
    type Make = fn(&str) -> Result<Box<dyn std::any::Any>, SharedMemoryError>;
    type Open = fn(&str) -> Result<(), SharedMemoryError>;
    let makers: [Make; 4] = [
        |name| Ok(Box::new(Section::create(name, 1)?)),
        |name| Ok(Box::new(Mutex::create(name)?)),
        |name| Ok(Box::new(Event::create(name, Reset::Auto)?)),
        |name| Ok(Box::new(Semaphore::create(name, 0, 1)?)),
    ];
    let openers: [[Open; 3]; 4] = [
        [
            |name| Section::create(name, 1).map(drop),
            |name| Section::get_or_create(name, 1).map(drop),
            |name| Section::open(name).map(drop),
        ],
        [
            |name| Mutex::create(name).map(drop),
            |name| Mutex::get_or_create(name).map(drop),
            |name| Mutex::open(name).map(drop),
        ],
        [
            |name| Event::create(name, Reset::Manual).map(drop),
            |name| Event::get_or_create(name, Reset::Manual).map(drop),
            |name| Event::open(name).map(drop),
        ],
        [
            |name| Semaphore::create(name, 1, 1).map(drop),
            |name| Semaphore::get_or_create(name, 1, 1).map(drop),
            |name| Semaphore::open(name).map(drop),
        ],
    ];
    for (kind, make) in makers.iter().enumerate() {
        let name = fresh_name();
        for open in openers.as_flattened() {
            assert!(!matches!(
                open(&name),
                Err(SharedMemoryError::NameInUse { .. })
            ));
        }
        let _object = make(&name).unwrap();
        for (other, openers) in openers.iter().enumerate() {
            for open in openers {
                match other == kind {
                    true => assert!(!matches!(
                        open(&name),
                        Err(SharedMemoryError::NameInUse { .. })
                    )),
                    false => assert_name_in_use(open(&name), &name),
                }
            }
        }
    }
}

#[test]
fn objects_are_created_once_found_after_and_gone_with_the_last_handle() {
    let name = fresh_name();
    assert!(Mutex::open(&name).unwrap_err().is_not_found());
    let first = Mutex::create(&name).unwrap();
    assert!(first.was_created());
    assert_eq!(first.name(), name);
    let again = Mutex::create(&name).unwrap_err();
    assert!(
        matches!(again, SharedMemoryError::AlreadyExists),
        "{again:?}"
    );
    assert!(!Mutex::get_or_create(&name).unwrap().was_created());
    let opened = Mutex::open(&name).unwrap();
    assert!(!opened.was_created());
    drop(first);
    Mutex::open(&name).unwrap();
    drop(opened);
    assert!(Mutex::open(&name).unwrap_err().is_not_found());
    assert!(Mutex::get_or_create(&name).unwrap().was_created());

    let name = fresh_name();
    assert!(Event::open(&name).unwrap_err().is_not_found());
    assert!(Event::open_to_wait(&name).unwrap_err().is_not_found());
    let _event = Event::get_or_create(&name, Reset::Auto).unwrap();
    let again = Event::create(&name, Reset::Auto).unwrap_err();
    assert!(
        matches!(again, SharedMemoryError::AlreadyExists),
        "{again:?}"
    );

    let name = fresh_name();
    assert!(Semaphore::open(&name).unwrap_err().is_not_found());
    let _semaphore = Semaphore::get_or_create(&name, 0, 1).unwrap();
    let again = Semaphore::create(&name, 0, 1).unwrap_err();
    assert!(
        matches!(again, SharedMemoryError::AlreadyExists),
        "{again:?}"
    );
}

#[test]
fn names_are_checked_before_the_system_is_asked() {
    for name in ["", "a\0b", r"local\x", r"Local\a\b"] {
        for error in [
            Mutex::create(name).unwrap_err(),
            Mutex::open(name).unwrap_err(),
            Event::get_or_create(name, Reset::Auto).unwrap_err(),
            Semaphore::create(name, 0, 1).unwrap_err(),
        ] {
            assert!(
                matches!(error, SharedMemoryError::InvalidName { .. }),
                "{name:?}: {error:?}"
            );
        }
    }
}

#[test]
fn an_object_that_does_not_appear_times_out_and_not_before_the_timeout() {
    let _watchdog = watchdog();
    for timeout in TIMEOUTS {
        let name = fresh_name();
        let mut options = SharedMemoryOptions::new();
        options.wait(timeout);
        let start = Instant::now();
        for error in [
            options.open_mutex(&name).unwrap_err(),
            options.open_event(&name).unwrap_err(),
            options.open_semaphore(&name).unwrap_err(),
        ] {
            assert!(matches!(error, SharedMemoryError::TimedOut { .. }));
        }
        assert!(start.elapsed() >= 3 * timeout);
    }
}

#[test]
fn an_object_that_appears_is_opened() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let (begins, begun) = mpsc::channel();
    let opener = thread::spawn({
        let name = name.clone();
        move || {
            begins.send(()).unwrap();
            let mut options = SharedMemoryOptions::new();
            options.wait(HOUR).open_event(&name).unwrap().wait()
        }
    });
    begun.recv().unwrap();
    Event::create(&name, Reset::Manual).unwrap();
    let event = Event::get_or_create(&name, Reset::Manual).unwrap();
    event.set().unwrap();
    opener.join().unwrap().unwrap();
}

#[test]
fn rights_are_those_that_the_creator_grants() {
    let mut options = SharedMemoryOptions::new();
    // SYNCHRONIZE.
    let wait_only = SecurityDescriptor::from_sddl("D:(A;;0x00100000;;;WD)").unwrap();
    options.security(wait_only);
    let name = fresh_name();
    let event = options.create_event(&name, Reset::Auto).unwrap();
    let error = Event::open(&name).unwrap_err();
    assert!(error.is_access_denied(), "{error:?}");
    assert!(error.to_string().contains("security"), "{error}");
    let waiter = Event::open_to_wait(&name).unwrap();
    event.set().unwrap();
    assert!(waiter.try_wait().unwrap());
    assert!(waiter.set().unwrap_err().is_access_denied());
    assert!(waiter.reset().unwrap_err().is_access_denied());

    let name = fresh_name();
    let _mutex = options.create_mutex(&name).unwrap();
    let mutex = Mutex::open(&name).unwrap();
    drop(mutex.try_lock().unwrap().unwrap());

    options.security(SecurityDescriptor::from_sddl("D:").unwrap());
    let (event, semaphore) = (fresh_name(), fresh_name());
    let _event = options.create_event(&event, Reset::Auto).unwrap();
    let _semaphore = options.create_semaphore(&semaphore, 0, 1).unwrap();
    for error in [
        Event::open(&event).unwrap_err(),
        Event::get_or_create(&event, Reset::Auto).unwrap_err(),
        Semaphore::open(&semaphore).unwrap_err(),
    ] {
        assert!(error.is_access_denied(), "{error:?}");
    }
}

#[test]
#[ignore = "needs real Windows: Wine lets everybody wait for everything"]
fn objects_that_grant_nothing_cannot_even_be_waited_for() {
    let mut options = SharedMemoryOptions::new();
    options.security(SecurityDescriptor::from_sddl("D:").unwrap());
    let (event, mutex) = (fresh_name(), fresh_name());
    let _event = options.create_event(&event, Reset::Auto).unwrap();
    let _mutex = options.create_mutex(&mutex).unwrap();
    for error in [
        Event::open_to_wait(&event).unwrap_err(),
        Mutex::open(&mutex).unwrap_err(),
        Mutex::get_or_create(&mutex).unwrap_err(),
    ] {
        assert!(error.is_access_denied(), "{error:?}");
    }
}

// Mutexes.

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
    let mut child = Child::start("sync::child_that_locks", &[&name]);
    assert_eq!(child.answer(), "false");
    assert!(mutex.try_lock().unwrap().is_none());
    assert_waits(true, |timeout| {
        mutex.lock_timeout(timeout).unwrap().is_none()
    });
    child.tell("unlock");
    assert_eq!(child.answer(), "unlocked");
    assert!(!mutex.try_lock().unwrap().unwrap().was_abandoned());

    let mut child = Child::start("sync::child_that_locks", &[&name]);
    assert_eq!(child.answer(), "false");
    thread::scope(|scope| {
        let waiter = scope.spawn(|| mutex.lock_timeout(HOUR).unwrap().unwrap().was_abandoned());
        child.kill();
        assert!(waiter.join().unwrap());
    });
    assert!(!mutex.lock().unwrap().was_abandoned());

    // It is the next to lock that is told, whichever process that is.
    let mut victim = Child::start("sync::child_that_locks", &[&name]);
    assert_eq!(victim.answer(), "false");
    victim.kill();
    let mut heir = Child::start("sync::child_that_locks", &[&name]);
    assert_eq!(heir.answer(), "true");
    heir.tell("unlock");
    assert_eq!(heir.answer(), "unlocked");
    assert!(!mutex.lock().unwrap().was_abandoned());
}

// Events.

#[test]
fn an_event_that_resets_itself_ends_one_wait_each_time_it_is_set() {
    let event = Event::create(&fresh_name(), Reset::Auto).unwrap();
    assert!(!event.try_wait().unwrap());
    for _ in 0..3 {
        event.set().unwrap();
        event.set().unwrap();
        assert!(event.wait_timeout(HOUR).unwrap());
        assert!(!event.try_wait().unwrap());
    }
    event.set().unwrap();
    event.reset().unwrap();
    assert!(!event.try_wait().unwrap());
}

#[test]
fn an_event_that_does_not_reset_itself_ends_all_waits_until_it_is_reset() {
    let name = fresh_name();
    let event = Event::create(&name, Reset::Manual).unwrap();
    // Whatever the others ask for.
    let other = Event::get_or_create(&name, Reset::Auto).unwrap();
    assert!(!other.was_created());
    assert!(!event.try_wait().unwrap());
    event.set().unwrap();
    for event in [&event, &other, &event] {
        assert!(event.try_wait().unwrap());
        event.wait().unwrap();
    }
    other.reset().unwrap();
    assert!(!event.try_wait().unwrap());
}

#[test]
fn waiting_for_an_event_that_is_not_set_takes_the_timeout_and_not_less() {
    let _watchdog = watchdog();
    for reset in [Reset::Auto, Reset::Manual] {
        let event = Event::create(&fresh_name(), reset).unwrap();
        assert_waits(false, |timeout| event.wait_timeout(timeout).unwrap());
    }
}

#[test]
fn setting_an_event_that_nobody_waits_for_any_more_is_no_error() {
    let name = fresh_name();
    let event = Event::create(&name, Reset::Auto).unwrap();
    drop(Event::open_to_wait(&name).unwrap());
    for _ in 0..1000 {
        event.set().unwrap();
    }
}

#[test]
fn events_of_other_names_stay_silent() {
    let [one, other] = [0, 1].map(|_| Event::create(&fresh_name(), Reset::Auto).unwrap());
    one.set().unwrap();
    assert!(!other.try_wait().unwrap());
    assert!(one.try_wait().unwrap());
}

#[test]
#[ignore = "a child process of another test"]
fn child_that_answers_events() {
    let Some(parent) = Parent::find() else { return };
    let name = parent.argument(0);
    let (asked, answer) = (
        Event::open_to_wait(&format!("{name}-ask")).unwrap(),
        Event::open(&format!("{name}-answer")).unwrap(),
    );
    loop {
        asked.wait().unwrap();
        answer.set().unwrap();
    }
}

#[test]
fn events_wake_other_processes() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let ask = Event::create(&format!("{name}-ask"), Reset::Auto).unwrap();
    let answer = Event::create(&format!("{name}-answer"), Reset::Auto).unwrap();
    let _child = Child::start("sync::child_that_answers_events", &[&name]);
    for _ in 0..500 {
        ask.set().unwrap();
        assert!(answer.wait_timeout(HOUR).unwrap());
        assert!(!answer.try_wait().unwrap());
    }
}

// Semaphores.

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
    let mut child = Child::start("sync::child_that_acquires", &[&name]);
    assert_eq!(child.answer(), "acquired");
    child.kill();
    assert!(semaphore.try_acquire().unwrap());
    assert!(!semaphore.try_acquire().unwrap());
}

// Several.

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
    let mut child = Child::start("process::child_that_tells_who_it_is", &[]);
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
