//! Regions of other programs under the names of a snapshot: they are refused, and never written.

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{
    Backing, InvalidName, ReadWrite, Section, SharedMemoryError, SharedMemoryLink,
    SharedMemoryOptions, SharedMutex,
};

use super::{Telemetry, assert_unknown_format, telemetry, waiting};
use crate::support::{fresh_name, latest, watchdog};
use std::time::Duration;

/// A region of somebody else: zeros, and 0xab from this byte on.
fn region(name: &str, size: usize, from: usize) -> Section<ReadWrite> {
    let section = Section::create(name, size as u64).unwrap();
    let view = section.map().unwrap();
    view.write_bytes(from, &vec![0xab; size - from]).unwrap();
    section
}

#[track_caller]
fn assert_untouched(section: &Section<ReadWrite>, size: usize, from: usize) {
    let view = section.map().unwrap();
    let mut bytes = vec![0; size];
    view.read_bytes(0, &mut bytes).unwrap();
    assert!(bytes[..from].iter().all(|byte| *byte == 0), "its beginning");
    assert!(bytes[from..].iter().all(|byte| *byte == 0xab), "its end");
}

#[test]
fn a_region_of_others_that_begins_with_zeros_is_not_written() {
    let _watchdog = watchdog();
    for (size, from) in [
        (70_000, 40),
        (70_000, 4096),
        (8192, 8000),
        (4096, 40),
        (4096, 4092),
    ] {
        let name = fresh_name();
        let section = region(&name, size, from);
        assert_unknown_format(Writer::<Telemetry>::register(&name));
        assert_unknown_format(SharedMutex::get_or_create(&name, &telemetry(1)));
        assert_untouched(&section, size, from);
        // One page that begins so may still become a snapshot, for all that a reader may look at.
        let reader = Reader::<Telemetry>::open_with(&name, &waiting(Duration::ZERO));
        if size > 4096 {
            assert_unknown_format(reader);
        } else {
            reader.unwrap_err();
        }
    }
}

#[test]
fn a_page_that_is_zero_but_for_its_last_byte_is_somebody_elses() {
    let name = fresh_name();
    let section = Section::create(&name, 4096).unwrap();
    let view = section.map().unwrap();
    view.write(4095, &1_u8).unwrap();
    assert_unknown_format(Writer::<Telemetry>::register(&name));
    assert_eq!(view.read::<u32>(0).unwrap(), 0);
}

#[test]
fn a_region_of_others_called_as_the_waiters_are_is_not_written() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let link: SharedMemoryLink<u32, ReadWrite> =
        SharedMemoryLink::create(&format!("{name}~wait")).unwrap();
    link.write(&77);
    assert_unknown_format(Writer::<Telemetry>::register(&name));
    assert_eq!(link.read(), 77);

    // A reader does not wait there, either.
    drop(link);
    let mut writer = Writer::register(&name).unwrap();
    let version = writer.publish(&telemetry(1));
    let other = fresh_name();
    let mut other_writer = Writer::register(&other).unwrap();
    other_writer.publish(&telemetry(1));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(latest(&mut reader), Some((version, telemetry(1))));
    assert!(!reader.wait_changed(Duration::from_millis(5)).unwrap());
}

#[test]
fn a_companion_of_a_snapshot_or_mutex_is_not_the_name_of_another() {
    let name = fresh_name();
    let _writer = Writer::<Telemetry>::register(&name).unwrap();
    for suffix in [
        "~wait",
        "~1",
        "~mutex",
        "~lock",
        "~unlocked",
        "~wait7",
        "~1f-2e",
    ] {
        let companion = format!("{name}{suffix}");
        let errors = [
            Writer::<Telemetry>::register(&companion).map(drop),
            Reader::<Telemetry>::open(&companion).map(drop),
            SharedMutex::get_or_create(&companion, &telemetry(1)).map(drop),
            SharedMutex::<Telemetry>::open(&companion).map(drop),
        ];
        for error in errors {
            match error {
                Err(SharedMemoryError::InvalidName {
                    reason: InvalidName::Companion { at },
                    ..
                }) => assert_eq!(at, name.len()),
                other => panic!("{companion}: {other:?}"),
            }
        }
    }
}

#[test]
fn options_that_created_a_snapshot_or_mutex_open_it() {
    let mut options = SharedMemoryOptions::new();
    options.backing(Backing::LargePages);
    let (snapshot, mutex) = (fresh_name(), fresh_name());
    let _writer = Writer::<Telemetry>::register_with(&snapshot, &options).unwrap();
    Reader::<Telemetry>::open_with(&snapshot, &options).unwrap();
    let _mutex = SharedMutex::get_or_create_with(&mutex, &telemetry(1), &options).unwrap();
    SharedMutex::<Telemetry>::open_with(&mutex, &options).unwrap();
}
