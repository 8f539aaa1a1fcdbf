//! Types that may grow: readers that are older than the writer.

use std::time::Duration;

use win_shared_memory::snapshot::{Reader, SliceReader, SliceWriter, Writer};
use win_shared_memory::{SharedData, SharedMemoryError, SharedMutex};

use super::{Grown, HOUR, Light, Telemetry, assert_differs_in, waiting};
use crate::format::{Payload, Words};
use crate::support::{Child, Parent, Random, fresh_name, latest, wait_latest, watchdog};

/// [`Telemetry`], and it may become [`Grown`].
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
#[shared_data(may_grow)]
struct Growing {
    tick: u64,
    speed: f32,
    gear: i32,
}

/// What the next version of a program publishes.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
#[shared_data(may_grow)]
struct Next {
    tick: u64,
    speed: f32,
    gear: i32,
    lap: u16,
    in_pit: bool,
}

fn growing(tick: u64) -> Growing {
    Growing {
        tick,
        speed: tick as f32 / 4.0,
        gear: -3,
    }
}

fn next(tick: u64) -> Next {
    let Growing { tick, speed, gear } = growing(tick);
    let (lap, in_pit) = (7, true);
    Next {
        tick,
        speed,
        gear,
        lap,
        in_pit,
    }
}

/// Publishes ticks as the type it is told.
#[test]
#[ignore = "a child process of other tests"]
fn child_that_publishes_versions() {
    let Some(parent) = Parent::find() else { return };
    let name = parent.argument(0);
    let mut tick = parent.argument(2).parse().unwrap();
    let mut publish: Box<dyn FnMut(u64)> = if parent.argument(1) == "old" {
        let mut writer = Writer::register(name).unwrap();
        Box::new(move |tick| _ = writer.publish(&growing(tick)))
    } else {
        let mut writer = Writer::register(name).unwrap();
        Box::new(move |tick| _ = writer.publish(&next(tick)))
    };
    loop {
        publish(tick);
        parent.tell("published");
        parent.hear();
        tick += 1;
    }
}

#[test]
fn an_older_program_reads_what_a_later_one_publishes() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let child = |version, tick: u64| {
        let test = child_that_publishes_versions;
        let mut child = Child::start(test, &[&name, version, &tick.to_string()]);
        assert_eq!(child.answer(), "published");
        child
    };
    let mut old = child("old", 1);
    let mut reader = Reader::<Growing>::open(&name).unwrap();
    assert_eq!(latest(&mut reader).unwrap().1, growing(1));
    old.kill();

    // The writer is updated. The reader that runs goes on, and so does one that starts.
    let mut new = child("new", 2);
    assert_eq!(wait_latest(&mut reader, HOUR).unwrap().1, growing(2));
    assert_eq!(reader.generation(), 2);
    let mut late = Reader::<Growing>::open(&name).unwrap();
    let mut updated = Reader::<Next>::open(&name).unwrap();
    new.tell("go on");
    assert_eq!(new.answer(), "published");
    assert_eq!(latest(&mut late).unwrap().1, growing(3));
    assert_eq!(latest(&mut updated).unwrap().1, next(3));
    new.kill();
    assert_eq!(latest(&mut late).unwrap().1, growing(3));
    let mut value = growing(0);
    assert!(reader.latest_into(&mut value).unwrap());
    assert_eq!(value, growing(3));
}

#[test]
fn a_type_that_was_not_told_to_grow_is_read_as_it_is_alone() {
    let name = fresh_name();
    let _writer = Writer::<Grown>::register(&name).unwrap();
    assert_differs_in(Reader::<Telemetry>::open(&name), "fuel");
    // What the writer says of its own type does not matter.
    Reader::<Growing>::open(&name).unwrap();
    let other = fresh_name();
    let _writer = Writer::<Next>::register(&other).unwrap();
    assert_differs_in(Reader::<Telemetry>::open(&other), "lap");
}

#[test]
fn a_reader_does_not_do_without_a_field_that_it_has() {
    let name = fresh_name();
    let _writer = Writer::<Growing>::register(&name).unwrap();
    assert_differs_in(Reader::<Next>::open(&name), "lap");
}

#[test]
fn fields_that_moved_or_changed_are_not_growth() {
    macro_rules! refuses {
        ($field:literal, { $($fields:tt)* }) => {{
            #[derive(SharedData)]
            #[repr(C)]
            struct Changed { $($fields)* }
            let name = fresh_name();
            let _writer = Writer::<Changed>::register(&name).unwrap();
            assert_differs_in(Reader::<Growing>::open(&name), $field);
        }};
    }
    refuses!("speed", { tick: u64, fuel: f32, speed: f32, gear: i32 });
    refuses!("gear", { tick: u64, speed: f32, gears: i32, lap: u32 });
    refuses!("gear", { tick: u64, speed: f32, gear: u32, lap: u32 });
    refuses!("gear", { tick: u64, speed: f32, gear: [i32; 1], lap: u32 });
    refuses!("speed", { tick: u64, gear: i32, speed: f32, lap: u32 });
}

