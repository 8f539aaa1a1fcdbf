//! The directories in which the system keeps named objects, and what it tells of a section.

use std::collections::BTreeSet;
use std::ffi::c_void;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Wdk::Foundation::{NtQueryObject, OBJECT_ATTRIBUTES, ObjectBasicInformation};
use windows_sys::Wdk::Storage::FileSystem::{NtOpenDirectoryObject, NtQueryDirectoryObject};
use windows_sys::Wdk::System::Memory::NtOpenSection;
use windows_sys::Win32::Foundation::{
    ERROR_FILENAME_EXCED_RANGE, HANDLE, NTSTATUS, RtlNtStatusToDosError, STATUS_BUFFER_TOO_SMALL,
    STATUS_MORE_ENTRIES, STATUS_NO_MORE_ENTRIES, STATUS_NOT_IMPLEMENTED, UNICODE_STRING,
};
use windows_sys::Win32::Security::Authorization::{
    ConvertSecurityDescriptorToStringSecurityDescriptorW, GetSecurityInfo, SDDL_REVISION_1,
    SE_KERNEL_OBJECT,
};
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, GROUP_SECURITY_INFORMATION, OWNER_SECURITY_INFORMATION,
};
use windows_sys::Win32::System::Memory::{SEC_FILE, SEC_IMAGE, SEC_LARGE_PAGES, SEC_RESERVE};
use windows_sys::Win32::System::RemoteDesktop::ProcessIdToSessionId;

use super::security::{LocalMemory, LocalText};
use super::{Strings, Win32Error};

/// The right to list a directory.
const DIRECTORY_QUERY: u32 = 1;

/// Rights to a section. `OpenFileMappingW` takes others: what is `SECTION_QUERY` here it takes for
/// `FILE_MAP_COPY`.
pub(crate) const SECTION_QUERY: u32 = 1;
pub(crate) const SECTION_MAP_WRITE: u32 = 2;
pub(crate) const SECTION_MAP_READ: u32 = 4;
pub(crate) const READ_CONTROL: u32 = 0x2_0000;

/// What `NtQuerySection` tells of a section (`SECTION_BASIC_INFORMATION`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Basic {
    base: *mut c_void,
    attributes: u32,
    pub(crate) size: i64,
}

/// What a section keeps its bytes in.
pub(crate) enum Attributes {
    Image,
    File,
    LargePages,
    Reserved,
    Memory,
}

impl Basic {
    pub(crate) fn attributes(&self) -> Attributes {
        match self.attributes {
            it if it & SEC_IMAGE != 0 => Attributes::Image,
            it if it & SEC_FILE != 0 => Attributes::File,
            it if it & SEC_LARGE_PAGES != 0 => Attributes::LargePages,
            it if it & SEC_RESERVE != 0 => Attributes::Reserved,
            _ => Attributes::Memory,
        }
    }
}

// Documented, and in none of the crate's bindings.
#[cfg_attr(
    target_arch = "x86",
    link(name = "ntdll", kind = "raw-dylib", import_name_type = "undecorated")
)]
#[cfg_attr(not(target_arch = "x86"), link(name = "ntdll", kind = "raw-dylib"))]
unsafe extern "system" {
    fn NtQuerySection(
        section: HANDLE,
        class: u32,
        information: *mut c_void,
        length: usize,
        result_length: *mut usize,
    ) -> NTSTATUS;
}

/// The session that this process belongs to.
pub(crate) fn current_session() -> Result<u32, Win32Error> {
    let mut session = 0;
    // SAFETY: the result is writable.
    let done = unsafe { ProcessIdToSessionId(std::process::id(), &mut session) };
    if done == 0 {
        return Err(Win32Error::last());
    }
    Ok(session)
}

/// Success is what is not negative (`NT_SUCCESS`): a listing that goes on may say so.
fn check(status: NTSTATUS) -> Result<(), Win32Error> {
    if status >= 0 {
        return Ok(());
    }
    // SAFETY: takes a plain value.
    Err(Win32Error(unsafe { RtlNtStatusToDosError(status) }))
}

