//! What a program that does not use this library does: plain Win32 calls.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::time::Duration;

use windows_sys::Win32::Foundation::{
    GetHandleInformation, GetLastError, HANDLE, HANDLE_FLAG_INHERIT, INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::System::Diagnostics::Debug::{
    EXCEPTION_POINTERS, SetUnhandledExceptionFilter,
};
use windows_sys::Win32::System::JobObjects::CreateJobObjectW;
use windows_sys::Win32::System::Memory::{
    CreateFileMappingW, GetLargePageMinimum, MEM_MAPPED, MEMORY_BASIC_INFORMATION,
    OpenFileMappingW, PAGE_READWRITE, VirtualQuery,
};
use windows_sys::Win32::System::ProcessStatus::{GetPerformanceInfo, PERFORMANCE_INFORMATION};
use windows_sys::Win32::System::RemoteDesktop::ProcessIdToSessionId;
use windows_sys::Win32::System::SystemInformation::GetTickCount64;
use windows_sys::Win32::System::Threading::{
    CreateEventW, CreateMutexW, CreateSemaphoreW, CreateWaitableTimerW,
};

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Takes what an API returned, or tells why there is nothing.
fn own(handle: HANDLE) -> Result<OwnedHandle, u32> {
    if handle.is_null() {
        // SAFETY: only reads a field of the calling thread.
        return Err(unsafe { GetLastError() });
    }
    // SAFETY: all callers pass a new handle that nobody else owns.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

pub(crate) fn event(name: &str) -> OwnedHandle {
    // SAFETY: the name is NUL-terminated, as for all functions here.
    own(unsafe { CreateEventW(ptr::null(), 0, 0, wide(name).as_ptr()) }).unwrap()
}

pub(crate) fn mutex(name: &str) -> OwnedHandle {
    // SAFETY: as for `event`.
    own(unsafe { CreateMutexW(ptr::null(), 0, wide(name).as_ptr()) }).unwrap()
}

pub(crate) fn semaphore(name: &str) -> OwnedHandle {
    // SAFETY: as for `event`.
    own(unsafe { CreateSemaphoreW(ptr::null(), 0, 1, wide(name).as_ptr()) }).unwrap()
}

pub(crate) fn timer(name: &str) -> OwnedHandle {
    // SAFETY: as for `event`.
    own(unsafe { CreateWaitableTimerW(ptr::null(), 0, wide(name).as_ptr()) }).unwrap()
}

pub(crate) fn job(name: &str) -> OwnedHandle {
    // SAFETY: as for `event`.
    own(unsafe { CreateJobObjectW(ptr::null(), wide(name).as_ptr()) }).unwrap()
}

/// A section whose name ends with half a surrogate pair, so that it is not UTF-16.
pub(crate) fn section_with_half_a_character(name: &str) -> OwnedHandle {
    let name: Vec<u16> = name.encode_utf16().chain([0xd800, 0]).collect();
    // SAFETY: as for `event`.
    own(unsafe {
        CreateFileMappingW(
            INVALID_HANDLE_VALUE,
            ptr::null(),
            PAGE_READWRITE,
            0,
            1,
            name.as_ptr(),
        )
    })
    .unwrap()
}

/// A section of the paging file with any protection and attributes; an empty name gives an
/// unnamed one.
pub(crate) fn section(name: &str, protect: u32, size: u32) -> OwnedHandle {
    // SAFETY: as for `event`.
    own(unsafe {
        CreateFileMappingW(
            INVALID_HANDLE_VALUE,
            ptr::null(),
            protect,
            0,
            size,
            wide(name).as_ptr(),
        )
    })
    .unwrap()
}

/// A section of a whole file, or the error code.
pub(crate) fn file_section(file: &std::fs::File, protect: u32) -> Result<OwnedHandle, u32> {
    // SAFETY: passes plain values and a handle that is open while borrowed.
    own(unsafe {
        CreateFileMappingW(
            file.as_raw_handle(),
            ptr::null(),
            protect,
            0,
            0,
            ptr::null(),
        )
    })
}

/// A handle to an existing section with exactly these rights.
pub(crate) fn open_section(name: &str, rights: u32) -> OwnedHandle {
    // SAFETY: as for `event`.
    own(unsafe { OpenFileMappingW(rights, 0, wide(name).as_ptr()) }).unwrap()
}

/// The number of the login session that this process is in.
pub(crate) fn session() -> u32 {
    let mut number = 0;
    // SAFETY: the result is writable.
    let done = unsafe { ProcessIdToSessionId(std::process::id(), &mut number) };
    assert_ne!(done, 0);
    number
}

/// The size of a large page in bytes.
pub(crate) fn large_page_minimum() -> usize {
    // SAFETY: takes nothing and reads a constant of the system.
    unsafe { GetLargePageMinimum() }
}

/// Whether children inherit the handle.
pub(crate) fn is_inheritable(handle: BorrowedHandle<'_>) -> bool {
    let mut flags = 0;
    // SAFETY: the handle is open while borrowed and the result is writable.
    let done = unsafe { GetHandleInformation(handle.as_raw_handle(), &mut flags) };
    assert_ne!(done, 0);
    flags & HANDLE_FLAG_INHERIT != 0
}

/// The handle of this process that has this number, if there is one.
pub(crate) fn handle_by_number(number: usize) -> Option<OwnedHandle> {
    // SAFETY: the handle is only duplicated, which fails where it is not open.
    let handle = unsafe { BorrowedHandle::borrow_raw(number as HANDLE) };
    handle.try_clone_to_owned().ok()
}

/// How many handles this process has open, of the first 12 000 that it could have.
///
/// Asks for one after the other, since `GetProcessHandleCount` says 0 under Wine.
pub(crate) fn handle_count() -> usize {
    let mut flags = 0;
    // SAFETY: a number that is not an open handle is refused; the result is writable.
    let is_open =
        |number: usize| unsafe { GetHandleInformation(number as HANDLE, &mut flags) != 0 };
    (4..=48_000)
        .step_by(4)
        .map(is_open)
        .filter(|it| *it)
        .count()
}

/// How many views of sections this process has mapped.
pub(crate) fn view_count() -> usize {
    let (mut count, mut address, mut last) = (0, 0_usize, ptr::null_mut());
    let mut info = MaybeUninit::<MEMORY_BASIC_INFORMATION>::zeroed();
    let size = size_of::<MEMORY_BASIC_INFORMATION>();
    // SAFETY: the address is only looked up; the buffer is writable, of the size given, and valid
    // when all zero.
    while unsafe { VirtualQuery(address as _, info.as_mut_ptr(), size) } != 0 {
        // SAFETY: filled by the call.
        let info = unsafe { info.assume_init() };
        if info.Type == MEM_MAPPED && info.AllocationBase != last {
            count += 1;
            last = info.AllocationBase;
        }
        address = info.BaseAddress.addr() + info.RegionSize;
    }
    count
}

/// Lets a crash of this process end it with the exception's code, without dialogue or debugger.
pub(crate) fn crash_quietly() {
    const EXECUTE_HANDLER: i32 = 1;
    unsafe extern "system" fn filter(_: *const EXCEPTION_POINTERS) -> i32 {
        EXECUTE_HANDLER
    }
    // SAFETY: the filter only returns a constant.
    unsafe { SetUnhandledExceptionFilter(Some(filter)) };
}

/// Writes a byte, whether the memory is for writing or not.
pub(crate) fn write_anywhere(address: *mut u8) {
    // SAFETY: Assumption: the callers pass mapped memory that Rust holds no reference to; where it
    // is read-only the processor refuses, and that ends the process.
    unsafe { address.write_volatile(1) };
}

/// The memory that the whole system has promised, in bytes.
pub(crate) fn commit_charge() -> i64 {
    let mut info = PERFORMANCE_INFORMATION::default();
    // SAFETY: the structure is writable and of the size given.
    let done = unsafe { GetPerformanceInfo(&mut info, size_of_val(&info) as u32) };
    assert_ne!(done, 0);
    (info.CommitTotal * info.PageSize) as i64
}

/// The time since the system started, by the clock of its ticks.
pub(crate) fn since_start() -> Duration {
    // SAFETY: takes nothing.
    Duration::from_millis(unsafe { GetTickCount64() })
}

#[link(name = "ntdll")]
unsafe extern "system" {
    fn NtSuspendProcess(process: HANDLE) -> i32;
    fn NtResumeProcess(process: HANDLE) -> i32;
}

/// Stops all threads of a process.
pub(crate) fn suspend(process: BorrowedHandle<'_>) {
    // SAFETY: the handle is open while borrowed.
    let status = unsafe { NtSuspendProcess(process.as_raw_handle()) };
    assert_eq!(status, 0, "NtSuspendProcess");
}

/// Lets the threads of a suspended process go on.
pub(crate) fn resume(process: BorrowedHandle<'_>) {
    // SAFETY: the handle is open while borrowed.
    let status = unsafe { NtResumeProcess(process.as_raw_handle()) };
    assert_eq!(status, 0, "NtResumeProcess");
}
