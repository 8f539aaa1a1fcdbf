//! [`View`].
//!
//! `unsafe` is allowed here for two things: a mapped range may be sent to and shared with other threads
//! although it is a raw pointer; and checked ranges of it become places and words.

// Long because the checks stand beside the `unsafe` that rests on them.

#![allow(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::access::{ReadOnly, ReadWrite, Writable};
use crate::cores::atomic::AtomicU32;
use crate::data::SharedData;
use crate::error::{SharedMemoryError, describe};
use crate::place::Place;
use crate::place::places::Places;
use crate::place::run::Run;
use crate::sys::view::{self, Mapping, PAGE};

/// A mapped range of a [`Section`](crate::Section): memory that other processes see as well.
///
/// A view keeps the memory alive, not the region's name: once the last section handle is closed
/// the name is free and a new region can be created under it, while old views still show the old
/// memory.
///
/// The bytes of a view change whenever another process writes them, so no safe function returns a
/// reference to them.
///
/// A foreign program may have backed its section with a file. If the file's disk, share or medium
/// goes away, any access, a safe read included, raises `EXCEPTION_IN_PAGE_ERROR`, which ends the
/// process. The system does not tell such a section from one in memory.
///
/// A view is unmapped when it is dropped.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{Encoding, Section};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let section = Section::create(r"Local\docs-view", 4096)?;
/// let view = section.map()?;
/// view.write(16, &0.5_f64)?;
/// view.write_bytes(24, b"fuel\0")?;
///
/// assert_eq!(view.read::<f64>(16)?, 0.5);
/// assert_eq!(view.read_text(24, 32, Encoding::Utf8)?, "fuel");
/// assert!(view.read::<f64>(4090).is_err());
/// # Ok(())
/// # }
/// ```
pub struct View<A = ReadOnly> {
    /// The section's name, for errors.
    name: Option<Arc<str>>,
    mapping: Mapping,
    /// The first byte asked for, in the mapping.
    start: NonNull<u8>,
    /// The bytes of the mapping before it.
    skip: usize,
    /// The bytes from `start` that are mapped and were asked for; never 0.
    len: usize,
    /// The first byte that had no memory when the view was mapped. Pages may be committed later, and
    /// never lose their memory again.
    uncommitted_from: Option<usize>,
    /// Whether atomics may be accessed: if another program made the section with `SEC_NOCACHE` or
    /// `SEC_WRITECOMBINE`, an atomic instruction may raise an exception.
    is_cached: bool,
    access: PhantomData<fn() -> A>,
}

// SAFETY: a view is an address range that stays mapped until drop, on whichever thread that is;
// the system calls on it may come from any thread, and no safe method reads or writes the memory
// in a way that a concurrent writer, which another process may be at any time, could upset.
unsafe impl<A> Send for View<A> {}
// SAFETY: as for `Send`: `&View` gives no more than `View` does.
unsafe impl<A> Sync for View<A> {}

impl<A> View<A> {
    /// The `len` bytes (not 0) of a mapping after its `skip` first ones, taken for committed until
    /// [`surveyed`](Self::surveyed).
    ///
    /// # Panics
    ///
    /// If the mapping does not have them.
    pub(crate) fn new(name: Option<Arc<str>>, mapping: Mapping, skip: usize, len: usize) -> Self {
        let end = skip.checked_add(len);
        assert!(
            len > 0 && end.is_some_and(|it| it <= mapping.len()),
            "the view lies in the mapping"
        );
        Self {
            name,
            // SAFETY: inside the mapping, as was just asserted.
            start: unsafe { mapping.base().add(skip) },
            mapping,
            skip,
            len,
            uncommitted_from: None,
            is_cached: true,
            access: PhantomData,
        }
    }

    /// Looks at the pages of a section, which may not all be committed. Returns `None` for those of an
    /// executable image.
    pub(crate) fn surveyed(mut self) -> Option<Self> {
        let mut at = 0;
        while at < self.len {
            let run = view::query(self.as_ptr().wrapping_add(at))?;
            if !run.is_data {
                return None;
            }
            self.is_cached &= run.is_cached;
            if !run.committed {
                self.uncommitted_from = Some(at);
                break;
            }
            // A run begins with the page of its address, not with the address.
            at += run.len - self.offset_in_page(at);
        }
        Some(self)
    }

