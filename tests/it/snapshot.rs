//! Snapshots: what readers get, who may write, and what is left by those who come and go. Processes
//! killed in the middle of it are in `kill`.

use std::iter;
use std::process;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::sync::{Event, Reset};
use win_shared_memory::{
    Backing, Liveness, ProcessIdentity, ReadWrite, Section, SecurityDescriptor, SharedData,
    SharedMemoryError, SharedMemoryOptions, field,
};

use crate::format::{GENERATION, LATEST, Payload, RECORD_SEQUENCE, WRITER_ID, Words};
use crate::raw;
use crate::support::{Child, Parent, fresh_name, watchdog};
use crate::tokens::{acting_as, without_administrators};

/// For what should not be waited for; ends in the watchdog if it is.
const HOUR: Duration = Duration::from_secs(3600);

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Telemetry {
    tick: u64,
    speed: f32,
    gear: i32,
}

/// A later version of the program: the same, and more.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Grown {
    tick: u64,
    speed: f32,
    gear: i32,
    fuel: f32,
    laps: u32,
}

/// Something of the same size.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Other {
    tick: u64,
    speed: f32,
    gears: i32,
}

/// Not every byte of which is valid, and with padding.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Light {
    on: bool,
    lumen: u32,
    colour: Colour,
}

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(u8)]
enum Colour {
    Red = 1,
    Green = 2,
}

fn telemetry(tick: u64) -> Telemetry {
    Telemetry {
        tick,
        speed: tick as f32 / 2.0,
        gear: (tick as i32).wrapping_neg(),
    }
}

fn waiting(timeout: Duration) -> SharedMemoryOptions {
    let mut options = SharedMemoryOptions::new();
    options.wait(timeout);
    options
}

