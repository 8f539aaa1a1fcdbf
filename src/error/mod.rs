//! [`SharedMemoryError`].

pub(crate) mod layout_mismatch;

use std::fmt;
use std::io;
use std::time::Duration;

use windows_result::Error;

use crate::data::invalid_value::InvalidValue;
use crate::error::layout_mismatch::LayoutMismatch;
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
/// The first five variants are those of version 0.1.0. The three with a payload say which call
/// the system refused; the payload is `windows::core::Error` of the `windows` crate 0.62 under its
/// own name, with the system's code in `code()` and the region's name and the cause in
/// `message()`. One call can be refused for several reasons, which these questions tell apart
/// without error numbers:
///
/// | question | variants it may be true for |
/// |---|---|
/// | [`is_not_found`](Self::is_not_found) | `OpenMapping`, `System`, `TimedOut` |
/// | [`is_access_denied`](Self::is_access_denied) | `OpenMapping`, `CreateMapping`, `MapView`, `System` |
/// | [`is_out_of_memory`](Self::is_out_of_memory) | `CreateMapping`, `MapView`, `Commit`, `System` |
///
/// The other variants are causes of their own that 0.1.0 did not notice or could not tell from
/// those.
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
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SharedMemoryError {
    /// `OpenFileMappingW` failed: there is no region of this name, or its security descriptor
    /// does not grant the access.
    OpenMapping(Error),

    /// `CreateFileMappingW` failed: the memory cannot be had, or the name belongs to a region
    /// whose security descriptor does not grant the access.
    CreateMapping(Error),

    /// `MapViewOfFile` failed: no room in the address space, or the handle does not grant the
    /// access.
    MapView(Error),

    /// `create` found that a region, or other object of its kind, of this name exists already.
    AlreadyExists,

    /// `size_of::<T>()` exceeds `u32::MAX` bytes, which is the most a typed region is created
    /// with; [`Section`](crate::Section) has no such limit.
    SizeTooLarge,

    /// The name cannot be that of a region; the system was not asked.
    InvalidName {
        /// The name as given.
        name: String,
        /// What is wrong with it.
        reason: InvalidName,
    },

    /// A kernel object of another kind than the one asked for has this name: regions, events,
    /// mutexes, semaphores, timers and jobs share one namespace.
    NameInUse {
        /// The name as given.
        name: String,
    },

    /// The region exists and is smaller than what was asked for.
    ///
    /// The system knows the size of a region in whole pages only: one that is smaller by less
    /// than a page is not noticed.
    TooSmall {
        /// The region's name, if it has one.
        name: Option<String>,
        /// The bytes asked for.
        needed: u64,
        /// The region's size in bytes, a multiple of the page size.
        actual: u64,
    },

    /// The window does not lie inside the region, or has no bytes.
    OutOfBounds {
        /// The first byte asked for.
        offset: u64,
        /// The number of bytes asked for.
        len: u64,
        /// The size of the region or view in bytes.
        size: u64,
    },

    /// No region can have this size: it is zero, or over 2⁶³ − 4096 bytes.
    InvalidSize {
        /// The size asked for in bytes.
        size: u64,
    },

    /// `T` has to be aligned more strictly than views are, so no mapped address can suit it.
    AlignmentTooLarge {
        /// `align_of::<T>()` in bytes.
        align: usize,
        /// The alignment of every view in bytes: the mapping granularity.
        granularity: usize,
    },

    /// A page of the region was reserved and never committed, so it has no memory behind it.
    NotCommitted {
        /// The offset of the page's first byte asked for.
        offset: u64,
    },

    /// Another program made the section with `SEC_NOCACHE` or `SEC_WRITECOMBINE`. Atomic instructions
    /// may raise an exception in such memory, so what may hold atomics is refused: a read-write
    /// [`SharedMemoryLink`](crate::SharedMemoryLink), and a place of a type with atomics. Other values
    /// can be accessed through a [`View`](crate::View).
    Uncached,

    /// The offset does not suit the atomics in the type: a torn access would be no atomic one.
    Misaligned {
        /// The offset asked for in bytes.
        offset: u64,
        /// What it has to be a multiple of.
        align: usize,
    },

    /// What a region says of a table in it does not fit the region, or not the rows.
    InvalidTable {
        /// Where the table begins, in bytes.
        offset: i128,
        /// The bytes from one row to the next.
        stride: i128,
        /// The number of rows.
        count: i128,
        /// The size in bytes of the row that is to be read.
        row: usize,
        /// The size of the view in bytes.
        size: usize,
    },

    /// The object is not shared memory that can be used as data: a handle to something else, or
    /// an executable image.
    NotSharedMemory,

    /// The process lacks the privilege that creating such a region takes.
    PrivilegeNotHeld {
        /// The name as given, if any.
        name: Option<String>,
        /// The privilege's Windows name: `SeCreateGlobalPrivilege` for the `Global\` namespace
        /// (services and administrators have it; *opening* needs none), `SeLockMemoryPrivilege`
        /// for large pages.
        privilege: &'static str,
    },

    /// The text is no security descriptor, or one with a NULL DACL.
    InvalidSecurity {
        /// The text as given, in the security descriptor definition language (SDDL).
        sddl: String,
        /// What is wrong with it.
        reason: String,
    },

    /// The region, or other object, did not appear in time.
    TimedOut {
        /// The name as given.
        name: String,
        /// How long it was waited for.
        timeout: Duration,
    },

    /// The bytes read are no valid value of the type.
    InvalidValue(InvalidValue),

    /// The region is none of this crate's own format, or of another kind or version of it.
    UnknownFormat {
        /// The name as given.
        name: String,
        /// What was found.
        reason: &'static str,
    },

    /// The region was made for another type.
    LayoutMismatch(Box<LayoutMismatch>),

    /// The region is there, and whoever creates or opens it has not finished in time.
    NotReady {
        /// The name as given.
        name: String,
        /// How long it was waited for.
        timeout: Duration,
    },

    /// There can be one writer, and it lives, or the system does not tell that it has ended: it
    /// belongs to a user whose processes this one may not ask about.
    WriterAlive {
        /// The name as given.
        name: String,
        /// The process id of the writer.
        id: u32,
    },

    /// This thread holds the lock already, and would wait for itself.
    AlreadyLocked {
        /// The name as given.
        name: String,
    },

    /// As many handles to a [`SharedMutex`](crate::SharedMutex) are open as there can be, in all
    /// processes together. Of [`LockMode::Kernel`](crate::LockMode::Kernel) there is no such limit.
    TooManyHandles {
        /// The name as given.
        name: String,
        /// How many there can be.
        limit: usize,
    },

    /// A value was overwritten each time it was read: its writer is much faster than this thread.
    Contended {
        /// How often it was tried.
        attempts: u32,
    },

    /// `VirtualAlloc` could not commit reserved pages.
    Commit(Error),

    /// Another system call failed.
    System {
        /// The Win32 function.
        function: &'static str,
        /// What the system said.
        error: Error,
    },
}

