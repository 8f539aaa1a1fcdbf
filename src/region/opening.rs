//! How sections come to be: created, opened, opened or created, with what the system answers
//! turned into errors that name the cause.

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

/// How often creating and opening are tried in turn while the region comes and goes between the
/// two, before the system's answer is taken for final.
const ATTEMPTS: u32 = 100;

impl Section<ReadOnly> {
    /// Opens an existing region for reading.
    ///
    /// # Errors
    ///
    /// As for [`SharedMemoryOptions::open_section`].
    pub fn open(name: &str) -> Result<Self, SharedMemoryError> {
        SharedMemoryOptions::new().open_section(name)
    }
}

impl Section<ReadWrite> {
    /// Opens an existing region for reading and writing.
    ///
    /// # Errors
    ///
    /// As for [`SharedMemoryOptions::open_section`].
    pub fn open_existing(name: &str) -> Result<Self, SharedMemoryError> {
        SharedMemoryOptions::new().open_section(name)
    }

    /// Creates a region of `size` bytes, all zero. Fails if the name is taken.
    ///
    /// # Errors
    ///
    /// As for [`SharedMemoryOptions::create_section`].
    pub fn create(name: &str, size: u64) -> Result<Self, SharedMemoryError> {
        SharedMemoryOptions::new().create_section(name, size)
    }

    /// Opens the region of this name, or creates it with `size` bytes, all zero.
    /// [`was_created`](Self::was_created) tells which.
    ///
    /// # Errors
    ///
    /// As for [`SharedMemoryOptions::get_or_create_section`].
    pub fn get_or_create(name: &str, size: u64) -> Result<Self, SharedMemoryError> {
        SharedMemoryOptions::new().get_or_create_section(name, size)
    }
}

/// Sections, which have no type.
impl SharedMemoryOptions {
    /// Opens an existing region with the rights that `A` needs and no others.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::InvalidName`].
    /// - [`SharedMemoryError::OpenMapping`]: there is none
    ///   ([`is_not_found`](SharedMemoryError::is_not_found)), or its security descriptor does not
    ///   grant the rights ([`is_access_denied`](SharedMemoryError::is_access_denied)).
    /// - [`SharedMemoryError::NameInUse`]: another kind of object has the name.
    /// - [`SharedMemoryError::TimedOut`] after [`wait`](Self::wait).
    ///
    /// Calls `OpenFileMappingW`.
    #[doc(alias = "OpenFileMappingW")]
    pub fn open_section<A: Access>(&self, name: &str) -> Result<Section<A>, SharedMemoryError> {
        self.open_section_within(name, self.wait.map(Timeout::new).as_mut())
    }

    /// Opens an existing region; if there is a timeout, one that appears before it passes.
    pub(crate) fn open_section_within<A: Access>(
        &self,
        name: &str,
        timeout: Option<&mut Timeout>,
    ) -> Result<Section<A>, SharedMemoryError> {
        let wide = wide(name)?;
        let handle = appear(name, timeout, || {
            sys::section::open(&wide, A::OPEN, self.inheritable)
        })?
        .map_err(|code| open_error::<A>(name, code))?;
        Ok(Section::new(handle, Some(name), None, self.backing))
    }

    /// Creates a region of `size` bytes, all zero.
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
    /// Calls `CreateFileMappingW`.
    #[doc(alias = "CreateFileMappingW")]
    pub fn create_section<A: Access>(
        &self,
        name: &str,
        size: u64,
    ) -> Result<Section<A>, SharedMemoryError> {
        // To see that the name is taken, any access to its section will do.
        let section = self.create_or_open(name, size, FILE_MAP_READ)?;
        if section.was_created() {
            Ok(section)
        } else {
            Err(SharedMemoryError::AlreadyExists)
        }
    }

    /// Opens the region of this name with the rights that `A` needs, or creates it with `size`
    /// bytes, all zero. [`Section::was_created`] tells which. However many processes call this at
    /// once, one creates the region and the others open it.
    ///
    /// An existing region keeps its own size.
    ///
    /// # Errors
    ///
    /// As for [`create_section`](Self::create_section), `AlreadyExists` aside.
    ///
    /// Calls `CreateFileMappingW`, and `OpenFileMappingW` where that is refused.
    #[doc(alias = "CreateFileMappingW")]
    pub fn get_or_create_section<A: Access>(
        &self,
        name: &str,
        size: u64,
    ) -> Result<Section<A>, SharedMemoryError> {
        self.create_or_open(name, size, A::OPEN)
    }

