//! The directory: the small region found under the name, which says who writes and which generation
//! of the payload is current.
//!
//! | word | offset | what | written by |
//! |---:|---:|---|---|
//! | 0 | 0 | magic, last of the header | creator, under the mutex |
//! | 1 | 4 | format version | " |
//! | 2 | 8 | kind | " |
//! | 4 | 16 | record: sequence, odd while it is written | writer that registers, under the mutex |
//! | 5 | 20 | record: owner's process id, 0 for nobody | "; the owner alone, to 0, when it closes |
//! | 6, 7 | 24 | record: owner's creation time, low and high | writer that registers, under the mutex |
//! | 8, 9 | 32 | record: generation, low and high; 0 for none | " |
//!
//! All words are little-endian, as every processor that runs Windows is.

use crate::access::{Access, ReadWrite};
use crate::atomic::{AtomicU32, Ordering, fence};
use crate::error::SharedMemoryError;
use crate::options::{Backing, SharedMemoryOptions};
use crate::process::ProcessIdentity;
use crate::section::Section;
use crate::view::View;

const MAGIC: u32 = u32::from_le_bytes(*b"WSMd");
pub(crate) const FORMAT: u32 = 1;
const SIZE: usize = 4096;
const WORDS: usize = 10;

/// What a region of our format is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Snapshot = 1,
    Mutex = 2,
}

/// Who writes, and where.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Record {
    pub(crate) owner: Option<ProcessIdentity>,
    pub(crate) generation: u64,
}

#[derive(Debug)]
pub(crate) struct Directory<A> {
    view: View<A>,
    /// Keeps the name.
    section: Section<A>,
}

impl<A: Access> Directory<A> {
    /// Opens the directory; it may not be initialised yet.
    pub(crate) fn open(
        name: &str,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Self::map(options.open_section(name)?)
    }

    fn map(section: Section<A>) -> Result<Self, SharedMemoryError> {
        let view = section.map_range(0, SIZE)?.committed()?;
        Ok(Self { view, section })
    }
}

impl<A> Directory<A> {
    fn words(&self) -> &[AtomicU32; WORDS] {
        self.view.words(0)
    }

    /// Whether the header says that this is a directory for this kind of region: `false` while
    /// it says nothing yet.
    pub(crate) fn is_initialised(&self, kind: Kind) -> Result<bool, SharedMemoryError> {
        let words = self.words();
        let magic = words[0].load(Ordering::Relaxed);
        fence(Ordering::Acquire);
        if magic == 0 {
            // Nothing yet, or the beginnings of a header; anything else is somebody's data.
            let word = |at: usize| words[at].load(Ordering::Relaxed);
            let ours = [0, FORMAT].contains(&word(1))
                && [0, kind as u32].contains(&word(2))
                && (3..WORDS).all(|at| word(at) == 0);
            // Unless the magic has come meanwhile.
            if ours || word(0) != 0 {
                return Ok(false);
            }
        }
        let found = [
            magic,
            words[1].load(Ordering::Relaxed),
            words[2].load(Ordering::Relaxed),
        ];
        let reason = match found {
            [MAGIC, FORMAT, found] if found == kind as u32 => return Ok(true),
            [MAGIC, FORMAT, _] => "it holds something else (say, a lock instead of a snapshot)",
            [MAGIC, ..] => "it was made by another, incompatible version of this library",
            _ => "it was not made by this library, which opens its own regions here",
        };
        Err(SharedMemoryError::UnknownFormat {
            name: self.section.name().unwrap_or_default().into(),
            reason,
        })
    }

    /// Changes with every registration.
    #[inline]
    pub(crate) fn sequence(&self) -> u32 {
        self.words()[4].load(Ordering::Relaxed)
    }

    /// The record and its sequence; `None` while it is being written, or if its writer died then.
    pub(crate) fn record(&self) -> Option<(u32, Record)> {
        let words = self.words();
        let load = |at: usize| words[at].load(Ordering::Relaxed);
        let sequence = load(4);
        fence(Ordering::Acquire);
        let (id, created, generation) = (load(5), [load(6), load(7)], [load(8), load(9)]);
        fence(Ordering::Acquire);
        let record = Record {
            owner: (id != 0).then(|| ProcessIdentity {
                id,
                created: join(created),
            }),
            generation: join(generation),
        };
        (sequence & 1 == 0 && load(4) == sequence).then_some((sequence, record))
    }
}

impl Directory<ReadWrite> {
    /// Creates the directory, or opens it. The caller holds the mutex.
    pub(crate) fn create(
        name: &str,
        kind: Kind,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let mut options = options.clone();
        options.backing(Backing::Committed);
        let directory = Self::map(options.get_or_create_section(name, SIZE as u64)?)?;
        // All zero: new, or its creator died before the last word. Nobody else is here.
        if !directory.is_initialised(kind)? {
            let words = directory.words();
            step!();
            words[1].store(FORMAT, Ordering::Relaxed);
            step!();
            words[2].store(kind as u32, Ordering::Relaxed);
            step!();
            words[0].store(MAGIC, Ordering::Release);
            step!();
        }
        Ok(directory)
    }

    /// The generation, for who holds the mutex, also after a writer died while registering: its
    /// half-written record names a generation that was finished, or none.
    pub(crate) fn settled_record(&self) -> Record {
        let load = |at: usize| self.words()[at].load(Ordering::Relaxed);
        let half = load(4) & 1 != 0;
        let id = load(5);
        Record {
            owner: (id != 0 && !half).then(|| ProcessIdentity {
                id,
                created: join([load(6), load(7)]),
            }),
            generation: join([load(8), load(9)]),
        }
    }

    /// Registers the writer, if this kind of region has one, and the generation. The caller holds the
    /// mutex.
    pub(crate) fn register(&self, owner: Option<ProcessIdentity>, generation: u64) {
        let owner = owner.unwrap_or(ProcessIdentity { id: 0, created: 0 });
        let words = self.words();
        let store = |at: usize, value| {
            words[at].store(value, Ordering::Relaxed);
            step!();
        };
        // Odd already if a writer died at this.
        let odd = words[4].load(Ordering::Relaxed) | 1;
        store(4, odd);
        fence(Ordering::Release);
        store(5, owner.id);
        store(6, owner.created as u32);
        store(7, (owner.created >> 32) as u32);
        store(8, generation as u32);
        store(9, (generation >> 32) as u32);
        words[4].store(odd.wrapping_add(1), Ordering::Release);
        step!();
    }

    /// The owner closes: one store, so that it needs no mutex.
    pub(crate) fn unregister(&self) {
        self.words()[5].store(0, Ordering::Release);
    }
}

fn join([lo, hi]: [u32; 2]) -> u64 {
    u64::from(hi) << 32 | u64::from(lo)
}
