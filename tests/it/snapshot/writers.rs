//! Which process may write, and what a writer leaves behind.

use std::mem;
use std::process;
use std::thread;
use std::time::Instant;

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::sync::Mutex;
use win_shared_memory::{Liveness, ProcessIdentity, SharedData, SharedMemoryError};

use super::{Grown, Telemetry, publish, telemetry, writing_child};
use crate::format::Payload;
use crate::support::{Child, Parent, fresh_name, latest, watchdog};

#[track_caller]
fn assert_writer_alive<T: SharedData>(name: &str, id: u32) {
    match Writer::<T>::register(name) {
        Err(SharedMemoryError::WriterAlive {
            name: given,
            writer,
            ..
        }) => assert_eq!((given.as_str(), writer.id), (name, id)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_second_writer_in_the_same_process_is_refused_until_the_first_is_dropped() {
    let name = fresh_name();
    let mut first = Writer::register(&name).unwrap();
    first.publish(&telemetry(1));
    assert_writer_alive::<Telemetry>(&name, process::id());
    assert_writer_alive::<Grown>(&name, process::id());
    let thread = thread::spawn({
        let name = name.clone();
        move || assert_writer_alive::<Telemetry>(&name, process::id())
    });
    thread.join().unwrap();
    first.publish(&telemetry(2));

    let mut reader = Reader::open(&name).unwrap();
    drop(first);
    assert_eq!(latest(&mut reader), Some((2, telemetry(2))));
    let mut second = Writer::register(&name).unwrap();
    assert_eq!(latest(&mut reader), Some((2, telemetry(2))));
    assert_eq!(second.publish(&telemetry(3)), 3);
    assert_eq!(latest(&mut reader), Some((3, telemetry(3))));
    assert_eq!(reader.generation(), 1);
}

#[test]
fn of_many_threads_that_come_at_once_one_writes() {
    let _watchdog = watchdog();
    let name = fresh_name();
    for _ in 0..20 {
        let writers: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..6)
                .map(|_| scope.spawn(|| Writer::<Telemetry>::register(&name)))
                .collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let (ok, refused): (Vec<_>, Vec<_>) = writers.iter().partition(|it| it.is_ok());
        assert_eq!((ok.len(), refused.len()), (1, 5));
    }
}

#[test]
fn a_second_writer_is_refused_while_that_of_another_process_lives_and_takes_over_when_it_is_killed()
{
    let _watchdog = watchdog();
    let name = fresh_name();
    let (mut child, id) = writing_child(&name);
    assert_eq!(publish(&mut child, 10), 1);
    assert_eq!(publish(&mut child, 20), 2);
    let mut reader = Reader::open(&name).unwrap();
    assert_writer_alive::<Telemetry>(&name, id);
    assert_eq!(latest(&mut reader), Some((2, telemetry(20))));
    assert_eq!(reader.writer_liveness(), Liveness::Alive);
    let identity = reader.writer().unwrap();
    assert_eq!(identity.id, id);

    child.kill();
    assert_eq!(reader.writer_liveness(), Liveness::Gone);
    assert_eq!(reader.writer(), Some(identity));
    assert_eq!(latest(&mut reader), Some((2, telemetry(20))));
    let mut writer = Writer::register(&name).unwrap();
    assert_eq!(reader.writer_liveness(), Liveness::Alive);
    assert_eq!(reader.writer(), Some(ProcessIdentity::current().unwrap()));
    assert_eq!(latest(&mut reader), Some((2, telemetry(20))));
    assert_eq!(writer.publish(&telemetry(30)), 3);
    assert_eq!(latest(&mut reader), Some((3, telemetry(30))));
    assert_eq!(reader.generation(), 1);
}

#[test]
fn writers_of_two_processes_take_turns() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let (mut child, id) = writing_child(&name);
    let mut reader = Reader::open(&name).unwrap();
    let mut version = 0;
    for _ in 0..10 {
        version += 1;
        assert_eq!(publish(&mut child, version), version);
        assert_eq!(latest(&mut reader), Some((version, telemetry(version))));
        assert_writer_alive::<Telemetry>(&name, id);
        child.tell("drop");
        assert_eq!(child.answer(), "dropped");
        assert_eq!(reader.writer_liveness(), Liveness::Gone);
        assert_eq!(reader.writer(), None);
        assert_eq!(latest(&mut reader), Some((version, telemetry(version))));

        let mut writer = Writer::register(&name).unwrap();
        version += 1;
        assert_eq!(writer.publish(&telemetry(version)), version);
        assert_eq!(latest(&mut reader), Some((version, telemetry(version))));
        drop(writer);
        child.tell("create");
        assert_eq!(child.answer(), "created");
    }
}

#[test]
fn a_writer_is_its_processs_not_its_threads() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let writer = thread::spawn({
        let name = name.clone();
        move || Writer::register(&name).unwrap()
    });
    let mut writer = writer.join().unwrap();
    // The thread that registered it has ended.
    let mut reader = Reader::open(&name).unwrap();
    assert_eq!(reader.writer_liveness(), Liveness::Alive);
    assert_writer_alive::<Telemetry>(&name, process::id());
    let published = thread::spawn(move || writer.publish(&telemetry(3)));
    assert_eq!(published.join().unwrap(), 1);
    assert_eq!(latest(&mut reader), Some((1, telemetry(3))));
    assert_eq!(reader.writer_liveness(), Liveness::Gone);
}

