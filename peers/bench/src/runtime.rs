//! [`Memcpy`].

use std::ffi::c_void;
use std::fmt;
use std::ptr;

use windows_sys::Win32::Foundation::HMODULE;
use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
    GetModuleFileNameW, GetModuleHandleExW,
};

type Function = unsafe extern "C" fn(*mut c_void, *const c_void, usize) -> *mut c_void;

unsafe extern "C" {
    fn memcpy(to: *mut c_void, from: *const c_void, len: usize) -> *mut c_void;
}

/// The C runtime's `memcpy`: what this program is linked with, called by its address, so that the
/// compiler does not know what is called and cannot put instructions of its own in its place.
#[derive(Clone, Copy)]
pub struct Memcpy(Function);

impl Memcpy {
    /// The one that C code in this program would call.
    #[must_use]
    pub fn of_this_program() -> Self {
        let linked: Function = memcpy;
        // SAFETY: the address is that of a function.
        let target = unsafe { through_import(linked as *const u8) };
        // SAFETY: what an import stub jumps to has the stub's signature.
        Self(unsafe { std::mem::transmute::<*const u8, Function>(target) })
    }

    /// Copies.
    ///
    /// # Safety
    ///
    /// That of `memcpy`.
    #[inline]
    pub unsafe fn copy(self, from: *const u8, to: *mut u8, len: usize) {
        // SAFETY: the same contract.
        unsafe { self.0(to.cast(), from.cast(), len) };
    }

    /// The file of the module that the code is in.
    fn module(self) -> Option<String> {
        let flags =
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
        let mut module: HMODULE = ptr::null_mut();
        let mut path = [0; 512];
        // SAFETY: by the flags, the first argument is an address; the path has as many units as
        // said.
        let len = unsafe {
            if GetModuleHandleExW(flags, self.0 as *const u16, &raw mut module) == 0 {
                return None;
            }
            GetModuleFileNameW(module, path.as_mut_ptr(), path.len() as u32)
        };
        Some(String::from_utf16_lossy(&path[..len as usize]))
    }
}

/// Says which `memcpy` this is, and how that was found.
impl fmt::Display for Memcpy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let module = self.module();
        write!(
            f,
            "memcpy of {} (the linked symbol, through its import stub; GetModuleFileNameW of that address)",
            module.as_deref().unwrap_or("an unknown module")
        )
    }
}

impl fmt::Debug for Memcpy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Memcpy").field(&self.0).finish()
    }
}

/// Where a function leads that only jumps to what the loader put in the import table.
///
/// # Safety
///
/// `function` is the address of code.
unsafe fn through_import(function: *const u8) -> *const u8 {
    // SAFETY: code can be read on Windows, and a function of six bytes or fewer is followed by
    // others. The operand of such a jump is the address of a table entry: absolute on x86, relative
    // to the next instruction on x86_64.
    unsafe {
        let is_jump = cfg!(any(target_arch = "x86", target_arch = "x86_64"))
            && function.cast::<[u8; 2]>().read() == [0xff, 0x25];
        if !is_jump {
            return function;
        }
        let operand = function.add(2).cast::<i32>().read_unaligned();
        let entry = if cfg!(target_arch = "x86") {
            ptr::with_exposed_provenance(operand as u32 as usize)
        } else {
            function.add(6).offset(operand as isize)
        };
        entry.cast::<*const u8>().read_unaligned()
    }
}
