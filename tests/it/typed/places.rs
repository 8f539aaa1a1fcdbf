//! Places of several values: parts of arrays, and iterators.

use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU32;

use win_shared_memory::{
    Places, ReadWrite, Section, SharedData, SharedMemoryError, SharedMemoryLink, SharedSlice, field,
};

use crate::support::fresh_name;

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Scope {
    used: u8,
    samples: [u32; 8],
    /// Seven bytes of padding each.
    marks: [Mark; 4],
}

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Mark {
    at: u64,
    set: bool,
}

const SET: Mark = Mark {
    at: u64::MAX,
    set: true,
};

fn link() -> SharedMemoryLink<Scope, ReadWrite> {
    let link: SharedMemoryLink<Scope, ReadWrite> = SharedMemoryLink::create(&fresh_name()).unwrap();
    field!(link.samples).write(&[0, 1, 2, 3, 4, 5, 6, 7]);
    link
}

#[test]
fn a_part_of_an_array_is_read_and_written() {
    let link = link();
    let samples = field!(link.samples);
    let mut part = [0; 3];
    samples.slice(2..5).read_into(&mut part);
    assert_eq!(part, [2, 3, 4]);
    samples.slice(6..).write_from(&[60, 70]);
    samples.slice(..=0).write_from(&[9]);
    assert_eq!(samples.read(), [9, 1, 2, 3, 4, 5, 60, 70]);
    assert_eq!(samples.slice(2..6).slice(1..3).get(1).unwrap().read(), 4);
    let whole = samples.slice(..);
    assert_eq!((whole.len(), whole.is_empty()), (8, false));
    assert_eq!(whole.as_ptr(), samples.at(0).as_ptr());
    for at in 0..=8 {
        let empty = samples.slice(at..at);
        assert!(empty.is_empty() && empty.get(0).is_none());
        empty.read_into(&mut []);
    }
}

#[test]
fn a_part_outside_of_an_array_is_refused() {
    let link = link();
    let samples = field!(link.samples).slice(1..7);
    #[expect(clippy::reversed_empty_ranges, reason = "it is refused")]
    for range in [0..7, 7..7, 4..3, 6..usize::MAX, usize::MAX..usize::MAX] {
        assert!(samples.get_slice(range.clone()).is_none(), "{range:?}");
        let message = catch_unwind(AssertUnwindSafe(|| samples.slice(range.clone()))).unwrap_err();
        assert_eq!(
            message.downcast_ref::<String>().unwrap(),
            &format!("range {range:?} of 6 elements")
        );
    }
    assert!(samples.get_slice(..=usize::MAX).is_none());
    assert!(samples.get_slice(6..).is_some_and(Places::is_empty));
}

#[test]
fn a_slice_of_another_length_is_refused() {
    let link = link();
    let samples = field!(link.samples).slice(..2);
    for calls in [
        &(|| samples.read_into(&mut [0; 3])) as &dyn Fn(),
        &|| samples.write_from(&[1; 3]),
        &|| drop(samples.try_read_into(&mut [MaybeUninit::uninit(); 3])),
    ] {
        let message = catch_unwind(AssertUnwindSafe(calls)).unwrap_err();
        let message = message.downcast_ref::<String>().unwrap();
        assert_eq!(message, "3 elements for the places of 2");
    }
    assert_eq!(field!(link.samples).slice(..3).values().sum::<u32>(), 3);
}

