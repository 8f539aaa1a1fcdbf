//! Which processes inherit handles, and which handles can be adopted.

use std::fs::File;
use std::os::windows::io::{AsHandle, AsRawHandle, OwnedHandle};
use std::sync::atomic::AtomicU32;

use win_shared_memory::{
    CopyOnWrite, ReadOnly, ReadWrite, Section, SecurityDescriptor, SharedMemoryError,
    SharedMemoryLink, SharedMemoryOptions, SharedSlice,
};
use windows_sys::Win32::System::Memory::{
    PAGE_READONLY, PAGE_READWRITE, SEC_COMMIT, SEC_IMAGE, SEC_NOCACHE, SEC_WRITECOMBINE,
};

use crate::raw;
use crate::support::{Child, Parent, fresh_name, peek, poke, watchdog};

/// The sections that every way to get one gives.
fn sections(options: &SharedMemoryOptions) -> Vec<OwnedHandle> {
    let (name, other) = (fresh_name(), fresh_name());
    let created = Section::<ReadWrite>::create_with(&name, 1, options).unwrap();
    let mut reading_only = options.clone();
    reading_only.security(SecurityDescriptor::from_sddl("D:(A;;0x0004;;;WD)").unwrap());
    let restricted = Section::<ReadWrite>::create_with(&other, 1, &reading_only).unwrap();
    vec![
        Section::<ReadOnly>::open_with(&name, options)
            .unwrap()
            .into(),
        Section::<ReadWrite>::open_with(&name, options)
            .unwrap()
            .into(),
        Section::<ReadWrite>::get_or_create_with(&name, 1, options)
            .unwrap()
            .into(),
        Section::<ReadOnly>::get_or_create_with(&other, 1, options)
            .unwrap()
            .into(),
        Section::<CopyOnWrite>::get_or_create_with(&fresh_name(), 1, options)
            .unwrap()
            .into(),
        Section::<ReadOnly>::create_with(&fresh_name(), 1, options)
            .unwrap()
            .into(),
        Section::<ReadOnly>::get_or_create_with(&name, 1, options)
            .unwrap()
            .into(),
        Section::create_unnamed_with(1, options).unwrap().into(),
        created.into(),
        restricted.into(),
    ]
}

#[test]
fn handles_are_not_inheritable_by_default() {
    for (index, section) in sections(&SharedMemoryOptions::new()).iter().enumerate() {
        assert!(!raw::is_inheritable(section.as_handle()), "number {index}");
    }
    let link = SharedMemoryLink::<u32, ReadWrite>::create(&fresh_name()).unwrap();
    assert!(!raw::is_inheritable(link.section().as_handle()));
    let clone = link.section().try_clone_as::<ReadOnly>().unwrap();
    assert!(!raw::is_inheritable(clone.as_handle()));
}

#[test]
fn handles_are_inheritable_when_asked_for() {
    let mut options = SharedMemoryOptions::new();
    options.inheritable(true);
    for (index, section) in sections(&options).iter().enumerate() {
        assert!(raw::is_inheritable(section.as_handle()), "number {index}");
    }
}

#[test]
fn a_child_process_does_not_keep_a_region_alive() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let region = Section::create(&name, 1).unwrap();
    let mut child = Child::start(child_that_adopts, &["none"]);
    assert_eq!(child.answer(), "ready");
    drop(region);
    assert!(Section::open(&name).unwrap_err().is_not_found());
}

#[test]
fn a_child_process_inherits_a_region_when_asked_for() {
    let _watchdog = watchdog();
    let mut options = SharedMemoryOptions::new();
    let region = Section::create_unnamed_with(4096, options.inheritable(true)).unwrap();
    let view = region.map().unwrap();
    poke(&view, 0, 42);
    let number = region.as_handle().as_raw_handle().addr().to_string();
    let mut child = Child::start(child_that_adopts, &[&number]);
    assert_eq!(child.answer(), "ready");
    assert_eq!(child.answer(), "42");
    assert_eq!(peek(&view, 1), 43);
}

#[test]
#[ignore = "a child process of other tests"]
fn child_that_adopts() {
    let Some(parent) = Parent::find() else { return };
    parent.tell("ready");
    if let Ok(number) = parent.argument(0).parse() {
        let handle = raw::handle_by_number(number).unwrap();
        let section = Section::<ReadWrite>::from_handle(handle).unwrap();
        let link = SharedMemoryLink::<[u8; 2], ReadWrite>::from_section(section).unwrap();
        poke(link.view(), 1, 43);
        parent.tell(&peek(link.view(), 0).to_string());
    }
    parent.stay();
}

