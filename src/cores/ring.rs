//! A lane: a ring of records from one sender to one receiver, which is all that a channel consists of. Each
//! sender has a lane of its own.
//!
//! A *position* counts units, in 32 bits, and wraps; its *offset* in the ring is the position modulo the
//! number of units, a power of two of at most 2²⁸. `tail` is the position up to which all was sent, stored by the
//! sender alone; `head` the one up to which all was taken, stored by the receiver alone. So the sender never
//! passes `head` by more than the ring, and a difference of two positions is exact however long a process is
//! suspended.
//!
//! A *record* is one unit, whose first word is the length in bytes, and as many units as that takes. It never
//! crosses the end of the ring: a length of [`PAD`] says that the record is at offset 0.
//!
//! Sender, for each message:
//!
//! 1. if nothing was looked at for [`WARM`] bytes and all was taken, begin at offset 0, so that the part of the
//!    ring that is in use stays in the caches. What is left of the ring is in use then until the message is taken; so
//!    not if that would leave less free than is promised. Load `head` for that, and if room is short; acquire: orders
//!    the receiver's copying before 2
//! 2. write the message, its length, and instead of it [`PAD`] where that is due, at `tail` and above, where
//!    nobody reads
//! 3. `tail` := after the record; release: orders 2 before it. The message is sent
//! 4. wake the receiver, as [`wake`] has it, with the receiver's word of all lanes
//!
//! Of several messages, 2 is done for each, and 3 and 4 once: the receiver gets all of them or none.
//!
//! Receiver:
//!
//! 1. load `tail`; acquire: what was written before it is seen below
//! 2. load the length, once, and check it; copy the message
//! 3. `head` := after the record; release: orders 2 before it. The message is taken
//! 4. wake the sender, with its word, where this passed a quarter of the ring, and where the receiver
//!    comes to find nothing: the first is enough for a sender that waits for room, since what is left in a quarter
//!    is never in the way of a record; the second is for one that waits until all was taken
//!
//! A sender that dies in 2 has sent nothing, and its successor goes on at `tail`. A receiver that dies before
//! 3 has taken nothing, and its successor goes on at `head`. Both are always boundaries of records. An end
//! that dies in 4 may leave the other asleep: waits are made in slices.

use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::wake;

/// Instead of a length: the record is at offset 0.
pub(crate) const PAD: u32 = u32::MAX;

/// How many bytes are sent before the sender looks again whether it may begin at offset 0.
const WARM: u32 = 2048;

const FEWEST: u32 = 4;
const MOST: u32 = 1 << 28;

/// The words lead to no record: no sender or receiver leaves them so, wherever it is stopped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Damaged;

/// Where a ring's lengths are.
pub(crate) trait Units {
    /// The first word of the unit at this offset, which is less than the number of units.
    fn word(&self, offset: u32) -> &AtomicU32;
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Size {
    units: u32,
    /// The bytes of one are 2 to the power of this: a division takes longer than all else that a message needs.
    unit_log: u32,
    /// How many are promised to be free when nothing is unread.
    promised: u32,
}

impl Size {
    /// A ring of so many units of so many bytes, both powers of two, of which so many units are promised; `None` if there
    /// is none of that size.
    pub(crate) const fn new(units: u32, unit: u32, promised: u32) -> Option<Self> {
        let fits = units >= FEWEST
            && units <= MOST
            && units.is_power_of_two()
            && unit >= 4
            && unit.is_power_of_two()
            && promised <= units;
        if fits {
            Some(Self {
                units,
                unit_log: unit.trailing_zeros(),
                promised,
            })
        } else {
            None
        }
    }

    /// The bytes of the longest message. A record takes half of the ring at most: so it fits into an empty one
    /// wherever that begins.
    pub(crate) const fn longest(self) -> u32 {
        let longest = (self.units as u64 / 2 - 1) * self.unit() as u64;
        if longest < PAD as u64 {
            longest as u32
        } else {
            PAD - 1
        }
    }

