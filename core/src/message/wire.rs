//! The encoding of protobuf (protobuf.dev, *Encoding*), as far as messages of regions need it.

use win_shared_memory_layouts::{Scalar, Value};

/// How a number is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    Bool,
    Fixed32,
    Fixed64,
    Signed32,
    Signed64,
    Float,
    Double,
}

pub(super) const VARINT: u32 = 0;
const I64: u32 = 1;
pub(super) const LEN: u32 = 2;
const I32: u32 = 5;

impl Wire {
    pub(super) fn of(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Bool | Scalar::Bool32 => Self::Bool,
            Scalar::I8 | Scalar::I16 | Scalar::I32 => Self::Signed32,
            Scalar::I64 => Self::Signed64,
            Scalar::U64 => Self::Fixed64,
            Scalar::F32 => Self::Float,
            Scalar::F64 => Self::Double,
            _ => Self::Fixed32,
        }
    }

    /// The encoding of a number whose type is not known: a variable has 32 bits.
    pub(super) fn holding(value: &Value<'_>) -> Self {
        match value {
            Value::Bool(_) => Self::Bool,
            Value::Signed(_) | Value::Enum(_) => Self::Signed32,
            Value::F32(_) => Self::Float,
            Value::F64(_) => Self::Double,
            _ => Self::Fixed32,
        }
    }

    pub(super) fn wire_type(self) -> u32 {
        match self {
            Self::Bool => VARINT,
            Self::Fixed64 | Self::Signed64 | Self::Double => I64,
            Self::Fixed32 | Self::Signed32 | Self::Float => I32,
        }
    }

    /// The type in the language of `.proto` files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Fixed32 => "fixed32",
            Self::Fixed64 => "fixed64",
            Self::Signed32 => "sfixed32",
            Self::Signed64 => "sfixed64",
            Self::Float => "float",
            Self::Double => "double",
        }
    }

    /// `FieldDescriptorProto.Type`
    pub(super) fn descriptor_type(self) -> u64 {
        match self {
            Self::Double => 1,
            Self::Float => 2,
            Self::Fixed64 => 6,
            Self::Fixed32 => 7,
            Self::Bool => 8,
            Self::Signed32 => 15,
            Self::Signed64 => 16,
        }
    }

    /// Whether this is what the numbers of an array already are.
    pub(super) fn is_layout_of(self, scalar: Scalar) -> bool {
        self == Self::of(scalar) && self != Self::Bool && scalar.size() >= 4
    }

    pub(super) fn value(self, value: &Value<'_>, out: &mut Vec<u8>) {
        let integer = || match *value {
            Value::Unsigned(it) => it,
            _ => value.as_i64().unwrap_or_default() as u64,
        };
        match self {
            Self::Bool => out.push(u8::from(integer() != 0)),
            Self::Fixed32 | Self::Signed32 => {
                out.extend_from_slice(&(integer() as u32).to_le_bytes());
            }
            Self::Fixed64 | Self::Signed64 => out.extend_from_slice(&integer().to_le_bytes()),
            Self::Float => {
                let number = value.as_f64().unwrap_or_default() as f32;
                out.extend_from_slice(&number.to_le_bytes());
            }
            Self::Double => {
                let number = value.as_f64().unwrap_or_default();
                out.extend_from_slice(&number.to_le_bytes());
            }
        }
    }
}

/// What stands before the value of a field.
pub(super) fn key(number: usize, wire_type: u32, out: &mut Vec<u8>) {
    varint((number as u64) << 3 | u64::from(wire_type), out);
}

pub(super) fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A field that is bytes: a text, or a message that is encoded already.
pub(super) fn bytes(number: usize, bytes: &[u8], out: &mut Vec<u8>) {
    key(number, LEN, out);
    varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// A field that is as long as what `encode` makes of it.
pub(super) fn nested(number: usize, out: &mut Vec<u8>, encode: impl FnOnce(&mut Vec<u8>)) {
    key(number, LEN, out);
    let start = out.len();
    encode(out);
    let mut len = Vec::with_capacity(5);
    varint((out.len() - start) as u64, &mut len);
    out.splice(start..start, len);
}
