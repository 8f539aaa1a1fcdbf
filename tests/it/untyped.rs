//! Values read without their type.

use std::time::Duration;

use win_shared_memory::broadcast::{News, Sender};
use win_shared_memory::snapshot::{SliceWriter, Writer};
use win_shared_memory::untyped::{BytesReader, Content};
use win_shared_memory::{
    Liveness, SharedData, SharedMemoryError, SharedMemoryOptions, SharedMutex, schema,
};

use crate::format::{Payload, Words};
use crate::support::{fresh_name, watchdog};

#[derive(SharedData)]
#[repr(C)]
struct Reading {
    sensor: u8,
    value: f32,
}

fn latest(reader: &mut BytesReader) -> Vec<u8> {
    let mut bytes = vec![0xaa; 3];
    assert!(reader.latest_into(&mut bytes).unwrap());
    bytes
}

#[test]
fn a_snapshot_tells_its_bytes_and_what_they_are() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let mut reader = BytesReader::open(&name).unwrap();
    let mut bytes = vec![7];
    assert!(!reader.latest_into(&mut bytes).unwrap());
    assert_eq!(bytes, [7], "it is left as it is");
    let (sensor, value) = (9, 1.5);
    writer.publish(&Reading { sensor, value });
    assert!(reader.wait_changed(Duration::MAX).unwrap());
    assert_eq!(latest(&mut reader), [9, 0, 0, 0, 0, 0, 0xc0, 0x3f]);
    assert_eq!(reader.content(), Content::Value);
    assert_eq!(reader.schema(), schema!(Reading));
    assert_eq!((reader.size(), reader.generation()), (8, 1));
    assert_eq!(reader.writer_liveness(), Liveness::Alive);
    assert!(!reader.has_changed().unwrap());
    drop(writer);
    assert_eq!(reader.writer_liveness(), Liveness::Gone);
    assert_eq!(latest(&mut reader)[0], 9, "the last value stays");
}

#[test]
fn a_slice_tells_its_elements_and_the_room_there_is() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = SliceWriter::<u16>::register(&name, 5).unwrap();
    writer.publish(&[0x0201, 3]).unwrap();
    let mut reader = BytesReader::open(&name).unwrap();
    assert_eq!(latest(&mut reader), [1, 2, 3, 0]);
    assert!(matches!(
        reader.content(),
        Content::Slice { capacity: 5, .. }
    ));
    assert_eq!((reader.schema(), reader.size()), ("\"u16\"", 2));
    writer.publish(&[]).unwrap();
    assert_eq!(latest(&mut reader), []);
}

/// The next value, if there is one.
fn next(reader: &mut BytesReader) -> Option<Vec<u8>> {
    let mut bytes = vec![0xaa; 3];
    match reader.next_into(&mut bytes).unwrap()? {
        News::Message(()) => Some(bytes),
        News::Lagged(missed) => panic!("{missed} are missed"),
    }
}

#[test]
fn each_message_is_read_in_turn_and_what_is_overwritten_is_counted() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut sender = Sender::register(&name).unwrap();
    let mut reader = BytesReader::open(&name).unwrap();
    assert_eq!(next(&mut reader), None);
    sender.send(&1_u16);
    sender.send(&2);
    assert!(reader.wait_changed(Duration::MAX).unwrap());
    assert_eq!(next(&mut reader).unwrap(), [1, 0]);
    assert!(reader.has_changed().unwrap());
    assert_eq!(next(&mut reader).unwrap(), [2, 0]);
    assert!(!reader.has_changed().unwrap());
    assert_eq!(next(&mut reader), None);
    for number in 3..=1000 {
        sender.send(&number);
    }
    let mut bytes = Vec::new();
    let Some(News::Lagged(missed)) = reader.next_into(&mut bytes).unwrap() else {
        panic!("so many are not kept");
    };
    assert_eq!(reader.version(), 2 + missed);
    for number in 3 + missed..=1000 {
        let low_and_high = u16::try_from(number).unwrap().to_le_bytes();
        assert_eq!(next(&mut reader).unwrap(), low_and_high);
    }
    assert_eq!(next(&mut reader), None);
    drop(sender);
    let end = reader.next_into(&mut bytes);
    assert!(
        end.as_ref().is_err_and(|it| it.is_disconnected()),
        "{end:?}"
    );
}

#[test]
fn what_a_writer_has_published_is_read_before_what_its_successor_does() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let mut reader = BytesReader::open(&name).unwrap();
    writer.publish(&1_u16);
    writer.publish(&2_u16);
    drop(writer);
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&3_u32);
    writer.publish(&4_u32);
    assert!(reader.wait_next(Duration::MAX).unwrap());
    assert_eq!(next(&mut reader).unwrap(), [1, 0]);
    assert!(reader.wait_next(Duration::MAX).unwrap());
    assert_eq!(next(&mut reader).unwrap(), [2, 0]);
    assert_eq!(reader.size(), 2);
    assert!(reader.wait_next(Duration::MAX).unwrap());
    assert_eq!(next(&mut reader).unwrap(), [3, 0, 0, 0]);
    assert_eq!((reader.size(), reader.schema()), (4, "\"u32\""));
    assert_eq!(next(&mut reader).unwrap(), [4, 0, 0, 0]);
    assert_eq!(next(&mut reader), None);
    assert!(!reader.wait_next(Duration::from_millis(1)).unwrap());
    // A reader that has read nothing begins with the oldest value of this payload.
    let mut late = BytesReader::open(&name).unwrap();
    assert_eq!(next(&mut late).unwrap(), [3, 0, 0, 0]);
}

