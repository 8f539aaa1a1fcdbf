//! What is not (yet) a snapshot.

use std::process;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{
    Backing, Liveness, ProcessIdentity, ReadWrite, Section, SharedMemoryError, SharedMemoryOptions,
    SharedMutex,
};

use super::{HOUR, Telemetry, assert_unknown_format, publish, telemetry, waiting, writing_child};
use crate::format::{GENERATION, Payload, RECORD_SEQUENCE, WRITER_ID, Words};
use crate::raw;
use crate::support::{fresh_name, latest, wait_latest, watchdog};

/// A directory just as a creator leaves it that dies before it wrote a byte.
fn unfinished(name: &str) -> Words {
    Words::of(Section::create(name, 4096).unwrap())
}

#[track_caller]
fn assert_not_ready(name: &str, timeout: Duration) {
    let start = Instant::now();
    match Reader::<Telemetry>::open_with(name, &waiting(timeout)) {
        Err(SharedMemoryError::NotReady {
            name: given,
            timeout: told,
            ..
        }) => assert_eq!((given.as_str(), told), (name, timeout)),
        other => panic!("{other:?}"),
    }
    assert!(start.elapsed() >= timeout, "{:?}", start.elapsed());
}

#[test]
fn a_directory_that_nobody_finishes_is_waited_for_up_to_the_timeout_and_not_less() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let directory = unfinished(&name);
    for timeout in [0, 1, 20, 150].map(Duration::from_millis) {
        assert_not_ready(&name, timeout);
    }
    assert!((0..4096).step_by(4).all(|at| directory.get(at) == 0));

    // The header alone does not make it ready,
    for (at, word) in [u32::from_le_bytes(*b"WSMd"), 1, 1].into_iter().enumerate() {
        directory.set(4 * at, word);
    }
    assert_not_ready(&name, Duration::from_millis(20));
    // nor a record that is being written,
    directory.set(RECORD_SEQUENCE, 1);
    directory.set(GENERATION, 1);
    assert_not_ready(&name, Duration::from_millis(20));
    // nor one that names a payload which is not there.
    directory.set(RECORD_SEQUENCE, 2);
    assert_not_ready(&name, Duration::from_millis(20));
    // A writer starts over.
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&telemetry(8));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(latest(&mut reader).unwrap().1, telemetry(8));
    assert_eq!(reader.generation(), 2);
}

#[test]
fn a_writer_starts_over_where_a_creator_died() {
    let name = fresh_name();
    let directory = unfinished(&name);
    let mut writer = Writer::register(&name).unwrap();
    assert_eq!(writer.publish(&telemetry(1)), 1);
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
    assert_eq!(
        directory.get(WRITER_ID),
        ProcessIdentity::current().unwrap().id
    );
}

#[test]
fn a_writer_takes_over_from_one_that_died_while_it_registered() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&telemetry(1));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let directory = Words::open(&name);
    drop(writer);
    // Just begun; then with an id that lives, of a process that is not the one.
    for id in [0, process::id()] {
        directory.set(RECORD_SEQUENCE, directory.get(RECORD_SEQUENCE) | 1);
        directory.set(WRITER_ID, id);
        assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
        assert_eq!(reader.writer_liveness(), Liveness::Gone);
        let begun = Instant::now();
        let timeout = Duration::from_millis(60);
        assert_eq!(wait_latest(&mut reader, timeout), None);
        assert!(begun.elapsed() >= timeout);
        assert_not_ready(&name, timeout);

        let writer = Writer::<Telemetry>::register(&name).unwrap();
        assert_eq!(writer.version(), 1);
        assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
        assert_eq!(reader.writer_liveness(), Liveness::Alive);
        assert_eq!(reader.generation(), 1);
    }
}

#[test]
fn an_opener_waits_for_a_writer_that_is_registering() {
    let _watchdog = watchdog();
    for timeout in [None, Some(HOUR), Some(Duration::MAX)] {
        let name = fresh_name();
        let _directory = unfinished(&name);
        let (begins, begun) = mpsc::channel();
        let opener = thread::spawn({
            let name = name.clone();
            move || {
                begins.send(()).unwrap();
                match timeout {
                    None => Reader::<Telemetry>::open(&name),
                    Some(timeout) => Reader::open_with(&name, &waiting(timeout)),
                }
            }
        });
        begun.recv().unwrap();
        let _writer = Writer::<Telemetry>::register(&name).unwrap();
        opener.join().unwrap().unwrap();
    }
}

#[test]
fn a_snapshot_that_does_not_appear_times_out_and_not_before_the_timeout() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let error = Reader::<Telemetry>::open(&name).unwrap_err();
    assert!(error.is_not_found(), "{error}");
    for timeout in [0, 1, 20, 150].map(Duration::from_millis) {
        let start = Instant::now();
        let error = Reader::<Telemetry>::open_with(&name, &waiting(timeout)).unwrap_err();
        assert!(start.elapsed() >= timeout);
        assert!(
            matches!(error, SharedMemoryError::TimedOut { .. }),
            "{error:?}"
        );
    }
}

#[test]
fn a_snapshot_that_another_process_creates_is_opened_soon_after() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let (begins, begun) = mpsc::channel();
    let opener = thread::spawn({
        let name = name.clone();
        move || {
            begins.send(()).unwrap();
            Reader::<Telemetry>::open_with(&name, &waiting(HOUR)).unwrap()
        }
    });
    begun.recv().unwrap();
    let (mut child, _) = writing_child(&name);
    let mut reader = opener.join().unwrap();
    let version = publish(&mut child, 6);
    assert_eq!(latest(&mut reader), Some((version, telemetry(6))));
}

