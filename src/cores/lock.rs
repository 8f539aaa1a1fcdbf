//! A lock that is one word in shared memory: taken and released without a system call where nobody else
//! wants it, and taken over from a process that ended with it.
//!
//! The word is 0 while nobody holds the lock; else 1 + the slot of the holder, with the highest bit set
//! if somebody may be waiting. A slot is four words: process id (0: the slot is free), 0, and the time at
//! which the process began, low and high.
//!
//! Everybody registers before the first attempt to lock:
//!
//! 1. take the companion mutex
//! 2. find a slot that is free, or whose process has ended and which the word does not name
//! 3. store process id 0, the time, and at last the process id
//! 4. release the mutex
//!
//! To lock: exchange 0 for 1 + slot (acquire). If that fails, again and again:
//!
//! 1. exchange 0 for 1 + slot and the bit, or set the bit of whoever holds it
//! 2. wait for the event, a bounded time
//! 3. not woken in time, or often in vain, and the holder seems to have ended: take the mutex, and look
//!    again whether the process of the slot that the word names has ended, or the slot is free; if so,
//!    exchange the word for 1 + slot and the bit
//!
//! To unlock: exchange the word for 0 (release), and set the event if the bit was set. It is an auto-reset
//! event, so one of several waiters wakes, and the bit that it locks with wakes the next.
//!
//! Who gives up its slot stores process id 0, unless the word names the slot: so does a guard that was
//! forgotten.
//!
//! Why nobody takes over from a process that lives: only who holds the mutex registers, reclaims a slot
//! or takes over. So between step 3's look at the slot and the exchange nobody else can come to be in that
//! slot, and a process that has ended does not release. Without the mutex a waiter that saw slot 0 dead
//! would take over from whoever had reclaimed slot 0 meanwhile.

use core::hint;

use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::identity::ProcessIdentity;

/// The bit of those who wait.
const WAITING: u32 = 1 << 31;

/// Words of a slot.
pub(crate) const SLOT: usize = 4;

/// How often to look for a lock that was just held before waiting for it.
#[cfg(not(loom))]
const SPINS: u32 = 100;
#[cfg(loom)]
const SPINS: u32 = 0;

/// How often the word may change under step 1 before the locker waits all the same.
const ATTEMPTS: u32 = 100;

/// After so many wakes in vain, look whether the holder lives: somebody may keep the event set.
const WAKES: u32 = 64;

/// The words of a lock.
#[derive(Clone, Copy)]
pub(crate) struct Lock<'a> {
    pub(crate) word: &'a AtomicU32,
    /// The thread that holds it, for that thread to find out; 0 while nobody does.
    pub(crate) thread: &'a AtomicU32,
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

    /// Takes the lock, waiting as long as the system says.
    #[inline]
    pub(crate) fn lock<S: System>(self, me: Locker, system: &mut S) -> Result<Locked, S::Error> {
        let locked = if self.try_lock(me) {
            Locked::Granted
        } else {
            self.lock_contended(me, system)?
        };
        if let Locked::Granted | Locked::Abandoned = locked {
            self.thread.store(me.thread, Ordering::Relaxed);
            step!();
        }
        Ok(locked)
    }

    #[inline]
    fn try_lock(self, me: Locker) -> bool {
        let taken = self
            .word
            .compare_exchange(0, me.slot + 1, Ordering::Acquire, Ordering::Relaxed)
            .is_ok();
        step!();
        taken
    }

    #[cold]
    fn lock_contended<S: System>(self, me: Locker, system: &mut S) -> Result<Locked, S::Error> {
        for _ in 0..SPINS {
            if self.word.load(Ordering::Relaxed) == 0 && self.try_lock(me) {
                return Ok(Locked::Granted);
            }
            hint::spin_loop();
        }
        let mut wakes = 0_u32;
        loop {
            if self.lock_or_flag(me) {
                return Ok(Locked::Granted);
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
            // Without the mutex this decides nothing: it may be about another by now.
            let word = self.word.load(Ordering::Relaxed);
            if self.is_left(word, system)
                && system.exclusively(|system| self.take_over(me, system))?
            {
                return Ok(Locked::Abandoned);
            }
            if woken == Woken::GiveUp {
                return Ok(Locked::TimedOut);
            }
        }
    }

    /// Step 1: whether the lock was free.
    fn lock_or_flag(self, me: Locker) -> bool {
        let mut word = self.word.load(Ordering::Relaxed);
        for _ in 0..ATTEMPTS {
            let is_free = word & !WAITING == 0;
            // Others may wait, too.
            let new = if is_free { me.slot + 1 } else { word } | WAITING;
            match self.exchange(word, new) {
                Ok(_) => return is_free,
                Err(now) => word = now,
            }
        }
        false
    }

    /// Step 3, for who holds the companion mutex.
    fn take_over<S: System>(self, me: Locker, system: &mut S) -> bool {
        let word = self.word.load(Ordering::Relaxed);
        if !self.is_left(word, system) {
            return false;
        }
        step!();
        if holder(word).is_some_and(|slot| self.process(slot).is_some()) {
            // What it left there may be the id of a thread of this process by now, which sees the
            // exchange after this.
            self.thread.store(0, Ordering::Relaxed);
            step!();
        }
        // Fails if who held the lock has released it and given up its slot.
        self.exchange(word, (me.slot + 1) | WAITING).is_ok()
    }

    /// Whether the word names a slot whose process has ended, or that has none: who keeps to the protocol
    /// releases first.
    fn is_left<S: System>(self, word: u32, system: &mut S) -> bool {
        holder(word).is_some_and(|slot| match self.process(slot) {
            Some(process) => system.is_gone(process),
            None => true,
        })
    }

    fn exchange(self, word: u32, new: u32) -> Result<u32, u32> {
        let exchanged = self
            .word
            .compare_exchange(word, new, Ordering::AcqRel, Ordering::Relaxed);
        step!();
        exchanged
    }

    fn is_held_by(self, me: Locker) -> bool {
        let holder = holder(self.word.load(Ordering::Acquire));
        holder.and_then(|slot| self.process(slot)) == Some(me.process)
            && self.thread.load(Ordering::Relaxed) == me.thread
    }

    /// Releases the lock.
    #[inline]
    pub(crate) fn unlock(self, system: &mut impl System) {
        self.thread.store(0, Ordering::Relaxed);
        step!();
        let word = self.word.swap(0, Ordering::Release);
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

    /// `None` if there is no such slot.
    fn slot(self, slot: u32) -> Option<&'a [AtomicU32]> {
        self.slots.chunks_exact(SLOT).nth(slot as usize)
    }
}

/// The slot that a word names.
fn holder(word: u32) -> Option<u32> {
    (word & !WAITING).checked_sub(1)
}
