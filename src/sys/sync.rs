//! Mutexes, events, semaphores, and waiting for them.

use std::os::windows::io::{AsRawHandle, BorrowedHandle, OwnedHandle};
use std::ptr;

use windows_sys::Wdk::Foundation::{NtQueryObject, ObjectTypeInformation};
use windows_sys::Win32::Foundation::{
    ERROR_ALREADY_EXISTS, GetLastError, HANDLE, RtlNtStatusToDosError, STATUS_SUCCESS,
    SetLastError, WAIT_ABANDONED_0, WAIT_FAILED, WAIT_OBJECT_0, WAIT_TIMEOUT,
};
use windows_sys::Win32::System::Threading::{
    CREATE_EVENT_INITIAL_SET, CREATE_EVENT_MANUAL_RESET, CreateEventExW, CreateMutexExW,
    CreateSemaphoreExW, OpenEventW, OpenMutexW, OpenSemaphoreW, ReleaseMutex, ReleaseSemaphore,
    ResetEvent, SetEvent, WaitForMultipleObjects, WaitForSingleObject,
};

use super::{CreatedOrOpened, SecurityAttributes, Strings, Win32Error, own};
use crate::name::WideName;

#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Mutex,
    Event,
    Semaphore,
}

impl Kind {
    /// What the system calls objects of this kind.
    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Self::Mutex => "Mutant",
            Self::Event => "Event",
            Self::Semaphore => "Semaphore",
        }
    }

    pub(crate) fn create_function(self) -> &'static str {
        match self {
            Self::Mutex => "CreateMutexExW",
            Self::Event => "CreateEventExW",
            Self::Semaphore => "CreateSemaphoreExW",
        }
    }

    pub(crate) fn open_function(self) -> &'static str {
        match self {
            Self::Mutex => "OpenMutexW",
            Self::Event => "OpenEventW",
            Self::Semaphore => "OpenSemaphoreW",
        }
    }
}

/// How a new object begins.
#[derive(Clone, Copy)]
pub(crate) enum New {
    Mutex,
    Event { manual_reset: bool, set: bool },
    Semaphore { count: i32, maximum: i32 },
}

impl New {
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Mutex => Kind::Mutex,
            Self::Event { .. } => Kind::Event,
            Self::Semaphore { .. } => Kind::Semaphore,
        }
    }
}

/// Creates the object, or opens the one that has the name, with these rights.
pub(crate) fn create(
    new: New,
    name: Option<&WideName>,
    rights: u32,
    attributes: &SecurityAttributes<'_>,
) -> Result<CreatedOrOpened, Win32Error> {
    let attributes = &attributes.raw();
    let name = name.map_or(ptr::null(), WideName::as_ptr);
    // SAFETY: the attributes and the descriptor they point to outlive the call; the name is null or
    // NUL-terminated (`WideName`). On success the handle is new and ours. The last error is cleared
    // first because only its value tells an existing object from a new one, and it is read before
    // anything else can change it.
    unsafe {
        SetLastError(0);
        let handle = match new {
            New::Mutex => CreateMutexExW(attributes, name, 0, rights),
            New::Event { manual_reset, set } => {
                let manual = [0, CREATE_EVENT_MANUAL_RESET][usize::from(manual_reset)];
                let set = [0, CREATE_EVENT_INITIAL_SET][usize::from(set)];
                CreateEventExW(attributes, name, manual | set, rights)
            }
            New::Semaphore { count, maximum } => {
                CreateSemaphoreExW(attributes, count, maximum, name, 0, rights)
            }
        };
        let created = GetLastError() != ERROR_ALREADY_EXISTS;
        own(handle).map(|handle| CreatedOrOpened { handle, created })
    }
}

/// Opens the object of this name with these rights.
pub(crate) fn open(
    kind: Kind,
    name: &WideName,
    rights: u32,
    inheritable: bool,
) -> Result<OwnedHandle, Win32Error> {
    let (inherit, name) = (inheritable.into(), name.as_ptr());
    // SAFETY: the name is NUL-terminated; a handle other than null is new and ours.
    unsafe {
        own(match kind {
            Kind::Mutex => OpenMutexW(rights, inherit, name),
            Kind::Event => OpenEventW(rights, inherit, name),
            Kind::Semaphore => OpenSemaphoreW(rights, inherit, name),
        })
    }
}

