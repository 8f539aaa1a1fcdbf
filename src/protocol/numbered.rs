//! A payload whose versions have no gaps, so that each is read once and in order.

use std::hint;

use crate::access::ReadWrite;
use crate::cores::atomic::AtomicU32;
use crate::cores::in_order::{self, Slots, Unsettled};
use crate::cores::sequence::Sequence;
use crate::protocol::payload::{ATTEMPTS, Payload, VERSIONS};
use crate::protocol::unread::Unread;

impl<A> Slots for Payload<A> {
    #[inline]
    fn count(&self) -> u32 {
        self.history() + 1
    }

    #[inline]
    fn latest(&self) -> &AtomicU32 {
        self.latest()
    }

    #[inline]
    fn sequence(&self, slot: u32) -> Sequence<'_> {
        self.sequence(slot)
    }
}

impl<A> Payload<A> {
    /// The version of the value published last; `least` if there is none.
    pub(crate) fn last_version(&self, least: u64) -> Result<u64, Unread> {
        for _ in 0..ATTEMPTS {
            match in_order::last(self) {
                Ok(version) => return Ok(version.max(least)),
                Err(Unsettled) => hint::spin_loop(),
            }
        }
        Err(Unread::Damaged)
    }
}

impl Payload<ReadWrite> {
    /// The version for a writer to go on from: that of the value published last, or `least` if there is none. If the
    /// region was damaged, it is above all that is there.
    pub(crate) fn last_version_or(&self, least: u64) -> u64 {
        match in_order::last(self) {
            Ok(version) if version < VERSIONS => version.max(least),
            _ => self.version_to_go_on_from(least),
        }
    }
}
