//! How a writer knows whom to wake, at the price of one load where nobody waits.
//!
//! One word, a bit for each waiter. A waiter sets its bit, looks once more whether there is something
//! new, and waits for its own event. The writer makes its value visible, takes all bits, and sets the
//! events they stand for. Between the two steps on each side stands a sequentially consistent fence, so
//! at least one of the two sees what the other did first: either the waiter sees the value, or the
//! writer sees the bit.
//!
//! A bit is not a count: one left by a waiter that was killed costs the writer one event in vain.

use core::time::Duration;

use crate::cores::atomic::{AtomicU32, Ordering, compiler_fence, fence};

/// The most that can wait at once with an event each.
pub(crate) const WAITERS: u32 = u32::BITS;

/// Waiter: calls `wait`, unless `is_done` once the writer was told.
pub(crate) fn wait<R>(
    armed: &AtomicU32,
    waiter: u32,
    is_done: impl FnOnce() -> bool,
    wait: impl FnOnce() -> R,
) -> Option<R> {
    step!();
    arm(armed, waiter);
    step!();
    let waited = if is_done() { None } else { Some(wait()) };
    step!();
    disarm(armed, waiter);
    waited
}

/// Waiter, that then looks and waits for its event.
pub(crate) fn arm(armed: &AtomicU32, waiter: u32) {
    armed.fetch_or(1 << waiter, Ordering::Relaxed);
    fence(Ordering::SeqCst);
}

/// Waiter, that no longer waits.
pub(crate) fn disarm(armed: &AtomicU32, waiter: u32) {
    armed.fetch_and(!(1 << waiter), Ordering::Relaxed);
}

/// Writer, after its value is visible: the waiters to wake, of which it now is the only one to know.
#[inline]
pub(crate) fn take(armed: &AtomicU32) -> u32 {
    fence(Ordering::SeqCst);
    take_fenced(armed)
}

/// As [`take`], for a writer that has exchanged another word since it stored its value: it has unlocked.
///
/// Each exchange of an x86 is a full barrier, also for what comes before and after it, and one more would cost as
/// much as that exchange. `crossbeam-epoch` relies on the same. Elsewhere, and under loom, this is [`take`].
#[inline]
pub(crate) fn take_after_exchange(armed: &AtomicU32) -> u32 {
    fence_unless_x86();
    take_fenced(armed)
}

/// As [`take`], for waiters that look for [`SETTLES`] after they have armed.
///
/// The fence of [`take`] makes the writer wait until its stores have left the processor's store buffer. While another
/// processor looks at what is stored, that takes three times as long as the rest of a message. Without it the word may
/// be loaded before the stores are visible, and a waiter that arms in between, and has looked before they are, is not
/// seen. But stores that have retired leave the buffer in order and by themselves: neither an interrupt nor an
/// instruction holds them up, only the transfers of their cache lines, many of which are on their way at a time. So the
/// waiter sees the value while it looks, whatever the program has stored before. No constant bounds how long a transfer
/// may take on a machine whose memory is congested. If all of them ever took longer, the waiter would wait for one slice
/// of its wait in vain, as for a writer that is killed at this step. Elsewhere than on x86, and under loom, this is
/// [`take`].
#[inline]
pub(crate) fn take_without_fence(armed: &AtomicU32) -> u32 {
    fence_unless_x86();
    take_fenced(armed)
}

/// See [`take_without_fence`]. A store buffer has about a hundred entries. When each of them misses all caches, the last
/// one is visible after 0.7 µs in all but one of a thousand cases, and after 2 µs in all (Zen 5).
pub(crate) const SETTLES: Duration = if IS_X86 {
    Duration::from_micros(10)
} else {
    Duration::ZERO
};

const IS_X86: bool = cfg!(all(
    any(target_arch = "x86", target_arch = "x86_64"),
    not(any(loom, miri))
));

#[inline]
fn fence_unless_x86() {
    if IS_X86 {
        compiler_fence(Ordering::SeqCst);
    } else {
        fence(Ordering::SeqCst);
    }
}

#[inline]
fn take_fenced(armed: &AtomicU32) -> u32 {
    if armed.load(Ordering::Relaxed) == 0 {
        return 0;
    }
    armed.swap(0, Ordering::Relaxed)
}
