//! [`Run`]: values at equal distances, and the iterators over them.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::ops::Range;

use crate::access::ReadOnly;
use crate::data::AnyBytes;
use crate::place::Place;

/// Values at equal distances from each other.
pub(crate) struct Run<'a, T, A> {
    /// Where the first begins, if there is one: `len` values of `T`, `stride` bytes from one to the
    /// next, lie in a view as [`Place::new`] requires.
    first: Place<'a, [u8; 0], A>,
    stride: usize,
    len: usize,
    value: PhantomData<fn() -> T>,
}

impl<'a, T, A> Run<'a, T, A> {
    /// `len` values, of which the first begins at `at`.
    ///
    /// # Safety
    ///
    /// At each of the `len` addresses `at`, `at + stride`, … is a place as [`Place::new`] requires.
    #[inline]
    pub(crate) unsafe fn new(at: *mut u8, stride: usize, len: usize) -> Self {
        Self {
            // SAFETY: a place of no bytes, so none has to be mapped, and without atomics.
            first: unsafe { Place::new(at) },
            stride,
            len,
            value: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn start(self) -> *mut u8 {
        self.first.at
    }

    #[inline]
    pub(crate) fn stride(self) -> usize {
        self.stride
    }

    #[inline]
    pub(crate) fn len(self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn get(self, index: usize) -> Option<Place<'a, T, A>> {
        // SAFETY: one of the addresses that `new` was promised.
        (index < self.len).then(|| unsafe { Place::new(self.start().add(index * self.stride)) })
    }

    /// The values of a range, if there are all of them.
    #[inline]
    pub(crate) fn part(self, range: Range<usize>) -> Option<Self> {
        (range.start <= range.end && range.end <= self.len).then(|| {
            // If the range is empty, it may begin after the last value, where the view has ended.
            let at = self.start().wrapping_add(range.start * self.stride);
            // SAFETY: these are among the addresses that `new` was promised.
            unsafe { Self::new(at, self.stride, range.end - range.start) }
        })
    }

    #[inline]
    pub(crate) fn iter(self) -> Iter<'a, T, A> {
        Iter {
            rest: 0..self.len,
            run: self,
        }
    }

    #[inline]
    pub(crate) fn values(self) -> Values<'a, T, A> {
        Values { rest: self.iter() }
    }
}

impl<T, A> Clone for Run<'_, T, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, A> Copy for Run<'_, T, A> {}

/// The [places](Place) of values, in order.
///
/// Comes from `iter` of an array's [`Place`], of [`Places`](crate::Places),
/// [`SharedSlice`](crate::SharedSlice) and [`Table`](crate::Table).
///
/// # Examples
///
/// ```
/// use win_shared_memory::{ReadWrite, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link: SharedMemoryLink<[u32; 4], ReadWrite> = SharedMemoryLink::create(r"Local\docs-iter")?;
/// for (number, place) in (1..).zip(link.place().iter()) {
///     place.write(&number);
/// }
/// assert_eq!(link.read(), [1, 2, 3, 4]);
/// # Ok(())
/// # }
/// ```
pub struct Iter<'a, T, A = ReadOnly> {
    run: Run<'a, T, A>,
    rest: Range<usize>,
}

impl<'a, T, A> Iterator for Iter<'a, T, A> {
    type Item = Place<'a, T, A>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.run.get(self.rest.next()?)
    }

    #[inline]
    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        self.run.get(self.rest.nth(n)?)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rest.size_hint()
    }
}

impl<T, A> DoubleEndedIterator for Iter<'_, T, A> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        self.run.get(self.rest.next_back()?)
    }

    #[inline]
    fn nth_back(&mut self, n: usize) -> Option<Self::Item> {
        self.run.get(self.rest.nth_back(n)?)
    }
}

impl<T, A> ExactSizeIterator for Iter<'_, T, A> {}
impl<T, A> FusedIterator for Iter<'_, T, A> {}

impl<T, A> Clone for Iter<'_, T, A> {
    fn clone(&self) -> Self {
        Self {
            run: self.run,
            rest: self.rest.clone(),
        }
    }
}

impl<T, A> fmt::Debug for Iter<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Iter").field(&self.rest).finish()
    }
}

/// Copies of values, in order; each is made when it is asked for.
///
/// Comes from `values` of an array's [`Place`], of [`Places`](crate::Places),
/// [`SharedSlice`](crate::SharedSlice) and [`Table`](crate::Table).
///
/// # Examples
///
/// ```
/// use win_shared_memory::{ReadWrite, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link: SharedMemoryLink<[u32; 4], ReadWrite> = SharedMemoryLink::create(r"Local\docs-values")?;
/// link.write(&[1, 2, 3, 4]);
/// assert_eq!(link.place().values().rev().take(2).sum::<u32>(), 7);
/// # Ok(())
/// # }
/// ```
pub struct Values<'a, T, A = ReadOnly> {
    rest: Iter<'a, T, A>,
}

impl<T: AnyBytes, A> Iterator for Values<'_, T, A> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.rest.next().map(Place::read)
    }

    #[inline]
    fn nth(&mut self, n: usize) -> Option<T> {
        self.rest.nth(n).map(Place::read)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rest.size_hint()
    }
}

impl<T: AnyBytes, A> DoubleEndedIterator for Values<'_, T, A> {
    #[inline]
    fn next_back(&mut self) -> Option<T> {
        self.rest.next_back().map(Place::read)
    }

    #[inline]
    fn nth_back(&mut self, n: usize) -> Option<T> {
        self.rest.nth_back(n).map(Place::read)
    }
}

impl<T: AnyBytes, A> ExactSizeIterator for Values<'_, T, A> {}
impl<T: AnyBytes, A> FusedIterator for Values<'_, T, A> {}

impl<T, A> Clone for Values<'_, T, A> {
    fn clone(&self) -> Self {
        Self {
            rest: self.rest.clone(),
        }
    }
}

impl<T, A> fmt::Debug for Values<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Values").field(&self.rest.rest).finish()
    }
}
