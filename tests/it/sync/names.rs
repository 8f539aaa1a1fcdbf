//! How named objects come to be, and who may open them.

use std::fmt::Debug;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use win_shared_memory::sync::{Event, Mutex, Reset, Semaphore};
use win_shared_memory::{Section, SecurityDescriptor, SharedMemoryError, SharedMemoryOptions};

use super::TIMEOUTS;
use crate::support::{HOUR, fresh_name, watchdog};

#[track_caller]
fn assert_name_in_use<T: Debug>(result: Result<T, SharedMemoryError>, name: &str) {
    match result {
        Err(SharedMemoryError::NameInUse { name: given, .. }) => assert_eq!(given, name),
        other => panic!("{other:?}"),
    }
}

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
    assert_eq!(first.name(), Some(name.as_str()));
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
            Mutex::open_with(&name, &options).unwrap_err(),
            Event::open_with(&name, &options).unwrap_err(),
            Semaphore::open_with(&name, &options).unwrap_err(),
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
            Event::open_with(&name, options.wait(HOUR)).unwrap().wait()
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
    let event = Event::create_with(&name, Reset::Auto, &options).unwrap();
    let error = Event::open(&name).unwrap_err();
    assert!(error.is_access_denied(), "{error:?}");
    assert!(error.to_string().contains("security"), "{error}");
    let waiter = Event::open_to_wait(&name).unwrap();
    event.set().unwrap();
    assert!(waiter.try_wait().unwrap());
    assert!(waiter.set().unwrap_err().is_access_denied());
    assert!(waiter.reset().unwrap_err().is_access_denied());

    let name = fresh_name();
    let _mutex = Mutex::create_with(&name, &options).unwrap();
    let mutex = Mutex::open(&name).unwrap();
    drop(mutex.try_lock().unwrap().unwrap());

    options.security(SecurityDescriptor::from_sddl("D:").unwrap());
    let (event, semaphore) = (fresh_name(), fresh_name());
    let _event = Event::create_with(&event, Reset::Auto, &options).unwrap();
    let _semaphore = Semaphore::create_with(&semaphore, 0, 1, &options).unwrap();
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
    let _event = Event::create_with(&event, Reset::Auto, &options).unwrap();
    let _mutex = Mutex::create_with(&mutex, &options).unwrap();
    for error in [
        Event::open_to_wait(&event).unwrap_err(),
        Mutex::open(&mutex).unwrap_err(),
        Mutex::get_or_create(&mutex).unwrap_err(),
    ] {
        assert!(error.is_access_denied(), "{error:?}");
    }
}
