//! No call waits longer than it was told to, whatever others do.

use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::sync::Mutex;
use win_shared_memory::{Section, SharedMemoryError, SharedMutex};

use super::{Telemetry, assert_unknown_format, telemetry, waiting};
use crate::format::{LATEST, Payload};
use crate::support::{fresh_name, watchdog};

const SHORT: Duration = Duration::from_millis(10);

/// Readers that have seen so many published values, of payloads whose latest value is then not where they
/// say.
fn damaged(published: u64) -> impl Iterator<Item = Reader<Telemetry>> {
    [40, 1000, 0x8000_0003, u32::MAX]
        .into_iter()
        .filter(move |latest| u64::from(*latest) > published)
        .map(move |latest| {
            let name = fresh_name();
            let mut writer = Writer::register(&name).unwrap();
            for tick in 1..=published {
                writer.publish(&telemetry(tick));
            }
            let mut reader = Reader::open(&name).unwrap();
            reader.latest().unwrap();
            Payload::open(&name).words.set(LATEST, latest);
            reader
        })
}

#[test]
fn a_latest_version_that_is_nowhere_is_a_change_that_cannot_be_read() {
    let _watchdog = watchdog();
    for published in [0, 1, 70] {
        for mut reader in damaged(published) {
            for timeout in [Duration::ZERO, SHORT, Duration::MAX] {
                assert!(reader.wait_changed(timeout).unwrap());
                assert_unknown_format(reader.latest());
                assert_unknown_format(reader.latest_into(&mut telemetry(0)));
            }
        }
    }
}

#[test]
fn a_loop_that_waits_for_news_of_a_damaged_region_ends() {
    let _watchdog = watchdog();
    for published in [0, 1, 70] {
        for mut reader in damaged(published) {
            let mut value = telemetry(0);
            while reader.wait_changed(SHORT).unwrap() {
                if let Err(error) = reader.latest_into(&mut value) {
                    assert_unknown_format(Err::<(), _>(error));
                    break;
                }
            }
        }
    }
}

#[test]
fn a_latest_version_of_0_is_no_news_or_damage() {
    let _watchdog = watchdog();
    for published in [0, 1, 70] {
        let name = fresh_name();
        let mut writer = Writer::register(&name).unwrap();
        for tick in 1..=published {
            writer.publish(&telemetry(tick));
        }
        let mut reader = Reader::<Telemetry>::open(&name).unwrap();
        reader.latest().unwrap();
        Payload::open(&name).words.set(LATEST, 0);
        // With a value in its slot it is damaged; otherwise just as before the first value.
        if published == 70 {
            assert!(reader.wait_changed(SHORT).unwrap());
            assert_unknown_format(reader.latest());
        } else {
            assert!(!reader.wait_changed(SHORT).unwrap());
            assert_eq!(reader.latest().unwrap(), None);
        }
    }
}

#[test]
fn opening_waits_once_for_a_region_to_appear_and_to_be_ready() {
    const TIMEOUT: Duration = Duration::from_secs(2);
    let _watchdog = watchdog();
    let (snapshot, mutex) = (fresh_name(), fresh_name());
    let start = Instant::now();
    thread::scope(|scope| {
        let ends = [
            scope.spawn(|| {
                let error = Reader::<Telemetry>::open_with(&snapshot, &waiting(TIMEOUT));
                (error.map(drop).unwrap_err(), start.elapsed())
            }),
            scope.spawn(|| {
                let error = SharedMutex::<Telemetry>::open_with(&mutex, &waiting(TIMEOUT));
                (error.map(drop).unwrap_err(), start.elapsed())
            }),
        ];
        // Part of the story, not of the order: the later the regions appear, the longer two waits take.
        thread::sleep(TIMEOUT - Duration::from_millis(200));
        let _unfinished = [&snapshot, &mutex].map(|it| Section::create(it, 4096).unwrap());
        let appeared = start.elapsed();
        for end in ends {
            match end.join().unwrap() {
                (SharedMemoryError::NotReady { timeout, .. }, elapsed) => {
                    assert_eq!(timeout, TIMEOUT);
                    assert!(
                        (TIMEOUT..appeared + TIMEOUT).contains(&elapsed),
                        "{elapsed:?}"
                    );
                }
                // The machine is so slow that they appeared too late.
                (SharedMemoryError::TimedOut { timeout, .. }, _) => assert_eq!(timeout, TIMEOUT),
                (error, _) => panic!("{error:?}"),
            }
        }
    });
}

#[test]
fn a_companion_mutex_that_is_held_is_not_waited_for_past_the_timeout() {
    let _watchdog = watchdog();
    let (snapshot, mutex) = (fresh_name(), fresh_name());
    let _mutex = SharedMutex::get_or_create(&mutex, &telemetry(1)).unwrap();
    let companions = [&snapshot, &mutex].map(|it| Mutex::get_or_create(&format!("{it}~mutex")));
    let companions = companions.map(Result::unwrap);
    let _held = companions.each_ref().map(|it| it.lock().unwrap());
    // A mutex is granted again to the thread that holds it.
    let errors = thread::scope(|scope| {
        let errors = scope.spawn(|| {
            [Duration::ZERO, SHORT].map(|timeout| {
                let options = waiting(timeout);
                let begun = Instant::now();
                let errors = [
                    SharedMutex::<Telemetry>::open_with(&mutex, &options).map(drop),
                    SharedMutex::get_or_create_with(&mutex, &telemetry(1), &options).map(drop),
                    Writer::<Telemetry>::register_with(&snapshot, &options).map(drop),
                ];
                (timeout, begun.elapsed(), errors)
            })
        });
        errors.join().unwrap()
    });
    for (expected, elapsed, errors) in errors {
        assert!(elapsed >= 3 * expected, "{elapsed:?}");
        for error in errors {
            match error {
                Err(SharedMemoryError::NotReady { timeout, .. }) => assert_eq!(timeout, expected),
                other => panic!("{other:?}"),
            }
        }
    }
}