/// What the system calls objects of the kind that the handle is of. This takes no right.
pub(crate) fn type_name(object: BorrowedHandle<'_>) -> Result<String, Win32Error> {
    // A `PUBLIC_OBJECT_TYPE_INFORMATION` of about 100 bytes, and the name that its first field points to. The longest
    // there is today has 26 characters.
    let mut buffer = [0_u64; 64];
    let mut len = 0;
    // SAFETY: the handle is valid while borrowed; the buffer is writable, of the size given and aligned for the
    // structure. A status is a plain value.
    unsafe {
        let status = NtQueryObject(
            object.as_raw_handle(),
            ObjectTypeInformation,
            buffer.as_mut_ptr().cast(),
            size_of_val(&buffer) as u32,
            &mut len,
        );
        if status != STATUS_SUCCESS {
            return Err(Win32Error(RtlNtStatusToDosError(status)));
        }
    }
    Ok(String::from_utf16_lossy(&Strings::of(&buffer).text(0)))
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Waited {
    /// The object at this index is signaled, or ours.
    Signaled(usize),
    /// The mutex at this index is ours, and its owner ended without releasing it.
    Abandoned(usize),
    TimedOut,
}

/// Waits for one object; `u32::MAX` milliseconds are forever.
pub(crate) fn wait(object: BorrowedHandle<'_>, millis: u32) -> Result<Waited, Win32Error> {
    // SAFETY: the handle is valid while borrowed.
    waited(unsafe { WaitForSingleObject(object.as_raw_handle(), millis) })
}

/// Waits for any of up to 64 objects (`MAXIMUM_WAIT_OBJECTS`), at least one; the system refuses more.
pub(crate) fn wait_any(objects: &[BorrowedHandle<'_>], millis: u32) -> Result<Waited, Win32Error> {
    let handles: Vec<HANDLE> = objects.iter().map(AsRawHandle::as_raw_handle).collect();
    // SAFETY: as many handles as said, valid while borrowed.
    waited(unsafe { WaitForMultipleObjects(handles.len() as u32, handles.as_ptr(), 0, millis) })
}

fn waited(answer: u32) -> Result<Waited, Win32Error> {
    match answer {
        WAIT_FAILED => Err(Win32Error::last()),
        WAIT_TIMEOUT => Ok(Waited::TimedOut),
        WAIT_ABANDONED_0.. => Ok(Waited::Abandoned((answer - WAIT_ABANDONED_0) as usize)),
        _ => Ok(Waited::Signaled((answer - WAIT_OBJECT_0) as usize)),
    }
}

/// Releases a mutex, which the calling thread must own.
pub(crate) fn release_mutex(mutex: BorrowedHandle<'_>) -> Result<(), Win32Error> {
    // SAFETY: the handle is valid while borrowed.
    done(unsafe { ReleaseMutex(mutex.as_raw_handle()) })
}

pub(crate) fn set_event(event: BorrowedHandle<'_>) -> Result<(), Win32Error> {
    // SAFETY: the handle is valid while borrowed.
    done(unsafe { SetEvent(event.as_raw_handle()) })
}

pub(crate) fn reset_event(event: BorrowedHandle<'_>) -> Result<(), Win32Error> {
    // SAFETY: the handle is valid while borrowed.
    done(unsafe { ResetEvent(event.as_raw_handle()) })
}

/// Adds to a semaphore's count and returns what it was.
pub(crate) fn release_semaphore(
    semaphore: BorrowedHandle<'_>,
    count: i32,
) -> Result<i32, Win32Error> {
    let mut previous = 0;
    // SAFETY: the handle is valid while borrowed and the result writable.
    done(unsafe { ReleaseSemaphore(semaphore.as_raw_handle(), count, &mut previous) })?;
    Ok(previous)
}

fn done(answer: i32) -> Result<(), Win32Error> {
    if answer == 0 {
        Err(Win32Error::last())
    } else {
        Ok(())
    }
}
