//! [`Member`].

use std::time::Duration;

use crate::access::ReadWrite;
use crate::cores::ends::{End, Holder};
use crate::data::identity::ProcessIdentity;
use crate::error::SharedMemoryError;
use crate::error::unknown_format::UnknownFormat;
use crate::protocol::attach::{Patience, exclusively};
use crate::protocol::companions::Companions;
use crate::protocol::directory::{Directory, Kind, LANES};
use crate::protocol::lanes::Lanes;
use crate::protocol::shape::Shape;
use crate::protocol::token::{self, Token};
use crate::region::options::SharedMemoryOptions;
use crate::sync::Mutex;
use crate::sync::process::Liveness;
use crate::sys::clock;

/// For how long one end finds nothing before it asks the system whether the other lives, and how often it asks: by a
/// clock of ticks of 16 ms, always after one slice of a wait.
const LOOK: Duration = Duration::from_millis(30);

/// Which end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Sends,
    Receives,
}

/// What is done where there is no channel of the name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum IfAbsent {
    Create,
    Fail,
}

/// One that has joined a channel. Leaves on drop.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) names: Companions,
    directory: Directory<ReadWrite>,
    pub(super) lanes: Lanes,
    side: Side,
    /// That of the sender; 0 for the receiver.
    pub(super) lane: usize,
    pub(super) was_created: bool,
    has_left: bool,
    /// When this end last asked whether the other lives, as the time since the system started.
    looked: Duration,
    _token: Token,
    /// Held while a process joins. Kept, for others to find.
    _companion: Mutex,
}

impl Member {
    /// Joins at an end that is free, or whose process has ended.
    pub(super) fn join(
        names: Companions,
        shape: &Shape,
        side: Side,
        if_absent: IfAbsent,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        names.check()?;
        let mut patience = Patience::new(options);
        let (companion, mut opened) = match if_absent {
            // Before the directory is made: one that is all zero and whose mutex nobody holds is that of a
            // creator that died.
            IfAbsent::Create => (Mutex::get_or_create_with(&names.mutex(), options)?, None),
            IfAbsent::Fail => {
                let directory = Directory::open(&names.name, options, patience.for_absent())?;
                // What is of another kind has no mutex for this one.
                directory.is_initialised(Kind::Channel)?;
                let mutex = Mutex::open_within(&names.mutex(), patience.for_absent(), options)?;
                (mutex, Some(directory))
            }
        };
        loop {
            let joining = exclusively(&names, &companion, &mut patience)?;
            let directory = match opened.take() {
                Some(directory) => directory,
                None => {
                    let lanes = options.senders.unwrap_or(1).clamp(1, LANES);
                    Directory::create(&names.name, Kind::Channel, lanes, options)?
                }
            };
            step!();
            let Some((lanes, was_created)) = lanes(&names, &directory, shape, if_absent, options)?
            else {
                // Whoever creates it holds the mutex until it is whole. So this one has died.
                drop(joining);
                patience.pause(&names)?;
                opened = Some(directory);
                continue;
            };
            let lane = free_end(&names, &directory, side, lanes.count())?;
            let token = Token::create(&names)?;
            step!();
            own_end(&directory, side, lane).join(token.process());
            drop(joining);
            return Ok(Self {
                names,
                directory,
                lanes,
                side,
                lane,
                was_created,
                has_left: false,
                looked: clock::since_start().saturating_sub(LOOK),
                _token: token,
                _companion: companion,
            });
        }
    }

    /// Leaves before it is dropped, for others to be told.
    pub(super) fn leave(&mut self) {
        if !self.has_left {
            own_end(&self.directory, self.side, self.lane).leave();
            step!();
            // From now on the end may be another's.
            self.has_left = true;
        }
    }