#[track_caller]
fn assert_writer_alive<T: SharedData>(name: &str, id: u32) {
    match Writer::<T>::create(name) {
        Err(SharedMemoryError::WriterAlive {
            name: given,
            id: told,
        }) => assert_eq!((given.as_str(), told), (name, id)),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_unknown_format<T: std::fmt::Debug>(result: Result<T, SharedMemoryError>) {
    assert!(
        matches!(result, Err(SharedMemoryError::UnknownFormat { .. })),
        "{result:?}"
    );
}

#[track_caller]
fn assert_differs_in<T: std::fmt::Debug>(result: Result<T, SharedMemoryError>, field: &str) {
    match result {
        Err(SharedMemoryError::LayoutMismatch(mismatch)) => assert_eq!(mismatch.field(), field),
        other => panic!("{other:?}"),
    }
}

// What a reader gets.

#[test]
fn nothing_is_there_until_it_is_published() {
    let name = fresh_name();
    let writer = Writer::<Telemetry>::create(&name).unwrap();
    assert_eq!(writer.version(), 0);
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let mut value = telemetry(9);
    assert_eq!(reader.latest().unwrap(), None);
    assert_eq!(reader.latest_into(&mut value).unwrap(), None);
    assert_eq!(value, telemetry(9), "left alone");
    assert_eq!(reader.try_latest().unwrap(), None);
    assert_eq!(reader.newer_than(0).unwrap(), None);
    assert_eq!(reader.wait_newer(0, Duration::ZERO).unwrap(), None);
    assert_eq!(reader.generation(), 1);
}

#[test]
fn every_way_of_reading_gets_the_last_value_and_its_version() {
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    let mut reader = Reader::open(&name).unwrap();
    // More than there are slots, several times over.
    for version in 1..=300 {
        let expected = Some((version, telemetry(version * 7)));
        assert_eq!(writer.publish(&telemetry(version * 7)), version);
        assert_eq!(writer.version(), version);
        assert_eq!(reader.latest().unwrap(), expected);
        assert_eq!(reader.try_latest().unwrap(), expected);
        let mut value = telemetry(0);
        assert_eq!(reader.latest_into(&mut value).unwrap(), Some(version));
        assert_eq!(value, telemetry(version * 7));
        assert_eq!(reader.newer_than(version - 1).unwrap(), expected);
        assert_eq!(reader.newer_than(version + 1).unwrap(), expected);
        assert_eq!(reader.newer_than(version).unwrap(), None);
    }
}

#[test]
fn a_reader_that_comes_late_gets_the_current_value_at_once() {
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    for tick in 1..=3 {
        writer.publish(&telemetry(tick));
        let mut reader = Reader::open(&name).unwrap();
        assert_eq!(reader.newer_than(0).unwrap(), Some((tick, telemetry(tick))));
    }
}

#[test]
fn several_readers_do_not_take_values_from_each_other() {
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    let mut readers: Vec<_> = (0..5).map(|_| Reader::open(&name).unwrap()).collect();
    writer.publish(&telemetry(4));
    for reader in &mut readers {
        assert_eq!(reader.newer_than(0).unwrap(), Some((1, telemetry(4))));
    }
}

#[test]
fn values_of_all_sizes_and_alignments_survive() {
    fn check<T: SharedData + win_shared_memory::AnyBytes + PartialEq + std::fmt::Debug>(
        values: [T; 3],
    ) {
        let name = fresh_name();
        let mut writer = Writer::create(&name).unwrap();
        let mut reader = Reader::open(&name).unwrap();
        for (version, value) in iter::zip(1.., values) {
            writer.publish(&value);
            assert_eq!(reader.latest().unwrap(), Some((version, value)));
        }
    }
    #[derive(Clone, Copy, Debug, PartialEq, SharedData)]
    #[repr(C, align(512))]
    struct Aligned(u8);

    check([1_u8, 2, 255]);
    check([[1_u8; 3], [2; 3], [3; 3]]);
    check([[1_u16; 100], [2; 100], [3; 100]]);
    check([[1_u64; 600], [2; 600], [3; 600]]);
    check([Aligned(1), Aligned(2), Aligned(3)]);
}

#[test]
fn a_value_larger_than_all_slots_should_take_is_read_without_the_stack() {
    type Large = [u64; 1 << 17];
    let name = fresh_name();
    let mut writer = Writer::<Large>::create(&name).unwrap();
    let mut reader = Reader::<Large>::open(&name).unwrap();
    let mut value: Box<Large> = vec![0; 1 << 17].try_into().unwrap();
    for version in 1..=9 {
        let draft = writer.draft_from_zeros();
        for at in (0..1 << 17).step_by(1000) {
            draft.place().at(at).write(&(version + at as u64));
        }
        assert_eq!(draft.publish(), version);
        assert_eq!(reader.latest_into(&mut value).unwrap(), Some(version));
        for (at, &word) in value.iter().enumerate() {
            let expected = if at % 1000 == 0 {
                version + at as u64
            } else {
                0
            };
            assert_eq!(word, expected);
        }
    }
    assert_eq!(Payload::open(&name).slots, 4);
}

#[test]
fn what_is_no_valid_value_is_an_error_that_names_the_field_until_the_next_value() {
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    let light = Light {
        on: true,
        lumen: 800,
        colour: Colour::Green,
    };
    writer.publish(&light);
    let mut reader = Reader::<Light>::open(&name).unwrap();
    assert_eq!(reader.try_latest().unwrap(), Some((1, light)));

    // Slot 1, where version 1 is.
    let payload = Payload::open(&name);
    let value = payload.value_of(1);
    assert_eq!(payload.words.get(value), 1, "padding is zero");
    payload.words.set(value, 2);
    match reader.try_latest() {
        Err(SharedMemoryError::InvalidValue(invalid)) => {
            assert!(invalid.to_string().contains("on"), "{invalid}");
        }
        other => panic!("{other:?}"),
    }
    writer.publish(&light);
    assert_eq!(reader.try_latest().unwrap(), Some((2, light)));
}

#[test]
fn a_reader_knows_how_long_nothing_has_changed() {
    /// The system's tick, and how late Wine may be with it.
    const TICK: Duration = Duration::from_millis(100);
    const TIME: Duration = Duration::from_millis(300);
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    let before = Instant::now();
    let mut reader = Reader::open(&name).unwrap();
    assert!(reader.unchanged_for() <= before.elapsed() + TICK);
    let before = Instant::now();
    writer.publish(&telemetry(1));
    reader.latest().unwrap();
    // Getting the same again changes nothing.
    while reader.unchanged_for() < TIME {
        reader.latest().unwrap();
        reader.try_latest().unwrap();
    }
    assert!(before.elapsed() + TICK >= TIME);
    let before = Instant::now();
    writer.publish(&telemetry(1));
    reader.latest_into(&mut telemetry(0)).unwrap();
    assert!(reader.unchanged_for() <= before.elapsed() + TICK);
}

// Drafts.

#[test]
fn a_draft_from_zeros_has_nothing_of_earlier_values() {
    let name = fresh_name();
    let mut writer = Writer::<Telemetry>::create(&name).unwrap();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    for version in 1..200 {
        match version % 2 {
            0 => assert_eq!(writer.publish(&telemetry(77)), version),
            _ => {
                let draft = writer.draft_from_zeros();
                field!(draft.tick).write(&version);
                assert_eq!(draft.publish(), version);
                let expected = Telemetry {
                    tick: version,
                    speed: 0.0,
                    gear: 0,
                };
                assert_eq!(reader.latest().unwrap(), Some((version, expected)));
            }
        }
    }
}

#[test]
fn a_draft_from_the_last_value_changes_what_is_written_alone() {
    let name = fresh_name();
    let mut writer = Writer::<Telemetry>::create(&name).unwrap();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let mut expected = Telemetry {
        tick: 0,
        speed: 0.0,
        gear: 0,
    };
    for version in 1..200_u64 {
        let draft = writer.draft_from_last();
        if version % 3 == 0 {
            expected.gear = version as i32;
            field!(draft.gear).write(&expected.gear);
        } else {
            expected.tick = version;
            field!(draft.tick).write(&expected.tick);
        }
        assert_eq!(draft.publish(), version);
        assert_eq!(reader.latest().unwrap(), Some((version, expected)));
    }
}

#[test]
fn a_draft_is_seen_by_nobody_before_it_is_published_nor_when_it_is_dropped() {
    let name = fresh_name();
    let mut writer = Writer::<Telemetry>::create(&name).unwrap();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    // None published yet, and more drafts than there are slots.
    for _ in 0..100 {
        let draft = writer.draft_from_zeros();
        draft.place().write(&telemetry(5));
        assert_eq!(reader.latest().unwrap(), None);
    }
    writer.publish(&telemetry(1));
    for _ in 0..100 {
        let draft = writer.draft_from_last();
        draft.place().write(&telemetry(5));
        assert_eq!(reader.latest().unwrap(), Some((1, telemetry(1))));
        assert_eq!(reader.newer_than(1).unwrap(), None);
    }
    assert_eq!(writer.version(), 1);
    assert_eq!(writer.publish(&telemetry(2)), 2);
    assert_eq!(reader.latest().unwrap(), Some((2, telemetry(2))));
}

// Who may write.

#[test]
fn a_second_writer_in_the_same_process_is_refused_until_the_first_is_dropped() {
    let name = fresh_name();
    let mut first = Writer::create(&name).unwrap();
    first.publish(&telemetry(1));
    assert_writer_alive::<Telemetry>(&name, process::id());
    assert_writer_alive::<Grown>(&name, process::id());
    let thread = thread::spawn({
        let name = name.clone();
        move || assert_writer_alive::<Telemetry>(&name, process::id())
    });
    thread.join().unwrap();
    first.publish(&telemetry(2));

    let mut reader = Reader::open(&name).unwrap();
    drop(first);
    assert_eq!(reader.latest().unwrap(), Some((2, telemetry(2))));
    let mut second = Writer::create(&name).unwrap();
    assert_eq!(reader.latest().unwrap(), Some((2, telemetry(2))));
    assert_eq!(second.publish(&telemetry(3)), 3);
    assert_eq!(reader.latest().unwrap(), Some((3, telemetry(3))));
    assert_eq!(reader.generation(), 1);
}

#[test]
fn of_many_threads_that_come_at_once_one_writes() {
    let _watchdog = watchdog();
    let name = fresh_name();
    for _ in 0..20 {
        let writers: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..6)
                .map(|_| scope.spawn(|| Writer::<Telemetry>::create(&name)))
                .collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let (ok, refused): (Vec<_>, Vec<_>) = writers.iter().partition(|it| it.is_ok());
        assert_eq!((ok.len(), refused.len()), (1, 5));
    }
}

/// Publishes what it is told to: `publish n`, `drop`, `create`.
#[test]
#[ignore = "a child process of other tests"]
fn child_that_writes() {
    let Some(parent) = Parent::find() else { return };
    let name = parent.argument(0);
    let mut writer = Some(Writer::create(name).unwrap());
    parent.tell(&process::id().to_string());
    loop {
        let told = parent.hear();
        match told.split_once(' ') {
            Some((_, tick)) => {
                let value = telemetry(tick.parse().unwrap());
                let version = writer.as_mut().unwrap().publish(&value);
                parent.tell(&version.to_string());
            }
            None if told == "drop" => {
                writer = None;
                parent.tell("dropped");
            }
            None => {
                writer = Some(Writer::create(name).unwrap());
                parent.tell("created");
            }
        }
    }
}

/// A child that writes, and its process id.
fn writing_child(name: &str) -> (Child, u32) {
    let mut child = Child::start("snapshot::child_that_writes", &[name]);
    let id = child.answer().parse().unwrap();
    (child, id)
}

fn publish(child: &mut Child, tick: u64) -> u64 {
    child.tell(&format!("publish {tick}"));
    child.answer().parse().unwrap()
}

#[test]
fn a_second_writer_is_refused_while_that_of_another_process_lives_and_takes_over_when_it_is_killed()
{
    let _watchdog = watchdog();
    let name = fresh_name();
    let (mut child, id) = writing_child(&name);
    assert_eq!(publish(&mut child, 10), 1);
    assert_eq!(publish(&mut child, 20), 2);
    let mut reader = Reader::open(&name).unwrap();
    assert_writer_alive::<Telemetry>(&name, id);
    assert_eq!(reader.latest().unwrap(), Some((2, telemetry(20))));
    assert_eq!(reader.writer(), Liveness::Alive);
    let identity = reader.writer_identity().unwrap();
    assert_eq!(identity.id, id);

    child.kill();
    assert_eq!(reader.writer(), Liveness::Gone);
    assert_eq!(reader.writer_identity(), Some(identity));
    assert_eq!(reader.latest().unwrap(), Some((2, telemetry(20))));
    let mut writer = Writer::create(&name).unwrap();
    assert_eq!(reader.writer(), Liveness::Alive);
    assert_eq!(
        reader.writer_identity(),
        Some(ProcessIdentity::current().unwrap())
    );
    assert_eq!(reader.latest().unwrap(), Some((2, telemetry(20))));
    assert_eq!(writer.publish(&telemetry(30)), 3);
    assert_eq!(reader.latest().unwrap(), Some((3, telemetry(30))));
    assert_eq!(reader.generation(), 1);
}

#[test]
fn writers_of_two_processes_take_turns() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let (mut child, id) = writing_child(&name);
    let mut reader = Reader::open(&name).unwrap();
    let mut version = 0;
    for _ in 0..10 {
        version += 1;
        assert_eq!(publish(&mut child, version), version);
        assert_eq!(
            reader.latest().unwrap(),
            Some((version, telemetry(version)))
        );
        assert_writer_alive::<Telemetry>(&name, id);
        child.tell("drop");
        assert_eq!(child.answer(), "dropped");
        assert_eq!(reader.writer(), Liveness::Gone);
        assert_eq!(reader.writer_identity(), None);
        assert_eq!(
            reader.latest().unwrap(),
            Some((version, telemetry(version)))
        );

        let mut writer = Writer::create(&name).unwrap();
        version += 1;
        assert_eq!(writer.publish(&telemetry(version)), version);
        assert_eq!(
            reader.latest().unwrap(),
            Some((version, telemetry(version)))
        );
        drop(writer);
        child.tell("create");
        assert_eq!(child.answer(), "created");
    }
}

