//! Numbers that come from a region, or from the layout.

use crate::types::Scalar;

/// The place of a number at a fixed distance from its struct: from the beginning of the region, where
/// [`Plan::locate`](crate::Plan::locate) has made it.
///
/// ```
/// use win_shared_memory_layouts::{Plan, Scalar, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
/// let tick = plan.locate("uiTick").expect("it has one");
/// assert_eq!((tick.offset, tick.scalar), (4, Scalar::U32));
/// assert_eq!(tick.integer(&[7, 0, 0, 0]), Some(7));
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locator {
    /// The offset in bytes. It need not be aligned.
    pub offset: usize,
    /// The type of the number.
    pub scalar: Scalar,
}

/// A number, or where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    Number(u64),
    Field(Locator),
}

impl Locator {
    /// The number that these bytes are, which are those of the place; nothing if there are more or fewer. `u64`
    /// beyond `i64` wraps, as words of flags do; of a number with a fraction these are the bits.
    #[must_use]
    pub fn integer(self, bytes: &[u8]) -> Option<i64> {
        if bytes.len() != self.scalar.size() {
            return None;
        }
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

impl Locator {
    /// The number in a struct at `base`.
    pub(crate) fn read(self, bytes: &[u8], base: usize) -> Option<i64> {
        let at = base.checked_add(self.offset)?;
        self.integer(bytes.get(at..at.checked_add(self.scalar.size())?)?)
    }
}

impl Amount {
    /// The number, of a struct at `base`; nothing if it is outside the bytes or negative.
    pub(crate) fn read(self, bytes: &[u8], base: usize) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Field(locator) => u64::try_from(locator.read(bytes, base)?).ok(),
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
