//! [`Inlet`].

use std::fmt;
use std::hint;
use std::marker::PhantomData;
use std::mem;
use std::time::Duration;

use crate::channel::member::{IfAbsent, Member, Side};
use crate::channel::message::Message;
use crate::cores::ends;
use crate::cores::ring::{Receiving, Record};
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::protocol::companions::Companions;
use crate::protocol::doorbell::{Button, Doorbell, settle};
use crate::protocol::lanes::Ring;
use crate::region::options::SharedMemoryOptions;
use crate::sync::Armed;
use crate::sync::process::Liveness;

/// How often a waiting receiver looks before it asks the system to wake it: some microseconds, the time that takes.
const SPINS: u32 = 500;

/// The receiver's end of a channel.
pub(super) struct Inlet<M: ?Sized> {
    pub(super) member: Member,
    /// What is known of each lane, and what wakes its sender.
    lanes: Vec<(Receiving, Button)>,
    /// The lane that comes next: each sender gets its turn.
    next: usize,
    /// Whether a message was taken since nothing was found last.
    has_received: bool,
    /// What this receiver waits for.
    ready: Doorbell,
    message: PhantomData<fn() -> Box<M>>,
}

/// A message that was found and not taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) lane: usize,
    pub(super) record: Record,
}

impl<M: Message + ?Sized> Inlet<M> {
    pub(super) fn join(
        name: &str,
        if_absent: IfAbsent,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let names = Companions::new(name);
        let shape = M::shape(&names)?;
        let member = Member::join(names, &shape, Side::Receives, if_absent, options)?;
        let lanes = (0..member.lanes.count()).map(|lane| {
            let button = Button::new(member.names.room(lane));
            Receiving::take_over(member.lanes.lane(lane)).map(|receiving| (receiving, button))
        });
        let lanes: Result<_, _> = lanes.collect();
        let mut inlet = Self {
            lanes: lanes.map_err(|_| member.damaged())?,
            next: 0,
            has_received: false,
            ready: Doorbell::create(&member.names.ready(), options)?,
            member,
            message: PhantomData,
        };
        // They may wait for a receiver.
        wake_all(&inlet.member, &mut inlet.lanes);
        Ok(inlet)
    }

    #[inline]
    pub(super) fn first_within(
        &mut self,
        timeout: Duration,
    ) -> Result<Option<Found>, SharedMemoryError> {
        match self.find()? {
            None => self.wait_for_first(timeout),
            found => Ok(found),
        }
    }

    #[cold]
    fn wait_for_first(&mut self, timeout: Duration) -> Result<Option<Found>, SharedMemoryError> {
        let mut timeout = Timeout::new(timeout);
        if !timeout.after().is_zero() {
            for _ in 0..SPINS {
                if self.is_behind() {
                    break;
                }
                hint::spin_loop();
            }
        }
        loop {
            if let Some(found) = self.first()? {
                return Ok(Some(found));
            }
            let left = timeout.left();
            if left.is_zero() {
                return Ok(None);
            }
            let is_done = || settle(|| self.is_behind()) || self.have_all_left();
            self.ready.wait(self.member.lanes.sleeps(), left, is_done)?;
        }
    }

    /// The next message; `None` while there is none. Fails when there is none and no sender is left.
    #[inline]
    pub(super) fn first(&mut self) -> Result<Option<Found>, SharedMemoryError> {
        match self.find()? {
            None => self.look_for_senders(),
            found => Ok(found),
        }
    }

    #[inline(always)]
    fn find(&mut self) -> Result<Option<Found>, SharedMemoryError> {
        let count = self.lanes.len();
        for turn in 0..count {
            let lane = if self.next + turn < count {
                self.next + turn
            } else {
                self.next + turn - count
            };
            let (receiving, _) = &mut self.lanes[lane];
            let (words, ring) = (self.member.lanes.lane(lane), self.member.lanes.ring(lane));
            match receiving.first(words, &ring, u32::MAX) {
                Ok(None) => {}
                Ok(Some(record)) if M::is_len(record.len) => {
                    return Ok(Some(Found { lane, record }));
                }
                _ => return Err(self.member.damaged()),
            }
        }
        Ok(None)
    }

