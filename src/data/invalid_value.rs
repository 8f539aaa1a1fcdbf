//! [`InvalidValue`], and the check that finds it: on private bytes, without `unsafe`.

use std::fmt;

use crate::data::layout::{Kind, Layout};
use crate::data::primitive::Primitive;

/// A `bool`, `char` or enum in shared memory that holds none of its values.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{SharedData, layout};
///
/// #[derive(Debug, SharedData)]
/// #[repr(C)]
/// struct Lamp {
///     lumen: u16,
///     on: bool,
/// }
///
/// match layout::from_bytes::<Lamp>(&[100, 0, 7, 0]) {
///     Err(layout::InvalidBytes::Value(invalid)) => {
///         assert_eq!((invalid.field(), invalid.offset(), invalid.value()), ("on", 2, 7));
///     }
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidValue {
    field: String,
    offset: usize,
    value: i128,
    kind: &'static str,
}

impl InvalidValue {
    /// The path of the field in the type that was read (`"wheels[2].state"`); empty if that type is
    /// itself the `bool`, `char` or enum.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The offset of the field's first byte in the type that was read.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The number found there.
    #[must_use]
    pub fn value(&self) -> i128 {
        self.value
    }
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str("the value")?;
        } else {
            write!(f, "field `{}`", self.field)?;
        }
        write!(
            f,
            " at offset {} holds {}, which is not a valid {}",
            self.offset, self.value, self.kind
        )
    }
}

impl std::error::Error for InvalidValue {}

/// Checks that bytes are a valid value of a layout.
pub(crate) fn check(layout: &Layout, bytes: &[u8]) -> Result<(), InvalidValue> {
    match find_invalid(layout, bytes, 0) {
        None => Ok(()),
        Some((offset, value, kind)) => Err(InvalidValue {
            field: layout.path_at(offset),
            offset,
            value,
            kind,
        }),
    }
}

/// Checks that bytes are `count` valid values of a layout, one after the other.
#[cfg(windows)]
pub(crate) fn check_elements(
    element: &Layout,
    count: usize,
    bytes: &[u8],
) -> Result<(), InvalidValue> {
    match find_in_elements(element, count, bytes, 0) {
        None => Ok(()),
        Some((offset, value, kind)) => Err(InvalidValue {
            field: element.path_in_elements(offset),
            offset,
            value,
            kind,
        }),
    }
}

/// The offset, number and kind of the first invalid primitive of the layout, whose first byte is
/// `bytes[at]`.
fn find_invalid(layout: &Layout, bytes: &[u8], at: usize) -> Option<(usize, i128, &'static str)> {
    match layout.kind() {
        Kind::Primitive(Primitive::Bool) => {
            let value = number(Primitive::U8, bytes, at);
            (value > 1).then_some((at, value, "bool"))
        }
        Kind::Primitive(Primitive::Char) => {
            let value = number(Primitive::U32, bytes, at);
            let valid = u32::try_from(value).is_ok_and(|it| char::from_u32(it).is_some());
            (!valid).then_some((at, value, "char"))
        }
        Kind::Primitive(_) | Kind::Opaque => None,
        Kind::Enum { repr, variants } => {
            let value = number(repr, bytes, at);
            let valid = variants.iter().any(|it| it.value() == value);
            (!valid).then_some((at, value, "variant of the enum"))
        }
        Kind::Array { element, count } => find_in_elements(element, count, bytes, at),
        Kind::Struct(fields) => fields
            .iter()
            .find_map(|it| find_invalid(it.layout(), bytes, at + it.offset())),
    }
}

fn find_in_elements(
    element: &Layout,
    count: usize,
    bytes: &[u8],
    at: usize,
) -> Option<(usize, i128, &'static str)> {
    if element.any_bytes() {
        return None;
    }
    (0..count).find_map(|index| find_invalid(element, bytes, at + index * element.size()))
}

/// The integer of this primitive at `bytes[at]`.
fn number(primitive: Primitive, bytes: &[u8], at: usize) -> i128 {
    fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
        let mut array = [0; N];
        array.copy_from_slice(&bytes[at..at + N]);
        array
    }
    match primitive {
        Primitive::U8 => u8::from_ne_bytes(array(bytes, at)).into(),
        Primitive::U16 => u16::from_ne_bytes(array(bytes, at)).into(),
        Primitive::U32 => u32::from_ne_bytes(array(bytes, at)).into(),
        Primitive::U64 => u64::from_ne_bytes(array(bytes, at)).into(),
        Primitive::I8 => i8::from_ne_bytes(array(bytes, at)).into(),
        Primitive::I16 => i16::from_ne_bytes(array(bytes, at)).into(),
        Primitive::I32 => i32::from_ne_bytes(array(bytes, at)).into(),
        Primitive::I64 => i64::from_ne_bytes(array(bytes, at)).into(),
        // No other primitive holds an enum.
        _ => 0,
    }
}
