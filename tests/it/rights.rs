//! What each kind of access asks for, allows, and is refused.

use std::fs;
use std::os::windows::io::OwnedHandle;

use win_shared_memory::{
    Access, CopyOnWrite, ReadOnly, ReadWrite, Section, SecurityDescriptor, SharedMemoryError,
    SharedMemoryLink, SharedMemoryOptions,
};
use windows_sys::Win32::Storage::FileSystem::READ_CONTROL;
use windows_sys::Win32::System::Memory::{
    PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY, SECTION_ALL_ACCESS, SECTION_MAP_READ,
    SECTION_MAP_WRITE,
};

use crate::raw;
use crate::support::{Child, Parent, fresh_name, peek, poke, watchdog};

/// Whether the handle can be adopted and mapped with the access of `A`; a refusal must say that
/// access is denied.
#[track_caller]
fn maps<A: Access>(handle: &OwnedHandle) -> bool {
    let handle = handle.try_clone().unwrap();
    match Section::<A>::from_handle(handle) {
        Ok(section) => {
            assert_eq!(section.map().unwrap().len(), 4096);
            true
        }
        Err(error) => {
            assert!(matches!(error, SharedMemoryError::MapView(_)), "{error:?}");
            assert!(error.is_access_denied(), "{error}");
            assert!(error.to_string().contains("MapViewOfFile"), "{error}");
            false
        }
    }
}

/// For reading, for reading and writing, for copying on write.
#[track_caller]
fn maps_each(handle: &OwnedHandle) -> (bool, bool, bool) {
    (
        maps::<ReadOnly>(handle),
        maps::<ReadWrite>(handle),
        maps::<CopyOnWrite>(handle),
    )
}

#[test]
fn a_view_needs_the_rights_of_its_handle_and_a_refusal_says_access_denied() {
    let name = fresh_name();
    let _region = Section::create(&name, 4096).unwrap();
    for (rights, expected) in [
        (SECTION_MAP_READ, (true, false, true)),
        (SECTION_MAP_WRITE, (false, true, false)),
        (SECTION_MAP_READ | SECTION_MAP_WRITE, (true, true, true)),
        (SECTION_ALL_ACCESS, (true, true, true)),
        (READ_CONTROL, (false, false, false)),
    ] {
        let handle = raw::open_section(&name, rights);
        assert_eq!(maps_each(&handle), expected, "rights {rights:#x}");
    }
}

#[test]
fn a_view_needs_the_protection_of_its_section() {
    let path = std::env::temp_dir().join(fresh_name().replace('\\', "-"));
    fs::write(&path, [7; 4096]).unwrap();
    let file = fs::File::options()
        .read(true)
        .write(true)
        .open(&path)
        .unwrap();
    for (protect, expected) in [
        (PAGE_READONLY, (true, false, true)),
        (PAGE_WRITECOPY, (true, false, true)),
        (PAGE_READWRITE, (true, true, true)),
    ] {
        let section = raw::file_section(&file, protect).unwrap();
        assert_eq!(maps_each(&section), expected, "protection {protect:#x}");
    }
    drop(file);
    fs::remove_file(path).unwrap();
}

#[test]
#[ignore = "needs real Windows: Wine maps for writing what was created read-only"]
fn a_region_created_read_only_cannot_be_opened_for_writing() {
    let name = fresh_name();
    let _foreign = raw::section(&name, PAGE_READONLY, 4096);
    SharedMemoryLink::<u32, ReadOnly>::open(&name).unwrap();
    let error = SharedMemoryLink::<u32, ReadWrite>::open_existing(&name).unwrap_err();
    assert!(matches!(error, SharedMemoryError::MapView(_)), "{error:?}");
}

#[test]
fn every_access_can_be_had_on_a_region_that_allows_all() {
    let name = fresh_name();
    let _region = Section::create(&name, 1).unwrap();
    let options = SharedMemoryOptions::new();
    options.open::<u8>(&name).unwrap();
    options.open_existing::<u8>(&name).unwrap();
    options.open_copy_on_write::<u8>(&name).unwrap();
    options.get_or_create::<u8>(&name).unwrap();
}

#[test]
fn a_read_only_section_that_created_its_region_still_maps_for_reading() {
    let name = fresh_name();
    let mut options = SharedMemoryOptions::new();
    let created = Section::<ReadOnly>::create_with(&name, 1, options.inheritable(false));
    let created = created.unwrap();
    assert_eq!(peek(&created.map().unwrap(), 0), 0);
    let writer = Section::open_existing(&name).unwrap().map().unwrap();
    poke(&writer, 0, 4);
    assert_eq!(peek(&created.map().unwrap(), 0), 4);
}

