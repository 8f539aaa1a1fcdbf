//! Pairs of 16-byte vector registers.
//!
//! Sizes up to 64 bytes are moved by loads that together cover the range, overlapping in the
//! middle, then stores. Longer ones go in blocks of 64 bytes, and then the last block, overlapping
//! what is done already.
//!
//! # Safety
//!
//! Each function here requires what [`super::copy`] does, for as many bytes as its name says; with a `len`, for that
//! many, which are in the range that its comment says.

use core::arch::asm;

/// # Safety
///
/// That of [`super::copy`].
#[inline]
pub(super) unsafe fn copy(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: each arm moves bytes of the range only: the length is in the range it asks for.
    unsafe {
        match len {
            0 => {}
            1 => copy_1(src, dst),
            2 => copy_2(src, dst),
            3 => {
                copy_2(src, dst);
                copy_1(src.add(2), dst.add(2));
            }
            4 => copy_4(src, dst),
            5..=7 => {
                copy_4(src, dst);
                copy_4(src.add(len - 4), dst.add(len - 4));
            }
            8 => copy_8(src, dst),
            9..=15 => {
                copy_8(src, dst);
                copy_8(src.add(len - 8), dst.add(len - 8));
            }
            16..=32 => copy_16_twice(src, dst, len),
            33..=64 => copy_32_twice(src, dst, len),
            _ => copy_long(src, dst, len),
        }
    }
}

/// What one instruction loads, and another stores.
macro_rules! words {
    ($($word:ty, $load:ident: $ldr:literal, $copy:ident: $str:literal;)*) => { $(
        #[inline(always)]
        pub(super) unsafe fn $load(src: *const u8) -> $word {
            let word;
            // SAFETY: reads the bytes of the word.
            unsafe {
                asm!(
                    $ldr,
                    src = in(reg) src, word = out(reg) word,
                    options(nostack, preserves_flags),
                );
            }
            word
        }

        #[inline(always)]
        unsafe fn $copy(src: *const u8, dst: *mut u8) {
            // SAFETY: moves the bytes of the word.
            unsafe {
                asm!(
                    $str,
                    dst = in(reg) dst, word = in(reg) $load(src),
                    options(nostack, preserves_flags),
                );
            }
        }
    )* };
}

words! {
    u8, load_1: "ldrb {word:w}, [{src}]", copy_1: "strb {word:w}, [{dst}]";
    u16, load_2: "ldrh {word:w}, [{src}]", copy_2: "strh {word:w}, [{dst}]";
    u32, load_4: "ldr {word:w}, [{src}]", copy_4: "str {word:w}, [{dst}]";
    u64, load_8: "ldr {word}, [{src}]", copy_8: "str {word}, [{dst}]";
}

/// 16 to 32 bytes.
#[inline(always)]
unsafe fn copy_16_twice(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: moves the first and the last sixteen bytes.
    unsafe {
        asm!(
            "ldr {first:q}, [{src}]",
            "ldr {last:q}, [{src_last}]",
            "str {first:q}, [{dst}]",
            "str {last:q}, [{dst_last}]",
            src = in(reg) src, dst = in(reg) dst,
            src_last = in(reg) src.add(len - 16), dst_last = in(reg) dst.add(len - 16),
            first = out(vreg) _, last = out(vreg) _,
            options(nostack, preserves_flags),
        );
    }
}

/// 32 to 64 bytes.
#[inline(always)]
unsafe fn copy_32_twice(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: moves the first and the last thirty-two bytes.
    unsafe {
        asm!(
            "ldp {a:q}, {b:q}, [{src}]",
            "ldp {c:q}, {d:q}, [{src_last}]",
            "stp {a:q}, {b:q}, [{dst}]",
            "stp {c:q}, {d:q}, [{dst_last}]",
            src = in(reg) src, dst = in(reg) dst,
            src_last = in(reg) src.add(len - 32), dst_last = in(reg) dst.add(len - 32),
            a = out(vreg) _, b = out(vreg) _, c = out(vreg) _, d = out(vreg) _,
            options(nostack, preserves_flags),
        );
    }
}

/// 64 bytes and more. Not inlined: the call is nothing beside the loop.
unsafe fn copy_long(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: the loop moves 64 bytes while more than 64 are left; the last 64 bytes, which lie in
    // the range since it has that many, end it.
    unsafe {
        asm!(
            "cmp {left}, #64",
            "b.ls 3f",
            "2:",
            "ldp {a:q}, {b:q}, [{src}], #32",
            "ldp {c:q}, {d:q}, [{src}], #32",
            "stp {a:q}, {b:q}, [{dst}], #32",
            "stp {c:q}, {d:q}, [{dst}], #32",
            "sub {left}, {left}, #64",
            "cmp {left}, #64",
            "b.hi 2b",
            "3:",
            "ldp {a:q}, {b:q}, [{src_end}, #-64]",
            "ldp {c:q}, {d:q}, [{src_end}, #-32]",
            "stp {a:q}, {b:q}, [{dst_end}, #-64]",
            "stp {c:q}, {d:q}, [{dst_end}, #-32]",
            src = inout(reg) src => _, dst = inout(reg) dst => _, left = inout(reg) len => _,
            src_end = in(reg) src.add(len), dst_end = in(reg) dst.add(len),
            a = out(vreg) _, b = out(vreg) _, c = out(vreg) _, d = out(vreg) _,
            options(nostack),
        );
    }
}