/// Calls `open` with the attributes of the object of this path.
fn open_by_path(
    name: &[u16],
    open: impl FnOnce(*mut HANDLE, *const OBJECT_ATTRIBUTES) -> NTSTATUS,
) -> Result<OwnedHandle, Win32Error> {
    let Ok(bytes) = u16::try_from(size_of_val(name)) else {
        return Err(Win32Error(ERROR_FILENAME_EXCED_RANGE));
    };
    let name = UNICODE_STRING {
        Length: bytes,
        MaximumLength: bytes,
        Buffer: name.as_ptr().cast_mut(),
    };
    let attributes = OBJECT_ATTRIBUTES {
        Length: size_of::<OBJECT_ATTRIBUTES>() as u32,
        RootDirectory: ptr::null_mut(),
        ObjectName: &name,
        Attributes: 0,
        SecurityDescriptor: ptr::null(),
        SecurityQualityOfService: ptr::null(),
    };
    let mut handle = ptr::null_mut();
    check(open(&mut handle, &attributes))?;
    // SAFETY: the call has succeeded, so the handle is new and ours.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

/// Opens a directory to list it.
pub(crate) fn open_directory(path: &[u16]) -> Result<OwnedHandle, Win32Error> {
    // SAFETY: both pointers are valid during the call, and so is what the attributes point to, which is only read.
    open_by_path(path, |handle, attributes| unsafe {
        NtOpenDirectoryObject(handle, DIRECTORY_QUERY, attributes)
    })
}

/// Opens a section, with the rights of the kernel.
pub(crate) fn open_section(path: &[u16], rights: u32) -> Result<OwnedHandle, Win32Error> {
    // SAFETY: as in `open_directory`.
    open_by_path(path, |handle, attributes| unsafe {
        NtOpenSection(handle, rights, attributes)
    })
}

/// No listing needs more words than this.
const LARGEST: usize = 1 << 25;

/// Whether a listing returns as many entries as its buffer has room for.
#[derive(Clone, Copy)]
enum Count {
    One,
    Many,
}

/// Lists from the entry at `context` on.
fn list(
    directory: BorrowedHandle<'_>,
    buffer: &mut [u64],
    count: Count,
    context: &mut u32,
) -> NTSTATUS {
    let mut len = 0;
    // SAFETY: the directory is open while borrowed; the buffer is writable and of the size given, and so are the
    // context and the length.
    unsafe {
        NtQueryDirectoryObject(
            directory.as_raw_handle(),
            buffer.as_mut_ptr().cast(),
            size_of_val(buffer) as u32,
            matches!(count, Count::One),
            false,
            context,
            &mut len,
        )
    }
}

/// The name in the entry at `index` of a listing, and whether it is that of a section: an
/// `OBJECT_DIRECTORY_INFORMATION` is the name, and the type of the object.
fn entry(strings: &Strings, index: usize) -> (Vec<u16>, bool) {
    let kind = strings.text(2 * index + 1);
    let is_section = kind.into_iter().eq("Section".encode_utf16());
    (strings.text(2 * index), is_section)
}

/// The names of the sections in a directory. The context counts entries: a listing in several calls passes over one when
/// another before it goes. So it is one call, with room for all.
pub(crate) fn section_names(directory: BorrowedHandle<'_>) -> Result<Vec<Vec<u16>>, Win32Error> {
    let mut buffer = vec![0_u64; 1 << 12];
    loop {
        let status = list(directory, &mut buffer, Count::Many, &mut 0);
        match status {
            STATUS_MORE_ENTRIES | STATUS_BUFFER_TOO_SMALL if buffer.len() < LARGEST => {
                buffer = vec![0; 2 * buffer.len()];
            }
            STATUS_NO_MORE_ENTRIES => return Ok(Vec::new()),
            STATUS_NOT_IMPLEMENTED => return section_names_one_by_one(directory),
            _ => break check(status)?,
        }
    }
    let strings = Strings::of(&buffer);
    // An entry without a name ends the list.
    let entries = (0..)
        .map(|index| entry(&strings, index))
        .take_while(|(name, _)| !name.is_empty());
    Ok(entries
        .filter_map(|(name, is_section)| is_section.then_some(name))
        .collect())
}

/// For Wine 8, which lists one entry a call: again until nothing new is found, since others that go would have to hide
/// a section each time.
fn section_names_one_by_one(directory: BorrowedHandle<'_>) -> Result<Vec<Vec<u16>>, Win32Error> {
    const MOST_PASSES: u32 = 8;

    let mut buffer = vec![0_u64; 1 << 8];
    let mut found = BTreeSet::new();
    for _ in 0..MOST_PASSES {
        let before = found.len();
        let mut context = 0;
        loop {
            match list(directory, &mut buffer, Count::One, &mut context) {
                STATUS_BUFFER_TOO_SMALL if buffer.len() < LARGEST => {
                    buffer = vec![0; 2 * buffer.len()];
                }
                STATUS_NO_MORE_ENTRIES => break,
                status => {
                    check(status)?;
                    let (name, is_section) = entry(&Strings::of(&buffer), 0);
                    if is_section {
                        found.insert(name);
                    }
                }
            }
        }
        if found.len() == before {
            break;
        }
    }
    Ok(found.into_iter().collect())
}

/// Size and attributes of a section that was opened with `SECTION_QUERY`.
pub(crate) fn basic(section: BorrowedHandle<'_>) -> Result<Basic, Win32Error> {
    let mut basic = Basic {
        base: ptr::null_mut(),
        attributes: 0,
        size: 0,
    };
    // SAFETY: the handle is valid while borrowed; the structure is that of class 0, writable and of the size given.
    check(unsafe {
        NtQuerySection(
            section.as_raw_handle(),
            0,
            (&raw mut basic).cast(),
            size_of_val(&basic),
            ptr::null_mut(),
        )
    })?;
    Ok(basic)
}

/// How many handles to the object there are, in all processes.
pub(crate) fn handles(object: BorrowedHandle<'_>) -> Result<u32, Win32Error> {
    // `PUBLIC_OBJECT_BASIC_INFORMATION`: attributes, rights, handles, pointers, and ten words for nobody.
    let mut words = [0_u32; 14];
    // SAFETY: the handle is valid while borrowed; the structure is writable and of the size given.
    check(unsafe {
        NtQueryObject(
            object.as_raw_handle(),
            ObjectBasicInformation,
            words.as_mut_ptr().cast(),
            size_of_val(&words) as u32,
            ptr::null_mut(),
        )
    })?;
    Ok(words[2])
}

/// Owner, group and discretionary access control list of an object that was opened with `READ_CONTROL`, as SDDL.
pub(crate) fn sddl(object: BorrowedHandle<'_>) -> Result<String, Win32Error> {
    let what = OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    let mut descriptor = ptr::null_mut();
    // SAFETY: the handle is valid while borrowed; the results that are asked for are writable.
    let code = unsafe {
        GetSecurityInfo(
            object.as_raw_handle(),
            SE_KERNEL_OBJECT,
            what,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            &mut descriptor,
        )
    };
    if code != 0 {
        return Err(Win32Error(code));
    }
    let descriptor = LocalMemory(descriptor);
    let mut text = ptr::null_mut();
    // SAFETY: the descriptor is valid; the result is writable, and the length may be null.
    let done = unsafe {
        ConvertSecurityDescriptorToStringSecurityDescriptorW(
            descriptor.0,
            SDDL_REVISION_1,
            what,
            &mut text,
            ptr::null_mut(),
        )
    };
    if done == 0 {
        return Err(Win32Error::last());
    }
    // SAFETY: the function has returned a NUL-terminated text, to be freed with `LocalFree`.
    Ok(unsafe { LocalText::new(text) }.to_string())
}
