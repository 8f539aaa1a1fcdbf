//! Readers that wait for the value to change.

use std::thread;
use std::time::Duration;

use win_shared_memory::shared_mutex::Reader;
use win_shared_memory::sync::{Event, Reset, wait_any};
use win_shared_memory::untyped::BytesReader;
use win_shared_memory::{
    LockMode, Section, SecurityDescriptor, SharedMemoryError, SharedMemoryOptions, SharedMutex,
};

use crate::format::{ARMED, Words};
use crate::raw;
use crate::support::{Child, HOUR, Parent, fresh_name, watchdog};
use crate::tokens::{acting_as, without_administrators};

const WOKEN: Duration = Duration::from_millis(50);
const POLLS: Duration = Duration::from_millis(1);

const MODES: [LockMode; 2] = [LockMode::Fast, LockMode::Kernel];

fn created(name: &str, mode: LockMode) -> SharedMutex<u64> {
    let mut options = SharedMemoryOptions::new();
    options.lock_mode(mode);
    SharedMutex::get_or_create_with(name, &0, &options).unwrap()
}

/// A reader that has seen the last value.
fn open(name: &str) -> Reader<u64> {
    let mut reader = Reader::open(name).unwrap();
    reader.load().unwrap();
    reader
}

/// Says each value, read after a wait for the next or for its parent's word.
#[test]
#[ignore = "a child process of another test"]
fn child_that_watches() {
    let Some(parent) = Parent::find() else { return };
    let stop = Event::open_to_wait(parent.argument(1)).unwrap();
    let mut reader = open(parent.argument(0));
    parent.tell("watches");
    loop {
        let Some(armed) = reader.arm().unwrap() else {
            parent.tell(&reader.load().unwrap().to_string());
            continue;
        };
        assert_eq!(armed.look_after(), WOKEN);
        // However long: it is woken.
        if wait_any(&[&stop, &armed], HOUR).unwrap() == Some(0) {
            return;
        }
    }
}

#[test]
fn readers_of_other_processes_are_woken_by_each_commit() {
    let _watchdog = watchdog();
    for mode in MODES {
        let (name, stop) = (fresh_name(), fresh_name());
        let shared = created(&name, mode);
        let opened = SharedMutex::<u64>::open(&name).unwrap();
        let stop_event = Event::create(&stop, Reset::Manual).unwrap();
        let test = child_that_watches;
        let mut children = [&name, &name].map(|name| Child::start(test, &[name, &stop]));
        for child in &mut children {
            assert_eq!(child.answer(), "watches");
        }
        let patience = Duration::ZERO;
        for value in 1..=60 {
            // By each way to commit.
            match value % 6 {
                0 => shared.update(|it| *it = value).unwrap(),
                1 => shared.lock().unwrap().commit(&value),
                2 => opened.lock().unwrap().update(|it| *it = value),
                way => {
                    let draft = match way {
                        3 => opened.lock_in_place(patience),
                        _ => shared.lock_to_replace(patience),
                    };
                    let draft = draft.unwrap().unwrap();
                    draft.place().write(&value);
                    draft.commit();
                }
            }
            for child in &mut children {
                assert_eq!(child.answer(), value.to_string());
            }
        }
        stop_event.set().unwrap();
        for child in &mut children {
            assert!(child.wait().success());
        }
    }
}

#[test]
fn what_commits_nothing_wakes_nobody() {
    for mode in MODES {
        let name = fresh_name();
        let shared = created(&name, mode);
        let waiters = Words::open(&format!("{name}~wait"));
        let mut reader = open(&name);
        let armed = reader.arm().unwrap().unwrap();
        drop(shared.lock().unwrap());
        drop(shared.lock_in_place(Duration::ZERO).unwrap());
        drop(shared.lock_to_replace(Duration::ZERO).unwrap());
        shared.load().unwrap();
        assert_eq!(wait_any(&[&armed], Duration::ZERO).unwrap(), None);
        assert_eq!(waiters.get(ARMED), 1);
        shared.update(|_| ()).unwrap();
        assert_eq!(wait_any(&[&armed], Duration::ZERO).unwrap(), Some(0));
        assert_eq!(waiters.get(ARMED), 0);
    }
}

#[test]
fn a_dropped_handle_costs_a_commit_no_system_call() {
    let name = fresh_name();
    let shared = created(&name, LockMode::Fast);
    let waiters = Words::open(&format!("{name}~wait"));
    let mut reader = open(&name);
    drop(reader.arm().unwrap().unwrap());
    // Nobody to make one for.
    assert_eq!(waiters.get(ARMED), 0);
    let event = Event::open(&format!("{name}~wait0")).unwrap();
    shared.update(|it| *it += 1).unwrap();
    assert!(!event.try_wait().unwrap());
    assert!(reader.arm().unwrap().is_none());
    assert_eq!(reader.load().unwrap(), 1);
}

