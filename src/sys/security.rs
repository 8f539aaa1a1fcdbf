//! Security descriptors from their text form, and the user as whom this process runs.

use std::ffi::c_void;
use std::fmt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{
    GetSecurityDescriptorDacl, GetTokenInformation, PSECURITY_DESCRIPTOR, TOKEN_QUERY, TOKEN_USER,
    TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::Win32Error;

/// Memory the system allocated with `LocalAlloc` for us to free.
pub(super) struct LocalMemory(pub(super) *mut c_void);

impl Drop for LocalMemory {
    fn drop(&mut self) {
        // SAFETY: the pointer came from an API that documents `LocalFree` for it, is freed only
        // here, and is null at worst, which is allowed.
        unsafe { LocalFree(self.0) };
    }
}

/// A NUL-terminated text of UTF-16 in such memory.
pub(super) struct LocalText(LocalMemory);

impl LocalText {
    /// # Safety
    ///
    /// `text` is NUL-terminated, and was allocated with `LocalAlloc` for us to free.
    pub(super) unsafe fn new(text: *mut u16) -> Self {
        Self(LocalMemory(text.cast()))
    }
}

impl fmt::Display for LocalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: the text is NUL-terminated (`new`) and is not freed while `self` is borrowed.
        let units = unsafe {
            let start = self.0.0.cast::<u16>();
            let len = (0..).take_while(|&at| *start.add(at) != 0).count();
            std::slice::from_raw_parts(start, len)
        };
        f.write_str(&String::from_utf16_lossy(units))
    }
}

/// A valid self-relative security descriptor, in memory aligned for it.
#[derive(Clone)]
pub(crate) struct Descriptor(Box<[u64]>);

impl Descriptor {
    /// The descriptor that SDDL text describes. A NUL in the text ends it.
    pub(crate) fn from_sddl(sddl: &str) -> Result<Self, Win32Error> {
        let sddl: Vec<u16> = sddl.encode_utf16().chain([0]).collect();
        let mut descriptor: PSECURITY_DESCRIPTOR = ptr::null_mut();
        let mut len = 0;
        // SAFETY: the text is NUL-terminated and both results are writable.
        let done = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                sddl.as_ptr(),
                SDDL_REVISION_1,
                &mut descriptor,
                &mut len,
            )
        };
        if done == 0 {
            return Err(Win32Error::last());
        }
        let descriptor = LocalMemory(descriptor);
        let len = len as usize;
        let mut copy = vec![0_u64; len.div_ceil(8)].into_boxed_slice();
        // SAFETY: on success the descriptor is `len` bytes long, self-relative (so it may be moved),
        // and the new buffer holds at least as many.
        unsafe {
            ptr::copy_nonoverlapping(descriptor.0.cast::<u8>(), copy.as_mut_ptr().cast(), len)
        };
        Ok(Self(copy))
    }

    /// Whether the descriptor has a NULL DACL, which grants everybody everything.
    pub(crate) fn has_null_dacl(&self) -> bool {
        let (mut present, mut defaulted, mut dacl) = (0, 0, ptr::null_mut());
        // SAFETY: the descriptor is valid and the call only reads it; the results are writable.
        let done = unsafe {
            GetSecurityDescriptorDacl(
                self.as_ptr().cast_mut(),
                &mut present,
                &mut dacl,
                &mut defaulted,
            )
        };
        done != 0 && present != 0 && dacl.is_null()
    }

    pub(super) fn as_ptr(&self) -> *const c_void {
        self.0.as_ptr().cast()
    }
}

/// The SID of the user as whom this process runs, in its text form (`S-1-5-…`); otherwise the function
/// that failed.
pub(crate) fn current_user_sid() -> Result<String, (&'static str, Win32Error)> {
    let mut token = ptr::null_mut();
    // SAFETY: the pseudo handle of this process is always valid and the result is writable.
    let token = unsafe {
        if OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token) == 0 {
            return Err(("OpenProcessToken", Win32Error::last()));
        }
        OwnedHandle::from_raw_handle(token)
    };

    // A SID is 68 bytes at most (`SECURITY_MAX_SID_SIZE`); `TOKEN_USER` holds a pointer and a
    // word beside it.
    let mut buffer = [0_u64; 16];
    let mut len = 0;
    let mut text = ptr::null_mut();
    // SAFETY: the buffer is writable, of the size given and aligned for a `TOKEN_USER`, which a
    // successful first call leaves in it with a SID that the second only reads.
    unsafe {
        if GetTokenInformation(
            token.as_raw_handle(),
            TokenUser,
            buffer.as_mut_ptr().cast(),
            size_of_val(&buffer) as u32,
            &mut len,
        ) == 0
        {
            return Err(("GetTokenInformation", Win32Error::last()));
        }
        let user = buffer.as_ptr().cast::<TOKEN_USER>();
        if ConvertSidToStringSidW((*user).User.Sid, &mut text) == 0 {
            return Err(("ConvertSidToStringSidW", Win32Error::last()));
        }
    }
    // SAFETY: `ConvertSidToStringSidW` has returned a NUL-terminated text, to be freed with `LocalFree`.
    Ok(unsafe { LocalText::new(text) }.to_string())
}
