//! A lane: a ring of records from one sender to one receiver, which is all that a channel consists of. Each
//! sender has a lane of its own.
//!
//! A *position* counts units, in 32 bits, and wraps; its *offset* in the ring is the position modulo the
//! number of units, a power of two of at most 2²⁸. `tail` is the position up to which all was sent, stored by the
//! sender alone; `head` the one up to which all was taken, stored by the receiver alone. So the sender never
//! passes `head` by more than the ring, and a difference of two positions is exact however long a process is
//! suspended.
//!
//! A *record* is as many units as the message takes; if messages differ in length, after one unit whose first word is
//! the length in bytes. It never crosses the end of the ring. Where the next record is at offset 0 instead, the sender
//! *turns*: `turn` is the position at which it did so last, and the receiver skips what is left of the ring there.
//!
//! Sender, for each message:
//!
//! 1. if room is short, load `head`; acquire: orders the receiver's copying before 2. If the last 6 found it time, turn,
//!    so that the part of the ring that is in use stays in the caches. The rest of the ring then counts as used until the
//!    message is taken; so do not turn if that would leave less room than is promised
//! 2. write the message and its length at `tail` and above, where nobody reads
//! 3. if the record is at offset 0, `turn` := the position before it
//! 4. `tail` := after the record; release: orders 2 and 3 before it. The message is sent
//! 5. wake the receiver, as [`wake`] has it, with the receiver's word of all lanes
//! 6. after 1 KiB without a turn or a look, load `head`; acquire, as in 1. It is time to turn if everything before what
//!    was just sent is taken. Before 4, the message would wait for the cache line from the receiver's processor; here
//!    nothing waits for it
//!
//! For several messages, 2 is done for each, and 3 to 6 once: the receiver gets all of them or none. At most one turn lies
//! among what is not taken, whenever the sender turns: to turn again, it needs the room of a whole ring after the first
//! turn.
//!
//! Receiver:
//!
//! 1. load `tail`; acquire: what was written before it is seen below. If the end of the ring is between `head` and
//!    `tail`, load `turn`. It is the position at which the sender has turned among these messages. A later one it
//!    cannot be, because the sender turns again only after it has seen that `head` is past the first
//! 2. if `head` is `turn`, go on at offset 0. Load the length, once, and check it; copy the message
//! 3. `head` := after the record; release: orders 2 before it. The message is taken
//! 4. wake the sender, with its word, where this passed a quarter of the ring, and where the receiver
//!    comes to find nothing: the first is enough for a sender that waits for room, since what is left in a quarter
//!    is never in the way of a record; the second is for one that waits until all was taken
//!
//! A sender that dies before 4 has sent nothing, and its successor goes on at `tail`. A `turn` that it left is not
//! loaded before somebody turns again. A receiver that dies before
//! 3 has taken nothing, and its successor goes on at `head`. Both are always boundaries of records. An end
//! that dies while it wakes the other may leave it asleep: waits are made in slices.

use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::ring_size::{Messages, Size};
use crate::cores::wake;

/// The words lead to no record: no sender or receiver leaves them so, wherever it is stopped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Damaged;

/// Where a ring's lengths are.
pub(crate) trait Units {
    /// The first word of the unit at this offset, which is less than the number of units.
    fn word(&self, offset: u32) -> &AtomicU32;
}

/// How much lies between the positions that a peer has stored.
fn between(size: Size, head: u32, tail: u32) -> Result<u32, Damaged> {
    let between = tail.wrapping_sub(head);
    if between <= size.units() {
        Ok(between)
    } else {
        Err(Damaged)
    }
}

/// The words of a lane: those of the receiver, of the sender, and of both, each in a cache line of its own.
#[derive(Clone, Copy)]
pub(crate) struct Lane<'a> {
    pub(crate) head: &'a AtomicU32,
    pub(crate) tail: &'a AtomicU32,
    pub(crate) turn: &'a AtomicU32,
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
    /// From where on to look whether all was taken.
    due: u32,
    /// The position at which to turn, because everything before the last message was taken.
    turns_at: u32,
    /// Where a record that is not sent is at offset 0 instead.
    turn: Option<u32>,
}

