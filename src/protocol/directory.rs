//! The directory: the small region found under the name, which says who writes and which generation
//! of the payload is current. `record` has its words and how they change; `lock_word` has those after them.

use crate::access::{Access, ReadWrite};
use crate::backing::Backing;
use crate::cores::atomic::AtomicU32;
use crate::cores::ends::{END, End};
use crate::cores::lock_word::{LockWord, SLOT};
use crate::cores::record::{self, Header, Record, Words};
pub(crate) use crate::cores::record::{FORMAT, Kind, LANES};
use crate::data::identity::ProcessIdentity;
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::error::unknown_format::UnknownFormat;
use crate::region::options::SharedMemoryOptions;
use crate::region::section::Section;
use crate::region::view::View;

const SIZE: usize = 4096;
/// Two words: the lock, and the thread that holds the kernel's mutex. In a cache line of their own.
const LOCK: usize = 128;
const THREAD: usize = LOCK + 4;
const SLOTS: usize = 256;

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
        timeout: Option<&mut Timeout>,
    ) -> Result<Self, SharedMemoryError> {
        Self::map(Section::open_within(name, timeout, &committed(options))?)
    }

    fn map(section: Section<A>) -> Result<Self, SharedMemoryError> {
        let view = section.map()?.committed()?;
        let directory = Self { view, section };
        // A directory is one page; whatever is larger belongs to somebody else.
        if directory.view.len() == SIZE {
            Ok(directory)
        } else {
            Err(directory.unknown(UnknownFormat::Foreign))
        }
    }
}

/// The options for a region of ours: the backing is not the caller's to choose.
fn committed(options: &SharedMemoryOptions) -> SharedMemoryOptions {
    let mut options = options.clone();
    options.backing(Backing::Committed);
    options
}

impl<A> Directory<A> {
    fn words(&self) -> &Words {
        self.view.words(0)
    }

    /// Whether the header says that this is a directory for this kind of region: `false` while
    /// it says nothing yet.
    pub(crate) fn is_initialised(&self, kind: Kind) -> Result<bool, SharedMemoryError> {
        match record::header(self.words(), kind) {
            Header::Unfinished => Ok(false),
            Header::Ready => Ok(true),
            Header::OtherKind => Err(self.unknown(UnknownFormat::OtherKind)),
            Header::OtherVersion(found) => Err(self.unknown(UnknownFormat::OtherVersion { found })),
            Header::Foreign => Err(self.unknown(UnknownFormat::Foreign)),
        }
    }

    fn unknown(&self, reason: UnknownFormat) -> SharedMemoryError {
        SharedMemoryError::UnknownFormat {
            name: self.section.name().unwrap_or_default().into(),
            reason,
        }
    }

    /// What a mutex is locked with, as its creator has said.
    pub(crate) fn mode(&self) -> u32 {
        record::mode(self.words())
    }

    /// Changes with every registration.
    #[inline]
    pub(crate) fn sequence(&self) -> u32 {
        record::sequence(self.words())
    }

    /// Whether the owner has closed: a hint for those who are about to wait.
    pub(crate) fn is_unregistered(&self) -> bool {
        record::is_unregistered(self.words())
    }

    /// The record and its sequence; `None` while it is being written, or if its writer died then.
    pub(crate) fn record(&self) -> Option<(u32, Record)> {
        record::record(self.words())
    }
}

impl Directory<ReadWrite> {
    /// Creates the directory, or opens it. The caller holds the mutex.
    pub(crate) fn create(
        name: &str,
        kind: Kind,
        mode: u32,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let section = Section::get_or_create_with(name, SIZE as u64, &committed(options))?;
        Self::initialise(section, kind, mode)
    }

    /// Creates the directory, unless the name is taken. The caller holds the mutex.
    pub(crate) fn create_new(
        name: &str,
        kind: Kind,
        mode: u32,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let section = Section::create_with(name, SIZE as u64, &committed(options))?;
        Self::initialise(section, kind, mode)
    }

    fn initialise(
        section: Section<ReadWrite>,
        kind: Kind,
        mode: u32,
    ) -> Result<Self, SharedMemoryError> {
        let directory = Self::map(section)?;
        if !directory.is_initialised(kind)? {
            // New, or its creator died before the last word: then all that follows the header is zero.
            // Otherwise it holds data of somebody else, whose beginning happens to be zero.
            let page: [u32; SIZE / 4] = directory.view.read(0)?;
            if page[record::COUNT..].iter().any(|word| *word != 0) {
                return Err(directory.unknown(UnknownFormat::Foreign));
            }
            record::write_header(directory.words(), kind, mode);
        }
        Ok(directory)
    }

    /// The most that can register to use the lock at once.
    pub(crate) const LOCKERS: usize = (SIZE - SLOTS) / (4 * SLOT);

    #[inline]
    pub(crate) fn lock_word(&self) -> LockWord<'_> {
        let [word] = self.view.words(LOCK);
        LockWord {
            word,
            slots: self.view.words::<{ Self::LOCKERS * SLOT }>(SLOTS),
        }
    }

    /// The end of a channel that its receiver is at.
    #[inline]
    pub(crate) fn receiver(&self) -> End<'_> {
        self.end(0)
    }

    /// The end that the sender of a lane is at.
    #[inline]
    pub(crate) fn sender(&self, lane: usize) -> End<'_> {
        self.end(1 + lane)
    }

    #[inline]
    fn end(&self, index: usize) -> End<'_> {
        End(self.view.words(SLOTS + index * 4 * END))
    }

    /// Whether this call has created it.
    pub(crate) fn was_created(&self) -> bool {
        self.section.was_created()
    }

    /// The thread that holds the kernel's mutex of a shared mutex, for that thread to find out.
    #[inline]
    pub(crate) fn thread(&self) -> &AtomicU32 {
        let [thread] = self.view.words(THREAD);
        thread
    }

    /// The record, for the holder of the mutex.
    pub(crate) fn settled_record(&self) -> Record {
        record::settled_record(self.words())
    }

    /// Registers the writer, if this kind of region has one, and the generation. The caller holds the
    /// mutex.
    pub(crate) fn register(&self, owner: Option<ProcessIdentity>, generation: u64) {
        record::register(self.words(), owner, generation);
    }

    /// The owner closes.
    pub(crate) fn unregister(&self) {
        record::unregister(self.words());
    }
}
