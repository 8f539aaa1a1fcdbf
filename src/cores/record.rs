//! The words of the directory: its header, and the record of the writer and its payload.
//!
//! | word | offset | what | written by |
//! |---:|---:|---|---|
//! | 0 | 0 | magic, last of the header | creator, under the mutex |
//! | 1 | 4 | format version | " |
//! | 2 | 8 | kind | " |
//! | 3 | 12 | mode: what a mutex is locked with; the number of a channel's lanes; 0 else | " |
//! | 4 | 16 | record: sequence, odd while it is written | writer that registers, under the mutex |
//! | 5 | 20 | record: owner's process id, 0 for nobody | "; the owner alone, to 0, when it closes |
//! | 6, 7 | 24 | record: owner's creation time, low and high | writer that registers, under the mutex |
//! | 8, 9 | 32 | record: generation, low and high; 0 for none | " |
//!
//! All words are little-endian, as every processor that runs Windows is.
//!
//! The mutex is taken before the directory is created, and is released when its holder dies. So its holder
//! is alone, and finds what one that died at any step has left.
//!
//! Creator, under the mutex, unless the magic is there:
//!
//! 1. format version, kind, mode
//! 2. magic; release: orders 1 before it
//!
//! Writer that registers, under the mutex, with a payload that is complete:
//!
//! 1. sequence := the next odd one, the same if one that died left it odd; release: orders the header
//!    before it
//! 2. release fence: orders 1 before 3
//! 3. owner, generation
//! 4. sequence := the next even one; release: orders 3 and the payload before it
//!
//! Reader, without the mutex:
//!
//! 1. load the magic; acquire fence: if it is there, so is the rest of the header. If not, load the other
//!    words; acquire fence; load the magic again: it is there if one of them was part of a record
//! 2. load the sequence; acquire fence: what was registered with it, and the payload, is seen below
//! 3. load owner and generation
//! 4. acquire fence: if 3 saw something of a later registration, 5 sees its odd sequence, or a later one
//! 5. load the sequence; the record is whole if it is as in 2 and even
//!
//! Owner that closes, without the mutex; the sequence stays:
//!
//! 1. process id := 0; release: orders what it published before it
//!
//! Successor, under the mutex:
//!
//! 1. load the record; half a one, that of an odd sequence, has no owner
//! 2. acquire fence: after a process id of 0, what the owner published is seen
//! 3. unless the owner lives, register

use crate::cores::atomic::{AtomicU32, Ordering, fence};
use crate::data::identity::ProcessIdentity;

pub(crate) const MAGIC: u32 = u32::from_le_bytes(*b"WSMd");
pub(crate) const FORMAT: u32 = 1;
pub(crate) const COUNT: usize = 10;

pub(crate) type Words = [AtomicU32; COUNT];

/// Which word is which. The second half of a pair is the high one.
mod word {
    pub(super) const MAGIC: usize = 0;
    pub(super) const FORMAT: usize = 1;
    pub(super) const KIND: usize = 2;
    pub(super) const MODE: usize = 3;
    pub(super) const SEQUENCE: usize = 4;
    pub(super) const OWNER_ID: usize = 5;
    pub(super) const OWNER_CREATED: [usize; 2] = [6, 7];
    pub(super) const GENERATION: [usize; 2] = [8, 9];
}

/// What a region of our format is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Snapshot = 1,
    Mutex = 2,
    Channel = 3,
    Broadcast = 4,
}

impl Kind {
    /// The largest mode that there is.
    fn modes(self) -> u32 {
        match self {
            Self::Snapshot | Self::Broadcast => 0,
            Self::Mutex => 2,
            Self::Channel => LANES,
        }
    }
}

/// The most lanes of a channel.
pub(crate) const LANES: u32 = 31;

/// What the header says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Header {
    /// Nothing yet, or its beginnings.
    Unfinished,
    /// That this is a directory for that kind of region.
    Ready,
    /// That this is a directory for another kind of region.
    OtherKind,
    /// That this is a directory of another version of the format.
    OtherVersion(u32),
    /// Something else: the region is not a directory.
    Foreign,
}

/// The writer, and its payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Record {
    pub(crate) owner: Option<ProcessIdentity>,
    pub(crate) generation: u64,
}