#[test]
fn a_writer_is_its_processs_not_its_threads() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let writer = thread::spawn({
        let name = name.clone();
        move || Writer::create(&name).unwrap()
    });
    let mut writer = writer.join().unwrap();
    // The thread that registered it has ended.
    let mut reader = Reader::open(&name).unwrap();
    assert_eq!(reader.writer(), Liveness::Alive);
    assert_writer_alive::<Telemetry>(&name, process::id());
    let published = thread::spawn(move || writer.publish(&telemetry(3)));
    assert_eq!(published.join().unwrap(), 1);
    assert_eq!(reader.latest().unwrap(), Some((1, telemetry(3))));
    assert_eq!(reader.writer(), Liveness::Gone);
}

/// However many writers in a row give up before they publish anything: each leaves a slot that is
/// half written, and the last value must not be in one of those.
fn assert_kept_by_writers_that_give_up<const N: usize>(slots: u32) {
    let name = fresh_name();
    let mut writer = Writer::<[u8; N]>::create(&name).unwrap();
    let mut reader = Reader::<[u8; N]>::open(&name).unwrap();
    let mut value: Box<[u8; N]> = vec![0; N].try_into().unwrap();
    let payload = Payload::open(&name);
    assert_eq!(payload.slots, slots);
    let give_up = |mut writer: Writer<[u8; N]>| {
        drop(writer.draft_from_zeros());
        drop(writer);
        Writer::<[u8; N]>::create(&name).unwrap()
    };
    for _ in 0..slots + 2 {
        writer = give_up(writer);
        assert_eq!(reader.latest_into(&mut value).unwrap(), None);
    }
    let draft = writer.draft_from_zeros();
    draft.place().at(N - 1).write(&5);
    let version = draft.publish();
    for _ in 0..2 * slots + 2 {
        writer = give_up(writer);
        assert_eq!(reader.latest_into(&mut value).unwrap(), Some(version));
        assert_eq!(value[N - 1], 5);
        let draft = writer.draft_from_last();
        assert_eq!(draft.place().at(N - 1).read(), 5);
    }
    let next = writer.draft_from_last().publish();
    assert!(next > version);
    assert_eq!(reader.latest_into(&mut value).unwrap(), Some(next));
    assert_eq!(value[N - 1], 5);
}

