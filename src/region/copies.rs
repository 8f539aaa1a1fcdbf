//! What a [`View`] copies out and in.

use crate::access::Writable;
use crate::data::encoding::Encoding;
use crate::data::{AnyBytes, SharedData};
use crate::error::SharedMemoryError;
use crate::region::view::View;

/// Copies of what is in the view, at any byte offset, aligned or not.
impl<A> View<A> {
    /// A copy of the `T` at `offset`.
    ///
    /// # Errors
    ///
    /// As for [`place`](Self::place).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// # let section = Section::create(r"Local\docs-view-read", 4096)?;
    /// # section.map()?.write(6, &120.5_f32)?;
    /// let view = section.map()?;
    /// assert_eq!(view.read::<f32>(6)?, 120.5);
    /// assert!(view.read::<f32>(4093).is_err(), "it would end after the view");
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn read<T: AnyBytes>(&self, offset: usize) -> Result<T, SharedMemoryError> {
        Ok(self.place(offset)?.read())
    }

    /// A copy of the `T` at `offset`, if it is valid.
    ///
    /// # Errors
    ///
    /// As for [`place`](Self::place), and [`SharedMemoryError::InvalidValue`].
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let section = Section::create(r"Local\docs-view-try-read", 4096)?;
    /// let view = section.map()?;
    /// view.write(0, &2_u8)?;
    /// assert!(view.try_read::<bool>(0).is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn try_read<T: SharedData>(&self, offset: usize) -> Result<T, SharedMemoryError> {
        Ok(self.place(offset)?.try_read()?)
    }

    /// Copies `to.len()` bytes from `offset` on over `to`.
    ///
    /// # Errors
    ///
    /// As for [`place`](Self::place); then nothing is copied.
    pub fn read_bytes(&self, offset: usize, to: &mut [u8]) -> Result<(), SharedMemoryError> {
        self.places(offset, to.len())?.read_into(to);
        Ok(())
    }

    /// The text that begins at `offset` and ends before a NUL, after `max_len` bytes, or with the
    /// view or its memory.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::OutOfBounds`] if `offset` is beyond the view;
    /// [`SharedMemoryError::NotCommitted`] if its page has no memory.
    pub fn read_text(
        &self,
        offset: usize,
        max_len: usize,
        encoding: Encoding,
    ) -> Result<String, SharedMemoryError> {
        const PART: usize = 256;
        self.check(offset, 0)?;
        let max_len = max_len.min(self.len() - offset);
        let max_len = match self.first_uncommitted(offset, max_len) {
            Some(end) if end > offset => end - offset,
            _ => max_len,
        };
        let mut bytes = Vec::new();
        // Each part is copied first and then searched in the copy: the text that is returned is the text
        // that was searched.
        while bytes.len() < max_len {
            let part = bytes.len()..max_len.min(bytes.len() + PART);
            bytes.resize(part.end, 0);
            self.read_bytes(offset + part.start, &mut bytes[part.clone()])?;
            if has_nul(encoding, &bytes[part]) {
                break;
            }
        }
        Ok(encoding.decode(&bytes))
    }
}

/// Writing, at any byte offset, aligned or not.
impl<A: Writable> View<A> {
    /// Writes a `T` at `offset`. Padding is not stored.
    ///
    /// # Errors
    ///
    /// As for [`place`](Self::place).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::Section;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let section = Section::create(r"Local\docs-view-write", 4096)?;
    /// let view = section.map()?;
    /// view.write(6, &120.5_f32)?;
    /// assert_eq!(view.read::<f32>(6)?, 120.5);
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn write<T: SharedData>(&self, offset: usize, value: &T) -> Result<(), SharedMemoryError> {
        self.place(offset)?.write(value);
        Ok(())
    }

    /// Copies `from` over the bytes from `offset` on.
    ///
    /// # Errors
    ///
    /// As for [`place`](Self::place); then nothing is written.
    pub fn write_bytes(&self, offset: usize, from: &[u8]) -> Result<(), SharedMemoryError> {
        self.places(offset, from.len())?.write_from(from);
        Ok(())
    }
}

/// Whether the text ends in these bytes, which begin with a whole character.
fn has_nul(encoding: Encoding, bytes: &[u8]) -> bool {
    match encoding {
        Encoding::Utf16 => bytes.chunks_exact(2).any(|it| it == [0, 0]),
        Encoding::Utf8 | Encoding::Latin1 | Encoding::Windows1252 => bytes.contains(&0),
    }
}
