//! Acting as somebody with fewer rights: threads that impersonate a weaker copy of the process's
//! token.

#![allow(unsafe_code)]

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use win_shared_memory::{SecurityDescriptor, SharedMemoryOptions};
use windows_sys::Win32::Security::{
    CreateRestrictedToken, CreateWellKnownSid, DISABLE_MAX_PRIVILEGE, GetTokenInformation,
    ImpersonateLoggedOnUser, PSID, RevertToSelf, SECURITY_MAX_SID_SIZE, SID_AND_ATTRIBUTES,
    SetTokenInformation, TOKEN_ADJUST_DEFAULT, TOKEN_ASSIGN_PRIMARY, TOKEN_DUPLICATE,
    TOKEN_IMPERSONATE, TOKEN_MANDATORY_LABEL, TOKEN_QUERY, TOKEN_USER, TokenIntegrityLevel,
    TokenUser, WELL_KNOWN_SID_TYPE, WinBuiltinAdministratorsSid, WinLowLabelSid,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// Administrators, which we are, may do everything; others may read.
pub(crate) const OTHERS_READ: &str = "D:(A;;GA;;;BA)(A;;GR;;;BU)";

/// Options of a region that [`OTHERS_READ`], in which they may also wait.
pub(crate) fn others_read_and_wait() -> SharedMemoryOptions {
    let mut options = SharedMemoryOptions::new();
    options
        .security(SecurityDescriptor::from_sddl(OTHERS_READ).unwrap())
        .waiting_security(SecurityDescriptor::everyone_may_wait().unwrap());
    options
}

/// Calls `body` with the rights of `token`.
pub(crate) fn acting_as<R>(token: &OwnedHandle, body: impl FnOnce() -> R) -> R {
    struct Revert;
    impl Drop for Revert {
        fn drop(&mut self) {
            // SAFETY: takes nothing and acts on the calling thread.
            assert_ne!(unsafe { RevertToSelf() }, 0);
        }
    }
    // SAFETY: the token is open while borrowed.
    assert_ne!(unsafe { ImpersonateLoggedOnUser(token.as_raw_handle()) }, 0);
    let _revert = Revert;
    body()
}

/// The process's token without the access that its user's own SID gives.
pub(crate) fn without_user() -> OwnedHandle {
    let token = process_token();
    let mut buffer = [0_u64; 16];
    let mut len = 0;
    // SAFETY: the buffer is writable, of the size given, aligned for a `TOKEN_USER` and large
    // enough for it and any SID.
    let user = unsafe {
        let done = GetTokenInformation(
            token.as_raw_handle(),
            TokenUser,
            buffer.as_mut_ptr().cast(),
            size_of_val(&buffer) as u32,
            &mut len,
        );
        assert_ne!(done, 0);
        (*buffer.as_ptr().cast::<TOKEN_USER>()).User.Sid
    };
    restricted(&token, 0, Some(user))
}

/// The process's token as that of a normal user, should it be an administrator's.
pub(crate) fn without_administrators() -> OwnedHandle {
    let mut sid = well_known(WinBuiltinAdministratorsSid);
    restricted(&process_token(), 0, Some(sid.as_mut_ptr().cast()))
}

/// The process's token without any privilege worth the name.
pub(crate) fn without_privileges() -> OwnedHandle {
    restricted(&process_token(), DISABLE_MAX_PRIVILEGE, None)
}

/// The process's token at low integrity, as browser sandboxes have.
pub(crate) fn at_low_integrity() -> OwnedHandle {
    const SE_GROUP_INTEGRITY: u32 = 0x20;
    let token = restricted(&process_token(), 0, None);
    let mut sid = well_known(WinLowLabelSid);
    let label = TOKEN_MANDATORY_LABEL {
        Label: SID_AND_ATTRIBUTES {
            Sid: sid.as_mut_ptr().cast(),
            Attributes: SE_GROUP_INTEGRITY,
        },
    };
    // SAFETY: the token is open; the label is of the size given, and so is its SID's memory.
    let done = unsafe {
        SetTokenInformation(
            token.as_raw_handle(),
            TokenIntegrityLevel,
            (&raw const label).cast(),
            (size_of_val(&label) + size_of_val(&sid)) as u32,
        )
    };
    assert_ne!(done, 0);
    token
}

fn process_token() -> OwnedHandle {
    let rights = TOKEN_QUERY
        | TOKEN_DUPLICATE
        | TOKEN_IMPERSONATE
        | TOKEN_ASSIGN_PRIMARY
        | TOKEN_ADJUST_DEFAULT;
    let mut token = ptr::null_mut();
    // SAFETY: the pseudo handle is always valid and the result is writable; it is ours on success.
    unsafe {
        assert_ne!(OpenProcessToken(GetCurrentProcess(), rights, &mut token), 0);
        OwnedHandle::from_raw_handle(token)
    }
}

/// A copy of the token in which `denied` gives no access.
fn restricted(token: &OwnedHandle, flags: u32, denied: Option<PSID>) -> OwnedHandle {
    let denied = denied.map(|sid| SID_AND_ATTRIBUTES {
        Sid: sid,
        Attributes: 0,
    });
    let mut copy = ptr::null_mut();
    // SAFETY: the token is open, the list has as many entries as said, its SID is the caller's and
    // still alive, the result is writable and ours on success.
    unsafe {
        let done = CreateRestrictedToken(
            token.as_raw_handle(),
            flags,
            denied.iter().len() as u32,
            denied.as_ref().map_or(ptr::null(), ptr::from_ref),
            0,
            ptr::null(),
            0,
            ptr::null(),
            &mut copy,
        );
        assert_ne!(done, 0);
        OwnedHandle::from_raw_handle(copy)
    }
}

fn well_known(kind: WELL_KNOWN_SID_TYPE) -> [u32; SECURITY_MAX_SID_SIZE as usize / 4] {
    let mut sid = [0; SECURITY_MAX_SID_SIZE as usize / 4];
    let mut len = size_of_val(&sid) as u32;
    // SAFETY: the buffer is writable, of the size given and aligned for a SID.
    let done =
        unsafe { CreateWellKnownSid(kind, ptr::null_mut(), sid.as_mut_ptr().cast(), &mut len) };
    assert_ne!(done, 0);
    sid
}
