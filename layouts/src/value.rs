//! What stands in a region, decoded.

use std::fmt;

use crate::plan::{Amount, Leaf};
use crate::text::Text;
use crate::types::Scalar;

/// A value of a region. Texts, bytes and arrays stay where they are.
///
/// ```
/// use win_shared_memory_layouts::Value;
///
/// assert_eq!(Value::F32(0.1).to_string(), "0.1");
/// assert_eq!(Value::Signed(-3).as_f64(), Some(-3.0));
/// assert_eq!(Value::Bits(5).to_string(), "0x5");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// `bool` and `bool32`.
    Bool(bool),
    /// `u8` to `u64`.
    Unsigned(u64),
    /// `i8` to `i64`.
    Signed(i64),
    /// `f32`
    F32(f32),
    /// `f64`
    F64(f64),
    /// `bits32`
    Bits(u32),
    /// `char`; `�` where the bytes are not one.
    Char(char),
    /// An integer whose values have names.
    Enum(Named<'a>),
    /// Text.
    Text(Text<'a>),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Numbers in a row.
    Array(Array<'a>),
}

/// An integer whose values have names.
///
/// ```
/// use win_shared_memory_layouts::{Named, Value};
///
/// assert_eq!(Value::Enum(Named { number: 1, name: Some("temp") }).to_string(), "temp");
/// assert_eq!(Value::Enum(Named { number: 9, name: None }).to_string(), "9");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// The number.
    pub number: i64,
    /// Its name, if it has one.
    pub name: Option<&'a str>,
}

/// Numbers in a row, still in the region's bytes.
///
/// ```
/// use win_shared_memory_layouts::{Plan, Value, catalogue};
///
/// let plan = Plan::new(catalogue::find("MumbleLink").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; 5460];
/// bytes[12..16].copy_from_slice(&1.5_f32.to_le_bytes());
/// let region = plan.view(&bytes);
/// let Value::Array(position) = region.get("fAvatarPosition")? else { panic!() };
/// assert_eq!(position.iter().filter_map(|it| it.as_f64()).sum::<f64>(), 1.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Array<'a> {
    bytes: &'a [u8],
    scalar: Scalar,
}

impl<'a> Array<'a> {
    #[inline]
    pub(crate) fn new(scalar: Scalar, bytes: &'a [u8]) -> Self {
        Self { bytes, scalar }
    }

    /// What each of them is.
    #[must_use]
    pub fn scalar(&self) -> Scalar {
        self.scalar
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len() / self.scalar.size()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Value<'a>> {
        read_scalar(
            self.scalar,
            self.bytes,
            index.checked_mul(self.scalar.size())?,
        )
    }

    /// All of them.
    #[inline]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Value<'a>> + use<'a> {
        let scalar = self.scalar;
        let items = self.bytes.chunks_exact(scalar.size());
        items.map(move |bytes| read_scalar(scalar, bytes, 0).unwrap_or(Value::Bool(false)))
    }

    /// Their bytes, for a program that decodes them itself.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl fmt::Debug for Array<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> Value<'a> {
    /// The number, if it is an integer, an enum, bits or a truth, and fits.
    #[must_use]
    #[inline]
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Self::Bool(it) => Some(i64::from(it)),
            Self::Unsigned(it) => i64::try_from(it).ok(),
            Self::Signed(it) => Some(it),
            Self::Bits(it) => Some(i64::from(it)),
            Self::Enum(it) => Some(it.number),
            _ => None,
        }
    }

    /// The number, if it is one; integers beyond 2⁵³ are rounded.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "documented")]
    #[inline]
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::F32(it) => Some(f64::from(it)),
            Self::F64(it) => Some(it),
            Self::Unsigned(it) => Some(it as f64),
            _ => self.as_i64().map(|it| it as f64),
        }
    }

    /// The text, if it is one.
    #[must_use]
    #[inline]
    pub fn as_text(&self) -> Option<Text<'a>> {
        match *self {
            Self::Text(it) => Some(it),
            _ => None,
        }
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(it) => it.fmt(f),
            Self::Unsigned(it) => it.fmt(f),
            Self::Signed(it) => it.fmt(f),
            Self::F32(it) => it.fmt(f),
            Self::F64(it) => it.fmt(f),
            Self::Bits(it) => write!(f, "{it:#x}"),
            Self::Char(it) => it.fmt(f),
            Self::Enum(Named {
                name: Some(name), ..
            }) => f.pad(name),
            Self::Enum(it) => it.number.fmt(f),
            Self::Text(it) => it.fmt(f),
            Self::Bytes(it) => it.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Self::Array(it) => {
                f.write_str("[")?;
                for (number, value) in it.iter().enumerate() {
                    let comma = if number == 0 { "" } else { ", " };
                    write!(f, "{comma}{value}")?;
                }
                f.write_str("]")
            }
        }
    }
}

