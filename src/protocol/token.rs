//! A second proof of whether a process lives, for where the process itself may not be asked: an event
//! that it keeps open as long as it uses a region, under a name that no other process has.
//!
//! There is none any more: the process has ended, or uses the region no longer. There is one: it lives,
//! or somebody else has the event open; so does who looks, for a moment.
//!
//! Assumption: the system closes the handles of a process that ends when its last thread has stopped.

use crate::error::SharedMemoryError;
use crate::identity::ProcessIdentity;
use crate::options::SharedMemoryOptions;
use crate::process::Liveness;
use crate::protocol::companions::Companions;
use crate::sync::{Event, Reset};

/// Says that this process uses a region.
#[derive(Debug)]
pub(crate) struct Token {
    _event: Event,
}

impl Token {
    /// For this process, before it says anywhere else that it uses the region.
    pub(crate) fn create(
        names: &Companions,
        process: ProcessIdentity,
    ) -> Result<Self, SharedMemoryError> {
        // Not inheritable, whatever the region is: a child must not stand for its parent.
        let event =
            SharedMemoryOptions::new().get_or_create_event(&names.token(process), Reset::Manual)?;
        Ok(Self { _event: event })
    }
}

/// Whether a process that said that it uses a region lives.
pub(crate) fn liveness(names: &Companions, process: ProcessIdentity) -> Liveness {
    match process.liveness() {
        Liveness::Unknown => match Event::open_to_wait(&names.token(process)) {
            Err(error) if error.is_not_found() => Liveness::Gone,
            Err(error) if !error.is_access_denied() => Liveness::Unknown,
            _ => Liveness::Alive,
        },
        known => known,
    }
}
