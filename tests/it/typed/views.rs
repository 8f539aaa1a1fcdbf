//! Values at any byte offset of a view, aligned or not, and nowhere else.

use std::fmt::Debug;

use win_shared_memory::{
    Access, AnyBytes, Backing, Encoding, ReadWrite, Section, SharedData, SharedMemoryError,
    SharedMemoryOptions, SharedSlice, View,
};

use crate::support::fresh_name;

const FILL: u8 = 0x5a;

#[track_caller]
fn assert_out_of_bounds<T>(result: Result<T, SharedMemoryError>, at: usize, n: usize, all: usize) {
    match result.map(drop) {
        Err(SharedMemoryError::OutOfBounds {
            offset, len, size, ..
        }) => {
            assert_eq!((offset, len, size), (at as u64, n as u64, all as u64));
        }
        other => panic!("{n} bytes at {at} of {all}: {other:?}"),
    }
}

/// `offset` is that of the window in the region that `whole` shows.
fn check<T>(whole: &View<ReadWrite>, window: &View<ReadWrite>, offset: usize, value: T)
where
    T: SharedData + Copy + Debug + PartialEq,
{
    let (size, len) = (size_of::<T>(), window.len());
    let last = len - size;
    for at in [0, 1, last / 2, last - 1, last] {
        whole.write_bytes(0, &vec![FILL; whole.len()]).unwrap();
        window.write(at, &value).unwrap();
        assert_eq!(window.try_read::<T>(at).unwrap(), value);
        assert_eq!(window.place::<T>(at).unwrap().try_read(), Ok(value));
        assert_eq!(whole.try_read::<T>(offset + at).unwrap(), value);
        let mut bytes = vec![0; whole.len()];
        whole.read_bytes(0, &mut bytes).unwrap();
        bytes[offset + at..offset + at + size].fill(FILL);
        assert!(bytes.iter().all(|it| *it == FILL), "bytes beside {at}");
    }
    whole.write_bytes(0, &vec![FILL; whole.len()]).unwrap();
    let far = [last + 1, len - 1, len, len + 1, 2 * len, 1 << 30];
    for at in far.into_iter().chain([usize::MAX - size, usize::MAX]) {
        if at > last {
            assert_out_of_bounds(window.try_read::<T>(at), at, size, len);
            assert_out_of_bounds(window.place::<T>(at), at, size, len);
            assert_out_of_bounds(window.write(at, &value), at, size, len);
        }
    }
    let mut bytes = vec![0; whole.len()];
    whole.read_bytes(0, &mut bytes).unwrap();
    assert!(bytes.iter().all(|it| *it == FILL), "bytes behind the end");
}

fn check_any<T>(whole: &View<ReadWrite>, window: &View<ReadWrite>, offset: usize, value: T)
where
    T: AnyBytes + Copy + Debug + PartialEq,
{
    check(whole, window, offset, value);
    let last = window.len() - size_of::<T>();
    window.write(last, &value).unwrap();
    assert_eq!(window.read::<T>(last).unwrap(), value);
    let beyond = window.read::<T>(last + 1);
    assert_out_of_bounds(beyond, last + 1, size_of::<T>(), window.len());
}

#[test]
fn primitives_fit_to_the_last_byte_and_not_after_it() {
    for (capacity, offset, len) in [
        (8192, 0, 8192),
        (8192, 8100, 92),
        (8192, 1, 8191),
        (8192, 17, 20),
        (70_000, 69_900, 16),
    ] {
        let section = Section::create(&fresh_name(), capacity).unwrap();
        let whole = section.map().unwrap();
        let window = section.map_range(offset, len).unwrap();
        let (w, v, at) = (&whole, &window, offset as usize);
        check_any(w, v, at, 0xa1_u8);
        check_any(w, v, at, -2_i8);
        check_any(w, v, at, 0xa1a2_u16);
        check_any(w, v, at, i16::MIN);
        check_any(w, v, at, 0xa1a2_a3a4_u32);
        check_any(w, v, at, i32::MIN + 1);
        check_any(w, v, at, 0xa1a2_a3a4_a5a6_a7a8_u64);
        check_any(w, v, at, i64::MIN + 1);
        check_any(w, v, at, -1.5e-30_f32);
        check_any(w, v, at, 2.5e300_f64);
        check_any(w, v, at, [1_u8, 2, 3]);
        check_any(w, v, at, [7_u64]);
        check(w, v, at, true);
        check(w, v, at, '🦊');
    }
}

