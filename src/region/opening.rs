//! Creates and opens sections, and turns the system's answers into errors that name the cause.

use std::thread;
use std::time::Duration;

use crate::access::{Access, ReadOnly, ReadWrite};
use crate::backing::Backing;
use crate::deadline::Timeout;
use crate::error::{SharedMemoryError, describe};
use crate::name::{InvalidName, WideName, has_owner, is_global};
use crate::region::options::SharedMemoryOptions;
use crate::region::section::Section;
use crate::region::security::SecurityDescriptor;
use crate::sys::codes::{
    ERROR_ACCESS_DENIED, ERROR_BAD_PATHNAME, ERROR_FILE_NOT_FOUND, ERROR_FILENAME_EXCED_RANGE,
    ERROR_INVALID_HANDLE, ERROR_INVALID_NAME, ERROR_INVALID_OWNER, ERROR_PATH_NOT_FOUND,
    ERROR_PRIVILEGE_NOT_HELD,
};
use crate::sys::rights::FILE_MAP_READ;
use crate::sys::section::{MAX_SIZE, NewSection};
use crate::sys::{self, SecurityAttributes, Win32Error};

/// How often creating and opening are tried in turn, because the region may come and go between the
/// two, before the system's answer counts as final.
const ATTEMPTS: u32 = 100;

impl Section<ReadOnly> {
    /// Opens an existing region for reading.
    ///
    /// # Errors
    ///
    /// As for [`open_with`](Self::open_with), except `TimedOut`.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// # let _publisher = Section::create(r"Local\docs-section-open", 4096)?;
    /// let section = Section::open(r"Local\docs-section-open")?;
    /// let view = section.map()?;
    /// println!("{} bytes, the first is {}", view.len(), view.read::<u8>(0)?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `OpenFileMappingW`.
    #[doc(alias = "OpenFileMappingW")]
    pub fn open(name: &str) -> Result<Self, SharedMemoryError> {
        Self::open_with(name, &SharedMemoryOptions::new())
    }
}

impl Section<ReadWrite> {
    /// Opens an existing region for reading and writing.
    ///
    /// # Errors
    ///
    /// As for [`open_with`](Self::open_with), except `TimedOut`.
    ///
    /// Calls `OpenFileMappingW`.
    #[doc(alias = "OpenFileMappingW")]
    pub fn open_existing(name: &str) -> Result<Self, SharedMemoryError> {
        Self::open_with(name, &SharedMemoryOptions::new())
    }

    /// Creates a region of `size` bytes, all zero. Fails if the name is taken.
    ///
    /// # Errors
    ///
    /// As for [`create_with`](Self::create_with).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let section = Section::create(r"Local\docs-section-create", 1 << 20)?;
    /// let view = section.map()?;
    /// view.write(4096, &7_u32)?;
    /// assert_eq!(view.read::<u32>(4096)?, 7);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `CreateFileMappingW`.
    #[doc(alias = "CreateFileMappingW")]
    pub fn create(name: &str, size: u64) -> Result<Self, SharedMemoryError> {
        Self::create_with(name, size, &SharedMemoryOptions::new())
    }

    /// Opens the region of this name, or creates it with `size` bytes, all zero.
    /// [`was_created`](Self::was_created) tells which.
    ///
    /// # Errors
    ///
    /// As for [`get_or_create_with`](Self::get_or_create_with).
    ///
    /// Calls `CreateFileMappingW`, and `OpenFileMappingW` where that is refused.
    #[doc(alias = "CreateFileMappingW")]
    pub fn get_or_create(name: &str, size: u64) -> Result<Self, SharedMemoryError> {
        Self::get_or_create_with(name, size, &SharedMemoryOptions::new())
    }

    /// Creates a region of `size` bytes without a name. It is shared by passing its handle on.
    ///
    /// # Errors
    ///
    /// As for [`create_with`](Self::create_with), except those about the name.
    ///
    /// Calls `CreateFileMappingW`.
    #[doc(alias = "CreateFileMappingW")]
    pub fn create_unnamed(size: u64) -> Result<Self, SharedMemoryError> {
        Self::create_unnamed_with(size, &SharedMemoryOptions::new())
    }

    /// [`create_unnamed`](Self::create_unnamed) with these options.
    ///
    /// # Errors
    ///
    /// As for [`create_with`](Self::create_with), except those about the name.
    ///
    /// # Examples
    ///
    /// A handle that child processes inherit:
    ///
    /// ```
    /// use win_shared_memory::{Section, SharedMemoryOptions};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut options = SharedMemoryOptions::new();
    /// options.inheritable(true);
    /// let section = Section::create_unnamed_with(4096, &options)?;
    /// assert_eq!(section.name(), None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `CreateFileMappingW`.
    #[doc(alias = "CreateFileMappingW")]
    pub fn create_unnamed_with(
        size: u64,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let section = sys::section::create(&new_section(None, size, options)?)
            .map_err(|code| create_error(None, options.backing, code))?;
        Ok(Self::new(section.handle, None, Some(size), options.backing))
    }
}

