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

/// A mapped range of addresses, which it unmaps.
pub(crate) struct Mapping {
    base: NonNull<u8>,
    len: usize,
}

impl Mapping {
    /// Maps `len` bytes, not 0, from `offset`, a multiple of [`granularity`].
    pub(crate) fn new(
        section: BorrowedHandle<'_>,
        access: u32,
        offset: u64,
        len: usize,
    ) -> Result<Self, Win32Error> {
        assert_ne!(len, 0, "the system takes 0 for all");
        let base = map_view_of_file(section, access, offset, len)?;
        Ok(Self { base, len })
    }

    /// Maps the whole section.
    pub(crate) fn whole(section: BorrowedHandle<'_>, access: u32) -> Result<Self, Win32Error> {
        let base = map_view_of_file(section, access, 0, 0)?;
        let len = mapped_len(base);
        Ok(Self { base, len })
    }

    /// The first address.
    pub(crate) fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// The number of bytes that are mapped.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Commits the pages of `len` bytes from `offset`, for reading and writing.
    pub(crate) fn commit(&self, offset: usize, len: usize) -> Result<(), Win32Error> {
        let start = self.part(offset, len).cast_mut();
        // SAFETY: the range lies in this mapping, where committing pages that are committed already
        // changes nothing, so no use of the mapping is disturbed.
        let at = unsafe { VirtualAlloc(start.cast(), len, MEM_COMMIT, PAGE_READWRITE) };
        if at.is_null() {
            Err(Win32Error::last())
        } else {
            Ok(())
        }
    }

    /// Writes the changed pages of `len` bytes from `offset` to the file, if there is one.
    pub(crate) fn flush(&self, offset: usize, len: usize) -> Result<(), Win32Error> {
        let start = self.part(offset, len);
        // SAFETY: the range lies in this mapping.
        if unsafe { FlushViewOfFile(start.cast(), len) } == 0 {
            Err(Win32Error::last())
        } else {
            Ok(())
        }
    }

    /// Where a range begins that lies in the mapping.
    fn part(&self, offset: usize, len: usize) -> *const u8 {
        let end = offset.checked_add(len);
        assert!(end.is_some_and(|it| it <= self.len), "inside the mapping");
        self.base.as_ptr().wrapping_add(offset)
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: `base` came from `MapViewOfFile` and is unmapped only here; the owner of the mapping
        // lets nothing use it for longer. A failure cannot be mended and leaks the view.
        unsafe {
            UnmapViewOfFile(MEMORY_MAPPED_VIEW_ADDRESS {
                Value: self.base.as_ptr().cast(),
            });
        }
    }
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
    let mut info = MEMORY_BASIC_INFORMATION::default();
    // SAFETY: the address is only looked up, never read through, so any value is allowed; the
    // buffer is writable and of the size given.
    let written = unsafe {
        VirtualQuery(
            address.cast(),
            &mut info,
            size_of::<MEMORY_BASIC_INFORMATION>(),
        )
    };
    if written == 0 {
        return None;
    }
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
fn mapped_len(base: NonNull<u8>) -> usize {
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
