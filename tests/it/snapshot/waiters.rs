//! Readers that wait.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::sync::{Event, Reset};

use super::{Grown, HOUR, Telemetry, assert_differs_in, telemetry};
use crate::format::{ARMED, Words};
use crate::support::{Child, Parent, fresh_name, latest, wait_latest, watchdog};

#[test]
fn what_is_new_already_is_not_waited_for() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&telemetry(1));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    for timeout in [Duration::ZERO, HOUR, Duration::MAX] {
        assert!(reader.wait_changed(timeout).unwrap());
    }
    assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
}

#[test]
fn waiting_for_what_does_not_come_takes_the_timeout_and_not_less() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    for _ in 0..2 {
        for timeout in [0, 1, 20, 120].map(Duration::from_millis) {
            let start = Instant::now();
            assert!(!reader.wait_changed(timeout).unwrap());
            assert!(start.elapsed() >= timeout, "{:?}", start.elapsed());
        }
        writer.publish(&telemetry(1));
        reader.latest().unwrap();
    }
}

/// How often readers are woken.
const WAKE_UPS: u64 = 500;

/// Says each version it waits for, and what it got.
#[test]
#[ignore = "a child process of other tests"]
fn child_that_waits() {
    let Some(parent) = Parent::find() else { return };
    let mut reader = Reader::<Telemetry>::open(parent.argument(0)).unwrap();
    for version in 1.. {
        parent.tell(&reader.version().to_string());
        let news = wait_latest(&mut reader, HOUR).unwrap();
        assert_eq!(news, (version, telemetry(version)));
    }
}

fn waiting_children(name: &str, count: usize) -> Vec<Child> {
    (0..count)
        .map(|_| Child::start(child_that_waits, &[name]))
        .collect()
}

/// Waits until that many readers have said in the region that they wait. Not all at once: each looks
/// by itself from time to time.
fn until_waiting(waiters: &Words, count: u32) -> u32 {
    let mut armed = 0_u32;
    while armed.count_ones() < count {
        thread::yield_now();
        armed |= waiters.get(ARMED);
    }
    armed
}

/// Tells being woken from looking by oneself, which each reader does every 50 ms. With much else to do
/// the one may take as long as the other, but not always.
#[derive(Default)]
struct WakeUps {
    all: u32,
    prompt: u32,
}

impl WakeUps {
    fn note(&mut self, published: Instant) {
        self.all += 1;
        self.prompt += u32::from(published.elapsed() < Duration::from_millis(25));
    }

    #[track_caller]
    fn assert_woken(&self) {
        let Self { all, prompt } = self;
        println!("{prompt} of {all} were woken at once");
        assert!(10 * prompt >= *all, "{prompt} of {all} were woken at once");
    }
}

#[test]
fn readers_of_several_processes_are_woken_each_time() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    let mut children = waiting_children(&name, 2);
    for child in &mut children {
        assert_eq!(child.answer(), "0");
    }
    let mut wake_ups = WakeUps::default();
    for version in 1..=WAKE_UPS {
        until_waiting(&waiters, 2);
        let published = Instant::now();
        writer.publish(&telemetry(version));
        for child in &mut children {
            assert_eq!(child.answer(), version.to_string());
            wake_ups.note(published);
        }
    }
    wake_ups.assert_woken();
}

#[test]
fn a_reader_killed_while_it_waits_costs_the_others_nothing() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    let mut children = waiting_children(&name, 3);
    for child in &mut children {
        assert_eq!(child.answer(), "0");
    }
    let armed = until_waiting(&waiters, 3);
    // The writer keeps their events.
    writer.publish(&telemetry(1));
    for child in &mut children {
        assert_eq!(child.answer(), "1");
    }
    assert_eq!(until_waiting(&waiters, 3), armed);
    let mut victim = children.remove(1);
    victim.kill();
    // What it said stays.
    assert_eq!(until_waiting(&waiters, 3), armed);
    let mut wake_ups = WakeUps::default();
    for version in 2..=WAKE_UPS {
        until_waiting(&waiters, 2);
        let published = Instant::now();
        writer.publish(&telemetry(version));
        for child in &mut children {
            assert_eq!(child.answer(), version.to_string());
            wake_ups.note(published);
        }
    }
    wake_ups.assert_woken();

    // Its place is free for another.
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    let last = writer.version();
    assert_eq!(latest(&mut reader), Some((last, telemetry(last))));
    let waiter = thread::spawn(move || wait_latest(&mut reader, HOUR));
    assert_eq!(until_waiting(&waiters, 3), armed);
    writer.publish(&telemetry(last + 1));
    let news = waiter.join().unwrap();
    assert_eq!(news, Some((last + 1, telemetry(last + 1))));
}

