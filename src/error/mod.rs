//! [`SharedMemoryError`].

// Long because each variant says when it comes.

pub(crate) mod inconsistent;
pub(crate) mod invalid_security;
pub(crate) mod layout_mismatch;
mod messages;
pub(crate) mod unknown_format;

use std::io;
use std::time::Duration;

use windows_result::Error;

use crate::data::identity::ProcessIdentity;
use crate::data::invalid_value::InvalidValue;
use crate::error::inconsistent::Inconsistent;
use crate::error::invalid_security::InvalidSecurity;
use crate::error::layout_mismatch::LayoutMismatch;
use crate::error::unknown_format::UnknownFormat;
use crate::name::{InvalidName, Quoted};
use crate::sys::Win32Error;
use crate::sys::codes::{
    ERROR_ACCESS_DENIED, ERROR_COMMITMENT_LIMIT, ERROR_FILE_NOT_FOUND, ERROR_NO_SYSTEM_RESOURCES,
    ERROR_NOT_ENOUGH_MEMORY, ERROR_NOT_ENOUGH_QUOTA, ERROR_OUTOFMEMORY, ERROR_PAGEFILE_QUOTA,
    ERROR_PATH_NOT_FOUND,
};
use crate::sys::error_info::error_with_message;

/// Why a region could not be created, opened, mapped or accessed.
///
/// # Shape
///
/// The first five variants are those of version 0.1.0. The three with a payload say which call the
/// system refused; the payload is `windows::core::Error` of the `windows` crate 0.62, which this crate
/// re-exports as [`windows_result::Error`](crate::windows_result::Error). It has the system's code in
/// `code()`, and the region's name and the cause in `message()`. The system refuses one call for
/// several reasons, which these questions tell apart without error numbers:
///
/// | question | variants it may be true for |
/// |---|---|
/// | [`is_not_found`](Self::is_not_found) | `OpenMapping`, `System`, `TimedOut` |
/// | [`is_access_denied`](Self::is_access_denied) | `OpenMapping`, `CreateMapping`, `MapView`, `System` |
/// | [`is_out_of_memory`](Self::is_out_of_memory) | `CreateMapping`, `MapView`, `Commit`, `System` |
///
/// The other variants are causes that 0.1.0 did not notice or could not tell from those.
///
/// An error about a region carries the region's name as the caller gave it; `name` is `None` for a
/// region without one. `AlreadyExists` and `SizeTooLarge` have no name because 0.1.0 gave them none.
/// `InvalidValue` has none because the same check serves bytes that are in no region, and `Inconsistent` has none because
/// what is read there is the caller's own choice of places.
///
/// [`source`](std::error::Error::source) is the system's own error, where there is one. What else
/// caused an error is in its fields, and its message says it.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{ReadOnly, SharedMemoryError, SharedMemoryLink};
///
/// let link: Result<SharedMemoryLink<u32, ReadOnly>, _> =
///     SharedMemoryLink::open(r"Local\nobody-made-this");
/// match link {
///     Ok(_) => println!("it is there"),
///     Err(error) if error.is_not_found() => println!("not started yet"),
///     Err(SharedMemoryError::TooSmall { needed, actual, .. }) => {
///         println!("an older publisher: {actual} bytes instead of {needed}");
///     }
///     Err(error) => println!("{error}"),
/// }
/// ```
///
/// The system's code:
///
/// ```
/// use win_shared_memory::windows_result::{Error, HRESULT};
/// use win_shared_memory::{SharedMemoryError, SharedMemoryLink};
///
/// let error = SharedMemoryLink::<u32>::open(r"Local\nobody-made-this").unwrap_err();
/// let SharedMemoryError::OpenMapping(refused) = error else { panic!("{error}") };
/// let refused: Error = refused;
/// assert_eq!(refused.code(), HRESULT::from_win32(2)); // ERROR_FILE_NOT_FOUND
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SharedMemoryError {
    /// `OpenFileMappingW` failed: there is no region of this name, or its security descriptor
    /// does not grant the access.
    OpenMapping(Error),

    /// `CreateFileMappingW` failed: memory ran out, or the name belongs to a region whose security
    /// descriptor does not grant the access.
    CreateMapping(Error),

    /// `MapViewOfFile` failed: the address space has no room, or the handle does not grant the
    /// access.
    MapView(Error),

    /// `create` found that a region, or another object of the kind it creates, has the name already.
    AlreadyExists,

    /// `size_of::<T>()` exceeds `u32::MAX` bytes, the most with which a typed region is created.
    /// [`Section`](crate::Section) has no such limit.
    SizeTooLarge,

    /// No region can have this name; the system was not asked, or refused it.
    #[non_exhaustive]
    InvalidName {
        /// The name as given.
        name: String,
        /// What is wrong with it.
        reason: InvalidName,
    },

    /// A kernel object of another kind than the one asked for has this name: regions, events,
    /// mutexes, semaphores, timers and jobs share one namespace.
    #[non_exhaustive]
    NameInUse {
        /// The name of the object: as given, or that of an object beside the region.
        name: String,
    },

    /// The region exists and is smaller than what was asked for.
    ///
    /// The system knows the size of a region in whole pages only, so a region that is too small by less
    /// than a page is not noticed.
    #[non_exhaustive]
    TooSmall {
        /// The region's name.
        name: Option<String>,
        /// The size asked for in bytes.
        needed: u64,
        /// The region's size in bytes, a multiple of the page size.
        actual: u64,
    },

    /// The bytes asked for do not lie inside the region, or a window of no bytes was asked for.
    #[non_exhaustive]
    OutOfBounds {
        /// The region's name.
        name: Option<String>,
        /// The first byte asked for.
        offset: u64,
        /// The number of bytes asked for.
        len: u64,
        /// The size of the region or view in bytes.
        size: u64,
    },

    /// No region can have this size: it is zero, or over 2⁶³ − 4096 bytes.
    #[non_exhaustive]
    InvalidSize {
        /// The region's name.
        name: Option<String>,
        /// The size asked for in bytes.
        size: u64,
    },

    /// `T` has to be aligned more strictly than views are, so no mapped address can suit it.
    #[non_exhaustive]
    AlignmentTooLarge {
        /// The region's name.
        name: Option<String>,
        /// `align_of::<T>()` in bytes.
        align: usize,
        /// The alignment of every view in bytes: the mapping granularity.
        granularity: usize,
    },

    /// A page of the region was reserved and never committed, so it has no memory behind it.
    #[non_exhaustive]
    NotCommitted {
        /// The region's name.
        name: Option<String>,
        /// The offset in bytes of the first byte asked for that has no memory.
        offset: u64,
    },

    /// Another program made the section with `SEC_NOCACHE` or `SEC_WRITECOMBINE`. Atomic instructions
    /// may raise an exception in such memory, so what may hold atomics is refused: a read-write
    /// [`SharedMemoryLink`](crate::SharedMemoryLink), and a place of a type with atomics. Other values
    /// can be accessed through a [`View`](crate::View).
    #[non_exhaustive]
    Uncached {
        /// The region's name.
        name: Option<String>,
    },

    /// The offset is not a multiple of the alignment that the atomics in the type require.
    #[non_exhaustive]
    Misaligned {
        /// The region's name.
        name: Option<String>,
        /// The offset asked for in bytes.
        offset: u64,
        /// The alignment required in bytes.
        align: usize,
    },

    /// The numbers that describe a table do not fit the region, or not the rows.
    ///
    /// Numbers that an `i64` cannot hold are given as its nearest.
    #[non_exhaustive]
    InvalidTable {
        /// The region's name.
        name: Option<String>,
        /// Where the table begins, in bytes.
        offset: i64,
        /// The bytes from one row to the next.
        stride: i64,
        /// The number of rows.
        count: i64,
        /// The size in bytes of the row that was to be read.
        row: usize,
        /// The size of the view in bytes.
        size: usize,
    },

    /// The object is not shared memory that can be used as data: it is another kind of object, or an
    /// executable image.
    #[non_exhaustive]
    NotSharedMemory {
        /// The name by which it was opened; `None` for a handle.
        name: Option<String>,
    },

    /// The handle is that of another kind of object than the one asked for.
    #[non_exhaustive]
    WrongObject {
        /// What the system calls objects of the kind asked for: `Mutant` (a mutex), `Event` or
        /// `Semaphore`.
        expected: &'static str,
        /// What the system calls the object of the handle.
        found: String,
    },

    /// The process lacks the privilege that creating such a region takes.
    #[non_exhaustive]
    PrivilegeNotHeld {
        /// The region's name.
        name: Option<String>,
        /// The privilege's Windows name: `SeCreateGlobalPrivilege` for the `Global\` namespace
        /// (services and administrators have it; *opening* needs none), `SeLockMemoryPrivilege`
        /// for large pages.
        privilege: &'static str,
    },

    /// The text is not a security descriptor, or is one with a NULL DACL.
    #[non_exhaustive]
    InvalidSecurity {
        /// The text as given, in the security descriptor definition language (SDDL).
        sddl: String,
        /// What is wrong with it.
        reason: InvalidSecurity,
    },

    /// The region, or other object, did not appear in time.
    #[non_exhaustive]
    TimedOut {
        /// The name as given.
        name: String,
        /// How long the call waited.
        timeout: Duration,
    },

    /// The bytes read are not a valid value of the type.
    InvalidValue(InvalidValue),

    /// The region is not in this crate's own format, or is of another kind or version of it.
    #[non_exhaustive]
    UnknownFormat {
        /// The name as given.
        name: String,
        /// What was found.
        reason: UnknownFormat,
    },

    /// The region was made for another type.
    LayoutMismatch(Box<LayoutMismatch>),

    /// The region exists, and the process that creates or opens it has not finished in time.
    #[non_exhaustive]
    NotReady {
        /// The name as given.
        name: String,
        /// How long the call waited.
        timeout: Duration,
    },

    /// Another writer is registered and is alive, or cannot be shown to have exited because this process
    /// may not query it.
    #[non_exhaustive]
    WriterAlive {
        /// The name as given.
        name: String,
        /// The process of the writer. [`Process::open_if_alive`](crate::Process::open_if_alive) can
        /// wait for its exit.
        writer: ProcessIdentity,
    },

    /// Another process is at this end of a channel and is alive, or cannot be shown to have exited because this
    /// process may not query it. Of several senders' places, all are taken so.
    #[non_exhaustive]
    EndTaken {
        /// The name as given.
        name: String,
        /// The process at the end; of several, one of them.
        holder: ProcessIdentity,
    },

    /// Nobody is at the other end of a channel or broadcast any more, and nothing is left to receive. Somebody may come
    /// again.
    #[non_exhaustive]
    Disconnected {
        /// The name as given.
        name: String,
    },

    /// A slice is longer than the region has room for, however empty that is.
    #[non_exhaustive]
    TooLong {
        /// The name as given.
        name: String,
        /// The number of elements of the slice.
        len: usize,
        /// The most elements that a slice may have: the capacity that the region was created with, or more.
        limit: usize,
    },

    /// This thread holds the lock already, and would wait for itself.
    #[non_exhaustive]
    AlreadyLocked {
        /// The name as given.
        name: String,
    },

    /// As many handles to a [`SharedMutex`](crate::SharedMutex) are open as there can be, in all
    /// processes together. With [`LockMode::Kernel`](crate::LockMode::Kernel) there is no such limit.
    #[non_exhaustive]
    TooManyHandles {
        /// The name as given.
        name: String,
        /// How many there can be.
        limit: usize,
    },

    /// A value was overwritten each time it was read: its writer is much faster than this thread.
    #[non_exhaustive]
    Contended {
        /// The name as given.
        name: String,
        /// The number of attempts.
        attempts: u32,
    },

    /// A value of another program could not be read whole: see [`consistency`](crate::consistency).
    Inconsistent(Inconsistent),

    /// `VirtualAlloc` could not commit reserved pages.
    Commit(Error),

    /// Another system call failed.
    #[non_exhaustive]
    System {
        /// The Win32 function.
        function: &'static str,
        /// What the system said.
        error: Error,
    },
}

