//! [`Convention`].

use super::lock_region::LockRegion;
use super::word::{Bytes, Mark, Word};
use crate::sync::Mutex;

/// What a producer does so that its readers can tell a whole value from a torn one.
///
/// A convention is cheap to make from the places of a region, so make it where it is used. The [module](super) compares
/// what they promise.
///
/// # Examples
///
/// ```
/// use win_shared_memory::consistency::{Convention, Reader};
/// use win_shared_memory::{ReadWrite, SharedData, SharedMemoryLink, field};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct Page {
///     begin: u32,
///     end: u32,
///     speed: f32,
/// }
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// # let _game: SharedMemoryLink<Page, ReadWrite> = SharedMemoryLink::create(r"Local\docs-convention")?;
/// let link = SharedMemoryLink::<Page>::open(r"Local\docs-convention")?;
/// let whole = Convention::begin_end(field!(link.begin), field!(link.end));
/// let page: Page = Reader::new().read(&whole, |_| link.read())?;
/// # assert_eq!(page.speed, 0.0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Convention<'a>(pub(super) Kind<'a>);

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind<'a> {
    Sequence(Word<'a>),
    BeginEnd {
        begin: Word<'a>,
        end: Word<'a>,
    },
    LatestOf {
        buffers: &'a [BufferPlace<'a>],
        in_use: Option<Word<'a>>,
    },
    Mutex(&'a Mutex),
    LockRegion(&'a LockRegion),
    Busy {
        flag: Word<'a>,
        bits: i64,
        mark: Mark<'a>,
    },
    /// A counter, or the bytes themselves.
    Unchanged(Mark<'a>),
}

/// Where a producer with several buffers says what is in one of them.
///
/// # Examples
///
/// ```
/// use win_shared_memory::consistency::{BufferPlace, Convention, Reader};
/// use win_shared_memory::{ReadWrite, SharedMemoryLink, View};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// // Two buffers of one number each: the tick of each, where it begins, and the numbers.
/// let link = SharedMemoryLink::<[u32; 6], ReadWrite>::create(r"Local\docs-buffer-place")?;
/// link.write(&[8, 9, 16, 20, 80, 90]);
/// let view = link.view();
/// let buffer = |at: usize| {
///     Ok::<_, win_shared_memory::SharedMemoryError>(BufferPlace {
///         tick: view.place::<u32>(4 * at)?.into(),
///         start: view.place::<u32>(8 + 4 * at)?.into(),
///     })
/// };
/// let buffers = [buffer(0)?, buffer(1)?];
/// let newest = Convention::latest_of(&buffers, None);
/// let number: u32 = Reader::new().read(&newest, |it| view.read(it.start))??;
/// assert_eq!(number, 90);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BufferPlace<'a> {
    /// The tick of the values in it, which the producer stores after them.
    pub tick: Word<'a>,
    /// The offset of the values in the region, in bytes.
    pub start: Word<'a>,
}

/// What to copy: the newest of several buffers. Where a convention knows no buffers, the whole region counts as buffer
/// 0, which begins at 0.
///
/// # Examples
///
/// ```
/// use win_shared_memory::consistency::Buffer;
///
/// /// The 64 bytes of a buffer, out of the bytes of the region.
/// fn bytes(region: &[u8], buffer: Buffer) -> Option<&[u8]> {
///     region.get(buffer.start..)?.get(..64)
/// }
///
/// assert_eq!(bytes(&[0; 64], Buffer::default()).map(<[u8]>::len), Some(64));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Buffer {
    /// Which buffer it is.
    pub index: usize,
    /// Its tick.
    pub tick: i64,
    /// The offset of its first byte in the region. It comes from the region, and may be any: a negative number is
    /// `usize::MAX`, which lies outside every view.
    pub start: usize,
}