    /// Creates a region without a name, to be shared by passing its handle on.
    ///
    /// # Errors
    ///
    /// As for [`create_section`](Self::create_section), those about the name aside.
    ///
    /// Calls `CreateFileMappingW`.
    #[doc(alias = "CreateFileMappingW")]
    pub fn create_unnamed_section(
        &self,
        size: u64,
    ) -> Result<Section<ReadWrite>, SharedMemoryError> {
        let section = sys::section::create(&self.new_section(None, size)?)
            .map_err(|code| self.create_error(None, code))?;
        Ok(Section::new(section.handle, None, Some(size), self.backing))
    }

    /// Creates the section, or opens it with `rights`.
    ///
    /// `CreateFileMappingW` opens an existing section by itself, but asks for full access and
    /// finds the section only after it has got the memory for a new one. So where it is refused,
    /// opening is tried, with just the rights needed. The section may vanish in between; then
    /// creating is tried again.
    fn create_or_open<A: Access>(
        &self,
        name: &str,
        size: u64,
        rights: u32,
    ) -> Result<Section<A>, SharedMemoryError> {
        let wide = wide(name)?;
        let new = self.new_section(Some((name, &wide)), size)?;
        for _ in 0..ATTEMPTS {
            let refused = match sys::section::create(&new) {
                Ok(section) => {
                    let created_size = section.created.then_some(size);
                    let section =
                        Section::new(section.handle, Some(name), created_size, self.backing);
                    return section.reduced(self.inheritable);
                }
                Err(code) => code,
            };
            if let Some(error) = named_error(name, refused) {
                return Err(error);
            }
            match sys::section::open(&wide, rights, self.inheritable) {
                Ok(handle) => return Ok(Section::new(handle, Some(name), None, self.backing)),
                Err(Win32Error(ERROR_FILE_NOT_FOUND)) if refused.0 == ERROR_ACCESS_DENIED => {}
                Err(_) => return Err(self.create_error(Some(name), refused)),
            }
        }
        // Nobody has the name, and yet it cannot be created: it is the namespace that is denied.
        Err(if is_global(name) {
            SharedMemoryError::PrivilegeNotHeld {
                name: Some(name.into()),
                privilege: "SeCreateGlobalPrivilege",
            }
        } else {
            self.create_error(Some(name), Win32Error(ERROR_ACCESS_DENIED))
        })
    }

    fn new_section<'a>(
        &'a self,
        name: Option<(&str, &'a WideName)>,
        size: u64,
    ) -> Result<NewSection<'a>, SharedMemoryError> {
        let multiple = match self.backing {
            Backing::LargePages => sys::section::large_page_minimum(),
            Backing::Committed | Backing::Reserved => 1,
        };
        let rounded = size.checked_next_multiple_of(multiple);
        match rounded.filter(|&it| size > 0 && it <= MAX_SIZE) {
            Some(size) => Ok(NewSection {
                name: name.map(|(_, wide)| wide),
                size,
                backing: self.backing,
                attributes: SecurityAttributes {
                    security: self.security.as_ref().map(SecurityDescriptor::descriptor),
                    inheritable: self.inheritable,
                },
            }),
            None => Err(SharedMemoryError::InvalidSize {
                name: name.map(|(name, _)| name.into()),
                size,
            }),
        }
    }

    fn create_error(&self, name: Option<&str>, code: Win32Error) -> SharedMemoryError {
        let cause = match code.0 {
            ERROR_ACCESS_DENIED => {
                "security denies it: that of an existing region, or of the namespace"
            }
            ERROR_PRIVILEGE_NOT_HELD if self.backing == Backing::LargePages => {
                return SharedMemoryError::PrivilegeNotHeld {
                    name: name.map(Into::into),
                    privilege: "SeLockMemoryPrivilege",
                };
            }
            ERROR_PATH_NOT_FOUND => {
                "there is no such session, or no process of the AppContainer runs"
            }
            ERROR_PRIVILEGE_NOT_HELD | ERROR_INVALID_OWNER => {
                "the security descriptor says more (a label, an owner, auditing) than this process \
                 has the privilege to"
            }
            _ => "",
        };
        SharedMemoryError::CreateMapping(describe("CreateFileMappingW", name, code, cause))
    }
}

/// Opens an object that may not be there yet: if there is a timeout, looks again and again while it is
/// not.
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

/// The errors that are about the name, whatever was done with it.
pub(crate) fn named_error(name: &str, code: Win32Error) -> Option<SharedMemoryError> {
    let reason = match code.0 {
        ERROR_INVALID_HANDLE => return Some(SharedMemoryError::NameInUse { name: name.into() }),
        ERROR_FILENAME_EXCED_RANGE => InvalidName::TooLong {
            units: name.encode_utf16().count(),
        },
        _ if is_absent(name, code) => return None,
        // The prefix is none that the system knows, or a private namespace that is not open.
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