#[test]
fn the_last_value_outlives_any_number_of_writers_that_publish_nothing() {
    assert_kept_by_writers_that_give_up::<8>(64);
    assert_kept_by_writers_that_give_up::<{ 64 << 10 }>(16);
    assert_kept_by_writers_that_give_up::<{ 512 << 10 }>(4);
}

// Writers of another type.

#[test]
fn another_type_is_refused_with_the_first_field_that_differs() {
    let name = fresh_name();
    let _writer = Writer::<Telemetry>::create(&name).unwrap();
    assert_differs_in(Reader::<Other>::open(&name), "gears");
    assert_differs_in(Reader::<Grown>::open(&name), "fuel");
    assert_differs_in(Reader::<Light>::open(&name), "on");
    let error = Reader::<Other>::open(&name).unwrap_err().to_string();
    assert!(
        error.contains("gears") && error.contains("\\\"gear\\\""),
        "{error}"
    );
    let _ = Reader::<[u64; 2]>::open(&name).unwrap_err();
}

#[test]
fn a_writer_that_comes_back_with_a_type_that_has_grown_is_not_stopped_by_readers_of_the_old() {
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    writer.publish(&telemetry(1));
    let mut old = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(old.latest().unwrap(), Some((1, telemetry(1))));
    drop(writer);

    let grown = Grown {
        tick: 2,
        speed: 0.0,
        gear: 1,
        fuel: 30.0,
        laps: 12,
    };
    let mut writer = Writer::create(&name).unwrap();
    let version = writer.publish(&grown);
    assert!(version > 0);
    let mut new = Reader::<Grown>::open(&name).unwrap();
    assert_eq!(new.latest().unwrap(), Some((version, grown)));
    assert_eq!(new.generation(), 2);
    assert_eq!(old.generation(), 1, "what it holds");
    for _ in 0..3 {
        assert_differs_in(old.latest(), "fuel");
        assert_differs_in(old.latest_into(&mut telemetry(0)), "fuel");
        assert_differs_in(old.try_latest(), "fuel");
        assert_differs_in(old.newer_than(1), "fuel");
        assert_differs_in(old.wait_newer(1, HOUR), "fuel");
    }
    assert_eq!(old.writer(), Liveness::Alive);

    // And back again.
    drop(writer);
    let mut writer = Writer::create(&name).unwrap();
    let back = writer.publish(&telemetry(3));
    assert_eq!(old.latest().unwrap(), Some((back, telemetry(3))));
    assert_eq!(old.generation(), 3);
    assert_differs_in(new.latest(), "fuel");
}