#[test]
fn parts_are_checked_and_written_without_padding() {
    let link = link();
    let marks = field!(link.marks);
    link.view().write_bytes(40, &[0xff; 64]).unwrap();
    marks.slice(1..3).write_from(&[SET; 2]);
    let mut bytes = [0; 64];
    link.view().read_bytes(40, &mut bytes).unwrap();
    assert_eq!(bytes[16..24], [0xff; 8]);
    assert_eq!(bytes[24..32], [1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bytes[48..], [0xff; 16], "not part of it");

    let mut copy = [MaybeUninit::uninit(); 2];
    assert_eq!(
        marks.slice(1..3).try_read_into(&mut copy),
        Ok(&mut [SET; 2][..])
    );
    let refused = marks.slice(2..).try_read_into(&mut copy).unwrap_err();
    assert_eq!(
        (refused.field(), refused.offset(), refused.value()),
        ("[1].set", 16 + 8, 255)
    );
}

#[test]
fn iterators_go_both_ways_and_know_their_length() {
    let link = link();
    let samples = field!(link.samples);
    let mut places = samples.iter();
    assert_eq!(places.len(), 8);
    assert_eq!(places.next_back().unwrap().read(), 7);
    assert_eq!(places.nth(2).unwrap().read(), 2);
    assert_eq!(
        places.clone().map(|it| it.read()).sum::<u32>(),
        3 + 4 + 5 + 6
    );
    assert_eq!(places.nth_back(1).unwrap().read(), 5);
    assert_eq!((places.len(), places.size_hint()), (2, (2, Some(2))));
    assert!(places.nth(2).is_none() && places.next().is_none());
    assert!(places.next_back().is_none());

    let mut values = samples.values();
    assert_eq!((values.next(), values.next_back()), (Some(0), Some(7)));
    assert_eq!((values.nth(1), values.nth_back(1)), (Some(2), Some(5)));
    assert_eq!(values.len(), 2);
    assert_eq!(values.rev().collect::<Vec<_>>(), [4, 3]);
    // A copy is made when it is asked for.
    let mut later = samples.values().skip(3);
    samples.at(3).write(&30);
    assert_eq!(later.next(), Some(30));
}

#[test]
fn slices_and_tables_have_the_same_iterators() {
    let slice = SharedSlice::<u32, ReadWrite>::create(&fresh_name(), 5).unwrap();
    for (place, value) in slice.iter().rev().zip(0..) {
        place.write(&value);
    }
    assert_eq!(slice.values().collect::<Vec<_>>(), [4, 3, 2, 1, 0]);
    assert_eq!(slice.places().slice(1..3).values().last(), Some(2));
    assert_eq!(slice.view().read::<[u32; 2]>(4).unwrap(), [3, 2]);

    let table = slice.view().table::<u32>(0, 8, 3).unwrap();
    let copy = table;
    assert_eq!(table.values().rev().collect::<Vec<_>>(), [0, 2, 4]);
    assert_eq!(copy.iter().next_back().unwrap().read(), 0);
}

#[test]
fn elements_of_a_slice_are_checked() {
    let slice = SharedSlice::<bool, ReadWrite>::create(&fresh_name(), 4).unwrap();
    slice.write_from(1, &[true]).unwrap();
    slice.view().write(3, &2_u8).unwrap();
    assert_eq!(slice.try_read(1), Ok(Some(true)));
    assert_eq!(slice.try_read(4), Ok(None));
    assert_eq!(slice.try_read(3).unwrap_err().value(), 2);
    let mut copy = [MaybeUninit::uninit(); 3];
    assert_eq!(
        slice.try_read_into(0, &mut copy).unwrap(),
        [false, true, false]
    );
    match slice.try_read_into(1, &mut copy) {
        Err(SharedMemoryError::InvalidValue(invalid)) => assert_eq!(invalid.field(), "[2]"),
        other => panic!("{other:?}"),
    }
    let outside = slice.try_read_into(2, &mut copy);
    assert!(matches!(
        outside,
        Err(SharedMemoryError::OutOfBounds { .. })
    ));
}

#[test]
fn places_in_a_view_are_inside_and_aligned_for_atomics() {
    let section = Section::create(&fresh_name(), 4096).unwrap();
    let view = section.map().unwrap();
    view.places(1, 3).unwrap().write_from(&[1_u64, 2, 3]);
    assert_eq!(view.read::<[u64; 2]>(9).unwrap(), [2, 3]);
    assert!(view.places::<u64>(4096 - 8, 1).is_ok());
    assert!(view.places::<u64>(4096, 0).unwrap().is_empty());
    for (offset, len) in [
        (4096 - 7, 1),
        (0, 513),
        (4097, 0),
        (8, usize::MAX),
        (usize::MAX, 1),
        (16, usize::MAX / 8 + 1),
    ] {
        let outside = view.places::<u64>(offset, len);
        assert!(
            matches!(outside, Err(SharedMemoryError::OutOfBounds { .. })),
            "{len} at {offset}: {outside:?}"
        );
    }
    let counters = view.places::<AtomicU32>(8, 2).unwrap();
    counters
        .get(1)
        .unwrap()
        .shared()
        .store(5, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(view.read::<u32>(12).unwrap(), 5);
    let misaligned = view.places::<AtomicU32>(2, 1);
    assert!(matches!(
        misaligned,
        Err(SharedMemoryError::Misaligned { .. })
    ));
}
