//! How a subscriber reads every value, and not the last one only.

use std::time::Duration;

use super::Subscriber;
use crate::access::ReadOnly;
use crate::cores::atomic::{Ordering, fence};
use crate::cores::in_order::{self, Next};
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::protocol::generation::first_version;
use crate::protocol::payload::Payload;
use crate::sync::Armed;
use crate::sync::armed::SLICE;
use crate::sync::process::Liveness;

impl Subscriber {
    /// Goes on after the last value that there is.
    pub(crate) fn go_to_end(&mut self) -> Result<(), SharedMemoryError> {
        self.seen = self.last_version()?;
        Ok(())
    }

    /// Goes on with the oldest value that is kept.
    pub(crate) fn rewind(&mut self) -> Result<(), SharedMemoryError> {
        let last = self.last_version()?;
        self.seen = in_order::before_oldest(self.payload(), last, self.first_version());
        Ok(())
    }

    pub(crate) fn history(&self) -> u32 {
        self.payload().history()
    }

    /// Copies the value after the one seen, which is seen then; `None` if there is none yet. What a writer has left in
    /// the payload of an earlier generation comes first.
    #[inline]
    pub(crate) fn read_next<R>(
        &mut self,
        mut copy: impl FnMut(&Payload<ReadOnly>, u32) -> R,
    ) -> Result<Option<Next<R>>, SharedMemoryError> {
        let is_last = self.is_attached();
        // If another writer has registered, what the one before it has published is seen below, and there comes no more.
        fence(Ordering::Acquire);
        let next = self.next_in_payload(&mut copy);
        if next.is_some() || is_last || !self.follow()? {
            return Ok(next);
        }
        Ok(self.next_in_payload(&mut copy))
    }

    /// As [`read_next`](Self::read_next), but waits for a value up to `timeout`.
    pub(crate) fn read_next_within<R>(
        &mut self,
        timeout: Duration,
        mut copy: impl FnMut(&Payload<ReadOnly>, u32) -> R,
    ) -> Result<Option<Next<R>>, SharedMemoryError> {
        let mut timeout = Timeout::new(timeout);
        loop {
            let next = self.read_next(&mut copy)?;
            if next.is_some() {
                return Ok(next);
            }
            let left = timeout.left();
            if left.is_zero() || !self.wait_next(left)? {
                return Ok(None);
            }
        }
    }

    /// As [`read_next`](Self::read_next), but waits for a value as long as there is a writer.
    pub(crate) fn read_next_of_writer<R>(
        &mut self,
        mut copy: impl FnMut(&Payload<ReadOnly>, u32) -> R,
    ) -> Result<Next<R>, SharedMemoryError> {
        let mut is_gone = false;
        loop {
            if let Some(next) = self.read_next(&mut copy)? {
                return Ok(next);
            }
            if is_gone {
                let name = self.names.name.to_string();
                return Err(SharedMemoryError::Disconnected { name });
            }
            // After it has gone there may be a last value.
            is_gone = !self.wait_next(SLICE)? && self.writer_liveness() == Liveness::Gone;
        }
    }

    pub(crate) fn wait_next(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        self.wait_until(timeout, in_order::has_next, Self::has_next)
    }

    /// What to wait for until there is a next value; `None` if there is.
    pub(crate) fn arm_next(&mut self) -> Result<Option<Armed<'_>>, SharedMemoryError> {
        self.arm_until(Self::has_next)
    }

    fn has_next(&mut self) -> Result<bool, SharedMemoryError> {
        let is_last = self.is_attached();
        fence(Ordering::Acquire);
        let has = |this: &Self| in_order::has_next(this.payload(), this.seen);
        Ok(has(self) || !is_last && self.follow()? && has(self))
    }

    #[inline]
    fn next_in_payload<R>(
        &mut self,
        copy: &mut impl FnMut(&Payload<ReadOnly>, u32) -> R,
    ) -> Option<Next<R>> {
        let payload = &self.attached.payload;
        in_order::next(payload, &mut self.seen, |slot| copy(payload, slot))
    }

    /// Attaches to the payload of the next generation, before its first value; tells whether there is one.
    #[cold]
    fn follow(&mut self) -> Result<bool, SharedMemoryError> {
        let is_another = self.attach_again()?;
        if is_another {
            self.seen = self.first_version();
        }
        Ok(is_another)
    }

    fn first_version(&self) -> u64 {
        first_version(self.attached.generation)
    }

    fn last_version(&self) -> Result<u64, SharedMemoryError> {
        self.payload()
            .last_version(self.first_version())
            .map_err(|unread| unread.into_error(&self.names.name))
    }
}
