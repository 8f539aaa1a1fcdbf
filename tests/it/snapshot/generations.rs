//! Writers of another type.

use std::mem::MaybeUninit;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{Liveness, SharedMemoryError};

use super::{Grown, HOUR, Light, Other, Telemetry, assert_differs_in, telemetry, waiting};
use crate::format::Payload;
use crate::support::{fresh_name, latest, wait_latest, watchdog};

#[test]
fn another_type_is_refused_with_the_first_field_that_differs() {
    let name = fresh_name();
    let _writer = Writer::<Telemetry>::register(&name).unwrap();
    assert_differs_in(Reader::<Other>::open(&name), "gears");
    assert_differs_in(Reader::<Grown>::open(&name), "fuel");
    assert_differs_in(Reader::<Light>::open(&name), "on");
    let error = Reader::<Other>::open(&name).unwrap_err().to_string();
    assert!(
        error.contains("gears") && error.contains("\"gear\""),
        "{error}"
    );
    let _ = Reader::<[u64; 2]>::open(&name).unwrap_err();
}

#[test]
fn a_writer_that_comes_back_with_a_type_that_has_grown_is_not_stopped_by_readers_of_the_old() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&telemetry(1));
    let mut old = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(latest(&mut old), Some((1, telemetry(1))));
    drop(writer);

    let grown = Grown {
        tick: 2,
        speed: 0.0,
        gear: 1,
        fuel: 30.0,
        laps: 12,
    };
    let mut writer = Writer::register(&name).unwrap();
    let version = writer.publish(&grown);
    assert!(version > 0);
    let mut new = Reader::<Grown>::open(&name).unwrap();
    assert_eq!(latest(&mut new), Some((version, grown)));
    assert_eq!(new.generation(), 2);
    assert_eq!(old.generation(), 1, "what it holds");
    for _ in 0..3 {
        assert_differs_in(old.latest(), "fuel");
        assert_differs_in(old.latest_into(&mut telemetry(0)), "fuel");
        let mut room = MaybeUninit::uninit();
        assert_differs_in(old.latest_into_uninit(&mut room), "fuel");
        assert_differs_in(old.has_changed(), "fuel");
        assert_differs_in(old.wait_changed(HOUR), "fuel");
    }
    assert_eq!(old.writer_liveness(), Liveness::Alive);

    // And back again, when nobody has the region of the type that has grown.
    drop((writer, new));
    let mut writer = Writer::register(&name).unwrap();
    let back = writer.publish(&telemetry(3));
    assert_eq!(latest(&mut old), Some((back, telemetry(3))));
    assert_eq!(old.generation(), 3);
    assert_differs_in(Reader::<Grown>::open(&name), "fuel");
}

#[test]
fn a_version_is_not_used_again_by_a_later_generation() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let seen = writer.publish(&telemetry(1));
    assert_eq!(latest(&mut reader), Some((seen, telemetry(1))));
    drop(writer);
    // The reader looks again only when all this is over.
    drop(Writer::<Grown>::register(&name).unwrap());
    let mut writer = Writer::register(&name).unwrap();
    let version = writer.publish(&telemetry(2));
    assert!(reader.has_changed().unwrap());
    assert_eq!(latest(&mut reader), Some((version, telemetry(2))));
}

#[test]
fn a_reader_keeps_what_it_has_while_the_next_generation_is_gone_already() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&telemetry(1));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    drop(writer);
    // Nobody holds its payload, so that has gone with it.
    drop(Writer::<Grown>::register(&name).unwrap());
    assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
    let timeout = Duration::from_millis(100);
    let start = Instant::now();
    assert_eq!(wait_latest(&mut reader, timeout), None);
    assert!(start.elapsed() >= timeout);
    assert_eq!(reader.writer_liveness(), Liveness::Gone);

    let mut writer = Writer::register(&name).unwrap();
    let version = writer.publish(&telemetry(2));
    assert_eq!(latest(&mut reader), Some((version, telemetry(2))));
}

#[test]
fn versions_grow_over_generations_however_many_there_were_in_the_last() {
    for highest in [(1 << 40) + 10, 3 << 40, (1 << 50) - 1] {
        let name = fresh_name();
        let mut writer = Writer::register(&name).unwrap();
        writer.publish(&telemetry(1));
        Payload::open(&name).set_version(highest);
        let mut old = Reader::<Telemetry>::open(&name).unwrap();
        assert_eq!(latest(&mut old).unwrap().0, highest);
        drop(writer);

        let mut writer = Writer::<[u64; 3]>::register(&name).unwrap();
        assert!(writer.publish(&[1; 3]) > highest, "{highest}");
    }
}

#[test]
fn a_reader_that_waits_for_a_new_program_is_not_sent_away_by_the_old_one() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut old_writer = Writer::register(&name).unwrap();
    old_writer.publish(&telemetry(1));
    let _old_reader = Reader::<Telemetry>::open(&name).unwrap();
    // While the old writer lives, nothing else can come.
    assert_differs_in(Reader::<Grown>::open_with(&name, &waiting(HOUR)), "fuel");
    drop(old_writer);
    assert_differs_in(
        Reader::<Grown>::open_with(&name, &waiting(Duration::from_millis(20))),
        "fuel",
    );
    assert_differs_in(Reader::<Grown>::open(&name), "fuel");

    thread::scope(|scope| {
        let reader = scope.spawn(|| Reader::<Grown>::open_with(&name, &waiting(HOUR)));
        let _writer = Writer::<Grown>::register(&name).unwrap();
        assert_eq!(reader.join().unwrap().unwrap().generation(), 2);
    });
}

#[test]
fn a_new_program_finds_its_writer_at_any_instant_of_its_start() {
    let _watchdog = watchdog();
    for _ in 0..50 {
        let name = fresh_name();
        let old = Writer::<Telemetry>::register(&name).unwrap();
        let _old_reader = Reader::<Telemetry>::open(&name).unwrap();
        drop(old);
        let (begins, begun) = mpsc::channel();
        thread::scope(|scope| {
            let reader = scope.spawn(|| {
                begins.send(()).unwrap();
                Reader::<Grown>::open_with(&name, &waiting(HOUR)).unwrap()
            });
            begun.recv().unwrap();
            let _writer = Writer::<Grown>::register(&name).unwrap();
            assert_eq!(reader.join().unwrap().generation(), 2);
        });
    }
}

#[test]
fn an_error_about_the_payload_has_the_name_as_the_user_gave_it() {
    let name = fresh_name();
    let _writer = Writer::<Telemetry>::register(&name).unwrap();
    let error = Reader::<Grown>::open(&name).unwrap_err().to_string();
    assert!(error.contains(&format!("\"{name}\"")), "{error}");
    Payload::open(&name).words.set(0, 7);
    match Reader::<Telemetry>::open(&name).unwrap_err() {
        SharedMemoryError::UnknownFormat { name: given, .. } => assert_eq!(given, name),
        other => panic!("{other:?}"),
    }
}
