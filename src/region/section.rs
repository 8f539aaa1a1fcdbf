//! [`Section`].

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
use crate::sys::view::{Mapping, PAGE};
use crate::sys::{self, Win32Error};

/// A region of shared memory without a type: an open *section* object, which the Win32
/// documentation calls a file mapping.
///
/// A section can be mapped as any number of [`View`]s, whole or in windows. The name exists as long as
/// any process has the section open.
///
/// [`SharedMemoryLink`](crate::SharedMemoryLink) is a section with one typed view. Use a section for
/// sizes known at run time, regions larger than the address space, or handles that are passed to another
/// process.
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
    /// The size it was created with, if this handle created the section.
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
    /// [`SharedMemoryError::NotSharedMemory`] if the handle is not that of a section, or its
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

    /// A handle from `CreateFileMappingW` has all rights: gives up those beyond `A`.
    pub(crate) fn reduced(self, inheritable: bool) -> Result<Self, SharedMemoryError> {
        if A::OPEN == ReadWrite::OPEN {
            Ok(self)
        } else {
            self.duplicated(inheritable)
        }
    }

    /// Maps the whole section.
    ///
    /// The view keeps the memory and not the name, so a program that others are to find must keep the
    /// section, too. After `Section::create(name, size)?.map()?` nobody can open the region.
    ///
    /// # Errors
    ///
    /// As for [`map_range`](Self::map_range), except `OutOfBounds`. In a 32-bit process the view of a region
    /// of some GiB does not fit ([`is_out_of_memory`](SharedMemoryError::is_out_of_memory)); map windows
    /// of it instead.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let section = Section::create(r"Local\docs-section-map", 10_000)?;
    /// let view = section.map()?;
    /// assert_eq!(view.len(), 12_288, "three pages");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `MapViewOfFile`.
    #[doc(alias = "MapViewOfFile")]
    pub fn map(&self) -> Result<View<A>, SharedMemoryError> {
        let mapping = Mapping::whole(self.handle.as_handle(), self.map_flags())
            .map_err(|code| self.map_error(code))?;
        let len = mapping.len();
        self.survey(View::new(self.name.clone(), mapping, 0, len))
    }

    /// Maps a window of `len` bytes that begins at byte `offset`. The offset need not be a multiple of
    /// anything.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::OutOfBounds`]: the window has no bytes, or does not lie inside the
    ///   section.
    /// - [`SharedMemoryError::MapView`]: the handle does not grant the access, or memory or address
    ///   space ran out.
    /// - [`SharedMemoryError::NotSharedMemory`]: the section is an executable image.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let section = Section::create(r"Local\docs-map-range", 1 << 20)?;
    /// let window = section.map_range(70_001, 16)?;
    /// assert_eq!(window.len(), 16);
    /// assert!(section.map_range(1 << 20, 1).is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `MapViewOfFile`.
    #[doc(alias = "MapViewOfFile")]
    pub fn map_range(&self, offset: u64, len: usize) -> Result<View<A>, SharedMemoryError> {
        match self.map_window(offset, len) {
            Ok(view) => self.survey(view),
            // A window that is too large gets the same answer.
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

    /// Maps a window, and returns the system's own error.
    fn map_window(&self, offset: u64, len: usize) -> Result<View<A>, Win32Error> {
        // Mappings begin at multiples of the granularity, so this one may begin before the window.
        // Mappings of large pages begin and end with a large page.
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
        let mapping = Mapping::new(self.handle.as_handle(), self.map_flags(), first, mapped)?;
        Ok(View::new(self.name.clone(), mapping, skip, len))
    }

    /// The size of the section in bytes, rounded up to whole pages: the system does not keep the exact
    /// size it was created with. The pages are large ones if this section was created or opened with
    /// [`Backing::LargePages`].
    ///
    /// This maps single bytes to find the last page, so it also works for a section that does not fit the
    /// address space.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::MapView`] if nothing can be mapped.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let section = Section::create(r"Local\docs-page-rounded-len", 5000)?;
    /// assert_eq!(section.created_size(), Some(5000));
    /// assert_eq!(section.page_rounded_len()?, 8192);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `MapViewOfFile`.
    #[doc(alias = "MapViewOfFile")]
    pub fn page_rounded_len(&self) -> Result<u64, SharedMemoryError> {
        let page_len = self.large_page().unwrap_or(PAGE as u64);
        let has_page = |page: u64| match self.map_window(page * page_len, 1) {
            Ok(_) => Ok(true),
            // Every section has a first page, so that one is refused for another reason.
            Err(Win32Error(ERROR_ACCESS_DENIED | ERROR_INVALID_PARAMETER)) if page > 0 => Ok(false),
            Err(code) => Err(self.map_error(code)),
        };
        // The section has page `low`, and does not have page `high`.
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
    /// another kind, or to pass on to a program that is allowed less.
    ///
    /// That program can still open the region by its name with all the rights that the security descriptor
    /// grants it.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the handle could not be duplicated: this one does not grant
    /// the rights ([`is_access_denied`](SharedMemoryError::is_access_denied)).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{ReadOnly, Section};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let section = Section::create(r"Local\docs-try-clone-as", 4096)?;
    /// let to_read: Section<ReadOnly> = section.try_clone_as()?;
    /// # Ok(())
    /// # }
    /// ```
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

    /// The access and flags to request of `MapViewOfFile`.
    fn map_flags(&self) -> u32 {
        match self.backing {
            Backing::LargePages => A::MAP | FILE_MAP_LARGE_PAGES,
            _ => A::MAP,
        }
    }

    /// Notes the state of the view's pages. Refuses those of an executable image, which have protections of
    /// their own.
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
            // The system answers the second if not the handle but the creator's page protection forbids it.
            ERROR_ACCESS_DENIED | ERROR_INVALID_PARAMETER => (
                Win32Error(ERROR_ACCESS_DENIED),
                format!(
                    "the handle, or the page protection that its creator chose, does not grant access \
                     to {}{large_pages}",
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

    /// The exact size in bytes that the region was created with, if this handle's constructor created
    /// it.
    #[must_use]
    pub fn created_size(&self) -> Option<u64> {
        self.created_size
    }

    /// The name as given; `None` for a section without a name, or one made from a handle.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The name, for an error.
    fn owned_name(&self) -> Option<String> {
        self.name().map(Into::into)
    }
}

/// The size of a `T` in bytes, if a view of the region of this name can hold one.
pub(crate) fn mappable_size<T>(name: Option<&str>) -> Result<usize, SharedMemoryError> {
    let (size, align) = (size_of::<T>(), align_of::<T>());
    if size == 0 {
        return Err(SharedMemoryError::InvalidSize {
            name: name.map(Into::into),
            size: 0,
        });
    }
    // Views begin at multiples of the granularity, which is never below a page.
    if align > PAGE && align > sys::view::granularity() {
        return Err(SharedMemoryError::AlignmentTooLarge {
            name: name.map(Into::into),
            align,
            granularity: sys::view::granularity(),
        });
    }
    Ok(size)
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
