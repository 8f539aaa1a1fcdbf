//! The header of a payload, and where its slots are.
//!
//! | offset | size | what |
//! |---:|---:|---|
//! | 0 | 4 | magic |
//! | 4 | 4 | format version |
//! | 8 | 4 | kind |
//! | 12 | 4 | number of slots, a power of two |
//! | 16 | 8 | hash of the schema |
//! | 24 | 8 | size of a value in bytes; in a slice, of an element |
//! | 32 | 4 | alignment of a value in bytes |
//! | 36 | 4 | offset of the schema |
//! | 40 | 4 | length of the schema in bytes |
//! | 44 | 4 | slice: the most elements that a slot has room for; else 0 |
//! | 48 | 8 | offset of the first slot |
//! | 56 | 8 | bytes from one slot to the next |
//! | 128 | 4 | latest: the low word of the last published version |
//! | 256 | | the schema |
//! | | | the slots: sequence `lo`, `hi`, a slice's length, and at the slot's alignment the value |
//!
//! The header is written before the directory names the payload, and never changes.

use crate::protocol::directory::{FORMAT, Kind};
use crate::protocol::shape::Element;

pub(crate) const MAGIC: u32 = u32::from_le_bytes(*b"WSMp");
pub(crate) const WORDS: usize = 16;

pub(crate) const LATEST: usize = 128;
pub(crate) const SCHEMA: usize = 256;

/// In a slot: the number of elements of a slice.
pub(crate) const LEN: usize = 8;

/// No two slots share a cache line, nor the pair that processors fetch together.
pub(crate) const SLOT_ALIGN: usize = 128;

/// Which word of the header is which. Of a number of two words this is the low one.
pub(crate) mod word {
    pub(crate) const MAGIC: usize = 0;
    pub(crate) const FORMAT: usize = 1;
    pub(crate) const KIND: usize = 2;
    pub(crate) const COUNT: usize = 3;
    pub(crate) const HASH: usize = 4;
    pub(crate) const SIZE: usize = 6;
    pub(crate) const ALIGN: usize = 8;
    pub(crate) const SCHEMA: usize = 9;
    pub(crate) const SCHEMA_LEN: usize = 10;
    pub(crate) const CAPACITY: usize = 11;
    pub(crate) const FIRST: usize = 12;
    pub(crate) const STRIDE: usize = 14;
}

/// A number of two words.
pub(crate) fn wide(header: &[u32; WORDS], at: usize) -> u64 {
    u64::from(header[at + 1]) << 32 | u64::from(header[at])
}

/// Where the slots are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Geometry {
    pub(crate) count: u32,
    /// The most elements of a slice; 0 for a single value.
    pub(crate) capacity: u32,
    schema_len: usize,
    pub(crate) first: usize,
    /// From the slot to its value, and what slots are aligned to.
    pub(crate) head: usize,
    pub(crate) stride: usize,
    pub(crate) end: usize,
}

impl Geometry {
    /// `None` if the address space is too small.
    pub(crate) fn new(
        element: Element,
        capacity: u32,
        schema_len: usize,
        count: u32,
    ) -> Option<Self> {
        let head = element.align.max(SLOT_ALIGN);
        let first = SCHEMA
            .checked_add(schema_len)?
            .checked_next_multiple_of(head)?;
        let size = element
            .size
            .checked_mul(usize::try_from(capacity).ok()?.max(1))?;
        let stride = size.checked_next_multiple_of(head)?.checked_add(head)?;
        let end = stride.checked_mul(count as usize)?.checked_add(first)?;
        Some(Self {
            count,
            capacity,
            schema_len,
            first,
            head,
            stride,
            end,
        })
    }

    /// The header of a payload that holds this.
    pub(crate) fn header(&self, kind: Kind, element: Element) -> [u32; WORDS] {
        header(
            kind,
            element,
            self.schema_len,
            Numbers {
                count: self.count,
                capacity: self.capacity,
                first: self.first,
                stride: self.stride,
            },
        )
    }
}

/// What a header says besides what it is the header of.
pub(crate) struct Numbers {
    pub(crate) count: u32,
    pub(crate) capacity: u32,
    pub(crate) first: usize,
    pub(crate) stride: usize,
}

pub(crate) fn header(
    kind: Kind,
    element: Element,
    schema_len: usize,
    numbers: Numbers,
) -> [u32; WORDS] {
    let mut words = [0; WORDS];
    words[word::MAGIC] = MAGIC;
    words[word::FORMAT] = FORMAT;
    words[word::KIND] = kind as u32;
    words[word::COUNT] = numbers.count;
    let wide = [
        (word::HASH, element.hash),
        (word::SIZE, element.size as u64),
        (word::FIRST, numbers.first as u64),
        (word::STRIDE, numbers.stride as u64),
    ];
    for (at, value) in wide {
        words[at] = value as u32;
        words[at + 1] = (value >> 32) as u32;
    }
    words[word::ALIGN] = element.align as u32;
    words[word::SCHEMA] = SCHEMA as u32;
    words[word::SCHEMA_LEN] = schema_len as u32;
    words[word::CAPACITY] = numbers.capacity;
    words
}
