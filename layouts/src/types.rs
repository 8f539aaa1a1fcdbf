//! What a field can be: `f32`, `utf16[256]`, `f32[3]`, the name of a struct.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::text::Encoding;

/// Arrays of arrays stop here, so that nothing that follows types needs a deep stack.
const MAX_DIMENSIONS: usize = 8;

/// One number, in the byte order of Windows: little-endian.
///
/// ```
/// use win_shared_memory_layouts::Scalar;
///
/// assert_eq!(Scalar::named("bool32"), Some(Scalar::Bool32));
/// assert_eq!(Scalar::named("AtomicU64"), Some(Scalar::U64));
/// assert_eq!(Scalar::F64.size(), 8);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scalar {
    /// `u8`, and so `AtomicU8`.
    U8,
    /// `u16`
    U16,
    /// `u32`
    U32,
    /// `u64`
    U64,
    /// `i8`
    I8,
    /// `i16`
    I16,
    /// `i32`
    I32,
    /// `i64`
    I64,
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// One byte, false where it is 0.
    Bool,
    /// A Windows `BOOL`: four bytes, false where they are 0.
    Bool32,
    /// 32 flags.
    Bits32,
    /// A Unicode scalar value in four bytes.
    Char,
}

/// The names that a file may use for scalars. Atomics are read like the integers they are.
const SCALARS: [(&str, Scalar); 22] = [
    ("u8", Scalar::U8),
    ("u16", Scalar::U16),
    ("u32", Scalar::U32),
    ("u64", Scalar::U64),
    ("i8", Scalar::I8),
    ("i16", Scalar::I16),
    ("i32", Scalar::I32),
    ("i64", Scalar::I64),
    ("f32", Scalar::F32),
    ("f64", Scalar::F64),
    ("bool", Scalar::Bool),
    ("bool32", Scalar::Bool32),
    ("bits32", Scalar::Bits32),
    ("char", Scalar::Char),
    ("AtomicU8", Scalar::U8),
    ("AtomicU16", Scalar::U16),
    ("AtomicU32", Scalar::U32),
    ("AtomicU64", Scalar::U64),
    ("AtomicI8", Scalar::I8),
    ("AtomicI16", Scalar::I16),
    ("AtomicI32", Scalar::I32),
    ("AtomicI64", Scalar::I64),
];

impl Scalar {
    /// The scalar of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let found = SCALARS.iter().find(|(known, _)| *known == name);
        found.map(|(_, scalar)| *scalar)
    }

    /// The number of bytes.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 | Self::Bool32 | Self::Bits32 | Self::Char => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// Whether it is a whole number, one of flags included.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        !matches!(
            self,
            Self::F32 | Self::F64 | Self::Bool | Self::Bool32 | Self::Char
        )
    }

    /// Whether it has a fraction.
    #[must_use]
    pub const fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = SCALARS.iter().find(|(_, scalar)| scalar == self);
        f.write_str(known.map_or("", |(name, _)| name))
    }
}

/// The type of a field.
///
/// In a file it is one word. Brackets make arrays, from the inside out: `f32[3][60]` is 60 arrays of three.
/// The first bracket of a text or of `bytes` is its length, in units of its encoding.
///
/// ```
/// use win_shared_memory_layouts::{Scalar, Type};
///
/// let point: Type = "f32[3]".parse()?;
/// assert_eq!(point, Type::Array { count: 3, element: Box::new(Type::Scalar(Scalar::F32)) });
/// assert_eq!("utf16[256][4]".parse::<Type>()?.to_string(), "utf16[256][4]");
/// assert_eq!("Wheel[4]".parse::<Type>()?.to_string(), "Wheel[4]");
/// # Ok::<(), win_shared_memory_layouts::TypeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// A number, a truth or a flag word.
    Scalar(Scalar),
    /// Text in a place of fixed size; it ends at the first NUL, or where the place ends.
    Text {
        /// How it is encoded.
        encoding: Encoding,
        /// The size of the place, in units of the encoding.
        units: u32,
    },
    /// Bytes of no further meaning.
    Bytes(u32),
    /// So many of something, without gaps.
    Array {
        /// How many.
        count: u32,
        /// Of what.
        element: Box<Type>,
    },
    /// A struct of the same layout, by name.
    Struct(String),
}

/// A text that is not a type.
///
/// ```
/// use win_shared_memory_layouts::Type;
///
/// let error = "utf8".parse::<Type>().unwrap_err();
/// assert_eq!(error.to_string(), "`utf8` has no length; write for example `utf8[64]`");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeError(String);

