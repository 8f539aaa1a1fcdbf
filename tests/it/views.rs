//! Views: windows, their bounds, and what several of them share.

use win_shared_memory::{
    CopyOnWrite, ReadOnly, ReadWrite, Section, SharedMemoryError, SharedMemoryOptions, View,
};

use crate::support::{fresh_name, peek, poke};

#[track_caller]
fn assert_out_of_bounds(section: &Section<ReadWrite>, offset: u64, len: usize, size: u64) {
    let reader = section.try_clone_as::<ReadOnly>().unwrap();
    for error in [
        section.map_range(offset, len).unwrap_err(),
        reader.map_range(offset, len).unwrap_err(),
    ] {
        match error {
            SharedMemoryError::OutOfBounds {
                offset: o,
                len: l,
                size: s,
                ..
            } => assert_eq!((o, l, s), (offset, len as u64, size)),
            other => panic!("{len} at {offset}: {other:?}"),
        }
    }
}

#[test]
fn a_window_begins_at_any_byte() {
    let section = Section::create(&fresh_name(), 200_000).unwrap();
    let whole = section.map().unwrap();
    for (tag, offset) in (1..).zip([
        0_u64, 1, 4095, 4096, 4099, 12_290, 65_535, 65_536, 65_537, 70_000, 131_073,
    ]) {
        let window = section.map_range(offset, 10).unwrap();
        assert_eq!(window.len(), 10);
        poke(&whole, offset as usize, tag);
        poke(&window, 9, tag + 100);
        assert_eq!(peek(&window, 0), tag, "offset {offset}");
        assert_eq!(peek(&whole, offset as usize + 9), tag + 100);
    }
}

#[test]
fn a_window_may_end_with_the_last_byte_and_not_after_it() {
    for size in [1, 4096, 65_536, 100_000, 200_000] {
        let section = Section::create(&fresh_name(), size).unwrap();
        let end = size.next_multiple_of(4096);
        for len in [1_u64, 17, 4096, end] {
            if len > end {
                continue;
            }
            let window = section.map_range(end - len, len as usize).unwrap();
            assert_eq!(peek(&window, len as usize - 1), 0);
            assert_out_of_bounds(&section, end - len + 1, len as usize, end);
            assert_out_of_bounds(&section, end - len, len as usize + 1, end);
        }
        assert_out_of_bounds(&section, end, 1, end);
        assert_out_of_bounds(&section, end + 70_000, 1, end);
        assert_out_of_bounds(&section, 1 << 40, 1, end);
    }
}

#[test]
fn offsets_and_lengths_that_overflow_are_out_of_bounds() {
    let section = Section::create(&fresh_name(), 8192).unwrap();
    for (offset, len) in [
        (u64::MAX, 1),
        (u64::MAX - 1, 1),
        (u64::MAX - 1, 2),
        (u64::MAX, usize::MAX),
        (1, usize::MAX),
        (0, usize::MAX),
        (65_535, usize::MAX - 65_534),
        (65_535, usize::MAX - 65_535),
        (i64::MAX as u64, 1),
        (i64::MAX as u64, i64::MAX as usize),
        (0, i64::MAX as usize),
        (0, usize::MAX >> 17),
        (0, usize::MAX >> 2),
        (1 << 62, usize::MAX >> 2),
        (1 << 62, 1),
    ] {
        assert_out_of_bounds(&section, offset, len, 8192);
    }
}

#[test]
fn a_window_of_no_bytes_is_an_error_and_does_not_mean_to_the_end() {
    let section = Section::create(&fresh_name(), 8192).unwrap();
    for offset in [0, 1, 4096, 8192, 9000, u64::MAX] {
        assert_out_of_bounds(&section, offset, 0, 8192);
    }
    let message = section.map_range(0, 0).unwrap_err().to_string();
    assert!(message.contains("no bytes"), "{message}");
}

#[test]
fn the_whole_view_covers_all_pages() {
    let section = Section::create(&fresh_name(), 100_000).unwrap();
    let view = section.map().unwrap();
    assert_eq!(view.len(), 102_400);
    poke(&view, 102_399, 1);
    assert_eq!(section.page_rounded_len().unwrap(), 102_400);
}