/// Room for a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Room {
    /// The offset of its first unit.
    pub(crate) offset: u32,
    pub(crate) len: u32,
    /// The position before it, if it is at offset 0.
    turn: Option<u32>,
    end: u32,
}

impl Sending {
    /// Goes on where the last sender was. The caller is the only one, and has synchronised with the last.
    pub(crate) fn take_over(lane: Lane<'_>) -> Result<Self, Damaged> {
        let tail = lane.tail.load(Ordering::Relaxed);
        let head = lane.head.load(Ordering::Acquire);
        between(lane.size, head, tail)?;
        Ok(Self {
            tail,
            end: tail,
            head,
            due: tail.wrapping_add(lane.size.warm()),
            turns_at: tail.wrapping_sub(1),
            turn: None,
        })
    }

    /// Room for a message of so many bytes after those that are written; `None` while there is not enough.
    /// The length is at most [`Size::longest`].
    #[inline(always)]
    pub(crate) fn room(&mut self, lane: Lane<'_>, len: u32) -> Result<Option<Room>, Damaged> {
        let size = lane.size;
        let (record, rest) = (size.record(len), size.rest(self.end));
        let free = |it: &Self| size.units() - it.end.wrapping_sub(it.head);
        let turns = record > rest
            || self.end == self.turns_at
                && rest + record <= free(self)
                && rest <= size.units() - size.promised;
        let need = if turns { rest + record } else { record };
        if free(self) < need {
            self.look(lane.head)?;
            if free(self) < need {
                return Ok(None);
            }
        }
        let end = self.end.wrapping_add(need);
        let offset = if turns { 0 } else { size.offset(self.end) };
        Ok(Some(Room {
            offset,
            len,
            turn: (offset == 0).then_some(self.end),
            end,
        }))
    }

    /// Bytes of the ring that hold what was sent and not taken.
    pub(crate) fn unread(&mut self, lane: Lane<'_>) -> Result<u64, Damaged> {
        self.look(lane.head)?;
        let units = self.tail.wrapping_sub(self.head);
        Ok(u64::from(units) * u64::from(lane.size.unit()))
    }

    /// Whether all that was sent was taken.
    pub(crate) fn is_drained(&mut self, lane: Lane<'_>) -> Result<bool, Damaged> {
        self.look(lane.head)?;
        Ok(self.head == self.tail)
    }

    fn look(&mut self, head: &AtomicU32) -> Result<(), Damaged> {
        let head = head.load(Ordering::Acquire);
        // No receiver takes what was not sent, and none gives back what it has taken.
        let taken = head.wrapping_sub(self.head);
        if taken > self.tail.wrapping_sub(self.head) {
            return Err(Damaged);
        }
        self.head = head;
        Ok(())
    }

    /// Adds the record that was written into the room given last.
    #[inline(always)]
    pub(crate) fn add(&mut self, lane: Lane<'_>, units: &impl Units, room: Room) {
        if lane.size.messages == Messages::OfAnyLength {
            units.word(room.offset).store(room.len, Ordering::Relaxed);
            step!();
        }
        self.turn = room.turn.or(self.turn);
        self.end = room.end;
    }

    /// Sends what was added. Then the caller wakes the receiver.
    #[inline(always)]
    pub(crate) fn send(&mut self, lane: Lane<'_>) {
        let turn = self.turn.take();
        if let Some(turn) = turn {
            lane.turn.store(turn, Ordering::Relaxed);
            step!();
        }
        lane.tail.store(self.end, Ordering::Release);
        step!();
        let sent = self.tail;
        self.tail = self.end;
        if turn.is_some() {
            self.due = self.end.wrapping_add(lane.size.warm());
        } else if self.end.wrapping_sub(self.due) < 1 << 31 {
            self.look_behind(lane, sent);
        }
    }

