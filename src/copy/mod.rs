//! The copy engine: bytes between a view and ordinary memory.
//!
//! Every safe access to shared memory goes through [`copy`]. The bytes on the shared side may be
//! written by other processes and threads at any moment, which makes an ordinary load, store or
//! `memcpy` a data race and so undefined behaviour.
//!
//! # Why this is sound
//!
//! On x86, x86_64, aarch64 and arm64ec every access is made inside inline assembly. The rules for it in the
//! Rust Reference (*Inline assembly*, *Rules for inline assembly*) say three things that this rests on:
//!
//! - The compiler cannot assume that the instructions in the block are those that are executed: it has to
//!   treat the block as a black box and know its operands only. So it cannot infer what was loaded, nor
//!   repeat, merge or invent an access.
//! - The block may read and write the memory that a foreign function could, unless `nomem` or `readonly`
//!   says otherwise. No block here has either, so accesses of the program before and after a block stay
//!   there. (The processor may still reorder them; the protocols add fences.)
//! - What the block does must be something that such a function could have done, in Rust too. It is:
//!   relaxed atomic loads and stores, in some order, of pieces that are as large as the atomics which the
//!   program itself has at those addresses, or else of bytes. Each of the processor's moves consists of
//!   single-copy-atomic bytes at least (x86: Intel SDM volume 3, 9.2.1; Arm ARM, B2.2), so a byte read is
//!   always a byte that some program wrote there.
//!
//! Several bytes together may be torn. The protocols notice that; and types for which torn or hostile bytes
//! may be invalid are checked after the copy, on private memory. RFC 3301 (`atomic_memcpy`) proposes the
//! same as a library function.
//!
//! Relaxed atomic bytes would be the same thing said in Rust, but they would race with the wider atomics of
//! `Place::shared` at the same addresses: atomics of different sizes may not overlap.
//!
//! # Sizes
//!
//! 1, 2, 4 and 8 bytes are moved by one instruction each, so aligned ones do not tear.
//!
//! `unsafe` is allowed in this module because of the above.

#![allow(unsafe_code)]

use core::mem::{MaybeUninit, transmute_copy};

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
#[path = "x86.rs"]
mod imp;

#[cfg(any(target_arch = "aarch64", target_arch = "arm64ec"))]
#[path = "aarch64.rs"]
mod imp;

#[cfg(not(any(
    target_arch = "x86",
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_arch = "arm64ec"
)))]
compile_error!("win-shared-memory supports x86, x86_64, aarch64 and arm64ec");

#[cfg(test)]
mod tests;

/// Copies `len` bytes from `src` to `dst`.
///
/// # Safety
///
/// - `src` is valid for reads and `dst` for writes of `len` bytes, at any alignment. The two ranges
///   do not overlap, or are both shared; then each byte copied is one that was in either.
/// - Each range is either shared memory, which anybody may access at the same time, or memory that
///   nobody else writes (`src`) or accesses at all (`dst`) meanwhile.
/// - The bytes at `src` are initialised.
#[inline]
pub(crate) unsafe fn copy(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: the same contract.
    unsafe { imp::copy(src, dst, len) }
}

/// Reads a value, one of 1, 2, 4 or 8 bytes straight into a register.
///
/// # Safety
///
/// `src` is valid for reads of `size_of::<T>()` bytes, at any alignment, as for [`copy`]; any bytes
/// are a valid `T`.
#[inline(always)]
pub(crate) unsafe fn load<T>(src: *const u8) -> T {
    // SAFETY: the sizes agree, and so the transmutation only gives the bytes their type back; the
    // rest is this function's contract.
    unsafe {
        match size_of::<T>() {
            1 => transmute_copy(&imp::load_1(src)),
            2 => transmute_copy(&imp::load_2(src)),
            4 => transmute_copy(&imp::load_4(src)),
            8 => transmute_copy(&imp::load_8(src)),
            size => {
                let mut value = MaybeUninit::<T>::uninit();
                copy(src, value.as_mut_ptr().cast(), size);
                value.assume_init()
            }
        }
    }
}

/// Writes `len` zeros to `dst`.
///
/// # Safety
///
/// As for [`copy`], of `dst`.
pub(crate) unsafe fn zero(mut dst: *mut u8, mut len: usize) {
    const ZEROS: [u8; 64] = [0; 64];
    while len > 0 {
        let part = len.min(ZEROS.len());
        // SAFETY: the part lies in the range; the zeros are nobody else's to write.
        unsafe {
            copy(ZEROS.as_ptr(), dst, part);
            dst = dst.add(part);
        }
        len -= part;
    }
}
