//! A hook for the tests of what a process leaves behind that dies half-way: `step!()` stands between any two
//! steps that another process can tell apart. It is nothing, unless built with
//! `--cfg win_shared_memory_steps`.

#[cfg(not(win_shared_memory_steps))]
macro_rules! step {
    () => {};
}

#[cfg(win_shared_memory_steps)]
macro_rules! step {
    () => {
        $crate::step::step()
    };
}

/// Ends the process at the step of this number, counted from when the variable was set.
#[cfg(win_shared_memory_steps)]
pub(crate) fn step() {
    use std::sync::atomic::{AtomicU32, Ordering};

    static TAKEN: AtomicU32 = AtomicU32::new(0);
    if let Ok(last) = std::env::var("WIN_SHARED_MEMORY_LAST_STEP") {
        let step = TAKEN.fetch_add(1, Ordering::Relaxed) + 1;
        if last.parse() == Ok(step) {
            // Without a destructor of anything that is on the stack.
            std::process::exit(113);
        }
    }
}
