//! A lock that is one word in shared memory. Nobody makes a system call to acquire it or to release it
//! while nobody else wants it, and it is taken over from a process that ended with it.
//!
//! The word is 0 while nobody holds the lock, and 1 + the slot of the holder otherwise. Two bits join it:
//! `WAITING` if somebody may be waiting, `ABANDONED` if a holder has ended and nobody has been told.
//!
//! A slot is four words: process id (0: the slot is free), the thread that holds the lock through this slot
//! (0: none does), and the time at which the process began, low and high.
//!
//! A process registers before its first attempt to lock:
//!
//! 1. take the companion mutex
//! 2. find a slot that is free, or whose process has ended and which the word does not name
//! 3. store process id 0, thread 0, the time, and at last the process id
//! 4. release the mutex
//!
//! To lock: exchange 0 for 1 + slot (acquire). If that fails, again and again:
//!
//! 1. exchange a word that names no slot for 1 + slot and `WAITING`, or set `WAITING` in a word that does
//! 2. wait for the event, a bounded time
//! 3. if it was not set in time, or often in vain, and the holder seems to have ended: take the mutex, and
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
//! Why nobody takes over from a process that lives: only the holder of the mutex registers, reclaims a slot
//! or takes over. So between step 3's look at the slot and the exchange no other process can come to be in
//! that slot, and a process that has ended does not release. Without the mutex a waiter that saw slot 0
//! dead would take over from the process that had reclaimed slot 0 meanwhile.
//!
//! Why a thread finds itself in the slot that the word names if, and only if, it holds the lock: only a
//! holder through a slot stores a thread there, and registering, which stores 0 before the process id. So
//! a process that takes over from another has nothing to clear.

use core::hint;

use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::identity::ProcessIdentity;

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

/// The words of a lock.
#[derive(Clone, Copy)]
pub(crate) struct Lock<'a> {
    pub(crate) word: &'a AtomicU32,
    pub(crate) slots: &'a [AtomicU32],
}

/// Who locks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Locker {
    pub(crate) slot: u32,
    pub(crate) process: ProcessIdentity,
    pub(crate) thread: u32,
}

/// How an attempt to lock ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Locked {
    Granted,
    /// Granted: who held it has ended.
    Abandoned,
    /// Not granted: the calling thread holds it.
    Already,
    /// Not granted: another still holds it.
    TimedOut,
}

/// How a wait for the event ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Woken {
    Yes,
    /// Time to look whether the holder lives.
    NotYet,
    /// The locker waits no longer.
    GiveUp,
}

/// What the system does for a lock.
pub(crate) trait System {
    type Error;

    /// Waits a bounded time for the event that is set by who unlocks.
    fn wait(&mut self) -> Result<Woken, Self::Error>;

    /// Sets the event.
    fn wake(&mut self);

    /// Whether it is worth the mutex to ask whether this process has ended. May say no to save asking.
    fn seems_gone(&mut self, process: ProcessIdentity) -> bool;

    /// Whether this process has ended for certain.
    fn is_gone(&mut self, process: ProcessIdentity) -> bool;

    /// Has `act` done while this thread holds the companion mutex; `false` if another holds it.
    fn exclusively(&mut self, act: impl FnOnce(&mut Self) -> bool) -> Result<bool, Self::Error>;
}

impl<'a> Lock<'a> {
    /// Takes a slot; `None` if all are taken. The caller holds the companion mutex.
    pub(crate) fn register(
        self,
        process: ProcessIdentity,
        is_gone: impl Fn(ProcessIdentity) -> bool,
    ) -> Option<u32> {
        let is_free = |slot: &u32| self.process(*slot).is_none() && !self.is_named(*slot);
        // The word is looked at when the process has ended, and does not lock any more.
        let is_left =
            |slot: &u32| self.process(*slot).is_some_and(&is_gone) && !self.is_named(*slot);
        let mut slots = 0..(self.slots.len() / SLOT) as u32;
        // Mostly one is free, which costs no look at a process.
        let slot = slots
            .clone()
            .find(is_free)
            .or_else(|| slots.find(is_left))?;
        let words = self.slot(slot)?;
        words[0].store(0, Ordering::Relaxed);
        step!();
        words[1].store(0, Ordering::Relaxed);
        step!();
        words[2].store(process.created as u32, Ordering::Relaxed);
        step!();
        words[3].store((process.created >> 32) as u32, Ordering::Relaxed);
        step!();
        words[0].store(process.id, Ordering::Release);
        step!();
        Some(slot)
    }

    /// Gives up the slot, unless it holds the lock: whether it did. It needs no mutex: one store, by its
    /// owner.
    pub(crate) fn unregister(self, slot: u32) -> bool {
        if self.is_named(slot) {
            return false;
        }
        if let Some(words) = self.slot(slot) {
            // Release: who sees the slot free, and acquires, sees the word released.
            words[0].store(0, Ordering::Release);
        }
        true
    }

    /// Acquires the lock, waiting as long as the system says.
    #[inline]
    pub(crate) fn lock<S: System>(self, me: Locker, system: &mut S) -> Result<Locked, S::Error> {
        let locked = if self.acquire(me) {
            Locked::Granted
        } else {
            self.lock_contended(me, system)?
        };
        self.sign(me, locked);
        Ok(locked)
    }