/// What the system had to say of a call on a region.
pub(crate) fn describe(function: &str, name: Option<&str>, code: Win32Error, cause: &str) -> Error {
    let hresult = code.hresult();
    let on = name.map_or_else(String::new, |it| format!(" on {}", Quoted(it)));
    let cause = match cause {
        "" => hresult.message(),
        _ => cause.into(),
    };
    error_with_message(hresult, &format!("{function}{on}: {cause}"))
}

/// The error of a call that is about no region.
pub(crate) fn system_error(function: &'static str, code: Win32Error) -> SharedMemoryError {
    SharedMemoryError::System {
        function,
        error: describe(function, None, code, ""),
    }
}

impl SharedMemoryError {
    /// Whether no region, or other object asked for, of the name exists (yet).
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

impl fmt::Display for SharedMemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenMapping(error) => write!(f, "cannot open shared memory: {error}"),
            Self::CreateMapping(error) => write!(f, "cannot create shared memory: {error}"),
            Self::MapView(error) => write!(f, "cannot map shared memory: {error}"),
            Self::AlreadyExists => {
                f.write_str("cannot create shared memory: a region of this name exists already")
            }
            Self::SizeTooLarge => f.write_str(
                "cannot create shared memory: the type is larger than 4 GiB (u32::MAX bytes)",
            ),
            Self::InvalidName { name, reason } => {
                write!(f, "{} is no valid name: {reason}", Quoted(name))
            }
            Self::NameInUse { name } => write!(
                f,
                "{} is the name of another kind of object; shared memory, events, mutexes, \
                 semaphores, timers and jobs share one namespace",
                Quoted(name)
            ),
            Self::TooSmall {
                name,
                needed,
                actual,
            } => {
                f.write_str("the shared memory ")?;
                if let Some(name) = name {
                    write!(f, "{} ", Quoted(name))?;
                }
                write!(f, "has {actual} bytes where {needed} are needed")
            }
            // Only a window has to have bytes; a copy of none is refused for where it begins.
            Self::OutOfBounds {
                offset,
                len: 0,
                size,
            } if offset <= size => {
                f.write_str("a window of no bytes was asked for; ask for at least one")
            }
            Self::OutOfBounds { offset, len, size } => write!(
                f,
                "{len} bytes at offset {offset} do not lie inside the region's {size}"
            ),
            Self::InvalidSize { size: 0 } => f.write_str(
                "shared memory cannot have zero bytes; ask for at least one, and for a type that \
                 is not zero-sized",
            ),
            Self::InvalidSize { size } => write!(
                f,
                "shared memory cannot have {size} bytes; the most is {}",
                crate::sys::section::MAX_SIZE
            ),
            Self::AlignmentTooLarge { align, granularity } => write!(
                f,
                "the type asks for an alignment of {align} bytes and views are aligned to \
                 {granularity}"
            ),
            Self::Uncached => f.write_str(
                "another program made the memory uncached (SEC_NOCACHE or SEC_WRITECOMBINE), where \
                 atomic instructions may raise an exception",
            ),
            Self::NotCommitted { offset } => write!(
                f,
                "the page at offset {offset} is reserved and not committed, so it has no memory"
            ),
            Self::Misaligned { offset, align } => write!(
                f,
                "the type has atomics, for which offset {offset} is no multiple of {align}"
            ),
            Self::InvalidTable {
                offset,
                stride,
                count,
                row,
                size,
            } => write!(
                f,
                "a table of {count} rows of {row} bytes, {stride} bytes apart, at offset {offset} \
                 does not fit a view of {size} bytes"
            ),
            Self::NotSharedMemory => f.write_str(
                "the handle or name is not one of shared memory (it is another kind of object, or \
                 an executable image)",
            ),
            Self::PrivilegeNotHeld { name, privilege } => {
                f.write_str("cannot create shared memory")?;
                if let Some(name) = name {
                    write!(f, " {}", Quoted(name))?;
                }
                write!(f, ": the process lacks the privilege {privilege}")
            }
            Self::InvalidSecurity { sddl, reason } => {
                write!(
                    f,
                    "{} is no usable security descriptor: {reason}",
                    Quoted(sddl)
                )
            }
            Self::TimedOut { name, timeout } => {
                write!(f, "no {} appeared within {timeout:?}", Quoted(name))
            }
            Self::InvalidValue(error) => error.fmt(f),
            Self::UnknownFormat { name, reason } => {
                write!(f, "cannot use the region {}: {reason}", Quoted(name))
            }
            Self::LayoutMismatch(mismatch) => mismatch.fmt(f),
            Self::NotReady { name, timeout } => write!(
                f,
                "{} exists, and its creator has not finished within {timeout:?}",
                Quoted(name)
            ),
            Self::WriterAlive { name, id } => {
                write!(f, "{} has a writer that lives: process {id}", Quoted(name))
            }
            Self::AlreadyLocked { name } => write!(
                f,
                "this thread holds the lock {} already and would wait for itself",
                Quoted(name)
            ),
            Self::TooManyHandles { name, limit } => write!(
                f,
                "{limit} handles to the lock {} are open, and there can be no more: close some, or \
                 create it with LockMode::Kernel",
                Quoted(name)
            ),
            Self::Contended { attempts } => write!(
                f,
                "the value was overwritten during each of {attempts} attempts to read it"
            ),
            Self::Commit(error) => write!(f, "cannot commit shared memory: {error}"),
            Self::System { error, .. } => error.fmt(f),
        }
    }
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
            E::Uncached => io::ErrorKind::Unsupported,
            E::AlreadyExists | E::NameInUse { .. } => io::ErrorKind::AlreadyExists,
            E::PrivilegeNotHeld { .. } => io::ErrorKind::PermissionDenied,
            E::TooSmall { .. } => io::ErrorKind::UnexpectedEof,
            E::SizeTooLarge
            | E::InvalidName { .. }
            | E::OutOfBounds { .. }
            | E::Misaligned { .. }
            | E::InvalidSize { .. }
            | E::AlignmentTooLarge { .. }
            | E::NotSharedMemory
            | E::InvalidSecurity { .. } => io::ErrorKind::InvalidInput,
            E::WriterAlive { .. } => io::ErrorKind::AlreadyExists,
            E::NotReady { .. } => io::ErrorKind::TimedOut,
            E::InvalidValue(_)
            | E::InvalidTable { .. }
            | E::UnknownFormat { .. }
            | E::LayoutMismatch(_) => io::ErrorKind::InvalidData,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}
