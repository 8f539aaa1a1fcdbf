//! [`Section`].
//!
//! `unsafe` is allowed here for one thing: what `MapViewOfFile` mapped becomes a [`View`] that
//! owns it.

#![allow(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;
use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::thread;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_FILE_NOT_FOUND, ERROR_FILENAME_EXCED_RANGE, ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER, ERROR_PRIVILEGE_NOT_HELD,
};
use windows_sys::Win32::System::Memory::{FILE_MAP_LARGE_PAGES, FILE_MAP_READ};

use crate::access::{Access, ReadOnly, ReadWrite};
use crate::error::{SharedMemoryError, describe};
use crate::name::{InvalidName, WideName, is_global};
use crate::security::SecurityDescriptor;
use crate::sys::section::{Backing, NewSection};
use crate::sys::{self, Win32Error};
use crate::view::View;

/// The largest size in bytes: the last page boundary that fits a signed 64-bit number.
pub(crate) const MAX_SIZE: u64 = i64::MAX as u64 - 4095;

/// How often creating and opening are tried in turn while the region comes and goes between the
/// two, before the system's answer is taken for final.
const ATTEMPTS: u32 = 100;

/// A region of shared memory without a type: an open *section* object, which the Win32
/// documentation calls a file mapping.
///
/// Map as many [`View`]s of it as needed, whole or in windows. The name lives as long as any
/// process has a section open.
///
/// [`SharedMemoryLink`](crate::SharedMemoryLink) is a section with one typed view; use a section
/// for sizes known at run time, regions larger than the address space, or handles that are passed
/// to another process.
///
/// # Examples
///
/// ```
/// use win_shared_memory::Section;
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let section = Section::create(r"Local\docs-section", 1 << 20)?;
/// let view = section.map_range(70_000, 16)?;
/// assert_eq!(view.len(), 16);
/// # Ok(())
/// # }
/// ```
pub struct Section<A = ReadOnly> {
    handle: OwnedHandle,
    name: Option<Box<str>>,
    /// The size asked for, if this handle created the section.
    created_size: Option<u64>,
    backing: Backing,
    access: PhantomData<fn() -> A>,
}

/// How sections are created and opened; see [`SharedMemoryOptions`](crate::SharedMemoryOptions).
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) security: Option<SecurityDescriptor>,
    pub(crate) inheritable: bool,
    pub(crate) backing: Backing,
    pub(crate) wait: Option<Duration>,
}

impl Section<ReadOnly> {
    /// Opens an existing region for reading.
    ///
    /// # Errors
    ///
    /// As for [`SharedMemoryOptions::open_section`](crate::SharedMemoryOptions::open_section).
    pub fn open(name: &str) -> Result<Self, SharedMemoryError> {
        Self::open_with(name, &Settings::default())
    }
}

impl Section<ReadWrite> {
    /// Opens an existing region for reading and writing.
    ///
    /// # Errors
    ///
    /// As for [`SharedMemoryOptions::open_section`](crate::SharedMemoryOptions::open_section).
    pub fn open_existing(name: &str) -> Result<Self, SharedMemoryError> {
        Self::open_with(name, &Settings::default())
    }

    /// Creates a region of `size` bytes, all zero. Fails if the name is taken.
    ///
    /// # Errors
    ///
    /// As for [`SharedMemoryOptions::create_section`](crate::SharedMemoryOptions::create_section).
    pub fn create(name: &str, size: u64) -> Result<Self, SharedMemoryError> {
        Self::create_with(name, size, &Settings::default())
    }

    /// Opens the region of this name, or creates it with `size` bytes, all zero.
    /// [`was_created`](Self::was_created) tells which.
    ///
    /// # Errors
    ///
    /// As for
    /// [`SharedMemoryOptions::get_or_create_section`](crate::SharedMemoryOptions::get_or_create_section).
    pub fn get_or_create(name: &str, size: u64) -> Result<Self, SharedMemoryError> {
        Self::get_or_create_with(name, size, &Settings::default())
    }
}

