//! [`Primitive`].

/// The primitives that shared data is made of.
///
/// # Examples
///
/// ```
/// use win_shared_memory::SharedData;
/// use win_shared_memory::layout::{Kind, Primitive};
///
/// assert!(matches!(u16::LAYOUT.kind(), Kind::Primitive(Primitive::U16)));
/// assert_eq!(Primitive::AtomicU32.name(), "AtomicU32");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is called as its Rust type is")]
pub enum Primitive {
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F32,
    F64,
    Bool,
    Char,
    AtomicU8,
    AtomicU16,
    AtomicU32,
    AtomicU64,
    AtomicI8,
    AtomicI16,
    AtomicI32,
    AtomicI64,
}

impl Primitive {
    /// The name of its Rust type.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Bool => "bool",
            Self::Char => "char",
            Self::AtomicU8 => "AtomicU8",
            Self::AtomicU16 => "AtomicU16",
            Self::AtomicU32 => "AtomicU32",
            Self::AtomicU64 => "AtomicU64",
            Self::AtomicI8 => "AtomicI8",
            Self::AtomicI16 => "AtomicI16",
            Self::AtomicI32 => "AtomicI32",
            Self::AtomicI64 => "AtomicI64",
        }
    }

    pub(crate) const fn is_atomic(self) -> bool {
        matches!(
            self,
            Self::AtomicU8
                | Self::AtomicU16
                | Self::AtomicU32
                | Self::AtomicU64
                | Self::AtomicI8
                | Self::AtomicI16
                | Self::AtomicI32
                | Self::AtomicI64
        )
    }
}
