//! Text in regions: four encodings, one rule where it ends.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How text is encoded.
///
/// ```
/// use win_shared_memory_layouts::Encoding;
///
/// assert_eq!(Encoding::Utf16.unit(), 2);
/// assert_eq!(Encoding::Ansi.to_string(), "ansi");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-16, little-endian: what Windows calls Unicode.
    Utf16,
    /// ISO 8859-1: a byte is a code point.
    Latin1,
    /// Windows-1252, what programs for Western Europe and America write where they say ANSI.
    Ansi,
}

/// What Windows-1252 has at 0x80 to 0x9F; Latin 1 has controls there.
const ANSI: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

impl Encoding {
    pub(crate) const ALL: [Self; 4] = [Self::Utf8, Self::Utf16, Self::Latin1, Self::Ansi];

    /// The name that files use.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf8",
            Self::Utf16 => "utf16",
            Self::Latin1 => "latin1",
            Self::Ansi => "ansi",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.name() == name)
    }

    /// The number of bytes of a unit: 2 for UTF-16, 1 for the others.
    #[must_use]
    pub const fn unit(self) -> usize {
        match self {
            Self::Utf16 => 2,
            Self::Utf8 | Self::Latin1 | Self::Ansi => 1,
        }
    }

    /// The bytes of a text, or the first character that the encoding does not have.
    pub(crate) fn encode(self, text: &str) -> Result<Vec<u8>, char> {
        match self {
            Self::Utf8 => Ok(text.as_bytes().to_vec()),
            Self::Utf16 => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Self::Latin1 => text
                .chars()
                .map(|it| u8::try_from(it).map_err(|_| it))
                .collect(),
            Self::Ansi => text.chars().map(|it| to_ansi(it).ok_or(it)).collect(),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn from_ansi(byte: u8) -> char {
    match byte {
        0x80..=0x9f => ANSI[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

fn to_ansi(character: char) -> Option<u8> {
    (0x80..=0x9f)
        .find(|byte| from_ansi(*byte) == character)
        .or_else(|| {
            u8::try_from(character)
                .ok()
                .filter(|it| !(0x80..=0x9f).contains(it))
        })
}

/// A text, still in its region's bytes and encoding.
///
/// It ends before its first NUL. What is not valid in the encoding shows as `�`.
///
/// ```
/// use win_shared_memory_layouts::{Encoding, Text};
///
/// let text = Text::new(b"61 \xb0C\0garbage", Encoding::Ansi);
/// assert_eq!(text.to_str(), "61 °C");
/// assert!(text == "61 °C");
/// assert!(text != "61 °C\0" && text != "61");
/// ```
#[derive(Clone, Copy)]
pub struct Text<'a> {
    bytes: &'a [u8],
    encoding: Encoding,
}

impl<'a> Text<'a> {
    /// The text that these bytes begin with.
    #[must_use]
    pub const fn new(bytes: &'a [u8], encoding: Encoding) -> Self {
        Self { bytes, encoding }
    }

    /// The bytes before the NUL.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        let len = if self.encoding == Encoding::Utf16 {
            let mut units = self.bytes.chunks_exact(2);
            2 * units
                .position(|unit| unit == [0, 0])
                .unwrap_or(self.bytes.len() / 2)
        } else {
            let end = self.bytes.iter().position(|byte| *byte == 0);
            end.unwrap_or(self.bytes.len())
        };
        &self.bytes[..len]
    }

    /// How the bytes are encoded.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The text as UTF-8: borrowed where the bytes are that already.
    #[must_use]
    pub fn to_str(&self) -> Cow<'a, str> {
        let bytes = self.as_bytes();
        match self.encoding {
            Encoding::Utf8 => String::from_utf8_lossy(bytes),
            Encoding::Latin1 | Encoding::Ansi if bytes.is_ascii() => String::from_utf8_lossy(bytes),
            _ => self.chars().collect::<String>().into(),
        }
    }

    /// The characters, one by one.
    pub fn chars(&self) -> impl Iterator<Item = char> + use<'a> {
        let (bytes, encoding) = (self.as_bytes(), self.encoding);
        let wide = (encoding == Encoding::Utf16).then(|| {
            let units = bytes
                .chunks_exact(2)
                .map(|it| u16::from_le_bytes([it[0], it[1]]));
            char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER))
        });
        let utf8 = (encoding == Encoding::Utf8).then(|| {
            bytes.utf8_chunks().flat_map(|chunk| {
                let bad = (!chunk.invalid().is_empty()).then_some(char::REPLACEMENT_CHARACTER);
                chunk.valid().chars().chain(bad)
            })
        });
        let latin1 = (encoding == Encoding::Latin1).then(|| bytes.iter().map(|it| char::from(*it)));
        let ansi = (encoding == Encoding::Ansi).then(|| bytes.iter().map(|it| from_ansi(*it)));
        let narrow = utf8.into_iter().flatten();
        let narrow = narrow.chain(latin1.into_iter().flatten());
        let narrow = narrow.chain(ansi.into_iter().flatten());
        wide.into_iter().flatten().chain(narrow)
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        let same_bytes = match self.encoding {
            Encoding::Utf8 => true,
            Encoding::Utf16 => false,
            Encoding::Latin1 | Encoding::Ansi => other.is_ascii(),
        };
        if !same_bytes {
            return self.chars().eq(other.chars());
        }
        let rest = self.bytes.strip_prefix(other.as_bytes());
        rest.is_some_and(|rest| rest.first().is_none_or(|byte| *byte == 0) && !other.contains('\0'))
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.chars().eq(other.chars())
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_str())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_str(), f)
    }
}
