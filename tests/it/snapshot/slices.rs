//! Slices whose length is known at run time.

use std::time::Duration;

use win_shared_memory::snapshot::{Reader, SliceReader, SliceWriter, Writer};
use win_shared_memory::{Liveness, SharedData, SharedMemoryError, field};

use super::{HOUR, Telemetry, assert_unknown_format, telemetry, waiting};
use crate::format::{CAPACITY, Payload};
use crate::support::{Child, Parent, Random, fresh_name, watchdog};

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Lamp {
    on: bool,
    lumen: u32,
}

#[track_caller]
fn assert_too_long<T: std::fmt::Debug>(
    result: Result<T, SharedMemoryError>,
    expected: usize,
    found: usize,
) {
    match result {
        Err(SharedMemoryError::TooLong { len, limit, .. }) => {
            assert_eq!((len, limit), (expected, found));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn slices_of_every_length_are_read_as_they_were_published() {
    let name = fresh_name();
    let mut writer = SliceWriter::<u16>::register(&name, 1000).unwrap();
    let mut reader = SliceReader::<u16>::open(&name).unwrap();
    assert_eq!((writer.capacity(), reader.capacity()), (1000, 1000));
    assert!(writer.was_created());
    assert_eq!(reader.latest().unwrap(), None);
    let mut values = vec![7];
    assert!(!reader.latest_into(&mut values).unwrap());
    assert_eq!(values, [7], "left alone");

    let all: Vec<u16> = (0..1000).collect();
    for (version, len) in (1..).zip((0..1000).step_by(7).chain([1000, 3, 0])) {
        assert_eq!(writer.publish(&all[..len]).unwrap(), version);
        assert!(reader.has_changed().unwrap());
        assert!(reader.latest_into(&mut values).unwrap());
        assert_eq!(values, all[..len]);
        assert_eq!(reader.version(), version);
        assert!(!reader.has_changed().unwrap());
    }
    assert_eq!(reader.latest().unwrap(), Some(vec![]), "empty, not nothing");
}

#[test]
fn a_vector_with_enough_room_is_not_allocated_again() {
    let name = fresh_name();
    let mut writer = SliceWriter::<u64>::register(&name, 100).unwrap();
    let mut reader = SliceReader::<u64>::open(&name).unwrap();
    let mut values = Vec::with_capacity(100);
    let room = (values.as_ptr(), values.capacity());
    for len in [100, 3, 0, 99] {
        writer.publish(&vec![5; len]).unwrap();
        assert!(reader.latest_into(&mut values).unwrap());
        assert_eq!((values.as_ptr(), values.capacity()), room);
        assert_eq!(values, vec![5; len]);
    }
}

#[test]
fn a_slice_longer_than_the_capacity_is_refused_and_changes_nothing() {
    let name = fresh_name();
    let mut writer = SliceWriter::<u32>::register(&name, 10).unwrap();
    let mut reader = SliceReader::<u32>::open(&name).unwrap();
    writer.publish(&[1; 10]).unwrap();
    assert_too_long(writer.publish(&[2; 11]), 11, 10);
    let mut draft = writer.draft();
    draft.extend_from_slice(&[3; 8]).unwrap();
    assert_too_long(draft.extend_from_slice(&[4; 3]), 11, 10);
    assert_eq!(draft.len(), 8);
    draft.push(&5).unwrap();
    draft.push(&5).unwrap();
    assert_too_long(draft.push(&6), 11, 10);
    assert_eq!(reader.latest().unwrap(), Some(vec![1; 10]));
    assert_eq!(draft.publish(), 2);
    let expected = [3, 3, 3, 3, 3, 3, 3, 3, 5, 5];
    assert_eq!(reader.latest().unwrap(), Some(expected.to_vec()));

    // In 32-bit programs the last is 0 again.
    for capacity in [0, usize::MAX, (u32::MAX as usize).wrapping_add(1)] {
        let other = fresh_name();
        assert!(SliceWriter::<u32>::register(&other, capacity).is_err());
    }
}

#[test]
fn a_draft_is_built_in_place_and_seen_when_it_is_published() {
    let name = fresh_name();
    let mut writer = SliceWriter::<Telemetry>::register(&name, 20).unwrap();
    let mut reader = SliceReader::<Telemetry>::open(&name).unwrap();
    let mut expected: Vec<Telemetry> = Vec::new();
    assert!(writer.draft_from_last().is_empty());
    for round in 0..20_u64 {
        let mut draft = writer.draft_from_last();
        draft.push(&telemetry(round)).unwrap();
        expected.push(telemetry(round));
        let first = draft.places().get(0).unwrap();
        field!(first.gear).write(&(round as i32));
        expected[0].gear = round as i32;
        assert_eq!(draft.places().len(), draft.len());
        assert!(!reader.has_changed().unwrap());
        draft.publish();
        assert_eq!(reader.latest().unwrap().as_ref(), Some(&expected));
    }
}

#[test]
fn an_element_that_is_no_value_is_named_with_its_index() {
    let name = fresh_name();
    let mut writer = SliceWriter::<Lamp>::register(&name, 8).unwrap();
    let mut reader = SliceReader::<Lamp>::open(&name).unwrap();
    let lamps = [Lamp { on: true, lumen: 8 }; 5];
    let version = writer.publish(&lamps).unwrap();
    assert_eq!(reader.latest().unwrap(), Some(lamps.to_vec()));
    let payload = Payload::open(&name);
    payload.words.set(payload.value_of(version) + 3 * 8, 2);
    let mut values = vec![lamps[0]; 2];
    match reader.latest_into(&mut values) {
        Err(SharedMemoryError::InvalidValue(invalid)) => {
            let found = (invalid.field(), invalid.offset(), invalid.value());
            assert_eq!(found, ("[3].on", 24, 2));
        }
        other => panic!("{other:?}"),
    }
    assert!(values.is_empty());
    writer.publish(&lamps[..2]).unwrap();
    assert_eq!(reader.latest().unwrap(), Some(lamps[..2].to_vec()));
}

#[test]
fn a_writer_with_a_larger_capacity_is_a_new_generation_and_readers_follow() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = SliceWriter::<u8>::register(&name, 100).unwrap();
    let first = writer.publish(&[1; 100]).unwrap();
    let mut reader = SliceReader::<u8>::open(&name).unwrap();
    assert_eq!(reader.latest().unwrap(), Some(vec![1; 100]));
    drop(writer);
    assert_eq!(reader.writer_liveness(), Liveness::Gone);

    let mut writer = SliceWriter::<u8>::register(&name, 70_000).unwrap();
    assert_eq!((writer.generation(), writer.capacity()), (2, 70_000));
    let second = writer.publish(&[2; 70_000]).unwrap();
    assert!(second > first);
    assert!(reader.wait_changed(HOUR).unwrap());
    assert_eq!(reader.latest().unwrap(), Some(vec![2; 70_000]));
    assert_eq!((reader.generation(), reader.capacity()), (2, 70_000));
    drop(writer);

    // There is room enough for one that asks for less.
    let mut writer = SliceWriter::<u8>::register(&name, 5).unwrap();
    assert_eq!((writer.generation(), writer.capacity()), (2, 70_000));
    assert_eq!(writer.publish(&[3; 6]).unwrap(), second + 1);
    assert_eq!(reader.latest().unwrap(), Some(vec![3; 6]));
}

#[test]
fn a_slice_is_neither_a_value_nor_a_slice_of_something_else() {
    fn assert_mismatch<T: std::fmt::Debug>(result: Result<T, SharedMemoryError>) {
        let is_mismatch = matches!(result, Err(SharedMemoryError::LayoutMismatch(_)));
        assert!(is_mismatch, "{result:?}");
    }
    let (slices, values) = (fresh_name(), fresh_name());
    let slice_writer = SliceWriter::<u32>::register(&slices, 4).unwrap();
    let _writer = Writer::<[u32; 4]>::register(&values).unwrap();
    assert_mismatch(Reader::<u32>::open(&slices));
    assert_mismatch(Reader::<[u32; 4]>::open(&slices));
    assert_mismatch(SliceReader::<i32>::open(&slices));
    assert_mismatch(SliceReader::<u32>::open(&values));
    let reader = SliceReader::<u32>::open(&slices).unwrap();
    drop(slice_writer);
    // Not for a writer, either: the next generation is its.
    let writer = Writer::<u32>::register(&slices).unwrap();
    assert_eq!((writer.generation(), reader.generation()), (2, 1));
}

#[test]
fn a_length_that_nobody_can_have_written_is_damage() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = SliceWriter::<u64>::register(&name, 100).unwrap();
    let mut reader = SliceReader::<u64>::open(&name).unwrap();
    let version = writer.publish(&[9; 100]).unwrap();
    let payload = Payload::open(&name);
    for len in [101, 1 << 20, 1 << 31, u32::MAX] {
        payload.set_len(version, len);
        assert_unknown_format(reader.latest());
        let mut values = Vec::new();
        assert_unknown_format(reader.latest_into(&mut values));
        assert_eq!(values.capacity(), 0, "nothing was allocated for it");
        assert!(writer.draft_from_last().is_empty());
    }
    payload.set_len(version, 99);
    assert_eq!(reader.latest().unwrap(), Some(vec![9; 99]));
}

#[test]
fn a_capacity_that_the_region_has_no_room_for_is_damage() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = SliceWriter::<u64>::register(&name, 100).unwrap();
    writer.publish(&[9; 100]).unwrap();
    let payload = Payload::open(&name);
    for capacity in [0, 80, 200, 1 << 16, 1 << 31, u32::MAX] {
        payload.words.set(CAPACITY, capacity);
        let opened = SliceReader::<u64>::open_with(&name, &waiting(Duration::ZERO));
        assert_unknown_format(opened);
    }
    payload.words.set(CAPACITY, 100);
    let mut reader = SliceReader::<u64>::open(&name).unwrap();
    assert_eq!(reader.latest().unwrap(), Some(vec![9; 100]));
}

