//! The model of `consistency`: each convention, against a producer that keeps to it.

mod mutex;

use std::cell::Cell;

use crate::cores::atomic::{AtomicU32, Ordering, fence};
use crate::cores::consistency::{
    Cause, Lock, Mark, begin_end, busy, in_order, latest_of, sequence, unchanged,
};
use crate::explore::bounded;
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

/// A value of two words that are equal when it is whole.
struct Value([AtomicU32; 2]);

impl Value {
    fn new() -> Self {
        Self([0, 1].map(|_| AtomicU32::new(0)))
    }

    fn write(&self, value: u32) {
        for word in &self.0 {
            word.store(value, Ordering::Relaxed);
        }
    }

    fn copy(&self) -> [u32; 2] {
        self.0.each_ref().map(|word| word.load(Ordering::Relaxed))
    }
}

fn assert_whole(read: Result<[u32; 2], Cause>) -> Option<u32> {
    let [first, second] = read.ok()?;
    assert_eq!(first, second, "torn");
    Some(first)
}

fn store(word: &AtomicU32, value: u32) {
    word.store(value, Ordering::Relaxed);
}

fn load(word: &AtomicU32) -> i64 {
    word.load(Ordering::Relaxed).into()
}

/// One producer that writes 1 and 2, one reader; the last read finds all quiet and has to succeed.
fn check<S: Send + Sync + 'static>(
    new: impl Fn() -> S + Send + Sync + 'static,
    write: impl Fn(&S, u32) + Copy + Send + Sync + 'static,
    read: impl Fn(&S) -> Result<[u32; 2], Cause> + Send + Sync + 'static,
) {
    bounded(3, move || {
        let shared = Arc::new(new());
        let producer = thread::spawn({
            let shared = shared.clone();
            move || (1..=2).for_each(|value| write(&shared, value))
        });
        assert_whole(read(&shared));
        producer.join().unwrap();
        assert_eq!(assert_whole(read(&shared)), Some(2));
    });
}

/// Two marks and a value.
struct Region {
    first: AtomicU32,
    second: AtomicU32,
    value: Value,
}

impl Region {
    fn new() -> Self {
        Self {
            first: AtomicU32::new(0),
            second: AtomicU32::new(0),
            value: Value::new(),
        }
    }
}

#[test]
fn a_value_between_begin_and_end_is_whole() {
    check(
        Region::new,
        |region, value| {
            in_order(|| store(&region.first, value));
            region.value.write(value);
            in_order(|| store(&region.second, value));
        },
        |region| {
            let (begin, end) = (|| load(&region.first), || load(&region.second));
            begin_end(begin, end, || region.value.copy())
        },
    );
}

#[test]
fn a_value_under_an_even_sequence_is_whole() {
    check(
        Region::new,
        |region, value| {
            in_order(|| store(&region.first, 2 * value - 1));
            region.value.write(value);
            in_order(|| store(&region.first, 2 * value));
        },
        |region| sequence(|| load(&region.first), || region.value.copy()),
    );
}

/// A counter.
struct Counter<'a>(&'a AtomicU32, i64);

impl Mark for Counter<'_> {
    fn note(&mut self) {
        self.1 = load(self.0);
    }

    fn is_as_noted(&mut self) -> bool {
        load(self.0) == self.1
    }
}

/// The bytes themselves.
struct Bytes<'a>(&'a Value, [u32; 2]);

impl Mark for Bytes<'_> {
    fn note(&mut self) {
        self.1 = self.0.copy();
    }

    fn is_as_noted(&mut self) -> bool {
        self.0.copy() == self.1
    }
}

fn write_with_flag(region: &Region, write: impl FnOnce()) {
    in_order(|| store(&region.first, 1));
    write();
    in_order(|| store(&region.first, 0));
}

fn read_unless_busy(region: &Region, mark: &mut impl Mark) -> Result<[u32; 2], Cause> {
    busy(|| load(&region.first) != 0, mark, || region.value.copy())
}

#[test]
fn a_value_that_is_not_busy_is_whole_with_a_stamp_written_first() {
    check(
        Region::new,
        |region, value| {
            write_with_flag(region, || {
                region.second.store(value, Ordering::Relaxed);
                region.value.write(value);
            });
        },
        |region| read_unless_busy(region, &mut Counter(&region.second, 0)),
    );
}

#[test]
fn a_value_that_is_not_busy_is_whole_with_a_stamp_written_last() {
    check(
        Region::new,
        |region, value| {
            write_with_flag(region, || {
                region.value.write(value);
                region.second.store(value, Ordering::Relaxed);
            });
        },
        |region| read_unless_busy(region, &mut Counter(&region.second, 0)),
    );
}

#[test]
fn a_value_that_is_not_busy_is_whole_with_its_bytes_compared() {
    check(
        Region::new,
        |region, value| write_with_flag(region, || region.value.write(value)),
        |region| read_unless_busy(region, &mut Bytes(&region.value, [0; 2])),
    );
}

/// A producer that does not say when it writes. The time that a reader gives it is, here, until the write that was
/// under way has ended: what `settle` is made for.
struct Timed {
    region: Region,
    is_writing: AtomicU32,
}

impl Timed {
    fn new() -> Self {
        Self {
            region: Region::new(),
            is_writing: AtomicU32::new(0),
        }
    }

