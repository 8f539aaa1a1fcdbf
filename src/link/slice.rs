//! [`SharedSlice`].

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

use crate::access::{Access, ReadOnly, ReadWrite, Writable};
use crate::data::invalid_value::InvalidValue;
use crate::data::{AnyBytes, SharedData};
use crate::error::SharedMemoryError;
use crate::place::Place;
use crate::place::places::Places;
use crate::place::run::{Iter, Values};
use crate::region::options::SharedMemoryOptions;
use crate::region::section::Section;
use crate::region::view::View;

/// A named region of shared memory that holds a number of `T` decided at run time.
///
/// The counterpart of [`SharedMemoryLink`](crate::SharedMemoryLink) for arrays: the region has no
/// header, and its bytes are those of the elements.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{ReadOnly, ReadWrite, SharedSlice};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let samples: SharedSlice<f32, ReadWrite> = SharedSlice::create(r"Local\docs-slice", 48_000)?;
/// samples.write_from(100, &[0.5, 0.25])?;
///
/// let reader: SharedSlice<f32> = SharedSlice::open(r"Local\docs-slice")?;
/// assert_eq!(reader.read(101), Some(0.25));
/// # Ok(())
/// # }
/// ```
pub struct SharedSlice<T, A = ReadOnly> {
    // Dropped in this order: the view first.
    view: View<A>,
    section: Section<A>,
    /// The number of elements; that many lie in the view, committed.
    len: usize,
    element: PhantomData<T>,
}

impl<T> SharedSlice<T, ReadOnly> {
    /// Opens an existing region for reading, with as many elements as fit into it.
    ///
    /// The system knows the size of a region in whole pages only, so there may be more elements
    /// than its creator asked for; [`truncate`](Self::truncate) the slice if you know better.
    ///
    /// # Errors
    ///
    /// As for [`SharedMemoryLink::open`](crate::SharedMemoryLink::open), with
    /// [`SharedMemoryError::TooSmall`] for a region that has not even one element.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedSlice;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// # let _publisher = SharedSlice::<f32, _>::create(r"Local\docs-slice-open", 100)?;
    /// let mut samples = SharedSlice::<f32>::open(r"Local\docs-slice-open")?;
    /// // Whole pages: the publisher has asked for 100.
    /// assert_eq!(samples.len(), 1024);
    /// samples.truncate(100);
    /// # Ok(())
    /// # }
    /// ```
    pub fn open(name: &str) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::open_with(name, &SharedMemoryOptions::new())
    }
}

impl<T> SharedSlice<T, ReadWrite> {
    /// Creates a region of `len` elements, all zero bytes. Fails if the name is taken.
    ///
    /// # Errors
    ///
    /// As for [`SharedMemoryLink::create`](crate::SharedMemoryLink::create), with
    /// [`SharedMemoryError::InvalidSize`] for a length of 0 and one that overflows.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedSlice;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let samples = SharedSlice::<f32, _>::create(r"Local\docs-slice-create", 100)?;
    /// assert_eq!(samples.len(), 100);
    /// samples.write_from(98, &[0.5, 0.25])?;
    /// assert!(samples.write_from(99, &[0.5, 0.25]).is_err(), "there is room for one");
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(name: &str, len: usize) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::create_with(name, len, &SharedMemoryOptions::new())
    }

    /// [`create`](Self::create) with these options.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create).
    pub fn create_with(
        name: &str,
        len: usize,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        let size = byte_len::<T>(Some(name), len)?;
        let section = Section::create_with(name, size, &options.committed())?;
        let mut slice = Self::from_section(section)?;
        slice.truncate(len);
        Ok(slice)
    }

    /// Opens the region of this name, or creates it with `len` elements, all zero bytes. An
    /// existing region may have more.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create), `AlreadyExists` aside, and
    /// [`SharedMemoryError::TooSmall`] if the region exists and has fewer elements,
    /// [`SharedMemoryError::NotCommitted`] if some of them have no memory.
    pub fn get_or_create(name: &str, len: usize) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::get_or_create_with(name, len, &SharedMemoryOptions::new())
    }

    /// [`get_or_create`](Self::get_or_create) with these options.
    ///
    /// # Errors
    ///
    /// As for [`get_or_create`](Self::get_or_create).
    pub fn get_or_create_with(
        name: &str,
        len: usize,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        let size = byte_len::<T>(Some(name), len)?;
        let section = Section::get_or_create_with(name, size, &options.committed())?;
        let mut slice = Self::of_at_least(len, section)?;
        if slice.was_created() {
            slice.truncate(len);
        }
        Ok(slice)
    }

    /// Opens an existing region for reading and writing, with as many elements as fit into it.
    ///
    /// # Errors
    ///
    /// As for [`open`](SharedSlice::open).
    pub fn open_existing(name: &str) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::open_with(name, &SharedMemoryOptions::new())
    }
}

