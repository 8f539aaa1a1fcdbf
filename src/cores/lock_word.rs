//! A lock that is one word in shared memory. While nobody else wants it, it is acquired and released without
//! a system call, and it is taken over from a process that ended while holding it.
//!
//! The word is 0 while nobody holds the lock, and 1 + the slot of the holder otherwise. Two bits join it:
//! `WAITING` if somebody may be waiting, `ABANDONED` if a holder has ended and nobody has been told. A word
//! without a slot is *free*.
//!
//! A slot is four words: the process id (0: the slot is free), the thread that holds the lock through this
//! slot (0: none does), and the time at which the process began, low and high.
//!
//! A process registers before its first attempt to lock:
//!
//! 1. acquire the companion mutex
//! 2. find a slot that is free, or whose process has ended and which the word does not name
//! 3. store process id 0, thread 0, the time, and at last the process id
//! 4. release the mutex
//!
//! To lock: exchange 0 for 1 + slot (acquire). If that fails, spin a while on a word that is not free, and
//! exchange one that is for 1 + slot. Then, again and again:
//!
//! 1. exchange a free word for 1 + slot and `WAITING`, or set `WAITING` in one that is not free
//! 2. wait for the event, a bounded time
//! 3. if it was not set in time, or often in vain, and the holder seems to have ended: acquire the mutex, and
//!    look again whether the process of the slot that the word names has ended, or the slot is free; if
//!    so, exchange the word for 1 + slot and `WAITING`
//!
//! A process that does not wait tries steps 1 and 3 once and does not set `WAITING`.
//!
//! The holder stores its thread in its slot after locking, and 0 before unlocking. To unlock: exchange the
//! word for 0, or for `ABANDONED` (release), and set the event if `WAITING` was set. It is an auto-reset
//! event, so one of several waiters wakes, and the bit that it locks with wakes the next.
//!
//! A process gives up its slot by storing process id 0, unless the word names the slot, as it does after a
//! leaked guard.
//!
//! Why nobody takes over from a live process: only the holder of the mutex registers, reclaims a slot or
//! takes over. So between step 3's look at the slot and the exchange no other process can come to be in
//! that slot, and a process that has ended does not release. Without the mutex a waiter that saw slot 0
//! dead would take over from the process that had reclaimed slot 0 meanwhile.
//!
//! Why a thread finds itself in the slot that the word names if, and only if, it holds the lock: only a
//! holder through a slot stores a thread there, and registering, which stores 0 before the process id. So
//! a process that takes over from another has nothing to clear.

use core::hint;

use crate::cores::atomic::{AtomicU32, Ordering};
use crate::data::identity::ProcessIdentity;

/// Somebody may be waiting.
const WAITING: u32 = 1 << 31;

/// A holder has ended, and nobody has been told.
const ABANDONED: u32 = 1 << 30;

/// Words of a slot.
pub(crate) const SLOT: usize = 4;

/// How often to look for a lock that was just held before waiting for it.
#[cfg(not(loom))]
const SPINS: u32 = 100;
#[cfg(loom)]
const SPINS: u32 = 0;

/// How often the word may change under step 1 before it is taken for held.
const ATTEMPTS: u32 = 100;

/// After so many wakes in vain, look whether the holder lives: somebody may keep the event set.
const WAKES: u32 = 64;

/// The word, and the slots of those that may lock.
#[derive(Clone, Copy)]
pub(crate) struct LockWord<'a> {
    pub(crate) word: &'a AtomicU32,
    pub(crate) slots: &'a [AtomicU32],
}

/// The thread that locks, and the slot that it locks through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Locker {
    pub(crate) slot: u32,
    pub(crate) process: ProcessIdentity,
    pub(crate) thread: u32,
}

/// How an attempt to lock ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    Acquired,
    /// Acquired: the process that held it has ended, and nobody has been told yet.
    Abandoned,
    /// Not acquired: the calling thread holds it already.
    AlreadyHeld,
    /// Not acquired: another thread still holds it.
    TimedOut,
}

/// How a wait for the event ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wait {
    Woken,
    /// It is time to look whether the holder lives.
    Look,
    /// The time is up.
    Over,
}

/// What a lock needs of the system.
pub(crate) trait Host {
    type Error;

    /// Waits a bounded time for the event that is set when the lock is released.
    fn wait(&mut self) -> Result<Wait, Self::Error>;

    /// Whether asking if this process has ended is worth the mutex. May say no to save the question.
    fn seems_gone(&mut self, process: ProcessIdentity) -> bool;

    /// Whether this process has ended for certain.
    fn is_gone(&mut self, process: ProcessIdentity) -> bool;

    /// Calls `act` while this thread holds the companion mutex; `false` if another thread holds it.
    fn exclusively(&mut self, act: impl FnOnce(&mut Self) -> bool) -> Result<bool, Self::Error>;
}

