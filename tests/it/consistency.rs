//! Whole values from programs that know nothing of this crate: what a reader does with what it finds. The producer is
//! this process; `interop::consistency` has real ones.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::consistency::{
    BufferPlace, Bytes, Cause, Convention, Counts, Inconsistent, Limits, LockRegion, Reader, Word,
};
use win_shared_memory::sync::{Event, Mutex, Reset};
use win_shared_memory::{ReadWrite, Section, SharedMemoryError, View};

use crate::support::{fresh_name, watchdog};

const LIMITS: Limits = Limits {
    attempts: 5,
    timeout: Duration::from_secs(100),
    settle: Duration::from_micros(1),
};

fn view() -> View<ReadWrite> {
    Section::create(&fresh_name(), 4096).unwrap().map().unwrap()
}

fn inconsistent<R>(read: Result<R, SharedMemoryError>) -> Inconsistent {
    match read {
        Err(SharedMemoryError::Inconsistent(error)) => error,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was read"),
    }
}

/// Adds to a word.
fn add(view: &View<ReadWrite>, at: usize, number: u32) {
    let word: u32 = view.read(at).unwrap();
    view.write(at, &(word + number)).unwrap();
}

/// Reads under a convention while the producer does `disturb` during the first so many copies.
#[track_caller]
fn assert_retried(convention: &Convention<'_>, times: u32, cause: Cause, disturb: impl Fn(u32)) {
    let mut reader = Reader::with_limits(LIMITS);
    let copies = Cell::new(0);
    let mut copy = |times| {
        reader.read(convention, |_| {
            copies.set(copies.get() + 1);
            if copies.get() <= times {
                disturb(copies.get());
            }
            copies.get()
        })
    };
    // It copies again, and what a disturbed copy returned is not seen.
    assert_eq!(copy(times).unwrap(), times + 1);
    copies.set(0);
    let error = inconsistent(copy(u32::MAX));
    assert_eq!((error.cause, error.attempts), (cause, LIMITS.attempts));
    assert_eq!(error.timeout, LIMITS.timeout);
    let Counts {
        reads,
        retries,
        failures,
        ..
    } = reader.counts();
    assert_eq!((reads, failures), (2, 1));
    assert_eq!(retries, u64::from(times + LIMITS.attempts - 1));
}

#[test]
fn a_sequence_that_moves_during_the_copy_is_read_again() {
    let view = view();
    let sequence = Convention::sequence(view.place::<u32>(2000).unwrap());
    let write = |_| add(&view, 2000, 2);
    assert_retried(&sequence, 2, Cause::Changed, write);
}

#[test]
fn a_beginning_during_the_copy_is_read_again() {
    let view = view();
    let word = |at| view.place::<u32>(at).unwrap();
    let begin_end = Convention::begin_end(word(0), word(4));
    let write = |_| {
        add(&view, 0, 1);
        add(&view, 4, 1);
    };
    assert_retried(&begin_end, 2, Cause::Changed, write);
}

#[test]
fn a_counter_that_moves_during_the_copy_is_read_again() {
    let view = view();
    let counter = Convention::counter(view.place::<u32>(0).unwrap());
    assert_retried(&counter, 2, Cause::Changed, |_| add(&view, 0, 1));
}

#[test]
fn what_has_no_sign_of_a_write_is_given_its_time_whatever_the_timeout() {
    let view = view();
    let word = view.place::<u32>(0).unwrap();
    let settle = Duration::from_millis(20);
    let mut reader = Reader::with_limits(Limits {
        timeout: Duration::ZERO,
        settle,
        ..LIMITS
    });
    for (convention, times) in [
        (Convention::counter(word), 2),
        (Convention::double_read(Bytes::of(&view).unwrap()), 1),
    ] {
        let start = Instant::now();
        reader.read(&convention, |_| ()).unwrap();
        assert!(start.elapsed() >= times * settle);
    }
}

#[test]
fn bytes_that_change_during_the_copy_are_read_again() {
    let view = view();
    // The last byte of the range, and no other.
    let bytes = Convention::double_read(Bytes::of_range(&view, 5..4090).unwrap());
    let write = |time| view.write(4089, &(time as u8)).unwrap();
    assert_retried(&bytes, 2, Cause::Changed, write);
    let mut reader = Reader::with_limits(LIMITS);
    let beside = reader.read(&bytes, |_| {
        add(&view, 0, 1);
        view.write(4090, &7_u8).unwrap();
    });
    beside.unwrap();
    assert_eq!(reader.counts().retries, 0);
}

