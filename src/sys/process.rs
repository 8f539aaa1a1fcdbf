//! Processes: opened with the least rights, and told apart by their creation times.

use std::os::windows::io::{AsRawHandle, BorrowedHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{FILETIME, HANDLE};
use windows_sys::Win32::Security::{GetTokenInformation, TokenIsAppContainer};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetCurrentThreadId, GetProcessTimes, OpenProcess,
    PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
};

use super::{Win32Error, own};

/// Opens a process to query its creation time and to wait for its exit.
pub(crate) fn open(id: u32) -> Result<OwnedHandle, Win32Error> {
    // SAFETY: takes plain values; a handle other than null is new and ours.
    unsafe {
        own(OpenProcess(
            PROCESS_SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION,
            0,
            id,
        ))
    }
}

#[inline]
pub(crate) fn current_thread_id() -> u32 {
    // SAFETY: takes nothing.
    unsafe { GetCurrentThreadId() }
}

/// Whether this process is in an AppContainer, or may be.
pub(crate) fn is_in_app_container() -> bool {
    // The pseudo handle of this process's token, which `GetCurrentProcessToken` is in C.
    let token: HANDLE = ptr::without_provenance_mut(-4_isize as usize);
    let (mut answer, mut len) = (1_u32, 0);
    // SAFETY: the pseudo handle is always valid; the answer is writable and of the size given.
    let done = unsafe {
        GetTokenInformation(
            token,
            TokenIsAppContainer,
            (&raw mut answer).cast(),
            size_of_val(&answer) as u32,
            &mut len,
        )
    };
    done == 0 || answer != 0
}

/// This process.
pub(crate) fn current() -> BorrowedHandle<'static> {
    // SAFETY: the pseudo handle of this process is always valid, and nothing has to close it.
    unsafe { BorrowedHandle::borrow_raw(GetCurrentProcess()) }
}

/// The creation time of the process, in units of 100 ns since 1601.
pub(crate) fn creation_time(process: BorrowedHandle<'_>) -> Result<u64, Win32Error> {
    let zero = FILETIME {
        dwLowDateTime: 0,
        dwHighDateTime: 0,
    };
    let (mut created, mut exited, mut kernel, mut user) = (zero, zero, zero, zero);
    // SAFETY: the handle is valid while borrowed, and the results are writable.
    let done = unsafe {
        GetProcessTimes(
            process.as_raw_handle(),
            &mut created,
            &mut exited,
            &mut kernel,
            &mut user,
        )
    };
    if done == 0 {
        return Err(Win32Error::last());
    }
    Ok(u64::from(created.dwHighDateTime) << 32 | u64::from(created.dwLowDateTime))
}
