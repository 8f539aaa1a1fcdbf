//! Versions that do not fit one word.

use win_shared_memory::snapshot::{Reader, Writer};

use super::{Telemetry, assert_unknown_format, telemetry};
use crate::format::{LATEST, Payload};
use crate::support::{fresh_name, latest, watchdog};

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
        let mut writer = Writer::register(&name).unwrap();
        writer.publish(&telemetry(1));
        let payload = Payload::open(&name);
        let mut reader = Reader::<Telemetry>::open(&name).unwrap();
        drop(writer);
        payload.set_version(last);
        assert_eq!(latest(&mut reader).unwrap().0, last);
        let mut writer = Writer::register(&name).unwrap();
        assert_eq!(writer.version(), last);
        for version in last + 1..last + 200 {
            let expected = Some((version, telemetry(version)));
            assert!(!reader.has_changed().unwrap());
            assert_eq!(writer.publish(&telemetry(version)), version);
            assert!(reader.has_changed().unwrap());
            assert_eq!(latest(&mut reader), expected);
            assert_eq!(payload.words.get(LATEST), version as u32);
            assert_eq!(payload.sequence(version), version << 1);
        }
    }
}

#[test]
fn a_value_that_is_not_the_last_yet_is_not_taken_for_it() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&telemetry(1));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let payload = Payload::open(&name);
    // As just before a writer that has come round says so: whole, and the one before is the last.
    payload.set_sequence(1, (1 + u64::from(payload.slots)) << 1);
    for _ in 0..3 {
        assert_unknown_format(reader.latest());
    }
    writer.publish(&telemetry(2));
    assert_eq!(latest(&mut reader), Some((2, telemetry(2))));
}

#[test]
fn a_version_that_differs_in_the_high_word_alone_is_another() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&telemetry(1));
    let payload = Payload::open(&name);
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
    drop(writer);
    let last = (1 << 32) + 1;
    payload.set_version(last);
    assert!(reader.has_changed().unwrap());
    assert_eq!(latest(&mut reader).unwrap().0, last);
}