    /// Step 6, where `sent` is the position of what was just sent.
    #[inline(always)]
    fn look_behind(&mut self, lane: Lane<'_>, sent: u32) {
        let (size, end) = (lane.size, self.end);
        // Damage is reported when room is short.
        let is_taken =
            self.look(lane.head).is_ok() && end.wrapping_sub(self.head) <= end.wrapping_sub(sent);
        self.turns_at = if is_taken { end } else { end.wrapping_sub(1) };
        // While messages queue, taking the receiver's word from its cache again soon would be in vain.
        let pause = if is_taken { 0 } else { size.units() / 4 };
        self.due = end.wrapping_add(size.warm().max(pause));
    }

    /// Forgets what was added and not sent.
    pub(crate) fn discard(&mut self) {
        self.end = self.tail;
        self.turn = None;
    }
}

/// What the receiver knows of a lane.
#[derive(Debug)]
pub(crate) struct Receiving {
    head: u32,
    /// As it was seen last.
    tail: u32,
    /// Where the sender has turned between the two; `tail` if it has not.
    turn: u32,
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
        let tail = lane.tail.load(Ordering::Relaxed);
        between(lane.size, head, tail)?;
        Ok(Self {
            head,
            // Both are loaded for the first message.
            tail: head,
            turn: head,
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
    #[inline(always)]
    pub(crate) fn first(
        &mut self,
        lane: Lane<'_>,
        units: &impl Units,
        longest: u32,
    ) -> Result<Option<Record>, Damaged> {
        if self.head == self.tail {
            let tail = lane.tail.load(Ordering::Acquire);
            between(lane.size, self.head, tail)?;
            self.tail = tail;
            if self.head == tail {
                return Ok(None);
            }
            self.turn = if lane.size.is_end_between(self.head, tail) {
                lane.turn.load(Ordering::Relaxed)
            } else {
                tail
            };
        }
        self.record(lane.size, units, longest).map(Some)
    }

    /// The message at `head`, which is not `tail`.
    #[inline(always)]
    fn record(&self, size: Size, units: &impl Units, longest: u32) -> Result<Record, Damaged> {
        let (mut at, mut sent) = (self.head, self.tail.wrapping_sub(self.head));
        if at == self.turn && size.offset(at) != 0 {
            let rest = size.rest(at);
            if sent <= rest {
                return Err(Damaged);
            }
            at = at.wrapping_add(rest);
            sent -= rest;
        }
        let len = match size.messages {
            Messages::Of(len) => len,
            Messages::OfAnyLength => units.word(size.offset(at)).load(Ordering::Relaxed),
        };
        let record = size.record(len);
        if len > longest.min(size.longest()) || record > sent || record > size.rest(at) {
            return Err(Damaged);
        }
        Ok(Record {
            offset: size.offset(at),
            len,
            end: at.wrapping_add(record),
        })
    }

    /// Takes the message that was found first. Tells whether the sender has to be woken.
    #[inline(always)]
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

    #[derive(Default)]
    struct Words([AtomicU32; 16]);

    impl Units for Words {
        fn word(&self, offset: u32) -> &AtomicU32 {
            &self.0[offset as usize]
        }
    }

    /// The words of a lane whose ring has 16 units.
    #[derive(Default)]
    struct Ring {
        head: AtomicU32,
        tail: AtomicU32,
        turn: AtomicU32,
        waits: AtomicU32,
    }

    impl Ring {
        fn lane(&self, unit: u32, promised: u32) -> Lane<'_> {
            Lane {
                head: &self.head,
                tail: &self.tail,
                turn: &self.turn,
                waits: &self.waits,
                size: Size::new(16, unit, promised, Messages::OfAnyLength).expect("a power of two"),
            }
        }
    }

    /// Sends a message of `len` bytes, and returns its offset in the ring.
    fn send(sending: &mut Sending, lane: Lane<'_>, words: &Words, len: u32) -> u32 {
        let room = sending.room(lane, len).expect("no damage");
        let room = room.expect("there is room");
        sending.add(lane, words, room);
        sending.send(lane);
        room.offset
    }

    /// The offsets of messages of one unit if each is received before the next is sent.
    fn offsets<const N: usize>(unit: u32, promised: u32) -> [u32; N] {
        let (ring, words) = (Ring::default(), Words::default());
        let lane = ring.lane(unit, promised);
        let mut sending = Sending::take_over(lane).expect("an empty ring");
        let mut receiving = Receiving::take_over(lane).expect("an empty ring");
        [(); N].map(|()| {
            let offset = send(&mut sending, lane, &words, unit);
            let record = receiving.first(lane, &words, unit).expect("no damage");
            let record = record.expect("one was sent");
            assert_eq!(record.offset, offset);
            let _ = receiving.take(lane, record);
            offset
        })
    }

    #[test]
    fn a_sender_that_waits_is_woken_at_each_quarter_and_when_nothing_is_left() {
        let (ring, words) = (Ring::default(), Words::default());
        let lane = ring.lane(4, 0);
        let mut sending = Sending::take_over(lane).expect("an empty ring");
        for _ in 0..5 {
            let room = sending.room(lane, 4).expect("no damage");
            sending.add(lane, &words, room.expect("10 units in 16"));
        }
        sending.send(lane);
        let mut receiving = Receiving::take_over(lane).expect("what was sent");
        let woken = [(); 5].map(|()| {
            ring.waits.store(1, Ordering::Relaxed);
            let record = receiving.first(lane, &words, 4).expect("no damage");
            receiving.take(lane, record.expect("five were sent"))
        });
        assert_eq!(woken, [false, true, false, true, false]);
        assert_eq!(receiving.first(lane, &words, 4), Ok(None));
        assert!(receiving.idle(lane));
        ring.waits.store(1, Ordering::Relaxed);
        assert!(!receiving.idle(lane));
    }

    #[test]
    fn a_ring_of_which_little_is_in_use_is_begun_again_once_in_1_kib() {
        assert_eq!(offsets(256, 0), [0, 2, 4, 0, 2, 4]);
    }

    #[test]
    fn a_ring_is_begun_again_only_where_that_leaves_what_is_promised() {
        assert_eq!(offsets(2048, 12), [0, 2, 4, 6, 8, 10, 0, 2]);
    }

    #[test]
    fn a_ring_is_not_begun_again_while_messages_queue() {
        let (ring, words) = (Ring::default(), Words::default());
        let lane = ring.lane(1024, 0);
        let mut sending = Sending::take_over(lane).expect("an empty ring");
        let mut send = || send(&mut sending, lane, &words, 1024);
        assert_eq!([(); 4].map(|()| send()), [0, 2, 4, 6]);
        // The first two are taken.
        ring.head.store(4, Ordering::Relaxed);
        assert_eq!([(); 3].map(|()| send()), [8, 10, 12]);
    }

    #[test]
    fn a_ring_is_not_begun_again_where_that_takes_more_room_than_there_is() {
        let (ring, words) = (Ring::default(), Words::default());
        let lane = ring.lane(1024, 0);
        let mut sending = Sending::take_over(lane).expect("an empty ring");
        send(&mut sending, lane, &words, 1024);
        ring.head.store(2, Ordering::Relaxed);
        send(&mut sending, lane, &words, 1024);
        // One is not taken yet, so a turn would need more than the whole ring.
        assert_eq!(send(&mut sending, lane, &words, 6 * 1024), 4);
    }

    #[test]
    fn a_receiver_that_takes_over_wakes_a_sender_and_takes_no_record_that_ends_after_tail() {
        let ring = Ring::default();
        ring.tail.store(2, Ordering::Relaxed);
        ring.waits.store(1, Ordering::Relaxed);
        let lane = ring.lane(1024, 0);
        let words = Words([3 * 1024; 16].map(AtomicU32::new));
        let mut receiving = Receiving::take_over(lane).expect("two units were sent");
        assert!(receiving.idle(lane));
        let found = receiving.first(lane, &words, u32::MAX);
        assert_eq!(found, Err(Damaged));
    }
}
