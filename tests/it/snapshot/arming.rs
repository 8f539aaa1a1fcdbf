//! Readers that wait for several things at once.

use std::os::windows::io::AsHandle;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::snapshot::{Reader, SliceReader, SliceWriter, Writer};
use win_shared_memory::sync::{Armed, Event, Reset, wait_any};
use win_shared_memory::untyped::BytesReader;
use win_shared_memory::{SecurityDescriptor, SharedMemoryError, SharedMemoryOptions};

use super::{HOUR, Telemetry, telemetry};
use crate::format::{ARMED, Words};
use crate::support::{Child, Parent, fresh_name, latest, watchdog};
use crate::tokens::{acting_as, without_administrators};

const WOKEN: Duration = Duration::from_millis(50);
const POLLS: Duration = Duration::from_millis(1);

fn is_set(armed: &Armed<'_>) -> bool {
    wait_any(&[armed], Duration::ZERO).unwrap().is_some()
}

#[test]
fn what_is_new_already_is_not_armed_for() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    assert!(reader.arm().unwrap().is_some(), "nothing was published");
    for tick in 1..3 {
        writer.publish(&telemetry(tick));
        assert!(reader.arm().unwrap().is_none());
        assert_eq!(waiters.get(ARMED), 0);
        // It was not taken for seen.
        assert!(reader.arm().unwrap().is_none());
        assert_eq!(latest(&mut reader), Some((tick, telemetry(tick))));
        assert!(reader.arm().unwrap().is_some());
    }
}

#[test]
fn an_armed_handle_is_set_by_what_is_published() {
    let name = fresh_name();
    let mut writer = SliceWriter::<u16>::register(&name, 4).unwrap();
    let mut slices = SliceReader::<u16>::open(&name).unwrap();
    let mut bytes = BytesReader::open(&name).unwrap();
    for length in 0..4 {
        let armed = [slices.arm(), bytes.arm()].map(|it| it.unwrap().unwrap());
        assert!(!armed.iter().any(is_set));
        writer.publish(&[7; 4][..length]).unwrap();
        assert!(armed.iter().all(is_set));
        assert!(!armed.iter().any(is_set), "the wait has reset it");
        drop(armed);
        assert_eq!(slices.latest().unwrap().unwrap(), [7; 4][..length]);
        assert!(bytes.latest_into(&mut Vec::new()).unwrap());
    }
}

/// Says each version, read after a wait for the next or for its parent's word.
#[test]
#[ignore = "a child process of another test"]
fn child_that_waits_for_two_things() {
    let Some(parent) = Parent::find() else { return };
    let stop = Event::open_to_wait(parent.argument(1)).unwrap();
    let mut reader = Reader::<Telemetry>::open(parent.argument(0)).unwrap();
    loop {
        let Some(armed) = reader.arm().unwrap() else {
            let (version, value) = latest(&mut reader).unwrap();
            assert_eq!(value, telemetry(version));
            parent.tell(&version.to_string());
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
fn an_armed_reader_is_woken_by_another_process_and_by_a_stop_event() {
    let _watchdog = watchdog();
    let (name, stop) = (fresh_name(), fresh_name());
    let mut writer = Writer::register(&name).unwrap();
    let stop_event = Event::create(&stop, Reset::Manual).unwrap();
    let test = child_that_waits_for_two_things;
    let mut children = [&name, &name].map(|name| Child::start(test, &[name, &stop]));
    for version in 1..=200 {
        writer.publish(&telemetry(version));
        for child in &mut children {
            assert_eq!(child.answer(), version.to_string());
        }
    }
    stop_event.set().unwrap();
    for child in &mut children {
        assert!(child.wait().success());
    }
}

#[test]
fn a_dropped_handle_is_neither_armed_nor_set() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let armed = reader.arm().unwrap().unwrap();
    assert_eq!(waiters.get(ARMED), 1);
    drop(armed);
    // So the writer has nobody to make a system call for.
    assert_eq!(waiters.get(ARMED), 0);
    let event = Event::open(&format!("{name}~wait0")).unwrap();
    writer.publish(&telemetry(1));
    assert!(!event.try_wait().unwrap());
    // An error, too, leaves nothing armed.
    drop(writer);
    let _other = Writer::<u64>::register(&name).unwrap();
    let error = reader.arm().unwrap_err();
    assert!(matches!(error, SharedMemoryError::LayoutMismatch(_)));
    assert_eq!(waiters.get(ARMED), 0);
}

#[test]
fn a_duplicate_of_the_handle_is_set_whenever_the_reader_is_armed() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let armed = reader.arm().unwrap().unwrap();
    let event = Event::from_handle(armed.as_handle().try_clone_to_owned().unwrap()).unwrap();
    drop(armed);
    for tick in 1..4 {
        let armed = reader.arm().unwrap().unwrap();
        writer.publish(&telemetry(tick));
        assert!(event.try_wait().unwrap());
        drop(armed);
        reader.latest().unwrap();
        writer.publish(&telemetry(tick));
        assert!(!event.try_wait().unwrap());
        reader.latest().unwrap();
    }
}

#[test]
fn a_handle_that_was_set_and_not_waited_for_costs_one_look() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let armed = reader.arm().unwrap().unwrap();
    writer.publish(&telemetry(1));
    drop(armed);
    reader.latest().unwrap();
    assert!(is_set(&reader.arm().unwrap().unwrap()));
    assert!(!is_set(&reader.arm().unwrap().unwrap()));
    // Nor does it deceive a wait of its own.
    let timeout = Duration::from_millis(20);
    let start = Instant::now();
    assert!(!reader.wait_changed(timeout).unwrap());
    assert!(start.elapsed() >= timeout);
}

