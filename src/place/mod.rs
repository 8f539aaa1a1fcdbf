//! [`Place`].
//!
//! `unsafe` is allowed here for what a place is: an address known to lie in a live view.

#![allow(unsafe_code)]

mod text;

use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::slice;
use std::sync::atomic::{AtomicI8, AtomicI16, AtomicI32, AtomicU8, AtomicU16, AtomicU32};
use std::sync::atomic::{Ordering, fence};

use crate::access::{ReadOnly, ReadWrite, Writable};
use crate::copy::{copy, load, zero};
use crate::data::invalid_value::{InvalidValue, check};
use crate::data::layout::{Kind, Layout};
use crate::data::{AllAtomic, AnyBytes, HasField, SharedData};

/// A `T` inside a [`View`](crate::View): where it is, and no reference to it.
///
/// Values are copied out and in. A copy of 1, 2, 4 or 8 aligned bytes without padding is one access
/// of the processor and cannot tear (8 bytes: on 64-bit processors); a larger or padded value may be
/// torn: part of it from before and part from after a write that another program made meanwhile.
///
/// Comes from [`field!`](crate::field), [`SharedMemoryLink::place`](crate::SharedMemoryLink::place),
/// [`View::place`](crate::View::place), [`Table`](crate::Table) and [`SharedSlice`](crate::SharedSlice).
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
        const { assert!(T::LAYOUT.any_bytes()) };
        // SAFETY: the place's bytes are valid for reads while `self` lives, `to` for writes; they do
        // not overlap since no reference is into a view. Any bytes may be left there.
        unsafe { copy(self.at, (&raw mut *to).cast(), size_of::<T>()) };
    }

    /// As [`try_read`](Self::try_read), without a copy on the stack.
    ///
    /// # Errors
    ///
    /// As for [`try_read`](Self::try_read); `to` then holds the bytes that were refused.
    #[inline]
    pub fn try_read_into(self, to: &mut MaybeUninit<T>) -> Result<&mut T, InvalidValue> {
        // SAFETY: as in `read_into`; a `MaybeUninit` may hold any bytes.
        unsafe { copy(self.at, to.as_mut_ptr().cast(), size_of::<T>()) };
        // SAFETY: all bytes were just written.
        unsafe { check_value(to)? };
        // SAFETY: just checked.
        Ok(unsafe { to.assume_init_mut() })
    }

    /// Writes the value. Its padding is never stored: the region's padding bytes become zero.
    #[inline]
    pub fn write(self, value: &T)
    where
        A: Writable,
    {
        // SAFETY: the place is writable (`Writable`) while `self` lives.
        unsafe { store(slice::from_ref(value), self.at) };
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
        // SAFETY: both are places of a `T`, in shared memory; this one is writable.
        unsafe { copy(from.at, self.at, size_of::<T>()) };
    }

    /// Copies the bytes to private memory, where they stay what they are.
    #[inline]
    pub(crate) fn copy_out(self) -> Unchecked<T> {
        // SAFETY: the place's bytes are valid for reads while `self` lives; a `MaybeUninit` may hold any.
        Unchecked(unsafe { load(self.at) })
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

/// A copy of a place, whose bytes are all written and may not be a valid value.
pub(crate) struct Unchecked<T>(MaybeUninit<T>);

impl<T: SharedData> Unchecked<T> {
    /// The value, if the bytes are one.
    #[inline]
    pub(crate) fn check(self) -> Result<T, InvalidValue> {
        // SAFETY: all bytes are written.
        unsafe { check_value(&self.0)? };
        // SAFETY: just checked, byte by byte as `LAYOUT` describes a valid value.
        Ok(unsafe { self.0.assume_init() })
    }
}

/// Memory that a value is copied to, again and again until the copy is whole, and checked in then.
pub(crate) struct Copied<'a, T> {
    to: &'a mut MaybeUninit<T>,
    /// Whether all its bytes were written.
    is_written: bool,
}

impl<'a, T: SharedData> Copied<'a, T> {
    pub(crate) fn new(to: &'a mut MaybeUninit<T>) -> Self {
        let is_written = false;
        Self { to, is_written }
    }

