//! [`Encoding`]: bounded text in regions of programs that are not written in Rust.

/// How text is stored in a region.
///
/// All decoding is bounded and cannot fail: text ends at the first NUL or where its field does,
/// and bytes that are not text become `U+FFFD`.
///
/// # Examples
///
/// ```
/// use win_shared_memory::Encoding;
///
/// assert_eq!(Encoding::Windows1252.decode(b"\x80 5, 20 \xb0C\0garbage"), "€ 5, 20 °C");
/// assert_eq!(Encoding::Utf16.decode(&[0x48, 0, 0x69, 0]), "Hi");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Encoding {
    /// `wchar_t` of Windows: UTF-16, low byte first.
    Utf16,
    /// `char` of most newer programs.
    Utf8,
    /// ISO 8859-1: each byte is the Unicode character of that number.
    Latin1,
    /// The "ANSI" code page of Windows in Western Europe and the Americas, as the WHATWG defines
    /// it.
    Windows1252,
}

/// The characters of the bytes 0x80 to 0x9F in Windows-1252 (WHATWG Encoding Standard).
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

impl Encoding {
    /// The text in these bytes, up to the first NUL if there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::Encoding;
    ///
    /// // A `char[8]` of a program in C: the text ends at the first NUL.
    /// assert_eq!(Encoding::Utf8.decode(b"Monza\0??"), "Monza");
    /// assert_eq!(Encoding::Latin1.decode(b"N\xfcrburg"), "Nürburg");
    /// ```
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Utf16 => {
                let units = bytes
                    .chunks_exact(2)
                    .map(|it| u16::from_le_bytes([it[0], it[1]]));
                decode_utf16(units)
            }
            Self::Utf8 => String::from_utf8_lossy(until_nul(bytes)).into_owned(),
            Self::Latin1 => until_nul(bytes).iter().map(|&it| char::from(it)).collect(),
            Self::Windows1252 => until_nul(bytes)
                .iter()
                .map(|&it| match it {
                    0x80..=0x9f => WINDOWS_1252[usize::from(it - 0x80)],
                    _ => char::from(it),
                })
                .collect(),
        }
    }

    /// The UTF-16 text in these units, up to the first NUL if there is one: for a `[u16; N]` of a copied
    /// struct.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::Encoding;
    ///
    /// let track = [0x4d, 0x6f, 0x6e, 0x7a, 0x61, 0, 0x3f, 0x3f];
    /// assert_eq!(Encoding::decode_utf16(&track), "Monza");
    /// ```
    #[must_use]
    pub fn decode_utf16(units: &[u16]) -> String {
        decode_utf16(units.iter().copied())
    }

    /// Fills `units` with the text in UTF-16 and then zeros, at least one, so that the text ends in the
    /// field: for a `[u16; N]` of a struct that is to be written. What does not fit is cut at a character.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::Encoding;
    ///
    /// let mut name = [0_u16; 8];
    /// Encoding::encode_utf16("Monza", &mut name);
    /// assert_eq!(Encoding::decode_utf16(&name), "Monza");
    /// ```
    pub fn encode_utf16(text: &str, units: &mut [u16]) {
        let room = units.len().saturating_sub(1);
        let mut end = 0;
        for c in text.chars() {
            let mut buffer = [0; 2];
            let encoded = c.encode_utf16(&mut buffer);
            if end + encoded.len() > room {
                break;
            }
            units[end..end + encoded.len()].copy_from_slice(encoded);
            end += encoded.len();
        }
        units[end..].fill(0);
    }

    /// Fills `bytes` with the text and then zeros, at least one NUL among them. What does not fit
    /// is cut at a character; characters that the encoding lacks become `?`. Text beyond an
    /// interior NUL is not seen by those who read it.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::Encoding;
    ///
    /// let mut track = [0xff; 8];
    /// Encoding::Utf8.encode("Monza", &mut track);
    /// assert_eq!(&track, b"Monza\0\0\0");
    /// Encoding::Latin1.encode("Nürburgring", &mut track);
    /// assert_eq!(&track, b"N\xfcrburg\0", "what fits, and a NUL");
    /// ```
    pub fn encode(self, text: &str, bytes: &mut [u8]) {
        let nul = match self {
            Self::Utf16 => 2,
            Self::Utf8 | Self::Latin1 | Self::Windows1252 => 1,
        };
        let room = bytes.len().saturating_sub(nul);
        let mut end = 0;
        for c in text.chars() {
            let mut buffer = [0; 4];
            let encoded = self.encode_char(c, &mut buffer);
            if end + encoded.len() > room {
                break;
            }
            bytes[end..end + encoded.len()].copy_from_slice(encoded);
            end += encoded.len();
        }
        bytes[end..].fill(0);
    }

    fn encode_char(self, c: char, buffer: &mut [u8; 4]) -> &[u8] {
        match self {
            Self::Utf8 => c.encode_utf8(buffer).as_bytes(),
            Self::Utf16 => {
                let mut units = [0; 2];
                let len = c.encode_utf16(&mut units).len();
                for (to, unit) in buffer.chunks_exact_mut(2).zip(units) {
                    to.copy_from_slice(&unit.to_le_bytes());
                }
                &buffer[..2 * len]
            }
            Self::Latin1 | Self::Windows1252 => {
                buffer[0] = self.byte_of(c);
                &buffer[..1]
            }
        }
    }

    fn byte_of(self, c: char) -> u8 {
        if self == Self::Windows1252 {
            if let Some(at) = WINDOWS_1252.iter().position(|&it| it == c) {
                return 0x80 + at as u8;
            }
            if ('\u{80}'..='\u{9f}').contains(&c) {
                return b'?';
            }
        }
        u8::try_from(u32::from(c)).unwrap_or(b'?')
    }
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|&it| it == 0);
    &bytes[..end.unwrap_or(bytes.len())]
}

