//! Holders, waiters and processes that register, which end at each of their steps.

use std::sync::Arc;

use loom::thread;

use super::{NEVER, Process, Shared, identity};
use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::lock_word::{Locker, Outcome};
use crate::explore::{bounded, bounded_for_each_step};

/// Another always gets the lock, and is told if it was held.
#[test]
fn a_holder_that_dies_at_any_step_is_taken_over_from() {
    let steps = bounded_for_each_step(None, |step| {
        let shared = Shared::new(2);
        let victim = shared.spawn(2, step, Process::register_and_change);
        shared.live(1, NEVER, |it| {
            let me = it.register().expect("a slot");
            let abandoned = it.change(me) == Outcome::Abandoned;
            assert!(!abandoned || it.shared.has_ended(2));
        });
        let lived = victim.join().unwrap();
        // The value of one that died may have been changed, as it was told.
        assert!(shared.value() == 2 || !lived && shared.value() == 1);
        !lived
    });
    assert!(steps > 4, "only {steps} steps");
}

/// Slot 0 is that of a process that ended while it held the lock.
fn left_by_the_dead(slots: usize) -> Arc<Shared> {
    let shared = Shared::new(slots);
    shared.live(1, NEVER, |it| {
        let me = it.register().expect("a slot");
        assert_eq!(it.shared.clone().word().lock(me, it), Ok(Outcome::Acquired));
    });
    shared.end(1);
    shared
}

#[test]
fn a_waiter_that_dies_taking_over_is_taken_over_from() {
    let steps = bounded_for_each_step(2, |step| {
        let shared = left_by_the_dead(3);
        let victim = shared.spawn(2, step, Process::register_and_change);
        shared.live(3, NEVER, Process::register_and_change);
        let lived = victim.join().unwrap();
        assert!(shared.value() == 2 || !lived && shared.value() == 1);
        !lived
    });
    assert!(steps > 4, "only {steps} steps");
}

/// A waiter that saw slot 0 dead must not take over from the process that has reclaimed slot 0 meanwhile.
#[test]
fn a_slot_may_be_reclaimed_while_another_is_about_to_take_over() {
    bounded(3, || {
        let shared = left_by_the_dead(3);
        let [waiter, first] = [2, 3].map(|id| shared.registered(id));
        let waiter = shared.spawn(2, NEVER, move |it| {
            it.change(waiter);
        });
        shared.live(3, NEVER, |it| {
            it.change(first);
        });
        shared.live(4, NEVER, |it| {
            let me = it.register().expect("a slot");
            assert_eq!(me.slot, 0);
            it.change(me);
        });
        waiter.join().unwrap();
        assert_eq!(shared.value(), 3);
    });
}

/// A process that registers must not reclaim the slot of one that locked before it ended.
#[test]
fn the_slot_of_one_that_died_with_the_lock_is_not_reclaimed() {
    let steps = bounded_for_each_step(None, |step| {
        let shared = Shared::new(1);
        let victim = shared.registered(1);
        let other = shared.spawn(1, step, move |it| {
            it.change(victim);
        });
        shared.live(2, NEVER, |it| {
            if it.register().is_some() {
                assert_eq!(it.shared.word.load(Ordering::Relaxed), 0);
            }
        });
        !other.join().unwrap()
    });
    assert!(steps > 4, "only {steps} steps");
}

/// A waiter that is about to take over from 3, which has taken over from 1, is too late: 3 has released the
/// lock and ended meanwhile, and 4 holds it. That takes three switches: from 2 when it is about to take over, to
/// it while 4 holds the lock, and back.
#[test]
fn a_late_take_over_leaves_the_next_holder_known_to_itself() {
    bounded(3, || {
        let shared = left_by_the_dead(4);
        let [waiter, first, next] = [2, 3, 4].map(|id| shared.registered(id));
        let waiter = shared.spawn(2, NEVER, move |it| {
            it.change(waiter);
        });
        shared.live(3, NEVER, |it| {
            it.change(first);
        });
        shared.end(3);
        shared.live(4, NEVER, |it| {
            let shared = it.shared.clone();
            let locked = shared.word().lock(next, it).unwrap();
            assert!(matches!(locked, Outcome::Acquired | Outcome::Abandoned));
            assert_eq!(shared.word().try_lock(next, it), Ok(Outcome::AlreadyHeld));
            let value = shared.value();
            shared.value.store(value + 1, Ordering::Relaxed);
            it.unlock(next, true);
        });
        waiter.join().unwrap();
        assert_eq!(shared.value(), 3);
    });
}

/// A process may come to be in the slot of one that died, and have a thread of the same id.
#[test]
fn what_the_dead_left_in_a_slot_is_not_taken_for_the_own_thread() {
    bounded(None, || {
        let shared = Shared::new(1);
        shared.live(1, NEVER, |it| {
            let me = it.register().expect("a slot");
            assert_eq!(it.shared.clone().word().lock(me, it), Ok(Outcome::Acquired));
        });
        shared.end(1);
        // As after a death between the release and the wake-up, had the holder not stored 0 before.
        shared.word.store(0, Ordering::Relaxed);
        let mut slot = None;
        shared.live(2, NEVER, |it| slot = it.register());
        let other = Locker {
            slot: slot.expect("that of the dead").slot,
            process: identity(2),
            thread: 1,
        };
        let holder = Locker { thread: 3, ..other };
        let holder = shared.spawn(2, NEVER, move |it| {
            it.change(holder);
        });
        shared.live(2, NEVER, |it| {
            let tried = it.shared.clone().word().try_lock(other, it).unwrap();
            assert_ne!(tried, Outcome::AlreadyHeld);
            if tried == Outcome::Acquired {
                it.unlock(other, true);
            }
        });
        holder.join().unwrap();
    });
}

#[test]
fn one_that_only_tries_takes_over_from_the_dead() {
    let steps = bounded_for_each_step(2, |step| {
        let shared = left_by_the_dead(3);
        let victim = shared.spawn(2, step, Process::register_and_change);
        shared.live(3, NEVER, |it| {
            let me = it.register().expect("a slot");
            let shared = it.shared.clone();
            loop {
                match shared.word().try_lock(me, it).unwrap() {
                    Outcome::TimedOut => thread::yield_now(),
                    Outcome::AlreadyHeld => panic!("it does not hold the lock"),
                    _ => break,
                }
            }
            let value = shared.value();
            shared.value.store(value + 1, Ordering::Relaxed);
            it.unlock(me, true);
        });
        let lived = victim.join().unwrap();
        assert!(shared.value() == 2 || !lived && shared.value() == 1);
        !lived
    });
    assert!(steps > 4, "only {steps} steps");
}

/// A holder that was told of another's end, and could not use that, hands it on.
#[test]
fn the_end_of_a_holder_is_told_until_it_was_used() {
    bounded(3, || {
        let shared = left_by_the_dead(4);
        let [one, two, three] = [2, 3, 4].map(|id| shared.registered(id));
        // Nobody has used it yet.
        shared.live(2, NEVER, |it| {
            let shared = it.shared.clone();
            assert_eq!(shared.word().lock(one, it), Ok(Outcome::Abandoned));
            it.unlock(one, false);
        });
        let told = Arc::new(AtomicU32::new(0));
        let others = [(3, two), (4, three)].map(|(id, me)| {
            let told = told.clone();
            shared.spawn(id, NEVER, move |it| {
                if it.change(me) == Outcome::Abandoned {
                    told.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(shared.value(), 2);
        assert_eq!(told.load(Ordering::Relaxed), 1);
        assert_eq!(shared.word.load(Ordering::Relaxed), 0);
    });
}