/// The words of one slot.
struct Slot<'a> {
    id: &'a AtomicU32,
    thread: &'a AtomicU32,
    created: [&'a AtomicU32; 2],
}

impl<'a> LockWord<'a> {
    /// Takes a slot; `None` if all are taken. The caller holds the companion mutex.
    pub(crate) fn register(
        self,
        process: ProcessIdentity,
        is_gone: impl Fn(ProcessIdentity) -> bool,
    ) -> Option<u32> {
        let is_free = |slot: &u32| self.process(*slot).is_none() && !self.is_named(*slot);
        // The word is loaded after the process was seen to have ended: from then on it does not lock.
        let is_left =
            |slot: &u32| self.process(*slot).is_some_and(&is_gone) && !self.is_named(*slot);
        let mut indices = 0..(self.slots.len() / SLOT) as u32;
        // Usually one is free, which saves looking at processes.
        let index = indices
            .clone()
            .find(is_free)
            .or_else(|| indices.find(is_left))?;
        let slot = self.slot(index)?;
        slot.id.store(0, Ordering::Relaxed);
        step!();
        slot.thread.store(0, Ordering::Relaxed);
        step!();
        slot.created[0].store(process.created as u32, Ordering::Relaxed);
        step!();
        slot.created[1].store((process.created >> 32) as u32, Ordering::Relaxed);
        step!();
        slot.id.store(process.id, Ordering::Release);
        step!();
        Some(index)
    }

    /// Gives up the slot, unless the lock is held through it: whether it did. It needs no mutex: it is one
    /// store, by the owner of the slot.
    pub(crate) fn unregister(self, slot: u32) -> bool {
        if self.is_named(slot) {
            return false;
        }
        if let Some(slot) = self.slot(slot) {
            // Release: a process that sees the slot free, with acquire, sees the word released.
            slot.id.store(0, Ordering::Release);
        }
        true
    }

    /// Acquires the lock, and waits for it as long as the host says.
    #[inline]
    pub(crate) fn lock<H: Host>(self, me: Locker, host: &mut H) -> Result<Outcome, H::Error> {
        let outcome = if self.acquire(me) {
            Outcome::Acquired
        } else {
            self.lock_contended(me, host)?
        };
        self.sign(me, outcome);
        Ok(outcome)
    }

    /// Acquires the lock if that takes no waiting. The holder does not notice.
    #[inline]
    pub(crate) fn try_lock<H: Host>(self, me: Locker, host: &mut H) -> Result<Outcome, H::Error> {
        let outcome = if self.acquire(me) {
            Outcome::Acquired
        } else {
            self.try_contended(me, host)?
        };
        self.sign(me, outcome);
        Ok(outcome)
    }

    #[inline]
    fn acquire(self, me: Locker) -> bool {
        let acquired = self
            .word
            .compare_exchange(0, me.slot + 1, Ordering::Acquire, Ordering::Relaxed)
            .is_ok();
        step!();
        acquired
    }

    /// The holder stores which thread it is.
    #[inline]
    fn sign(self, me: Locker, outcome: Outcome) {
        if let Outcome::Acquired | Outcome::Abandoned = outcome {
            self.set_thread(me.slot, me.thread);
        }
    }

    #[cold]
    fn lock_contended<H: Host>(self, me: Locker, host: &mut H) -> Result<Outcome, H::Error> {
        for _ in 0..SPINS {
            let word = self.word.load(Ordering::Relaxed);
            if holder(word).is_none() {
                // Without `WAITING`: this thread has not waited, so nobody has been woken for it.
                if let Ok(outcome) = self.acquire_free(word, 0, me) {
                    return Ok(outcome);
                }
            }
            hint::spin_loop();
        }
        let mut wakes = 0_u32;
        loop {
            if let Some(outcome) = self.acquire_or_add(WAITING, me) {
                return Ok(outcome);
            }
            if self.is_held_by(me) {
                return Ok(Outcome::AlreadyHeld);
            }
            let wait = host.wait()?;
            // A thread may wait forever.
            wakes = wakes.wrapping_add(u32::from(wait == Wait::Woken));
            if wait == Wait::Woken && wakes % WAKES != 0 {
                continue;
            }
            if self.take_over(me, host)? {
                return Ok(Outcome::Abandoned);
            }
            if wait == Wait::Over {
                return Ok(Outcome::TimedOut);
            }
        }
    }

    #[cold]
    fn try_contended<H: Host>(self, me: Locker, host: &mut H) -> Result<Outcome, H::Error> {
        if let Some(outcome) = self.acquire_or_add(0, me) {
            return Ok(outcome);
        }
        if self.is_held_by(me) {
            return Ok(Outcome::AlreadyHeld);
        }
        Ok(if self.take_over(me, host)? {
            Outcome::Abandoned
        } else {
            Outcome::TimedOut
        })
    }

