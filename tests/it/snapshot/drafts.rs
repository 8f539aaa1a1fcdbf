//! Values written in place.

use win_shared_memory::field;
use win_shared_memory::snapshot::{Reader, Writer};

use super::{Telemetry, telemetry};
use crate::support::{fresh_name, latest};

#[test]
fn a_draft_from_zeros_has_nothing_of_earlier_values() {
    let name = fresh_name();
    let mut writer = Writer::<Telemetry>::register(&name).unwrap();
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
                assert_eq!(latest(&mut reader), Some((version, expected)));
            }
        }
    }
}

#[test]
fn a_draft_from_the_last_value_changes_what_is_written_alone() {
    let name = fresh_name();
    let mut writer = Writer::<Telemetry>::register(&name).unwrap();
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
        assert_eq!(latest(&mut reader), Some((version, expected)));
    }
}

#[test]
fn a_draft_is_seen_by_nobody_before_it_is_published_nor_when_it_is_dropped() {
    let name = fresh_name();
    let mut writer = Writer::<Telemetry>::register(&name).unwrap();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    // None published yet, and more drafts than there are slots.
    for _ in 0..100 {
        let draft = writer.draft_from_zeros();
        draft.place().write(&telemetry(5));
        assert_eq!(latest(&mut reader), None);
    }
    writer.publish(&telemetry(1));
    for _ in 0..100 {
        let draft = writer.draft_from_last();
        draft.place().write(&telemetry(5));
        assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
        assert!(!reader.has_changed().unwrap());
    }
    assert_eq!(writer.version(), 1);
    assert_eq!(writer.publish(&telemetry(2)), 2);
    assert_eq!(latest(&mut reader), Some((2, telemetry(2))));
}