    /// After nothing was found: wakes the senders that wait for that, and looks whether any is left.
    fn look_for_senders(&mut self) -> Result<Option<Found>, SharedMemoryError> {
        let is_first_time = mem::take(&mut self.has_received);
        if is_first_time {
            self.member.put_off_look();
            for (lane, (receiving, button)) in self.lanes.iter_mut().enumerate() {
                if receiving.idle(self.member.lanes.lane(lane)) {
                    button.wake();
                }
            }
        }
        let have_gone = self.have_all_left()
            || !is_first_time
                && self.has_anybody_joined()
                && self.member.is_look_due()
                && self.senders() == 0;
        if !have_gone {
            return Ok(None);
        }
        // What they have sent before is seen now.
        match self.find()? {
            None => Err(self.member.disconnected()),
            found => Ok(found),
        }
    }

    /// Whether there may be a message.
    fn is_behind(&self) -> bool {
        let mut lanes = self.lanes.iter().enumerate();
        lanes.any(|(lane, (receiving, _))| receiving.is_behind(self.member.lanes.lane(lane)))
    }

    fn has_anybody_joined(&self) -> bool {
        (0..self.lanes.len()).any(|lane| self.member.sender(lane).has_been_joined())
    }

    /// Whether there were senders, and each has closed its end.
    fn have_all_left(&self) -> bool {
        ends::have_all_left((0..self.lanes.len()).map(|lane| self.member.sender(lane)))
    }

    #[inline]
    pub(super) fn ring(&self, found: Found) -> Ring<'_> {
        self.member.lanes.ring(found.lane)
    }

    #[inline(always)]
    pub(super) fn receive(&mut self, found: Found) -> Result<M::Owned, SharedMemoryError> {
        let (ring, take) = self.parts(found);
        M::receive(ring, found.record.offset, found.record.len, take)
    }

    /// The ring that has a message, and what takes the message from it.
    #[inline(always)]
    pub(super) fn parts(&mut self, found: Found) -> (Ring<'_>, impl FnOnce() + '_) {
        let (member, lanes, next) = (&self.member, &mut self.lanes, &mut self.next);
        let ring = member.lanes.ring(found.lane);
        self.has_received = true;
        (ring, move || take(member, lanes, next, found))
    }

    pub(super) fn senders(&self) -> usize {
        (0..self.lanes.len())
            .filter(|lane| self.member.liveness(self.member.sender(*lane)) != Liveness::Gone)
            .count()
    }

    pub(super) fn wait_for_sender(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        let mut timeout = Timeout::new(timeout);
        loop {
            let joins = self.joins();
            if self.senders() > 0 {
                return Ok(true);
            }
            let left = timeout.left();
            if left.is_zero() {
                return Ok(false);
            }
            let is_done = || self.joins() != joins;
            self.ready.wait(self.member.lanes.sleeps(), left, is_done)?;
        }
    }

    /// Changes when a sender comes.
    fn joins(&self) -> u32 {
        let joins = (0..self.lanes.len()).map(|lane| self.member.sender(lane).joins());
        joins.fold(0, u32::wrapping_add)
    }

    /// `None` if there is a message, or nobody is left who could send one.
    pub(super) fn arm(&mut self) -> Result<Option<Armed<'_>>, SharedMemoryError> {
        self.ready.arm(self.member.lanes.sleeps());
        settle(|| self.is_behind());
        let found = self.first();
        let armed = self.ready.armed(self.member.lanes.sleeps());
        match found {
            Ok(None) => Ok(Some(armed)),
            Ok(Some(_)) => Ok(None),
            Err(error) if error.is_disconnected() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[inline]
fn take(
    member: &Member,
    lanes: &mut [(Receiving, Button)],
    next: &mut usize,
    Found { lane, record }: Found,
) {
    let count = lanes.len();
    let (receiving, button) = &mut lanes[lane];
    if receiving.take(member.lanes.lane(lane), record) {
        button.wake();
    }
    *next = if lane + 1 < count { lane + 1 } else { 0 };
}

fn wake_all(member: &Member, lanes: &mut [(Receiving, Button)]) {
    for (lane, (_, button)) in lanes.iter_mut().enumerate() {
        button.wake_if(member.lanes.lane(lane).waits);
    }
}

impl<M: ?Sized> Drop for Inlet<M> {
    fn drop(&mut self) {
        self.member.leave();
        // They may wait for room that nobody makes any more.
        wake_all(&self.member, &mut self.lanes);
    }
}

impl<M: ?Sized> fmt::Debug for Inlet<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inlet")
            .field("member", &self.member)
            .field("lanes", &self.lanes)
            .finish_non_exhaustive()
    }
}