    #[inline(always)]
    pub(super) fn receiver(&self) -> End<'_> {
        self.directory.receiver()
    }

    #[inline(always)]
    pub(super) fn sender(&self, lane: usize) -> End<'_> {
        self.directory.sender(lane)
    }

    /// Whether it is time to ask the system whether the others live.
    pub(super) fn is_look_due(&mut self) -> bool {
        let now = clock::since_start();
        let is_due = now.saturating_sub(self.looked) >= LOOK;
        if is_due {
            self.looked = now;
        }
        is_due
    }

    /// As if it had been asked now: the other was there just now.
    pub(super) fn put_off_look(&mut self) {
        self.looked = clock::since_start();
    }

    pub(super) fn liveness(&self, end: End<'_>) -> Liveness {
        liveness(&self.names, end)
    }

    /// The error for a channel with no process at the other end. The next call checks again, so that it reports the same.
    pub(super) fn disconnected(&mut self) -> SharedMemoryError {
        self.looked = Duration::ZERO;
        SharedMemoryError::Disconnected {
            name: self.names.name.to_string(),
        }
    }

    /// The words lead to no message.
    #[cold]
    pub(super) fn damaged(&self) -> SharedMemoryError {
        unknown(&self.names, UnknownFormat::MessageLost)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.leave();
    }
}

fn own_end(directory: &Directory<ReadWrite>, side: Side, lane: usize) -> End<'_> {
    match side {
        Side::Sends => directory.sender(lane),
        Side::Receives => directory.receiver(),
    }
}

/// Whether there is somebody at an end; [`Liveness::Gone`] if nobody has been there, or whoever was has left.
fn liveness(names: &Companions, end: End<'_>) -> Liveness {
    match end.holder() {
        Holder::Never | Holder::Left => Liveness::Gone,
        Holder::Process(process) => token::liveness(names, process),
    }
}

/// The process at an end, if there is one.
pub(super) fn process(end: End<'_>) -> Option<ProcessIdentity> {
    match end.holder() {
        Holder::Never | Holder::Left => None,
        Holder::Process(process) => Some(token::process(process)),
    }
}

/// The lanes that the directory names, or new ones, and whether they are new; `None` if there are none and none are
/// to be created. The caller holds the companion mutex.
fn lanes(
    names: &Companions,
    directory: &Directory<ReadWrite>,
    shape: &Shape,
    if_absent: IfAbsent,
    options: &SharedMemoryOptions,
) -> Result<Option<(Lanes, bool)>, SharedMemoryError> {
    if !directory.is_initialised(Kind::Channel)? {
        return Ok(None);
    }
    let found = directory.mode();
    if !(1..=LANES).contains(&found) {
        return Err(unknown(names, UnknownFormat::UnknownLanes { found }));
    }
    let count = found as usize;
    let last = directory.settled_record().generation;
    if last > 0 {
        match Lanes::open(names, last, shape, count) {
            Err(error) if error.is_not_found() => {}
            lanes => return lanes.map(|it| Some((it, false))),
        }
    }
    if if_absent == IfAbsent::Fail {
        return Ok(None);
    }
    let (generation, lanes) = Lanes::create_next(names, last, shape, count, options)?;
    directory.register(None, generation);
    Ok(Some((lanes, true)))
}

/// The number of the lane that nobody has; of the receiver 0. The caller holds the companion mutex.
fn free_end(
    names: &Companions,
    directory: &Directory<ReadWrite>,
    side: Side,
    lanes: usize,
) -> Result<usize, SharedMemoryError> {
    let (count, end): (usize, &dyn Fn(usize) -> _) = match side {
        Side::Sends => (lanes, &|lane| directory.sender(lane)),
        Side::Receives => (1, &|_| directory.receiver()),
    };
    // Usually one is free, which saves looking at processes.
    let free = (0..count)
        .find(|lane| process(end(*lane)).is_none())
        .or_else(|| (0..count).find(|lane| liveness(names, end(*lane)) == Liveness::Gone));
    free.ok_or_else(|| SharedMemoryError::EndTaken {
        name: names.name.to_string(),
        holder: process(end(0)).unwrap_or(ProcessIdentity { id: 0, created: 0 }),
    })
}

fn unknown(names: &Companions, reason: UnknownFormat) -> SharedMemoryError {
    SharedMemoryError::UnknownFormat {
        name: names.name.to_string(),
        reason,
    }
}