#[test]
fn a_value_that_its_writer_did_not_finish_counts_as_overwritten() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let mut reader = BytesReader::open(&name).unwrap();
    writer.publish(&1_u16);
    // As if it were killed there.
    let _unfinished = writer.draft_from_zeros();
    drop(writer);
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&2_u16);
    assert_eq!(next(&mut reader).unwrap(), [1, 0]);
    let lagged = reader.next_into(&mut Vec::new()).unwrap();
    assert_eq!(lagged, Some(News::Lagged(1)));
    assert_eq!(next(&mut reader).unwrap(), [2, 0]);
}

#[test]
fn of_a_shared_mutex_the_next_value_is_the_last_one() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mutex = SharedMutex::get_or_create(&name, &5_u16).unwrap();
    let mut reader = BytesReader::open(&name).unwrap();
    assert_eq!(next(&mut reader).unwrap(), [5, 0]);
    assert_eq!(next(&mut reader), None);
    assert!(!reader.wait_next(Duration::ZERO).unwrap());
    mutex.update(|it| *it = 6).unwrap();
    mutex.update(|it| *it = 7).unwrap();
    assert_eq!(next(&mut reader).unwrap(), [7, 0]);
    assert_eq!(next(&mut reader), None);
}

#[test]
fn a_shared_mutex_is_read_without_its_lock() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mutex = SharedMutex::get_or_create(&name, &5_u32).unwrap();
    let held = mutex.lock().unwrap();
    let mut reader = BytesReader::open(&name).unwrap();
    assert_eq!(latest(&mut reader), [5, 0, 0, 0]);
    assert_eq!(reader.content(), Content::SharedMutex);
    assert_eq!(reader.writer_liveness(), Liveness::Unknown);
    assert!(!reader.wait_changed(Duration::from_millis(5)).unwrap());
    drop(held);
    mutex.update(|it| *it = 6).unwrap();
    assert!(reader.wait_changed(Duration::MAX).unwrap());
    assert_eq!(latest(&mut reader), [6, 0, 0, 0]);
}

#[test]
fn a_writer_that_comes_back_with_another_type_is_followed() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&7_u8);
    let mut reader = BytesReader::open(&name).unwrap();
    assert_eq!(latest(&mut reader), [7]);
    drop(writer);
    let mut writer = SliceWriter::<u64>::register(&name, 1).unwrap();
    writer.publish(&[8]).unwrap();
    assert_eq!(latest(&mut reader), [8, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!((reader.schema(), reader.size()), ("\"u64\"", 8));
    assert!(matches!(reader.content(), Content::Slice { .. }));
}

#[test]
fn values_that_are_marked_as_seen_are_not_news() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let mut reader = BytesReader::open(&name).unwrap();
    assert!(!reader.mark_seen().unwrap());
    writer.publish(&1_u8);
    assert!(reader.has_changed().unwrap() && reader.mark_seen().unwrap());
    assert!(!reader.has_changed().unwrap());
    writer.publish(&2_u8);
    assert!(reader.has_changed().unwrap());
}

#[test]
fn what_does_not_describe_itself_is_not_opened() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let absent = BytesReader::open(&name).unwrap_err();
    assert!(absent.is_not_found(), "{absent:?}");
    let section = win_shared_memory::Section::create(&name, 100).unwrap();
    let words = Words::of(section);
    words.set(0, 1);
    let foreign = BytesReader::open(&name).unwrap_err();
    assert!(
        matches!(foreign, SharedMemoryError::UnknownFormat { .. }),
        "{foreign:?}"
    );
}

/// What a header claims that nobody has written is an error or harmless: nothing is read beyond what is mapped, and
/// no memory is allocated that the region does not have.
#[test]
fn garbage_in_any_word_of_the_header_is_survived() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = SliceWriter::<u32>::register(&name, 100).unwrap();
    writer.publish(&[1, 2, 3]).unwrap();
    let mut reader = BytesReader::open(&name).unwrap();
    let (directory, payload) = (Words::open(&name), Payload::open(&name));
    let slot = payload.first;
    let header = (0..64).map(|word| (&payload.words, 4 * word));
    let schema = (0..4).map(|word| (&payload.words, 256 + 4 * word));
    let slots = (0..3).map(|word| (&payload.words, slot + 4 * word));
    let words = (0..16).map(|word| (&directory, 4 * word));
    let mut refused = 0;
    for (region, at) in words.chain(header).chain(schema).chain(slots) {
        for garbage in [u32::MAX, 0x8000_0000, 3, 0] {
            let before = region.get(at);
            region.set(at, garbage);
            let mut bytes = Vec::new();
            let _ = reader.latest_into(&mut bytes);
            let _ = reader.wait_changed(Duration::ZERO);
            let _ = reader.wait_next(Duration::ZERO);
            let _ = reader.next_into(&mut bytes);
            assert!(bytes.capacity() <= 4096, "{garbage:#x} at {at}");
            match BytesReader::open_with(&name, SharedMemoryOptions::new().wait(Duration::ZERO)) {
                Ok(mut late) => {
                    let _ = late.next_into(&mut bytes);
                    let _ = late.latest_into(&mut bytes);
                    assert!(bytes.capacity() <= 4096, "{garbage:#x} at {at}");
                }
                Err(_) => refused += 1,
            }
            region.set(at, before);
        }
    }
    assert!(refused > 60, "{refused}");
    writer.publish(&[4]).unwrap();
    assert_eq!(latest(&mut reader), [4, 0, 0, 0]);
}