    pub(crate) fn copy<A>(&mut self, from: Place<'_, T, A>) {
        // SAFETY: as in `read_into`; a `MaybeUninit` may hold any bytes.
        unsafe { copy(from.at, self.to.as_mut_ptr().cast(), size_of::<T>()) };
        self.is_written = true;
    }

    /// The value that was copied last.
    pub(crate) fn check(self) -> Result<&'a mut T, InvalidValue> {
        assert!(self.is_written, "a value was copied");
        // SAFETY: all bytes were written, as was just asserted.
        unsafe { check_value(self.to)? };
        // SAFETY: just checked.
        Ok(unsafe { self.to.assume_init_mut() })
    }
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
        if index >= N {
            no_such_element(index, N);
        }
        // SAFETY: in bounds, and elements are aligned as the array is.
        unsafe { Place::new(self.at.add(index * size_of::<T>())) }
    }

    /// The element at `index`, if there is one.
    #[must_use]
    #[inline]
    pub fn get(self, index: usize) -> Option<Place<'a, T, A>> {
        (index < N).then(|| self.at(index))
    }

    /// The elements in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Place<'a, T, A>> {
        (0..N).map(move |index| self.at(index))
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn no_such_element(index: usize, len: usize) -> ! {
    panic!("index {index} of an array of {len} elements");
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
                "padding between atomics is no atomic: make it a field"
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

/// # Safety
///
/// All bytes of `value` are initialised.
#[inline]
unsafe fn check_value<T: SharedData>(value: &MaybeUninit<T>) -> Result<(), InvalidValue> {
    if const { T::LAYOUT.any_bytes() } {
        return Ok(());
    }
    // SAFETY: initialised, by this function's contract, and borrowed for the time of the check.
    let bytes = unsafe { slice::from_raw_parts(value.as_ptr().cast::<u8>(), size_of::<T>()) };
    check(&T::LAYOUT, bytes)
}

/// Stores values: of padding, zeros.
///
/// # Safety
///
/// `to` is valid for writes of as many values, in shared memory.
#[inline]
pub(crate) unsafe fn store<T: SharedData>(values: &[T], to: *mut u8) {
    let from = values.as_ptr().cast::<u8>();
    // SAFETY: the values are valid for reads, and `to` is for writes by this function's contract. A
    // reference can point into shared memory only if all that is no padding is atomic (`shared`),
    // and two shared ranges may overlap.
    unsafe {
        if const { T::LAYOUT.is_padded() } {
            for at in (0..values.len()).map(|index| index * size_of::<T>()) {
                store_fields(&T::LAYOUT, from.add(at), to.add(at));
            }
        } else {
            copy(from, to, size_of_val(values));
        }
    }
}

/// Copies what is no padding, and zeros where padding is.
///
/// # Safety
///
/// `from` is valid for reads of a value of this layout and `to` for writes, as for [`copy`].
unsafe fn store_fields(layout: &Layout, from: *const u8, to: *mut u8) {
    // SAFETY: all ranges lie inside the value: fields and elements do, in the order of their offsets,
    // and gaps are what is between.
    unsafe {
        match layout.kind() {
            Kind::Struct(fields) if layout.is_padded() => {
                // Of neighbours without padding, what begins at `run` is copied at once; all before
                // is stored.
                let (mut run, mut end) = (0, 0);
                for field in fields.iter().filter(|it| it.layout().size() > 0) {
                    if field.offset() != end || field.layout().is_padded() {
                        copy(from.add(run), to.add(run), end - run);
                        zero(to.add(end), field.offset() - end);
                        run = field.offset();
                    }
                    end = field.offset() + field.layout().size();
                    if field.layout().is_padded() {
                        store_fields(field.layout(), from.add(run), to.add(run));
                        run = end;
                    }
                }
                copy(from.add(run), to.add(run), end - run);
                zero(to.add(end), layout.size() - end);
            }
            Kind::Array { element, count } if layout.is_padded() => {
                for at in (0..count).map(|index| index * element.size()) {
                    store_fields(element, from.add(at), to.add(at));
                }
            }
            _ => copy(from, to, layout.size()),
        }
    }
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