    /// Refuses a view of pages that were not all committed when it was mapped, or are not cached: for
    /// regions of our own format, where words and places are not checked again.
    pub(crate) fn committed(self) -> Result<Self, SharedMemoryError> {
        self.check_cached()?;
        match self.uncommitted_from {
            None => Ok(self),
            Some(offset) => Err(self.not_committed(offset)),
        }
    }

    /// Refuses pages in which an atomic instruction may raise an exception.
    pub(crate) fn check_cached(&self) -> Result<(), SharedMemoryError> {
        if self.is_cached {
            Ok(())
        } else {
            Err(SharedMemoryError::Uncached {
                name: self.owned_name(),
            })
        }
    }

    /// How far into its page the byte at `offset` is.
    fn offset_in_page(&self, offset: usize) -> usize {
        self.as_ptr().wrapping_add(offset).addr() % PAGE
    }

    /// The number of bytes that can be accessed through this view.
    ///
    /// A view of a whole section covers it to the end of its last page.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a view is never empty")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The region's name as given; `None` if it has none.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// A pointer to the first byte, valid for reads of [`len`](Self::len) bytes until the view is
    /// dropped, as far as they are [committed](Self::is_committed).
    ///
    /// The memory may change at any time; read it with volatile or atomic accesses.
    #[must_use]
    pub fn as_ptr(&self) -> *const u8 {
        self.start.as_ptr()
    }

    /// Writes changed pages back to the file, if a foreign program backed the section with one. Does
    /// nothing for memory backed by the paging file. Other processes see what was written without it.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the system could not write them.
    ///
    /// Calls `FlushViewOfFile`.
    #[doc(alias = "FlushViewOfFile")]
    pub fn flush(&self) -> Result<(), SharedMemoryError> {
        self.mapping
            .flush(self.skip, self.len)
            .map_err(|code| SharedMemoryError::System {
                function: "FlushViewOfFile",
                error: describe("FlushViewOfFile", self.name(), code, ""),
            })
    }

    /// The offset of the first byte that has no memory, because its page was reserved and not
    /// committed, in a range that lies inside the view.
    #[inline]
    pub(crate) fn first_uncommitted(&self, offset: usize, len: usize) -> Option<usize> {
        match self.uncommitted_from {
            Some(from) if offset + len > from => {
                self.find_uncommitted(offset.max(from), offset + len)
            }
            _ => None,
        }
    }

    fn find_uncommitted(&self, mut at: usize, end: usize) -> Option<usize> {
        while at < end {
            match view::query(self.as_ptr().wrapping_add(at)) {
                Some(run) if run.committed => at += run.len - self.offset_in_page(at),
                _ => return Some(at),
            }
        }
        None
    }

    /// The first byte, whatever may be done with it.
    #[inline]
    pub(crate) fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    /// Words of this crate's protocols. Through a read-only view only relaxed loads of them are allowed.
    ///
    /// # Panics
    ///
    /// Panics if they do not lie inside the view, aligned and committed: offsets of ours are checked
    /// when a region is opened.
    #[inline]
    pub(crate) fn words<const N: usize>(&self, offset: usize) -> &[AtomicU32; N] {
        let at = self.start().wrapping_add(offset);
        assert!(
            at.addr() % 4 == 0 && self.has(offset, 4 * N) && self.uncommitted_from.is_none(),
            "words of a region that was not checked"
        );
        // SAFETY: just checked to lie in this view, which is mapped as long as it is borrowed, and to be
        // aligned. Atomics may change under a shared reference. Assumptions: other processes change them by
        // what amounts to atomic accesses; and the protocols only load where `A` is `ReadOnly`, since a store
        // would end the process.
        unsafe { &*at.cast() }
    }

