//! Relaxed atomic bytes: for processors without a version of their own, loom and Miri.

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
