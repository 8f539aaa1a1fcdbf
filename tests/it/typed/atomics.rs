//! Atomics in regions: references to them on read-write links, loads on all.

use std::sync::atomic::{
    AtomicI8, AtomicI16, AtomicI32, AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering, fence,
};
use std::thread;

use win_shared_memory::{
    ReadOnly, ReadWrite, Section, SharedData, SharedMemoryError, SharedMemoryLink, SharedSlice,
    field,
};

use crate::support::{Child, Parent, fresh_name, watchdog};

#[derive(SharedData)]
#[repr(C)]
struct Counters {
    small: AtomicU8,
    /// Padding would be no atomic.
    unused: [AtomicU8; 3],
    ticks: AtomicU32,
    large: [AtomicU64; 2],
}

const ROUNDS: u32 = 50_000;

fn count(link: &SharedMemoryLink<Counters, ReadWrite>) {
    let counters = link.shared();
    for _ in 0..ROUNDS {
        counters.small.fetch_add(1, Ordering::Relaxed);
        counters.ticks.fetch_add(1, Ordering::Relaxed);
        counters.large[1].fetch_add(1 << 31, Ordering::Relaxed);
    }
}

#[test]
fn no_count_is_lost_between_links_and_processes() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let link: SharedMemoryLink<Counters, ReadWrite> = SharedMemoryLink::create(&name).unwrap();
    let other: SharedMemoryLink<Counters, ReadWrite> =
        SharedMemoryLink::open_existing(&name).unwrap();
    let mut child = Child::start(counting_child, &[&name]);
    assert_eq!(child.answer(), "ready");
    child.tell("go");
    thread::scope(|scope| {
        scope.spawn(|| count(&link));
        scope.spawn(|| count(&other));
    });
    assert_eq!(child.answer(), "done");

    let reader = SharedMemoryLink::<Counters>::open(&name).unwrap();
    let (ticks, large) = (3 * ROUNDS, u64::from(3 * ROUNDS) << 31);
    assert_eq!(field!(reader.ticks).load(), ticks);
    assert_eq!(field!(reader.small).load(), ticks as u8);
    assert_eq!(reader.read().large[1].load(Ordering::Relaxed), large);
    assert_eq!(link.shared().large[1].load(Ordering::Relaxed), large);
    assert_eq!(other.shared().large[0].load(Ordering::Relaxed), 0);
    #[cfg(target_pointer_width = "64")]
    assert_eq!(field!(reader.large[1]).load(), large);
}

#[test]
#[ignore = "a child of the test above"]
fn counting_child() {
    let Some(parent) = Parent::find() else { return };
    let link = SharedMemoryLink::open_existing(parent.argument(0)).unwrap();
    parent.tell("ready");
    parent.hear();
    count(&link);
    parent.tell("done");
}

#[test]
fn all_atomics_load_what_was_stored() {
    let name = fresh_name();
    let section = Section::create(&name, 4096).unwrap();
    let view = section.map().unwrap();
    view.write_bytes(0, &[0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8])
        .unwrap();
    let reader = Section::open(&name).unwrap().map().unwrap();
    assert_eq!(reader.place::<AtomicU8>(1).unwrap().load(), 0xf2);
    assert_eq!(reader.place::<AtomicI8>(1).unwrap().load(), -14);
    assert_eq!(reader.place::<AtomicU16>(2).unwrap().load(), 0xf4f3);
    assert_eq!(reader.place::<AtomicI16>(2).unwrap().load(), -0x0b0d);
    assert_eq!(reader.place::<AtomicU32>(4).unwrap().load(), 0xf8f7_f6f5);
    assert_eq!(reader.place::<AtomicI32>(4).unwrap().load(), -0x0708_090b);
    #[cfg(target_pointer_width = "64")]
    assert_eq!(
        reader.place::<AtomicU64>(0).unwrap().load(),
        0xf8f7_f6f5_f4f3_f2f1
    );
}

#[derive(SharedData)]
#[repr(C)]
struct Message {
    text: [u64; 8],
    number: AtomicU32,
}