#[test]
fn bytes_are_copied_inside_the_view_or_not_at_all() {
    let section = Section::create(&fresh_name(), 8192).unwrap();
    let view = section.map_range(100, 50).unwrap();
    view.write_bytes(0, &[7; 50]).unwrap();
    for (at, n) in [
        (0, 51),
        (1, 50),
        (49, 2),
        (50, 1),
        (51, 0),
        (usize::MAX, 1),
        (usize::MAX - 9, 10),
    ] {
        let mut copy = vec![1; n];
        assert_out_of_bounds(view.read_bytes(at, &mut copy), at, n, 50);
        assert_eq!(copy, vec![1; n]);
        assert_out_of_bounds(view.write_bytes(at, &copy), at, n, 50);
    }
    let mut copy = [0; 50];
    view.read_bytes(0, &mut copy).unwrap();
    assert_eq!(copy, [7; 50]);
    view.read_bytes(50, &mut []).unwrap();
    view.write_bytes(50, &[]).unwrap();
}

#[track_caller]
fn assert_not_committed<T>(result: Result<T, SharedMemoryError>, at: u64) {
    match result.map(drop) {
        Err(SharedMemoryError::NotCommitted { offset, .. }) => assert_eq!(offset, at),
        other => panic!("{other:?}"),
    }
}

/// All safe reads of 8 bytes at `at`, of which that at `missing` has no memory.
fn refuse_reads<A: Access>(view: &View<A>, at: usize, missing: u64) {
    assert_not_committed(view.place::<u64>(at), missing);
    assert_not_committed(view.read::<u64>(at), missing);
    assert_not_committed(view.try_read::<[bool; 8]>(at), missing);
    assert_not_committed(view.read_bytes(at, &mut [0; 8]), missing);
    assert_not_committed(view.table::<u32>(at, 4, 2), missing);
    // Rows that have memory, with a gap between them that has none.
    assert_not_committed(view.table::<u8>(at, 7, 2), missing);
}

#[test]
fn pages_without_memory_are_refused() {
    let name = fresh_name();
    let section: Section<ReadWrite> = Section::create_with(
        &name,
        8 * 4096,
        SharedMemoryOptions::new().backing(Backing::Reserved),
    )
    .unwrap();
    let view = section.map().unwrap();
    view.commit(4096, 4096).unwrap();
    let reader = Section::open(&name).unwrap().map().unwrap();
    for (at, missing) in [
        (0, 0),
        (4088, 4088),
        (4089, 4089),
        (4095, 4095),
        (8185, 8192),
        (8191, 8192),
        (8192, 8192),
        (8 * 4096 - 8, 8 * 4096 - 8),
    ] {
        refuse_reads(&view, at, missing);
        refuse_reads(&reader, at, missing);
        assert_not_committed(view.write(at, &7_u64), missing);
        assert_not_committed(view.write_bytes(at, &[7; 8]), missing);
    }
    for text in [
        reader.read_text(0, 10, Encoding::Utf8),
        reader.read_text(8192, 10, Encoding::Utf16),
    ] {
        assert!(
            matches!(text, Err(SharedMemoryError::NotCommitted { .. })),
            "{text:?}"
        );
    }
    for (bytes, text) in [(b"abc\0", "abc"), (b"abcd", "abcd")] {
        view.write_bytes(8188, bytes).unwrap();
        let read = reader.read_text(8188, 100, Encoding::Utf8);
        assert_eq!(read.unwrap(), text, "text at the end of the memory");
    }
    for at in [4096, 4097, 8184] {
        view.write(at, &(at as u64)).unwrap();
        assert_eq!(reader.read::<u64>(at).unwrap(), at as u64);
    }
    assert_not_committed(SharedSlice::<u64>::open(&name), 0);

    // Memory that comes later is seen by views that were there before.
    view.commit(0, 3 * 4096).unwrap();
    for at in [0, 4089, 8185, 8192, 3 * 4096 - 8] {
        view.write(at, &(at as u64)).unwrap();
        assert_eq!(reader.read::<u64>(at).unwrap(), at as u64);
    }
    refuse_reads(&reader, 3 * 4096 - 7, 3 * 4096);
}

#[test]
fn windows_know_which_of_their_pages_have_memory() {
    let section: Section<ReadWrite> = Section::create_with(
        &fresh_name(),
        100 * 4096,
        SharedMemoryOptions::new().backing(Backing::Reserved),
    )
    .unwrap();
    section.map().unwrap().commit(20 * 4096, 4096).unwrap();
    let window = section.map_range(20 * 4096 - 10, 4096 + 20).unwrap();
    refuse_reads(&window, 0, 0);
    refuse_reads(&window, 9, 9);
    refuse_reads(&window, 4096 + 3, 4096 + 10);
    refuse_reads(&window, 4096 + 12, 4096 + 12);
    window.write(10, &1_u64).unwrap();
    assert_eq!(window.read::<u64>(4096 + 2).unwrap(), 0);
}