    /// Acquires the lock if that takes no waiting. Another holder is not bothered.
    #[inline]
    pub(crate) fn try_lock<S: System>(
        self,
        me: Locker,
        system: &mut S,
    ) -> Result<Locked, S::Error> {
        let locked = if self.acquire(me) {
            Locked::Granted
        } else {
            self.try_contended(me, system)?
        };
        self.sign(me, locked);
        Ok(locked)
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

    /// The holder says which thread it is.
    #[inline]
    fn sign(self, me: Locker, locked: Locked) {
        if let Locked::Granted | Locked::Abandoned = locked {
            self.set_thread(me.slot, me.thread);
        }
    }

    #[cold]
    fn lock_contended<S: System>(self, me: Locker, system: &mut S) -> Result<Locked, S::Error> {
        for _ in 0..SPINS {
            if self.word.load(Ordering::Relaxed) == 0 && self.acquire(me) {
                return Ok(Locked::Granted);
            }
            hint::spin_loop();
        }
        let mut wakes = 0_u32;
        loop {
            if let Some(locked) = self.acquire_or_add(WAITING, me) {
                return Ok(locked);
            }
            if self.is_held_by(me) {
                return Ok(Locked::Already);
            }
            let woken = system.wait()?;
            // For ever, if need be.
            wakes = wakes.wrapping_add(u32::from(woken == Woken::Yes));
            if woken == Woken::Yes && wakes % WAKES != 0 {
                continue;
            }
            if self.take_over(me, system)? {
                return Ok(Locked::Abandoned);
            }
            if woken == Woken::GiveUp {
                return Ok(Locked::TimedOut);
            }
        }
    }

    #[cold]
    fn try_contended<S: System>(self, me: Locker, system: &mut S) -> Result<Locked, S::Error> {
        if let Some(locked) = self.acquire_or_add(0, me) {
            return Ok(locked);
        }
        if self.is_held_by(me) {
            return Ok(Locked::Already);
        }
        let taken_over = self.take_over(me, system)?;
        Ok([Locked::TimedOut, Locked::Abandoned][usize::from(taken_over)])
    }

    /// Step 1: how the lock was acquired, if it was free; else adds a bit, or none, to the word.
    fn acquire_or_add(self, bit: u32, me: Locker) -> Option<Locked> {
        let mut word = self.word.load(Ordering::Relaxed);
        for _ in 0..ATTEMPTS {
            let is_free = holder(word).is_none();
            if !is_free && bit == 0 {
                return None;
            }
            // Others may wait, too.
            let new = if is_free {
                (me.slot + 1) | (word & WAITING) | bit
            } else {
                word | bit
            };
            match self.exchange(word, new) {
                Ok(_) if is_free && word & ABANDONED != 0 => return Some(Locked::Abandoned),
                Ok(_) => return is_free.then_some(Locked::Granted),
                Err(now) => word = now,
            }
        }
        None
    }

    /// Step 3.
    fn take_over<S: System>(self, me: Locker, system: &mut S) -> Result<bool, S::Error> {
        // Without the mutex this decides nothing: it may be about another by now.
        let word = self.word.load(Ordering::Relaxed);
        if !self.is_left(word, |process| system.seems_gone(process)) {
            return Ok(false);
        }
        system.exclusively(|system| {
            let word = self.word.load(Ordering::Relaxed);
            let is_left = self.is_left(word, |process| system.is_gone(process));
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

    /// Releases the lock, which is held through this slot. Without `is_told` the next to lock is told that
    /// a holder has ended, as this one was.
    #[inline]
    pub(crate) fn unlock(self, slot: u32, is_told: bool, system: &mut impl System) {
        self.set_thread(slot, 0);
        let free = if is_told { 0 } else { ABANDONED };
        let word = self.word.swap(free, Ordering::Release);
        step!();
        if word & WAITING != 0 {
            system.wake();
            step!();
        }
    }

    /// Whether the word names this slot.
    fn is_named(self, slot: u32) -> bool {
        holder(self.word.load(Ordering::Relaxed)) == Some(slot)
    }

    /// Who is in a slot, for who holds the companion mutex; else a guess.
    fn process(self, slot: u32) -> Option<ProcessIdentity> {
        let words = self.slot(slot)?;
        let id = words[0].load(Ordering::Acquire);
        let [lo, hi] = [2, 3].map(|at| words[at].load(Ordering::Relaxed));
        (id != 0).then_some(ProcessIdentity {
            id,
            created: u64::from(hi) << 32 | u64::from(lo),
        })
    }

    fn thread(self, slot: u32) -> u32 {
        let words = self.slot(slot);
        words.map_or(0, |it| it[1].load(Ordering::Relaxed))
    }

    #[inline]
    fn set_thread(self, slot: u32, thread: u32) {
        if let Some(words) = self.slot(slot) {
            words[1].store(thread, Ordering::Relaxed);
            step!();
        }
    }

    /// `None` if there is no such slot.
    #[inline]
    fn slot(self, slot: u32) -> Option<&'a [AtomicU32]> {
        self.slots.chunks_exact(SLOT).nth(slot as usize)
    }
}

/// The slot that a word names.
fn holder(word: u32) -> Option<u32> {
    (word & !(WAITING | ABANDONED)).checked_sub(1)
}