impl<T, A: Access> SharedSlice<T, A> {
    /// Opens an existing region with these options and the rights that `A` needs, with as many elements
    /// as fit into it.
    ///
    /// # Errors
    ///
    /// As for [`open`](SharedSlice::open), and [`SharedMemoryError::TimedOut`] after
    /// [`wait`](SharedMemoryOptions::wait).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use win_shared_memory::{ReadWrite, SharedMemoryOptions, SharedSlice};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut options = SharedMemoryOptions::new();
    /// options.wait(Duration::from_secs(10));
    /// let samples: SharedSlice<f32, ReadWrite> =
    ///     SharedSlice::open_with(r"Local\samples", &options)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn open_with(name: &str, options: &SharedMemoryOptions) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::from_section(Section::open_with(name, options)?)
    }

    /// Maps a section as elements, as many as fit into it.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::TooSmall`] if not even one fits; [`SharedMemoryError::InvalidSize`] if
    /// `T` is zero-sized; [`SharedMemoryError::NotCommitted`] if the first element has no memory
    /// (later ones end the slice); those of [`Section::map`].
    pub fn from_section(section: Section<A>) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        Self::of_at_least(1, section)
    }

    /// As many elements as fit into the section, unless those are fewer than `least`, which is not 0.
    fn of_at_least(least: usize, section: Section<A>) -> Result<Self, SharedMemoryError>
    where
        T: SharedData,
    {
        let needed = byte_len::<T>(section.name(), least)?;
        let view = section.map()?;
        let committed = view.first_uncommitted(0, view.len()).unwrap_or(view.len());
        let len = committed / size_of::<T>();
        if len < least {
            return Err(if needed > view.len() as u64 {
                SharedMemoryError::TooSmall {
                    name: section.name().map(Into::into),
                    needed,
                    actual: view.len() as u64,
                }
            } else {
                view.not_committed(committed)
            });
        }
        view.check_place::<T>(0, len * size_of::<T>())?;
        Ok(Self {
            view,
            section,
            len,
            element: PhantomData,
        })
    }
}

