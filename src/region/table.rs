//! [`Table`].

use std::fmt;

use crate::access::ReadOnly;
use crate::data::{AnyBytes, SharedData};
use crate::error::SharedMemoryError;
use crate::place::Place;
use crate::place::run::{Iter, Run, Values};
use crate::region::view::View;

/// Rows of a `T` in a view, at a distance from each other that the region itself tells.
///
/// Many regions begin with a header that says where a table is: its offset, the size of a row
/// (the *stride*) and the number of rows. Read each of them once, and give them to
/// [`View::table`], which checks them.
///
/// # Examples
///
/// ```
/// use win_shared_memory::Section;
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let section = Section::create(r"Local\docs-table", 4096)?;
/// let view = section.map()?;
/// view.write(0, &[64_u32, 8, 3])?; // offset, stride, count
///
/// let [offset, stride, count] = view.read::<[u32; 3]>(0)?;
/// let table = view.table::<u32>(offset, stride, count)?;
/// for row in table.iter() {
///     println!("{}", row.read());
/// }
/// assert_eq!(table.values().rev().collect::<Vec<_>>(), [0, 0, 0]);
/// # Ok(())
/// # }
/// ```
pub struct Table<'a, T, A = ReadOnly> {
    /// In the view.
    offset: usize,
    rows: Run<'a, T, A>,
}

impl<'a, T: SharedData, A> Table<'a, T, A> {
    pub(crate) fn new(
        view: &'a View<A>,
        offset: i128,
        stride: i128,
        count: i128,
    ) -> Result<Self, SharedMemoryError> {
        let nearest = |it: i128| it.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
        let invalid = || SharedMemoryError::InvalidTable {
            name: view.owned_name(),
            offset: nearest(offset),
            stride: nearest(stride),
            count: nearest(count),
            row: size_of::<T>(),
            size: view.len(),
        };
        let to_usize = |it: i128| usize::try_from(it).map_err(|_| invalid());
        let (offset, stride, count) = (to_usize(offset)?, to_usize(stride)?, to_usize(count)?);
        if count > 0 {
            // The first row is aligned if need be; the others are if the stride keeps that.
            let unaligned = T::LAYOUT.has_atomics() && stride % align_of::<T>() != 0;
            if size_of::<T>() == 0 || stride < size_of::<T>() || unaligned {
                return Err(invalid());
            }
        }
        match view.run(offset, stride, count) {
            Ok(rows) => Ok(Self { offset, rows }),
            Err(SharedMemoryError::OutOfBounds { .. }) => Err(invalid()),
            Err(other) => Err(other),
        }
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the table has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row at `index`, if there is one.
    #[must_use]
    #[inline]
    pub fn get(&self, index: usize) -> Option<Place<'a, T, A>> {
        self.rows.get(index)
    }

    /// The rows in order.
    #[inline]
    pub fn iter(&self) -> Iter<'a, T, A> {
        self.rows.iter()
    }

    /// Copies of the rows in order.
    #[inline]
    pub fn values(&self) -> Values<'a, T, A>
    where
        T: AnyBytes,
    {
        self.rows.values()
    }
}

/// Tables.
impl<A> View<A> {
    /// The table of `count` rows of a `T` that begins at `offset`, with `stride` bytes from one
    /// row to the next: integers of any type, as the region's header has them. A stride larger than
    /// a `T` is fine: a newer version of the region whose rows have more fields.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::InvalidTable`] if a number is negative, the stride is smaller than a
    /// `T`, or a row does not lie inside the view; [`SharedMemoryError::NotCommitted`];
    /// [`SharedMemoryError::Misaligned`] as for [`place`](Self::place).
    pub fn table<T: SharedData>(
        &self,
        offset: impl TryInto<i128>,
        stride: impl TryInto<i128>,
        count: impl TryInto<i128>,
    ) -> Result<Table<'_, T, A>, SharedMemoryError> {
        // What does not even fit an `i128` does not fit the view either.
        Table::new(
            self,
            offset.try_into().unwrap_or(i128::MAX),
            stride.try_into().unwrap_or(i128::MAX),
            count.try_into().unwrap_or(i128::MAX),
        )
    }
}

impl<T, A> Clone for Table<'_, T, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, A> Copy for Table<'_, T, A> {}

impl<T, A> fmt::Debug for Table<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("offset", &self.offset)
            .field("stride", &self.rows.stride())
            .field("count", &self.rows.len())
            .finish()
    }
}
