use std::collections::BTreeSet;
use std::mem;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use crate::cores::atomic::AtomicU32;
use crate::cores::wake::{WAITERS, take, wait};
use crate::step::die_at;

#[derive(Clone, Debug)]
enum Act {
    /// One is killed while it waits.
    Die(u32),
    /// These wait, and a writer takes them meanwhile, or does not.
    Wait(BTreeSet<u32>, bool),
}

fn act() -> impl Strategy<Value = Act> {
    let waiters = btree_set(0..WAITERS, 0..8);
    prop_oneof![
        (0..WAITERS).prop_map(Act::Die),
        (waiters, any::<bool>()).prop_map(|(waiters, taken)| Act::Wait(waiters, taken)),
    ]
}

/// Calls `act` while all of these wait.
fn while_waiting(armed: &AtomicU32, waiters: &[u32], act: &mut dyn FnMut()) {
    match waiters.split_first() {
        None => act(),
        Some((waiter, others)) => {
            let waited = wait(
                armed,
                *waiter,
                || false,
                || while_waiting(armed, others, act),
            );
            assert_eq!(waited, Some(()));
        }
    }
}

fn taken(armed: &AtomicU32) -> BTreeSet<u32> {
    let taken = take(armed);
    (0..WAITERS).filter(|it| taken & 1 << it != 0).collect()
}

proptest! {
    #[test]
    fn a_writer_takes_all_who_wait_or_died_at_it_and_no_others(acts in vec(act(), 0..40)) {
        let armed = AtomicU32::new(0);
        let mut dead = BTreeSet::new();
        for act in acts {
            match act {
                Act::Die(waiter) => {
                    prop_assert!(die_at(2, || wait(&armed, waiter, || false, || ())).is_none());
                    dead.insert(waiter);
                }
                Act::Wait(waiters, takes) => {
                    let list: Vec<u32> = waiters.iter().copied().collect();
                    while_waiting(&armed, &list, &mut || {
                        if takes {
                            let expected = &mem::take(&mut dead) | &waiters;
                            assert_eq!(taken(&armed), expected);
                        }
                    });
                    dead = &dead - &waiters;
                }
            }
        }
        prop_assert_eq!(taken(&armed), dead);
        prop_assert_eq!(taken(&armed), BTreeSet::new());
    }
}