#[test]
fn views_of_one_region_share_their_bytes_at_different_addresses() {
    let section = Section::create(&fresh_name(), 4096).unwrap();
    let (first, second) = (section.map().unwrap(), section.map().unwrap());
    assert_ne!(first.as_ptr(), second.as_ptr());
    poke(&first, 100, 5);
    poke(&second, 101, 6);
    assert_eq!((peek(&second, 100), peek(&first, 101)), (5, 6));
}

#[test]
fn data_survive_unmapping_while_a_handle_lives() {
    let section = Section::create(&fresh_name(), 4096).unwrap();
    poke(&section.map().unwrap(), 0, 8);
    poke(&section.map_range(4000, 1).unwrap(), 0, 9);
    assert_eq!(peek(&section.map().unwrap(), 0), 8);
    assert_eq!(peek(&section.map_range(4000, 1).unwrap(), 0), 9);
}

#[test]
fn a_view_outlives_its_section() {
    let section = Section::create(&fresh_name(), 4096).unwrap();
    let (view, window) = (section.map().unwrap(), section.map_range(70, 7).unwrap());
    drop(section);
    poke(&view, 70, 1);
    assert_eq!(peek(&window, 0), 1);
}

#[test]
fn flush_succeeds_whatever_the_access() {
    let name = fresh_name();
    let section = Section::create(&name, 100_000).unwrap();
    let options = SharedMemoryOptions::new();
    section.map().unwrap().flush().unwrap();
    section.map_range(70_001, 3).unwrap().flush().unwrap();
    options.open::<u32>(&name).unwrap().view().flush().unwrap();
    let copy = options.open_copy_on_write::<u32>(&name).unwrap();
    poke(copy.view(), 0, 1);
    copy.view().flush().unwrap();
}

/// The check that every access by offset makes.
#[track_caller]
fn assert_bounds<A: win_shared_memory::Access>(view: &View<A>) {
    let len = view.len();
    for (offset, count) in [(0, 0), (0, 1), (0, len), (len - 1, 1), (len, 0)] {
        assert!(view.is_committed(offset, count).unwrap());
    }
    for (offset, count) in [
        (len, 1),
        (len - 1, 2),
        (len + 1, 0),
        (0, len + 1),
        (len + 1_000_000, 1),
        (usize::MAX, 1),
        (1, usize::MAX),
        (usize::MAX, usize::MAX),
    ] {
        let error = view.is_committed(offset, count).unwrap_err();
        let SharedMemoryError::OutOfBounds { size, .. } = error else {
            panic!("{count} at {offset} of {len}: {error:?}");
        };
        assert_eq!(size, len as u64);
    }
}

#[test]
fn access_by_offset_stays_inside_the_window() {
    for (size, offset, len) in [
        (8192, 0, 8192),
        (8192, 8100, 92),
        (8192, 1, 8191),
        (8192, 17, 20),
        (70_000, 69_900, 16),
    ] {
        let section = Section::create(&fresh_name(), size).unwrap();
        let window = section.map_range(offset, len).unwrap();
        assert_bounds(&window);
        assert_bounds(
            &section
                .try_clone_as::<ReadOnly>()
                .unwrap()
                .map_range(offset, len)
                .unwrap(),
        );
        assert_bounds(
            &section
                .try_clone_as::<CopyOnWrite>()
                .unwrap()
                .map_range(offset, len)
                .unwrap(),
        );
        for at in [0, len - 1] {
            poke(&window, at, 77);
            assert_eq!(peek(&window, at), 77);
        }
    }
}

#[test]
fn many_views_at_once() {
    let section = Section::create(&fresh_name(), 1 << 20).unwrap();
    let windows: Vec<_> = (0..500_u64)
        .map(|index| section.map_range(index * 2_000 + 1, 1_000).unwrap())
        .collect();
    for (index, window) in windows.iter().enumerate() {
        poke(window, 999, index as u8);
    }
    let whole = section.map().unwrap();
    for index in 0..500 {
        assert_eq!(peek(&whole, index * 2_000 + 1_000), index as u8);
    }
}
