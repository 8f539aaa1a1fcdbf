use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::atomic::AtomicU32;
use crate::wake::{WAITERS, arm, disarm, take};

#[derive(Clone, Debug)]
enum Act {
    Arm(u32),
    Disarm(u32),
    Take,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..WAITERS).prop_map(Act::Arm),
        2 => (0..WAITERS).prop_map(Act::Disarm),
        1 => Just(Act::Take),
    ]
}

proptest! {
    #[test]
    fn a_writer_takes_all_who_wait_and_no_others(acts in vec(act(), 0..100)) {
        let armed = AtomicU32::new(0);
        let mut expected = BTreeSet::new();
        for act in acts.into_iter().chain([Act::Take, Act::Take]) {
            match act {
                Act::Arm(waiter) => {
                    arm(&armed, waiter);
                    expected.insert(waiter);
                }
                Act::Disarm(waiter) => {
                    disarm(&armed, waiter);
                    expected.remove(&waiter);
                }
                Act::Take => {
                    let taken = take(&armed);
                    let taken: Vec<_> = (0..WAITERS).filter(|it| taken & 1 << it != 0).collect();
                    let expected: Vec<_> = std::mem::take(&mut expected).into_iter().collect();
                    prop_assert_eq!(taken, expected);
                }
            }
        }
    }
}