impl<A: Access> Section<A> {
    /// Opens an existing region with the rights that `A` needs and no others.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::InvalidName`].
    /// - [`SharedMemoryError::OpenMapping`]: there is none
    ///   ([`is_not_found`](SharedMemoryError::is_not_found)), or its security descriptor does not
    ///   grant the rights ([`is_access_denied`](SharedMemoryError::is_access_denied)).
    /// - [`SharedMemoryError::NameInUse`]: another kind of object has the name.
    /// - [`SharedMemoryError::TimedOut`]: the region did not appear within
    ///   [`wait`](SharedMemoryOptions::wait).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use win_shared_memory::{CopyOnWrite, Section, SharedMemoryOptions};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut patient = SharedMemoryOptions::new();
    /// patient.wait(Duration::from_secs(10));
    /// let section: Section<CopyOnWrite> = Section::open_with(r"Local\telemetry", &patient)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `OpenFileMappingW`.
    #[doc(alias = "OpenFileMappingW")]
    pub fn open_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError> {
        Self::open_within(name, options.wait.map(Timeout::new).as_mut(), options)
    }

    /// Opens an existing region; if there is a timeout, one that appears before it passes.
    pub(crate) fn open_within(
        name: &str,
        timeout: Option<&mut Timeout>,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let wide = wide(name)?;
        let handle = appear(name, timeout, || {
            sys::section::open(&wide, A::OPEN, options.inheritable)
        })?
        .map_err(|code| open_error::<A>(name, code))?;
        Ok(Self::new(handle, Some(name), None, options.backing))
    }

    /// Creates a region of `size` bytes, all zero. Fails if the name is taken.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::InvalidName`], [`SharedMemoryError::InvalidSize`].
    /// - [`SharedMemoryError::AlreadyExists`]: a region of this name exists.
    /// - [`SharedMemoryError::NameInUse`]: another kind of object has the name.
    /// - [`SharedMemoryError::PrivilegeNotHeld`]: `Global\` names and large pages take one.
    /// - [`SharedMemoryError::CreateMapping`]: memory ran out
    ///   ([`is_out_of_memory`](SharedMemoryError::is_out_of_memory)), or security denies it
    ///   ([`is_access_denied`](SharedMemoryError::is_access_denied)).
    ///
    /// # Examples
    ///
    /// A region of 1 GiB that takes memory only as it fills:
    ///
    /// ```
    /// use win_shared_memory::{Backing, ReadWrite, Section, SharedMemoryOptions};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut options = SharedMemoryOptions::new();
    /// options.backing(Backing::Reserved);
    /// let section: Section<ReadWrite> =
    ///     Section::create_with(r"Local\docs-section-create-with", 1 << 30, &options)?;
    /// let view = section.map_range(0, 1 << 20)?;
    /// view.commit(0, 4096)?;
    /// view.write(0, &7_u64)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `CreateFileMappingW`.
    #[doc(alias = "CreateFileMappingW")]
    pub fn create_with(
        name: &str,
        size: u64,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        // To see that the name is taken, any access to its section will do.
        let section = Self::create_or_open(name, size, FILE_MAP_READ, options)?;
        if section.was_created() {
            Ok(section)
        } else {
            Err(SharedMemoryError::AlreadyExists)
        }
    }

    /// Opens the region of this name with the rights that `A` needs, or creates it with `size`
    /// bytes, all zero. [`was_created`](Self::was_created) tells which. However many processes call
    /// this at once, one creates the region and the others open it.
    ///
    /// An existing region keeps its own size.
    ///
    /// # Errors
    ///
    /// As for [`create_with`](Self::create_with), except `AlreadyExists`.
    ///
    /// Calls `CreateFileMappingW`, and `OpenFileMappingW` where that is refused.
    #[doc(alias = "CreateFileMappingW")]
    pub fn get_or_create_with(
        name: &str,
        size: u64,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Self::create_or_open(name, size, A::OPEN, options)
    }

    /// Creates the section, or opens it with `rights`.
    ///
    /// `CreateFileMappingW` opens an existing section by itself, but it requests full access, and it
    /// finds the section only after it has reserved the memory for a new one. So if it is refused, we
    /// try to open, with just the rights needed. The section may vanish in between; then we try to
    /// create it again.
    fn create_or_open(
        name: &str,
        size: u64,
        rights: u32,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let wide = wide(name)?;
        let new = new_section(Some((name, &wide)), size, options)?;
        for _ in 0..ATTEMPTS {
            let refused = match sys::section::create(&new) {
                Ok(section) => {
                    let size = section.created.then_some(size);
                    return Self::new(section.handle, Some(name), size, options.backing)
                        .reduced(options.inheritable);
                }
                Err(code) => code,
            };
            if let Some(error) = named_error(name, refused) {
                return Err(error);
            }
            match sys::section::open(&wide, rights, options.inheritable) {
                Ok(handle) => return Ok(Self::new(handle, Some(name), None, options.backing)),
                Err(Win32Error(ERROR_FILE_NOT_FOUND)) if refused.0 == ERROR_ACCESS_DENIED => {}
                Err(_) => return Err(create_error(Some(name), options.backing, refused)),
            }
        }
        // Nobody has the name, and yet it cannot be created: access to its namespace is denied.
        Err(if is_global(name) {
            SharedMemoryError::PrivilegeNotHeld {
                name: Some(name.into()),
                privilege: "SeCreateGlobalPrivilege",
            }
        } else {
            let denied = Win32Error(ERROR_ACCESS_DENIED);
            create_error(Some(name), options.backing, denied)
        })
    }
}

