//! [`Subscriber`].

use std::hint;
use std::thread;
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
use crate::protocol::waiters::Waiter;
use crate::region::options::SharedMemoryOptions;
use crate::sync::process::Liveness;
use crate::sys::clock;

/// How often a waiting reader looks before it asks the system to wake it: some microseconds, the time
/// that takes.
const SPINS: u32 = 500;

/// How long a waiting reader relies on being woken before it looks by itself: a writer of another user
/// may not be allowed to wake it, and one that was killed does not.
const SLICE: Duration = Duration::from_millis(50);

/// How often a reader that cannot be woken looks.
const POLL: Duration = Duration::from_millis(1);

/// What a reader knows of a snapshot, whatever is published there.
#[derive(Debug)]
pub(crate) struct Subscriber {
    pub(crate) names: Companions,
    kind: Kind,
    /// What its values have to be; `None` for whatever they are.
    shape: Option<Shape>,
    directory: Directory<ReadOnly>,
    attached: Attached<ReadOnly>,
    waiter: Option<Waiter>,
    /// For the event that this reader waits for.
    options: SharedMemoryOptions,
    /// The version of the value read last, 0 before the first.
    pub(crate) seen: u64,
    /// When that version was another, as the time since the system started.
    changed: Duration,
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
            waiter: None,
            options: event_options(options),
            seen: 0,
            changed: clock::since_start(),
        })
    }

    pub(crate) fn has_changed(&mut self) -> Result<bool, SharedMemoryError> {
        self.attach()?;
        Ok(self.is_published_since())
    }

    pub(crate) fn wait_changed(&mut self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        let mut timeout = Timeout::new(timeout);
        for _ in 0..SPINS {
            if self.may_have_changed() {
                break;
            }
            hint::spin_loop();
        }
        let mut may_register = true;
        loop {
            if self.has_changed()? {
                return Ok(true);
            }
            let left = timeout.left();
            if left.is_zero() {
                return Ok(false);
            }
            if self.waiter.is_none() && may_register {
                self.waiter = Waiter::register(&self.names, &self.options);
                may_register = false;
            }
            match &self.waiter {
                Some(waiter) => waiter.wait(SLICE.min(left), || self.may_have_changed())?,
                None => thread::sleep(POLL.min(left)),
            }
        }
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
        if self.directory.sequence() == self.attached.sequence {
            return Ok(());
        }
        self.attach_again()
    }

    #[cold]
    fn attach_again(&mut self) -> Result<(), SharedMemoryError> {
        let Some((sequence, record)) = self.directory.record() else {
            // A writer registers, or died at it. What we have stays as it is.
            return Ok(());
        };
        if record.generation != self.attached.generation {
            let current =
                Attached::current(&self.directory, &self.names, self.kind, self.shape.as_ref())?;
            if let Some(attached) = current {
                self.attached = attached;
                return Ok(());
            }
            // Gone again before we could open it; the next writer registers again.
        }
        self.attached.sequence = sequence;
        Ok(())
    }

    /// Whether [`has_changed`](Self::has_changed) may say so, without a system call.
    fn may_have_changed(&self) -> bool {
        let sequence = self.directory.sequence();
        // Odd: a writer registers, or died at it, and there is nothing to attach to yet.
        let registered = sequence != self.attached.sequence && sequence % 2 == 0;
        registered || self.is_published_since()
    }

    /// Whether what we are attached to has a value of another version than the one seen. If so, that is
    /// mostly known without a look at the slot, which still lies in the writer's cache.
    #[inline]
    fn is_published_since(&self) -> bool {
        let payload = &self.attached.payload;
        let latest = payload.latest().load(Ordering::Relaxed);
        if latest != 0 && latest != self.seen as u32 {
            return true;
        }
        fence(Ordering::Acquire);
        let now = payload.sequence(payload.slot(latest)).version();
        now != 0 && now != self.seen
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

/// The part of the options that is for the event of a reader: who may set it.
fn event_options(options: &SharedMemoryOptions) -> SharedMemoryOptions {
    let mut event = SharedMemoryOptions::new();
    event.security = options.security_for_waiting();
    event
}
