//! Numbers that come from a region, or from the layout.

use crate::types::Scalar;

/// The place of a number at a fixed distance from its struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Locator {
    pub(crate) offset: usize,
    pub(crate) scalar: Scalar,
}

/// A number, or where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    Number(u64),
    Field(Locator),
}

impl Locator {
    /// The number, of a struct at `base`; `u64` beyond `i64` wraps, as words of flags do.
    pub(crate) fn integer(self, bytes: &[u8], base: usize) -> Option<i64> {
        let at = base.checked_add(self.offset)?;
        let bytes = bytes.get(at..at.checked_add(self.scalar.size())?)?;
        Some(match *bytes {
            [a] if self.scalar == Scalar::I8 => i64::from(i8::from_le_bytes([a])),
            [a] => i64::from(a),
            [a, b] if self.scalar == Scalar::I16 => i64::from(i16::from_le_bytes([a, b])),
            [a, b] => i64::from(u16::from_le_bytes([a, b])),
            [a, b, c, d] if self.scalar == Scalar::I32 => {
                i64::from(i32::from_le_bytes([a, b, c, d]))
            }
            [a, b, c, d] => i64::from(u32::from_le_bytes([a, b, c, d])),
            _ => i64::from_le_bytes(bytes.try_into().ok()?),
        })
    }
}

impl Amount {
    /// The number, of a struct at `base`; nothing if it is outside the bytes or negative.
    pub(crate) fn read(self, bytes: &[u8], base: usize) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Field(locator) => u64::try_from(locator.integer(bytes, base)?).ok(),
        }
    }
}

/// The `i32` at an offset, if it is not negative.
pub(crate) fn index_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(i32_at(bytes, at)?).ok()
}

/// The `i32` at an offset.
pub(crate) fn i32_at(bytes: &[u8], at: usize) -> Option<i32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(i32::from_le_bytes(bytes.try_into().ok()?))
}