#[test]
fn what_was_written_before_the_number_is_read_after_it() {
    const LAST: u32 = 20_000;
    let _watchdog = watchdog();
    let name = fresh_name();
    let link: SharedMemoryLink<Message, ReadWrite> = SharedMemoryLink::create(&name).unwrap();
    let mut child = Child::start(reading_child, &[&name]);
    assert_eq!(child.answer(), "ready");
    for number in 1..=LAST {
        field!(link.text).write(&[number.into(); 8]);
        fence(Ordering::Release);
        field!(link.number).write(&AtomicU32::new(number));
        if number % 64 == 0 {
            thread::yield_now();
        }
    }
    field!(link.number).write(&AtomicU32::new(u32::MAX));
    assert_eq!(child.answer(), "never older");
}

#[test]
#[ignore = "a child of the test above"]
fn reading_child() {
    let Some(parent) = Parent::find() else { return };
    let link = SharedMemoryLink::<Message, ReadOnly>::open(parent.argument(0)).unwrap();
    parent.tell("ready");
    loop {
        let number = field!(link.number).load();
        if number == u32::MAX {
            break;
        }
        let text = field!(link.text).read();
        if text.iter().any(|&it| it < number.into()) {
            parent.tell(&format!("{text:?} after {number}"));
            return;
        }
    }
    parent.tell("never older");
}

#[track_caller]
fn assert_misaligned<T>(result: Result<T, SharedMemoryError>, at: u64, alignment: usize) {
    match result.map(drop) {
        Err(SharedMemoryError::Misaligned { offset, align, .. }) => {
            assert_eq!((offset, align), (at, alignment));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn atomics_are_refused_where_they_would_be_none() {
    let section = Section::create(&fresh_name(), 4096).unwrap();
    let view = section.map().unwrap();
    for at in 0..16 {
        if at % 2 != 0 {
            assert_misaligned(view.place::<AtomicU16>(at), at as u64, 2);
        }
        if at % 4 != 0 {
            assert_misaligned(view.place::<AtomicU32>(at), at as u64, 4);
            assert_misaligned(view.read::<AtomicU32>(at), at as u64, 4);
            assert_misaligned(view.try_read::<[AtomicI32; 2]>(at), at as u64, 4);
            let zero = AtomicU32::new(0);
            assert_misaligned(view.write(at, &zero), at as u64, 4);
            assert_misaligned(view.table::<AtomicU32>(at, 4, 2), at as u64, 4);
        }
        if at % 8 != 0 {
            let align = align_of::<Counters>();
            assert_misaligned(view.place::<Counters>(at), at as u64, align);
        }
        view.place::<AtomicU8>(at).unwrap();
        // What has no atomics goes anywhere.
        view.place::<[u64; 3]>(at).unwrap();
    }
    view.place::<Counters>(8).unwrap();
    assert_eq!(view.table::<AtomicU32>(4, 8, 2).unwrap().len(), 2);
    match view.table::<AtomicU32>(0, 6, 2) {
        Err(SharedMemoryError::InvalidTable { stride: 6, .. }) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn atomics_are_aligned_in_memory_and_not_in_the_window() {
    let section = Section::create(&fresh_name(), 4096).unwrap();
    let window = section.map_range(2, 100).unwrap();
    window.place::<AtomicU32>(2).unwrap();
    assert_misaligned(window.place::<AtomicU32>(0), 0, 4);
    assert_misaligned(window.place::<AtomicU32>(4), 4, 4);
}

#[test]
fn slices_of_atomics_are_loaded() {
    let name = fresh_name();
    let link: SharedMemoryLink<[AtomicU32; 10], ReadWrite> =
        SharedMemoryLink::create(&name).unwrap();
    link.shared()[9].store(9, Ordering::Release);
    let slice = SharedSlice::<AtomicU32>::open(&name).unwrap();
    assert_eq!(slice.get(9).unwrap().load(), 9);
    assert_eq!(slice.get(8).unwrap().load(), 0);
}

#[test]
fn an_atomic_beside_plain_fields_is_changed_in_place() {
    #[derive(SharedData)]
    #[repr(C)]
    struct Counted {
        value: f64,
        tick: AtomicU32,
    }
    let name = fresh_name();
    let link = SharedMemoryLink::<Counted, ReadWrite>::create(&name).unwrap();
    let reader = SharedMemoryLink::<Counted>::open(&name).unwrap();
    field!(link.value).write(&1.5);
    assert_eq!(
        field!(link.tick).shared().fetch_add(1, Ordering::Release),
        0
    );
    assert_eq!(field!(reader.tick).load(), 1);
    assert_eq!(field!(reader.value).read(), 1.5);
}
