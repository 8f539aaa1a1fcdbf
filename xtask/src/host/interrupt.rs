//! Ctrl-C (and SIGTERM, SIGHUP): noted here, acted on by whoever waits.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::{Failure, Result};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// From now on an interrupt sets the flag instead of ending this process, so
/// that what was started can be ended first.
pub(crate) fn install() -> Result<()> {
    ctrlc::set_handler(|| REQUESTED.store(true, Ordering::Relaxed))
        .map_err(|error| Failure::new(format!("cannot listen for Ctrl-C: {error}")))
}

pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}
