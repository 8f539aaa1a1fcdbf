//! A [`windows_result::Error`] that carries a text of ours.
//!
//! The contract's error variants hold that type and nothing else, so the name of the region can
//! only travel inside it, as the COM error object it was made to carry. `Error::new` would do, but
//! goes through `RoOriginateErrorW`, which stops in an attached debugger, cuts the text at 512
//! characters, and is a stub under Wine.

use std::ffi::c_void;
use std::ptr::{self, NonNull};

use windows_result::{Error, HRESULT};
use windows_sys::Win32::System::Com::{GetErrorInfo, SetErrorInfo};
use windows_sys::Win32::System::Ole::CreateErrorInfo;
use windows_sys::core::GUID;

/// The error for `code` whose `message()` is `text`; without the text where COM refuses.
///
/// The only way in is the thread's error object, so the caller's is put aside and back.
pub(crate) fn error_with_message(code: HRESULT, text: &str) -> Error {
    let mut aside = ptr::null_mut();
    // SAFETY: the result is writable; a reference in it becomes ours.
    unsafe { GetErrorInfo(0, &mut aside) };
    let aside = ComPtr::new(aside);
    let error = match set_thread_error_info(text) {
        // Takes the object just set (unless windows-result was built without them).
        Some(()) => Error::from(code),
        None => Error::from_hresult(code),
    };
    // SAFETY: null, which leaves the thread without an object, or a live `IErrorInfo`, of which the
    // callee takes a reference of its own.
    unsafe { SetErrorInfo(0, aside.as_ref().map_or(ptr::null_mut(), ComPtr::as_ptr)) };
    error
}

/// Leaves an error object with this description as the calling thread's.
fn set_thread_error_info(text: &str) -> Option<()> {
    let text: Vec<u16> = text.encode_utf16().chain([0]).collect();
    let mut creator = ptr::null_mut();
    // SAFETY: the result is writable.
    if unsafe { CreateErrorInfo(&mut creator) } < 0 {
        return None;
    }
    let creator = ComPtr::new(creator)?;
    let mut info = ptr::null_mut();
    // SAFETY: `creator` is a live `ICreateErrorInfo`, whose methods stand in its table in the
    // order `CreateErrorInfoVtbl` gives (oaidl.h); the text is NUL-terminated and copied by the
    // callee. A successful `QueryInterface` returns a reference of our own.
    let failed = unsafe {
        let table = creator.table::<CreateErrorInfoVtbl>();
        ((*table).set_description)(creator.as_ptr(), text.as_ptr()) < 0
            || ((*table).unknown.query_interface)(creator.as_ptr(), &IID_IERRORINFO, &mut info) < 0
    };
    if failed {
        return None;
    }
    let info = ComPtr::new(info)?;
    // SAFETY: `info` is a live `IErrorInfo`; the callee takes a reference of its own.
    (unsafe { SetErrorInfo(0, info.as_ptr()) } >= 0).then_some(())
}

/// One counted reference to a COM object.
struct ComPtr(NonNull<c_void>);

impl ComPtr {
    fn new(object: *mut c_void) -> Option<Self> {
        NonNull::new(object).map(Self)
    }

    fn as_ptr(&self) -> *mut c_void {
        self.0.as_ptr()
    }

    /// The object's table of methods.
    ///
    /// # Safety
    ///
    /// The object's interface begins with the methods of `T`.
    unsafe fn table<T>(&self) -> *const T {
        // SAFETY: every COM object begins with the pointer to its table.
        unsafe { self.0.cast::<*const T>().read() }
    }
}

impl Drop for ComPtr {
    fn drop(&mut self) {
        // SAFETY: every COM interface begins with the methods of `IUnknown`, and the reference
        // given up is ours.
        unsafe { ((*self.table::<UnknownVtbl>()).release)(self.as_ptr()) };
    }
}

const IID_IERRORINFO: GUID = GUID::from_u128(0x1cf2b120_547d_101b_8e65_08002b2bd119);

/// `IUnknownVtbl`.
#[repr(C)]
struct UnknownVtbl {
    query_interface: unsafe extern "system" fn(*mut c_void, *const GUID, *mut *mut c_void) -> i32,
    add_ref: unsafe extern "system" fn(*mut c_void) -> u32,
    release: unsafe extern "system" fn(*mut c_void) -> u32,
}

/// `ICreateErrorInfoVtbl`, up to the last method used.
#[repr(C)]
struct CreateErrorInfoVtbl {
    unknown: UnknownVtbl,
    set_guid: unsafe extern "system" fn(*mut c_void, *const GUID) -> i32,
    set_source: unsafe extern "system" fn(*mut c_void, *const u16) -> i32,
    set_description: unsafe extern "system" fn(*mut c_void, *const u16) -> i32,
}