#[test]
fn a_version_is_not_used_again_by_a_later_generation() {
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let seen = writer.publish(&telemetry(1));
    assert_eq!(reader.latest().unwrap(), Some((seen, telemetry(1))));
    drop(writer);
    // The reader looks again only when all this is over.
    drop(Writer::<Grown>::create(&name).unwrap());
    let mut writer = Writer::create(&name).unwrap();
    let version = writer.publish(&telemetry(2));
    let news = reader.newer_than(seen).unwrap();
    assert_eq!(news, Some((version, telemetry(2))));
}

#[test]
fn a_reader_keeps_what_it_has_while_the_next_generation_is_gone_already() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    writer.publish(&telemetry(1));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    drop(writer);
    // Nobody holds its payload, so that has gone with it.
    drop(Writer::<Grown>::create(&name).unwrap());
    assert_eq!(reader.latest().unwrap(), Some((1, telemetry(1))));
    let timeout = Duration::from_millis(100);
    let start = Instant::now();
    assert_eq!(reader.wait_newer(1, timeout).unwrap(), None);
    assert!(start.elapsed() >= timeout);
    assert_eq!(reader.writer(), Liveness::Gone);

    let mut writer = Writer::create(&name).unwrap();
    let version = writer.publish(&telemetry(2));
    assert_eq!(reader.latest().unwrap(), Some((version, telemetry(2))));
}

// What is not (yet) a snapshot.

/// A directory just as a creator leaves it that dies before it wrote a byte.
fn unfinished(name: &str) -> Words {
    Words::of(Section::create(name, 4096).unwrap())
}

#[track_caller]
fn assert_not_ready(name: &str, timeout: Duration) {
    let start = Instant::now();
    match waiting(timeout).open_snapshot::<Telemetry>(name) {
        Err(SharedMemoryError::NotReady {
            name: given,
            timeout: told,
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
    let mut writer = Writer::create(&name).unwrap();
    writer.publish(&telemetry(8));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(reader.latest().unwrap().unwrap().1, telemetry(8));
    assert_eq!(reader.generation(), 2);
}

#[test]
fn a_writer_starts_over_where_a_creator_died() {
    let name = fresh_name();
    let directory = unfinished(&name);
    let mut writer = Writer::create(&name).unwrap();
    assert_eq!(writer.publish(&telemetry(1)), 1);
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(reader.latest().unwrap(), Some((1, telemetry(1))));
    assert_eq!(
        directory.get(WRITER_ID),
        ProcessIdentity::current().unwrap().id
    );
}

#[test]
fn a_writer_takes_over_from_one_that_died_while_it_registered() {
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    writer.publish(&telemetry(1));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let directory = Words::open(&name);
    drop(writer);
    // Just begun; then with an id that lives, of a process that is not the one.
    for id in [0, process::id()] {
        directory.set(RECORD_SEQUENCE, directory.get(RECORD_SEQUENCE) | 1);
        directory.set(WRITER_ID, id);
        assert_eq!(reader.latest().unwrap(), Some((1, telemetry(1))));
        assert_eq!(reader.writer(), Liveness::Gone);
        let begun = Instant::now();
        let timeout = Duration::from_millis(60);
        assert_eq!(reader.wait_newer(1, timeout).unwrap(), None);
        assert!(begun.elapsed() >= timeout);
        assert_not_ready(&name, timeout);

        let writer = Writer::<Telemetry>::create(&name).unwrap();
        assert_eq!(writer.version(), 1);
        assert_eq!(reader.latest().unwrap(), Some((1, telemetry(1))));
        assert_eq!(reader.writer(), Liveness::Alive);
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
                    Some(timeout) => waiting(timeout).open_snapshot(&name),
                }
            }
        });
        begun.recv().unwrap();
        let _writer = Writer::<Telemetry>::create(&name).unwrap();
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
        let error = waiting(timeout)
            .open_snapshot::<Telemetry>(&name)
            .unwrap_err();
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
            waiting(HOUR).open_snapshot::<Telemetry>(&name).unwrap()
        }
    });
    begun.recv().unwrap();
    let (mut child, _) = writing_child(&name);
    let mut reader = opener.join().unwrap();
    let version = publish(&mut child, 6);
    assert_eq!(reader.latest().unwrap(), Some((version, telemetry(6))));
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
        assert_unknown_format(Writer::<Telemetry>::create(&name));
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
    let writer = Writer::<Telemetry>::create(&name).unwrap();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let directory = Words::open(&name);
    drop(writer);
    for (at, word) in [(4, 2), (4, 0), (8, 0), (8, 99)] {
        let before = directory.get(at);
        directory.set(at, word);
        assert_unknown_format(Reader::<Telemetry>::open(&name));
        assert_unknown_format(Writer::<Telemetry>::create(&name));
        directory.set(at, before);
    }
    drop(Writer::<Telemetry>::create(&name).unwrap());
    assert_eq!(reader.latest().unwrap(), None);
}

#[test]
fn a_region_without_memory_is_an_error_not_a_crash() {
    let mut options = SharedMemoryOptions::new();
    options.backing(Backing::Reserved);
    for suffix in ["", "~1", "~wait"] {
        let name = fresh_name();
        let region = format!("{name}{suffix}");
        let section = options
            .create_section::<ReadWrite>(&region, 1 << 20)
            .unwrap();
        let writer = Writer::<Telemetry>::create(&name);
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
        let writer = Writer::<Telemetry>::create(&name);
        let reader = waiting(Duration::ZERO).open_snapshot::<Telemetry>(&name);
        assert_eq!(writer.is_ok(), reader.is_ok(), "{suffix}");
    }
}

