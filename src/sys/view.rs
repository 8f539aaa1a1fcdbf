//! Views of sections: `MapViewOfFile`, `VirtualQuery`, `VirtualAlloc`, `FlushViewOfFile`.

use std::mem::MaybeUninit;
use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::ptr::NonNull;

use windows_sys::Win32::System::Memory::{
    FlushViewOfFile, MEM_COMMIT, MEM_MAPPED, MEMORY_BASIC_INFORMATION, MEMORY_MAPPED_VIEW_ADDRESS,
    MapViewOfFile, PAGE_NOCACHE, PAGE_READWRITE, PAGE_WRITECOMBINE, UnmapViewOfFile, VirtualAlloc,
    VirtualQuery,
};
use windows_sys::Win32::System::SystemInformation::GetSystemInfo;

use super::Win32Error;

/// The page size of every Windows architecture, in bytes.
pub(crate) const PAGE: usize = 4096;

/// Maps `len` bytes, not 0, from `offset`, a multiple of [`granularity`], and returns the address of
/// the first.
pub(crate) fn map(
    section: BorrowedHandle<'_>,
    access: u32,
    offset: u64,
    len: usize,
) -> Result<NonNull<u8>, Win32Error> {
    debug_assert_ne!(len, 0, "the system would map everything");
    map_view_of_file(section, access, offset, len)
}

/// As [`map`], to the end of the section.
pub(crate) fn map_to_end(
    section: BorrowedHandle<'_>,
    access: u32,
    offset: u64,
) -> Result<NonNull<u8>, Win32Error> {
    map_view_of_file(section, access, offset, 0)
}

fn map_view_of_file(
    section: BorrowedHandle<'_>,
    access: u32,
    offset: u64,
    len: usize,
) -> Result<NonNull<u8>, Win32Error> {
    // SAFETY: passes plain values and a handle that is valid while borrowed; the API checks
    // access, offset and length itself.
    let view = unsafe {
        MapViewOfFile(
            section.as_raw_handle(),
            access,
            (offset >> 32) as u32,
            offset as u32,
            len,
        )
    };
    NonNull::new(view.Value.cast()).ok_or_else(Win32Error::last)
}

/// Unmaps a view.
///
/// # Safety
///
/// `base` came from [`map`] or [`map_to_end`], was not unmapped before, and nothing uses the view any more.
pub(crate) unsafe fn unmap(base: NonNull<u8>) {
    // SAFETY: by this function's contract. If it fails, nothing can be done, and the view leaks.
    unsafe {
        UnmapViewOfFile(MEMORY_MAPPED_VIEW_ADDRESS {
            Value: base.as_ptr().cast(),
        });
    }
}

/// The mapping granularity in bytes: the multiple at which views begin, and so the alignment of
/// every view.
pub(crate) fn granularity() -> usize {
    let mut info = MaybeUninit::uninit();
    // SAFETY: the API fills the whole structure and cannot fail.
    unsafe {
        GetSystemInfo(info.as_mut_ptr());
        info.assume_init().dwAllocationGranularity as usize
    }
}

/// A run of pages in one state.
pub(crate) struct Run {
    pub(crate) len: usize,
    pub(crate) committed: bool,
    /// Part of a mapping of memory or data, not of an executable image.
    pub(crate) is_data: bool,
    /// Cached by the processor, as atomic accesses need it.
    pub(crate) is_cached: bool,
    allocation: *mut core::ffi::c_void,
}

/// The run that begins with the page of `address`, or `None` beyond user space.
pub(crate) fn query(address: *const u8) -> Option<Run> {
    let mut info = MaybeUninit::<MEMORY_BASIC_INFORMATION>::uninit();
    // SAFETY: the address is only looked up, never read through, so any value is allowed; the
    // buffer is writable and of the size given.
    let written = unsafe {
        VirtualQuery(
            address.cast(),
            info.as_mut_ptr(),
            size_of::<MEMORY_BASIC_INFORMATION>(),
        )
    };
    if written == 0 {
        return None;
    }
    // SAFETY: a result other than 0 says that the structure was filled.
    let info = unsafe { info.assume_init() };
    Some(Run {
        len: info.RegionSize,
        committed: info.State == MEM_COMMIT,
        is_data: info.Type == MEM_MAPPED,
        // Pages without memory have the second alone.
        is_cached: (info.Protect | info.AllocationProtect) & (PAGE_NOCACHE | PAGE_WRITECOMBINE)
            == 0,
        allocation: info.AllocationBase,
    })
}

/// The length in bytes of the view that begins at `base`: the sum of its runs, since one run
/// ends where the state or protection of the pages changes.
pub(crate) fn mapped_len(base: NonNull<u8>) -> usize {
    let base = base.as_ptr();
    let mut len = 0;
    while let Some(run) = query(base.wrapping_add(len)) {
        if run.allocation != base.cast() || run.len == 0 {
            break;
        }
        len += run.len;
    }
    len
}

/// Commits the pages of `len` bytes from `start` of a view of a reserved section.
///
/// # Safety
///
/// The bytes lie in one live view with read and write access.
pub(crate) unsafe fn commit(start: *mut u8, len: usize) -> Result<(), Win32Error> {
    // SAFETY: the range lies in a live view, where committing pages that are committed already
    // changes nothing, so no other use of the view is disturbed.
    let at = unsafe { VirtualAlloc(start.cast(), len, MEM_COMMIT, PAGE_READWRITE) };
    if at.is_null() {
        Err(Win32Error::last())
    } else {
        Ok(())
    }
}

/// Writes the changed pages of a view to its file, if it has one.
///
/// # Safety
///
/// The bytes lie in one live view.
pub(crate) unsafe fn flush(start: *const u8, len: usize) -> Result<(), Win32Error> {
    // SAFETY: the range lies in a live view.
    if unsafe { FlushViewOfFile(start.cast(), len) } == 0 {
        Err(Win32Error::last())
    } else {
        Ok(())
    }
}