#[test]
fn a_write_that_begins_and_ends_during_the_copy_is_seen_behind_a_busy_flag() {
    let view = view();
    let word = |at| view.place::<i32>(at).unwrap();
    let write = |_| add(&view, 8, 1);
    let stamp = Convention::busy(word(4), -1, word(8));
    assert_retried(&stamp, 2, Cause::Changed, write);
    let bytes = Convention::busy(word(4), -1, Bytes::of(&view).unwrap());
    assert_retried(&bytes, 2, Cause::Changed, write);
}

#[test]
fn of_a_busy_word_the_given_bits_count() {
    let view = view();
    let flag = view.place::<u32>(4).unwrap();
    let busy = Convention::busy(flag, 0b100, view.place::<u32>(8).unwrap());
    let read = || Reader::with_limits(LIMITS).read(&busy, |_| ());
    flag.write(&0b011);
    read().unwrap();
    flag.write(&0b110);
    assert_eq!(inconsistent(read()).cause, Cause::Writing);
    let set = |_| flag.write(&0b100);
    flag.write(&0);
    let during = Reader::with_limits(LIMITS).read(&busy, |_| set(0));
    assert_eq!(inconsistent(during).cause, Cause::Writing);
}

#[test]
fn a_producer_that_stands_still_in_the_middle_is_told_from_one_that_is_met_there() {
    let _watchdog = watchdog();
    let view = view();
    let word = |at| view.place::<u32>(at).unwrap();
    let bytes = Bytes::of_range(&view, 4..4096).unwrap();
    let conventions = [
        Convention::sequence(word(0)),
        Convention::begin_end(word(0), word(4)),
        Convention::busy(word(0), -1, word(8)),
        Convention::busy(word(0), -1, bytes),
    ];
    word(0).write(&7);
    for convention in &conventions {
        let read = |limits| {
            let mut reader = Reader::with_limits(limits);
            inconsistent(reader.read(convention, |_| panic!("there is nothing to copy")))
        };
        let patient = Limits {
            attempts: u32::MAX,
            timeout: Duration::from_millis(20),
            ..LIMITS
        };
        let error = read(patient);
        assert_eq!(error.cause, Cause::Stopped);
        let text = error.to_string();
        assert!(
            text.contains("attempts within 20ms: its producer was in the middle of the same write")
        );
        // A few attempts take no time, and one look sees no time pass.
        let hasty = Limits {
            timeout: Duration::ZERO,
            ..patient
        };
        for limits in [LIMITS, hasty] {
            assert_eq!(read(limits).cause, Cause::Writing);
        }
    }
}

#[test]
fn reading_ends_with_the_timeout() {
    let _watchdog = watchdog();
    let view = view();
    let sequence = view.place::<u32>(0).unwrap();
    sequence.write(&1);
    for timeout in [0, 30].map(Duration::from_millis) {
        let mut reader = Reader::with_limits(Limits {
            attempts: u32::MAX,
            timeout,
            ..LIMITS
        });
        let start = Instant::now();
        let error = inconsistent(reader.read(&Convention::sequence(sequence), |_| ()));
        assert!(start.elapsed() >= timeout);
        assert_eq!(error.timeout, timeout);
        assert_eq!(error.attempts == 1, timeout.is_zero());
    }
}

#[test]
fn errors_of_the_copy_are_returned_if_it_was_not_disturbed() {
    let view = view();
    let sequence = Convention::sequence(view.place::<u32>(0).unwrap());
    let mut reader = Reader::new();
    let mut copies = 0;
    let read = reader.read(&sequence, |_| {
        copies += 1;
        if copies == 1 {
            add(&view, 0, 2);
            return view.read::<u32>(5000);
        }
        view.read(0)
    });
    assert_eq!(read.unwrap().unwrap(), 2);
    let read = reader.read(&sequence, |_| view.read::<u32>(5000));
    let error = read.unwrap().unwrap_err();
    let is_its = matches!(error, SharedMemoryError::OutOfBounds { offset: 5000, .. });
    assert!(is_its, "{error:?}");
}