#[test]
fn garbage_in_any_word_is_survived() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = SliceWriter::<Lamp>::register(&name, 8).unwrap();
    let mut reader = SliceReader::<Lamp>::open(&name).unwrap();
    let lamps = [Lamp { on: true, lumen: 8 }; 5];
    writer.publish(&lamps).unwrap();
    let payload = Payload::open(&name);
    let slots = (0..8).map(|word| payload.first + payload.stride() + 4 * word);
    for at in (0..40).map(|word| 4 * word).chain(slots) {
        for garbage in [u32::MAX, 0x8000_0000, 3, 0] {
            let before = payload.words.get(at);
            payload.words.set(at, garbage);
            let mut values = Vec::new();
            let _ = reader.latest_into(&mut values);
            assert!(values.len() <= 8);
            if let Ok(mut late) = SliceReader::<Lamp>::open_with(&name, &waiting(Duration::ZERO)) {
                let _ = late.latest();
            }
            payload.words.set(at, before);
        }
    }
    writer.publish(&lamps).unwrap();
    assert_eq!(reader.latest().unwrap(), Some(lamps.to_vec()));
}

/// What is published as a version: its length and all its elements follow from that.
fn slice_of(version: u64, capacity: usize) -> Vec<u64> {
    vec![version; Random::of(version).below(capacity as u64 + 1) as usize]
}

