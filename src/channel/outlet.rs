//! [`Outlet`].
//!
//! What a message passes through is always inlined, here and in the inlet and the ring. The stores of a processor become
//! visible in order, so each that a call makes, of a register to the stack too, waits behind that of `tail` while the
//! receiver's processor has its line. There is room for some sixty; with fifty a message, one message is on its way at
//! a time, and 64 bytes took twice as long.

use std::hint;
use std::time::Duration;

use crate::channel::member::{IfAbsent, Member, Side};
use crate::cores::ring::{Damaged, Lane, Room, Sending};
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::protocol::companions::Companions;
use crate::protocol::doorbell::{Button, Doorbell};
use crate::protocol::lanes::Ring;
use crate::protocol::shape::Shape;
use crate::region::options::SharedMemoryOptions;
use crate::sync::Armed;
use crate::sync::process::Liveness;

/// How often a sender that waits for room looks before it asks the system to wake it.
const SPINS: u32 = 60;

/// Each look takes the receiver's word from its cache.
const PAUSES: u32 = 8;

/// A sender's end of a channel, whatever the messages are.
#[derive(Debug)]
pub(super) struct Outlet {
    pub(super) member: Member,
    sending: Sending,
    /// Wakes the receiver.
    ready: Button,
    /// What this sender waits for.
    room: Doorbell,
}

impl Outlet {
    pub(super) fn join(
        names: Companions,
        shape: &Shape,
        if_absent: IfAbsent,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let member = Member::join(names, shape, Side::Sends, if_absent, options)?;
        let lane = member.lanes.lane(member.lane);
        let sending = Sending::take_over(lane).map_err(|_| member.damaged())?;
        let mut outlet = Self {
            sending,
            ready: Button::new(member.names.ready()),
            room: Doorbell::create(&member.names.room(member.lane), options)?,
            member,
        };
        // It may wait for a sender.
        outlet.ready.wake_if(outlet.member.lanes.sleeps());
        Ok(outlet)
    }

