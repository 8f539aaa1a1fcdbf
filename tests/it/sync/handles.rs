//! Objects without a name, and handles that come from elsewhere.

use std::fs::File;
use std::os::windows::io::{AsHandle, OwnedHandle};
use std::thread;

use win_shared_memory::sync::{Event, Mutex, Reset, Semaphore};
use win_shared_memory::{Process, Section, SharedMemoryError, SharedMemoryOptions};

use crate::raw;
use crate::support::{HOUR, fresh_name, watchdog};

fn clone(object: &impl AsHandle) -> OwnedHandle {
    object.as_handle().try_clone_to_owned().unwrap()
}

#[test]
fn an_event_without_a_name_is_shared_by_its_handle() {
    let event = Event::create_unnamed(Reset::Auto).unwrap();
    assert!(event.was_created());
    assert_eq!(event.name(), None);
    let other = Event::from_handle(clone(&event)).unwrap();
    assert!(!other.was_created());
    assert_eq!(other.name(), None);
    other.set().unwrap();
    assert!(event.try_wait().unwrap());
    assert!(!other.try_wait().unwrap());
}

#[test]
fn a_mutex_without_a_name_excludes_whoever_has_its_handle() {
    let _watchdog = watchdog();
    let mutex = Mutex::create_unnamed().unwrap();
    let other = Mutex::from_handle(clone(&mutex)).unwrap();
    let guard = mutex.lock().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| assert!(other.try_lock().unwrap().is_none()));
    });
    drop(guard);
    thread::scope(|scope| {
        scope.spawn(|| assert!(other.lock_timeout(HOUR).unwrap().is_some()));
    });
}

#[test]
fn a_semaphore_without_a_name_counts_for_whoever_has_its_handle() {
    let semaphore = Semaphore::create_unnamed(1, 2).unwrap();
    let other = Semaphore::from_handle(clone(&semaphore)).unwrap();
    assert!(other.try_acquire().unwrap());
    assert!(!semaphore.try_acquire().unwrap());
    assert_eq!(semaphore.release(2).unwrap(), 0);
    assert!(Semaphore::create_unnamed(3, 2).is_err());
}

#[test]
fn a_handle_of_another_kind_is_refused_with_both_kinds() {
    let name = fresh_name();
    let objects: [(&str, OwnedHandle); 7] = [
        ("Event", Event::create_unnamed(Reset::Auto).unwrap().into()),
        ("Mutant", Mutex::create_unnamed().unwrap().into()),
        ("Semaphore", Semaphore::create_unnamed(0, 1).unwrap().into()),
        ("Section", Section::create_unnamed(1).unwrap().into()),
        ("Process", Process::open(std::process::id()).unwrap().into()),
        ("Timer", raw::timer(&name)),
        (
            "File",
            File::open(std::env::current_exe().unwrap()).unwrap().into(),
        ),
    ];
    for (kind, handle) in &objects {
        let results = [
            ("Event", Event::from_handle(clone(handle)).map(drop)),
            ("Mutant", Mutex::from_handle(clone(handle)).map(drop)),
            ("Semaphore", Semaphore::from_handle(clone(handle)).map(drop)),
        ];
        for (asked, result) in results {
            match result {
                Ok(()) => assert_eq!(asked, *kind),
                Err(SharedMemoryError::WrongObject {
                    expected, found, ..
                }) => {
                    assert_ne!(asked, *kind);
                    assert_eq!((expected, found.as_str()), (asked, *kind));
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_handle_without_the_right_is_refused_when_it_is_used() {
    let name = fresh_name();
    let _event = Event::create(&name, Reset::Auto).unwrap();
    let waiter: OwnedHandle = Event::open_to_wait(&name).unwrap().into();
    let error = Event::from_handle(waiter).unwrap().set().unwrap_err();
    assert!(error.is_access_denied(), "{error}");
    assert!(error.to_string().contains("handle"), "{error}");
}

#[test]
fn an_event_begins_set_if_it_is_new_and_that_is_asked_for() {
    let mut options = SharedMemoryOptions::new();
    options.initially_set(true);
    let name = fresh_name();
    let event = Event::create_with(&name, Reset::Auto, &options).unwrap();
    assert!(event.try_wait().unwrap());
    let found = Event::get_or_create_with(&name, Reset::Auto, &options).unwrap();
    assert!(!found.try_wait().unwrap());
    let unnamed = Event::create_unnamed_with(Reset::Manual, &options).unwrap();
    assert!(unnamed.try_wait().unwrap());
}

#[test]
fn another_thread_may_look_at_a_guard() {
    let mutex = Mutex::create_unnamed().unwrap();
    let guard = mutex.lock().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| assert!(!guard.was_abandoned()));
    });
}
