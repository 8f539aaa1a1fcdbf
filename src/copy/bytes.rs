//! Relaxed atomic bytes: for loom, Miri and processors that Windows does not run on. Every processor
//! that it does run on has a version of its own.

use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicU8, Ordering};

/// # Safety
///
/// That of [`super::copy`].
pub(super) unsafe fn copy(src: *const u8, dst: *mut u8, len: usize) {
    for at in 0..len {
        // SAFETY: both bytes lie in ranges that are valid for `len` bytes. `AtomicU8` has the size
        // and alignment of a byte; a private byte is accessed by nobody else, a shared one only
        // atomically. Assumption: what other processes do is an atomic access of bytes, too.
        unsafe {
            let byte = AtomicU8::from_ptr(src.add(at).cast_mut()).load(Ordering::Relaxed);
            AtomicU8::from_ptr(dst.add(at)).store(byte, Ordering::Relaxed);
        }
    }
}

/// # Safety
///
/// `src` is as for [`super::copy`].
pub(super) unsafe fn load_1(src: *const u8) -> u8 {
    // SAFETY: the contract of `load`.
    unsafe { load(src) }
}

/// # Safety
///
/// `src` is as for [`super::copy`].
pub(super) unsafe fn load_2(src: *const u8) -> u16 {
    // SAFETY: the contract of `load`.
    unsafe { load(src) }
}

/// # Safety
///
/// `src` is as for [`super::copy`].
pub(super) unsafe fn load_4(src: *const u8) -> u32 {
    // SAFETY: the contract of `load`.
    unsafe { load(src) }
}

/// # Safety
///
/// `src` is as for [`super::copy`].
pub(super) unsafe fn load_8(src: *const u8) -> u64 {
    // SAFETY: the contract of `load`.
    unsafe { load(src) }
}

/// # Safety
///
/// `src` is as for [`super::copy`]; any bytes are a valid `T`.
unsafe fn load<T>(src: *const u8) -> T {
    let mut value = MaybeUninit::<T>::uninit();
    // SAFETY: `value` is ours, and all of it is written before it is taken for a `T`.
    unsafe {
        copy(src, value.as_mut_ptr().cast(), size_of::<T>());
        value.assume_init()
    }
}
