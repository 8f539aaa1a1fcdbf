//! Creating, opening, and opening or creating.

use std::thread;

use win_shared_memory::{
    Backing, CopyOnWrite, ReadOnly, ReadWrite, Section, SharedMemoryError, SharedMemoryLink,
    SharedMemoryOptions,
};

use windows_sys::Win32::System::Memory::PAGE_READWRITE;

use crate::raw;
use crate::support::{fresh_name, peek, poke};

type Writer<T> = SharedMemoryLink<T, ReadWrite>;
type Reader<T> = SharedMemoryLink<T, ReadOnly>;

#[test]
fn a_new_region_is_all_zero() {
    let link = Writer::<[u8; 100_000]>::create(&fresh_name()).unwrap();
    assert!(link.was_created());
    assert!((0..link.len()).all(|at| peek(link.view(), at) == 0));
}

#[test]
fn create_refuses_a_name_that_is_taken() {
    let name = fresh_name();
    let first = Writer::<u32>::create(&name).unwrap();
    poke(first.view(), 0, 7);
    for _ in 0..3 {
        let error = Writer::<u32>::create(&name).unwrap_err();
        assert!(matches!(error, SharedMemoryError::AlreadyExists), "{error}");
    }
    let error = Section::create(&name, 1 << 20).unwrap_err();
    assert!(matches!(error, SharedMemoryError::AlreadyExists), "{error}");
    assert_eq!(peek(first.view(), 0), 7, "left alone");
}

#[test]
fn a_name_is_free_again_after_the_drop_and_the_new_region_is_zero() {
    let name = fresh_name();
    for round in 1..=10 {
        let link = Writer::<u32>::create(&name).unwrap();
        assert_eq!(peek(link.view(), 0), 0, "round {round}");
        poke(link.view(), 0, round);
    }
}

