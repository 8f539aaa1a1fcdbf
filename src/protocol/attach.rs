//! Opening what another process created, or is just creating.

use std::thread;
use std::time::Duration;

use crate::access::Access;
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::protocol::companions::Companions;
use crate::protocol::directory::{Directory, Kind};
use crate::protocol::payload::Payload;
use crate::protocol::shape::Shape;
use crate::protocol::token::liveness;
use crate::region::options::SharedMemoryOptions;
use crate::sync::process::Liveness;
use crate::sync::{Mutex, MutexGuard};

/// Registering takes a few system calls; a process that takes longer than this is hung or dead.
const REGISTRATION: Duration = Duration::from_secs(5);

/// How often to look whether it is done.
const POLL: Duration = Duration::from_millis(1);

/// How often to look whether a writer that has gone is replaced.
const REPLACED: Duration = Duration::from_millis(10);

/// How long one call waits for others, in all: made when it begins, and passed to all that it does.
pub(crate) struct Patience {
    timeout: Timeout,
    /// Whether it also waits for what is not there at all.
    for_absent: bool,
}

impl Patience {
    /// As long as the options say, or [`REGISTRATION`] for what is there.
    pub(crate) fn new(options: &SharedMemoryOptions) -> Self {
        Self {
            timeout: Timeout::new(options.wait.unwrap_or(REGISTRATION)),
            for_absent: options.wait.is_some(),
        }
    }

    /// For what may not be there yet.
    pub(crate) fn for_absent(&mut self) -> Option<&mut Timeout> {
        self.for_absent.then_some(&mut self.timeout)
    }

    /// Lets some time pass before the next look.
    pub(crate) fn pause(&mut self, names: &Companions) -> Result<(), SharedMemoryError> {
        let left = self.timeout.left();
        if left.is_zero() {
            return Err(self.not_ready(names));
        }
        thread::sleep(POLL.min(left));
        Ok(())
    }

    fn not_ready(&self, names: &Companions) -> SharedMemoryError {
        SharedMemoryError::NotReady {
            name: names.name.to_string(),
            timeout: self.timeout.after(),
        }
    }
}

/// Holds the companion mutex, to register.
pub(crate) fn exclusively<'a>(
    names: &Companions,
    mutex: &'a Mutex,
    patience: &mut Patience,
) -> Result<MutexGuard<'a>, SharedMemoryError> {
    let guard = mutex.lock_timeout(patience.timeout.left())?;
    step!();
    guard.ok_or_else(|| patience.not_ready(names))
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
    /// Opens the directory and the payload it names. If they are just being created, waits for that.
    pub(crate) fn open(
        names: &Companions,
        kind: Kind,
        shape: Option<&Shape>,
        options: &SharedMemoryOptions,
        patience: &mut Patience,
    ) -> Result<(Directory<A>, Self), SharedMemoryError> {
        names.check()?;
        let directory = Directory::open(&names.name, options, patience.for_absent())?;
        step!();
        loop {
            let mut mismatch = None;
            let sequence = directory.sequence();
            if directory.is_initialised(kind)? {
                match Self::current(&directory, names, kind, shape) {
                    Ok(Some(attached)) => {
                        step!();
                        return Ok((directory, attached));
                    }
                    Ok(None) => {}
                    Err(error @ SharedMemoryError::LayoutMismatch(_))
                        if kind == Kind::Snapshot
                            && is_replaced(&directory, sequence, names, patience) =>
                    {
                        mismatch = Some(error);
                    }
                    Err(error) => return Err(error),
                }
            }
            let left = patience.timeout.left();
            if left.is_zero() {
                return Err(mismatch.unwrap_or_else(|| patience.not_ready(names)));
            }
            let pause = if mismatch.is_some() { REPLACED } else { POLL };
            thread::sleep(pause.min(left));
        }
    }

    /// The payload that the directory names now; `None` if it names none that is there.
    pub(crate) fn current(
        directory: &Directory<A>,
        names: &Companions,
        kind: Kind,
        shape: Option<&Shape>,
    ) -> Result<Option<Self>, SharedMemoryError> {
        let Some((sequence, record)) = directory.record().filter(|it| it.1.generation > 0) else {
            return Ok(None);
        };
        match Payload::open(names, record.generation, kind, shape) {
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

impl<A> Attached<A> {
    /// Whether a writer has registered since, and there may be something to attach to.
    pub(crate) fn may_be_replaced(&self, directory: &Directory<A>) -> bool {
        let sequence = directory.sequence();
        // Odd: a writer registers, or died at it, and there is nothing to attach to yet.
        sequence != self.sequence && sequence % 2 == 0
    }
}

/// Whether the payload found at this sequence of the directory may be followed by one of the type that is
/// asked for: a writer has registered since or is just doing so; or the one that is recorded has gone, and
/// the caller waits for what is not there yet.
fn is_replaced<A: Access>(
    directory: &Directory<A>,
    sequence: u32,
    names: &Companions,
    patience: &Patience,
) -> bool {
    let is_gone = |owner| liveness(names, owner) == Liveness::Gone;
    match directory.record() {
        Some((now, record)) if now == sequence => {
            patience.for_absent && record.owner.is_none_or(is_gone)
        }
        _ => true,
    }
}