#[test]
fn an_adopted_handle_works_like_any_other() {
    let unnamed = Section::create_unnamed_with(100_000, &SharedMemoryOptions::new()).unwrap();
    assert_eq!(unnamed.name(), None);
    assert!(unnamed.was_created());
    let clone = unnamed.try_clone_as::<ReadOnly>().unwrap();
    poke(&clone_writer(&clone), 70_000, 9);

    let adopted = Section::<ReadOnly>::from_handle(unnamed.into()).unwrap();
    assert_eq!(adopted.name(), None);
    assert!(!adopted.was_created());
    assert_eq!(adopted.created_size(), None);
    assert_eq!(adopted.page_rounded_len().unwrap(), 102_400);
    assert_eq!(peek(&adopted.map_range(70_000, 1).unwrap(), 0), 9);

    let link = SharedMemoryLink::<[u8; 102_400]>::from_section(adopted).unwrap();
    assert_eq!(link.name(), None);
    assert!(!link.was_created());
    assert_eq!(peek(link.view(), 70_000), 9);
    let error = SharedMemoryLink::<[u8; 102_401]>::from_section(clone).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::TooSmall { name: None, .. }),
        "{error:?}"
    );
}

fn clone_writer(section: &Section<ReadOnly>) -> win_shared_memory::View<ReadWrite> {
    section.try_clone_as().unwrap().map().unwrap()
}

#[test]
fn a_foreign_handle_can_be_adopted() {
    let foreign = raw::section("", PAGE_READWRITE, 10);
    let section = Section::<ReadWrite>::from_handle(foreign).unwrap();
    assert_eq!(section.map().unwrap().len(), 4096);
}

#[test]
fn a_handle_to_something_else_is_refused_as_not_shared_memory() {
    let name = fresh_name();
    let handles = [
        ("event", raw::event(&format!("{name}-event"))),
        ("mutex", raw::mutex(&format!("{name}-mutex"))),
        ("semaphore", raw::semaphore(&format!("{name}-semaphore"))),
        ("timer", raw::timer(&format!("{name}-timer"))),
        ("job", raw::job(&format!("{name}-job"))),
        ("file", executable().into()),
    ];
    for (kind, handle) in handles {
        let clone = handle.try_clone().unwrap();
        let errors = [
            Section::<ReadOnly>::from_handle(handle).unwrap_err(),
            Section::<ReadWrite>::from_handle(clone).unwrap_err(),
        ];
        for error in errors {
            assert!(
                matches!(error, SharedMemoryError::NotSharedMemory { .. }),
                "{kind}: {error:?}"
            );
        }
    }
}

#[test]
fn an_executable_image_is_refused_as_not_shared_memory() {
    let image = raw::file_section(&executable(), PAGE_READONLY | SEC_IMAGE).unwrap();
    let error = Section::<ReadOnly>::from_handle(image).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::NotSharedMemory { .. }),
        "{error:?}"
    );
}

#[test]
fn the_same_file_as_data_is_shared_memory() {
    let data = raw::file_section(&executable(), PAGE_READONLY).unwrap();
    let section = Section::<ReadOnly>::from_handle(data).unwrap();
    let view = section.map_range(0, 2).unwrap();
    assert_eq!([peek(&view, 0), peek(&view, 1)], *b"MZ");
}

fn executable() -> File {
    File::open(std::env::current_exe().unwrap()).unwrap()
}

#[test]
#[ignore = "needs real Windows: Wine takes no notice of how memory is cached"]
fn atomics_in_memory_that_is_not_cached_are_refused() {
    for attributes in [SEC_NOCACHE, SEC_WRITECOMBINE] {
        let name = fresh_name();
        let _foreign = raw::section(&name, PAGE_READWRITE | SEC_COMMIT | attributes, 4096);
        for result in [
            SharedMemoryLink::<AtomicU32, ReadWrite>::open_existing(&name).map(drop),
            Section::open_existing(&name)
                .unwrap()
                .map()
                .unwrap()
                .place::<AtomicU32>(0)
                .map(drop),
            SharedSlice::<AtomicU32, ReadWrite>::open_existing(&name).map(drop),
        ] {
            assert!(
                matches!(result, Err(SharedMemoryError::Uncached { .. })),
                "{result:?}"
            );
        }
        let view = Section::open_existing(&name).unwrap().map().unwrap();
        view.write(0, &7_u32).unwrap();
        assert_eq!(SharedMemoryLink::<u32>::open(&name).unwrap().read(), 7);
    }
}