impl<A: Access> Section<A> {
    pub(crate) fn open_with(name: &str, settings: &Settings) -> Result<Self, SharedMemoryError> {
        let wide = wide(name)?;
        let deadline = settings
            .wait
            .map(|timeout| (timeout, Instant::now().checked_add(timeout)));
        let mut pause = Duration::from_millis(1);
        loop {
            match sys::section::open(&wide, A::OPEN, settings.inheritable) {
                Ok(handle) => return Ok(Self::new(handle, Some(name), None, settings)),
                Err(Win32Error(ERROR_FILE_NOT_FOUND)) if deadline.is_some() => {}
                Err(code) => return Err(open_error::<A>(name, code)),
            }
            if let Some((timeout, end)) = deadline {
                // No end at all where the deadline lies beyond what the clock can express.
                let left = end.map_or(pause, |end| end.saturating_duration_since(Instant::now()));
                if left.is_zero() {
                    return Err(SharedMemoryError::TimedOut {
                        name: name.into(),
                        timeout,
                    });
                }
                thread::sleep(pause.min(left));
                pause = (pause * 2).min(Duration::from_millis(16));
            }
        }
    }

    pub(crate) fn create_with(
        name: &str,
        size: u64,
        settings: &Settings,
    ) -> Result<Self, SharedMemoryError> {
        // To see that the name is taken, any access to its section will do.
        let section = Self::create_or_open(name, size, settings, FILE_MAP_READ)?;
        if section.was_created() {
            Ok(section)
        } else {
            Err(SharedMemoryError::AlreadyExists)
        }
    }

    pub(crate) fn get_or_create_with(
        name: &str,
        size: u64,
        settings: &Settings,
    ) -> Result<Self, SharedMemoryError> {
        Self::create_or_open(name, size, settings, A::OPEN)
    }

    /// Creates the section, or opens it with `rights`.
    ///
    /// `CreateFileMappingW` opens an existing section by itself, but only with full access, so
    /// where security denies that, opening with just the rights needed is tried. The section may
    /// vanish in between; then creating is tried again.
    fn create_or_open(
        name: &str,
        size: u64,
        settings: &Settings,
        rights: u32,
    ) -> Result<Self, SharedMemoryError> {
        let wide = wide(name)?;
        let new = new_section(Some(&wide), size, settings)?;
        for _ in 0..ATTEMPTS {
            let denied = match sys::section::create(&new) {
                Ok(section) => {
                    let created_size = section.created.then_some(size);
                    return Ok(Self::new(
                        section.handle,
                        Some(name),
                        created_size,
                        settings,
                    ));
                }
                Err(code @ Win32Error(ERROR_ACCESS_DENIED)) => code,
                Err(code) => return Err(create_error(Some(name), code)),
            };
            match sys::section::open(&wide, rights, settings.inheritable) {
                Ok(handle) => return Ok(Self::new(handle, Some(name), None, settings)),
                Err(Win32Error(ERROR_FILE_NOT_FOUND)) => {}
                Err(_) => return Err(create_error(Some(name), denied)),
            }
        }
        // Nobody has the name, and yet it cannot be created: it is the namespace that is denied.
        Err(if is_global(name) {
            SharedMemoryError::PrivilegeNotHeld {
                name: Some(name.into()),
                privilege: "SeCreateGlobalPrivilege",
            }
        } else {
            create_error(Some(name), Win32Error(ERROR_ACCESS_DENIED))
        })
    }

    pub(crate) fn create_unnamed_with(
        size: u64,
        settings: &Settings,
    ) -> Result<Self, SharedMemoryError> {
        let new = new_section(None, size, settings)?;
        let section = sys::section::create(&new).map_err(|code| create_error(None, code))?;
        Ok(Self::new(section.handle, None, Some(size), settings))
    }

