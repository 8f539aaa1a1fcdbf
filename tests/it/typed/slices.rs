//! Slices: as many elements as asked for, or as fit.

use win_shared_memory::{
    Backing, ReadWrite, Section, SharedData, SharedMemoryError, SharedMemoryOptions, SharedSlice,
};

use crate::support::fresh_name;

/// Twelve bytes, three of them padding.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Item {
    id: u32,
    value: f32,
    kind: u8,
}

fn item(id: u32) -> Item {
    Item {
        id,
        value: id as f32 * 0.5,
        kind: id as u8,
    }
}

#[test]
fn elements_come_back() {
    let name = fresh_name();
    let slice = SharedSlice::<Item, ReadWrite>::create(&name, 1000).unwrap();
    assert_eq!(slice.len(), 1000);
    assert!(slice.was_created() && !slice.is_empty());
    assert_eq!(slice.read(999), Some(item(0)));
    let items: Vec<_> = (1..=1000).map(item).collect();
    slice.write_from(0, &items).unwrap();

    let mut reader = SharedSlice::<Item>::open(&name).unwrap();
    assert!(!reader.was_created());
    assert_eq!(reader.section().name(), Some(&*name));
    assert_eq!(reader.read(0), Some(item(1)));
    assert_eq!(reader.read(999), Some(item(1000)));
    assert_eq!(reader.values().take(1000).collect::<Vec<_>>(), items);
    reader.truncate(1000);
    assert_eq!(reader.values().collect::<Vec<_>>(), items);
    let mut part = [item(0); 3];
    reader.read_into(500, &mut part).unwrap();
    assert_eq!(part, [501, 502, 503].map(item));
    slice.get(501).unwrap().write(&item(7));
    assert_eq!(reader.read(501), Some(item(7)));
    assert_eq!(
        (reader.read(500), reader.read(502)),
        (Some(item(501)), Some(item(503)))
    );
}

#[test]
fn an_opened_slice_has_as_many_elements_as_fit() {
    fn count<T: SharedData>(name: &str) -> [usize; 3] {
        [
            SharedSlice::<T>::open(name).unwrap().len(),
            SharedSlice::<T, ReadWrite>::open_existing(name)
                .unwrap()
                .len(),
            SharedSlice::<T, ReadWrite>::get_or_create(name, 1)
                .unwrap()
                .len(),
        ]
    }
    for (size, mapped) in [(1, 4096), (4096, 4096), (4097, 8192), (100_000, 102_400)] {
        let name = fresh_name();
        let _section = Section::create(&name, size).unwrap();
        assert_eq!(count::<u8>(&name), [mapped; 3]);
        assert_eq!(count::<u64>(&name), [mapped / 8; 3]);
        assert_eq!(count::<Item>(&name), [mapped / 12; 3]);
        assert_eq!(count::<[u8; 4095]>(&name), [mapped / 4095; 3]);
        assert_eq!(
            count::<[u8; 4096]>(&name),
            [mapped / 4096; 3],
            "an exact fit"
        );
    }
}

#[test]
fn a_region_that_is_too_small_is_refused() {
    #[track_caller]
    fn refused<T: SharedData, A>(
        slice: Result<SharedSlice<T, A>, SharedMemoryError>,
        bytes: [u64; 2],
    ) {
        match slice.map(|it| it.section().was_created()) {
            Err(SharedMemoryError::TooSmall {
                needed,
                actual,
                name,
                ..
            }) => {
                assert_eq!([needed, actual], bytes);
                assert!(name.is_some());
            }
            other => panic!("{other:?}"),
        }
    }
    let name = fresh_name();
    let _section = Section::create(&name, 1).unwrap();
    type Large = [u8; 4097];
    refused(SharedSlice::<Large>::open(&name), [4097, 4096]);
    refused(
        SharedSlice::<Large, ReadWrite>::open_existing(&name),
        [4097, 4096],
    );
    refused(
        SharedSlice::<u64, ReadWrite>::get_or_create(&name, 513),
        [4104, 4096],
    );
    let fits = SharedSlice::<u64, ReadWrite>::get_or_create(&name, 512).unwrap();
    assert_eq!(fits.len(), 512);
}

#[test]
fn lengths_that_are_none_are_refused() {
    #[track_caller]
    fn refused<T: SharedData>(len: usize, size: u64) {
        let name = fresh_name();
        for slice in [
            SharedSlice::<T, ReadWrite>::create(&name, len),
            SharedSlice::<T, ReadWrite>::get_or_create(&name, len),
        ] {
            match slice.map(|it| it.len()) {
                Err(SharedMemoryError::InvalidSize { size: told, .. }) => assert_eq!(told, size),
                other => panic!("{len} of {}: {other:?}", size_of::<T>()),
            }
        }
        let error = Section::open(&name).unwrap_err();
        assert!(error.is_not_found(), "nothing was created: {error}");
    }
    refused::<u64>(0, 0);
    refused::<[u8; 0]>(0, 0);
    refused::<[u8; 0]>(5, 0);
    for len in [usize::MAX / 8 + 1, usize::MAX - 1, usize::MAX] {
        refused::<u64>(len, u64::MAX);
    }
    refused::<Item>(usize::MAX / 12 + 1, u64::MAX);
    #[cfg(target_pointer_width = "64")]
    refused::<u8>(usize::MAX, u64::MAX);

    let name = fresh_name();
    let _section = Section::create(&name, 1).unwrap();
    let nothing = SharedSlice::<[u8; 0]>::open(&name).map(|it| it.len());
    assert!(
        matches!(nothing, Err(SharedMemoryError::InvalidSize { size: 0, .. })),
        "{nothing:?}"
    );
}

