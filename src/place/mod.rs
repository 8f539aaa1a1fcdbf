//! [`Place`].
//!
//! `unsafe` is allowed here for what a place is: an address known to lie in a live view.

#![allow(unsafe_code)]

mod copied;
pub(crate) mod copied_vec;
pub(crate) mod places;
pub(crate) mod run;
mod store;
mod text;

use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::slice;
use std::sync::atomic::{AtomicI8, AtomicI16, AtomicI32, AtomicU8, AtomicU16, AtomicU32};
use std::sync::atomic::{Ordering, fence};

use crate::access::{ReadOnly, ReadWrite, Writable};
use crate::copy::{load, zero};
use crate::data::invalid_value::InvalidValue;
use crate::data::{AllAtomic, AnyBytes, HasField, SharedData};
use crate::place::places::Places;

pub(crate) use copied::{Copied, Room, Unchecked};

/// A `T` inside a [`View`](crate::View): where it is, and no reference to it.
///
/// Values are copied out and in. A copy of 1, 2, 4 or 8 aligned bytes without padding is one access
/// of the processor and cannot tear (8 bytes: on 64-bit processors); a larger or padded value may be
/// torn: part of it from before and part from after a write that another program made meanwhile.
///
/// Comes from [`field!`](crate::field), [`SharedMemoryLink::place`](crate::SharedMemoryLink::place),
/// [`View::place`](crate::View::place), [`Table`](crate::Table) and [`SharedSlice`](crate::SharedSlice).
///
/// # Examples
///
/// ```
/// use win_shared_memory::{Place, ReadWrite, SharedData, SharedMemoryLink, field};
///
/// #[derive(Clone, Copy, SharedData)]
/// #[repr(C)]
/// struct Car {
///     speed: f32,
///     gear: i32,
/// }
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link: SharedMemoryLink<[Car; 20], ReadWrite> = SharedMemoryLink::create(r"Local\docs-place")?;
/// let car: Place<'_, Car, ReadWrite> = link.place().at(3);
/// field!(car.gear).write(&2);
/// assert_eq!(car.read().gear, 2);
/// # Ok(())
/// # }
/// ```
pub struct Place<'a, T, A = ReadOnly> {
    /// The first byte of `size_of::<T>()` that lie in a view that lives for `'a`, committed.
    at: *mut u8,
    mapping: PhantomData<&'a ()>,
    access: PhantomData<fn() -> A>,
    value: PhantomData<fn() -> T>,
}

impl<'a, T, A> Place<'a, T, A> {
    /// The place that begins at `at`.
    ///
    /// # Safety
    ///
    /// For `'a`, `size_of::<T>()` bytes from `at` are committed and mapped with the access `A`; if
    /// `T` has atomics, `at` is aligned for it.
    pub(crate) unsafe fn new(at: *mut u8) -> Self {
        Self {
            at,
            mapping: PhantomData,
            access: PhantomData,
            value: PhantomData,
        }
    }

    /// The same place, for reading alone.
    pub(crate) fn read_only(self) -> Place<'a, T> {
        // SAFETY: as this place's; what is mapped with any access is mapped for reading.
        unsafe { Place::new(self.at) }
    }
}

// SAFETY: a place is a borrow of a view, which is `Sync`; values are copied with `copy`, which
// allows for any number of others that access the bytes.
unsafe impl<T, A> Send for Place<'_, T, A> {}
// SAFETY: as for `Send`.
unsafe impl<T, A> Sync for Place<'_, T, A> {}

impl<'a, T: SharedData, A> Place<'a, T, A> {
    /// A copy of the value.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{ReadWrite, SharedMemoryLink};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let link: SharedMemoryLink<[f32; 4], ReadWrite> =
    ///     SharedMemoryLink::create(r"Local\docs-place-read")?;
    /// assert_eq!(link.place().at(2).read(), 0.0);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    #[inline]
    pub fn read(self) -> T
    where
        T: AnyBytes,
    {
        const { assert!(T::LAYOUT.any_bytes()) };
        // SAFETY: the place's bytes are valid for reads while `self` lives; whatever they are is a
        // valid value, as `AnyBytes` and the layout both say.
        unsafe { load(self.at) }
    }

    /// A copy of the value if it is valid: each `bool` 0 or 1, each `char` a Unicode scalar value,
    /// each enum one of its variants. The copy is checked, not the region, so it cannot change
    /// under the check.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] names the first field that is not, its value and its offset.
    #[inline]
    pub fn try_read(self) -> Result<T, InvalidValue> {
        self.copy_out().check()
    }

