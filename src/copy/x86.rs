//! SSE2 and AVX loops, `rep movsb` for what does not fit the first cache, and stores past the caches
//! for what does not fit any.
//!
//! Sizes up to 128 bytes are moved by loads that together cover the range, overlapping in the
//! middle, then stores: no loop and no branch on the alignment. Longer ones first move the bytes up
//! to the destination's next vector boundary, then whole blocks, then the last block, overlapping
//! what is done already.
//!
//! `rep movsb` alone would be simpler, but is fast only with an aligned destination: 3 bytes off it
//! is 16 to 31 times slower at 64 B to 2 KiB. And where the source is up to 63 bytes behind the
//! destination, modulo the page, it is no faster than a loop.
//!
//! # Safety
//!
//! Each function here requires what [`super::copy`] does, for as many bytes as its name says; with a `len`, for that
//! many, which are in the range that its comment says.

use core::arch::asm;

/// From this many bytes on, the AVX loop wins back what finding out about it costs.
const AVX_FROM: usize = 256;

/// From this many bytes on, `rep movsb` wins where the processor says that it is good at it (ERMS): it
/// need not read the destination's cache lines.
const STRING_FROM: usize = 32 << 10;

/// From this many bytes on, stores past the caches win.
const STREAM_FROM: usize = 16 << 20;

/// # Safety
///
/// That of [`super::copy`].
#[inline]
pub(super) unsafe fn copy(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: each arm is given a length in the range it asks for; the rest is this function's
    // contract. A typed access has a constant length, so the arms not taken are not compiled.
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
            5..=7 => copy_4_twice(src, dst, len),
            8 => copy_8(src, dst),
            9..=15 => copy_8_twice(src, dst, len),
            16 => copy_16(src, dst),
            17..=32 => copy_16_twice(src, dst, len),
            33..=64 => copy_32_twice(src, dst, len),
            65..=128 => copy_64_twice(src, dst, len),
            _ => copy_long(src, dst, len),
        }
    }
}

/// What one instruction loads, and another stores.
macro_rules! words {
    ($($word:ty, $register:ident, $load:ident: $from:literal, $copy:ident: $to:literal;)*) => { $(
        #[inline(always)]
        pub(super) unsafe fn $load(src: *const u8) -> $word {
            let word;
            // SAFETY: reads the bytes of the word.
            unsafe {
                asm!(
                    $from,
                    src = in(reg) src, word = out($register) word,
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
                    $to,
                    dst = in(reg) dst, word = in($register) $load(src),
                    options(nostack, preserves_flags),
                );
            }
        }
    )* };
}

#[rustfmt::skip]
words! {
    u8, reg_byte, load_1: "mov {word}, byte ptr [{src}]", copy_1: "mov byte ptr [{dst}], {word}";
    u16, reg, load_2: "movzx {word:e}, word ptr [{src}]", copy_2: "mov word ptr [{dst}], {word:x}";
    u32, reg, load_4: "mov {word:e}, dword ptr [{src}]", copy_4: "mov dword ptr [{dst}], {word:e}";
    u64, xmm_reg, load_8: "movq {word}, qword ptr [{src}]", copy_8: "movq qword ptr [{dst}], {word}";
}

/// 4 to 8 bytes.
#[inline(always)]
unsafe fn copy_4_twice(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: moves the first four and the last four bytes.
    unsafe {
        asm!(
            "mov {first:e}, dword ptr [{src}]",
            "mov {last:e}, dword ptr [{src} + {len} - 4]",
            "mov dword ptr [{dst}], {first:e}",
            "mov dword ptr [{dst} + {len} - 4], {last:e}",
            src = in(reg) src, dst = in(reg) dst, len = in(reg) len,
            first = out(reg) _, last = out(reg) _,
            options(nostack, preserves_flags),
        );
    }
}

/// 8 to 16 bytes.
#[inline(always)]
unsafe fn copy_8_twice(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: moves the first eight and the last eight bytes.
    unsafe {
        asm!(
            "movq {first}, qword ptr [{src}]",
            "movq {last}, qword ptr [{src} + {len} - 8]",
            "movq qword ptr [{dst}], {first}",
            "movq qword ptr [{dst} + {len} - 8], {last}",
            src = in(reg) src, dst = in(reg) dst, len = in(reg) len,
            first = out(xmm_reg) _, last = out(xmm_reg) _,
            options(nostack, preserves_flags),
        );
    }
}

#[inline(always)]
unsafe fn copy_16(src: *const u8, dst: *mut u8) {
    // SAFETY: moves the sixteen bytes.
    unsafe {
        asm!(
            "movups {x}, [{src}]",
            "movups [{dst}], {x}",
            src = in(reg) src, dst = in(reg) dst, x = out(xmm_reg) _,
            options(nostack, preserves_flags),
        );
    }
}

