//! [`Places`], and the arrays that are read and written in part.

use std::fmt;
use std::mem::MaybeUninit;
use std::ops::{Bound, Range, RangeBounds};

use crate::access::{ReadOnly, Writable};
use crate::copy::copy;
use crate::data::invalid_value::InvalidValue;
use crate::data::{AnyBytes, SharedData};
use crate::place::Place;
use crate::place::copied::checked_elements;
use crate::place::run::{Iter, Run, Values};
use crate::place::store::store;

/// Values of a `T` that lie one after the other in a [`View`](crate::View): where they are, and no
/// reference to them.
///
/// What a `&[T]` is to a `&T`, this is to a [`Place`]. Comes from [`Place::slice`] for a part of an
/// array, [`SharedSlice::places`](crate::SharedSlice::places) and [`View::places`](crate::View::places).
///
/// Copies of many values may be torn between any two of them.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{ReadWrite, SharedData, SharedMemoryLink, field};
///
/// #[derive(Clone, Copy, SharedData)]
/// #[repr(C)]
/// struct Scope {
///     used: u32,
///     samples: [f32; 1000],
/// }
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link: SharedMemoryLink<Scope, ReadWrite> = SharedMemoryLink::create(r"Local\docs-places")?;
/// field!(link.samples).slice(10..12).write_from(&[0.5, 0.25]);
///
/// let mut samples = [0.0; 3];
/// field!(link.samples).slice(9..12).read_into(&mut samples);
/// assert_eq!(samples, [0.0, 0.5, 0.25]);
///
/// // A length that comes from the region may be wrong.
/// let used = field!(link.used).read() as usize;
/// if let Some(samples) = field!(link.samples).slice(..).get_slice(..used) {
///     println!("peak {:?}", samples.values().reduce(f32::max));
/// }
/// # Ok(())
/// # }
/// ```
pub struct Places<'a, T, A = ReadOnly> {
    /// Without gaps: the stride is the size of a `T`.
    run: Run<'a, T, A>,
}

impl<'a, T, A> Places<'a, T, A> {
    /// `len` places from `at` on.
    ///
    /// # Safety
    ///
    /// For `'a`, `len * size_of::<T>()` bytes from `at` are committed and mapped with the access `A`;
    /// if `T` has atomics, `at` is aligned for it.
    #[inline]
    pub(crate) unsafe fn new(at: *mut u8, len: usize) -> Self {
        // SAFETY: the bytes are those of `len` values, and the size of a type keeps its alignment.
        let run = unsafe { Run::new(at, size_of::<T>(), len) };
        Self { run }
    }
}

impl<'a, T: SharedData, A> Places<'a, T, A> {
    /// The places of a run.
    ///
    /// # Panics
    ///
    /// If there are gaps in it.
    #[inline]
    pub(crate) fn of(run: Run<'a, T, A>) -> Self {
        assert_eq!(run.stride(), size_of::<T>(), "there are no gaps");
        Self { run }
    }

