//! Processes that end at one of their steps: where `step!()` stands.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

/// For who does not end before it is done.
pub(crate) const NEVER: u32 = u32::MAX;

loom::thread_local! {
    /// Steps that this thread still lives for.
    static LEFT: Cell<u32> = Cell::new(NEVER);
}

struct Died;

/// Runs `act`, which ends at that step of it, and releases the mutexes that it holds: `false` if it did.
pub(crate) fn live(steps: u32, act: impl FnOnce()) -> bool {
    LEFT.with(|left| left.set(steps));
    let end = panic::catch_unwind(AssertUnwindSafe(act));
    LEFT.with(|left| left.set(NEVER));
    match end {
        Ok(()) => true,
        Err(died) if died.is::<Died>() => false,
        Err(failed) => panic::resume_unwind(failed),
    }
}

pub(crate) fn step() {
    let left = LEFT.with(|left| {
        left.set(left.get().saturating_sub(u32::from(left.get() < NEVER)));
        left.get()
    });
    if left == 0 && !std::thread::panicking() {
        panic::resume_unwind(Box::new(Died));
    }
}
