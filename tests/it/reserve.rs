//! Reserved regions: address space first, memory piece by piece.

use win_shared_memory::{
    Access, Backing, CopyOnWrite, Encoding, ReadOnly, ReadWrite, Section, SharedMemoryError,
    SharedMemoryLink, SharedMemoryOptions, SharedSlice, View, Writable,
};

use crate::support::{fresh_name, peek, poke};

fn reserve(name: &str, size: u64) -> Section<ReadWrite> {
    Section::create_with(
        name,
        size,
        SharedMemoryOptions::new().backing(Backing::Reserved),
    )
    .unwrap()
}

#[test]
fn a_window_committed_far_inside_a_large_region_is_seen_through_other_windows() {
    const GIB: u64 = 1 << 30;
    let name = fresh_name();
    let section = reserve(&name, 8 * GIB);
    assert_eq!(section.created_size(), Some(8 * GIB));
    let window = section.map_range(5 * GIB + 5, 10_000).unwrap();
    window.commit(0, 10_000).unwrap();
    poke(&window, 0, 1);
    poke(&window, 9_999, 2);

    let other = Section::open(&name).unwrap();
    let seen = other.map_range(5 * GIB, 20_000).unwrap();
    assert_eq!((peek(&seen, 5), peek(&seen, 10_004)), (1, 2));
    assert_eq!(peek(&seen, 6), 0);
}

#[test]
fn a_reserved_region_larger_than_4_gib_knows_its_size_and_bounds() {
    let name = fresh_name();
    let size = 8 << 30;
    let section = reserve(&name, size);
    assert_eq!(section.page_rounded_len().unwrap(), size);
    let last = section.map_range(size - 1, 1).unwrap();
    last.commit(0, 1).unwrap();
    poke(&last, 0, 1);
    let error = section.map_range(size - 1, 2).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::OutOfBounds { size: s, .. } if s == size),
        "{error:?}"
    );
    // The committed tail splits the region's pages in two runs.
    assert_eq!(section.page_rounded_len().unwrap(), size);
    assert_eq!(
        Section::open(&name).unwrap().page_rounded_len().unwrap(),
        size
    );
}

#[test]
fn what_is_committed_is_told_page_by_page_and_to_every_view() {
    let name = fresh_name();
    let section = reserve(&name, 100 * 4096);
    let view = section.map().unwrap();
    let reader = Section::open(&name).unwrap().map().unwrap();
    assert!(!reader.is_committed(0, 1).unwrap());
    view.commit(5 * 4096 + 1, 4096).unwrap();
    for view in [&reader, &Section::open(&name).unwrap().map().unwrap()] {
        for (offset, len, expected) in [
            (0, 0, true),
            (0, 4096, false),
            (5 * 4096 - 1, 1, false),
            (5 * 4096 - 1, 2, false),
            (5 * 4096, 1, true),
            (5 * 4096, 2 * 4096, true),
            (5 * 4096 + 17, 4096, true),
            (6 * 4096, 4096, true),
            (7 * 4096 - 1, 1, true),
            (7 * 4096 - 1, 2, false),
            (7 * 4096, 1, false),
            (0, 100 * 4096, false),
        ] {
            let answer = view.is_committed(offset, len).unwrap();
            assert_eq!(answer, expected, "{len} bytes at {offset}");
        }
    }
}

#[test]
fn what_is_committed_is_told_for_windows_at_any_offset() {
    let section = reserve(&fresh_name(), 100 * 4096);
    section.map().unwrap().commit(20 * 4096, 4096).unwrap();
    let window = section.map_range(20 * 4096 - 3, 4096 + 6).unwrap();
    assert!(!window.is_committed(0, 4).unwrap());
    assert!(!window.is_committed(2, 2).unwrap());
    assert!(window.is_committed(3, 4096).unwrap());
    assert!(!window.is_committed(3, 4097).unwrap());

    // Ends a little into a page without memory, less far than it begins into one with.
    let window = section.map_range(20 * 4096 + 100, 4096).unwrap();
    assert!(window.is_committed(0, 3996).unwrap());
    assert!(!window.is_committed(0, 3997).unwrap());
    assert!(!window.is_committed(3990, 106).unwrap());
    assert!(!window.is_committed(4095, 1).unwrap());
}

#[test]
fn committing_twice_keeps_what_is_there() {
    let view = reserve(&fresh_name(), 1 << 20).map().unwrap();
    view.commit(4096, 1).unwrap();
    poke(&view, 4100, 7);
    view.commit(0, 1 << 20).unwrap();
    view.commit(0, 0).unwrap();
    assert_eq!(peek(&view, 4100), 7);
    assert_eq!(peek(&view, (1 << 20) - 1), 0);
    assert!(view.is_committed(0, 1 << 20).unwrap());
}

#[test]
fn committing_outside_the_view_is_out_of_bounds() {
    let view = reserve(&fresh_name(), 8192).map().unwrap();
    for (offset, len) in [(8192, 1), (0, 8193), (usize::MAX, 1), (1, usize::MAX)] {
        let error = view.commit(offset, len).unwrap_err();
        assert!(
            matches!(error, SharedMemoryError::OutOfBounds { size: 8192, .. }),
            "{error:?}"
        );
    }
}

