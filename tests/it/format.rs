//! Regions of our own format as a program sees them that knows FORMAT.md and not this library.

use win_shared_memory::{ReadWrite, Section, View};

/// Words of the directory.
pub(crate) const RECORD_SEQUENCE: usize = 16;
pub(crate) const WRITER_ID: usize = 20;
pub(crate) const GENERATION: usize = 32;

pub(crate) const LOCK: usize = 128;
/// The thread that holds the kernel's mutex.
pub(crate) const THREAD: usize = 132;
/// How many slots of 16 bytes there are from 256 on.
pub(crate) const LOCKERS: usize = (4096 - 256) / 16;

/// Of the region in which readers say that they wait.
pub(crate) const ARMED: usize = 128;

/// Of the payload.
pub(crate) const CAPACITY: usize = 44;
pub(crate) const LATEST: usize = 128;

/// A whole region, whatever is in it.
#[derive(Debug)]
pub(crate) struct Words {
    view: View<ReadWrite>,
    /// Keeps the name, and so the contents, when all others have gone.
    _section: Section<ReadWrite>,
}

impl Words {
    pub(crate) fn open(name: &str) -> Self {
        Self::of(Section::open_existing(name).unwrap())
    }

    pub(crate) fn of(section: Section<ReadWrite>) -> Self {
        Self {
            view: section.map().unwrap(),
            _section: section,
        }
    }

    pub(crate) fn get(&self, offset: usize) -> u32 {
        self.view.read(offset).unwrap()
    }

    pub(crate) fn set(&self, offset: usize, value: u32) {
        self.view.write(offset, &value).unwrap();
    }

    pub(crate) fn view(&self) -> &View<ReadWrite> {
        &self.view
    }
}

/// A payload region.
#[derive(Debug)]
pub(crate) struct Payload {
    pub(crate) words: Words,
    pub(crate) slots: u32,
    /// Where the first slot is.
    pub(crate) first: usize,
    /// How far in its slot a value is.
    head: usize,
    stride: usize,
}

impl Payload {
    /// The payload of a snapshot's first generation.
    pub(crate) fn open(snapshot: &str) -> Self {
        let words = Words::open(&format!("{snapshot}~1"));
        let slots = words.get(12);
        let align = words.get(32) as usize;
        let (first, stride) = (words.get(48) as usize, words.get(56) as usize);
        Self {
            words,
            slots,
            first,
            head: align.max(128),
            stride,
        }
    }

    /// From one slot to the next.
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    fn at(&self, version: u64) -> usize {
        self.first + (version % u64::from(self.slots)) as usize * self.stride
    }

    /// Where the value of this version is.
    pub(crate) fn value_of(&self, version: u64) -> usize {
        self.at(version) + self.head
    }

    /// The sequence of the slot that is for this version: twice the version, or more by one while it
    /// is being written.
    pub(crate) fn sequence(&self, version: u64) -> u64 {
        let at = self.at(version);
        u64::from(self.words.get(at + 4)) << 32 | u64::from(self.words.get(at))
    }

    /// Makes this the version that was published last, as if all before it had been.
    pub(crate) fn set_version(&self, version: u64) {
        for version in version - u64::from(self.slots) + 1..=version {
            self.set_sequence(version, version << 1);
        }
        self.words.set(LATEST, version as u32);
    }

    /// Says what is in the slot of this version.
    pub(crate) fn set_sequence(&self, version: u64, sequence: u64) {
        let at = self.at(version);
        self.words.set(at, sequence as u32);
        self.words.set(at + 4, (sequence >> 32) as u32);
    }

    /// Says how many elements the slice of this version has.
    pub(crate) fn set_len(&self, version: u64, len: u32) {
        self.words.set(self.at(version) + 8, len);
    }

    /// The highest version that a writer has begun.
    pub(crate) fn highest(&self) -> u64 {
        self.sequences().map(|it| it >> 1).max().unwrap()
    }

    /// The highest version that a writer has begun and not finished.
    pub(crate) fn half_done(&self) -> Option<u64> {
        let half = self.sequences().filter(|it| it % 2 == 1);
        half.map(|it| it >> 1).max()
    }

    fn sequences(&self) -> impl Iterator<Item = u64> {
        (0..u64::from(self.slots)).map(|slot| self.sequence(slot))
    }
}
