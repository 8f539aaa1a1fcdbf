//! Writers of slices. A slice says its own number with each of its elements, and with their count.

use std::thread;

use win_shared_memory::snapshot::{SliceReader, SliceWriter};

use super::{Done, HOUR, done, for_each_step};

const CAPACITY: usize = 100;

fn slice(number: u64) -> Vec<u64> {
    vec![number; 1 + number as usize % CAPACITY]
}

fn writer(name: &str) -> SliceWriter<u64> {
    SliceWriter::register(name, CAPACITY).unwrap()
}

/// What a child does that dies at a step; `count` says from where on steps count.
pub(super) fn act(act: &str, name: &str, done: &Done, count: impl FnOnce()) {
    let next = done.read() + 1;
    match act {
        "publish a slice" => {
            let mut writer = writer(name);
            count();
            writer.publish(&slice(next)).unwrap();
            done.write(&next);
        }
        "publish a draft of a slice" => {
            let mut writer = writer(name);
            count();
            let mut draft = writer.draft();
            for value in slice(next) {
                draft.push(&value).unwrap();
            }
            draft.publish();
            done.write(&next);
        }
        "register for longer slices" => {
            count();
            let capacity = CAPACITY * next as usize;
            drop(SliceWriter::<u64>::register(name, capacity).unwrap());
        }
        other => panic!("{other}"),
    }
}

/// The number of the last slice, which is whole; 0 for none.
#[track_caller]
fn latest(reader: &mut SliceReader<u64>) -> u64 {
    let Some(latest) = reader.latest().unwrap() else {
        return 0;
    };
    assert_eq!(latest, slice(latest[0]));
    latest[0]
}

/// Writers that die, and others that take over from them while readers look on and wait.
fn take_over_from_those_who(act: &str) {
    let mut held: Option<(SliceReader<u64>, Done)> = None;
    for_each_step(act, 6, |_, name, live_and_die| {
        let (reader, done) = held.get_or_insert_with(|| {
            let mut first = writer(name);
            first.publish(&slice(1)).unwrap();
            (SliceReader::open(name).unwrap(), done(name))
        });
        let before = latest(reader);
        done.write(&before);
        let mut late = SliceReader::<u64>::open(name).unwrap();
        let waiter = thread::spawn(move || {
            while latest(&mut late) < before + 2 {
                assert!(late.wait_changed(HOUR).unwrap());
            }
        });
        live_and_die();
        let found = latest(reader);
        assert!(found == before || found == before + 1, "{found}");
        assert!(found >= done.read());

        let mut writer = writer(name);
        assert_eq!(latest(reader), found);
        writer.publish(&slice(before + 2)).unwrap();
        assert_eq!(latest(reader), before + 2);
        assert_eq!(reader.generation(), 1);
        waiter.join().unwrap();
    });
}

#[test]
fn writers_that_die_at_each_step_of_publishing_a_slice() {
    take_over_from_those_who("publish a slice");
}

#[test]
fn writers_that_die_at_each_step_of_a_draft_of_a_slice() {
    take_over_from_those_who("publish a draft of a slice");
}

#[test]
fn writers_that_die_at_each_step_of_registering_for_longer_slices() {
    let mut held: Option<(SliceReader<u64>, Done)> = None;
    for_each_step(
        "register for longer slices",
        12,
        |round, name, live_and_die| {
            let (reader, done) = held.get_or_insert_with(|| {
                let mut first = writer(name);
                first.publish(&slice(1)).unwrap();
                (SliceReader::open(name).unwrap(), done(name))
            });
            let before = latest(reader);
            // Longer than those of the round before.
            done.write(&round);
            live_and_die();
            // Of a payload that is replaced, readers keep the last slice until there is another.
            let found = latest(reader);
            assert!(found == before || found == 0, "{found}");
            let mut writer = writer(name);
            writer.publish(&slice(round + 1)).unwrap();
            assert_eq!(latest(reader), round + 1);
            assert_eq!(reader.generation(), writer.generation());
        },
    );
}