#[test]
fn a_payload_whose_slots_have_no_memory_is_an_error_not_a_crash() {
    let (honest, name) = (fresh_name(), fresh_name());
    let mut writer = Writer::create(&honest).unwrap();
    writer.publish(&telemetry(1));
    let (directory, payload) = (Words::open(&honest), Payload::open(&honest));

    let section = SharedMemoryOptions::new()
        .backing(Backing::Reserved)
        .create_section::<ReadWrite>(&format!("{name}~1"), 1 << 20)
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
        let error = Writer::<Telemetry>::create(&name).unwrap_err();
        match error {
            SharedMemoryError::NameInUse { name: given } => {
                assert_eq!(given, format!("{name}{suffix}"));
            }
            other => panic!("{other:?}"),
        }
        drop(taken);
        Writer::<Telemetry>::create(&name).unwrap();
    }
}

#[test]
fn a_payload_name_that_somebody_took_is_passed_over() {
    let name = fresh_name();
    let _semaphore = raw::semaphore(&format!("{name}~1"));
    let _section = Section::create(&format!("{name}~2"), 1).unwrap();
    let _writer = Writer::<Telemetry>::create(&name).unwrap();
    let reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(reader.generation(), 3);
}

// Rights.

/// Administrators, of whom we are, may do everything; others may read.
const OTHERS_READ: &str = "D:(A;;GA;;;BA)(A;;GR;;;BU)";

fn create_for_reading(name: &str, sddl: &str) -> Writer<Telemetry> {
    SharedMemoryOptions::new()
        .security(SecurityDescriptor::from_sddl(sddl).unwrap())
        .create_snapshot(name)
        .unwrap()
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
                assert!(Writer::<Telemetry>::create(&name).is_err());
                let denied = Section::open_existing(&format!("{name}~wait"));
                assert!(denied.unwrap_err().is_access_denied());

                let mut reader = Reader::<Telemetry>::open(&name).unwrap();
                assert_eq!(reader.latest().unwrap(), Some((1, telemetry(1))));
                assert_eq!(reader.newer_than(1).unwrap(), None);
                let timeout = Duration::from_millis(30);
                let start = Instant::now();
                assert_eq!(reader.wait_newer(1, timeout).unwrap(), None);
                assert!(start.elapsed() >= timeout);
                for version in 1..20 {
                    says.send(version).unwrap();
                    let news = reader.wait_newer(version, HOUR).unwrap();
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
    let mut writer = create_for_reading(&name, "D:(A;;0x0004;;;WD)");
    writer.publish(&telemetry(2));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(reader.latest().unwrap(), Some((1, telemetry(2))));
    assert_eq!(
        reader.wait_newer(1, Duration::from_millis(10)).unwrap(),
        None
    );
    let error = Writer::<Telemetry>::create(&name).unwrap_err();
    assert!(error.is_access_denied(), "{error:?}");
}

// Hostile regions.

/// Everything that reads, on a region that somebody scribbles on. Whatever comes of it: no panic, no
/// crash, no wait beyond the timeout.
fn use_all_of(reader: &mut Reader<Telemetry>) {
    let _ = reader.latest();
    let _ = reader.latest_into(&mut telemetry(0));
    let _ = reader.try_latest();
    let _ = reader.newer_than(1);
    let _ = reader.wait_newer(1, Duration::from_millis(1));
    let _ = (reader.writer(), reader.writer_identity());
}

#[test]
fn garbage_in_any_word_of_the_directory_or_the_payload_is_survived() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    for tick in 1..=70 {
        writer.publish(&telemetry(tick));
    }
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let (directory, payload) = (Words::open(&name), Payload::open(&name));
    let slots = payload.first;
    let header = (0..64).map(|word| (&payload.words, 4 * word));
    let schema = (0..8).map(|word| (&payload.words, 256 + 40 * word));
    let sequences = [0, 4].map(|at| (&payload.words, slots + at));
    let words = (0..16)
        .map(|word| (&directory, 4 * word))
        .chain(header)
        .chain(schema)
        .chain(sequences);
    for (region, at) in words {
        for garbage in [u32::MAX, 0x8000_0000, 3, 0] {
            let before = region.get(at);
            region.set(at, garbage);
            use_all_of(&mut reader);
            if let Ok(mut late) = waiting(Duration::ZERO).open_snapshot(&name) {
                use_all_of(&mut late);
            }
            writer.publish(&telemetry(1));
            region.set(at, before);
        }
    }
    // Unharmed, now that it is right again.
    writer.publish(&telemetry(5));
    let mut late = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(late.latest().unwrap().unwrap().1, telemetry(5));
}