#[test]
fn a_region_of_something_else_is_neither_read_nor_written() {
    let _watchdog = watchdog();
    for (size, at, word) in [
        (1, 0, 1),
        (4096, 0, 0xDEAD_BEEF),
        (4096, 0, u32::from_be_bytes(*b"WSMd")),
        (70_000, 0, u32::MAX),
    ] {
        let name = fresh_name();
        let region = Words::of(Section::create(&name, size).unwrap());
        region.set(at, word);
        assert_unknown_format(Reader::<Telemetry>::open(&name));
        assert_unknown_format(Writer::<Telemetry>::register(&name));
        assert_eq!(region.get(at), word);
        assert!(
            (4..region.view().len())
                .step_by(4)
                .all(|at| region.get(at) == 0)
        );
    }
}

#[test]
fn another_version_or_kind_of_our_format_is_neither_read_nor_written() {
    let name = fresh_name();
    let writer = Writer::<Telemetry>::register(&name).unwrap();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let directory = Words::open(&name);
    drop(writer);
    for (at, word) in [(4, 2), (4, 0), (8, 0), (8, 99)] {
        let before = directory.get(at);
        directory.set(at, word);
        assert_unknown_format(Reader::<Telemetry>::open(&name));
        assert_unknown_format(Writer::<Telemetry>::register(&name));
        directory.set(at, before);
    }
    drop(Writer::<Telemetry>::register(&name).unwrap());
    assert_eq!(latest(&mut reader), None);
}

#[test]
fn a_region_without_memory_is_an_error_not_a_crash() {
    let mut options = SharedMemoryOptions::new();
    options.backing(Backing::Reserved);
    for suffix in ["", "~1", "~wait"] {
        let name = fresh_name();
        let region = format!("{name}{suffix}");
        let section = Section::<ReadWrite>::create_with(&region, 1 << 20, &options).unwrap();
        let writer = Writer::<Telemetry>::register(&name);
        if suffix == "~1" {
            // The next generation's name is free.
            let reader = Reader::<Telemetry>::open(&name).unwrap();
            assert_eq!(reader.generation(), 2);
        } else {
            assert!(writer.is_err(), "{suffix}");
        }
        drop(writer);

        // As before, with the beginning committed.
        section.map().unwrap().commit(0, 4096).unwrap();
        let writer = Writer::<Telemetry>::register(&name);
        let reader = Reader::<Telemetry>::open_with(&name, &waiting(Duration::ZERO));
        assert_eq!(writer.is_ok(), reader.is_ok(), "{suffix}");
    }
}

#[test]
fn a_payload_whose_slots_have_no_memory_is_an_error_not_a_crash() {
    let (honest, name) = (fresh_name(), fresh_name());
    let mut writer = Writer::register(&honest).unwrap();
    writer.publish(&telemetry(1));
    let (directory, payload) = (Words::open(&honest), Payload::open(&honest));

    let section = Section::<ReadWrite>::create_with(
        &format!("{name}~1"),
        1 << 20,
        SharedMemoryOptions::new().backing(Backing::Reserved),
    )
    .unwrap();
    let fake = section.map().unwrap();
    fake.commit(0, 4096).unwrap();
    for at in (0..4096).step_by(4) {
        fake.write(at, &payload.words.get(at)).unwrap();
    }
    let fake = unfinished(&name);
    for at in (0..40).step_by(4) {
        fake.set(at, directory.get(at));
    }
    Reader::<Telemetry>::open(&honest).unwrap();
    Reader::<Telemetry>::open(&name).unwrap_err();
}

#[test]
fn a_name_taken_by_another_kind_of_object_is_an_error_of_its_own() {
    type Make = fn(&str) -> std::os::windows::io::OwnedHandle;
    let takers: [(&str, Make); 3] = [
        ("", raw::event),
        ("~mutex", raw::event),
        ("~wait", raw::mutex),
    ];
    for (suffix, make) in takers {
        let name = fresh_name();
        let taken = make(&format!("{name}{suffix}"));
        let error = Writer::<Telemetry>::register(&name).unwrap_err();
        match error {
            SharedMemoryError::NameInUse { name: given, .. } => {
                assert_eq!(given, format!("{name}{suffix}"));
            }
            other => panic!("{other:?}"),
        }
        // What it had created has gone with it.
        let error = Reader::<Telemetry>::open(&name).unwrap_err();
        assert_eq!(error.is_not_found(), !suffix.is_empty(), "{error:?}");
        drop(taken);
        Writer::<Telemetry>::register(&name).unwrap();
    }
}

#[test]
fn a_payload_name_that_somebody_took_is_passed_over() {
    let name = fresh_name();
    let _semaphore = raw::semaphore(&format!("{name}~1"));
    let _section = Section::create(&format!("{name}~2"), 1).unwrap();
    let _writer = Writer::<Telemetry>::register(&name).unwrap();
    let reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(reader.generation(), 3);
}

#[test]
fn options_for_large_pages_open_what_they_create() {
    let name = fresh_name();
    let mut options = SharedMemoryOptions::new();
    options.backing(Backing::LargePages);
    let mut writer = Writer::register_with(&name, &options).unwrap();
    writer.publish(&telemetry(1));
    let mut reader = Reader::<Telemetry>::open_with(&name, &options).unwrap();
    assert_eq!(latest(&mut reader), Some((1, telemetry(1))));

    let name = fresh_name();
    let mutex = SharedMutex::get_or_create_with(&name, &telemetry(2), &options);
    let _mutex = mutex.unwrap();
    let opened = SharedMutex::<Telemetry>::open_with(&name, &options).unwrap();
    assert_eq!(opened.load().unwrap(), telemetry(2));
}