    pub(crate) const fn units(self) -> u32 {
        self.units
    }

    /// Bytes of one.
    pub(crate) const fn unit(self) -> u32 {
        1 << self.unit_log
    }

    fn record(self, len: u32) -> u32 {
        let rounded_up = u64::from(len) + u64::from(self.unit() - 1);
        1 + (rounded_up >> self.unit_log) as u32
    }

    fn offset(self, position: u32) -> u32 {
        position & (self.units - 1)
    }

    /// From the position to the end of the ring.
    fn rest(self, position: u32) -> u32 {
        self.units - self.offset(position)
    }

    /// Where the quarter of the ring begins that the position is in.
    fn quarter(self, position: u32) -> u32 {
        position & !(self.units / 4 - 1)
    }

    /// How much lies between the positions that a peer has stored.
    fn between(self, head: u32, tail: u32) -> Result<u32, Damaged> {
        let between = tail.wrapping_sub(head);
        if between <= self.units {
            Ok(between)
        } else {
            Err(Damaged)
        }
    }
}

/// The words of a lane, each in a cache line of its own.
#[derive(Clone, Copy)]
pub(crate) struct Lane<'a> {
    pub(crate) head: &'a AtomicU32,
    pub(crate) tail: &'a AtomicU32,
    /// Whether the sender waits for room: a word of [`wake`], of which it has bit 0.
    pub(crate) waits: &'a AtomicU32,
    pub(crate) size: Size,
}

/// What a sender knows of its lane.
#[derive(Debug)]
pub(crate) struct Sending {
    tail: u32,
    /// After the records that are written; those from `tail` on are not sent.
    end: u32,
    /// As it was seen last.
    head: u32,
    /// After the record for which was last looked whether all was taken.
    looked: u32,
}

/// Room for a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Room {
    /// The offset of its first unit.
    pub(crate) offset: u32,
    pub(crate) len: u32,
    /// The offset at which to write that the record is at 0.
    pad: Option<u32>,
    end: u32,
}

impl Sending {
    /// Goes on where the last sender was. The caller is the only one, and has synchronised with the last.
    pub(crate) fn take_over(lane: Lane<'_>) -> Result<Self, Damaged> {
        let tail = lane.tail.load(Ordering::Relaxed);
        let head = lane.head.load(Ordering::Acquire);
        lane.size.between(head, tail)?;
        Ok(Self {
            tail,
            end: tail,
            head,
            looked: tail,
        })
    }

    /// Room for a message of so many bytes after those that are written; `None` while there is not enough.
    /// The length is at most [`Size::longest`].
    #[inline]
    pub(crate) fn room(&mut self, lane: Lane<'_>, len: u32) -> Result<Option<Room>, Damaged> {
        let size = lane.size;
        let (record, rest) = (size.record(len), size.rest(self.end));
        let is_due = self.end.wrapping_sub(self.looked) >= (WARM >> size.unit_log).max(1);
        let mut restarts = record > rest;
        if is_due && record <= size.offset(self.end) {
            self.look(lane)?;
            restarts |= self.head == self.end && rest <= size.units - size.promised;
        }
        let need = if restarts { rest + record } else { record };
        let is_short = |it: &Self| size.units - it.end.wrapping_sub(it.head) < need;
        if is_short(self) {
            self.look(lane)?;
            if is_short(self) {
                return Ok(None);
            }
        }
        let end = self.end.wrapping_add(need);
        if is_due {
            self.looked = end;
        }
        let at = size.offset(self.end);
        Ok(Some(Room {
            offset: if restarts { 0 } else { at },
            len,
            pad: restarts.then_some(at),
            end,
        }))
    }

    /// Bytes of the ring that hold what was sent and not taken.
    pub(crate) fn unread(&mut self, lane: Lane<'_>) -> Result<u64, Damaged> {
        self.look(lane)?;
        let units = self.tail.wrapping_sub(self.head);
        Ok(u64::from(units) * u64::from(lane.size.unit()))
    }