    /// The place of a `T` that was checked when its region was opened.
    ///
    /// # Panics
    ///
    /// Panics if it does not lie inside the view, aligned and committed.
    #[inline]
    pub(crate) fn checked_place<T: SharedData>(&self, offset: usize) -> Place<'_, T, A> {
        let at = self.start().wrapping_add(offset);
        assert!(
            at.addr() % align_of::<T>() == 0
                && self.has(offset, size_of::<T>())
                && self.uncommitted_from.is_none(),
            "a place in a region that was not checked"
        );
        // SAFETY: just checked.
        unsafe { Place::new(at) }
    }

    /// Whether so many bytes at `offset` lie in this view.
    #[inline]
    fn has(&self, offset: usize, len: usize) -> bool {
        offset <= self.len && len <= self.len - offset
    }

    /// As many places of a `T`, which were checked when their region was opened.
    ///
    /// # Panics
    ///
    /// If they do not lie inside the view, aligned and committed.
    #[inline]
    pub(crate) fn checked_places<T: SharedData>(
        &self,
        offset: usize,
        count: usize,
    ) -> Places<'_, T, A> {
        let at = self.start().wrapping_add(offset);
        let len = count.checked_mul(size_of::<T>());
        assert!(
            at.addr() % align_of::<T>() == 0
                && len.is_some_and(|len| self.has(offset, len))
                && self.uncommitted_from.is_none(),
            "places in a region that was not checked"
        );
        // SAFETY: just checked.
        unsafe { Places::new(at, count) }
    }

    /// Checks that `len` bytes at `offset`, which lie inside this view, can hold values of `T`:
    /// that they have memory, and that the first is aligned if `T` has atomics.
    #[inline]
    pub(crate) fn check_place<T: SharedData>(
        &self,
        offset: usize,
        len: usize,
    ) -> Result<(), SharedMemoryError> {
        if let Some(offset) = self.first_uncommitted(offset, len) {
            return Err(self.not_committed(offset));
        }
        if const { T::LAYOUT.has_atomics() } {
            self.check_cached()?;
        }
        let at = self.start().wrapping_add(offset);
        if const { T::LAYOUT.has_atomics() } && at.addr() % align_of::<T>() != 0 {
            return Err(SharedMemoryError::Misaligned {
                name: self.owned_name(),
                offset: offset as u64,
                align: align_of::<T>(),
            });
        }
        Ok(())
    }

    /// Checks that `len` bytes at `offset` lie inside this view.
    #[inline]
    pub(crate) fn check(&self, offset: usize, len: usize) -> Result<(), SharedMemoryError> {
        if self.has(offset, len) {
            Ok(())
        } else {
            Err(self.out_of_bounds(offset, len))
        }
    }

    #[cold]
    fn out_of_bounds(&self, offset: usize, len: usize) -> SharedMemoryError {
        SharedMemoryError::OutOfBounds {
            name: self.owned_name(),
            offset: offset as u64,
            len: len as u64,
            size: self.len as u64,
        }
    }

    /// The error of an access whose byte at `offset` has no memory.
    #[cold]
    pub(crate) fn not_committed(&self, offset: usize) -> SharedMemoryError {
        SharedMemoryError::NotCommitted {
            name: self.owned_name(),
            offset: offset as u64,
        }
    }

    /// The name of the region, for an error.
    pub(crate) fn owned_name(&self) -> Option<String> {
        self.name().map(Into::into)
    }
}