/// 16 to 32 bytes.
#[inline(always)]
unsafe fn copy_16_twice(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: moves the first and the last sixteen bytes.
    unsafe {
        asm!(
            "movups {first}, [{src}]",
            "movups {last}, [{src} + {len} - 16]",
            "movups [{dst}], {first}",
            "movups [{dst} + {len} - 16], {last}",
            src = in(reg) src, dst = in(reg) dst, len = in(reg) len,
            first = out(xmm_reg) _, last = out(xmm_reg) _,
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
            "movups {a}, [{src}]",
            "movups {b}, [{src} + 16]",
            "movups {c}, [{src} + {len} - 32]",
            "movups {d}, [{src} + {len} - 16]",
            "movups [{dst}], {a}",
            "movups [{dst} + 16], {b}",
            "movups [{dst} + {len} - 32], {c}",
            "movups [{dst} + {len} - 16], {d}",
            src = in(reg) src, dst = in(reg) dst, len = in(reg) len,
            a = out(xmm_reg) _, b = out(xmm_reg) _, c = out(xmm_reg) _, d = out(xmm_reg) _,
            options(nostack, preserves_flags),
        );
    }
}

/// 64 to 128 bytes.
#[inline(always)]
unsafe fn copy_64_twice(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: moves the first and the last sixty-four bytes.
    unsafe {
        asm!(
            "movups xmm0, [{src}]",
            "movups xmm1, [{src} + 16]",
            "movups xmm2, [{src} + 32]",
            "movups xmm3, [{src} + 48]",
            "movups xmm4, [{src} + {len} - 64]",
            "movups xmm5, [{src} + {len} - 48]",
            "movups xmm6, [{src} + {len} - 32]",
            "movups xmm7, [{src} + {len} - 16]",
            "movups [{dst}], xmm0",
            "movups [{dst} + 16], xmm1",
            "movups [{dst} + 32], xmm2",
            "movups [{dst} + 48], xmm3",
            "movups [{dst} + {len} - 64], xmm4",
            "movups [{dst} + {len} - 48], xmm5",
            "movups [{dst} + {len} - 32], xmm6",
            "movups [{dst} + {len} - 16], xmm7",
            src = in(reg) src, dst = in(reg) dst, len = in(reg) len,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            options(nostack, preserves_flags),
        );
    }
}

/// More than 128 bytes. Not inlined, nor are the functions that use AVX: a caller compiled for AVX
/// expects the upper halves of its registers to survive everything but a call, and `vzeroupper` clears
/// all of them.
#[inline(never)]
unsafe fn copy_long(src: *const u8, dst: *mut u8, len: usize) {
    let has_avx = || std::arch::is_x86_feature_detected!("avx");
    // SAFETY: what takes AVX is called only where the processor has it; the lengths are as each asks.
    unsafe {
        if len >= STREAM_FROM && has_avx() {
            copy_streaming(src, dst, len);
        } else if len >= STRING_FROM && std::arch::is_x86_feature_detected!("ermsb") {
            copy_string(src, dst, len);
        } else if len >= AVX_FROM && has_avx() {
            copy_avx(src, dst, len);
        } else {
            copy_sse(src, dst, len);
        }
    }
}

/// 64 bytes and more.
unsafe fn copy_sse(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: the first vector moves 16 bytes, of which 1 to 16 are skipped so that `dst` is
    // aligned; the loop moves 64 bytes while more than 64 are left; the last 64 bytes, which lie in
    // the range since it has that many, end it.
    unsafe {
        asm!(
            "movups {a}, [{src}]",
            "movups [{dst}], {a}",
            "lea {end}, [{src} + {left}]",
            // To the boundary: 16 - dst % 16.
            "mov {skip}, {dst}",
            "and {skip}, 15",
            "sub {skip}, 16",
            "sub {src}, {skip}",
            "sub {dst}, {skip}",
            "add {left}, {skip}",
            "cmp {left}, 64",
            "jbe 3f",
            ".p2align 4",
            "2:",
            "movups {a}, [{src}]",
            "movups {b}, [{src} + 16]",
            "movups {c}, [{src} + 32]",
            "movups {d}, [{src} + 48]",
            "movaps [{dst}], {a}",
            "movaps [{dst} + 16], {b}",
            "movaps [{dst} + 32], {c}",
            "movaps [{dst} + 48], {d}",
            "add {src}, 64",
            "add {dst}, 64",
            "sub {left}, 64",
            "cmp {left}, 64",
            "ja 2b",
            "3:",
            "movups {a}, [{end} - 64]",
            "movups {b}, [{end} - 48]",
            "movups {c}, [{end} - 32]",
            "movups {d}, [{end} - 16]",
            "movups [{dst} + {left} - 64], {a}",
            "movups [{dst} + {left} - 48], {b}",
            "movups [{dst} + {left} - 32], {c}",
            "movups [{dst} + {left} - 16], {d}",
            src = inout(reg) src => _, dst = inout(reg) dst => _, left = inout(reg) len => _,
            end = out(reg) _, skip = out(reg) _,
            a = out(xmm_reg) _, b = out(xmm_reg) _, c = out(xmm_reg) _, d = out(xmm_reg) _,
            options(nostack),
        );
    }
}

