//! Sections in large pages: windows at every edge, and the size.

use win_shared_memory::{Backing, ReadOnly, ReadWrite, Section, SharedMemoryError};
use win_shared_memory::{SharedMemoryLink, SharedMemoryOptions};

use crate::raw::large_page_minimum;
use crate::support::{fresh_name, peek, poke};

fn options() -> SharedMemoryOptions {
    let mut options = SharedMemoryOptions::new();
    options.backing(Backing::LargePages);
    options
}

/// A section of four large pages, one byte less asked for; `None` where the user has no right to
/// them.
fn four_pages(name: &str) -> Option<(Section<ReadWrite>, u64)> {
    let page = large_page_minimum() as u64;
    match Section::create_with(name, 4 * page - 1, &options()) {
        Err(SharedMemoryError::PrivilegeNotHeld { .. }) => None,
        section => Some((section.unwrap(), page)),
    }
}

#[test]
fn the_size_of_a_section_in_large_pages_is_whole_large_pages() {
    let name = fresh_name();
    let Some((section, page)) = four_pages(&name) else {
        return;
    };
    assert_eq!(section.created_size(), Some(4 * page - 1));
    assert_eq!(section.page_rounded_len().unwrap(), 4 * page);
    assert_eq!(section.map().unwrap().len() as u64, 4 * page);
    let opened: Section<ReadOnly> = Section::open_with(&name, &options()).unwrap();
    assert_eq!(opened.page_rounded_len().unwrap(), 4 * page);
}

#[test]
fn a_window_of_large_pages_begins_and_ends_at_any_byte() {
    const GRANULE: u64 = 65_536;
    let name = fresh_name();
    let Some((section, page)) = four_pages(&name) else {
        return;
    };
    let whole = section.map().unwrap();
    let opened: Section<ReadOnly> = Section::open_with(&name, &options()).unwrap();
    let end = 4 * page;
    let edges = [
        0,
        GRANULE,
        page - GRANULE,
        page,
        3 * page,
        end - GRANULE,
        end,
    ];
    let near = |edge: u64| {
        [
            edge.wrapping_sub(10),
            edge.wrapping_sub(1),
            edge,
            edge + 1,
            edge + 4096,
        ]
    };
    let mut tag = 0_u8;
    for offset in edges.into_iter().flat_map(near) {
        for len in [1, 10, 4096, GRANULE, page, page + GRANULE + 1] {
            let last = match offset.checked_add(len) {
                Some(after) if after <= end => after - 1,
                _ => {
                    assert_out_of_bounds(&section, offset, len, end);
                    continue;
                }
            };
            tag = tag % 100 + 1;
            poke(&whole, offset as usize, tag);
            poke(&whole, last as usize, tag + 100);
            for window in [
                section
                    .map_range(offset, len as usize)
                    .map(|it| (it.len(), peek(&it, 0), peek(&it, len as usize - 1))),
                opened
                    .map_range(offset, len as usize)
                    .map(|it| (it.len(), peek(&it, 0), peek(&it, len as usize - 1))),
            ] {
                let first = if len == 1 { tag + 100 } else { tag };
                assert_eq!(
                    window.unwrap(),
                    (len as usize, first, tag + 100),
                    "{len} at {offset}"
                );
            }
        }
    }
}

#[track_caller]
fn assert_out_of_bounds(section: &Section<ReadWrite>, offset: u64, len: u64, size: u64) {
    match section.map_range(offset, len as usize).unwrap_err() {
        SharedMemoryError::OutOfBounds {
            offset: o,
            len: l,
            size: s,
            ..
        } => assert_eq!((o, l, s), (offset, len, size)),
        other => panic!("{len} at {offset}: {other:?}"),
    }
}

#[test]
fn a_window_of_large_pages_that_overflows_is_out_of_bounds() {
    let Some((section, page)) = four_pages(&fresh_name()) else {
        return;
    };
    for (offset, len) in [
        (u64::MAX, 1),
        (1, usize::MAX as u64),
        (page - 1, usize::MAX as u64 - page + 1),
        (0, usize::MAX as u64),
        (0, 0),
        (i64::MAX as u64, 1),
    ] {
        assert_out_of_bounds(&section, offset, len, 4 * page);
    }
}

#[test]
fn a_typed_link_lives_in_large_pages() {
    let name = fresh_name();
    let link = match options().create::<[u32; 1000]>(&name) {
        Err(SharedMemoryError::PrivilegeNotHeld { .. }) => return,
        link => link.unwrap(),
    };
    link.place().at(999).write(&7);
    let reader: SharedMemoryLink<[u32; 1000]> = options().open(&name).unwrap();
    assert_eq!(reader.place().at(999).read(), 7);
}

#[test]
fn small_pages_taken_for_large_ones_are_an_error_that_says_so() {
    let name = fresh_name();
    let _small = Section::create(&name, 4096).unwrap();
    let error = options().open::<u32>(&name).unwrap_err();
    assert!(error.to_string().contains("large pages"), "{error}");
}
