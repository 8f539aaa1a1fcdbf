//! Private copies that are checked before they are values.

use std::mem::MaybeUninit;
use std::ptr;
use std::slice;

use crate::copy::load;
use crate::data::SharedData;
use crate::data::invalid_value::{InvalidValue, check, check_elements};
use crate::place::Place;

/// A copy of a place, whose bytes are all written and may not be a valid value.
pub(crate) struct Unchecked<T>(MaybeUninit<T>);

impl<T: SharedData> Unchecked<T> {
    #[inline]
    pub(crate) fn of<A>(place: Place<'_, T, A>) -> Self {
        // SAFETY: the place's bytes are valid for reads while it lives; a `MaybeUninit` may hold any.
        Self(unsafe { load(place.at) })
    }

    /// The value, if the bytes are one.
    #[inline]
    pub(crate) fn check(self) -> Result<T, InvalidValue> {
        // SAFETY: all bytes are written; they are a value once they are checked, byte by byte as
        // `LAYOUT` describes a valid one.
        unsafe {
            check_value(&self.0)?;
            Ok(self.0.assume_init())
        }
    }
}

/// Memory that a value is copied to, again and again until the copy is whole, and checked in then.
pub(crate) struct Copied<'a, T> {
    to: &'a mut MaybeUninit<T>,
    /// Whether all its bytes were written.
    is_written: bool,
}

impl<'a, T: SharedData> Copied<'a, T> {
    #[inline]
    pub(crate) fn new(to: &'a mut MaybeUninit<T>) -> Self {
        let is_written = false;
        Self { to, is_written }
    }

    #[inline]
    pub(crate) fn copy<A>(&mut self, from: Place<'_, T, A>) {
        from.only().copy_out(slice::from_mut(self.to));
        self.is_written = true;
    }

    /// The value that was copied last.
    #[inline]
    pub(crate) fn check(self) -> Result<&'a mut T, InvalidValue> {
        assert!(self.is_written, "a value was copied");
        // SAFETY: all bytes were written, as was just asserted; they are a value once they are checked.
        unsafe {
            check_value(self.to)?;
            Ok(self.to.assume_init_mut())
        }
    }
}

/// A value that is copied as into [`Copied`], and returned. A `Result<T, _>` that is passed on moves the value at
/// each step; this moves it once, when nothing can fail any more.
pub(crate) struct Room<T> {
    value: MaybeUninit<T>,
    is_valid: bool,
}

impl<T: SharedData> Room<T> {
    #[inline]
    pub(crate) fn new() -> Self {
        Self {
            value: MaybeUninit::uninit(),
            is_valid: false,
        }
    }

    /// Lets `copy` copy a value here, and checks it.
    #[inline]
    pub(crate) fn fill<R, E: From<InvalidValue>>(
        &mut self,
        copy: impl FnOnce(&mut Copied<'_, T>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.is_valid = false;
        let mut copied = Copied::new(&mut self.value);
        let result = copy(&mut copied)?;
        // `copy` could have put a `Copied` of other memory there.
        self.is_valid = ptr::eq(copied.check()?, self.value.as_ptr());
        Ok(result)
    }

    /// The value that [`fill`](Self::fill) has left here.
    #[inline]
    pub(crate) fn into_value(self) -> T {
        assert!(self.is_valid, "a value was copied and checked");
        // SAFETY: just asserted.
        unsafe { self.value.assume_init() }
    }
}

/// The values in these bytes, if all are valid.
///
/// # Safety
///
/// All bytes are initialised.
pub(crate) unsafe fn checked_elements<T: SharedData>(
    values: &mut [MaybeUninit<T>],
) -> Result<&mut [T], InvalidValue> {
    if const { !T::LAYOUT.any_bytes() } {
        // SAFETY: this function's contract.
        check_elements(&T::LAYOUT, values.len(), unsafe { bytes(values) })?;
    }
    // SAFETY: just checked, byte by byte as `LAYOUT` describes a valid value; a `MaybeUninit` has the
    // layout of its value.
    Ok(unsafe { slice::from_raw_parts_mut(values.as_mut_ptr().cast(), values.len()) })
}

/// # Safety
///
/// All bytes of `value` are initialised.
#[inline]
unsafe fn check_value<T: SharedData>(value: &MaybeUninit<T>) -> Result<(), InvalidValue> {
    if const { T::LAYOUT.any_bytes() } {
        return Ok(());
    }
    // SAFETY: this function's contract.
    check(&T::LAYOUT, unsafe { bytes(slice::from_ref(value)) })
}

/// # Safety
///
/// All bytes of `values` are initialised.
#[inline]
unsafe fn bytes<T>(values: &[MaybeUninit<T>]) -> &[u8] {
    // SAFETY: initialised, by this function's contract, and borrowed for as long as the result.
    unsafe { slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}
