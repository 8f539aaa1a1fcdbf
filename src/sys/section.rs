//! Section objects: `CreateFileMappingW` and `OpenFileMappingW`.

use std::os::windows::io::{AsRawHandle, BorrowedHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{
    DuplicateHandle, ERROR_ALREADY_EXISTS, GetLastError, INVALID_HANDLE_VALUE, SetLastError,
};
use windows_sys::Win32::System::Memory::{
    CreateFileMappingW, GetLargePageMinimum, OpenFileMappingW, PAGE_READWRITE, SEC_COMMIT,
    SEC_LARGE_PAGES, SEC_RESERVE,
};

use super::view::PAGE;
use super::{CreatedOrOpened, SecurityAttributes, Win32Error, own, process};
use crate::backing::Backing;
use crate::name::WideName;

/// The largest size in bytes: the last page boundary that fits a signed 64-bit number.
pub(crate) const MAX_SIZE: u64 = i64::MAX as u64 - (PAGE as u64 - 1);

/// The arguments of `CreateFileMappingW`.
pub(crate) struct NewSection<'a> {
    pub(crate) name: Option<&'a WideName>,
    pub(crate) size: u64,
    pub(crate) backing: Backing,
    pub(crate) attributes: SecurityAttributes<'a>,
}

pub(crate) fn create(new: &NewSection<'_>) -> Result<CreatedOrOpened, Win32Error> {
    let attributes = new.attributes.raw();
    let backing = match new.backing {
        Backing::Committed => SEC_COMMIT,
        Backing::Reserved => SEC_RESERVE,
        Backing::LargePages => SEC_COMMIT | SEC_LARGE_PAGES,
    };
    // SAFETY: `attributes` and the descriptor it points to outlive the call; the name is null or
    // NUL-terminated (`WideName`). On success the handle is new and ours. The last error is
    // cleared first because only its value tells an existing object from a new one, and it is
    // read before anything else can change it.
    unsafe {
        SetLastError(0);
        let handle = CreateFileMappingW(
            INVALID_HANDLE_VALUE,
            &attributes,
            PAGE_READWRITE | backing,
            (new.size >> 32) as u32,
            new.size as u32,
            new.name.map_or(ptr::null(), WideName::as_ptr),
        );
        let created = GetLastError() != ERROR_ALREADY_EXISTS;
        own(handle).map(|handle| CreatedOrOpened { handle, created })
    }
}

pub(crate) fn open(
    name: &WideName,
    rights: u32,
    inheritable: bool,
) -> Result<OwnedHandle, Win32Error> {
    // SAFETY: the name is NUL-terminated; a handle other than null is new and ours.
    unsafe { own(OpenFileMappingW(rights, inheritable.into(), name.as_ptr())) }
}

/// A second handle to the same object, with just these rights.
pub(crate) fn duplicate(
    handle: BorrowedHandle<'_>,
    rights: u32,
    inheritable: bool,
) -> Result<OwnedHandle, Win32Error> {
    let mut copy = ptr::null_mut();
    let process = process::current().as_raw_handle();
    // SAFETY: the source handle is valid while borrowed, and that of this process always; on success the handle
    // written to `copy` is new and ours, on failure it stays null.
    unsafe {
        DuplicateHandle(
            process,
            handle.as_raw_handle(),
            process,
            &mut copy,
            rights,
            inheritable.into(),
            0,
        );
        own(copy)
    }
}

/// The size of a large page in bytes, or 1 if the processor has no large pages.
pub(crate) fn large_page_minimum() -> u64 {
    // SAFETY: takes nothing and reads a constant of the system.
    unsafe { GetLargePageMinimum() }.max(1) as u64
}
