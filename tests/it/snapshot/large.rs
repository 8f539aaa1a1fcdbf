//! Values of megabytes, in a debug build, on a stack as the main thread has it.

use std::thread;
use std::time::Duration;

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{SharedData, SharedMemoryError, field};

use super::HOUR;
use crate::format::Payload;
use crate::support::{fresh_name, poke, watchdog};

const STACK: usize = 1 << 20;

#[derive(SharedData)]
#[repr(C)]
struct Frame {
    is_key: bool,
    pixels: [u8; 4 << 20],
}

#[derive(SharedData)]
#[repr(C)]
struct Samples {
    number: u64,
    samples: [f32; 1 << 20],
}

fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(STACK);
    thread.spawn(test).unwrap().join().unwrap();
}

#[test]
fn a_value_larger_than_the_stack_is_published_and_read() {
    let _watchdog = watchdog();
    on_a_small_stack(|| {
        let name = fresh_name();
        let mut writer = Writer::<Frame>::register(&name).unwrap();
        let mut reader = Reader::<Frame>::open(&name).unwrap();
        let mut room = Box::new_uninit();
        assert!(reader.latest_into_uninit(&mut room).unwrap().is_none());

        let draft = writer.draft_from_zeros();
        field!(draft.is_key).write(&true);
        field!(draft.pixels).at(4_000_000).write(&7);
        assert_eq!(draft.publish(), 1);
        assert!(reader.wait_changed(HOUR).unwrap());
        let frame = reader.latest_into_uninit(&mut room).unwrap().unwrap();
        assert_eq!((reader.version(), frame.is_key), (1, true));
        assert_eq!((frame.pixels[0], frame.pixels[4_000_000]), (0, 7));

        // What was read can be changed and published as it is.
        frame.is_key = false;
        frame.pixels[0] = 9;
        assert_eq!(writer.publish(frame), 2);
        let draft = writer.draft_from_last();
        field!(draft.pixels).at(1).write(&8);
        assert_eq!(draft.publish(), 3);
        let frame = reader.latest_into_uninit(&mut room).unwrap().unwrap();
        assert_eq!((reader.version(), frame.is_key), (3, false));
        assert_eq!(frame.pixels[..2], [9, 8]);
        assert!(!reader.wait_changed(Duration::ZERO).unwrap());
    });
}

#[test]
fn bytes_that_are_no_value_are_refused_where_a_value_is_large() {
    let _watchdog = watchdog();
    on_a_small_stack(|| {
        let name = fresh_name();
        let mut writer = Writer::<Frame>::register(&name).unwrap();
        let version = writer.draft_from_zeros().publish();
        let payload = Payload::open(&name);
        poke(payload.words.view(), payload.value_of(version), 2);
        let mut reader = Reader::<Frame>::open(&name).unwrap();
        match reader.latest_into_uninit(&mut Box::new_uninit()).map(drop) {
            Err(SharedMemoryError::InvalidValue(invalid)) => {
                assert_eq!((invalid.field(), invalid.value()), ("is_key", 2));
            }
            other => panic!("{other:?}"),
        }
        // And taken again once they are one.
        let version = writer.draft_from_zeros().publish();
        let mut room = Box::new_uninit();
        let frame = reader.latest_into_uninit(&mut room).unwrap().unwrap();
        assert_eq!((reader.version(), frame.is_key), (version, false));
    });
}

#[test]
fn a_large_value_of_any_bytes_is_read_over_another() {
    let _watchdog = watchdog();
    on_a_small_stack(|| {
        let name = fresh_name();
        let mut writer = Writer::<Samples>::register(&name).unwrap();
        let mut reader = Reader::<Samples>::open(&name).unwrap();
        let mut room = Box::new_uninit();
        writer.draft_from_zeros().publish();
        let samples = reader.latest_into_uninit(&mut room).unwrap().unwrap();
        let draft = writer.draft_from_last();
        field!(draft.number).write(&5);
        field!(draft.samples).at(1_000_000).write(&0.5);
        let version = draft.publish();
        assert!(reader.latest_into(samples).unwrap());
        assert_eq!(reader.version(), version);
        assert_eq!((samples.number, samples.samples[1_000_000]), (5, 0.5));
    });
}
