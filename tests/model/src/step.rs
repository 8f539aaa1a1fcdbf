//! The hook between steps, as the library's `step`; here it ends not a process, but what a thread does.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

#[cfg(loom)]
use loom::thread_local;
#[cfg(not(loom))]
use std::thread_local;

macro_rules! step {
    () => {
        $crate::step::step()
    };
}

thread_local! {
    /// The steps left; 0 where no death is near.
    static LEFT: Cell<u32> = Cell::default();
}

struct Died;

/// Does this, and dies at the step of this number, counted from 1: `None`, unless there are fewer.
pub(crate) fn die_at<R>(step: u32, act: impl FnOnce() -> R) -> Option<R> {
    LEFT.with(|left| left.set(step));
    let outcome = panic::catch_unwind(AssertUnwindSafe(act));
    LEFT.with(|left| left.set(0));
    match outcome {
        Ok(survived) => Some(survived),
        Err(panic) if panic.is::<Died>() => None,
        Err(panic) => panic::resume_unwind(panic),
    }
}

pub(crate) fn step() {
    let last = LEFT.with(|left| left.replace(left.get().saturating_sub(1)));
    if last == 1 {
        // Tells no panic hook.
        panic::resume_unwind(Box::new(Died));
    }
}
