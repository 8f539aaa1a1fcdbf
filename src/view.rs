//! [`View`].
//!
//! `unsafe` is allowed here for two things: a mapped range may be sent to and shared with other
//! threads although it is a raw pointer, and its owner alone may unmap it.

#![allow(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::access::{Access, ReadOnly, ReadWrite, Writable};
use crate::error::{SharedMemoryError, describe};
use crate::sys;

/// A mapped range of a [`Section`](crate::Section): memory that other processes see as well.
///
/// A view keeps the memory alive, not the region's name: once the last section handle is closed
/// the name is free and a new region can be created under it, while old views still show the old
/// memory.
///
/// The bytes of a view change whenever another process writes them, so no safe function gives
/// out a reference to them.
///
/// Unmapped on drop.
pub struct View<A = ReadOnly> {
    /// What the system mapped, and what is unmapped in the end.
    base: NonNull<u8>,
    /// The first byte asked for; inside the mapping that begins at `base`.
    start: NonNull<u8>,
    /// The bytes from `start` that are mapped and were asked for; never 0.
    len: usize,
    /// Whether every page is known to have memory behind it.
    committed: bool,
    access: PhantomData<fn() -> A>,
}

// SAFETY: a view is an address range that stays mapped until drop, on whichever thread that is;
// the system calls on it may come from any thread, and no safe method reads or writes the memory
// in a way that a concurrent writer, which another process may be at any time, could upset.
unsafe impl<A> Send for View<A> {}
// SAFETY: as for `Send`: `&View` gives no more than `View` does.
unsafe impl<A> Sync for View<A> {}

impl<A> View<A> {
    /// The view that [`sys::view::map`] returned `base` for.
    ///
    /// # Safety
    ///
    /// `base` begins a mapping that nothing else unmaps, and `len` bytes (not 0) from `base + skip`
    /// lie inside it.
    pub(crate) unsafe fn own(base: NonNull<u8>, skip: usize, len: usize) -> Self {
        Self {
            base,
            // SAFETY: inside the mapping, by this function's contract.
            start: unsafe { base.add(skip) },
            len,
            committed: false,
            access: PhantomData,
        }
    }

    /// Notes that the section was created with all its pages committed.
    pub(crate) fn known_committed(mut self) -> Self {
        self.committed = true;
        self
    }

    /// Looks at the pages of a section that somebody else made: `None` for those of an executable
    /// image.
    pub(crate) fn surveyed(mut self) -> Option<Self> {
        let first = sys::view::query(self.as_ptr()).filter(|run| run.is_data)?;
        let whole = first.committed && self.len + self.offset_in_page(0) <= first.len;
        self.committed = whole || self.first_uncommitted(0, self.len).is_none();
        Some(self)
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

    /// A pointer to the first byte, valid for reads of [`len`](Self::len) bytes until the view is
    /// dropped.
    ///
    /// The memory may change at any time; read it with volatile or atomic accesses.
    #[must_use]
    pub fn as_ptr(&self) -> *const u8 {
        self.start.as_ptr()
    }

    /// Writes changed pages back to the file, for a section that a foreign program backed with
    /// one. Does nothing for memory backed by the paging file; no other process needs it to see
    /// what was written.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the system could not write them.
    ///
    /// Calls `FlushViewOfFile`.
    #[doc(alias = "FlushViewOfFile")]
    pub fn flush(&self) -> Result<(), SharedMemoryError> {
        // SAFETY: the range lies in this view.
        unsafe { sys::view::flush(self.as_ptr(), self.len) }.map_err(|code| {
            SharedMemoryError::System {
                function: "FlushViewOfFile",
                error: windows_result::Error::from_hresult(code.hresult()),
            }
        })
    }

    /// The offset of the first byte of a range, which lies inside the view, that has no memory
    /// behind it because its page was reserved and not committed.
    pub(crate) fn first_uncommitted(&self, offset: usize, len: usize) -> Option<usize> {
        if self.committed {
            return None;
        }
        let mut at = offset;
        while at - offset < len {
            match sys::view::query(self.as_ptr().wrapping_add(at)) {
                // A run begins with the page of its address, not with the address.
                Some(run) if run.committed => at += run.len - self.offset_in_page(at),
                _ => return Some(at),
            }
        }
        None
    }

    /// Checks that `len` bytes at `offset` lie inside this view.
    fn check(&self, offset: usize, len: usize) -> Result<(), SharedMemoryError> {
        match offset.checked_add(len) {
            Some(end) if end <= self.len => Ok(()),
            _ => Err(SharedMemoryError::OutOfBounds {
                offset: offset as u64,
                len: len as u64,
                size: self.len as u64,
            }),
        }
    }
}

/// The page size of every Windows architecture, in bytes.
const PAGE: usize = 4096;

impl<A: Writable> View<A> {
    /// A pointer to the first byte, valid for reads and writes of [`len`](Self::len) bytes until
    /// the view is dropped.
    ///
    /// The memory may change at any time; access it with volatile or atomic accesses.
    #[must_use]
    pub fn as_mut_ptr(&self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl View<ReadWrite> {
    /// Gives memory to the pages of `len` bytes from `offset`, in a section made with
    /// [`reserve`](crate::SharedMemoryOptions::reserve), for all its views. Pages that have some
    /// keep it; new ones are zero. It cannot be taken back.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::OutOfBounds`] if the bytes do not lie inside the view;
    /// [`SharedMemoryError::Commit`] if the system has no memory left for them.
    ///
    /// Calls `VirtualAlloc`.
    #[doc(alias = "VirtualAlloc")]
    pub fn commit(&self, offset: usize, len: usize) -> Result<(), SharedMemoryError> {
        self.check(offset, len)?;
        if len == 0 {
            return Ok(());
        }
        // SAFETY: just checked to lie in this view, which is mapped for reading and writing.
        unsafe { sys::view::commit(self.as_mut_ptr().add(offset), len) }
            .map_err(|code| SharedMemoryError::Commit(describe("VirtualAlloc", None, code, "")))
    }
}

impl<A: Access> View<A> {
    /// Whether all `len` bytes from `offset` have memory behind them. Always so, except in a
    /// section made with [`reserve`](crate::SharedMemoryOptions::reserve) or its like.
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

impl<A> Drop for View<A> {
    fn drop(&mut self) {
        // SAFETY: `base` came from `map`, is unmapped only here, and nothing borrows from the view
        // any more.
        unsafe { sys::view::unmap(self.base) };
    }
}

impl<A> fmt::Debug for View<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("start", &self.start)
            .field("len", &self.len)
            .finish()
    }
}
