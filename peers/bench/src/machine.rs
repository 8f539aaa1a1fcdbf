//! [`machine`].

use std::ffi::{CStr, c_char};
use std::{ptr, thread};

use windows_sys::Win32::Foundation::ERROR_SUCCESS;
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, RRF_RT_REG_SZ, RegGetValueW};
use windows_sys::w;

/// A line on what the numbers were measured on.
#[must_use]
pub fn machine() -> String {
    let threads = thread::available_parallelism().map_or(0, usize::from);
    let system = match wine() {
        Some(version) => format!("Wine {version}"),
        None => "Windows".into(),
    };
    format!(
        "Measured on {}, {threads} threads, {system}, as an {} program.\n",
        processor(),
        std::env::consts::ARCH
    )
}

/// The name that the processor gives itself, and, since virtual ones often say little, its family
/// and model.
fn processor() -> String {
    [w!("ProcessorNameString"), w!("Identifier")]
        .into_iter()
        .filter_map(|value| registry_text(PROCESSOR, value))
        .collect::<Vec<_>>()
        .join(", ")
}

const PROCESSOR: *const u16 = w!(r"HARDWARE\DESCRIPTION\System\CentralProcessor\0");

fn registry_text(key: *const u16, value: *const u16) -> Option<String> {
    let mut text = [0_u16; 256];
    let mut size = size_of_val(&text) as u32;
    // SAFETY: the names end with NUL; the text has as many bytes as said.
    let code = unsafe {
        RegGetValueW(
            HKEY_LOCAL_MACHINE,
            key,
            value,
            RRF_RT_REG_SZ,
            ptr::null_mut(),
            text.as_mut_ptr().cast(),
            &raw mut size,
        )
    };
    let len = text.iter().position(|&it| it == 0)?;
    (code == ERROR_SUCCESS).then(|| String::from_utf16_lossy(&text[..len]).trim().into())
}

/// The version of Wine this runs under.
fn wine() -> Option<String> {
    // SAFETY: the names end with NUL. `wine_get_version` is Wine's alone, takes nothing and returns
    // text that lives as long as the program.
    unsafe {
        let ntdll = GetModuleHandleW(w!("ntdll.dll"));
        let function = GetProcAddress(ntdll, c"wine_get_version".as_ptr().cast())?;
        let version: extern "C" fn() -> *const c_char = std::mem::transmute(function);
        Some(CStr::from_ptr(version()).to_string_lossy().into_owned())
    }
}