const CAPACITIES: [usize; 2] = [40, 20_000];

#[test]
#[ignore = "a child process of other tests"]
fn child_that_publishes_slices() {
    let Some(parent) = Parent::find() else { return };
    let capacity = parent.argument(1).parse().unwrap();
    let mut writer = SliceWriter::register(parent.argument(0), capacity).unwrap();
    parent.tell("writes");
    loop {
        writer
            .publish(&slice_of(writer.version() + 1, capacity))
            .unwrap();
    }
}

fn publishing_child(name: &str, capacity: usize) -> Child {
    let mut child = Child::start(child_that_publishes_slices, &[name, &capacity.to_string()]);
    assert_eq!(child.answer(), "writes");
    child
}

#[test]
fn slices_are_whole_while_another_process_publishes_and_after_it_was_killed() {
    const KILLS: usize = 10;
    let _watchdog = watchdog();
    for capacity in CAPACITIES {
        let name = fresh_name();
        let mut child = publishing_child(&name, capacity);
        let mut reader = SliceReader::<u64>::open(&name).unwrap();
        let (mut values, mut last) = (Vec::new(), 0);
        let mut look = |reader: &mut SliceReader<u64>| {
            if reader.latest_into(&mut values).unwrap() {
                let version = reader.version();
                assert!(version >= last, "{version} after {last}");
                assert_eq!(values, slice_of(version, capacity), "{version}");
                last = version;
            }
            last
        };
        for _ in 0..KILLS {
            let first = look(&mut reader);
            while look(&mut reader) < first + 1000 {}
            child.kill();
            assert_eq!(reader.writer_liveness(), Liveness::Gone);
            let kept = look(&mut reader);
            assert_eq!(look(&mut reader), kept);
            child = publishing_child(&name, capacity);
        }
        assert_eq!(reader.generation(), 1);
    }
}

#[test]
fn frames_of_megabytes_are_published_and_read() {
    const LEN: usize = 8 << 20;
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = SliceWriter::<u8>::register(&name, LEN).unwrap();
    let mut reader = SliceReader::<u8>::open(&name).unwrap();
    let mut frame = Vec::new();
    for round in 0..6_u8 {
        let mut draft = writer.draft();
        for row in 0..8 {
            draft
                .extend_from_slice(&vec![round + row; LEN / 8])
                .unwrap();
        }
        draft.publish();
        assert!(reader.latest_into(&mut frame).unwrap());
        assert_eq!(frame.len(), LEN);
        for (row, pixels) in (0..).zip(frame.chunks(LEN / 8)) {
            assert!(pixels.iter().all(|pixel| *pixel == round + row));
        }
    }
}
