//! What a reader gets.

use std::iter;
use std::time::Duration;

use win_shared_memory::SharedData;
use win_shared_memory::SharedMemoryError;
use win_shared_memory::snapshot::{Reader, Writer};

use super::{Colour, HOUR, Light, Telemetry, telemetry};
use crate::format::Payload;
use crate::raw;
use crate::support::{fresh_name, watchdog};

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
    let _watchdog = watchdog();
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
    for result in [
        reader.try_latest(),
        reader.try_newer_than(0),
        reader.try_wait_newer(0, HOUR),
    ] {
        match result {
            Err(SharedMemoryError::InvalidValue(invalid)) => {
                assert!(invalid.to_string().contains("on"), "{invalid}");
            }
            other => panic!("{other:?}"),
        }
    }
    writer.publish(&light);
    assert_eq!(reader.try_latest().unwrap(), Some((2, light)));
    assert_eq!(reader.try_newer_than(1).unwrap(), Some((2, light)));
    assert_eq!(reader.try_wait_newer(1, HOUR).unwrap(), Some((2, light)));
    assert_eq!(reader.try_newer_than(2).unwrap(), None);
    assert_eq!(reader.try_wait_newer(2, Duration::ZERO).unwrap(), None);
}

#[test]
fn a_reader_knows_how_long_nothing_has_changed() {
    const TIME: Duration = Duration::from_millis(300);
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::create(&name).unwrap();
    // By the clock that the reader goes by: with much else to do, Wine sets that late.
    let before = raw::since_start();
    let mut reader = Reader::open(&name).unwrap();
    assert!(reader.unchanged_for() <= raw::since_start() - before);
    let before = raw::since_start();
    writer.publish(&telemetry(1));
    reader.latest().unwrap();
    // Getting the same again changes nothing.
    while reader.unchanged_for() < TIME {
        reader.latest().unwrap();
        reader.try_latest().unwrap();
    }
    assert!(raw::since_start() - before >= TIME);
    let before = raw::since_start();
    writer.publish(&telemetry(1));
    reader.latest_into(&mut telemetry(0)).unwrap();
    assert!(reader.unchanged_for() <= raw::since_start() - before);
}
