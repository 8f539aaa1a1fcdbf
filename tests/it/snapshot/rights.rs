//! Readers that may only read.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::sync::{Event, wait_any};
use win_shared_memory::{
    Liveness, Section, SecurityDescriptor, SharedData, SharedMemoryOptions, SharedMutex,
};

use super::{Grown, HOUR, Telemetry, telemetry};
use crate::format::{ARMED, Words};
use crate::support::{Child, Parent, fresh_name, latest, wait_latest, watchdog};
use crate::tokens::{OTHERS_READ, acting_as, others_read_and_wait, without_administrators};

/// Everyone may read, and nobody else may write, not even the same user.
const ALL_READ: &str = "D:(A;;0x0004;;;WD)";

fn create_for_reading<T: SharedData>(name: &str, sddl: &str) -> Writer<T> {
    let security = SecurityDescriptor::from_sddl(sddl).unwrap();
    Writer::register_with(name, SharedMemoryOptions::new().security(security)).unwrap()
}

#[test]
fn a_reader_that_may_only_read_gets_everything_waiting_included() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = create_for_reading(&name, OTHERS_READ);
    writer.publish(&telemetry(1));
    let (says, said) = mpsc::channel();
    let reader = thread::spawn({
        let name = name.clone();
        move || {
            acting_as(&without_administrators(), || {
                assert!(Writer::<Telemetry>::register(&name).is_err());
                let denied = Section::open_existing(&format!("{name}~wait"));
                assert!(denied.unwrap_err().is_access_denied());

                let mut reader = Reader::<Telemetry>::open(&name).unwrap();
                assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
                assert!(!reader.has_changed().unwrap());
                let timeout = Duration::from_millis(30);
                let start = Instant::now();
                assert_eq!(wait_latest(&mut reader, timeout), None);
                assert!(start.elapsed() >= timeout);
                for version in 1..20 {
                    says.send(version).unwrap();
                    let news = wait_latest(&mut reader, HOUR);
                    assert_eq!(news, Some((version + 1, telemetry(version + 1))));
                }
            });
        }
    });
    for version in said {
        assert_eq!(writer.publish(&telemetry(version + 1)), version + 1);
    }
    reader.join().unwrap();
}

#[test]
fn regions_that_grant_reading_alone_are_written_by_their_creator_and_read_by_all() {
    let name = fresh_name();
    let mut writer = create_for_reading(&name, ALL_READ);
    writer.publish(&telemetry(2));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(latest(&mut reader), Some((1, telemetry(2))));
    assert_eq!(wait_latest(&mut reader, Duration::from_millis(10)), None);
    let error = Writer::<Telemetry>::register(&name).unwrap_err();
    assert!(error.is_access_denied(), "{error:?}");
}

#[test]
fn a_reader_that_may_only_read_is_woken_where_waiting_is_granted() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let options = others_read_and_wait();
    let mut writer = Writer::register_with(&name, &options).unwrap();
    writer.publish(&telemetry(1));
    let reader = thread::spawn({
        let name = name.clone();
        move || {
            acting_as(&without_administrators(), || {
                assert!(Writer::<Telemetry>::register(&name).is_err());
                for values in ["", "~1"] {
                    let denied = Section::open_existing(&format!("{name}{values}"));
                    assert!(denied.unwrap_err().is_access_denied());
                }
                let mut reader = Reader::<Telemetry>::open(&name).unwrap();
                assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
                assert_eq!(wait_latest(&mut reader, HOUR), Some((2, telemetry(2))));
            });
        }
    });
    let waiters = Words::open(&format!("{name}~wait"));
    while waiters.get(ARMED) == 0 {
        thread::yield_now();
    }
    writer.publish(&telemetry(2));
    reader.join().unwrap();
}

#[test]
fn a_hostile_reader_that_may_wait_stops_neither_the_writer_nor_the_next_one() {
    let _watchdog = watchdog();
    let (name, mutex) = (fresh_name(), fresh_name());
    let options = others_read_and_wait();
    let mut writer = Writer::register_with(&name, &options).unwrap();
    writer.publish(&telemetry(1));
    let shared = SharedMutex::get_or_create_with(&mutex, &0_u64, &options).unwrap();
    acting_as(&without_administrators(), || {
        for name in [&name, &mutex] {
            let section = Section::open_existing(&format!("{name}~wait")).unwrap();
            section.map().unwrap().write(0, &[0xff_u8; 4096]).unwrap();
        }
    });
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    writer.publish(&telemetry(2));
    assert_eq!(latest(&mut reader), Some((2, telemetry(2))));
    drop(writer);

    let mut writer = Writer::register_with(&name, &options).unwrap();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let version = writer.publish(&telemetry(3));
    assert_eq!(latest(&mut reader), Some((version, telemetry(3))));
    let armed = reader.arm().unwrap().unwrap();
    writer.publish(&telemetry(4));
    assert_eq!(wait_any(&[&armed], Duration::ZERO).unwrap(), Some(0));

    shared.update(|it| *it += 1).unwrap();
    let other = SharedMutex::<u64>::open(&mutex).unwrap();
    assert_eq!(other.update(|it| *it).unwrap(), 1);
}

