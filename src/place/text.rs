//! Text in fields of bytes and of UTF-16 units.

use crate::access::Writable;
use crate::data::encoding::Encoding;
use crate::place::Place;

/// A field of `char[N]`.
impl<A, const N: usize> Place<'_, [u8; N], A> {
    /// The text in this field, up to the first NUL if there is one.
    #[must_use]
    pub fn read_text(self, encoding: Encoding) -> String {
        encoding.decode(&self.read())
    }

    /// Writes the text and then zeros; see [`Encoding::encode`].
    pub fn write_text(self, text: &str, encoding: Encoding)
    where
        A: Writable,
    {
        let mut bytes = [0; N];
        encoding.encode(text, &mut bytes);
        self.write(&bytes);
    }
}

/// A field of `wchar_t[N]`.
impl<A, const N: usize> Place<'_, [u16; N], A> {
    /// The UTF-16 text in this field, up to the first NUL if there is one.
    #[must_use]
    pub fn read_text(self) -> String {
        Encoding::decode_utf16(&self.read())
    }

    /// Writes the text in UTF-16 and then zeros; see [`Encoding::encode_utf16`].
    pub fn write_text(self, text: &str)
    where
        A: Writable,
    {
        let mut units = [0; N];
        Encoding::encode_utf16(text, &mut units);
        self.write(&units);
    }
}
