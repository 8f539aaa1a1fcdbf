//! Opening what another process created, or is just creating.

use std::thread;
use std::time::Duration;

use crate::access::Access;
use crate::data::SharedData;
use crate::deadline::Deadline;
use crate::error::SharedMemoryError;
use crate::protocol::companions::Companions;
use crate::protocol::directory::{Directory, Kind};
use crate::protocol::payload::Payload;
use crate::region::options::SharedMemoryOptions;
use crate::sync::{Mutex, MutexGuard};

/// How long registering may take: some system calls. Who takes longer hangs, or died at it.
const REGISTRATION: Duration = Duration::from_secs(5);

/// How often to look whether it is done.
const POLL: Duration = Duration::from_millis(1);

/// Holds the companion mutex, to register.
pub(crate) fn exclusively<'a>(
    names: &Companions,
    mutex: &'a Mutex,
) -> Result<MutexGuard<'a>, SharedMemoryError> {
    let guard = mutex.lock_timeout(REGISTRATION)?;
    step!();
    guard.ok_or_else(|| SharedMemoryError::NotReady {
        name: names.name.to_string(),
        timeout: REGISTRATION,
    })
}

/// A payload, and what the directory said when it was opened.
#[derive(Debug)]
pub(crate) struct Attached<A> {
    pub(crate) payload: Payload<A>,
    /// The directory's sequence.
    pub(crate) sequence: u32,
    pub(crate) generation: u64,
}

impl<A: Access> Attached<A> {
    /// Opens the directory and the payload it names. If they are just being created, waits for that:
    /// as long as the options say, or [`REGISTRATION`].
    pub(crate) fn open<T: SharedData>(
        names: &Companions,
        kind: Kind,
        options: &SharedMemoryOptions,
    ) -> Result<(Directory<A>, Self), SharedMemoryError> {
        let timeout = options.wait.unwrap_or(REGISTRATION);
        let directory = Directory::open(&names.name, options)?;
        let deadline = Deadline::after(timeout);
        step!();
        loop {
            if directory.is_initialised(kind)? {
                if let Some(attached) = Self::current::<T>(&directory, names, kind)? {
                    step!();
                    return Ok((directory, attached));
                }
            }
            if deadline.left().is_zero() {
                return Err(SharedMemoryError::NotReady {
                    name: names.name.to_string(),
                    timeout,
                });
            }
            thread::sleep(POLL.min(deadline.left()));
        }
    }

    /// The payload that the directory names now; `None` if it names none that is there.
    pub(crate) fn current<T: SharedData>(
        directory: &Directory<A>,
        names: &Companions,
        kind: Kind,
    ) -> Result<Option<Self>, SharedMemoryError> {
        let Some((sequence, record)) = directory.record().filter(|it| it.1.generation > 0) else {
            return Ok(None);
        };
        match Payload::open::<T>(&names.payload(record.generation), kind) {
            Ok(payload) => Ok(Some(Self {
                payload,
                sequence,
                generation: record.generation,
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