impl fmt::Display for TypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TypeError {}

impl Type {
    /// Every word that a type can begin with, the names of structs aside.
    pub(crate) fn words() -> impl Iterator<Item = &'static str> {
        let scalars = SCALARS.iter().map(|(name, _)| *name);
        scalars
            .chain(Encoding::ALL.map(Encoding::name))
            .chain(["bytes"])
    }

    /// The same without its dimensions: what an element is.
    #[must_use]
    pub fn innermost(&self) -> &Self {
        let mut inner = self;
        while let Self::Array { element, .. } = inner {
            inner = element;
        }
        inner
    }

    /// The name of the struct that it is, if it is one.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Struct(name) => Some(name),
            _ => None,
        }
    }

    fn array(self, count: u32) -> Self {
        Self::Array {
            count,
            element: Box::new(self),
        }
    }

    fn dimensions(&self) -> usize {
        let mut count = 0;
        let mut inner = self;
        while let Self::Array { element, .. } = inner {
            count += 1;
            inner = element;
        }
        count
    }
}

impl FromStr for Type {
    type Err = TypeError;

    fn from_str(text: &str) -> Result<Self, TypeError> {
        let (word, brackets) = match text.find('[') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let mut lengths = lengths(text, brackets)?.into_iter();
        let mut length_of = |what: &str| {
            lengths.next().ok_or_else(|| {
                TypeError(format!(
                    "`{what}` has no length; write for example `{what}[64]`"
                ))
            })
        };
        let mut found = if let Some(scalar) = Scalar::named(word) {
            Self::Scalar(scalar)
        } else if let Some(encoding) = Encoding::named(word) {
            let units = length_of(word)?;
            Self::Text { encoding, units }
        } else if word == "bytes" {
            Self::Bytes(length_of(word)?)
        } else if word.is_empty() {
            return Err(TypeError(
                "a type begins with a name, such as `f32`".to_owned(),
            ));
        } else {
            Self::Struct(word.to_owned())
        };
        for count in lengths {
            found = found.array(count);
        }
        Ok(found)
    }
}

fn lengths(text: &str, mut brackets: &str) -> Result<Vec<u32>, TypeError> {
    let mut found = Vec::new();
    while !brackets.is_empty() {
        let inside = brackets
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'));
        let Some((number, rest)) = inside else {
            let problem = "has a bracket that is not closed, or something after it";
            return Err(TypeError(format!("`{}` {problem}", Shown(text))));
        };
        match number.parse() {
            Ok(length) if length > 0 => found.push(length),
            _ => {
                let problem = "is not a length: a whole number from 1 to 4294967295";
                return Err(TypeError(format!("`{}` {problem}", Shown(number))));
            }
        }
        if found.len() > MAX_DIMENSIONS {
            return Err(TypeError(format!(
                "an array has at most {MAX_DIMENSIONS} dimensions"
            )));
        }
        brackets = rest;
    }
    Ok(found)
}

/// At most the beginning of a text of a stranger.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars().take(60) {
            write!(f, "{}", character.escape_debug())?;
        }
        Ok(())
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(scalar) => write!(f, "{scalar}"),
            Self::Text { encoding, units } => write!(f, "{encoding}[{units}]"),
            Self::Bytes(count) => write!(f, "bytes[{count}]"),
            Self::Array { count, element } => write!(f, "{element}[{count}]"),
            Self::Struct(name) => f.write_str(name),
        }
    }
}

impl Serialize for Type {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TypeVisitor)
    }
}

/// Takes the word, or its long form `{ count = 3, element = "f32" }`.
struct TypeVisitor;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LongForm {
    count: u32,
    element: Type,
}

impl<'de> Visitor<'de> for TypeVisitor {
    type Value = Type;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a type such as \"f32\", \"utf16[256]\" or { count = 3, element = \"f32\" }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Type, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Type, A::Error> {
        let long = LongForm::deserialize(de::value::MapAccessDeserializer::new(map))?;
        if long.count == 0 {
            return Err(de::Error::custom("an array has at least one element"));
        }
        if long.element.dimensions() == MAX_DIMENSIONS {
            let problem = format!("an array has at most {MAX_DIMENSIONS} dimensions");
            return Err(de::Error::custom(problem));
        }
        Ok(long.element.array(long.count))
    }
}