impl<'a> Convention<'a> {
    /// A sequence is odd while the producer writes, wherever in the region it lies: Automobilista 2, Project CARS 2.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use win_shared_memory::consistency::{Convention, Reader};
    /// use win_shared_memory::{SharedData, SharedMemoryLink, field};
    ///
    /// #[derive(SharedData)]
    /// #[repr(C)]
    /// struct Game {
    ///     state: u32,
    ///     sequence: u32,
    ///     speed: f32,
    /// }
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let link = SharedMemoryLink::<Game>::open("$game$")?;
    /// let sequence = Convention::sequence(field!(link.sequence));
    /// let game: Game = Reader::new().read(&sequence, |_| link.read())?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn sequence(sequence: impl Into<Word<'a>>) -> Self {
        Self(Kind::Sequence(sequence.into()))
    }

    /// One counter is counted up before a write and another after it: rFactor 2, and the older pages of Le Mans
    /// Ultimate.
    pub fn begin_end(begin: impl Into<Word<'a>>, end: impl Into<Word<'a>>) -> Self {
        let (begin, end) = (begin.into(), end.into());
        Self(Kind::BeginEnd { begin, end })
    }

    /// Several buffers are written in turn, each with its tick stored last: iRacing. The closure that copies is told
    /// which is the newest. `in_use` is how many of `buffers` are, as the region says; `None` for all.
    ///
    /// A producer that stops in the middle of a write leaves the last whole buffer readable; an
    /// [attachment](crate::attachment) reports that the newest tick stands still. A buffer counts while another one is
    /// older, so there have to be two at least.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use win_shared_memory::consistency::{BufferPlace, Convention, Reader, Word};
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let view = Section::open(r"Local\IRSDKMemMapFileName")?.map()?;
    /// let word = |offset| view.place::<i32>(offset).map(Word::from);
    /// let mut buffers = Vec::new();
    /// for row in (48..112).step_by(16) {
    ///     let (tick, start) = (word(row)?, word(row + 4)?);
    ///     buffers.push(BufferPlace { tick, start });
    /// }
    /// let newest = Convention::latest_of(&buffers, Some(word(32)?));
    /// let mut values = [0; 4096];
    /// Reader::new().read(&newest, |it| view.read_bytes(it.start, &mut values))??;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn latest_of(buffers: &'a [BufferPlace<'a>], in_use: Option<Word<'a>>) -> Self {
        Self(Kind::LatestOf { buffers, in_use })
    }

    /// The producer and its readers hold a named mutex: HWiNFO, Core Temp.
    ///
    /// A read that finds the mutex abandoned fails with [`Cause::Abandoned`](super::Cause::Abandoned), because the
    /// value may be half written; only one thread of all readers is told, once.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use win_shared_memory::consistency::{Convention, Reader};
    /// use win_shared_memory::{Section, sync::Mutex};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let view = Section::open(r"Global\HWiNFO_SENS_SM2")?.map()?;
    /// let mutex = Mutex::open(r"Global\HWiNFO_SM2_MUTEX")?;
    /// let poll_time: i64 = Reader::new().read(&Convention::mutex(&mutex), |_| view.read(12))??;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn mutex(mutex: &'a Mutex) -> Self {
        Self(Kind::Mutex(mutex))
    }

    /// The producer and its readers hold a lock that lies in a region of its own: Le Mans Ultimate.
    #[must_use]
    pub fn lock_region(lock: &'a LockRegion) -> Self {
        Self(Kind::LockRegion(lock))
    }

    /// Some bits of a word, or all for -1, are set while the producer writes: RTSS, GPU-Z. A flag alone does not show
    /// a write that begins and ends during the copy, so give a mark as well: a counter or time that every write
    /// changes, or the [`Bytes`] that are copied. A flag that stays set while the mark stands still is that of a
    /// producer that has stopped ([`Cause::Stopped`](super::Cause::Stopped)).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use win_shared_memory::consistency::{Convention, Reader};
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let view = Section::open("GPUZShMem")?.map()?;
    /// let (busy, last_update) = (view.place::<i32>(4)?, view.place::<u32>(8)?);
    /// let mut sensors = vec![0; 69_120];
    /// Reader::new().read(&Convention::busy(busy, -1, last_update), |_| {
    ///     view.read_bytes(131_084, &mut sensors)
    /// })??;
    /// # Ok(())
    /// # }
    /// ```
    pub fn busy(flag: impl Into<Word<'a>>, bits: i64, mark: impl Into<Mark<'a>>) -> Self {
        let (flag, mark) = (flag.into(), mark.into());
        Self(Kind::Busy { flag, bits, mark })
    }

    /// A counter changes with each write, and nothing says when a write begins and ends: Assetto Corsa and its
    /// Competizione.
    ///
    /// A value counts if the counter is the same before and after the copy, and has stood still for
    /// [`settle`](super::Limits::settle) both times. A producer that takes longer than this for one write, because it
    /// was interrupted or stopped in the middle, goes unnoticed: nothing in such a region would show it. An
    /// [attachment](crate::attachment) with the counter as its heartbeat reports that the producer has stopped.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use win_shared_memory::consistency::{Convention, Reader};
    /// use win_shared_memory::SharedMemoryLink;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let link = SharedMemoryLink::<[f32; 200]>::open(r"Local\acpmf_physics")?;
    /// let packet_id = link.view().place::<i32>(0)?;
    /// let physics: [f32; 200] = Reader::new().read(&Convention::counter(packet_id), |_| link.read())?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn counter(counter: impl Into<Word<'a>>) -> Self {
        Self(Kind::Unchanged(Mark::Word(counter.into())))
    }

    /// The producer has no convention: MumbleLink, MSI Afterburner (MAHM), AIDA64. A value counts if the bytes are
    /// the same before and after the copy, the first time for [`settle`](super::Limits::settle) at least; with the
    /// exception that [`counter`](Self::counter) has, too. An [attachment](crate::attachment) reports that the producer
    /// has stopped, if something in the region changes with every write, such as MumbleLink's `uiTick`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use win_shared_memory::consistency::{Bytes, Convention, Reader};
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let view = Section::open("MumbleLink")?.map()?;
    /// let same = Convention::double_read(Bytes::of_range(&view, 0..5460)?);
    /// let position: [f32; 3] = Reader::new().read(&same, |_| view.read(8))??;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn double_read(bytes: Bytes<'a>) -> Self {
        Self(Kind::Unchanged(Mark::Bytes(bytes)))
    }

    /// What stays the same as long as one write is under way, and is another once the next is.
    pub(super) fn mark_of_write(&self) -> Option<Mark<'a>> {
        match self.0 {
            Kind::Sequence(sequence) => Some(Mark::Word(sequence)),
            Kind::BeginEnd { begin, .. } => Some(Mark::Word(begin)),
            Kind::Busy { mark, .. } => Some(mark),
            _ => None,
        }
    }
}

impl BufferPlace<'_> {
    /// What its producer says of it now.
    pub(super) fn read(self, index: usize, tick: i64) -> Buffer {
        let start = usize::try_from(self.start.read()).unwrap_or(usize::MAX);
        Buffer { index, tick, start }
    }
}