/// What the system said of a call on the object of this name.
pub(crate) fn describe(function: &str, name: Option<&str>, code: Win32Error, cause: &str) -> Error {
    let hresult = code.hresult();
    let on = name.map_or_else(String::new, |it| format!(" on {}", Quoted(it)));
    let cause = match cause {
        "" => hresult.message(),
        _ => cause.into(),
    };
    error_with_message(hresult, &format!("{function}{on}: {cause}"))
}

/// The error of a call that is about no named object.
pub(crate) fn system_error(function: &'static str, code: Win32Error) -> SharedMemoryError {
    SharedMemoryError::System {
        function,
        error: describe(function, None, code, ""),
    }
}

/// There is no memory for a copy.
#[cold]
pub(crate) fn no_memory() -> SharedMemoryError {
    system_error("HeapAlloc", Win32Error(ERROR_NOT_ENOUGH_MEMORY))
}

impl SharedMemoryError {
    /// Whether there is no region, or other object asked for, of the name (yet).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::OpenMapping(error) | Self::System { error, .. } => {
                has_code(error, &[ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND])
            }
            Self::TimedOut { .. } => true,
            _ => false,
        }
    }

    /// Whether security refused the access: that of the region or, for a handle passed by
    /// another process, the handle's own rights.
    #[must_use]
    pub fn is_access_denied(&self) -> bool {
        self.system_error()
            .is_some_and(|error| has_code(error, &[ERROR_ACCESS_DENIED]))
    }

    /// Whether memory ran out: the commit limit (RAM and paging file together), or, mostly in
    /// 32-bit processes, address space.
    #[must_use]
    pub fn is_out_of_memory(&self) -> bool {
        self.system_error()
            .is_some_and(|error| has_code(error, &OUT_OF_MEMORY))
    }

    /// Whether nobody is left at the other end.
    #[must_use]
    pub fn is_disconnected(&self) -> bool {
        matches!(self, Self::Disconnected { .. })
    }

    /// The system's own error, for the variants that carry one.
    fn system_error(&self) -> Option<&Error> {
        match self {
            Self::OpenMapping(error)
            | Self::CreateMapping(error)
            | Self::MapView(error)
            | Self::Commit(error)
            | Self::System { error, .. } => Some(error),
            _ => None,
        }
    }
}