    /// Step 1: acquires a lock that is free; otherwise adds a bit, or none, to the word.
    fn acquire_or_add(self, bit: u32, me: Locker) -> Option<Outcome> {
        let mut word = self.word.load(Ordering::Relaxed);
        for _ in 0..ATTEMPTS {
            if holder(word).is_none() {
                match self.acquire_free(word, bit, me) {
                    Ok(outcome) => return Some(outcome),
                    Err(now) => word = now,
                }
            } else if bit == 0 {
                return None;
            } else {
                // Also where the bit is set: that shows that the word is the current one.
                match self.exchange(word, word | bit) {
                    Ok(_) => return None,
                    Err(now) => word = now,
                }
            }
        }
        None
    }

    /// Acquires a lock whose word is this, which is free; with a bit if the caller has waited, because
    /// others may still do so.
    fn acquire_free(self, word: u32, bit: u32, me: Locker) -> Result<Outcome, u32> {
        self.exchange(word, (me.slot + 1) | (word & WAITING) | bit)?;
        Ok(match word & ABANDONED {
            0 => Outcome::Acquired,
            _ => Outcome::Abandoned,
        })
    }

    /// Step 3.
    fn take_over<H: Host>(self, me: Locker, host: &mut H) -> Result<bool, H::Error> {
        // Without the mutex this decides nothing: the slot may be another process's by now.
        let word = self.word.load(Ordering::Relaxed);
        if !self.is_left(word, |process| host.seems_gone(process)) {
            return Ok(false);
        }
        host.exclusively(|host| {
            let word = self.word.load(Ordering::Relaxed);
            let is_left = self.is_left(word, |process| host.is_gone(process));
            step!();
            // Fails if the holder has released the lock and given up its slot.
            is_left && self.exchange(word, (me.slot + 1) | WAITING).is_ok()
        })
    }

    /// Whether the word names a slot whose process has ended, or that has none: a process that keeps to
    /// the protocol releases first.
    fn is_left(self, word: u32, is_gone: impl FnOnce(ProcessIdentity) -> bool) -> bool {
        holder(word).is_some_and(|slot| self.process(slot).is_none_or(is_gone))
    }

    fn exchange(self, word: u32, new: u32) -> Result<u32, u32> {
        let exchanged = self
            .word
            .compare_exchange(word, new, Ordering::AcqRel, Ordering::Relaxed);
        step!();
        exchanged
    }

    fn is_held_by(self, me: Locker) -> bool {
        let Some(slot) = holder(self.word.load(Ordering::Relaxed)) else {
            return false;
        };
        self.process(slot) == Some(me.process) && self.thread(slot) == me.thread
    }

    /// Releases the lock, which is held through this slot. Without `is_told` the next holder is told that
    /// one before it has ended, as this one was. Returns whether the caller must set the event.
    #[must_use]
    #[inline]
    pub(crate) fn unlock(self, slot: u32, is_told: bool) -> bool {
        self.set_thread(slot, 0);
        let free = if is_told { 0 } else { ABANDONED };
        let word = self.word.swap(free, Ordering::Release);
        step!();
        word & WAITING != 0
    }

    /// Whether the word names this slot.
    fn is_named(self, slot: u32) -> bool {
        holder(self.word.load(Ordering::Relaxed)) == Some(slot)
    }

    /// The process in a slot, for the holder of the companion mutex; a guess for others.
    fn process(self, slot: u32) -> Option<ProcessIdentity> {
        let slot = self.slot(slot)?;
        let id = slot.id.load(Ordering::Acquire);
        let [lo, hi] = slot.created.map(|it| it.load(Ordering::Relaxed));
        (id != 0).then_some(ProcessIdentity {
            id,
            created: u64::from(hi) << 32 | u64::from(lo),
        })
    }

    fn thread(self, slot: u32) -> u32 {
        let slot = self.slot(slot);
        slot.map_or(0, |it| it.thread.load(Ordering::Relaxed))
    }

    #[inline]
    fn set_thread(self, slot: u32, thread: u32) {
        if let Some(slot) = self.slot(slot) {
            slot.thread.store(thread, Ordering::Relaxed);
            step!();
        }
    }

    /// `None` if there is no such slot.
    #[inline]
    fn slot(self, slot: u32) -> Option<Slot<'a>> {
        match self.slots.chunks_exact(SLOT).nth(slot as usize)? {
            [id, thread, lo, hi] => Some(Slot {
                id,
                thread,
                created: [lo, hi],
            }),
            _ => None,
        }
    }
}

/// The slot that a word names; `None` if it is free.
fn holder(word: u32) -> Option<u32> {
    (word & !(WAITING | ABANDONED)).checked_sub(1)
}