/// What the header says to one that looks for this kind of region.
pub(crate) fn header(words: &Words, kind: Kind) -> Header {
    let load = |at: usize| words[at].load(Ordering::Relaxed);
    let magic = load(word::MAGIC);
    fence(Ordering::Acquire);
    if magic == 0 {
        // Nothing yet, or the beginnings of a header; anything else is somebody's data.
        let ours = [0, FORMAT].contains(&load(word::FORMAT))
            && [0, kind as u32].contains(&load(word::KIND))
            && load(word::MODE) <= kind.modes()
            && (word::SEQUENCE..COUNT).all(|at| load(at) == 0);
        // Unless the magic has come meanwhile: it is visible before a record's first step is.
        fence(Ordering::Acquire);
        if ours || load(word::MAGIC) != 0 {
            return Header::Unfinished;
        }
    }
    match [magic, load(word::FORMAT), load(word::KIND)] {
        [MAGIC, FORMAT, found] if found == kind as u32 => Header::Ready,
        [MAGIC, FORMAT, _] => Header::OtherKind,
        [MAGIC, version, _] => Header::OtherVersion(version),
        _ => Header::Foreign,
    }
}

/// Writes a header that is not there or unfinished. The caller holds the mutex.
pub(crate) fn write_header(words: &Words, kind: Kind, mode: u32) {
    step!();
    words[word::FORMAT].store(FORMAT, Ordering::Relaxed);
    step!();
    words[word::KIND].store(kind as u32, Ordering::Relaxed);
    step!();
    words[word::MODE].store(mode, Ordering::Relaxed);
    step!();
    words[word::MAGIC].store(MAGIC, Ordering::Release);
    step!();
}

/// The mode, once the header is ready.
pub(crate) fn mode(words: &Words) -> u32 {
    words[word::MODE].load(Ordering::Relaxed)
}

/// Changes with every registration.
#[inline]
pub(crate) fn sequence(words: &Words) -> u32 {
    words[word::SEQUENCE].load(Ordering::Relaxed)
}

/// The record and its sequence; `None` while it is being written, or if its writer died then.
pub(crate) fn record(words: &Words) -> Option<(u32, Record)> {
    let before = sequence(words);
    fence(Ordering::Acquire);
    let record = fields(words);
    fence(Ordering::Acquire);
    (before & 1 == 0 && sequence(words) == before).then_some((before, record))
}

/// The record, for the holder of the mutex, also after a writer died while registering: its half-written
/// record names a generation that was finished, or none.
pub(crate) fn settled_record(words: &Words) -> Record {
    let half = sequence(words) & 1 != 0;
    let record = fields(words);
    fence(Ordering::Acquire);
    Record {
        owner: record.owner.filter(|_| !half),
        ..record
    }
}

fn fields(words: &Words) -> Record {
    let load = |at: usize| words[at].load(Ordering::Relaxed);
    let id = load(word::OWNER_ID);
    let created = join(word::OWNER_CREATED.map(load));
    let generation = join(word::GENERATION.map(load));
    Record {
        owner: (id != 0).then_some(ProcessIdentity { id, created }),
        generation,
    }
}

/// Registers the writer, if this kind of region has one, and the generation. The caller holds the
/// mutex.
pub(crate) fn register(words: &Words, owner: Option<ProcessIdentity>, generation: u64) {
    let owner = owner.unwrap_or(ProcessIdentity { id: 0, created: 0 });
    let store = |at: usize, value| {
        words[at].store(value, Ordering::Relaxed);
        step!();
    };
    // Odd already if a writer died at this.
    let odd = sequence(words) | 1;
    words[word::SEQUENCE].store(odd, Ordering::Release);
    step!();
    fence(Ordering::Release);
    store(word::OWNER_ID, owner.id);
    store(word::OWNER_CREATED[0], owner.created as u32);
    store(word::OWNER_CREATED[1], (owner.created >> 32) as u32);
    store(word::GENERATION[0], generation as u32);
    store(word::GENERATION[1], (generation >> 32) as u32);
    words[word::SEQUENCE].store(odd.wrapping_add(1), Ordering::Release);
    step!();
}

/// The owner closes: one store, so that it needs no mutex.
pub(crate) fn unregister(words: &Words) {
    words[word::OWNER_ID].store(0, Ordering::Release);
}

/// Whether the owner has closed, as one load: a hint for those who are about to wait.
#[inline]
pub(crate) fn is_unregistered(words: &Words) -> bool {
    words[word::OWNER_ID].load(Ordering::Relaxed) == 0
}

fn join([lo, hi]: [u32; 2]) -> u64 {
    u64::from(hi) << 32 | u64::from(lo)
}