/// 128 bytes and more, on a processor with AVX.
#[inline(never)]
unsafe fn copy_avx(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: the first vector moves 32 bytes, of which 1 to 32 are skipped so that `dst` is
    // aligned; the loop moves 128 bytes while more than 128 are left; the last 128 bytes, which lie
    // in the range since it has that many, end it. The upper halves of the registers are clean
    // afterwards, as code compiled for SSE expects.
    unsafe {
        asm!(
            "vmovups ymm0, [{src}]",
            "vmovups [{dst}], ymm0",
            "lea {end}, [{src} + {left}]",
            // To the boundary: 32 - dst % 32.
            "mov {skip}, {dst}",
            "and {skip}, 31",
            "sub {skip}, 32",
            "sub {src}, {skip}",
            "sub {dst}, {skip}",
            "add {left}, {skip}",
            "cmp {left}, 128",
            "jbe 3f",
            ".p2align 4",
            "2:",
            "vmovups ymm0, [{src}]",
            "vmovups ymm1, [{src} + 32]",
            "vmovups ymm2, [{src} + 64]",
            "vmovups ymm3, [{src} + 96]",
            "vmovaps [{dst}], ymm0",
            "vmovaps [{dst} + 32], ymm1",
            "vmovaps [{dst} + 64], ymm2",
            "vmovaps [{dst} + 96], ymm3",
            "sub {src}, -128",
            "sub {dst}, -128",
            "add {left}, -128",
            "cmp {left}, 128",
            "ja 2b",
            "3:",
            "vmovups ymm0, [{end} - 128]",
            "vmovups ymm1, [{end} - 96]",
            "vmovups ymm2, [{end} - 64]",
            "vmovups ymm3, [{end} - 32]",
            "vmovups [{dst} + {left} - 128], ymm0",
            "vmovups [{dst} + {left} - 96], ymm1",
            "vmovups [{dst} + {left} - 64], ymm2",
            "vmovups [{dst} + {left} - 32], ymm3",
            "vzeroupper",
            src = inout(reg) src => _, dst = inout(reg) dst => _, left = inout(reg) len => _,
            end = out(reg) _, skip = out(reg) _,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            options(nostack),
        );
    }
}

/// 64 bytes and more.
unsafe fn copy_string(src: *const u8, dst: *mut u8, len: usize) {
    let to_boundary = dst.align_offset(64).min(len);
    // SAFETY: both parts lie in the ranges. The direction flag is clear, as `asm!` guarantees.
    unsafe {
        copy(src, dst, to_boundary);
        rep_movsb(
            src.add(to_boundary),
            dst.add(to_boundary),
            len - to_boundary,
        );
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn rep_movsb(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: moves `len` bytes upwards.
    unsafe {
        asm!(
            "rep movsb",
            inout("rsi") src => _, inout("rdi") dst => _, inout("rcx") len => _,
            options(nostack, preserves_flags),
        );
    }
}

#[cfg(target_arch = "x86")]
#[inline(always)]
unsafe fn rep_movsb(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: moves `len` bytes upwards. LLVM keeps `esi` for itself, so it is exchanged for the
    // time of the instruction and given back.
    unsafe {
        asm!(
            "xchg esi, {src}",
            "rep movsb",
            "mov esi, {src}",
            src = inout(reg) src => _, inout("edi") dst => _, inout("ecx") len => _,
            options(nostack, preserves_flags),
        );
    }
}

/// 192 bytes and more, on a processor with AVX.
unsafe fn copy_streaming(src: *const u8, dst: *mut u8, len: usize) {
    let head = dst.align_offset(64);
    let tail = (len - head) % 128;
    let blocks = len - head - tail;
    // SAFETY: the three parts are the ranges. The middle one is made of whole blocks, at least one,
    // and its destination is aligned.
    unsafe {
        copy(src, dst, head);
        let (src, dst) = (src.add(head), dst.add(head));
        stream(src, dst, blocks);
        copy(src.add(blocks), dst.add(blocks), tail);
    }
}

/// One or more blocks of 128 bytes, to a multiple of 32, on a processor with AVX.
///
/// Stores past the caches may overtake others and be overtaken. The fences make them keep their
/// place, as all stores of the processor do that a protocol relies on.
#[inline(never)]
unsafe fn stream(src: *const u8, dst: *mut u8, len: usize) {
    // SAFETY: the loop moves 128 bytes until none are left. The upper halves of the registers are
    // clean afterwards.
    unsafe {
        asm!(
            "sfence",
            ".p2align 4",
            "2:",
            "vmovups ymm0, [{src}]",
            "vmovups ymm1, [{src} + 32]",
            "vmovups ymm2, [{src} + 64]",
            "vmovups ymm3, [{src} + 96]",
            "vmovntps [{dst}], ymm0",
            "vmovntps [{dst} + 32], ymm1",
            "vmovntps [{dst} + 64], ymm2",
            "vmovntps [{dst} + 96], ymm3",
            "sub {src}, -128",
            "sub {dst}, -128",
            "add {left}, -128",
            "jnz 2b",
            "sfence",
            "vzeroupper",
            src = inout(reg) src => _, dst = inout(reg) dst => _, left = inout(reg) len => _,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            options(nostack),
        );
    }
}