#[test]
fn an_older_writer_does_not_take_over_from_a_later_one() {
    let name = fresh_name();
    let mut writer = Writer::<Next>::register(&name).unwrap();
    let version = writer.publish(&next(5));
    let mut reader = Reader::<Next>::open(&name).unwrap();
    drop(writer);
    for _ in 0..2 {
        assert_differs_in(Writer::<Growing>::register(&name), "lap");
        assert_differs_in(Writer::<Telemetry>::register(&name), "lap");
        assert_eq!(latest(&mut reader), Some((version, next(5))));
    }
    // One whose type is not an earlier version of it replaces it.
    assert_eq!(Writer::<Light>::register(&name).unwrap().generation(), 2);
    drop(reader);
    // And where nobody has the later version open, nobody misses it.
    Writer::<Growing>::register(&name).unwrap();
}

#[test]
fn an_older_writer_of_slices_does_not_take_over_from_a_later_one() {
    let name = fresh_name();
    let mut writer = SliceWriter::<Next>::register(&name, 2).unwrap();
    writer.publish(&[next(5), next(6)]).unwrap();
    let mut reader = SliceReader::<Next>::open(&name).unwrap();
    drop(writer);
    assert_differs_in(SliceWriter::<Telemetry>::register(&name, 2), "lap");
    let mut values = Vec::new();
    assert!(reader.latest_into(&mut values).unwrap());
    assert_eq!(values, [next(5), next(6)]);
    // A single value is another type than a slice of it.
    assert_eq!(
        Writer::<Telemetry>::register(&name).unwrap().generation(),
        2
    );
}

#[test]
fn a_shared_mutex_holds_exactly_one_type() {
    let name = fresh_name();
    let _mutex = SharedMutex::get_or_create(&name, &next(1)).unwrap();
    assert_differs_in(SharedMutex::<Growing>::open(&name), "lap");
}

#[test]
fn a_schema_of_any_bytes_is_survived() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::<Next>::register(&name).unwrap();
    writer.publish(&next(5));
    let payload = Payload::open(&name);
    let (header, schema) = (0..64, 256..256 + payload.words.get(40) as usize);
    let mut random = Random::unpredictable();
    let read = || {
        let opened = Reader::<Growing>::open_with(&name, &waiting(Duration::ZERO));
        let value = opened.and_then(|mut reader| reader.latest());
        match value {
            Ok(value) => assert_eq!(value, Some(growing(5))),
            Err(SharedMemoryError::LayoutMismatch(_) | SharedMemoryError::UnknownFormat { .. }) => {
            }
            Err(other) => panic!("{other:?}"),
        }
    };
    for at in header.chain(schema).step_by(4) {
        for garbage in [0, u32::MAX, 1 << 31, random.next() as u32] {
            let before = payload.words.get(at);
            payload.words.set(at, garbage);
            read();
            payload.words.set(at, before);
        }
    }
    read();
}

/// The header and the schema agree with each other, and lie both.
#[test]
fn a_size_or_alignment_that_does_not_fit_the_region_is_damage() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::<Next>::register(&name).unwrap();
    writer.publish(&next(5));
    let payload = Payload::open(&name);
    let view = payload.words.view();
    let len = payload.words.get(40) as usize;
    let mut schema = vec![0; len];
    view.read_bytes(256, &mut schema).unwrap();
    let schema = String::from_utf8(schema).unwrap();
    assert!(schema.starts_with("{\"size\":24,\"align\":8,"), "{schema}");
    let forge = |words: &Words, size: u32, align: u32| {
        let numbers = format!("{{\"size\":{size},\"align\":{align},");
        let forged = schema.replacen("{\"size\":24,\"align\":8,", &numbers, 1);
        words.view().write_bytes(256, forged.as_bytes()).unwrap();
        words.set(40, forged.len() as u32);
        words.set(24, size);
        words.set(32, align);
    };
    for (size, align) in [
        (8, 8),
        (16, 8),
        (24, 4),
        (24, 24),
        (24, 0),
        (1 << 30, 8),
        (24, 1 << 31),
        (u32::MAX, 8),
    ] {
        forge(&payload.words, size, align);
        let error = Reader::<Growing>::open_with(&name, &waiting(Duration::ZERO)).unwrap_err();
        assert!(
            matches!(
                error,
                SharedMemoryError::LayoutMismatch(_) | SharedMemoryError::UnknownFormat { .. }
            ),
            "{size} {align}: {error:?}"
        );
    }
    forge(&payload.words, 24, 8);
    let mut reader = Reader::<Growing>::open(&name).unwrap();
    assert_eq!(reader.latest().unwrap(), Some(growing(5)));
}