    /// Adopts a section handle that another process passed on, by inheritance or duplication.
    ///
    /// `A` says what the handle will be used for; it need not grant more.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::NotSharedMemory`] if the handle is not one of a section, or its
    /// section is an executable image; [`SharedMemoryError::MapView`] if the handle does not grant
    /// the access of `A` ([`is_access_denied`](SharedMemoryError::is_access_denied)).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::os::windows::io::OwnedHandle;
    /// use win_shared_memory::{ReadOnly, Section, SharedMemoryLink, SharedMemoryOptions};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let unnamed = SharedMemoryOptions::new().create_unnamed_section(4096)?;
    /// let passed_on: OwnedHandle = unnamed.into();
    /// let link = SharedMemoryLink::<u64>::from_section(Section::from_handle(passed_on)?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_handle(handle: OwnedHandle) -> Result<Self, SharedMemoryError> {
        let section = Self::new(handle, None, None, &Settings::default());
        // Mapping is what the handle is for, so mapping a byte is the test.
        section.map_range(0, 1)?;
        Ok(section)
    }

    fn new(
        handle: OwnedHandle,
        name: Option<&str>,
        created_size: Option<u64>,
        settings: &Settings,
    ) -> Self {
        Self {
            handle,
            name: name.map(Into::into),
            created_size,
            backing: settings.backing,
            access: PhantomData,
        }
    }

    /// Maps the whole section.
    ///
    /// # Errors
    ///
    /// As for [`map_range`](Self::map_range), the window's errors aside. In a 32-bit process the
    /// view of a region of some GiB does not fit
    /// ([`is_out_of_memory`](SharedMemoryError::is_out_of_memory)); map windows of it instead.
    ///
    /// Calls `MapViewOfFile`.
    #[doc(alias = "MapViewOfFile")]
    pub fn map(&self) -> Result<View<A>, SharedMemoryError> {
        let base = sys::view::map(self.handle.as_handle(), self.map_flags(), 0, 0)
            .map_err(|code| self.map_error(code))?;
        let len = sys::view::mapped_len(base);
        // SAFETY: just mapped, and `len` is what the system says of the mapping; a mapping has at
        // least one page.
        let view = unsafe { View::own(base, 0, len) };
        self.survey(view)
    }

    /// Maps a window of `len` bytes that begins at byte `offset`, which may be any.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::OutOfBounds`]: the window has no bytes, or does not lie inside the
    ///   section.
    /// - [`SharedMemoryError::MapView`]: the handle does not grant the access, or memory or address
    ///   space ran out.
    /// - [`SharedMemoryError::NotSharedMemory`]: the section is an executable image.
    ///
    /// Calls `MapViewOfFile`.
    #[doc(alias = "MapViewOfFile")]
    pub fn map_range(&self, offset: u64, len: usize) -> Result<View<A>, SharedMemoryError> {
        let out_of_bounds = |size| SharedMemoryError::OutOfBounds {
            offset,
            len: len as u64,
            size,
        };
        // Views begin at multiples of the granularity, so the mapping begins a little earlier.
        let skip = match offset {
            0 => 0,
            _ => (offset % sys::view::granularity() as u64) as usize,
        };
        let fits = offset
            .checked_add(len as u64)
            .is_some_and(|it| it <= MAX_SIZE);
        let Some(mapped) = len.checked_add(skip).filter(|_| len > 0 && fits) else {
            return Err(out_of_bounds(self.page_rounded_len()?));
        };
        let mapped = match self.backing {
            Backing::LargePages => {
                mapped.next_multiple_of(sys::section::large_page_minimum().max(1) as usize)
            }
            _ => mapped,
        };
        let first = offset - skip as u64;
        match sys::view::map(self.handle.as_handle(), self.map_flags(), first, mapped) {
            // SAFETY: just mapped, with `len` bytes behind the `skip` first ones.
            Ok(base) => self.survey(unsafe { View::own(base, skip, len) }),
            // The system says "access denied" or "invalid parameter" of a window that is too large.
            Err(code @ Win32Error(ERROR_ACCESS_DENIED | ERROR_INVALID_PARAMETER)) => {
                match self.page_rounded_len() {
                    Ok(size) if offset + len as u64 > size => Err(out_of_bounds(size)),
                    _ => Err(self.map_error(code)),
                }
            }
            Err(code) => Err(self.map_error(code)),
        }
    }

    /// The size of the section in bytes, rounded up to whole pages: the exact size asked for at
    /// creation is not known to the system.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::MapView`], since the size is found by mapping the section.
    ///
    /// Calls `MapViewOfFile` and `VirtualQuery`.
    #[doc(alias = "VirtualQuery")]
    pub fn page_rounded_len(&self) -> Result<u64, SharedMemoryError> {
        Ok(self.map()?.len() as u64)
    }

    /// Another handle to the same section, for views of another kind: say, a read-only view in a
    /// program that otherwise writes.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the handle could not be duplicated. That the handle does
    /// not grant the access of `B` shows when a view is mapped.
    ///
    /// Calls `DuplicateHandle`.
    #[doc(alias = "DuplicateHandle")]
    pub fn try_clone_as<B: Access>(&self) -> Result<Section<B>, SharedMemoryError> {
        let handle = self
            .handle
            .try_clone()
            .map_err(|error| SharedMemoryError::System {
                function: "DuplicateHandle",
                error: error.into(),
            })?;
        Ok(Section {
            handle,
            name: self.name.clone(),
            created_size: self.created_size,
            backing: self.backing,
            access: PhantomData,
        })
    }

    /// What `MapViewOfFile` is asked for.
    fn map_flags(&self) -> u32 {
        match self.backing {
            Backing::LargePages => A::MAP | FILE_MAP_LARGE_PAGES,
            _ => A::MAP,
        }
    }

    /// Learns what has to be known of the view's pages; refuses those of an executable image,
    /// which have protections of their own.
    fn survey(&self, view: View<A>) -> Result<View<A>, SharedMemoryError> {
        if self.was_created() && self.backing != Backing::Reserve {
            return Ok(view.known_committed());
        }
        view.surveyed().ok_or(SharedMemoryError::NotSharedMemory)
    }

    fn map_error(&self, code: Win32Error) -> SharedMemoryError {
        let cause = match code.0 {
            ERROR_INVALID_HANDLE => return SharedMemoryError::NotSharedMemory,
            ERROR_ACCESS_DENIED => format!("the handle does not grant access to {}", A::WORDS),
            _ => String::new(),
        };
        SharedMemoryError::MapView(describe("MapViewOfFile", self.name(), code, &cause))
    }
}