#[test]
fn a_writer_takes_over_whatever_the_words_say_that_its_predecessor_left() {
    let _watchdog = watchdog();
    let words = [16, 20, 24, 28, 32, 36].map(|at| (true, at));
    let header = [0, 4, 8, 12, 16, 24, 32, 36, 40, 48, 56, 128, 256, 300].map(|at| (false, at));
    for (in_directory, at) in words.into_iter().chain(header) {
        for garbage in [u32::MAX, 0x8000_0000, 0] {
            let name = fresh_name();
            let mut writer = Writer::create(&name).unwrap();
            writer.publish(&telemetry(1));
            let mut reader = Reader::<Telemetry>::open(&name).unwrap();
            let (directory, payload) = (Words::open(&name), Payload::open(&name));
            drop(writer);
            if in_directory {
                &directory
            } else {
                &payload.words
            }
            .set(at, garbage);
            let mut writer = Writer::create(&name).unwrap();
            writer.publish(&telemetry(2));
            use_all_of(&mut reader);
            let mut late = waiting(Duration::ZERO)
                .open_snapshot::<Telemetry>(&name)
                .unwrap();
            let latest = late.latest().unwrap().unwrap().1;
            assert_eq!(latest, telemetry(2), "{garbage:#x} at {at}");
        }
    }
}

#[test]
fn the_last_of_all_generations_is_followed_by_another() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    writer.publish(&telemetry(1));
    let directory = Words::open(&name);
    drop(writer);
    for at in [GENERATION, GENERATION + 4] {
        directory.set(at, u32::MAX);
    }
    let mut writer = Writer::create(&name).unwrap();
    writer.publish(&telemetry(2));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(reader.latest().unwrap().unwrap().1, telemetry(2));
}

// Waiting.

#[test]
fn what_is_new_already_is_not_waited_for() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    writer.publish(&telemetry(1));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    for timeout in [Duration::ZERO, HOUR, Duration::MAX] {
        let news = reader.wait_newer(0, timeout).unwrap();
        assert_eq!(news, Some((1, telemetry(1))));
    }
}

#[test]
fn waiting_for_what_does_not_come_takes_the_timeout_and_not_less() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    for version in 0..2 {
        for timeout in [0, 1, 20, 120].map(Duration::from_millis) {
            let start = Instant::now();
            assert_eq!(reader.wait_newer(version, timeout).unwrap(), None);
            assert!(start.elapsed() >= timeout, "{:?}", start.elapsed());
        }
        writer.publish(&telemetry(1));
    }
}

/// So often that looking by itself every 50 ms would not be done in time for the watchdog.
const WAKE_UPS: u64 = 2000;

/// Says each version it waits for, and what it got.
#[test]
#[ignore = "a child process of other tests"]
fn child_that_waits() {
    let Some(parent) = Parent::find() else { return };
    let mut reader = Reader::<Telemetry>::open(parent.argument(0)).unwrap();
    let mut version = 0;
    loop {
        parent.tell(&version.to_string());
        let news = reader.wait_newer(version, HOUR).unwrap().unwrap();
        assert_eq!(news, (version + 1, telemetry(version + 1)));
        version += 1;
    }
}

fn waiting_children(name: &str, count: usize) -> Vec<Child> {
    (0..count)
        .map(|_| Child::start("snapshot::child_that_waits", &[name]))
        .collect()
}

/// Waits until that many readers have said in the region that they wait.
fn until_waiting(waiters: &Words, count: u32) -> u32 {
    loop {
        let armed = waiters.get(0);
        if armed.count_ones() >= count {
            return armed;
        }
        thread::yield_now();
    }
}

#[test]
fn readers_of_several_processes_are_woken_each_time() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    let mut children = waiting_children(&name, 2);
    for version in 0..WAKE_UPS {
        for child in &mut children {
            assert_eq!(child.answer(), version.to_string());
        }
        writer.publish(&telemetry(version + 1));
    }
}

#[test]
fn a_reader_killed_while_it_waits_costs_the_others_nothing() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    let mut children = waiting_children(&name, 3);
    for child in &mut children {
        assert_eq!(child.answer(), "0");
    }
    let armed = until_waiting(&waiters, 3);
    // The writer keeps their events.
    writer.publish(&telemetry(1));
    for child in &mut children {
        assert_eq!(child.answer(), "1");
    }
    assert_eq!(until_waiting(&waiters, 3), armed);
    let mut victim = children.remove(1);
    victim.kill();
    // What it said stays.
    assert_eq!(until_waiting(&waiters, 3), armed);
    for version in 2..=WAKE_UPS / 4 {
        writer.publish(&telemetry(version));
        for child in &mut children {
            assert_eq!(child.answer(), version.to_string());
        }
    }

    // Its place is free for another.
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let last = writer.version();
    let waiter = thread::spawn(move || reader.wait_newer(last, HOUR).unwrap());
    assert_eq!(until_waiting(&waiters, 3), armed);
    writer.publish(&telemetry(last + 1));
    let news = waiter.join().unwrap();
    assert_eq!(news, Some((last + 1, telemetry(last + 1))));
}

#[test]
fn the_number_of_a_waiter_that_has_gone_is_free_after_the_next_wake_up_of_others() {
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    let create = |number: u32| Event::create(&format!("{name}~wait{number}"), Reset::Auto);
    let mut wake = |numbers: &[u32]| {
        waiters.set(0, numbers.iter().map(|it| 1 << it).sum());
        writer.publish(&telemetry(1));
    };
    for number in 0..32 {
        let event = create(number).unwrap();
        let other = (number + 1) % 32;
        let other_event = create(other).unwrap();
        // The second time with what was kept, if it was.
        for _ in 0..2 {
            wake(&[number, other]);
            assert!(event.try_wait().unwrap());
            assert!(other_event.try_wait().unwrap());
        }
        drop(event);
        // The bit of one that was killed while it waited stays until it is woken in vain.
        for _ in 0..2 {
            assert_eq!(create(number).is_ok(), number >= 16);
            wake(&[number, other]);
            assert!(other_event.try_wait().unwrap());
        }
        wake(&[other]);
        let event = create(number).unwrap();
        assert!(other_event.try_wait().unwrap());
        // That of its successor, and of no other.
        wake(&[number]);
        assert!(event.try_wait().unwrap());
        assert!(!other_event.try_wait().unwrap());
    }
}

