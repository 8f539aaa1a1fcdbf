//! Ctrl-C, which ends a command in good order.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::{Code, Failure, Result};

static STOPPED: AtomicBool = AtomicBool::new(false);

/// From now on, Ctrl-C asks the command to end; a second time it ends the program.
///
/// # Errors
///
/// The system refuses.
pub fn listen() -> Result<()> {
    let listening = ctrlc::set_handler(|| {
        if STOPPED.swap(true, Ordering::Relaxed) {
            std::process::exit(Code::Failed as i32);
        }
    });
    listening.map_err(|error| {
        Failure::new(
            Code::Failed,
            format_args!("Ctrl-C is not available: {error}"),
        )
    })
}

/// Whether the command has been asked to end.
#[must_use]
pub fn is_requested() -> bool {
    STOPPED.load(Ordering::Relaxed)
}