/// Places in the view, at any byte offset, aligned or not.
impl<A> View<A> {
    /// The place of a `T` at `offset`.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::OutOfBounds`]: the bytes do not lie inside the view.
    /// - [`SharedMemoryError::NotCommitted`]: a page of a reserved section has no memory yet.
    /// - [`SharedMemoryError::Misaligned`]: `T` has atomics, and the offset is not a multiple of their
    ///   alignment.
    /// - [`SharedMemoryError::Uncached`]: `T` has atomics, and another program made the memory uncached.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let section = Section::create(r"Local\docs-view-place", 4096)?;
    /// let view = section.map()?;
    /// let ticks = view.place::<AtomicU32>(64)?;
    /// ticks.shared().fetch_add(1, Ordering::Release);
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn place<T: SharedData>(
        &self,
        offset: usize,
    ) -> Result<Place<'_, T, A>, SharedMemoryError> {
        self.check(offset, size_of::<T>())?;
        self.check_place::<T>(offset, size_of::<T>())?;
        // SAFETY: just checked.
        Ok(unsafe { Place::new(self.start().add(offset)) })
    }

    /// The places of `len` values of `T`, one after the other, from `offset` on.
    ///
    /// # Errors
    ///
    /// As for [`place`](Self::place).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let section = Section::create(r"Local\docs-view-places", 4096)?;
    /// let view = section.map()?;
    /// view.places(100, 3)?.write_from(&[1.0_f32, 2.0, 3.0]);
    /// assert_eq!(view.places::<f32>(100, 3)?.values().sum::<f32>(), 6.0);
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn places<T: SharedData>(
        &self,
        offset: usize,
        len: usize,
    ) -> Result<Places<'_, T, A>, SharedMemoryError> {
        self.run(offset, size_of::<T>(), len).map(Places::of)
    }

    /// `count` values of `T` from `offset` on, with `stride` bytes from one to the next, which is a
    /// multiple of their alignment if they have atomics.
    #[inline]
    pub(crate) fn run<T: SharedData>(
        &self,
        offset: usize,
        stride: usize,
        count: usize,
    ) -> Result<Run<'_, T, A>, SharedMemoryError> {
        // The last may be shorter than the stride.
        let len = match count.checked_sub(1) {
            None => Some(0),
            Some(last) => last
                .checked_mul(stride)
                .and_then(|it| it.checked_add(size_of::<T>())),
        };
        let len = len.ok_or_else(|| self.out_of_bounds(offset, usize::MAX))?;
        self.check(offset, len)?;
        if count > 0 {
            self.check_place::<T>(offset, len)?;
        }
        assert!(
            !T::LAYOUT.has_atomics() || stride % align_of::<T>() == 0,
            "the distance keeps the alignment"
        );
        // SAFETY: all values lie in the view, which is borrowed as long as they are, and are committed;
        // the first is aligned if it has atomics, and the stride keeps that.
        Ok(unsafe { Run::new(self.start().add(offset), stride, count) })
    }
}

impl<A: Writable> View<A> {
    /// A pointer to the first byte, valid for reads and writes of [`len`](Self::len) bytes until
    /// the view is dropped, as far as they are [committed](Self::is_committed).
    ///
    /// The memory may change at any time; access it with volatile or atomic accesses.
    #[must_use]
    pub fn as_mut_ptr(&self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl View<ReadWrite> {
    /// Gives memory to the pages of `len` bytes from `offset`, in a section created with
    /// [`Backing::Reserved`](crate::Backing::Reserved), for all its views. Pages that have memory keep
    /// their contents; new ones are zero. Committed memory cannot be given back.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::OutOfBounds`] if the bytes do not lie inside the view;
    /// [`SharedMemoryError::Commit`] if the system has no memory left for them.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{Backing, ReadWrite, Section, SharedMemoryOptions};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut options = SharedMemoryOptions::new();
    /// options.backing(Backing::Reserved);
    /// let section: Section<ReadWrite> =
    ///     Section::create_with(r"Local\docs-view-commit", 1 << 20, &options)?;
    /// let view = section.map()?;
    /// view.commit(0, 4096)?;
    /// assert_eq!(view.read::<u64>(0)?, 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `VirtualAlloc`.
    #[doc(alias = "VirtualAlloc")]
    pub fn commit(&self, offset: usize, len: usize) -> Result<(), SharedMemoryError> {
        self.check(offset, len)?;
        if self.first_uncommitted(offset, len).is_none() {
            return Ok(());
        }
        self.mapping
            .commit(self.skip + offset, len)
            .map_err(|code| {
                SharedMemoryError::Commit(describe("VirtualAlloc", self.name(), code, ""))
            })
    }
}

impl<A> View<A> {
    /// Whether all `len` bytes from `offset` have memory. They always have, except in a section created
    /// with [`Backing::Reserved`](crate::Backing::Reserved) or by another program in that way.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::OutOfBounds`] if the bytes do not lie inside the view.
    ///
    /// Calls `VirtualQuery`.
    #[doc(alias = "VirtualQuery")]
    pub fn is_committed(&self, offset: usize, len: usize) -> Result<bool, SharedMemoryError> {
        self.check(offset, len)?;
        Ok(self.first_uncommitted(offset, len).is_none())
    }
}

impl<A> fmt::Debug for View<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("name", &self.name)
            .field("start", &self.start)
            .field("len", &self.len)
            .finish()
    }
}