impl<A> Section<A> {
    /// Whether this handle's constructor created the region, rather than found it.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.created_size.is_some()
    }

    /// The exact size in bytes asked for when the region was created, if this handle's
    /// constructor did so.
    #[must_use]
    pub fn created_size(&self) -> Option<u64> {
        self.created_size
    }

    /// The name as given; `None` for a handle without one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

fn wide(name: &str) -> Result<WideName, SharedMemoryError> {
    WideName::new(name).map_err(|reason| SharedMemoryError::InvalidName {
        name: name.into(),
        reason,
    })
}

fn new_section<'a>(
    name: Option<&'a WideName>,
    size: u64,
    settings: &'a Settings,
) -> Result<NewSection<'a>, SharedMemoryError> {
    if size == 0 || size > MAX_SIZE {
        return Err(SharedMemoryError::InvalidSize { size });
    }
    let multiple = match settings.backing {
        Backing::LargePages => sys::section::large_page_minimum().max(1),
        _ => 1,
    };
    Ok(NewSection {
        name,
        size: size
            .checked_next_multiple_of(multiple)
            .ok_or(SharedMemoryError::InvalidSize { size })?,
        backing: settings.backing,
        security: settings.security.as_ref(),
        inheritable: settings.inheritable,
    })
}

fn open_error<A: Access>(name: &str, code: Win32Error) -> SharedMemoryError {
    let cause = match code.0 {
        ERROR_FILE_NOT_FOUND => "no shared memory of this name exists".into(),
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

fn create_error(name: Option<&str>, code: Win32Error) -> SharedMemoryError {
    let cause = match code.0 {
        ERROR_ACCESS_DENIED => {
            "it exists, or may not be created, and its security descriptor does not grant this \
             process access"
        }
        ERROR_PRIVILEGE_NOT_HELD => {
            return SharedMemoryError::PrivilegeNotHeld {
                name: name.map(Into::into),
                privilege: "SeLockMemoryPrivilege",
            };
        }
        _ => "",
    };
    name.and_then(|name| named_error(name, code))
        .unwrap_or_else(|| {
            SharedMemoryError::CreateMapping(describe("CreateFileMappingW", name, code, cause))
        })
}

/// The errors that are about the name, whatever was done with it.
fn named_error(name: &str, code: Win32Error) -> Option<SharedMemoryError> {
    match code.0 {
        ERROR_INVALID_HANDLE => Some(SharedMemoryError::NameInUse { name: name.into() }),
        ERROR_FILENAME_EXCED_RANGE => Some(SharedMemoryError::InvalidName {
            name: name.into(),
            reason: InvalidName::TooLong {
                units: name.encode_utf16().count(),
            },
        }),
        _ => None,
    }
}

impl<A> AsHandle for Section<A> {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }
}

impl<A> From<Section<A>> for OwnedHandle {
    fn from(section: Section<A>) -> Self {
        section.handle
    }
}

impl<A> fmt::Debug for Section<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Section")
            .field("name", &self.name)
            .field("created_size", &self.created_size)
            .field("handle", &self.handle)
            .finish_non_exhaustive()
    }
}