#[test]
fn a_missing_region_is_not_found_whether_local_or_global() {
    let local = fresh_name();
    for name in [
        local.as_str(),
        &local.replace("Local", "Global"),
        local.strip_prefix(r"Local\").unwrap(),
    ] {
        for error in [
            Reader::<u32>::open(name).unwrap_err(),
            Writer::<u32>::open_existing(name).unwrap_err(),
            Section::open(name).unwrap_err(),
            Section::open_existing(name).unwrap_err(),
        ] {
            assert!(
                matches!(error, SharedMemoryError::OpenMapping(_)),
                "{error:?}"
            );
            assert!(error.is_not_found(), "{error}");
            assert!(!error.is_access_denied(), "{error}");
        }
    }
}

#[test]
fn create_then_open_then_get_or_create_share_one_region() {
    let name = fresh_name();
    let created = Writer::<[u8; 4]>::create(&name).unwrap();
    let opened = Reader::<[u8; 4]>::open(&name).unwrap();
    let existing = Writer::<[u8; 4]>::open_existing(&name).unwrap();
    let found = Writer::<[u8; 4]>::get_or_create(&name).unwrap();
    assert!(created.was_created());
    assert!(!opened.was_created() && !existing.was_created() && !found.was_created());

    poke(created.view(), 0, 1);
    poke(existing.view(), 1, 2);
    poke(found.view(), 2, 3);
    for at in 0..3 {
        assert_eq!(usize::from(peek(opened.view(), at)), at + 1);
    }
}

#[test]
fn get_or_create_tells_which_it_did() {
    let name = fresh_name();
    let first = Writer::<u64>::get_or_create(&name).unwrap();
    let second = Writer::<u64>::get_or_create(&name).unwrap();
    assert!(first.was_created());
    assert!(!second.was_created());
    assert_eq!(first.section().created_size(), Some(8));
    assert_eq!(second.section().created_size(), None);
    drop((first, second));
    assert!(Writer::<u64>::get_or_create(&name).unwrap().was_created());
}

#[test]
fn get_or_create_leaves_an_existing_region_its_size() {
    let name = fresh_name();
    let _large = Section::create(&name, 100_000).unwrap();
    let small = Section::get_or_create(&name, 1).unwrap();
    assert_eq!(small.page_rounded_len().unwrap(), 102_400);
}

#[test]
fn a_size_of_zero_is_refused() {
    let name = fresh_name();
    let mut options = SharedMemoryOptions::new();
    options.backing(Backing::Reserved);
    for error in [
        Section::create(&name, 0).unwrap_err(),
        Section::get_or_create(&name, 0).unwrap_err(),
        Section::<ReadOnly>::create_with(&name, 0, &options).unwrap_err(),
        Section::create_unnamed_with(0, &options).unwrap_err(),
    ] {
        assert!(
            matches!(error, SharedMemoryError::InvalidSize { size: 0, .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("zero"), "{error}");
    }
    assert!(Section::open(&name).unwrap_err().is_not_found());
}

#[test]
fn a_zero_sized_type_is_refused_by_every_constructor() {
    let (missing, taken) = (fresh_name(), fresh_name());
    let _region = Section::create(&taken, 4096).unwrap();
    for error in [
        Writer::<()>::create(&missing).unwrap_err(),
        Writer::<[u64; 0]>::get_or_create(&missing).unwrap_err(),
        Writer::<()>::get_or_create(&taken).unwrap_err(),
        Reader::<()>::open(&taken).unwrap_err(),
        Writer::<()>::open_existing(&taken).unwrap_err(),
    ] {
        assert!(
            matches!(error, SharedMemoryError::InvalidSize { size: 0, .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("zero-sized"), "{error}");
    }
    assert!(Section::open(&missing).unwrap_err().is_not_found());
}

#[repr(align(65536))]
struct Granular(#[expect(dead_code)] u8);
#[repr(align(131072))]
struct OverAligned(#[expect(dead_code)] u8);

#[test]
fn a_type_aligned_to_more_than_views_are_is_refused() {
    let (missing, taken) = (fresh_name(), fresh_name());
    let _region = Section::create(&taken, 1 << 20).unwrap();
    for error in [
        Writer::<OverAligned>::create(&missing).unwrap_err(),
        Writer::<OverAligned>::get_or_create(&missing).unwrap_err(),
        Reader::<OverAligned>::open(&taken).unwrap_err(),
        Writer::<OverAligned>::open_existing(&taken).unwrap_err(),
    ] {
        let SharedMemoryError::AlignmentTooLarge {
            align, granularity, ..
        } = error
        else {
            panic!("{error:?}");
        };
        assert_eq!((align, granularity), (131_072, 65_536));
    }
    assert!(Section::open(&missing).unwrap_err().is_not_found());
}

#[test]
fn a_type_aligned_as_views_are_is_fine_and_aligned() {
    let link = Writer::<Granular>::create(&fresh_name()).unwrap();
    assert!(link.as_ptr().is_aligned());
    assert_eq!(link.len(), size_of::<Granular>());
}

#[test]
fn sizes_that_no_region_can_have_are_refused_before_the_system_is_asked() {
    for size in [
        u64::MAX,
        u64::MAX - 4096,
        1 << 63,
        i64::MAX as u64,
        i64::MAX as u64 - 4094,
    ] {
        let error = Section::create(&fresh_name(), size).unwrap_err();
        match error {
            SharedMemoryError::InvalidSize { size: given, .. } => assert_eq!(given, size),
            other => panic!("{size}: {other:?}"),
        }
    }
}

#[test]
fn more_memory_than_there_is_is_out_of_memory() {
    let error = Section::create(&fresh_name(), 64 << 40).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::CreateMapping(_)),
        "{error:?}"
    );
    assert!(error.is_out_of_memory(), "{error}");
    assert!(!error.is_access_denied() && !error.is_not_found());
}

#[test]
fn the_largest_size_is_an_error_of_the_system_and_not_a_panic() {
    let size = i64::MAX as u64 - 4095;
    let error = Section::create(&fresh_name(), size).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::CreateMapping(_)),
        "{error:?}"
    );
}

/// With 32 bits there is no such type.
#[cfg(target_pointer_width = "64")]
#[test]
fn a_type_over_4_gib_cannot_be_created_and_is_too_large_for_a_small_region() {
    type Huge = [u8; 5 << 30];
    let name = fresh_name();
    for error in [
        Writer::<Huge>::create(&name).unwrap_err(),
        Writer::<Huge>::get_or_create(&name).unwrap_err(),
    ] {
        assert!(matches!(error, SharedMemoryError::SizeTooLarge), "{error}");
    }
    let _small = Section::create(&name, 1).unwrap();
    let error = Reader::<Huge>::open(&name).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::TooSmall { actual: 4096, .. }),
        "{error:?}"
    );
}

#[test]
fn any_size_with_any_access_inherited_or_not_can_be_created_and_opened() {
    fn check<A: win_shared_memory::Access>(size: u64, inheritable: bool) {
        let mut options = SharedMemoryOptions::new();
        options.inheritable(inheritable);
        let name = fresh_name();
        let created = Section::<A>::create_with(&name, size, &options).unwrap();
        assert_eq!(created.created_size(), Some(size));
        let opened = Section::<A>::open_with(&name, &options).unwrap();
        assert_eq!(created.map().unwrap().len(), opened.map().unwrap().len());
        assert_eq!(
            opened.page_rounded_len().unwrap(),
            size.next_multiple_of(4096)
        );
    }
    for size in [1, 256, 4095, 4096, 4097, 10_000, 65_536, 3 << 20] {
        for inheritable in [false, true] {
            check::<ReadOnly>(size, inheritable);
            check::<ReadWrite>(size, inheritable);
            check::<CopyOnWrite>(size, inheritable);
        }
    }
}

#[test]
fn a_hundred_regions_at_once_keep_apart() {
    let names: Vec<_> = (0..100).map(|_| fresh_name()).collect();
    let links: Vec<_> = (0..100)
        .map(|index| {
            let link = Writer::<u8>::create(&names[index]).unwrap();
            poke(link.view(), 0, index as u8);
            link
        })
        .collect();
    for (index, name) in names.iter().enumerate() {
        let reader = Reader::<u8>::open(name).unwrap();
        assert_eq!(usize::from(peek(reader.view(), 0)), index);
    }
    drop(links);
}

#[test]
fn the_creator_knows_the_exact_size_and_everybody_the_page_rounded_one() {
    let name = fresh_name();
    let created = Section::create(&name, 1).unwrap();
    let opened = Section::open(&name).unwrap();
    assert_eq!(created.created_size(), Some(1));
    assert_eq!(opened.created_size(), None);
    assert_eq!(created.page_rounded_len().unwrap(), 4096);
    assert_eq!(opened.page_rounded_len().unwrap(), 4096);
}

#[test]
fn a_foreign_region_smaller_than_the_type_within_its_page_opens_and_says_it_is_not_exact() {
    let name = fresh_name();
    let _foreign = raw::section(&name, PAGE_READWRITE, 100);
    let link = Reader::<[u8; 4000]>::open(&name).unwrap();
    assert_eq!(link.len(), 4000);
    assert_eq!(link.section().created_size(), None);
    assert_eq!(link.section().page_rounded_len().unwrap(), 4096);
}

#[test]
fn a_type_as_large_as_the_region_fits_and_a_larger_one_does_not() {
    let name = fresh_name();
    let _region = Section::create(&name, 8192).unwrap();
    assert_eq!(Reader::<[u8; 8192]>::open(&name).unwrap().len(), 8192);
    for error in [
        Reader::<[u8; 8193]>::open(&name).unwrap_err(),
        Writer::<[u8; 8193]>::open_existing(&name).unwrap_err(),
        Writer::<[u8; 8193]>::get_or_create(&name).unwrap_err(),
    ] {
        let SharedMemoryError::TooSmall {
            name: given,
            needed,
            actual,
            ..
        } = error
        else {
            panic!("{error:?}");
        };
        assert_eq!(given.as_deref(), Some(name.as_str()));
        assert_eq!((needed, actual), (8193, 8192));
    }
}

#[test]
fn data_stay_readable_and_writable_after_the_creator_dropped() {
    let name = fresh_name();
    let creator = Writer::<u32>::create(&name).unwrap();
    poke(creator.view(), 0, 5);
    let writer = Writer::<u32>::open_existing(&name).unwrap();
    let reader = Reader::<u32>::open(&name).unwrap();
    drop(creator);
    assert_eq!(peek(reader.view(), 0), 5);
    poke(writer.view(), 0, 6);
    assert_eq!(peek(reader.view(), 0), 6);
}

#[test]
fn the_name_goes_with_the_last_handle() {
    let name = fresh_name();
    let creator = Writer::<u32>::create(&name).unwrap();
    let reader = Reader::<u32>::open(&name).unwrap();
    drop(creator);
    drop(Reader::<u32>::open(&name).unwrap());
    drop(reader);
    assert!(Reader::<u32>::open(&name).unwrap_err().is_not_found());
}

#[test]
fn a_view_keeps_the_memory_and_not_the_name() {
    let name = fresh_name();
    let section = Section::create(&name, 1).unwrap();
    let orphan = section.map().unwrap();
    poke(&orphan, 0, 9);
    drop(section);
    assert!(Section::open(&name).unwrap_err().is_not_found());
    let successor = Section::create(&name, 1).unwrap().map().unwrap();
    assert_eq!(peek(&successor, 0), 0);
    assert_eq!(peek(&orphan, 0), 9);
}

#[test]
fn a_link_stays_valid_when_moved_to_another_place_and_thread() {
    let name = fresh_name();
    let link = Writer::<u32>::create(&name).unwrap();
    let address = link.as_ptr().addr();
    let boxed = Box::new(Some(link));
    let back = thread::spawn(move || {
        let link = boxed.unwrap();
        poke(link.view(), 0, 3);
        link
    })
    .join()
    .unwrap();
    assert_eq!(back.as_ptr().addr(), address);
    assert_eq!(peek(back.view(), 0), 3);
    thread::spawn(move || drop(back)).join().unwrap();
    assert!(Reader::<u32>::open(&name).unwrap_err().is_not_found());
}