    /// The same places, to be read alone.
    pub(crate) fn read_only(self) -> Places<'a, T> {
        // SAFETY: as for these places; what is mapped with any access is mapped for reading.
        unsafe { Places::new(self.run.start(), self.len()) }
    }

    /// The number of values.
    #[must_use]
    #[inline]
    pub fn len(self) -> usize {
        self.run.len()
    }

    /// Whether there are none.
    #[must_use]
    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The place at `index`, if there is one.
    #[must_use]
    #[inline]
    pub fn get(self, index: usize) -> Option<Place<'a, T, A>> {
        self.run.get(index)
    }

    /// The places of a range, as `[range]` of a slice.
    ///
    /// # Panics
    ///
    /// If the range ends outside, or before it begins. Use [`get_slice`](Self::get_slice) for a range
    /// that comes from a region.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn slice(self, range: impl RangeBounds<usize>) -> Self {
        let range = indices(range, self.len());
        match self.run.part(range.clone()) {
            Some(run) => Self { run },
            None => no_such_range(range, self.len()),
        }
    }

    /// The places of a range, if there are all of them.
    #[must_use]
    #[inline]
    pub fn get_slice(self, range: impl RangeBounds<usize>) -> Option<Self> {
        let run = self.run.part(indices(range, self.len()))?;
        Some(Self { run })
    }

    /// The places in order.
    #[inline]
    pub fn iter(self) -> Iter<'a, T, A> {
        self.run.iter()
    }

    /// Copies of the values in order.
    #[inline]
    pub fn values(self) -> Values<'a, T, A>
    where
        T: AnyBytes,
    {
        self.run.values()
    }

    /// Copies the values over `to`.
    ///
    /// # Panics
    ///
    /// If `to` has another length, as [`copy_from_slice`](slice::copy_from_slice).
    #[inline]
    #[track_caller]
    pub fn read_into(self, to: &mut [T])
    where
        T: AnyBytes,
    {
        const { assert!(T::LAYOUT.any_bytes()) };
        self.check_len(to.len());
        // SAFETY: the bytes are mapped while `self` lives, and `to` has as many; they do not overlap
        // since no reference is into a view. Any bytes may be left there.
        unsafe { copy(self.run.start(), to.as_mut_ptr().cast(), size_of_val(to)) };
    }

    /// Copies the values over `to` if all are valid; see [`Place::try_read`].
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] names the first that is not; `to` then holds the bytes that were refused.
    ///
    /// # Panics
    ///
    /// If `to` has another length.
    #[inline]
    #[track_caller]
    pub fn try_read_into(self, to: &mut [MaybeUninit<T>]) -> Result<&mut [T], InvalidValue> {
        self.copy_out(to);
        // SAFETY: all bytes were just written.
        unsafe { checked_elements(to) }
    }

    /// Writes the values. Their padding is never stored: the region's padding bytes become zero.
    ///
    /// # Panics
    ///
    /// If `from` has another length.
    #[inline]
    #[track_caller]
    pub fn write_from(self, from: &[T])
    where
        A: Writable,
    {
        self.check_len(from.len());
        // SAFETY: as many bytes as `from` has are mapped and writable (`Writable`) while `self` lives.
        unsafe { store(from, self.run.start()) };
    }

    /// Copies the bytes over `to`, which then is all written.
    ///
    /// # Panics
    ///
    /// If `to` has another length.
    #[inline]
    #[track_caller]
    pub(crate) fn copy_out(self, to: &mut [MaybeUninit<T>]) {
        self.check_len(to.len());
        // SAFETY: as in `read_into`; a `MaybeUninit` may hold any bytes.
        unsafe { copy(self.run.start(), to.as_mut_ptr().cast(), size_of_val(to)) };
    }

    /// Copies all bytes of as many other places.
    ///
    /// # Panics
    ///
    /// If there are more or fewer.
    #[track_caller]
    pub(crate) fn copy_from<B>(self, from: Places<'_, T, B>)
    where
        A: Writable,
    {
        self.check_len(from.len());
        let len = self.len() * size_of::<T>();
        // SAFETY: both are as many places of a `T`, in shared memory; these are writable.
        unsafe { copy(from.run.start(), self.run.start(), len) };
    }

    /// A pointer to the first value, valid for reads of all of them for `'a`; it may be unaligned.
    ///
    /// The memory may change at any time; read it with volatile or atomic accesses.
    #[must_use]
    #[inline]
    pub fn as_ptr(self) -> *const T {
        self.run.start().cast()
    }

    #[inline]
    #[track_caller]
    fn check_len(self, other: usize) {
        if self.len() != other {
            another_length(self.len(), other);
        }
    }
}

/// The range in a slice of `len`. What does not fit a number is outside of any slice, as the largest is.
fn indices(range: impl RangeBounds<usize>, len: usize) -> Range<usize> {
    let start = match range.start_bound() {
        Bound::Included(&start) => start,
        Bound::Excluded(&before) => before.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&last) => last.saturating_add(1),
        Bound::Excluded(&end) => end,
        Bound::Unbounded => len,
    };
    start..end
}

#[cold]
#[inline(never)]
#[track_caller]
fn no_such_range(range: Range<usize>, len: usize) -> ! {
    panic!("range {range:?} of {len} elements");
}

#[cold]
#[inline(never)]
#[track_caller]
fn another_length(here: usize, there: usize) -> ! {
    panic!("{there} elements for the places of {here}");
}

impl<'a, T: SharedData, A, const N: usize> Place<'a, [T; N], A> {
    /// The element at `index`.
    ///
    /// # Panics
    ///
    /// If there is none, as `[]` does. Use [`get`](Self::get) for an index that comes from a region.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn at(self, index: usize) -> Place<'a, T, A> {
        match self.get(index) {
            Some(place) => place,
            None => no_such_element(index, N),
        }
    }

    /// The element at `index`, if there is one.
    #[must_use]
    #[inline]
    pub fn get(self, index: usize) -> Option<Place<'a, T, A>> {
        self.elements().get(index)
    }

    /// The elements of a range, as `[range]` of an array; `slice(..)` are all.
    ///
    /// # Panics
    ///
    /// If the range ends outside, or before it begins. Use [`Places::get_slice`] for a range that
    /// comes from a region.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn slice(self, range: impl RangeBounds<usize>) -> Places<'a, T, A> {
        self.elements().slice(range)
    }

    /// The elements in order.
    #[inline]
    pub fn iter(self) -> Iter<'a, T, A> {
        self.elements().iter()
    }

    /// Copies of the elements in order.
    #[inline]
    pub fn values(self) -> Values<'a, T, A>
    where
        T: AnyBytes,
    {
        self.elements().values()
    }

    #[inline]
    fn elements(self) -> Places<'a, T, A> {
        // SAFETY: an array is its elements one after the other, and aligned as they are.
        unsafe { Places::new(self.at, N) }
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn no_such_element(index: usize, len: usize) -> ! {
    panic!("index {index} of an array of {len} elements");
}

impl<T, A> Clone for Places<'_, T, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, A> Copy for Places<'_, T, A> {}

impl<T, A> fmt::Debug for Places<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places")
            .field("at", &self.run.start())
            .field("len", &self.run.len())
            .finish()
    }
}
