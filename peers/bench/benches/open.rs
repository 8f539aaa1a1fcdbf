//! Making and opening a link against the Win32 calls it comes down to, by hand in the same
//! process. The region has one page, and each pass ends with it unmapped and its handle closed.

use std::hint::black_box;
use std::ptr;

use bench::{Pace, Table};
use win_shared_memory::{ReadOnly, ReadWrite, SharedMemoryLink};
use windows_sys::Win32::Foundation::{
    CloseHandle, ERROR_ALREADY_EXISTS, GetLastError, HANDLE, INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::System::Memory::{
    CreateFileMappingW, FILE_MAP_READ, FILE_MAP_WRITE, MEMORY_MAPPED_VIEW_ADDRESS, MapViewOfFile,
    OpenFileMappingW, PAGE_READWRITE, UnmapViewOfFile,
};

type Value = [u32; 64];

/// What the ratios are to stay within.
const REACH: Option<f64> = Some(1.05);

fn main() {
    let mut table = Table::new("open", "Creating and opening", Pace::CALLS);

    let (free, free_wide) = name("free");
    table.row(
        "create, map, unmap, close",
        REACH,
        || raw_create(&free_wide, false),
        || SharedMemoryLink::<Value, ReadWrite>::create(&free).expect("nobody has the name"),
    );

    let (taken, taken_wide) = name("taken");
    let _keeper =
        SharedMemoryLink::<Value, ReadWrite>::create(&taken).expect("nobody has the name");
    table.row(
        "open, map, unmap, close",
        REACH,
        || raw_open(&taken_wide, FILE_MAP_READ),
        || SharedMemoryLink::<Value, ReadOnly>::open(&taken).expect("the region is kept"),
    );
    table.row(
        "open to write, map, unmap, close",
        REACH,
        || raw_open(&taken_wide, FILE_MAP_READ | FILE_MAP_WRITE),
        || SharedMemoryLink::<Value, ReadWrite>::open_existing(&taken).expect("the region is kept"),
    );
    table.row(
        "get or create an existing one",
        REACH,
        || raw_create(&taken_wide, true),
        || SharedMemoryLink::<Value, ReadWrite>::get_or_create(&taken).expect("the region is kept"),
    );
    table.row(
        "control: the floor against itself",
        None,
        || raw_open(&taken_wide, FILE_MAP_READ),
        || raw_open(&taken_wide, FILE_MAP_READ),
    );

    print!("{}{table}", bench::machine());
}

/// A name nobody else has, and the same as Win32 takes it.
fn name(what: &str) -> (String, Vec<u16>) {
    let name = format!(r"Local\bench-open-{}-{what}", std::process::id());
    let wide = name.encode_utf16().chain([0]).collect();
    (name, wide)
}

/// What a careful program does by hand, with the name converted once and for all.
fn raw_create(name: &[u16], may_exist: bool) {
    // SAFETY: the name is NUL-terminated.
    let (section, error) = unsafe {
        let section = CreateFileMappingW(
            INVALID_HANDLE_VALUE,
            ptr::null(),
            PAGE_READWRITE,
            0,
            size_of::<Value>() as u32,
            name.as_ptr(),
        );
        (section, GetLastError())
    };
    assert!(!section.is_null());
    assert_eq!(error == ERROR_ALREADY_EXISTS, may_exist);
    raw_map_and_end(section, FILE_MAP_WRITE);
}

fn raw_open(name: &[u16], rights: u32) {
    // SAFETY: the name is NUL-terminated.
    let section = unsafe { OpenFileMappingW(rights, 0, name.as_ptr()) };
    assert!(!section.is_null());
    raw_map_and_end(section, rights);
}

fn raw_map_and_end(section: HANDLE, access: u32) {
    // SAFETY: the section's handle is ours, and nothing uses the view or the handle afterwards.
    unsafe {
        let view = MapViewOfFile(section, access, 0, 0, size_of::<Value>());
        assert!(!view.Value.is_null());
        black_box(view.Value);
        UnmapViewOfFile(MEMORY_MAPPED_VIEW_ADDRESS { Value: view.Value });
        CloseHandle(section);
    }
}