fn decode_utf16(units: impl Iterator<Item = u16>) -> String {
    char::decode_utf16(units.take_while(|&it| it != 0))
        .map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Encoding;

    #[test]
    fn text_ends_at_its_nul_or_where_its_field_does() {
        for (encoding, unit) in [
            (Encoding::Utf8, 1),
            (Encoding::Latin1, 1),
            (Encoding::Windows1252, 1),
            (Encoding::Utf16, 2),
        ] {
            let mut field = [0x41_u8; 8];
            if unit == 2 {
                field = [0x41, 0, 0x41, 0, 0x41, 0, 0x41, 0];
            }
            assert_eq!(encoding.decode(&field), "A".repeat(8 / unit));
            field[unit..2 * unit].fill(0);
            assert_eq!(encoding.decode(&field), "A");
            assert_eq!(encoding.decode(&[]), "");
        }
    }

    #[test]
    fn what_is_no_text_is_replaced() {
        assert_eq!(Encoding::Utf8.decode(b"a\xffb"), "a\u{fffd}b");
        // Half a surrogate pair, and an odd byte at the end.
        assert_eq!(
            Encoding::Utf16.decode(&[0x00, 0xd8, 0x41, 0, 0x42]),
            "\u{fffd}A"
        );
    }

    #[test]
    fn what_was_encoded_is_decoded() {
        for encoding in [
            Encoding::Utf8,
            Encoding::Utf16,
            Encoding::Latin1,
            Encoding::Windows1252,
        ] {
            let mut field = [0xff_u8; 12];
            encoding.encode("Grün", &mut field);
            assert_eq!(encoding.decode(&field), "Grün");
        }
        let mut field = [0xff_u8; 2];
        Encoding::Windows1252.encode("€", &mut field);
        assert_eq!(field, [0x80, 0]);
    }

    #[test]
    fn what_does_not_fit_is_cut_at_a_character() {
        let mut field = [0xff_u8; 6];
        Encoding::Utf8.encode("aaaüb", &mut field);
        assert_eq!(&field, b"aaa\xc3\xbc\0");
        Encoding::Utf8.encode("aaaaü", &mut field);
        assert_eq!(&field, b"aaaa\0\0");
        Encoding::Utf16.encode("a🦀", &mut field);
        assert_eq!(field, [0x61, 0, 0, 0, 0, 0]);
        Encoding::Latin1.encode("€", &mut field);
        assert_eq!(Encoding::Latin1.decode(&field), "?");
        Encoding::Utf8.encode("x", &mut []);
    }
}