    /// Whether all that was sent was taken.
    pub(crate) fn is_drained(&mut self, lane: Lane<'_>) -> Result<bool, Damaged> {
        self.look(lane)?;
        Ok(self.head == self.tail)
    }

    fn look(&mut self, lane: Lane<'_>) -> Result<(), Damaged> {
        let head = lane.head.load(Ordering::Acquire);
        // No receiver takes what was not sent, and none gives back what it has taken.
        let taken = head.wrapping_sub(self.head);
        if taken > self.tail.wrapping_sub(self.head) {
            return Err(Damaged);
        }
        self.head = head;
        Ok(())
    }

    /// Adds the record that was written into the room given last.
    #[inline]
    pub(crate) fn add(&mut self, units: &impl Units, room: Room) {
        if let Some(offset) = room.pad {
            units.word(offset).store(PAD, Ordering::Relaxed);
            step!();
        }
        units.word(room.offset).store(room.len, Ordering::Relaxed);
        step!();
        self.end = room.end;
    }

    /// Sends what was added. Then the caller wakes the receiver.
    #[inline]
    pub(crate) fn send(&mut self, lane: Lane<'_>) {
        lane.tail.store(self.end, Ordering::Release);
        step!();
        self.tail = self.end;
    }

    /// Forgets what was added and not sent.
    pub(crate) fn discard(&mut self) {
        self.end = self.tail;
    }
}

/// What the receiver knows of a lane.
#[derive(Debug)]
pub(crate) struct Receiving {
    head: u32,
    /// As it was seen last.
    tail: u32,
    /// Whether something was taken since the sender was last asked whether it waits.
    owes: bool,
}

/// A message that was sent and not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Record {
    /// The offset of its first unit.
    pub(crate) offset: u32,
    pub(crate) len: u32,
    end: u32,
}

impl Receiving {
    /// Goes on where the last receiver was. The caller is the only one, and has synchronised with the last.
    pub(crate) fn take_over(lane: Lane<'_>) -> Result<Self, Damaged> {
        let head = lane.head.load(Ordering::Relaxed);
        let tail = lane.tail.load(Ordering::Acquire);
        lane.size.between(head, tail)?;
        Ok(Self {
            head,
            tail,
            // The last one may have died before it asked.
            owes: true,
        })
    }

    /// Whether something was sent that [`first`](Self::first) has not seen.
    #[inline]
    pub(crate) fn is_behind(&self, lane: Lane<'_>) -> bool {
        self.head != self.tail || lane.tail.load(Ordering::Relaxed) != self.tail
    }

    /// The first message that is not taken, if it has at most `longest` bytes; `None` if there is none.
    #[inline]
    pub(crate) fn first(
        &mut self,
        lane: Lane<'_>,
        units: &impl Units,
        longest: u32,
    ) -> Result<Option<Record>, Damaged> {
        let size = lane.size;
        if self.head == self.tail {
            let tail = lane.tail.load(Ordering::Acquire);
            size.between(self.head, tail)?;
            self.tail = tail;
            if self.head == tail {
                return Ok(None);
            }
        }
        let (mut at, mut sent) = (self.head, self.tail.wrapping_sub(self.head));
        let mut len = units.word(size.offset(at)).load(Ordering::Relaxed);
        if len == PAD {
            let rest = size.rest(at);
            if sent <= rest || rest == size.units {
                return Err(Damaged);
            }
            at = at.wrapping_add(rest);
            sent -= rest;
            len = units.word(0).load(Ordering::Relaxed);
        }
        let record = size.record(len);
        if len > longest.min(size.longest()) || record > sent || record > size.rest(at) {
            return Err(Damaged);
        }
        Ok(Some(Record {
            offset: size.offset(at),
            len,
            end: at.wrapping_add(record),
        }))
    }

    /// Takes the message that was found first. Tells whether the sender has to be woken.
    #[inline]
    #[must_use]
    pub(crate) fn take(&mut self, lane: Lane<'_>, record: Record) -> bool {
        lane.head.store(record.end, Ordering::Release);
        step!();
        let passed = lane.size.quarter(self.head) != lane.size.quarter(record.end);
        self.head = record.end;
        self.owes = true;
        passed && self.ask(lane)
    }