impl<T: SharedData, A> SharedSlice<T, A> {
    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none; only after [`truncate`](Self::truncate).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Shortens the slice to `len` elements, if it has more. The region stays as it is.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Whether this slice's constructor created the region, rather than found it.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.section.was_created()
    }

    /// The region's name as given; `None` for a slice made from a handle without one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.section.name()
    }

    /// The open section under this slice.
    #[must_use]
    pub fn section(&self) -> &Section<A> {
        &self.section
    }

    /// The mapped bytes under this slice.
    #[must_use]
    pub fn view(&self) -> &View<A> {
        &self.view
    }

    /// The places of all elements.
    #[must_use]
    #[inline]
    pub fn places(&self) -> Places<'_, T, A> {
        // SAFETY: `of_at_least` checked that so many elements lie in the view, committed, and aligned
        // if they have atomics; the places borrow the view.
        unsafe { Places::new(self.view.start(), self.len) }
    }

    /// The place of the element at `index`, if there is one.
    #[must_use]
    #[inline]
    pub fn get(&self, index: usize) -> Option<Place<'_, T, A>> {
        self.places().get(index)
    }

    /// A copy of the element at `index`, if there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedSlice;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let samples = SharedSlice::<f32, _>::create(r"Local\docs-slice-read", 2)?;
    /// samples.write_from(0, &[0.5, 0.25])?;
    /// assert_eq!(samples.read(1), Some(0.25));
    /// assert_eq!(samples.read(2), None);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    #[inline]
    pub fn read(&self, index: usize) -> Option<T>
    where
        T: AnyBytes,
    {
        self.get(index).map(Place::read)
    }

    /// A copy of the element at `index`, if there is one and it is valid.
    ///
    /// # Errors
    ///
    /// As for [`Place::try_read`].
    #[inline]
    pub fn try_read(&self, index: usize) -> Result<Option<T>, InvalidValue> {
        self.get(index).map(Place::try_read).transpose()
    }

    /// The places of the elements in order.
    #[inline]
    pub fn iter(&self) -> Iter<'_, T, A> {
        self.places().iter()
    }

    /// Copies of the elements in order.
    #[inline]
    pub fn values(&self) -> Values<'_, T, A>
    where
        T: AnyBytes,
    {
        self.places().values()
    }

    /// Copies `to.len()` elements from `start` on over `to`.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::OutOfBounds`] (in bytes) if the slice does not have them; then nothing
    /// is copied.
    #[inline]
    pub fn read_into(&self, start: usize, to: &mut [T]) -> Result<(), SharedMemoryError>
    where
        T: AnyBytes,
    {
        self.part(start, to.len())?.read_into(to);
        Ok(())
    }

    /// Copies `to.len()` elements from `start` on over `to`, if all of them are valid.
    ///
    /// # Errors
    ///
    /// As for [`read_into`](Self::read_into), and [`SharedMemoryError::InvalidValue`], whose field
    /// begins with the index in `to`; `to` then holds the bytes that were refused.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{ReadWrite, SharedSlice};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let flags: SharedSlice<bool, ReadWrite> =
    ///     SharedSlice::create(r"Local\docs-slice-try-read-into", 1 << 20)?;
    /// let mut copy = Box::new_uninit_slice(flags.len());
    /// let copy: &mut [bool] = flags.try_read_into(0, &mut copy)?;
    /// assert!(!copy[7]);
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn try_read_into<'to>(
        &self,
        start: usize,
        to: &'to mut [MaybeUninit<T>],
    ) -> Result<&'to mut [T], SharedMemoryError> {
        Ok(self.part(start, to.len())?.try_read_into(to)?)
    }

    /// Copies `from` over the elements from `start` on. Padding is not stored.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::OutOfBounds`] (in bytes) if the slice does not have as many; then
    /// nothing is written.
    #[inline]
    pub fn write_from(&self, start: usize, from: &[T]) -> Result<(), SharedMemoryError>
    where
        A: Writable,
    {
        self.part(start, from.len())?.write_from(from);
        Ok(())
    }

    /// The places of `len` elements from `start` on.
    #[inline]
    fn part(&self, start: usize, len: usize) -> Result<Places<'_, T, A>, SharedMemoryError> {
        start
            .checked_add(len)
            .and_then(|end| self.places().get_slice(start..end))
            .ok_or_else(|| self.out_of_bounds(start, len))
    }

    #[cold]
    fn out_of_bounds(&self, start: usize, len: usize) -> SharedMemoryError {
        let element = size_of::<T>() as u64;
        SharedMemoryError::OutOfBounds {
            name: self.view.owned_name(),
            offset: (start as u64).saturating_mul(element),
            len: (len as u64).saturating_mul(element),
            size: self.len as u64 * element,
        }
    }
}

/// The size of a region of `len` elements, neither of which may be nothing.
fn byte_len<T>(name: Option<&str>, len: usize) -> Result<u64, SharedMemoryError> {
    let invalid = |size| SharedMemoryError::InvalidSize {
        name: name.map(Into::into),
        size,
    };
    match len.checked_mul(size_of::<T>()) {
        Some(0) => Err(invalid(0)),
        Some(size) => Ok(size as u64),
        None => Err(invalid(u64::MAX)),
    }
}

impl<T, A> fmt::Debug for SharedSlice<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSlice")
            .field("type", &type_name::<T>())
            .field("len", &self.len)
            .field("section", &self.section)
            .finish()
    }
}
