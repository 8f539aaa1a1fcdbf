//! [`Subscriber`].

mod in_order;

use std::hint;
use std::time::Duration;

use crate::access::ReadOnly;
use crate::cores::atomic::{Ordering, fence};
use crate::data::identity::ProcessIdentity;
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::protocol::attach::{Attached, Patience};
use crate::protocol::companions::Companions;
use crate::protocol::directory::{Directory, Kind};
use crate::protocol::payload::{Payload, READING};
use crate::protocol::shape::Shape;
use crate::protocol::token;
use crate::protocol::waiting::Waiting;
use crate::region::options::SharedMemoryOptions;
use crate::sync::Armed;
use crate::sync::process::Liveness;
use crate::sys::clock;

/// How often a waiting reader looks before it asks the system to wake it: some microseconds, the time
/// that takes.
const SPINS: u32 = 500;

/// What a reader knows of a snapshot or a broadcast, whatever is published there.
#[derive(Debug)]
pub(crate) struct Subscriber {
    pub(crate) names: Companions,
    kind: Kind,
    /// What its values have to be; `None` for whatever they are.
    shape: Option<Shape>,
    directory: Directory<ReadOnly>,
    attached: Attached<ReadOnly>,
    waiting: Waiting,
    /// The version of the value read last, 0 before the first. In order: that of the last value that was read or
    /// missed.
    pub(crate) seen: u64,
    /// When that version was another, as the time since the system started.
    changed: Duration,
    looked: Looked,
}

/// What a reader knows of the writer's life.
#[derive(Debug, Default)]
struct Looked {
    /// When it last asked the system, as the time since the system started.
    at: Duration,
    /// The sequence of the directory whose writer it has found dead.
    gone: Option<u32>,
}

impl Subscriber {
    pub(crate) fn open(
        names: Companions,
        kind: Kind,
        shape: Option<Shape>,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let mut patience = Patience::new(options);
        let (directory, attached) =
            Attached::open(&names, kind, shape.as_ref(), options, &mut patience)?;
        Ok(Self {
            names,
            kind,
            shape,
            directory,
            attached,
            waiting: Waiting::new(options),
            seen: 0,
            changed: clock::since_start(),
            looked: Looked::default(),
        })
    }

    pub(crate) fn has_changed(&mut self) -> Result<bool, SharedMemoryError> {
        self.attach()?;
        Ok(is_published_since(&self.attached.payload, self.seen))
    }

    pub(crate) fn wait_changed(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        let has = |_: &_, payload: &_, seen| is_published_since(payload, seen);
        self.wait_until(timeout, has, Self::has_changed)
    }