#[test]
fn elements_outside_are_neither_read_nor_written() {
    let name = fresh_name();
    let slice = SharedSlice::<u64, ReadWrite>::create(&name, 100).unwrap();
    slice.write_from(0, &[7; 100]).unwrap();
    for index in [100, 101, 511, 512, usize::MAX / 8, usize::MAX] {
        assert!(slice.get(index).is_none());
        assert_eq!(slice.read(index), None);
    }
    for (start, count) in [
        (0, 101),
        (1, 100),
        (99, 2),
        (100, 1),
        (101, 0),
        (usize::MAX, 1),
        (usize::MAX, 0),
        (usize::MAX / 8 + 1, 1),
    ] {
        let mut copy = vec![1; count];
        for result in [
            slice.read_into(start, &mut copy),
            slice.write_from(start, &vec![9; count]),
        ] {
            match result {
                Err(SharedMemoryError::OutOfBounds {
                    offset, len, size, ..
                }) => {
                    let expected = ((start as u64).saturating_mul(8), 8 * count as u64, 800);
                    assert_eq!((offset, len, size), expected);
                }
                other => panic!("{count} from {start}: {other:?}"),
            }
        }
        assert_eq!(copy, vec![1; count]);
    }
    slice.read_into(100, &mut []).unwrap();
    slice.write_from(100, &[]).unwrap();
    assert_eq!(slice.values().collect::<Vec<_>>(), [7; 100]);
    // What is behind the slice belongs to the region, and was not touched.
    let all = SharedSlice::<u64>::open(&name).unwrap();
    assert!(all.values().skip(100).all(|it| it == 0));
    assert_eq!(all.len(), 512);
}

#[test]
fn a_slice_is_shortened_and_never_lengthened() {
    let mut slice = SharedSlice::<u16, ReadWrite>::create(&fresh_name(), 10).unwrap();
    slice.truncate(11);
    assert_eq!(slice.len(), 10);
    slice.truncate(3);
    assert_eq!((slice.len(), slice.iter().count()), (3, 3));
    assert!(slice.get(3).is_none());
    slice.write_from(3, &[1]).unwrap_err();
    slice.truncate(0);
    assert!(slice.is_empty());
    assert_eq!(slice.read(0), None);
    slice.truncate(5);
    assert!(slice.is_empty());
}

#[test]
fn a_slice_ends_where_the_memory_of_a_reserved_region_does() {
    let name = fresh_name();
    let section: Section<ReadWrite> = Section::create_with(
        &name,
        10 * 4096,
        SharedMemoryOptions::new().backing(Backing::Reserved),
    )
    .unwrap();
    let open = || SharedSlice::<Item>::open(&name).map(|it| it.len());
    assert!(
        matches!(
            open(),
            Err(SharedMemoryError::NotCommitted { offset: 0, .. })
        ),
        "{:?}",
        open()
    );
    let view = section.map().unwrap();
    view.commit(4096, 4096).unwrap();
    assert!(open().is_err(), "the first page has none yet");
    view.commit(0, 4096).unwrap();
    assert_eq!(open().unwrap(), 8192 / 12);
    let slice = SharedSlice::<[u8; 5000]>::open(&name).unwrap();
    assert_eq!(slice.len(), 1);
    let none = SharedSlice::<[u8; 8193]>::open(&name).map(|it| it.len());
    assert!(
        matches!(
            none,
            Err(SharedMemoryError::NotCommitted { offset: 8192, .. })
        ),
        "{none:?}"
    );
}

#[test]
fn a_long_enough_region_without_memory_is_not_committed_and_not_too_small() {
    let name = fresh_name();
    let section: Section<ReadWrite> = Section::create_with(
        &name,
        8 * 4096,
        SharedMemoryOptions::new().backing(Backing::Reserved),
    )
    .unwrap();
    section.map().unwrap().commit(0, 4096).unwrap();
    let get_or_create = |len| SharedSlice::<u64, ReadWrite>::get_or_create(&name, len);
    assert_eq!(get_or_create(512).unwrap().len(), 512);
    for len in [513, 1024, 8 * 512] {
        let slice = get_or_create(len);
        assert!(
            matches!(
                slice,
                Err(SharedMemoryError::NotCommitted { offset: 4096, .. })
            ),
            "{slice:?}"
        );
    }
    let slice = get_or_create(8 * 512 + 1);
    assert!(
        matches!(
            slice,
            Err(SharedMemoryError::TooSmall {
                needed: 32_776,
                actual: 32_768,
                ..
            })
        ),
        "{slice:?}"
    );
}
