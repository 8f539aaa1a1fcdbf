//! Relaxed atomic bytes: for loom, Miri and processors that Windows does not run on. Every processor
//! that it does run on has a version of its own.

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

macro_rules! loads {
    ($($load:ident -> $word:ty;)*) => { $(
        /// # Safety
        ///
        /// `src` is as for [`super::copy`].
        pub(super) unsafe fn $load(src: *const u8) -> $word {
            let mut word = [0; size_of::<$word>()];
            // SAFETY: `word` is ours, and has the length that is copied.
            unsafe { copy(src, word.as_mut_ptr(), word.len()) };
            <$word>::from_ne_bytes(word)
        }
    )* };
}

loads! {
    load_1 -> u8;
    load_2 -> u16;
    load_4 -> u32;
    load_8 -> u64;
}