#[test]
fn waiting_ends_with_a_commit_of_another_thread() {
    let _watchdog = watchdog();
    for mode in MODES {
        let name = fresh_name();
        let shared = created(&name, mode);
        let waiters = Words::open(&format!("{name}~wait"));
        let mut reader = open(&name);
        let mut bytes = BytesReader::open(&name).unwrap();
        bytes.latest_into(&mut Vec::new()).unwrap();
        assert!(!reader.wait_changed(Duration::from_millis(5)).unwrap());
        thread::scope(|scope| {
            let waits = [
                scope.spawn(|| reader.wait_changed(HOUR).unwrap()),
                scope.spawn(|| bytes.wait_changed(HOUR).unwrap()),
            ];
            while waiters.get(ARMED).count_ones() < 2 {
                thread::yield_now();
            }
            shared.update(|it| *it += 1).unwrap();
            for waited in waits {
                assert!(waited.join().unwrap());
            }
        });
        assert_eq!(reader.load().unwrap(), 1);
    }
}

#[test]
fn threads_that_commit_at_the_same_time_wake_everybody() {
    const COMMITS: u64 = 300;
    let _watchdog = watchdog();
    let name = fresh_name();
    let shared = created(&name, LockMode::Fast);
    thread::scope(|scope| {
        for _ in 0..3 {
            let mut reader = open(&name);
            scope.spawn(move || {
                while reader.load().unwrap() < 2 * COMMITS {
                    if let Some(armed) = reader.arm().unwrap() {
                        wait_any(&[&armed], HOUR).unwrap();
                    }
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..COMMITS {
                    shared.update(|it| *it += 1).unwrap();
                }
            });
        }
    });
}

#[test]
fn a_reader_that_may_only_read_polls_unless_waiting_is_granted() {
    let _watchdog = watchdog();
    for (granted, look_after) in [(false, POLLS), (true, WOKEN)] {
        let name = fresh_name();
        let mut options = SharedMemoryOptions::new();
        let others_read = SecurityDescriptor::from_sddl("D:(A;;GA;;;BA)(A;;GR;;;BU)").unwrap();
        options.security(others_read);
        if granted {
            options.waiting_security(SecurityDescriptor::everyone_may_wait().unwrap());
        }
        let shared = SharedMutex::get_or_create_with(&name, &0_u64, &options).unwrap();
        thread::scope(|scope| {
            let reader = scope.spawn(|| {
                acting_as(&without_administrators(), || {
                    let denied = SharedMutex::<u64>::open(&name).unwrap_err();
                    assert!(denied.is_access_denied());
                    let mut reader = open(&name);
                    if let Some(armed) = reader.arm().unwrap() {
                        assert_eq!(armed.look_after(), look_after);
                    }
                    while reader.load().unwrap() < 1 {
                        assert!(reader.wait_changed(HOUR).unwrap());
                    }
                });
            });
            shared.update(|it| *it += 1).unwrap();
            reader.join().unwrap();
        });
    }
}

#[test]
fn a_reader_that_outlives_all_others_is_woken_by_those_that_come_back() {
    let name = fresh_name();
    let shared = created(&name, LockMode::Fast);
    let mut reader = open(&name);
    let armed = reader.arm().unwrap().unwrap();
    drop(shared);
    let shared = created(&name, LockMode::Fast);
    assert!(!shared.was_created());
    shared.update(|it| *it += 1).unwrap();
    assert_eq!(wait_any(&[&armed], Duration::ZERO).unwrap(), Some(0));
}

#[test]
fn a_region_of_others_under_the_name_for_waiting_is_an_error() {
    let name = fresh_name();
    let foreign = Words::of(Section::create(&format!("{name}~wait"), 4096).unwrap());
    foreign.set(8, 7);
    let error = SharedMutex::get_or_create(&name, &0_u64).unwrap_err();
    assert!(matches!(error, SharedMemoryError::UnknownFormat { .. }));
    assert_eq!(foreign.get(8), 7);
    let name = fresh_name();
    let _event = raw::event(&format!("{name}~wait"));
    let error = SharedMutex::get_or_create(&name, &0_u64).unwrap_err();
    assert!(matches!(error, SharedMemoryError::NameInUse { .. }));
}