#[test]
fn copy_on_write_is_seen_by_its_own_link_alone() {
    let name = fresh_name();
    let original = SharedMemoryLink::<[u8; 8192], ReadWrite>::create(&name).unwrap();
    poke(original.view(), 0, 1);
    poke(original.view(), 4096, 1);
    let options = SharedMemoryOptions::new();
    let copy = options.open_copy_on_write::<[u8; 8192]>(&name).unwrap();
    let other = options.open_copy_on_write::<[u8; 8192]>(&name).unwrap();
    let reader = options.open::<[u8; 8192]>(&name).unwrap();

    poke(copy.view(), 0, 2);
    assert_eq!(peek(copy.view(), 0), 2, "its own");
    for (link, view) in [("writer", peek(original.view(), 0))]
        .into_iter()
        .chain([("reader", peek(reader.view(), 0))])
        .chain([("other copy", peek(other.view(), 0))])
    {
        assert_eq!(view, 1, "{link}");
    }
    poke(original.view(), 4096, 3);
    assert_eq!(peek(copy.view(), 4096), 3, "a page not yet copied");

    drop(copy);
    let again = options.open_copy_on_write::<[u8; 8192]>(&name).unwrap();
    assert_eq!(peek(again.view(), 0), 1, "the original is unchanged");
}

#[test]
fn a_clone_of_the_section_can_be_mapped_with_other_access() {
    let writer = Section::create(&fresh_name(), 4096).unwrap();
    let reader = writer.try_clone_as::<ReadOnly>().unwrap();
    let copier = writer.try_clone_as::<CopyOnWrite>().unwrap();
    assert_eq!(reader.name(), writer.name());
    let (written, read) = (writer.map().unwrap(), reader.map().unwrap());
    let copied = copier.map().unwrap();
    poke(&written, 9, 1);
    poke(&copied, 9, 2);
    assert_eq!((peek(&read, 9), peek(&copied, 9)), (1, 2));
}

#[test]
fn a_clone_has_no_more_access_than_it_was_made_for() {
    let writer = Section::create(&fresh_name(), 4096).unwrap();
    for handle in [
        OwnedHandle::from(writer.try_clone_as::<ReadOnly>().unwrap()),
        writer.try_clone_as::<CopyOnWrite>().unwrap().into(),
    ] {
        assert_eq!(maps_each(&handle), (true, false, true));
    }
}

#[test]
fn a_clone_cannot_have_more_access_than_security_grants() {
    let name = fresh_name();
    let _region = reading_only(&name);
    let reader = Section::open(&name).unwrap();
    reader.try_clone_as::<CopyOnWrite>().unwrap();
    let error = reader.try_clone_as::<ReadWrite>().unwrap_err();
    assert!(error.is_access_denied(), "{error}");
}

/// A region that everyone may read and nobody else may write.
fn reading_only(name: &str) -> Section<ReadWrite> {
    Section::create_with(
        name,
        4096,
        SharedMemoryOptions::new()
            .security(SecurityDescriptor::from_sddl("D:(A;;0x0004;;;WD)").unwrap()),
    )
    .unwrap()
}

#[test]
fn a_section_has_no_more_access_than_it_was_asked_for_however_it_came_to_be() {
    let (options, name) = (SharedMemoryOptions::new(), fresh_name());
    let created = Section::<ReadOnly>::create_with(&name, 4096, &options).unwrap();
    let found = Section::<ReadOnly>::get_or_create_with(&name, 4096, &options);
    let fresh = Section::<CopyOnWrite>::get_or_create_with(&fresh_name(), 4096, &options);
    let (opened, copier) = (
        Section::open(&name),
        Section::<CopyOnWrite>::open_with(&name, &options),
    );
    for handle in [
        OwnedHandle::from(found.unwrap()),
        fresh.unwrap().into(),
        opened.unwrap().into(),
        copier.unwrap().into(),
        created.into(),
    ] {
        assert_eq!(maps_each(&handle), (true, false, true));
    }
}

#[test]
fn a_write_through_a_read_only_link_ends_the_process() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let region = SharedMemoryLink::<u32, ReadWrite>::create(&name).unwrap();
    let mut child = Child::start(child_that_writes, &[&name]);
    assert_eq!(child.answer(), "0");
    const ACCESS_VIOLATION: i32 = 0xC000_0005_u32 as i32;
    assert_eq!(child.wait().code(), Some(ACCESS_VIOLATION));
    assert_eq!(peek(region.view(), 0), 0);
}

#[test]
#[ignore = "a child process of another test"]
fn child_that_writes() {
    let Some(parent) = Parent::find() else { return };
    let link = SharedMemoryLink::<u32, ReadOnly>::open(parent.argument(0)).unwrap();
    parent.tell(&peek(link.view(), 0).to_string());
    raw::write_anywhere(link.as_ptr().cast_mut().cast());
}
