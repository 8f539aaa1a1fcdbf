//! A second proof of whether a process lives, for where the process itself may not be asked: an event
//! that it keeps open as long as it uses a region, under a name that no other process has.
//!
//! If there is no such event, the process has ended, or uses the region no longer. If there is one, the process lives, or
//! another one has the event open, as this check does for a moment.
//!
//! Assumption: the system closes the handles of a process that ends when its last thread has stopped.
//!
//! A process in an AppContainer creates objects where others do not look for them. It has no event, and
//! says so in the time that it is recorded with.

use crate::data::identity::ProcessIdentity;
use crate::error::SharedMemoryError;
use crate::protocol::companions::Companions;
use crate::sync::process::Liveness;
use crate::sync::{Event, Reset};
use crate::sys;

/// Set in the time of a process without an event: no `FILETIME` of a process has it.
const NO_EVENT: u64 = 1 << 63;

/// Says that this process uses a region.
#[derive(Debug)]
pub(crate) struct Token {
    _event: Option<Event>,
    process: ProcessIdentity,
}

impl Token {
    /// For this process, before it says anywhere else that it uses the region.
    pub(crate) fn create(names: &Companions) -> Result<Self, SharedMemoryError> {
        let process = ProcessIdentity::current()?;
        if sys::process::is_in_app_container() {
            let created = process.created | NO_EVENT;
            return Ok(Self {
                _event: None,
                process: ProcessIdentity { created, ..process },
            });
        }
        // Not inheritable, whatever the region is: a child must not stand for its parent.
        let event = Event::get_or_create(&names.token(process), Reset::Manual)?;
        Ok(Self {
            _event: Some(event),
            process,
        })
    }

    /// This process, as it is to be recorded.
    pub(crate) fn process(&self) -> ProcessIdentity {
        self.process
    }
}

/// The process that is recorded so.
pub(crate) fn process(recorded: ProcessIdentity) -> ProcessIdentity {
    ProcessIdentity {
        created: recorded.created & !NO_EVENT,
        ..recorded
    }
}

/// Whether the process that is recorded so lives.
pub(crate) fn liveness(names: &Companions, recorded: ProcessIdentity) -> Liveness {
    let process = process(recorded);
    match process.liveness() {
        Liveness::Unknown if process == recorded => {
            match Event::open_to_wait(&names.token(process)) {
                Err(error) if error.is_not_found() => Liveness::Gone,
                Err(error) if !error.is_access_denied() => Liveness::Unknown,
                _ => Liveness::Alive,
            }
        }
        known => known,
    }
}
