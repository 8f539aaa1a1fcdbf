//! Writers of slices. The length of a slice follows from its version.

use std::time::{Duration, Instant};

use win_shared_memory::snapshot::{SliceReader, SliceWriter};

use super::{Log, Victims, assert_whole, fill, goes_on, kills, word};
use crate::format::{Payload, RECORD_SEQUENCE, Words};
use crate::support::{Parent, Random, fresh_name};

const CAPACITY: usize = 1000;

fn len(version: u64) -> usize {
    1 + (version * 7919) as usize % CAPACITY
}

fn writer(name: &str) -> SliceWriter<u64> {
    SliceWriter::register(name, CAPACITY).unwrap()
}

/// Publishes the next slice, in one of two ways.
fn publish(writer: &mut SliceWriter<u64>, values: &mut [u64]) -> u64 {
    let version = writer.version() + 1;
    let values = &mut values[..len(version)];
    let published = if version % 2 == 0 {
        let mut draft = writer.draft();
        let mut at = 0;
        while at < values.len() {
            draft.push(&word(version, at)).unwrap();
            at += 1;
        }
        draft.publish()
    } else {
        fill(version, values);
        writer.publish(values).unwrap()
    };
    assert_eq!(published, version);
    version
}

pub(super) fn publish_for_ever(parent: &Parent, log: &Log) {
    let mut values = vec![0; CAPACITY];
    let mut writer = writer(parent.argument(0));
    parent.tell("writes");
    loop {
        log.set_done(publish(&mut writer, &mut values));
    }
}

/// The version of the last slice, which is whole and not older than the one seen before, nor than what a victim had
/// published when this was called.
#[track_caller]
fn look(reader: &mut SliceReader<u64>, values: &mut Vec<u64>, log: &Log) -> u64 {
    let (before, done) = (reader.version(), log.done());
    let version = match reader.latest_into(values).unwrap() {
        true => reader.version(),
        false => 0,
    };
    assert!(
        version >= before.max(done),
        "{version} after {before}, {done}"
    );
    if version > 0 {
        assert_eq!(values.len(), len(version));
        assert_whole(version, values);
    }
    version
}

#[test]
fn slices_outlive_their_writers() {
    let kills = kills(1);
    let name = fresh_name();
    let (mut random, log) = (Random::unpredictable(), Log::of(&name));
    let first = writer(&name);
    // Keeps it all from the first to the last.
    let mut reader = SliceReader::open(&name).unwrap();
    drop(first);
    let (directory, payload) = (Words::open(&name), Payload::open(&name));
    let mut values = Vec::new();
    let mut victims = Victims::new([&name, "slices"]);
    let mut half_done = 0;
    for kill in 0.. {
        if !goes_on(kills, kill, half_done) {
            break;
        }
        let before = payload.highest();
        let mut victim = victims.next();
        if random.below(8) > 0 {
            assert_eq!(victim.answer(), "writes");
        }
        let (start, life) = (Instant::now(), random.below(1_000_000));
        while start.elapsed() < Duration::from_nanos(life) {
            look(&mut reader, &mut values, &log);
        }
        victim.kill();
        look(&mut reader, &mut values, &log);
        let in_slot = payload.half_done().is_some_and(|it| it > before);
        let in_record = directory.get(RECORD_SEQUENCE) % 2 == 1;
        half_done += usize::from(in_slot || in_record);
    }
    println!("{} killed, {half_done} in a slice", victims.killed);
    assert!(10 * half_done >= kills, "{half_done} of {kills}");
    assert!(log.done() > kills as u64 / 2, "they did work");
    let version = publish(&mut writer(&name), &mut vec![0; CAPACITY]);
    assert_eq!(look(&mut reader, &mut values, &log), version);
}