    /// Copies the value over `to`, without a copy on the stack: for types too large for it.
    #[inline]
    pub fn read_into(self, to: &mut T)
    where
        T: AnyBytes,
    {
        self.only().read_into(slice::from_mut(to));
    }

    /// As [`try_read`](Self::try_read), without a copy on the stack.
    ///
    /// # Errors
    ///
    /// As for [`try_read`](Self::try_read); `to` then holds the bytes that were refused.
    #[inline]
    pub fn try_read_into(self, to: &mut MaybeUninit<T>) -> Result<&mut T, InvalidValue> {
        let mut copied = Copied::new(to);
        copied.copy(self);
        copied.check()
    }

    /// Writes the value. Its padding is never stored: the region's padding bytes become zero.
    #[inline]
    pub fn write(self, value: &T)
    where
        A: Writable,
    {
        self.only().write_from(slice::from_ref(value));
    }

    /// A pointer to the value, valid for reads of `size_of::<T>()` bytes for `'a`; it may be unaligned.
    ///
    /// The memory may change at any time; read it with volatile or atomic accesses.
    #[must_use]
    #[inline]
    pub fn as_ptr(self) -> *const T {
        self.at.cast()
    }

    /// As [`as_ptr`](Self::as_ptr), valid for writes as well.
    #[must_use]
    #[inline]
    pub fn as_mut_ptr(self) -> *mut T
    where
        A: Writable,
    {
        self.at.cast()
    }

    /// Makes all bytes zero.
    pub(crate) fn zero(self)
    where
        A: Writable,
    {
        // SAFETY: the place is writable while `self` lives.
        unsafe { zero(self.at, size_of::<T>()) };
    }

    /// Copies all bytes of another place.
    pub(crate) fn copy_from<B>(self, from: Place<'_, T, B>)
    where
        A: Writable,
    {
        self.only().copy_from(from.only());
    }

    /// This place as a run of one.
    #[inline]
    fn only(self) -> Places<'a, T, A> {
        // SAFETY: a `Place` is valid for one value for `'a`, with the access that `A` says.
        unsafe { Places::new(self.at, 1) }
    }

    /// Copies the bytes to private memory, where they stay what they are.
    #[inline]
    pub(crate) fn copy_out(self) -> Unchecked<T> {
        Unchecked::of(self)
    }

    /// A field, by the hash of its name: what [`field!`](crate::field) calls.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn __field<const NAME: u64, Visible>(self) -> Place<'a, T::Type, A>
    where
        T: HasField<NAME, Visible>,
    {
        // SAFETY: the field lies inside this place, and is aligned if it has atomics (packed
        // structs with atomics are refused by the derive).
        unsafe { Place::new(self.at.add(T::OFFSET)) }
    }
}

impl<'a, T: AllAtomic> Place<'a, T, ReadWrite> {
    /// A reference to the value in the region, which is made of atomics only: say, a counter beside
    /// plain fields, `field!(link.tick).shared().fetch_add(1, Release)`. See
    /// [`SharedMemoryLink::shared`](crate::SharedMemoryLink::shared).
    #[must_use]
    #[inline]
    pub fn shared(self) -> &'a T {
        const {
            assert!(
                T::LAYOUT.all_atomic(),
                "padding between atomics is not atomic: make it a field"
            );
        }
        // SAFETY: the bytes are mapped for reading and writing for `'a`, and aligned since `T` has
        // atomics. All of them are those of atomics: any are valid, and may change under a shared
        // reference. Assumption: other processes change them by what amounts to atomic accesses.
        unsafe { &*self.at.cast() }
    }
}

/// Loads that order what follows: see [`Place::load`].
macro_rules! loads {
    ($($atomic:ty => $value:ty;)*) => { $(
        impl<A> Place<'_, $atomic, A> {
            /// The value, with acquire ordering: what the writer wrote before it stored this with
            /// release ordering can be seen by reads that follow. Works on read-only links, where a
            /// reference to the atomic would allow a store, and so a crash.
            #[must_use]
            #[inline]
            pub fn load(self) -> $value {
                let value = self.read().into_inner();
                fence(Ordering::Acquire);
                value
            }
        }
    )* };
}

loads! {
    AtomicU8 => u8;
    AtomicU16 => u16;
    AtomicU32 => u32;
    AtomicI8 => i8;
    AtomicI16 => i16;
    AtomicI32 => i32;
}

// A 64-bit load is one access on 64-bit processors only.
#[cfg(target_pointer_width = "64")]
loads! {
    std::sync::atomic::AtomicU64 => u64;
    std::sync::atomic::AtomicI64 => i64;
}

impl<T, A> Clone for Place<'_, T, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, A> Copy for Place<'_, T, A> {}

impl<T, A> fmt::Debug for Place<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.at).finish()
    }
}
