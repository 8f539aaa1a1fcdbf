//! Hostile regions.

use std::mem::MaybeUninit;
use std::time::Duration;

use win_shared_memory::snapshot::{Reader, Writer};

use super::{Telemetry, telemetry, waiting};
use crate::format::{GENERATION, Payload, Words};
use crate::support::{fresh_name, latest, watchdog};

/// Everything that reads, on a region that somebody scribbles on. Whatever comes of it: no panic, no
/// crash, no wait beyond the timeout.
fn use_all_of(reader: &mut Reader<Telemetry>) {
    let _ = reader.latest();
    let _ = reader.latest_into(&mut telemetry(0));
    let _ = reader.latest_into_uninit(&mut MaybeUninit::uninit());
    let _ = reader.has_changed();
    let _ = reader.wait_changed(Duration::from_millis(1));
    let _ = (reader.writer_liveness(), reader.writer());
}

#[test]
fn garbage_in_any_word_of_the_directory_or_the_payload_is_survived() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
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
            if let Ok(mut late) = Reader::open_with(&name, &waiting(Duration::ZERO)) {
                use_all_of(&mut late);
            }
            writer.publish(&telemetry(1));
            region.set(at, before);
        }
    }
    // Unharmed, now that it is right again.
    writer.publish(&telemetry(5));
    let mut late = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(latest(&mut late).unwrap().1, telemetry(5));
}

#[test]
fn a_writer_takes_over_whatever_the_words_say_that_its_predecessor_left() {
    let _watchdog = watchdog();
    let words = [16, 20, 24, 28, 32, 36].map(|at| (true, at));
    let header = [0, 4, 8, 12, 16, 24, 32, 36, 40, 48, 56, 128, 256, 300].map(|at| (false, at));
    for (in_directory, at) in words.into_iter().chain(header) {
        for garbage in [u32::MAX, 0x8000_0000, 0] {
            let name = fresh_name();
            let mut writer = Writer::register(&name).unwrap();
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
            let mut writer = Writer::register(&name).unwrap();
            writer.publish(&telemetry(2));
            use_all_of(&mut reader);
            let mut late = Reader::<Telemetry>::open_with(&name, &waiting(Duration::ZERO)).unwrap();
            let latest = latest(&mut late).unwrap().1;
            assert_eq!(latest, telemetry(2), "{garbage:#x} at {at}");
        }
    }
}

#[test]
fn the_last_of_all_generations_is_followed_by_another() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&telemetry(1));
    let directory = Words::open(&name);
    drop(writer);
    for at in [GENERATION, GENERATION + 4] {
        directory.set(at, u32::MAX);
    }
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&telemetry(2));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(latest(&mut reader).unwrap().1, telemetry(2));
}