    /// What to wait for until [`has_changed`](Self::has_changed); `None` if it has.
    pub(crate) fn arm(&mut self) -> Result<Option<Armed<'_>>, SharedMemoryError> {
        self.arm_until(Self::has_changed)
    }

    /// Waits up to `timeout` until `is_there`. Whether the payload we are attached to has what is waited for after the
    /// version seen is asked meanwhile without a system call.
    fn wait_until(
        &mut self,
        timeout: Duration,
        has: impl Fn(&Directory<ReadOnly>, &Payload<ReadOnly>, u64) -> bool,
        is_there: impl Fn(&mut Self) -> Result<bool, SharedMemoryError>,
    ) -> Result<bool, SharedMemoryError> {
        let mut timeout = Timeout::new(timeout);
        let may_be = |directory: &Directory<_>, attached: &Attached<_>, seen| {
            attached.may_be_replaced(directory) || has(directory, &attached.payload, seen)
        };
        for _ in 0..SPINS {
            if may_be(&self.directory, &self.attached, self.seen) {
                break;
            }
            hint::spin_loop();
        }
        loop {
            if is_there(self)? {
                return Ok(true);
            }
            let left = timeout.left();
            if left.is_zero() {
                return Ok(false);
            }
            let (directory, attached, seen) = (&self.directory, &self.attached, self.seen);
            let is_done = || may_be(directory, attached, seen);
            self.waiting.wait(&self.names, left, is_done)?;
        }
    }

    /// What to wait for until `is_there`; `None` if it is.
    fn arm_until(
        &mut self,
        is_there: impl Fn(&mut Self) -> Result<bool, SharedMemoryError>,
    ) -> Result<Option<Armed<'_>>, SharedMemoryError> {
        // The writer need not be told of a reader that does not wait.
        if is_there(self)? {
            return Ok(None);
        }
        self.waiting.arm(&self.names)?;
        let there = is_there(self);
        let armed = self.waiting.armed();
        Ok(if there? { None } else { armed })
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn generation(&self) -> u64 {
        self.attached.generation
    }

    pub(crate) fn capacity(&self) -> usize {
        self.payload().capacity()
    }

    /// What holds the values, as long as the writer does not come back with another one.
    pub(crate) fn payload(&self) -> &Payload<ReadOnly> {
        &self.attached.payload
    }

    pub(crate) fn unchanged_for(&self) -> Duration {
        clock::since_start().saturating_sub(self.changed)
    }

    pub(crate) fn writer(&self) -> Option<ProcessIdentity> {
        self.owner().map(token::process)
    }

    pub(crate) fn writer_liveness(&self) -> Liveness {
        self.owner()
            .map_or(Liveness::Gone, |owner| token::liveness(&self.names, owner))
    }

    fn owner(&self) -> Option<ProcessIdentity> {
        self.directory.record().and_then(|(_, record)| record.owner)
    }

    /// Attaches to the current payload, if another writer registered since.
    #[inline]
    fn attach(&mut self) -> Result<(), SharedMemoryError> {
        if !self.is_attached() {
            self.attach_again()?;
        }
        Ok(())
    }

    /// Whether no other writer registered since this attached.
    #[inline]
    fn is_attached(&self) -> bool {
        self.directory.sequence() == self.attached.sequence
    }

    /// Tells whether the payload is another one now.
    #[cold]
    fn attach_again(&mut self) -> Result<bool, SharedMemoryError> {
        let Some((sequence, record)) = self.directory.record() else {
            // A writer registers, or died at it. What we have stays as it is.
            return Ok(false);
        };
        if record.generation != self.attached.generation {
            let current =
                Attached::current(&self.directory, &self.names, self.kind, self.shape.as_ref())?;
            if let Some(attached) = current {
                self.attached = attached;
                return Ok(true);
            }
            // Gone again before we could open it; the next writer registers again.
        }
        self.attached.sequence = sequence;
        Ok(false)
    }

    /// Copies the value published last from its slot, again until it is whole, and marks it as seen.
    #[inline]
    pub(crate) fn read<R>(
        &mut self,
        mut copy: impl FnMut(&Payload<ReadOnly>, u32) -> R,
    ) -> Result<Option<R>, SharedMemoryError> {
        self.attach()?;
        let payload = &self.attached.payload;
        let read = payload.read_latest_slot(READING, &mut |slot| copy(payload, slot));
        match read.map_err(|unread| unread.into_error(&self.names.name))? {
            None => Ok(None),
            Some((version, value)) => {
                if version != self.seen {
                    self.seen = version;
                    self.changed = clock::since_start();
                }
                Ok(Some(value))
            }
        }
    }
}

/// Whether a payload has a value of another version than the one seen. If so, that is mostly known without a
/// look at the slot, which still lies in the writer's cache.
#[inline]
fn is_published_since(payload: &Payload<ReadOnly>, seen: u64) -> bool {
    let latest = payload.latest().load(Ordering::Relaxed);
    if latest != 0 && latest != seen as u32 {
        return true;
    }
    fence(Ordering::Acquire);
    let now = payload.sequence(payload.slot(latest)).version();
    now != 0 && now != seen
}