#[test]
fn a_handle_is_set_when_the_writer_closes_and_when_another_comes() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&telemetry(1));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    reader.latest().unwrap();
    let armed = reader.arm().unwrap().unwrap();
    assert!(!is_set(&armed));
    // So that it can look who writes.
    drop(writer);
    assert!(is_set(&armed));
    drop(armed);
    let armed = reader.arm().unwrap().unwrap();
    let mut writer = Writer::register(&name).unwrap();
    assert!(is_set(&armed));
    drop(armed);
    // It has no other value yet.
    let armed = reader.arm().unwrap().unwrap();
    writer.publish(&telemetry(2));
    assert!(is_set(&armed));
}

#[test]
fn a_reader_that_nobody_can_wake_looks_each_millisecond() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut options = SharedMemoryOptions::new();
    let readers = SecurityDescriptor::from_sddl("D:(A;;GA;;;BA)(A;;GR;;;BU)").unwrap();
    options.security(readers);
    let mut writer = Writer::register_with(&name, &options).unwrap();
    let mut granting = options.clone();
    granting.waiting_security(SecurityDescriptor::everyone_may_wait().unwrap());
    let granted = fresh_name();
    let _granted = Writer::<Telemetry>::register_with(&granted, &granting).unwrap();
    let name = &name;
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            acting_as(&without_administrators(), || {
                let mut reader = Reader::<Telemetry>::open(&granted).unwrap();
                assert_eq!(reader.arm().unwrap().unwrap().look_after(), WOKEN);

                let mut reader = Reader::<Telemetry>::open(name).unwrap();
                while let Some(armed) = reader.arm().unwrap() {
                    assert_eq!(armed.look_after(), POLLS);
                    let _ = armed.as_handle();
                    assert_eq!(wait_any(&[&armed], armed.look_after()).unwrap(), None);
                }
                assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
            });
        });
        writer.publish(&telemetry(1));
        reader.join().unwrap();
    });
}

#[test]
fn a_reader_without_a_place_looks_each_millisecond_until_it_gets_one() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let create = |number: u32| Event::create(&format!("{name}~wait{number}"), Reset::Auto);
    let others: Vec<_> = (0..32).map(|it| create(it).unwrap()).collect();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(reader.arm().unwrap().unwrap().look_after(), POLLS);
    drop(others);
    while reader.arm().unwrap().unwrap().look_after() == POLLS {
        thread::yield_now();
    }
    let armed = reader.arm().unwrap().unwrap();
    assert_eq!(armed.look_after(), WOKEN);
    writer.publish(&telemetry(1));
    assert!(is_set(&armed));
}