#[test]
fn readers_that_come_and_go_do_not_run_out_of_numbers() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    for version in 0..40 {
        let mut reader = Reader::<Telemetry>::open(&name).unwrap();
        let waiter = thread::spawn(move || reader.wait_newer(version, HOUR).unwrap());
        until_waiting(&waiters, 1);
        writer.publish(&telemetry(3));
        assert_eq!(waiter.join().unwrap(), Some((version + 1, telemetry(3))));
    }
}

#[test]
fn more_readers_than_have_a_place_wait_all_the_same() {
    const READERS: u64 = 40;
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    // The writer keeps the events of half of the first, and none of those of the second.
    for (version, places) in [(0, 32), (1, 16), (2, 32)] {
        thread::scope(|scope| {
            let waiting: Vec<_> = (0..READERS)
                .map(|_| {
                    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
                    scope.spawn(move || reader.wait_newer(version, HOUR).unwrap())
                })
                .collect();
            until_waiting(&waiters, places);
            writer.publish(&telemetry(3));
            for reader in waiting {
                assert_eq!(reader.join().unwrap(), Some((version + 1, telemetry(3))));
            }
        });
        assert_eq!(waiters.get(0), 0);
    }
}

#[test]
fn a_reader_that_waits_learns_of_the_next_writer_and_of_its_type() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    writer.publish(&telemetry(1));
    let waiters = Words::open(&format!("{name}~wait"));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    drop(writer);
    let (got, news) = mpsc::channel();
    let waiter = thread::spawn(move || {
        got.send(reader.wait_newer(1, HOUR).unwrap()).unwrap();
        reader.wait_newer(2, HOUR).unwrap_err()
    });
    until_waiting(&waiters, 1);
    let mut writer = Writer::create(&name).unwrap();
    writer.publish(&telemetry(2));
    drop(writer);
    // Before the type changes: a reader that learns of that has no use for what came before.
    assert_eq!(news.recv().unwrap(), Some((2, telemetry(2))));
    let _writer = Writer::<Grown>::create(&name).unwrap();
    let error = waiter.join().unwrap();
    assert_differs_in(Err::<(), _>(error), "fuel");
}

#[test]
fn a_writer_without_readers_that_wait_leaves_nothing_armed() {
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    // A bit without an event: that of a waiter that was killed.
    waiters.set(0, u32::MAX);
    writer.publish(&telemetry(1));
    assert_eq!(waiters.get(0), 0);
    reader.wait_newer(1, Duration::from_millis(5)).unwrap();
    assert_eq!(waiters.get(0), 0);
}

// Versions that do not fit one word.

#[test]
fn versions_go_on_where_the_words_they_are_made_of_wrap() {
    for last in [
        (1 << 31) - 3,
        (1 << 32) - 2,
        (1 << 32) - 67,
        (1 << 33) - 2,
        (5 << 32) - 1,
    ] {
        let name = fresh_name();
        let mut writer = Writer::create(&name).unwrap();
        writer.publish(&telemetry(1));
        let payload = Payload::open(&name);
        let mut reader = Reader::<Telemetry>::open(&name).unwrap();
        drop(writer);
        payload.set_version(last);
        assert_eq!(reader.latest().unwrap().unwrap().0, last);
        let mut writer = Writer::create(&name).unwrap();
        assert_eq!(writer.version(), last);
        for version in last + 1..last + 200 {
            let expected = Some((version, telemetry(version)));
            assert_eq!(reader.newer_than(version - 1).unwrap(), None);
            assert_eq!(writer.publish(&telemetry(version)), version);
            assert_eq!(reader.newer_than(version - 1).unwrap(), expected);
            assert_eq!(reader.latest().unwrap(), expected);
            assert_eq!(payload.words.get(LATEST), version as u32);
            assert_eq!(payload.sequence(version), version << 1);
        }
    }
}

#[test]
fn a_value_that_is_not_the_last_yet_is_not_taken_for_it() {
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    writer.publish(&telemetry(1));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let payload = Payload::open(&name);
    // As just before a writer that has come round says so: whole, and the one before is the last.
    payload.set_sequence(1, (1 + u64::from(payload.slots)) << 1);
    for _ in 0..3 {
        let error = reader.latest().unwrap_err();
        assert!(
            matches!(error, SharedMemoryError::Contended { .. }),
            "{error:?}"
        );
    }
    writer.publish(&telemetry(2));
    assert_eq!(reader.latest().unwrap(), Some((2, telemetry(2))));
}

#[test]
fn a_version_that_differs_in_the_high_word_alone_is_another() {
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    writer.publish(&telemetry(1));
    let payload = Payload::open(&name);
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    drop(writer);
    let last = (1 << 32) + 1;
    payload.set_version(last);
    let news = reader.newer_than(1).unwrap().unwrap();
    assert_eq!(news.0, last);
}
