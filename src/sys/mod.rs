//! The only caller of Win32: one small function per system call, typed arguments in, an owned
//! value or a [`Win32Error`] out.
//!
//! `unsafe` is allowed here because every call into the operating system needs it. The rule of
//! the folder: a function that can be misused is itself `unsafe` and says how; all others uphold
//! the API's demands by their argument types alone.

#![allow(unsafe_code)]

pub(crate) mod clock;
pub(crate) mod codes;
pub(crate) mod error_info;
pub(crate) mod namespace;
pub(crate) mod process;
pub(crate) mod rights;
pub(crate) mod section;
pub(crate) mod security;
pub(crate) mod sync;
pub(crate) mod view;

use std::io;
use std::mem::offset_of;
use std::os::windows::io::{FromRawHandle, OwnedHandle};
use std::ptr;

use windows_result::HRESULT;
use windows_sys::Win32::Foundation::{HANDLE, UNICODE_STRING};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;

use security::Descriptor;

/// A Win32 error code, read right after the call that failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Win32Error(pub(crate) u32);

impl Win32Error {
    fn last() -> Self {
        let code = io::Error::last_os_error().raw_os_error();
        Self(code.unwrap_or_default() as u32)
    }

    pub(crate) fn hresult(self) -> HRESULT {
        HRESULT::from_win32(self.0)
    }
}

/// Takes ownership of a handle that an API reports as null when it fails.
///
/// # Safety
///
/// `handle` is null, or a handle this process owns and nothing else will close; the last error
/// still is that of the call that returned it.
unsafe fn own(handle: HANDLE) -> Result<OwnedHandle, Win32Error> {
    if handle.is_null() {
        Err(Win32Error::last())
    } else {
        // SAFETY: not null, and ours by this function's contract.
        Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
    }
}

/// The handle from a call that creates an object, or opens the one that has the name.
pub(crate) struct CreatedOrOpened {
    pub(crate) handle: OwnedHandle,
    pub(crate) created: bool,
}

/// What a call that creates an object takes besides its name.
pub(crate) struct SecurityAttributes<'a> {
    pub(crate) security: Option<&'a Descriptor>,
    pub(crate) inheritable: bool,
}

impl SecurityAttributes<'_> {
    /// For the API, which takes a mutable pointer to the descriptor and does not write through it.
    fn raw(&self) -> SECURITY_ATTRIBUTES {
        SECURITY_ATTRIBUTES {
            nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
            lpSecurityDescriptor: self
                .security
                .map_or(ptr::null_mut(), |it| it.as_ptr().cast_mut()),
            bInheritHandle: self.inheritable.into(),
        }
    }
}

/// A buffer that the system has filled with `UNICODE_STRING`s, and with their texts behind them.
struct Strings {
    bytes: Vec<u8>,
    address: usize,
}

impl Strings {
    fn of(buffer: &[u64]) -> Self {
        Self {
            bytes: buffer.iter().flat_map(|it| it.to_ne_bytes()).collect(),
            address: buffer.as_ptr().addr(),
        }
    }

    /// The text of the string at `index`. It is empty if the string has none in the buffer.
    fn text(&self, index: usize) -> Vec<u16> {
        let text = || {
            let string = self.bytes.get(index * size_of::<UNICODE_STRING>()..)?;
            let len = string.get(offset_of!(UNICODE_STRING, Length)..)?;
            let len = usize::from(u16::from_ne_bytes(*len.first_chunk()?));
            let address = string.get(offset_of!(UNICODE_STRING, Buffer)..)?;
            let address = usize::from_ne_bytes(*address.first_chunk()?);
            let start = address.checked_sub(self.address)?;
            self.bytes.get(start..start.checked_add(len)?)
        };
        let units = text().unwrap_or_default().chunks_exact(2);
        units.map(|it| u16::from_ne_bytes([it[0], it[1]])).collect()
    }
}
