//! Values read without their type.

use std::time::Duration;

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
            assert!(bytes.capacity() <= 4096, "{garbage:#x} at {at}");
            match BytesReader::open_with(&name, SharedMemoryOptions::new().wait(Duration::ZERO)) {
                Ok(mut late) => {
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