    /// For a receiver that has found nothing: tells whether the sender has to be woken.
    #[inline]
    #[must_use]
    pub(crate) fn idle(&mut self, lane: Lane<'_>) -> bool {
        self.owes && self.ask(lane)
    }

    fn ask(&mut self, lane: Lane<'_>) -> bool {
        self.owes = false;
        let waits = wake::take(lane.waits) != 0;
        step!();
        waits
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    struct Words([AtomicU32; 16]);

    impl Units for Words {
        fn word(&self, offset: u32) -> &AtomicU32 {
            &self.0[offset as usize]
        }
    }

    #[test]
    fn a_sender_that_waits_is_woken_at_each_quarter_and_when_nothing_is_left() {
        let [head, tail, waits] = [0; 3].map(AtomicU32::new);
        let lane = Lane {
            head: &head,
            tail: &tail,
            waits: &waits,
            size: Size::new(16, 4, 0).expect("a power of two"),
        };
        let words = Words([0; 16].map(AtomicU32::new));
        let mut sending = Sending::take_over(lane).expect("an empty ring");
        for _ in 0..5 {
            let room = sending.room(lane, 4).expect("no damage");
            sending.add(&words, room.expect("10 units in 16"));
        }
        sending.send(lane);
        let mut receiving = Receiving::take_over(lane).expect("what was sent");
        let woken = [(); 5].map(|()| {
            waits.store(1, Ordering::Relaxed);
            let record = receiving.first(lane, &words, 4).expect("no damage");
            receiving.take(lane, record.expect("five were sent"))
        });
        assert_eq!(woken, [false, true, false, true, false]);
        assert_eq!(receiving.first(lane, &words, 4), Ok(None));
        assert!(receiving.idle(lane));
        waits.store(1, Ordering::Relaxed);
        assert!(!receiving.idle(lane));
    }

    #[test]
    fn a_ring_that_is_empty_is_begun_again_once_in_2_kib() {
        let [head, tail, waits] = [0; 3].map(AtomicU32::new);
        let lane = Lane {
            head: &head,
            tail: &tail,
            waits: &waits,
            size: Size::new(16, 512, 0).expect("a power of two"),
        };
        let words = Words([0; 16].map(AtomicU32::new));
        let mut sending = Sending::take_over(lane).expect("an empty ring");
        let mut receiving = Receiving::take_over(lane).expect("an empty ring");
        let offsets = [(); 6].map(|()| {
            let room = sending.room(lane, 512).expect("no damage");
            sending.add(&words, room.expect("an empty ring"));
            sending.send(lane);
            let record = receiving.first(lane, &words, 512).expect("no damage");
            let record = record.expect("one was sent");
            let _ = receiving.take(lane, record);
            record.offset
        });
        assert_eq!(offsets, [0, 2, 0, 2, 4, 0]);
    }

    #[test]
    fn a_ring_is_begun_again_only_where_that_leaves_what_is_promised() {
        let [head, tail, waits] = [0; 3].map(AtomicU32::new);
        let lane = Lane {
            head: &head,
            tail: &tail,
            waits: &waits,
            size: Size::new(16, 2048, 12).expect("a power of two"),
        };
        let words = Words([0; 16].map(AtomicU32::new));
        let mut sending = Sending::take_over(lane).expect("an empty ring");
        let mut receiving = Receiving::take_over(lane).expect("an empty ring");
        let offsets = [(); 8].map(|()| {
            let room = sending.room(lane, 2048).expect("no damage");
            sending.add(&words, room.expect("an empty ring"));
            sending.send(lane);
            let record = receiving.first(lane, &words, 2048).expect("no damage");
            let record = record.expect("one was sent");
            let _ = receiving.take(lane, record);
            record.offset
        });
        assert_eq!(offsets, [0, 2, 4, 6, 8, 10, 12, 0]);
    }
}