#[test]
fn the_number_of_a_waiter_that_has_gone_is_free_after_the_next_wake_up_of_others() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    let create = |number: u32| Event::create(&format!("{name}~wait{number}"), Reset::Auto);
    let mut wake = |numbers: &[u32]| {
        waiters.set(ARMED, numbers.iter().map(|it| 1 << it).sum());
        writer.publish(&telemetry(1));
    };
    for number in 0..32 {
        let event = create(number).unwrap();
        let other = (number + 1) % 32;
        let other_event = create(other).unwrap();
        // The second time with what was kept, if it was.
        for _ in 0..2 {
            wake(&[number, other]);
            assert!(event.try_wait().unwrap());
            assert!(other_event.try_wait().unwrap());
        }
        drop(event);
        // The bit of one that was killed while it waited stays until it is woken in vain.
        for _ in 0..2 {
            assert_eq!(create(number).is_ok(), number >= 16);
            wake(&[number, other]);
            assert!(other_event.try_wait().unwrap());
        }
        wake(&[other]);
        let event = create(number).unwrap();
        assert!(other_event.try_wait().unwrap());
        // That of its successor, and of no other.
        wake(&[number]);
        assert!(event.try_wait().unwrap());
        assert!(!other_event.try_wait().unwrap());
    }
}

#[test]
fn readers_that_come_and_go_do_not_run_out_of_numbers() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    for version in 0..40 {
        let mut reader = Reader::<Telemetry>::open(&name).unwrap();
        reader.latest().unwrap();
        let waiter = thread::spawn(move || wait_latest(&mut reader, HOUR));
        until_waiting(&waiters, 1);
        writer.publish(&telemetry(3));
        assert_eq!(waiter.join().unwrap(), Some((version + 1, telemetry(3))));
    }
}

#[test]
fn more_readers_than_have_a_place_wait_all_the_same() {
    const READERS: u64 = 40;
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    // The writer keeps those events of the lower half that it has set last, which may be any number of them: a
    // reader's bit is clear while it looks by itself. It never keeps those of the upper half.
    for (version, places) in [(0, 32), (1, 16), (2, 16)] {
        thread::scope(|scope| {
            let waiting: Vec<_> = (0..READERS)
                .map(|_| {
                    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
                    reader.latest().unwrap();
                    scope.spawn(move || wait_latest(&mut reader, HOUR))
                })
                .collect();
            until_waiting(&waiters, places);
            writer.publish(&telemetry(3));
            for reader in waiting {
                assert_eq!(reader.join().unwrap(), Some((version + 1, telemetry(3))));
            }
        });
        assert_eq!(waiters.get(ARMED), 0);
    }
}

#[test]
fn a_reader_that_waits_learns_of_the_next_writer_and_of_its_type() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&telemetry(1));
    let waiters = Words::open(&format!("{name}~wait"));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
    drop(writer);
    let (got, news) = mpsc::channel();
    let waiter = thread::spawn(move || {
        got.send(wait_latest(&mut reader, HOUR)).unwrap();
        reader.wait_changed(HOUR).unwrap_err()
    });
    until_waiting(&waiters, 1);
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&telemetry(2));
    drop(writer);
    // Before the type changes: a reader that learns of that has no use for what came before.
    assert_eq!(news.recv().unwrap(), Some((2, telemetry(2))));
    let _writer = Writer::<Grown>::register(&name).unwrap();
    let error = waiter.join().unwrap();
    assert_differs_in(Err::<(), _>(error), "fuel");
}

#[test]
fn what_is_published_under_another_name_is_no_news() {
    let _watchdog = watchdog();
    let (quiet, busy) = (fresh_name(), fresh_name());
    let _quiet = Writer::<Telemetry>::register(&quiet).unwrap();
    let mut busy = Writer::register(&busy).unwrap();
    let mut reader = Reader::<Telemetry>::open(&quiet).unwrap();
    let timeout = Duration::from_millis(60);
    let start = Instant::now();
    let waiter = thread::spawn(move || wait_latest(&mut reader, timeout));
    while !waiter.is_finished() {
        busy.publish(&telemetry(1));
    }
    assert_eq!(waiter.join().unwrap(), None);
    assert!(start.elapsed() >= timeout);
}

#[test]
fn a_writer_without_readers_that_wait_leaves_nothing_armed() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    // A bit without an event: that of a waiter that was killed.
    waiters.set(ARMED, u32::MAX);
    writer.publish(&telemetry(1));
    assert_eq!(waiters.get(ARMED), 0);
    reader.latest().unwrap();
    assert!(!reader.wait_changed(Duration::from_millis(5)).unwrap());
    assert_eq!(waiters.get(ARMED), 0);
}
