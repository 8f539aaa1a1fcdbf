//! How a subscriber reads every value, and not the last one only.

use std::time::Duration;

use super::Subscriber;
use crate::access::ReadOnly;
use crate::cores::atomic::{Ordering, fence};
use crate::cores::in_order::{self, Next};
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::protocol::directory::Directory;
use crate::protocol::generation::first_version;
use crate::protocol::payload::Payload;
use crate::protocol::token;
use crate::sync::Armed;
use crate::sync::process::Liveness;
use crate::sys::clock;

/// How often the system is asked whether the writer lives. Half of [`SLICE`](crate::sync::armed::SLICE), so that one that waits asks each time it
/// looks, although the clock goes on by ticks.
const LOOK: Duration = Duration::from_millis(25);

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

    /// Goes on with the first value of the payload, if nothing of it was read.
    pub(crate) fn begin_in_order(&mut self) {
        self.seen = self.seen.max(self.first_version());
    }

    pub(crate) fn history(&self) -> u32 {
        self.payload().history()
    }

    /// Copies the value after the one seen, which is seen then; `None` if there is none yet. What a writer has left in
    /// the payload of an earlier generation comes first. Fails if there is none and the writer has gone.
    #[inline]
    pub(crate) fn read_next<R>(
        &mut self,
        mut copy: impl FnMut(&Payload<ReadOnly>, u32) -> R,
    ) -> Result<Option<Next<R>>, SharedMemoryError> {
        let next = self.find_next(&mut copy)?;
        if next.is_some() || !self.has_writer_gone() {
            return Ok(next);
        }
        // What it has published before is seen now.
        let next = self.find_next(&mut copy)?;
        next.map(Some).ok_or_else(|| self.disconnected())
    }

    #[inline]
    fn find_next<R>(
        &mut self,
        copy: &mut impl FnMut(&Payload<ReadOnly>, u32) -> R,
    ) -> Result<Option<Next<R>>, SharedMemoryError> {
        let is_last = self.is_attached();
        // If another writer has registered, what the one before it has published is seen below, and there comes no more.
        fence(Ordering::Acquire);
        let next = self.next_in_payload(copy);
        if next.is_some() || is_last || !self.follow()? {
            return Ok(next);
        }
        Ok(self.next_in_payload(copy))
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
        loop {
            if let Some(next) = self.read_next_within(Duration::MAX, &mut copy)? {
                return Ok(next);
            }
        }
    }

    /// Waits up to `timeout` until there is a next value. Fails if there is none and the writer has gone.
    pub(crate) fn wait_next(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        let may_have = |directory: &Directory<_>, payload: &_, seen| {
            in_order::has_next(payload, seen) || directory.is_unregistered()
        };
        self.wait_until(timeout, may_have, Self::has_next_while_written)
    }

    /// What to wait for until there is a next value, or the writer has gone; `None` if either is so.
    pub(crate) fn arm_next(&mut self) -> Result<Option<Armed<'_>>, SharedMemoryError> {
        self.arm_until(|this| match this.has_next_while_written() {
            Err(error) if error.is_disconnected() => Ok(true),
            has => has,
        })
    }

    /// Waits up to `timeout` until there is a writer, or a next value.
    pub(crate) fn wait_for_writer(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        let mut timeout = Timeout::new(timeout);
        loop {
            let before = self.directory.sequence();
            if self.has_next()? || self.writer_liveness() != Liveness::Gone {
                return Ok(true);
            }
            let left = timeout.left();
            if left.is_zero() {
                return Ok(false);
            }
            let directory = &self.directory;
            let has_one_registered = || directory.sequence() != before;
            self.waiting.wait(&self.names, left, has_one_registered)?;
        }
    }

    /// Whether there is a next value. Fails if there is none and the writer has gone.
    fn has_next_while_written(&mut self) -> Result<bool, SharedMemoryError> {
        if self.has_next()? {
            return Ok(true);
        }
        if !self.has_writer_gone() {
            return Ok(false);
        }
        match self.has_next()? {
            true => Ok(true),
            false => Err(self.disconnected()),
        }
    }

    /// Whether the writer has closed, or was found dead. Asks the system now and then.
    fn has_writer_gone(&mut self) -> bool {
        let Some((sequence, record)) = self.directory.record() else {
            // One that registers is not the writer yet, and one that died at it never is.
            return self.directory.sequence() % 2 != 0 && self.is_look_due();
        };
        let Some(owner) = record.owner else {
            return true;
        };
        if self.looked.gone == Some(sequence) {
            return true;
        }
        let has_gone = self.is_look_due() && token::liveness(&self.names, owner) == Liveness::Gone;
        if has_gone {
            self.looked.gone = Some(sequence);
        }
        has_gone
    }

    fn is_look_due(&mut self) -> bool {
        let now = clock::since_start();
        let is_due = now.saturating_sub(self.looked.at) >= LOOK;
        if is_due {
            self.looked.at = now;
        }
        is_due
    }

    #[cold]
    fn disconnected(&self) -> SharedMemoryError {
        SharedMemoryError::Disconnected {
            name: self.names.name.to_string(),
        }
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