/// The ticks and starts of three buffers at 16, and how many are in use at 0.
fn buffers(view: &View<ReadWrite>) -> ([BufferPlace<'_>; 3], Word<'_>) {
    let word = |at| Word::from(view.place::<i32>(at).unwrap());
    let row = |index: usize| BufferPlace {
        tick: word(16 + 8 * index),
        start: word(20 + 8 * index),
    };
    ([0, 1, 2].map(row), word(0))
}

#[test]
fn the_newest_buffer_is_copied_until_it_is_the_oldest() {
    let view = view();
    let (rows, in_use) = buffers(&view);
    view.write(0, &3).unwrap();
    view.write(16, &[7, 100, 9, 200, 8, 300]).unwrap();
    let newest = Convention::latest_of(&rows, Some(in_use));
    let mut reader = Reader::with_limits(LIMITS);
    let copied = reader.read(&newest, |it| {
        // One more tick during the copy does no harm.
        view.write(16, &10).unwrap();
        (it.index, it.tick, it.start)
    });
    assert_eq!(copied.unwrap(), (1, 9, 200));
    assert_eq!(reader.counts().retries, 0);
    // After two, the next may overwrite it, although its tick is the same as before.
    view.write(16, &[7, 100, 9, 200, 8, 300]).unwrap();
    let mut copies = 0;
    let copied = reader.read(&newest, |it| {
        copies += 1;
        if copies == 1 {
            view.write(16, &10).unwrap();
            view.write(32, &11).unwrap();
        }
        (it.index, it.tick)
    });
    assert_eq!((copied.unwrap(), copies), ((2, 11), 2));
    assert_eq!(reader.counts().retries, 1);
}

#[test]
fn only_as_many_buffers_as_are_in_use_are_looked_at() {
    let view = view();
    let (rows, in_use) = buffers(&view);
    view.write(16, &[7, 100, 8, -200, 99, 300]).unwrap();
    let newest = Convention::latest_of(&rows, Some(in_use));
    let read = |used: i32| {
        view.write(0, &used).unwrap();
        Reader::with_limits(LIMITS).read(&newest, |it| (it.index, it.tick, it.start))
    };
    // The producer overwrites its only buffer in each write.
    assert_eq!(inconsistent(read(1)).cause, Cause::Overwritten);
    // A place before the region lies outside every view.
    assert_eq!(read(2).unwrap(), (1, 8, usize::MAX));
    for more in [3, 4, i32::MAX] {
        assert_eq!(read(more).unwrap(), (2, 99, 300));
    }
    for none in [0, -1, i32::MIN] {
        assert_eq!(inconsistent(read(none)).cause, Cause::NoBuffer);
    }
    // None has been filled yet, or all with the same.
    view.write(16, &[0; 6]).unwrap();
    assert_eq!(inconsistent(read(3)).cause, Cause::Overwritten);
    view.write(16, &1).unwrap();
    let all = Convention::latest_of(&rows, None);
    let read = Reader::with_limits(LIMITS).read(&all, |it| it.index);
    assert_eq!(read.unwrap(), 0);
}

#[test]
fn words_of_all_integers_are_read_with_their_sign() {
    let view = view();
    view.write(0, &[0xFF_u8; 8]).unwrap();
    macro_rules! read {
        ($($integer:ty)*) => { [$(Word::from(view.place::<$integer>(0).unwrap()).read()),*] };
    }
    assert_eq!(read![i8 i16 i32 i64 u64], [-1; 5]);
    assert_eq!(read![u8 u16 u32], [0xFF, 0xFFFF, 0xFFFF_FFFF]);
}

#[test]
fn bytes_outside_the_view_are_refused() {
    let view = view();
    for range in [0..4097, 4097..4097, 5000..6000] {
        let error = Bytes::of_range(&view, range).unwrap_err();
        let is_outside = matches!(error, SharedMemoryError::OutOfBounds { .. });
        assert!(is_outside, "{error:?}");
    }
}

fn briefly() -> Reader {
    Reader::with_limits(Limits {
        timeout: Duration::from_millis(20),
        ..LIMITS
    })
}

#[test]
fn a_mutex_that_is_held_or_was_abandoned_is_told() {
    let _watchdog = watchdog();
    let mutex = Mutex::create(&fresh_name()).unwrap();
    let read = || briefly().read(&Convention::mutex(&mutex), |_| 7);
    let elsewhere = |act: &(dyn Fn() + Sync)| thread::scope(|scope| scope.spawn(act).join());
    assert_eq!(read().unwrap(), 7);
    let guard = mutex.lock().unwrap();
    elsewhere(&|| assert_eq!(inconsistent(read()).cause, Cause::Locked)).unwrap();
    drop(guard);
    elsewhere(&|| std::mem::forget(mutex.lock().unwrap())).unwrap();
    let error = inconsistent(read());
    assert_eq!((error.cause, error.attempts), (Cause::Abandoned, 1));
    // Nobody is told a second time, and the mutex was released.
    assert_eq!(read().unwrap(), 7);
    elsewhere(&|| assert_eq!(read().unwrap(), 7)).unwrap();
}

/// A lock region with its event, and the view of {waiters, busy}.
fn lock_region() -> (String, View<ReadWrite>, Event, Section<ReadWrite>) {
    let name = fresh_name();
    let section = Section::create(&name, 8).unwrap();
    let event = Event::create(&format!("{name}-event"), Reset::Auto).unwrap();
    (name, section.map().unwrap(), event, section)
}

#[test]
fn a_lock_region_is_held_during_the_copy_and_at_no_other_time() {
    let _watchdog = watchdog();
    let (name, view, event, _section) = lock_region();
    let lock = LockRegion::open(&name, 0, 4, event.name()).unwrap();
    let words = || view.read::<[u32; 2]>(0).unwrap();
    let convention = Convention::lock_region(&lock);
    assert_eq!(briefly().read(&convention, |_| words()).unwrap(), [0, 1]);
    assert_eq!(words(), [0, 0]);
    // A waiter is woken.
    view.write(0, &1).unwrap();
    briefly().read(&convention, |_| ()).unwrap();
    assert!(event.try_wait().unwrap());
    view.write(0, &0).unwrap();
    // A copy that panics does not leave it held.
    let panicking = || briefly().read(&convention, |_| panic!("in the copy"));
    let panicked: Result<Result<(), _>, _> = panic::catch_unwind(AssertUnwindSafe(panicking));
    assert!(panicked.is_err());
    assert_eq!(words(), [0, 0]);
    // Somebody else's stays theirs.
    view.write(4, &1).unwrap();
    let error = inconsistent(briefly().read(&convention, |_| ()));
    assert_eq!(error.cause, Cause::Locked);
    assert_eq!(words(), [0, 1]);
}

#[test]
fn a_reader_waits_for_a_lock_region_until_it_is_released() {
    let _watchdog = watchdog();
    let (name, view, event, _section) = lock_region();
    view.write(4, &1).unwrap();
    for event_name in [event.name(), None] {
        let lock = LockRegion::open(&name, 0, 4, event_name).unwrap();
        thread::scope(|scope| {
            let reader = scope
                .spawn(|| Reader::with_limits(LIMITS).read(&Convention::lock_region(&lock), |_| 7));
            while view.read::<u32>(0).unwrap() == 0 {
                thread::yield_now();
            }
            view.write(4, &0).unwrap();
            event.set().unwrap();
            assert_eq!(reader.join().unwrap().unwrap(), 7);
        });
        view.write(4, &1).unwrap();
        assert_eq!(view.read::<u32>(0).unwrap(), 0, "nobody waits any more");
    }
}

#[test]
fn a_lock_region_has_to_have_its_words_and_keeps_no_name() {
    let (name, view, event, section) = lock_region();
    let open = |waiters, busy| LockRegion::open(&name, waiters, busy, event.name());
    let error = open(0, 4096).unwrap_err();
    let is_outside = matches!(error, SharedMemoryError::OutOfBounds { .. });
    assert!(is_outside, "{error:?}");
    let error = open(2, 4).unwrap_err();
    let is_odd = matches!(error, SharedMemoryError::Misaligned { offset: 2, .. });
    assert!(is_odd, "{error:?}");
    assert!(LockRegion::open(&name, 0, 4, "no such event").is_err());
    let _lock = open(0, 4).unwrap();
    drop((view, section));
    assert!(
        LockRegion::open(&name, 0, 4, None)
            .unwrap_err()
            .is_not_found()
    );
}