const OUT_OF_MEMORY: [u32; 6] = [
    ERROR_NOT_ENOUGH_MEMORY,
    ERROR_OUTOFMEMORY,
    ERROR_COMMITMENT_LIMIT,
    ERROR_PAGEFILE_QUOTA,
    ERROR_NOT_ENOUGH_QUOTA,
    ERROR_NO_SYSTEM_RESOURCES,
];

fn has_code(error: &Error, codes: &[u32]) -> bool {
    codes
        .iter()
        .any(|&code| error.code() == Win32Error(code).hresult())
}

impl std::error::Error for SharedMemoryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.system_error().map(|it| it as _)
    }
}

impl From<LayoutMismatch> for SharedMemoryError {
    fn from(error: LayoutMismatch) -> Self {
        Self::LayoutMismatch(Box::new(error))
    }
}

impl From<InvalidValue> for SharedMemoryError {
    fn from(error: InvalidValue) -> Self {
        Self::InvalidValue(error)
    }
}

impl From<SharedMemoryError> for io::Error {
    /// Keeps the error as the source and gives it the kind that fits.
    fn from(error: SharedMemoryError) -> Self {
        use SharedMemoryError as E;
        let kind = match &error {
            E::TimedOut { .. } => io::ErrorKind::TimedOut,
            _ if error.is_not_found() => io::ErrorKind::NotFound,
            _ if error.is_access_denied() => io::ErrorKind::PermissionDenied,
            _ if error.is_out_of_memory() => io::ErrorKind::OutOfMemory,
            E::Uncached { .. } => io::ErrorKind::Unsupported,
            E::AlreadyExists | E::NameInUse { .. } => io::ErrorKind::AlreadyExists,
            E::PrivilegeNotHeld { .. } => io::ErrorKind::PermissionDenied,
            E::TooSmall { .. } => io::ErrorKind::UnexpectedEof,
            E::SizeTooLarge
            | E::InvalidName { .. }
            | E::OutOfBounds { .. }
            | E::Misaligned { .. }
            | E::InvalidSize { .. }
            | E::AlignmentTooLarge { .. }
            | E::TooLong { .. }
            | E::NotSharedMemory { .. }
            | E::WrongObject { .. }
            | E::InvalidSecurity { .. } => io::ErrorKind::InvalidInput,
            E::WriterAlive { .. } | E::EndTaken { .. } => io::ErrorKind::AlreadyExists,
            E::Disconnected { .. } => io::ErrorKind::BrokenPipe,
            E::NotReady { .. } | E::Inconsistent(_) => io::ErrorKind::TimedOut,
            E::InvalidValue(_)
            | E::InvalidTable { .. }
            | E::UnknownFormat { .. }
            | E::LayoutMismatch(_) => io::ErrorKind::InvalidData,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}
