//! Which process is at an end of a channel: the receiver's, or that of the sender of a lane.
//!
//! An end is four words: the process id, 0 if nobody is there; *joins*, odd while somebody comes; and the time
//! at which the process began, low and high.
//!
//! To join, under the companion mutex, if nobody is there or the process that is recorded has ended:
//!
//! 1. *joins* := the next odd number, the same if one that died at this left it odd
//! 2. store the time, and then the process id; release
//! 3. *joins* := the next even number; release
//!
//! To leave: process id := 0; release: orders all that was sent or taken before it.
//!
//! The id of one that has ended stays until 2, so an end changes from *ended* to *joined* without a moment in
//! which it seems to have been left. In 2 a look may join the id of one process and the time of the other.
//! There is no such process, so the look finds that it has ended. So had the last one, and nobody
//! takes an end without the mutex, under which no such look is possible unless whoever joined has died.

use crate::cores::atomic::{AtomicU32, Ordering};
use crate::data::identity::ProcessIdentity;

/// Words of an end.
pub(crate) const END: usize = 4;

#[derive(Clone, Copy)]
pub(crate) struct End<'a>(pub(crate) &'a [AtomicU32; END]);

/// What an end says of itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Holder {
    /// Nobody has been there.
    Never,
    /// Whoever was there has left.
    Left,
    /// This process is there, unless it has ended.
    Process(ProcessIdentity),
}

/// Whether somebody has been at one of these ends, and each who has been at one has left. If so, what they have sent or
/// taken is seen.
pub(crate) fn have_all_left<'a>(mut ends: impl Iterator<Item = End<'a>>) -> bool {
    let mut any = false;
    ends.all(|end| {
        let has_left = end.is_left();
        any |= has_left;
        has_left || !end.has_been_joined()
    }) && any
}

impl End<'_> {
    /// Joins. The caller holds the companion mutex, and nobody is there.
    pub(crate) fn join(self, process: ProcessIdentity) {
        let [id, joins, low, high] = self.0;
        let odd = joins.load(Ordering::Relaxed) | 1;
        joins.store(odd, Ordering::Relaxed);
        step!();
        low.store(process.created as u32, Ordering::Relaxed);
        step!();
        high.store((process.created >> 32) as u32, Ordering::Relaxed);
        step!();
        id.store(process.id, Ordering::Release);
        step!();
        // Not 0, which is that nobody has been there.
        joins.store(odd.wrapping_add(1).max(2), Ordering::Release);
        step!();
    }

    pub(crate) fn leave(self) {
        self.0[0].store(0, Ordering::Release);
    }

    /// How often somebody has joined, to tell one from the next.
    pub(crate) fn joins(self) -> u32 {
        self.0[1].load(Ordering::Relaxed)
    }

    /// Whether somebody has been there.
    pub(crate) fn has_been_joined(self) -> bool {
        self.joins() >= 2
    }

    /// Whether whoever was there has left, and nobody is about to join. If so, what it has sent or taken is seen.
    #[inline]
    pub(crate) fn is_left(self) -> bool {
        let [id, joins, ..] = self.0;
        if id.load(Ordering::Acquire) != 0 {
            return false;
        }
        let joins = joins.load(Ordering::Relaxed);
        joins >= 2 && joins % 2 == 0
    }

    /// What the end says of itself.
    pub(crate) fn holder(self) -> Holder {
        let [id, joins, low, high] = self.0;
        let joins = joins.load(Ordering::Acquire);
        match id.load(Ordering::Acquire) {
            0 if joins < 2 => Holder::Never,
            0 => Holder::Left,
            id => {
                let [low, high] = [low, high].map(|it| u64::from(it.load(Ordering::Relaxed)));
                let created = high << 32 | low;
                Holder::Process(ProcessIdentity { id, created })
            }
        }
    }
}
