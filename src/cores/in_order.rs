//! Versions in slots that rotate, read one after the other.
//!
//! The slots are those of a snapshot: version *v* is in slot *v* mod *n*, under its [`Sequence`], and `latest` is the
//! low word of the last version. Here the versions have no gaps, so a reader that was overtaken knows exactly how many
//! it has missed.
//!
//! Writer, one at a time, which begins with the version after `latest`, whatever its predecessor has left:
//!
//! 1. write the value of version *v* in its slot, as `sequence` says
//! 2. `latest` := low word of *v*; release: orders 1 before it
//!
//! A version that a dead writer has begun, or even finished without step 2, was read by nobody: its successor uses the
//! number again.
//!
//! Reader that has received all versions up to `seen`:
//!
//! 1. load `latest`; acquire fence: the versions up to it are seen below, or what has replaced them
//! 2. if it is the low word of `seen`, there is nothing, unless the slot of `latest` holds a whole version above `seen`
//!    with the same low word: 2³² versions, or a multiple of them, have passed
//! 3. otherwise there are `latest` - `seen` versions to come, modulo 2³². If that is at most *n*, read the slot of
//!    `seen` + 1. If it holds exactly that version, before the copy and after it, that is the next value
//! 4. otherwise `seen` + 1 has been overwritten, or is being overwritten. Load `latest` again, and pass over all
//!    versions but the last three quarters of *n*, so that there is time to copy one of those
//!
//! A reader that is suspended for 2³² versions takes the difference in 3 for smaller than it is, by a multiple of 2³².
//! Then it passes over the rest in further calls: what it adds to `seen` is always what it tells, and no value is taken
//! whose 64-bit version is not exactly the next.

use crate::cores::atomic::{AtomicU32, Ordering, fence};
use crate::cores::sequence::Sequence;

/// The words of what is read.
pub(crate) trait Slots {
    /// How many slots there are: a power of two, at least [`LEAST`].
    fn count(&self) -> u32;
    fn latest(&self) -> &AtomicU32;
    fn sequence(&self, slot: u32) -> Sequence<'_>;

    fn slot_of(&self, version: u64) -> u32 {
        version as u32 & (self.count() - 1)
    }
}

/// With fewer slots, a reader that passes over what it has missed would have no time to copy what is left.
pub(crate) const LEAST: u32 = 4;

/// What a reader finds after what it has seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Next<R> {
    /// The value of the next version.
    Value(R),
    /// That so many versions were overwritten before they were read.
    Lagged(u64),
}

/// Copies the value after `seen`, which goes on by what is returned; `None` if there is none yet. It takes a bounded
/// number of steps whatever the words are.
#[inline]
pub(crate) fn next<R>(
    slots: &impl Slots,
    seen: &mut u64,
    copy: impl FnOnce(u32) -> R,
) -> Option<Next<R>> {
    let ahead = match ahead(slots, *seen) {
        0 => {
            let laps = laps(slots, *seen)?;
            return Some(pass_over(slots, seen, laps));
        }
        ahead => ahead,
    };
    if ahead <= slots.count() {
        let wanted = seen.wrapping_add(1);
        let slot = slots.slot_of(wanted);
        let read = slots.sequence(slot).read(|it| it == wanted, || copy(slot));
        if let Some((version, value)) = read {
            *seen = version;
            return Some(Next::Value(value));
        }
    }
    let ahead = self::ahead(slots, *seen);
    Some(pass_over(slots, seen, ahead.into()))
}

/// Whether [`next`] would return something now.
#[inline]
pub(crate) fn has_next(slots: &impl Slots, seen: u64) -> bool {
    ahead(slots, seen) != 0 || laps(slots, seen).is_some()
}

/// The last version, for one that begins to read, or to write; 0 if there is none yet. Fails if the words change
/// meanwhile, or were damaged.
pub(crate) fn last(slots: &impl Slots) -> Result<u64, Unsettled> {
    let latest = slots.latest().load(Ordering::Relaxed);
    fence(Ordering::Acquire);
    let slot = slots.slot_of(latest.into());
    let is_latest = |version: u64| version as u32 == latest;
    match slots.sequence(slot).read(is_latest, || ()) {
        // A version that was finished and not published may have the same low word, 2³² versions later.
        Some((version, ())) if slots.latest().load(Ordering::Relaxed) == latest => Ok(version),
        // Where no version was published, the first is not in this slot.
        _ => Err(Unsettled),
    }
}

/// The last version cannot be told: try again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Unsettled;

/// What a reader sees that begins with the oldest version that is kept, if `first` is the number before the first one.
pub(crate) fn before_oldest(slots: &impl Slots, last: u64, first: u64) -> u64 {
    let kept = u64::from(slots.count()) - 1;
    last.saturating_sub(kept).max(first)
}

/// How many versions there are after `seen`, modulo 2³².
#[inline]
fn ahead(slots: &impl Slots, seen: u64) -> u32 {
    let latest = slots.latest().load(Ordering::Relaxed);
    fence(Ordering::Acquire);
    latest.wrapping_sub(seen as u32)
}

/// Where `latest` is the low word of `seen`: by how many versions it is ahead nevertheless.
fn laps(slots: &impl Slots, seen: u64) -> Option<u64> {
    let is_later = |version: u64| version > seen && version as u32 == seen as u32;
    let slot = slots.slot_of(seen);
    let (version, ()) = slots.sequence(slot).read(is_later, || ())?;
    Some(version - seen)
}

/// Passes over what is overwritten, or soon will be.
#[cold]
fn pass_over<R>(slots: &impl Slots, seen: &mut u64, ahead: u64) -> Next<R> {
    let count = slots.count();
    let going_on_with = u64::from(count - (count / 4).max(2));
    let missed = ahead.saturating_sub(going_on_with).max(1);
    *seen = seen.wrapping_add(missed);
    Next::Lagged(missed)
}
