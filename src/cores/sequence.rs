//! A value that one writes and others read without ever seeing half of it: a sequence lock with a
//! 64-bit sequence in two 32-bit words.
//!
//! The sequence is twice the version of the value, plus one while it is being written. Two words,
//! because a read-only page allows no more than a relaxed 4-byte load on every processor, and because
//! 32 bits wrap in minutes: a reader suspended meanwhile would take a torn value for a whole one.
//!
//! Writer:
//!
//! 1. `lo` := low word, odd
//! 2. release fence: orders 1 before 3 and 4
//! 3. `hi` := high word
//! 4. write the value
//! 5. `lo` := low word, even; release: orders 3 and 4 before it
//!
//! Reader:
//!
//! 1. load `hi`; acquire fence; load `lo`; acquire fence: what was written before those is seen below.
//!    An odd `lo`, or a version that is not wanted, is not copied
//! 2. copy the value
//! 3. acquire fence: if 2 saw something of a later writing, 4 sees its odd `lo`, or a later one
//! 4. load `lo`; acquire fence; load `hi`; the copy is whole if both are as before and `lo` is even
//!
//! `hi` encloses `lo` on both sides: a reader that is suspended for 2³² versions between two loads of an
//! equal `lo` sees another `hi` before or after.
//!
//! This is Boehm, *Can seqlocks get along with programming language memory models?* (MSPC 2012), with
//! a second word. The writer that finds `lo` odd is the successor of one that died; it writes again.

use crate::cores::atomic::{AtomicU32, Ordering, fence};

/// The two words.
#[derive(Clone, Copy)]
pub(crate) struct Sequence<'a> {
    pub(crate) lo: &'a AtomicU32,
    pub(crate) hi: &'a AtomicU32,
}

impl Sequence<'_> {
    /// Steps 1 to 3: from here until [`end`](Self::end) no reader takes the value.
    #[inline]
    pub(crate) fn begin(self, version: u64) {
        let (lo, hi) = words(version);
        self.lo.store(lo | 1, Ordering::Relaxed);
        step!();
        fence(Ordering::Release);
        self.hi.store(hi, Ordering::Relaxed);
        step!();
    }

    /// Step 5: the value written since [`begin`](Self::begin) is that of this version.
    #[inline]
    pub(crate) fn end(self, version: u64) {
        self.lo.store(words(version).0, Ordering::Release);
    }

    /// Copies the value and tells its version; `None` if it was being written, or still is, or if its
    /// version is not wanted.
    #[inline]
    pub(crate) fn read<R>(
        self,
        is_wanted: impl FnOnce(u64) -> bool,
        copy: impl FnOnce() -> R,
    ) -> Option<(u64, R)> {
        let hi = self.hi.load(Ordering::Relaxed);
        fence(Ordering::Acquire);
        let lo = self.lo.load(Ordering::Relaxed);
        if lo & 1 != 0 || !is_wanted(version(lo, hi)) {
            return None;
        }
        fence(Ordering::Acquire);
        let value = copy();
        fence(Ordering::Acquire);
        let whole = self.lo.load(Ordering::Relaxed) == lo && {
            fence(Ordering::Acquire);
            self.hi.load(Ordering::Relaxed) == hi
        };
        whole.then(|| (version(lo, hi), value))
    }

    /// The version of the value, or of the one that is or was being written here.
    #[inline]
    pub(crate) fn version(self) -> u64 {
        version(
            self.lo.load(Ordering::Relaxed),
            self.hi.load(Ordering::Relaxed),
        )
    }
}

fn words(version: u64) -> (u32, u32) {
    let sequence = version << 1;
    (sequence as u32, (sequence >> 32) as u32)
}

fn version(lo: u32, hi: u32) -> u64 {
    (u64::from(hi) << 32 | u64::from(lo)) >> 1
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn versions_survive_the_carry_between_the_words() {
        for first in [0, (1 << 31) - 2, (1 << 32) - 2, (1 << 63) - 5] {
            let (lo, hi) = (AtomicU32::new(0), AtomicU32::new(0));
            let sequence = Sequence { lo: &lo, hi: &hi };
            for version in first..first + 4 {
                sequence.begin(version);
                assert_eq!(sequence.read(|_| true, || ()), None);
                assert_eq!(sequence.version(), version);
                sequence.end(version);
                assert_eq!(sequence.read(|_| true, || 7), Some((version, 7)));
                assert_eq!(sequence.read(|it| it != version, || 7), None);
            }
        }
    }

    #[test]
    fn a_value_written_during_the_copy_is_refused() {
        let (lo, hi) = (AtomicU32::new(0), AtomicU32::new(0));
        let sequence = Sequence { lo: &lo, hi: &hi };
        let write = || {
            sequence.begin(1);
            sequence.end(1);
        };
        let read = sequence.read(|_| true, write);
        assert_eq!(read, None);
    }
}