#[test]
#[ignore = "a child process of another test"]
fn child_that_takes_over() {
    let Some(parent) = Parent::find() else { return };
    parent.tell("ready");
    loop {
        assert_eq!(parent.hear(), "go");
        match Writer::<Telemetry>::register(parent.argument(0)) {
            Ok(_writer) => {
                parent.tell(&process::id().to_string());
                parent.stay();
            }
            Err(SharedMemoryError::WriterAlive { .. }) => parent.tell("refused"),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn of_many_processes_that_take_over_from_a_killed_writer_at_once_one_does() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let heir = || {
        let mut heir = Child::start(child_that_takes_over, &[&name]);
        assert_eq!(heir.answer(), "ready");
        heir
    };
    let (mut killed, _) = writing_child(&name);
    assert_eq!(publish(&mut killed, 1), 1);
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let mut heirs: Vec<_> = (0..4).map(|_| heir()).collect();
    for _ in 0..8 {
        killed.kill();
        assert_eq!(reader.writer_liveness(), Liveness::Gone);
        for heir in &mut heirs {
            heir.tell("go");
        }
        let answers: Vec<_> = heirs.iter_mut().map(Child::answer).collect();
        let mut winners = (0..heirs.len()).filter(|&it| answers[it] != "refused");
        let (Some(winner), None) = (winners.next(), winners.next()) else {
            panic!("{answers:?}");
        };
        let id = reader.writer().map(|it| it.id.to_string());
        assert_eq!(id.as_ref(), Some(&answers[winner]));
        assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
        killed = mem::replace(&mut heirs[winner], heir());
    }
}

#[test]
fn a_writer_that_panics_leaves_the_last_value_and_its_place() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&telemetry(1));
    let mut reader = Reader::open(&name).unwrap();
    let panics = thread::spawn(move || {
        let draft = writer.draft_from_last();
        draft.place().write(&telemetry(2));
        panic!("as a test");
    });
    panics.join().unwrap_err();
    assert_eq!(reader.writer_liveness(), Liveness::Gone);
    assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
    let mut writer = Writer::register(&name).unwrap();
    let version = writer.publish(&telemetry(3));
    assert_eq!(latest(&mut reader), Some((version, telemetry(3))));
}

#[test]
fn a_writer_does_not_wait_for_ever_for_one_that_hangs_while_it_registers() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let registration = Mutex::create(&format!("{name}~mutex")).unwrap();
    let _hangs = registration.lock().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let start = Instant::now();
            match Writer::<Telemetry>::register(&name) {
                Err(SharedMemoryError::NotReady { timeout, .. }) => {
                    assert!(start.elapsed() >= timeout);
                }
                other => panic!("{other:?}"),
            }
        });
    });
    let error = Reader::<Telemetry>::open(&name).unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
}

/// However many writers in a row give up before they publish anything: each leaves a slot that is
/// half written, and the last value must not be in one of those.
fn assert_kept_by_writers_that_give_up<const N: usize>(slots: u32) {
    let name = fresh_name();
    let mut writer = Writer::<[u8; N]>::register(&name).unwrap();
    let mut reader = Reader::<[u8; N]>::open(&name).unwrap();
    let mut value: Box<[u8; N]> = vec![0; N].try_into().unwrap();
    let payload = Payload::open(&name);
    assert_eq!(payload.slots, slots);
    let give_up = |mut writer: Writer<[u8; N]>| {
        drop(writer.draft_from_zeros());
        drop(writer);
        Writer::<[u8; N]>::register(&name).unwrap()
    };
    for _ in 0..slots + 2 {
        writer = give_up(writer);
        assert!(!reader.latest_into(&mut value).unwrap());
    }
    let draft = writer.draft_from_zeros();
    draft.place().at(N - 1).write(&5);
    let version = draft.publish();
    for _ in 0..2 * slots + 2 {
        writer = give_up(writer);
        assert!(reader.latest_into(&mut value).unwrap());
        assert_eq!(reader.version(), version);
        assert_eq!(value[N - 1], 5);
        let draft = writer.draft_from_last();
        assert_eq!(draft.place().at(N - 1).read(), 5);
    }
    let next = writer.draft_from_last().publish();
    assert!(next > version);
    assert!(reader.latest_into(&mut value).unwrap());
    assert_eq!(reader.version(), next);
    assert_eq!(value[N - 1], 5);
}

#[test]
fn the_last_value_outlives_any_number_of_writers_that_publish_nothing() {
    assert_kept_by_writers_that_give_up::<8>(64);
    assert_kept_by_writers_that_give_up::<{ 64 << 10 }>(16);
    assert_kept_by_writers_that_give_up::<{ 512 << 10 }>(4);
}
