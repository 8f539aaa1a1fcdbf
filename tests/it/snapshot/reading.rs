//! What a reader gets.

use std::iter;
use std::mem::MaybeUninit;
use std::time::Duration;

use win_shared_memory::SharedData;
use win_shared_memory::SharedMemoryError;
use win_shared_memory::snapshot::{Reader, Writer};

use super::{Colour, HOUR, Light, Telemetry, telemetry};
use crate::format::Payload;
use crate::raw;
use crate::support::{fresh_name, latest, wait_latest, watchdog};

#[test]
fn nothing_is_there_until_it_is_published() {
    let name = fresh_name();
    let writer = Writer::<Telemetry>::register(&name).unwrap();
    assert_eq!(writer.version(), 0);
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let mut value = telemetry(9);
    assert_eq!(latest(&mut reader), None);
    assert!(!reader.latest_into(&mut value).unwrap());
    assert_eq!(value, telemetry(9), "left alone");
    let mut room = MaybeUninit::uninit();
    assert!(reader.latest_into_uninit(&mut room).unwrap().is_none());
    assert!(!reader.has_changed().unwrap());
    assert!(!reader.wait_changed(Duration::ZERO).unwrap());
    assert_eq!(reader.version(), 0);
    assert_eq!(reader.generation(), 1);
}

#[test]
fn every_way_of_reading_gets_the_last_value_and_its_version() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let mut reader = Reader::open(&name).unwrap();
    // More than there are slots, several times over.
    for version in 1..=300 {
        let expected = telemetry(version * 7);
        assert_eq!(writer.publish(&expected), version);
        assert_eq!(writer.version(), version);
        let (mut value, mut room) = (telemetry(0), MaybeUninit::uninit());
        match version % 3 {
            0 => value = reader.latest().unwrap().unwrap(),
            1 => assert!(reader.latest_into(&mut value).unwrap()),
            _ => value = *reader.latest_into_uninit(&mut room).unwrap().unwrap(),
        }
        assert_eq!((reader.version(), value), (version, expected));
        // And again, as often as it is asked for.
        assert_eq!(latest(&mut reader), Some((version, expected)));
    }
}

#[test]
fn a_value_has_changed_until_it_is_read_and_waiting_does_not_read_it() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    for version in 1..200 {
        assert!(!reader.has_changed().unwrap());
        writer.publish(&telemetry(version));
        for _ in 0..3 {
            assert!(reader.has_changed().unwrap());
            assert!(reader.wait_changed(HOUR).unwrap());
            assert_eq!(reader.version(), version - 1);
        }
        assert_eq!(latest(&mut reader), Some((version, telemetry(version))));
    }
}

#[test]
fn a_reader_that_comes_late_gets_the_current_value_at_once() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    for tick in 1..=3 {
        writer.publish(&telemetry(tick));
        let mut reader = Reader::open(&name).unwrap();
        assert!(reader.has_changed().unwrap());
        assert_eq!(latest(&mut reader), Some((tick, telemetry(tick))));
    }
}

#[test]
fn several_readers_do_not_take_values_from_each_other() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let mut readers: Vec<_> = (0..5).map(|_| Reader::open(&name).unwrap()).collect();
    writer.publish(&telemetry(4));
    for reader in &mut readers {
        assert!(reader.has_changed().unwrap());
        assert_eq!(latest(reader), Some((1, telemetry(4))));
    }
}

#[test]
fn values_of_all_sizes_and_alignments_survive() {
    fn check<T: SharedData + PartialEq + std::fmt::Debug>(values: [T; 3]) {
        let name = fresh_name();
        let mut writer = Writer::register(&name).unwrap();
        let mut reader = Reader::open(&name).unwrap();
        for (version, value) in iter::zip(1.., values) {
            writer.publish(&value);
            assert_eq!(latest(&mut reader), Some((version, value)));
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
    let mut writer = Writer::<Large>::register(&name).unwrap();
    let mut reader = Reader::<Large>::open(&name).unwrap();
    let mut value: Box<Large> = vec![0; 1 << 17].try_into().unwrap();
    for version in 1..=9 {
        let draft = writer.draft_from_zeros();
        for at in (0..1 << 17).step_by(1000) {
            draft.place().at(at).write(&(version + at as u64));
        }
        assert_eq!(draft.publish(), version);
        assert!(reader.latest_into(&mut value).unwrap());
        assert_eq!(reader.version(), version);
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
    let mut writer = Writer::register(&name).unwrap();
    let light = Light {
        on: true,
        lumen: 800,
        colour: Colour::Green,
    };
    writer.publish(&light);
    let mut reader = Reader::<Light>::open(&name).unwrap();
    assert_eq!(latest(&mut reader), Some((1, light)));

    // Slot 1, where version 1 is.
    let payload = Payload::open(&name);
    let value = payload.value_of(1);
    assert_eq!(payload.words.get(value), 1, "padding is zero");
    payload.words.set(value, 2);
    let mut late = Reader::<Light>::open(&name).unwrap();
    let mut room = MaybeUninit::uninit();
    for result in [
        reader.latest().map(drop),
        late.latest_into_uninit(&mut room).map(drop),
    ] {
        match result {
            Err(SharedMemoryError::InvalidValue(invalid)) => {
                assert_eq!((invalid.field(), invalid.value()), ("on", 2));
            }
            other => panic!("{other:?}"),
        }
    }
    // It counts as seen: whoever waits does not get the same error over and over.
    for reader in [&mut reader, &mut late] {
        assert_eq!(reader.version(), 1);
        assert!(!reader.has_changed().unwrap());
        assert!(!reader.wait_changed(Duration::ZERO).unwrap());
    }
    writer.publish(&light);
    for mut reader in [reader, late] {
        assert_eq!(wait_latest(&mut reader, HOUR), Some((2, light)));
        assert!(!reader.has_changed().unwrap());
    }
}

#[test]
fn a_reader_knows_how_long_nothing_has_changed() {
    const TIME: Duration = Duration::from_millis(300);
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    // By the clock that the reader goes by: with much else to do, Wine sets that late.
    let before = raw::since_start();
    let mut reader = Reader::open(&name).unwrap();
    assert!(reader.unchanged_for() <= raw::since_start() - before);
    let before = raw::since_start();
    writer.publish(&telemetry(1));
    latest(&mut reader);
    // Getting the same again changes nothing.
    while reader.unchanged_for() < TIME {
        latest(&mut reader);
        reader.latest_into(&mut telemetry(0)).unwrap();
    }
    assert!(raw::since_start() - before >= TIME);
    let before = raw::since_start();
    writer.publish(&telemetry(1));
    reader.latest_into(&mut telemetry(0)).unwrap();
    assert!(reader.unchanged_for() <= raw::since_start() - before);
}
