//! [`Word`], [`Bytes`] and [`Mark`]: what a convention looks at.

use std::fmt;
use std::ops::Range;

use crate::error::SharedMemoryError;
use crate::place::Place;
use crate::region::view::View;

/// An integer by which a producer tells what it does: a counter, a flag, a tick.
///
/// It is made from the [`Place`] of any integer: of a field with [`field!`](crate::field), or at an offset known at
/// run time with [`View::place`]. It should be aligned and at most as large as a pointer, so that it is read at once.
///
/// # Examples
///
/// ```
/// use win_shared_memory::consistency::Word;
/// use win_shared_memory::{ReadWrite, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link: SharedMemoryLink<[i16; 2], ReadWrite> = SharedMemoryLink::create(r"Local\docs-word")?;
/// link.write(&[0, -7]);
/// let word = Word::from(link.place().at(1));
/// assert_eq!(word.read(), -7);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Word<'a>(Integer<'a>);

macro_rules! integers {
    ($($variant:ident($integer:ty),)*) => {
        #[derive(Clone, Copy, Debug)]
        enum Integer<'a> {
            $($variant(Place<'a, $integer>),)*
        }

        impl Word<'_> {
            /// The value; from 2⁶³ on, a `u64` wraps to negative numbers.
            #[must_use]
            #[inline]
            pub fn read(self) -> i64 {
                match self.0 {
                    $(Integer::$variant(place) => place.read() as i64,)*
                }
            }
        }

        $(
            impl<'a, A> From<Place<'a, $integer, A>> for Word<'a> {
                fn from(place: Place<'a, $integer, A>) -> Self {
                    Self(Integer::$variant(place.read_only()))
                }
            }

            impl<'a, A> From<Place<'a, $integer, A>> for Mark<'a> {
                fn from(place: Place<'a, $integer, A>) -> Self {
                    Self::Word(place.into())
                }
            }
        )*
    };
}

integers! {
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
}

/// A range of bytes of a view, which a convention compares.
///
/// # Examples
///
/// ```
/// use win_shared_memory::consistency::{Bytes, Convention, Reader};
/// use win_shared_memory::{ReadWrite, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link: SharedMemoryLink<[f32; 4], ReadWrite> = SharedMemoryLink::create(r"Local\docs-bytes")?;
/// let bytes = Bytes::of_range(link.view(), 0..16)?;
/// let position: [f32; 4] = Reader::new().read(&Convention::double_read(bytes), |_| link.read())?;
/// # assert_eq!(position, [0.0; 4]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Bytes<'a> {
    source: &'a dyn Source,
    offset: usize,
    len: usize,
}

/// A view, whatever its access.
trait Source: Sync {
    fn copy(&self, offset: usize, to: &mut [u8]) -> Result<(), SharedMemoryError>;
}

impl<A> Source for View<A> {
    fn copy(&self, offset: usize, to: &mut [u8]) -> Result<(), SharedMemoryError> {
        self.read_bytes(offset, to)
    }
}

impl<'a> Bytes<'a> {
    /// All bytes of a view.
    ///
    /// # Errors
    ///
    /// As for [`of_range`](Self::of_range).
    pub fn of<A>(view: &'a View<A>) -> Result<Self, SharedMemoryError> {
        Self::of_range(view, 0..view.len())
    }

    /// The bytes at these offsets: the fewer there are, the faster is the comparison.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::OutOfBounds`] if they do not lie inside the view;
    /// [`SharedMemoryError::NotCommitted`] if some have no memory.
    pub fn of_range<A>(view: &'a View<A>, range: Range<usize>) -> Result<Self, SharedMemoryError> {
        let (offset, len) = (range.start, range.end.saturating_sub(range.start));
        view.check(offset, len)?;
        view.check_place::<u8>(offset, len)?;
        Ok(Self {
            source: view,
            offset,
            len,
        })
    }

    /// Copies all of them over `to`.
    fn read(self, to: &mut Vec<u8>) {
        to.resize(self.len, 0);
        self.read_at(0, to);
    }

    /// Whether they are these.
    fn equal(self, noted: &[u8]) -> bool {
        const PART: usize = 4096;
        let mut now = [0; PART];
        noted.len() == self.len
            && noted.chunks(PART).enumerate().all(|(index, noted)| {
                let now = &mut now[..noted.len()];
                self.read_at(index * PART, now);
                now == noted
            })
    }

    fn read_at(self, at: usize, to: &mut [u8]) {
        let copied = self.source.copy(self.offset + at, to);
        copied.expect("they were checked, and a view neither shrinks nor loses memory");
    }
}

impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bytes")
            .field("offset", &self.offset)
            .field("len", &self.len)
            .finish()
    }
}

/// What every write of a producer changes: a counter or a time, or simply the bytes.
///
/// # Examples
///
/// ```
/// use win_shared_memory::consistency::{Bytes, Convention, Mark};
/// use win_shared_memory::{ReadWrite, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link: SharedMemoryLink<[u32; 3], ReadWrite> = SharedMemoryLink::create(r"Local\docs-mark")?;
/// let (busy, time) = (link.place().at(0), link.place().at(1));
/// let by_time = Convention::busy(busy, -1, time);
/// let by_bytes = Convention::busy(busy, -1, Mark::from(Bytes::of_range(link.view(), 8..12)?));
/// # let _ = (by_time, by_bytes);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Mark<'a> {
    /// An integer that is another after each write.
    Word(Word<'a>),
    /// Bytes. A write that leaves all of them as they were is not noticed, and need not be.
    Bytes(Bytes<'a>),
}

impl<'a> From<Word<'a>> for Mark<'a> {
    fn from(word: Word<'a>) -> Self {
        Self::Word(word)
    }
}

impl<'a> From<Bytes<'a>> for Mark<'a> {
    fn from(bytes: Bytes<'a>) -> Self {
        Self::Bytes(bytes)
    }
}

/// A mark, and what it was when it was noted.
pub(super) struct Noted<'a, 'n> {
    mark: Mark<'a>,
    word: i64,
    bytes: &'n mut Vec<u8>,
}

impl<'a, 'n> Noted<'a, 'n> {
    /// `bytes` is room for those of the mark, used again for each.
    pub(super) fn new(mark: Mark<'a>, bytes: &'n mut Vec<u8>) -> Self {
        let word = 0;
        Self { mark, word, bytes }
    }
}

impl crate::cores::consistency::Mark for Noted<'_, '_> {
    fn note(&mut self) {
        match self.mark {
            Mark::Word(word) => self.word = word.read(),
            Mark::Bytes(bytes) => bytes.read(self.bytes),
        }
    }

    fn is_as_noted(&mut self) -> bool {
        match self.mark {
            Mark::Word(word) => word.read() == self.word,
            Mark::Bytes(bytes) => bytes.equal(self.bytes),
        }
    }
}
