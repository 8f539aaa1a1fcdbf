//! Types as debug information has them.

use win_shared_memory_layouts::{Encoding, Scalar};

use super::ImportError;
use super::names::{Id, Names};

/// The types of a file, read one by one.
pub(super) trait Types {
    /// The names of all structs.
    fn names(&self) -> &Names;

    /// A type.
    fn get(&mut self, id: Id) -> Result<Type, ImportError>;
}

#[derive(Clone, Debug)]
pub(super) enum Type {
    Number(Scalar),
    Letter(Encoding),
    Enum(Scalar, Vec<(String, i64)>),
    Array(Id, u64),
    Record(Record),
    /// Another name, or a qualifier.
    Alias(Id),
    /// So many bytes of something else than a number: a pointer.
    Other(u64, &'static str),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    pub(super) name: Option<String>,
    pub(super) size: u64,
    pub(super) is_union: bool,
    pub(super) members: Vec<Member>,
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    /// A base class and an unnamed struct have none.
    pub(super) name: Option<String>,
    pub(super) offset: u64,
    pub(super) ty: Id,
    /// The first bit, from the offset on, and the number of bits.
    pub(super) bits: Option<(u64, u64)>,
    /// The line of the source that declares it.
    pub(super) line: Option<u64>,
}

/// The integer of this size.
pub(super) fn integer(size: u64, is_signed: bool) -> Option<Scalar> {
    Some(match (size, is_signed) {
        (1, false) => Scalar::U8,
        (2, false) => Scalar::U16,
        (4, false) => Scalar::U32,
        (8, false) => Scalar::U64,
        (1, true) => Scalar::I8,
        (2, true) => Scalar::I16,
        (4, true) => Scalar::I32,
        (8, true) => Scalar::I64,
        _ => return None,
    })
}