    #[inline(always)]
    pub(super) fn ring(&self) -> Ring<'_> {
        self.member.lanes.ring(self.member.lane)
    }

    #[inline(always)]
    fn lane(&self) -> Lane<'_> {
        self.member.lanes.lane(self.member.lane)
    }

    /// Room for a message of so many elements of so many bytes, after those that were added and not sent. `None` if there
    /// is none within `timeout`.
    #[inline(always)]
    pub(super) fn room(
        &mut self,
        count: usize,
        size: usize,
        timeout: Duration,
    ) -> Result<Option<Room>, SharedMemoryError> {
        let bytes = count.saturating_mul(size);
        if bytes > self.longest() {
            return Err(self.too_long(count, size));
        }
        if self.member.receiver().is_left() {
            return Err(self.member.disconnected());
        }
        match self.room_now(bytes as u32)? {
            None => self.wait_for_room(bytes as u32, timeout),
            room => Ok(room),
        }
    }

    #[inline(always)]
    fn room_now(&mut self, bytes: u32) -> Result<Option<Room>, SharedMemoryError> {
        let lane = self.member.lanes.lane(self.member.lane);
        let room = self.sending.room(lane, bytes);
        room.map_err(|_| self.member.damaged())
    }

    #[cold]
    fn wait_for_room(
        &mut self,
        bytes: u32,
        timeout: Duration,
    ) -> Result<Option<Room>, SharedMemoryError> {
        let mut room = None;
        let is_there = self.wait_until(timeout, |sending, lane| {
            room = sending.room(lane, bytes)?;
            Ok(room.is_some())
        })?;
        Ok(room.filter(|_| is_there))
    }

    /// Waits until this is so: whether it is within `timeout`. Fails when the receiver has gone.
    pub(super) fn wait_until(
        &mut self,
        timeout: Duration,
        mut is_so: impl FnMut(&mut Sending, Lane<'_>) -> Result<bool, Damaged>,
    ) -> Result<bool, SharedMemoryError> {
        let mut timeout = Timeout::new(timeout);
        let mut spins = if timeout.after().is_zero() { 0 } else { SPINS };
        loop {
            let (member, sending) = (&self.member, &mut self.sending);
            let lane = member.lanes.lane(member.lane);
            let mut look = || is_so(sending, lane);
            if look().map_err(|_| member.damaged())? {
                return Ok(true);
            }
            if spins > 0 {
                for _ in 0..PAUSES {
                    hint::spin_loop();
                }
                spins -= 1;
                continue;
            }
            self.check_receiver()?;
            let left = timeout.left();
            if left.is_zero() {
                return Ok(false);
            }
            let member = &self.member;
            let lane = member.lanes.lane(member.lane);
            let is_done = || {
                member.receiver().is_left() || !matches!(is_so(&mut self.sending, lane), Ok(false))
            };
            self.room.wait(lane.waits, left, is_done)?;
        }
    }

    /// Fails if whoever received has closed its end, or has exited.
    fn check_receiver(&mut self) -> Result<(), SharedMemoryError> {
        let receiver = self.member.receiver();
        let is_gone = receiver.is_left()
            || receiver.has_been_joined()
                && self.member.is_look_due()
                && self.member.liveness(self.member.receiver()) == Liveness::Gone;
        if is_gone {
            Err(self.member.disconnected())
        } else {
            Ok(())
        }
    }

    /// Adds a message that was written.
    #[inline(always)]
    pub(super) fn add(&mut self, room: Room) {
        let (lanes, lane) = (&self.member.lanes, self.member.lane);
        self.sending.add(lanes.lane(lane), &lanes.ring(lane), room);
    }

    /// Sends what was added.
    #[inline(always)]
    pub(super) fn commit(&mut self) {
        let lanes = &self.member.lanes;
        self.sending.send(lanes.lane(self.member.lane));
        self.ready.wake_without_fence(lanes.sleeps());
    }

    /// The bytes of the longest message.
    #[inline(always)]
    pub(super) fn longest(&self) -> usize {
        self.member.lanes.size().longest() as usize
    }

    #[cold]
    fn too_long(&self, len: usize, size: usize) -> SharedMemoryError {
        SharedMemoryError::TooLong {
            name: self.member.names.name.to_string(),
            len,
            limit: self.longest() / size,
        }
    }

    /// Forgets what was added and not sent.
    #[inline]
    pub(super) fn discard(&mut self) {
        self.sending.discard();
    }

    pub(super) fn drain(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        self.discard();
        self.wait_until(timeout, |sending, lane| sending.is_drained(lane))
    }

    pub(super) fn unread_bytes(&mut self) -> Result<u64, SharedMemoryError> {
        let lane = self.member.lanes.lane(self.member.lane);
        let unread = self.sending.unread(lane);
        unread.map_err(|_| self.member.damaged())
    }

    pub(super) fn wait_for_receiver(
        &mut self,
        timeout: Duration,
    ) -> Result<bool, SharedMemoryError> {
        let mut timeout = Timeout::new(timeout);
        loop {
            let joins = self.member.receiver().joins();
            if self.member.liveness(self.member.receiver()) != Liveness::Gone {
                return Ok(true);
            }
            let left = timeout.left();
            if left.is_zero() {
                return Ok(false);
            }
            let is_done = || self.member.receiver().joins() != joins;
            self.room.wait(self.lane().waits, left, is_done)?;
        }
    }

    /// `None` if there is room for a message of so many bytes, or the receiver has gone.
    pub(super) fn arm(&mut self, bytes: u32) -> Result<Option<Armed<'_>>, SharedMemoryError> {
        self.discard();
        self.room.arm(self.lane().waits);
        let has_room = self.room_now(bytes).map(|room| room.is_some());
        let is_over = self.check_receiver().is_err();
        let armed = self.room.armed(self.lane().waits);
        Ok((!has_room? && !is_over).then_some(armed))
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        self.member.leave();
        // It may wait for messages that do not come any more.
        self.ready.wake_if(self.member.lanes.sleeps());
    }
}