/// The arguments for the system, if a section can have this size.
fn new_section<'a>(
    name: Option<(&str, &'a WideName)>,
    size: u64,
    options: &'a SharedMemoryOptions,
) -> Result<NewSection<'a>, SharedMemoryError> {
    let multiple = match options.backing {
        Backing::LargePages => sys::section::large_page_minimum(),
        Backing::Committed | Backing::Reserved => 1,
    };
    let rounded = size.checked_next_multiple_of(multiple);
    match rounded.filter(|&it| size > 0 && it <= MAX_SIZE) {
        Some(size) => Ok(NewSection {
            name: name.map(|(_, wide)| wide),
            size,
            backing: options.backing,
            attributes: SecurityAttributes {
                security: options
                    .security
                    .as_ref()
                    .map(SecurityDescriptor::descriptor),
                inheritable: options.inheritable,
            },
        }),
        None => Err(SharedMemoryError::InvalidSize {
            name: name.map(|(name, _)| name.into()),
            size,
        }),
    }
}

fn create_error(name: Option<&str>, backing: Backing, code: Win32Error) -> SharedMemoryError {
    let cause = match code.0 {
        ERROR_ACCESS_DENIED => {
            "security denies it: that of an existing region, or of the namespace"
        }
        ERROR_PRIVILEGE_NOT_HELD if backing == Backing::LargePages => {
            return SharedMemoryError::PrivilegeNotHeld {
                name: name.map(Into::into),
                privilege: "SeLockMemoryPrivilege",
            };
        }
        ERROR_PATH_NOT_FOUND => {
            "the session does not exist, or no process of the AppContainer runs"
        }
        ERROR_PRIVILEGE_NOT_HELD | ERROR_INVALID_OWNER => {
            "the security descriptor has a part (a label, an owner, auditing) that takes a \
             privilege which this process lacks"
        }
        _ => "",
    };
    SharedMemoryError::CreateMapping(describe("CreateFileMappingW", name, code, cause))
}

/// Opens an object that may not be there yet: with a timeout, tries again until it is.
pub(crate) fn appear<T>(
    name: &str,
    timeout: Option<&mut Timeout>,
    open: impl Fn() -> Result<T, Win32Error>,
) -> Result<Result<T, Win32Error>, SharedMemoryError> {
    let Some(timeout) = timeout else {
        return Ok(open());
    };
    let mut pause = Duration::from_millis(1);
    loop {
        match open() {
            Err(code) if is_absent(name, code) => {}
            answer => return Ok(answer),
        }
        let left = timeout.left();
        if left.is_zero() {
            return Err(SharedMemoryError::TimedOut {
                name: name.into(),
                timeout: timeout.after(),
            });
        }
        thread::sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(16));
    }
}

pub(crate) fn wide(name: &str) -> Result<WideName, SharedMemoryError> {
    WideName::new(name).map_err(|reason| SharedMemoryError::InvalidName {
        name: name.into(),
        reason,
    })
}

fn open_error<A: Access>(name: &str, code: Win32Error) -> SharedMemoryError {
    let cause = match code.0 {
        _ if is_absent(name, code) => "no shared memory of this name exists".into(),
        ERROR_ACCESS_DENIED => format!(
            "its security descriptor does not grant this process access to {}",
            A::WORDS
        ),
        _ => String::new(),
    };
    named_error(name, code).unwrap_or_else(|| {
        SharedMemoryError::OpenMapping(describe("OpenFileMappingW", Some(name), code, &cause))
    })
}

/// Whether there is no object of the name yet, or not even the path of its AppContainer or session.
fn is_absent(name: &str, code: Win32Error) -> bool {
    match code.0 {
        ERROR_FILE_NOT_FOUND => true,
        ERROR_PATH_NOT_FOUND => has_owner(name),
        _ => false,
    }
}

/// The error, if it is about the name, whatever the call was.
pub(crate) fn named_error(name: &str, code: Win32Error) -> Option<SharedMemoryError> {
    let reason = match code.0 {
        ERROR_INVALID_HANDLE => return Some(SharedMemoryError::NameInUse { name: name.into() }),
        ERROR_FILENAME_EXCED_RANGE => InvalidName::TooLong {
            units: name.encode_utf16().count(),
        },
        _ if is_absent(name, code) => return None,
        // The system does not know the prefix, or it is that of a private namespace that is not open.
        ERROR_PATH_NOT_FOUND | ERROR_INVALID_NAME | ERROR_BAD_PATHNAME => InvalidName::Backslash {
            at: name.find('\\')?,
        },
        _ => return None,
    };
    Some(SharedMemoryError::InvalidName {
        name: name.into(),
        reason,
    })
}