    fn write(&self, write: impl FnOnce(&Region)) {
        self.is_writing.store(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        write(&self.region);
        self.is_writing.store(0, Ordering::SeqCst);
    }

    fn settle(&self) {
        fence(Ordering::SeqCst);
        while self.is_writing.load(Ordering::SeqCst) != 0 {
            thread::yield_now();
        }
    }
}

#[test]
fn a_value_under_a_settled_counter_is_whole_if_the_counter_is_written_first() {
    check(
        Timed::new,
        |timed, value| {
            timed.write(|region| {
                region.first.store(value, Ordering::Relaxed);
                region.value.write(value);
            });
        },
        |timed| {
            let mut counter = Counter(&timed.region.first, 0);
            let settle = || timed.settle();
            unchanged(&mut counter, settle, settle, || timed.region.value.copy())
        },
    );
}

#[test]
fn a_value_under_a_settled_counter_is_whole_if_the_counter_is_written_last() {
    check(
        Timed::new,
        |timed, value| {
            timed.write(|region| {
                region.value.write(value);
                region.first.store(value, Ordering::Relaxed);
            });
        },
        |timed| {
            let mut counter = Counter(&timed.region.first, 0);
            let settle = || timed.settle();
            unchanged(&mut counter, settle, settle, || timed.region.value.copy())
        },
    );
}

#[test]
fn bytes_that_have_settled_are_whole_without_a_second_wait() {
    check(
        Timed::new,
        |timed, value| timed.write(|region| region.value.write(value)),
        |timed| {
            let mut bytes = Bytes(&timed.region.value, [0; 2]);
            let copy = || timed.region.value.copy();
            unchanged(&mut bytes, || timed.settle(), || (), copy)
        },
    );
}

struct Buffers<const N: usize> {
    ticks: [AtomicU32; N],
    values: [Value; N],
}

fn the_newest_buffer_is_whole<const N: usize>() {
    bounded(3, || {
        let buffers = Arc::new(Buffers::<N> {
            ticks: [(); N].map(|()| AtomicU32::new(0)),
            values: [(); N].map(|()| Value::new()),
        });
        let last = N as u32 + 1;
        let write = |buffers: &Buffers<N>, tick: u32| {
            let at = tick as usize % N;
            buffers.values[at].write(tick);
            in_order(|| store(&buffers.ticks[at], tick));
        };
        write(&buffers, 1);
        let producer = thread::spawn({
            let buffers = buffers.clone();
            move || (2..=last).for_each(|tick| write(&buffers, tick))
        });
        let read = || {
            let tick = |at: usize| load(&buffers.ticks[at]);
            latest_of(N, tick, |at, tick| (tick, buffers.values[at].copy()))
        };
        let assert_is = |read: Result<(i64, [u32; 2]), Cause>| {
            let (tick, value) = read.ok()?;
            assert_eq!(value, [tick as u32; 2], "torn");
            Some(tick)
        };
        assert_is(read());
        producer.join().unwrap();
        assert_eq!(assert_is(read()), Some(last.into()));
    });
}

#[test]
fn the_newest_of_two_buffers_is_whole() {
    the_newest_buffer_is_whole::<2>();
}

#[test]
fn the_newest_of_three_buffers_is_whole() {
    the_newest_buffer_is_whole::<3>();
}

/// A lock, its auto-reset event, and what it protects.
struct Locked {
    region: Region,
    event: (Mutex<bool>, Condvar),
    is_held: AtomicU32,
}

impl Locked {
    fn new() -> Self {
        Self {
            region: Region::new(),
            event: (Mutex::new(false), Condvar::new()),
            is_held: AtomicU32::new(0),
        }
    }

    fn lock(&self) -> Lock<'_> {
        Lock {
            waiters: &self.region.first,
            busy: &self.region.second,
        }
    }

    fn wait(&self) {
        let mut set = self.event.0.lock().unwrap();
        while !*set {
            set = self.event.1.wait(set).unwrap();
        }
        *set = false;
    }

    /// Waits for as long as it takes: a wake-up that is lost is a deadlock, which loom reports.
    fn with<R>(&self, act: impl FnOnce() -> R) -> R {
        let wait = || {
            self.wait();
            Ok::<_, ()>(true)
        };
        assert_eq!(self.lock().acquire(wait), Ok(true));
        assert_eq!(self.is_held.swap(1, Ordering::Relaxed), 0, "held twice");
        let result = act();
        self.is_held.store(0, Ordering::Relaxed);
        if self.lock().release() {
            *self.event.0.lock().unwrap() = true;
            self.event.1.notify_one();
        }
        result
    }
}

#[test]
fn a_value_behind_a_lock_region_is_whole_and_no_waiter_is_forgotten() {
    bounded(3, || {
        let shared = Arc::new(Locked::new());
        let producer = thread::spawn({
            let shared = shared.clone();
            move || {
                for value in 1..=2 {
                    shared.with(|| shared.region.value.write(value));
                }
            }
        });
        let read = || shared.with(|| shared.region.value.copy());
        assert_whole(Ok(read()));
        producer.join().unwrap();
        assert_eq!(read(), [2; 2]);
        assert_eq!(load(&shared.region.first), 0, "nobody waits any more");
    });
}

#[test]
fn a_waiter_for_a_lock_region_that_gives_up_is_not_counted_any_more() {
    loom::model(|| {
        let shared = Locked::new();
        assert!(shared.lock().try_acquire());
        let waits = Cell::new(0);
        let wait = || {
            waits.set(waits.get() + 1);
            Ok::<_, ()>(waits.get() < 3)
        };
        assert_eq!(shared.lock().acquire(wait), Ok(false));
        assert_eq!(shared.lock().acquire(|| Err(7)), Err(7));
        assert_eq!(load(&shared.region.first), 0);
        assert!(!shared.lock().release(), "nobody waits");
    });
}