/// Decodes the number at an offset; nothing if the bytes end before it does.
#[inline(always)]
pub(crate) fn read_scalar<'a>(scalar: Scalar, bytes: &[u8], at: usize) -> Option<Value<'a>> {
    let bytes = bytes.get(at..)?;
    Some(match scalar {
        Scalar::F32 => Value::F32(f32::from_le_bytes(*bytes.first_chunk()?)),
        Scalar::F64 => Value::F64(f64::from_le_bytes(*bytes.first_chunk()?)),
        Scalar::U8 => Value::Unsigned(u64::from(*bytes.first()?)),
        Scalar::U16 => Value::Unsigned(u64::from(u16::from_le_bytes(*bytes.first_chunk()?))),
        Scalar::U32 => Value::Unsigned(u64::from(u32::from_le_bytes(*bytes.first_chunk()?))),
        Scalar::U64 => Value::Unsigned(u64::from_le_bytes(*bytes.first_chunk()?)),
        Scalar::I8 => Value::Signed(i64::from(i8::from_le_bytes(*bytes.first_chunk()?))),
        Scalar::I16 => Value::Signed(i64::from(i16::from_le_bytes(*bytes.first_chunk()?))),
        Scalar::I32 => Value::Signed(i64::from(i32::from_le_bytes(*bytes.first_chunk()?))),
        Scalar::I64 => Value::Signed(i64::from_le_bytes(*bytes.first_chunk()?)),
        Scalar::Bool => Value::Bool(*bytes.first()? != 0),
        Scalar::Bool32 => Value::Bool(*bytes.first_chunk()? != [0; 4]),
        Scalar::Bits32 => Value::Bits(u32::from_le_bytes(*bytes.first_chunk()?)),
        Scalar::Char => {
            let character = char::from_u32(u32::from_le_bytes(*bytes.first_chunk()?));
            Value::Char(character.unwrap_or(char::REPLACEMENT_CHARACTER))
        }
    })
}

impl Leaf {
    /// Decodes what stands at an offset of a struct; nothing if the struct's bytes end before it does.
    pub(crate) fn read<'a>(
        &self,
        names: &'a [Vec<(i64, String)>],
        structure: &'a [u8],
        at: usize,
    ) -> Option<Value<'a>> {
        let place = |len: usize| structure.get(at..at.checked_add(len)?);
        match *self {
            Self::Scalar(scalar) => read_scalar(scalar, structure, at),
            Self::Enum(scalar, names_at) => {
                let number = match read_scalar(scalar, structure, at)? {
                    Value::Unsigned(number) => number as i64,
                    other => other.as_i64()?,
                };
                let names = &names[names_at];
                let found = names
                    .binary_search_by_key(&number, |(value, _)| *value)
                    .ok();
                let name = found.map(|it| names[it].1.as_str());
                Some(Value::Enum(Named { number, name }))
            }
            Self::Text {
                encoding,
                len,
                used,
            } => {
                place(len)?;
                let used = place(in_use(len, encoding.unit(), used, structure))?;
                Some(Value::Text(Text::new(used, encoding)))
            }
            Self::Bytes { len, used } => {
                place(len)?;
                Some(Value::Bytes(place(in_use(len, 1, used, structure))?))
            }
            Self::Array { scalar, count } => {
                let bytes = place(scalar.size().checked_mul(count)?)?;
                Some(Value::Array(Array::new(scalar, bytes)))
            }
        }
    }

    /// The number of bytes of the place.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Scalar(scalar) | Self::Enum(scalar, _) => scalar.size(),
            Self::Text { len, .. } | Self::Bytes { len, .. } => len,
            Self::Array { scalar, count } => scalar.size() * count,
        }
    }
}

/// How many bytes of a place are in use; a region that claims more than there are has them all in use.
fn in_use(len: usize, unit: usize, used: Option<Amount>, structure: &[u8]) -> usize {
    let Some(amount) = used else { return len };
    let units = amount
        .read(structure, 0)
        .and_then(|it| usize::try_from(it).ok());
    units
        .and_then(|it| it.checked_mul(unit))
        .map_or(len, |it| it.min(len))
}