#[test]
fn the_event_of_a_reader_has_the_security_for_waiting() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&telemetry(1));
    let nobody = SecurityDescriptor::from_sddl("D:").unwrap();
    let mut options = SharedMemoryOptions::new();
    options.waiting_security(nobody);
    let mut reader = Reader::<Telemetry>::open_with(&name, &options).unwrap();
    assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
    assert_eq!(wait_latest(&mut reader, Duration::from_millis(10)), None);
    let event = Event::open(&format!("{name}~wait0"));
    assert!(event.unwrap_err().is_access_denied());
    // It looks by itself.
    let news = thread::spawn(move || wait_latest(&mut reader, HOUR));
    writer.publish(&telemetry(2));
    assert_eq!(news.join().unwrap(), Some((2, telemetry(2))));
}

/// Publishes the ticks it is told.
#[test]
#[ignore = "a child process of other tests"]
fn child_that_lets_others_read() {
    let Some(parent) = Parent::find() else { return };
    let mut writer = create_for_reading(parent.argument(0), parent.argument(1));
    parent.tell("writes");
    loop {
        writer.publish(&telemetry(parent.hear().parse().unwrap()));
    }
}

fn child_that_writes(name: &str, sddl: &str) -> Child {
    let mut child = Child::start(child_that_lets_others_read, &[name, sddl]);
    assert_eq!(child.answer(), "writes");
    child
}

/// The version of the next value, which is waited for.
#[track_caller]
fn next(reader: &mut Reader<Telemetry>, child: &mut Child, tick: u64) -> u64 {
    let version = reader.version();
    child.tell(&tick.to_string());
    let (next, value) = wait_latest(reader, HOUR).unwrap();
    assert_eq!(value, telemetry(tick));
    assert!(next > version);
    next
}

#[test]
fn a_reader_that_may_only_read_stays_while_writers_die_and_come_back() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let weak = without_administrators();
    let mut child = child_that_writes(&name, OTHERS_READ);
    let mut reader = acting_as(&weak, || Reader::open(&name).unwrap());
    let (mut version, mut tick) = (0, 0);
    for (generation, changes_type) in [(1, false), (1, true), (3, false)] {
        acting_as(&weak, || {
            assert_eq!(reader.writer_liveness(), Liveness::Alive);
            for _ in 0..10 {
                tick += 1;
                version = next(&mut reader, &mut child, tick);
            }
        });
        assert_eq!(reader.generation(), generation);
        child.kill();
        acting_as(&weak, || {
            assert_eq!(reader.writer_liveness(), Liveness::Gone);
            let last = Some((version, telemetry(tick)));
            assert_eq!(latest(&mut reader), last);
        });
        if changes_type {
            // So the next one's payload is another, which the reader has to open.
            drop(create_for_reading::<Grown>(&name, OTHERS_READ));
        }
        child = child_that_writes(&name, OTHERS_READ);
    }
}

#[test]
fn a_region_that_nobody_may_write_is_free_for_the_next_writer_when_its_readers_have_gone() {
    let _watchdog = watchdog();
    let name = fresh_name();
    for _ in 0..2 {
        let mut child = child_that_writes(&name, ALL_READ);
        let mut reader = Reader::open(&name).unwrap();
        let denied = Section::open_existing(&format!("{name}~wait"));
        assert!(denied.unwrap_err().is_access_denied());
        next(&mut reader, &mut child, 1);
        let version = next(&mut reader, &mut child, 2);
        child.kill();
        assert_eq!(reader.writer_liveness(), Liveness::Gone);
        assert_eq!(latest(&mut reader), Some((version, telemetry(2))));
        let error = Writer::<Telemetry>::register(&name).unwrap_err();
        assert!(error.is_access_denied(), "{error:?}");
    }
}
