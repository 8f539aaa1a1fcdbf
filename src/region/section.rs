//! [`Section`].
//!
//! `unsafe` is allowed here for one thing: what `MapViewOfFile` mapped becomes a [`View`] that
//! owns it.

#![allow(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;
use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::sync::Arc;

use crate::access::sealed::Rights;
use crate::access::{Access, ReadOnly, ReadWrite};
use crate::backing::Backing;
use crate::error::{SharedMemoryError, describe};
use crate::region::view::View;
use crate::sys::codes::{ERROR_ACCESS_DENIED, ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER};
use crate::sys::rights::FILE_MAP_LARGE_PAGES;
use crate::sys::section::MAX_SIZE;
use crate::sys::view::PAGE;
use crate::sys::{self, Win32Error};

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
    name: Option<Arc<str>>,
    /// The size asked for, if this handle created the section.
    created_size: Option<u64>,
    backing: Backing,
    access: PhantomData<fn() -> A>,
}

impl<A: Access> Section<A> {
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
    /// use win_shared_memory::{Section, SharedMemoryLink};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let unnamed = Section::create_unnamed(4096)?;
    /// let passed_on: OwnedHandle = unnamed.into();
    /// let link = SharedMemoryLink::<u64>::from_section(Section::from_handle(passed_on)?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_handle(handle: OwnedHandle) -> Result<Self, SharedMemoryError> {
        let section = Self::new(handle, None, None, Backing::default());
        // Mapping is what the handle is for, so mapping a byte is the test.
        section.map_range(0, 1)?;
        Ok(section)
    }

    pub(crate) fn new(
        handle: OwnedHandle,
        name: Option<&str>,
        created_size: Option<u64>,
        backing: Backing,
    ) -> Self {
        Self {
            handle,
            name: name.map(Into::into),
            created_size,
            backing,
            access: PhantomData,
        }
    }

    /// Gives up the rights beyond those of `A` that a handle from `CreateFileMappingW` has.
    pub(crate) fn reduced(self, inheritable: bool) -> Result<Self, SharedMemoryError> {
        if A::OPEN == ReadWrite::OPEN {
            Ok(self)
        } else {
            self.duplicated(inheritable)
        }
    }

    /// Maps the whole section.
    ///
    /// The view keeps the memory and not the name: a program that is to be found has to keep the
    /// section, too. `Section::create(name, size)?.map()?` publishes nothing.
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
        let base = sys::view::map_to_end(self.handle.as_handle(), self.map_flags(), 0)
            .map_err(|code| self.map_error(code))?;
        let len = sys::view::mapped_len(base);
        // SAFETY: just mapped, and `len` is what the system says of the mapping; a mapping has at
        // least one page.
        self.survey(unsafe { View::own(self.name.clone(), base, 0, len) })
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
        match self.map_window(offset, len) {
            Ok(view) => self.survey(view),
            // The system says this of a window that is too large, too.
            Err(code @ Win32Error(ERROR_ACCESS_DENIED | ERROR_INVALID_PARAMETER)) => {
                let size = self.page_rounded_len()?;
                let end = offset.checked_add(len as u64);
                Err(if len > 0 && end.is_some_and(|end| end <= size) {
                    self.map_error(code)
                } else {
                    SharedMemoryError::OutOfBounds {
                        name: self.owned_name(),
                        offset,
                        len: len as u64,
                        size,
                    }
                })
            }
            Err(code) => Err(self.map_error(code)),
        }
    }

    /// Maps a window, as the system answers.
    fn map_window(&self, offset: u64, len: usize) -> Result<View<A>, Win32Error> {
        // Mappings begin at multiples of the granularity, so this one begins a little earlier.
        // Those of large pages begin and end with a large page.
        let large_page = self.large_page();
        let skip = match offset {
            0 => 0,
            _ => offset % large_page.unwrap_or_else(|| sys::view::granularity() as u64),
        } as usize;
        let end = offset.checked_add(len as u64).filter(|&it| it <= MAX_SIZE);
        let mapped = len
            .checked_add(skip)
            .and_then(|it| it.checked_next_multiple_of(large_page.unwrap_or(1) as usize))
            .filter(|_| len > 0 && end.is_some())
            .ok_or(Win32Error(ERROR_INVALID_PARAMETER))?;
        let first = offset - skip as u64;
        let base = sys::view::map(self.handle.as_handle(), self.map_flags(), first, mapped)?;
        // SAFETY: just mapped, with `len` bytes behind the `skip` first ones.
        Ok(unsafe { View::own(self.name.clone(), base, skip, len) })
    }

    /// The size of the section in bytes, rounded up to whole pages: the exact size asked for at
    /// creation is not known to the system. The pages are large ones if this section was created or
    /// opened with [`Backing::LargePages`].
    ///
    /// Found by mapping single bytes, so it works where the whole does not fit the address space.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::MapView`] if nothing can be mapped.
    ///
    /// Calls `MapViewOfFile`.
    #[doc(alias = "MapViewOfFile")]
    pub fn page_rounded_len(&self) -> Result<u64, SharedMemoryError> {
        let page_len = self.large_page().unwrap_or(PAGE as u64);
        let has_page = |page: u64| match self.map_window(page * page_len, 1) {
            Ok(_) => Ok(true),
            // The first page is there in any section, so it is refused for another reason.
            Err(Win32Error(ERROR_ACCESS_DENIED | ERROR_INVALID_PARAMETER)) if page > 0 => Ok(false),
            Err(code) => Err(self.map_error(code)),
        };
        // The section has page `low`, and not page `high`.
        has_page(0)?;
        let (mut low, mut high) = (0, 1);
        while has_page(high)? {
            (low, high) = (high, high * 2);
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if has_page(middle)? {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(high * page_len)
    }

    /// Another handle to the same section with just the rights that `B` needs: for views of
    /// another kind, or to be passed on to a program that may do less.
    ///
    /// The program may ask for more again if the region's security descriptor grants it that.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the handle could not be duplicated: this one does not grant
    /// the rights ([`is_access_denied`](SharedMemoryError::is_access_denied)).
    ///
    /// Calls `DuplicateHandle`.
    #[doc(alias = "DuplicateHandle")]
    pub fn try_clone_as<B: Access>(&self) -> Result<Section<B>, SharedMemoryError> {
        self.duplicated(false)
    }

    fn duplicated<B: Access>(&self, inheritable: bool) -> Result<Section<B>, SharedMemoryError> {
        let handle = sys::section::duplicate(self.handle.as_handle(), B::OPEN, inheritable)
            .map_err(|code| SharedMemoryError::System {
                function: "DuplicateHandle",
                error: describe("DuplicateHandle", self.name(), code, ""),
            })?;
        Ok(Section {
            handle,
            name: self.name.clone(),
            created_size: self.created_size,
            backing: self.backing,
            access: PhantomData,
        })
    }

    /// The size of a large page, if this section has such pages.
    fn large_page(&self) -> Option<u64> {
        match self.backing {
            Backing::LargePages => Some(sys::section::large_page_minimum()),
            Backing::Committed | Backing::Reserved => None,
        }
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
        if self.was_created() && self.backing != Backing::Reserved {
            return Ok(view);
        }
        view.surveyed().ok_or_else(|| self.not_shared_memory())
    }

    fn not_shared_memory(&self) -> SharedMemoryError {
        SharedMemoryError::NotSharedMemory {
            name: self.owned_name(),
        }
    }

    fn map_error(&self, code: Win32Error) -> SharedMemoryError {
        let large_pages = match self.backing {
            Backing::LargePages => ", or not in large pages",
            Backing::Committed | Backing::Reserved => "",
        };
        let (code, cause) = match code.0 {
            ERROR_INVALID_HANDLE => return self.not_shared_memory(),
            // The second is said where not the handle but the creator's page protection forbids it.
            ERROR_ACCESS_DENIED | ERROR_INVALID_PARAMETER => (
                Win32Error(ERROR_ACCESS_DENIED),
                format!(
                    "the handle, or the section as its creator made it, does not allow to \
                     {}{large_pages}",
                    A::WORDS
                ),
            ),
            _ => (code, String::new()),
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

    /// The name, for an error.
    fn owned_name(&self) -> Option<String> {
        self.name().map(Into::into)
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