#[test]
fn committing_what_is_committed_already_is_fine() {
    let view = Section::create(&fresh_name(), 8192).unwrap().map().unwrap();
    poke(&view, 0, 1);
    view.commit(0, 8192).unwrap();
    assert_eq!(peek(&view, 0), 1);
}

#[test]
fn a_typed_link_to_memory_not_committed_is_refused() {
    let name = fresh_name();
    let section = reserve(&name, 100 * 4096);
    type Pages = [u8; 3 * 4096];
    let attempts = || {
        [
            SharedMemoryLink::<Pages, ReadOnly>::open(&name).map(drop),
            SharedMemoryLink::<Pages, ReadWrite>::open_existing(&name).map(drop),
            SharedMemoryLink::<Pages, ReadWrite>::get_or_create(&name).map(drop),
        ]
    };
    let view = section.map().unwrap();
    for (committed, missing) in [(0, 0), (1, 4096), (2, 8192)] {
        view.commit(0, committed * 4096).unwrap();
        for attempt in attempts() {
            match attempt {
                Err(SharedMemoryError::NotCommitted { offset, .. }) => assert_eq!(offset, missing),
                other => panic!("{committed} committed: {other:?}"),
            }
        }
    }
    view.commit(8192, 1).unwrap();
    for attempt in attempts() {
        attempt.unwrap();
    }
}

#[test]
fn a_typed_link_has_its_memory_whatever_the_backing() {
    let mut options = SharedMemoryOptions::new();
    options.backing(Backing::Reserved);
    let created = options.create::<u64>(&fresh_name()).unwrap();
    let found = options.get_or_create::<u64>(&fresh_name()).unwrap();
    for link in [created, found] {
        assert!(link.view().is_committed(0, 8).unwrap());
        poke(link.view(), 7, 1);
    }
}

#[test]
fn an_ordinary_region_is_committed_whole() {
    let name = fresh_name();
    let created = Section::create(&name, 100_000).unwrap().map().unwrap();
    assert!(created.is_committed(0, created.len()).unwrap());
}

#[test]
#[ignore = "needs real Windows: Wine does not count the commit charge, and lets pages be touched"]
fn reserving_charges_nothing_and_committing_only_the_window() {
    const MIB: usize = 1 << 20;
    let before = crate::raw::commit_charge();
    let section = reserve(&fresh_name(), 64 << 30);
    let window = section.map_range(5 << 30, 64 * MIB).unwrap();
    let reserved = crate::raw::commit_charge() - before;
    assert!(reserved < 1 << 30, "{reserved} bytes");
    window.commit(0, 64 * MIB).unwrap();
    let committed = crate::raw::commit_charge() - before;
    assert!(
        (64 * MIB as i64..2 << 30).contains(&committed),
        "{committed} bytes"
    );
}

/// The two pages that have memory end here.
const END: usize = 8192;

#[track_caller]
fn assert_not_committed<T>(result: Result<T, SharedMemoryError>) {
    match result {
        Err(SharedMemoryError::NotCommitted { offset, .. }) => assert_eq!(offset, END as u64),
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("accepted"),
    }
}

fn read_across_the_end<A: Access>(view: &View<A>) {
    assert_eq!(view.read::<u64>(END - 8).unwrap(), 0);
    for at in END - 7..=END {
        assert_not_committed(view.read::<u64>(at));
        assert_not_committed(view.try_read::<[bool; 8]>(at));
        assert_not_committed(view.place::<u64>(at));
        assert_not_committed(view.read_bytes(at, &mut [0; 8]));
        assert_not_committed(view.table::<u64>(at, 8, 1));
        assert_eq!(view.read_bytes(at, &mut []).ok(), Some(()));
    }
    assert_not_committed(view.table::<u64>(0, 4096, 3));
    assert_eq!(view.table::<u64>(0, 4096, 2).unwrap().len(), 2);
    view.read_text(END - 4, 100, Encoding::Utf8).unwrap();
    assert_not_committed(view.read_text(END, 100, Encoding::Utf8));
    // Whatever the system says of such pages, it does not crash.
    let _ = view.flush();
}

fn write_across_the_end<A: Writable>(view: &View<A>) {
    view.write(END - 8, &0_u64).unwrap();
    for at in END - 7..=END {
        assert_not_committed(view.write(at, &1_u64));
        assert_not_committed(view.write_bytes(at, &[1; 8]));
    }
}

#[test]
fn every_way_into_pages_without_memory_is_an_error() {
    let name = fresh_name();
    let section = reserve(&name, 16 * 4096);
    let view = section.map().unwrap();
    view.commit(0, END).unwrap();
    let reader = Section::<ReadOnly>::open(&name).unwrap();
    let copier = section.try_clone_as::<CopyOnWrite>().unwrap();
    read_across_the_end(&view);
    write_across_the_end(&view);
    read_across_the_end(&reader.map().unwrap());
    let private = copier.map().unwrap();
    read_across_the_end(&private);
    write_across_the_end(&private);

    assert_eq!(SharedSlice::<u64>::open(&name).unwrap().len(), END / 8);
    assert_not_committed(SharedMemoryLink::<[u8; END + 1]>::open(&name));
    assert_not_committed(SharedSlice::<[u8; END + 1]>::open(&name));
    let private = SharedMemoryOptions::new().open_copy_on_write::<[u8; END + 1]>(&name);
    assert_not_committed(private);
}
