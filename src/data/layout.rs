//! [`Layout`]: the shape of a type, as a constant.

// Long because a layout and its parts need each other, and constants are computed without traits and iterators.

use crate::data::primitive::Primitive;
use crate::data::schema::{Fnv, Sink};

/// The longest [schema](crate::schema) in bytes, so that every program can hold that of another, and
/// the compiler does not take the constant for an endless loop.
pub(crate) const LONGEST_SCHEMA: usize = 512 << 10;

/// The shape of a type in shared memory: which bytes are which field.
///
/// `#[derive(SharedData)]` makes it, as [`SharedData::LAYOUT`](crate::SharedData::LAYOUT). The names
/// and paths of Rust types are not part of it, so two programs may call the same struct differently.
///
/// # Examples
///
/// ```
/// use win_shared_memory::SharedData;
/// use win_shared_memory::layout::Kind;
///
/// #[derive(Clone, Copy, SharedData)]
/// #[repr(C)]
/// struct GameState {
///     score: u32,
///     lives: u8,
/// }
///
/// let layout = &GameState::LAYOUT;
/// assert_eq!((layout.size(), layout.align()), (8, 4));
/// assert_eq!(layout.path_at(4), "lives");
///
/// let Kind::Struct(fields) = layout.kind() else {
///     unreachable!("it is a struct");
/// };
/// let offsets: Vec<_> = fields.iter().map(|it| (it.name(), it.offset())).collect();
/// assert_eq!(offsets, [("score", 0), ("lives", 4)]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    size: usize,
    align: usize,
    kind: Kind,
    /// The number of bytes that are not padding.
    data_len: usize,
    schema_len: usize,
    any_bytes: bool,
    zero_is_valid: bool,
    has_atomics: bool,
    all_atomic: bool,
}

/// What the bytes of a [`Layout`] are.
///
/// More kinds may come, and more may be known of each, so a `match` needs a wildcard arm.
///
/// # Examples
///
/// ```
/// use win_shared_memory::SharedData;
/// use win_shared_memory::layout::Kind;
///
/// let Kind::Array { element, count, .. } = <[f32; 4]>::LAYOUT.kind() else {
///     unreachable!("it is an array");
/// };
/// assert_eq!((element.size(), count), (4, 4));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Kind {
    /// One number, `bool`, `char` or atomic.
    Primitive(Primitive),
    /// The same thing several times, without gaps.
    #[non_exhaustive]
    Array {
        /// The element.
        element: &'static Layout,
        /// The number of elements.
        count: usize,
    },
    /// Fields, in the order of their declaration. Bytes in no field are padding.
    Struct(&'static [Field]),
    /// One of several named numbers.
    #[non_exhaustive]
    Enum {
        /// The primitive that holds the number.
        repr: Primitive,
        /// The names and their numbers, in the order of their declaration.
        variants: &'static [Variant],
    },
    /// Bytes without padding of which nothing else is known: those of a
    /// [`Zerocopy`](crate::Zerocopy).
    Opaque,
}

/// A field of a struct.
///
/// # Examples
///
/// ```
/// use win_shared_memory::SharedData;
/// use win_shared_memory::layout::Kind;
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct Wheel {
///     is_flat: bool,
///     pressure: f32,
/// }
///
/// let Kind::Struct(fields) = Wheel::LAYOUT.kind() else {
///     unreachable!("it is a struct");
/// };
/// assert_eq!((fields[1].name(), fields[1].offset()), ("pressure", 4));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Field {
    name: &'static str,
    offset: usize,
    layout: &'static Layout,
}

impl Field {
    /// For the derive.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, offset: usize, layout: &'static Layout) -> Self {
        Self {
            name,
            offset,
            layout,
        }
    }

    /// Its name; in a tuple struct, its index.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The distance in bytes from the first byte of the struct to that of the field.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Its shape.
    #[must_use]
    pub const fn layout(&self) -> &'static Layout {
        self.layout
    }

    /// The offset in the struct after its last byte.
    const fn end(&self) -> usize {
        self.offset + self.layout.size
    }
}

/// A variant of an enum without data.
///
/// # Examples
///
/// ```
/// use win_shared_memory::SharedData;
/// use win_shared_memory::layout::Kind;
///
/// #[derive(SharedData)]
/// #[repr(u8)]
/// enum Flag {
///     Green = 1,
///     Yellow = 4,
/// }
///
/// let Kind::Enum { variants, .. } = Flag::LAYOUT.kind() else {
///     unreachable!("it is an enum");
/// };
/// assert_eq!((variants[1].name(), variants[1].value()), ("Yellow", 4));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    name: &'static str,
    value: i128,
}

impl Variant {
    /// For the derive.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, value: i128) -> Self {
        Self { name, value }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its number, in a type that holds those of `u64` and of `i64`.
    #[must_use]
    pub const fn value(&self) -> i128 {
        self.value
    }
}

impl Layout {
    pub(crate) const fn new(size: usize, align: usize, kind: Kind) -> Self {
        let parts = Parts::of(size, kind);
        let mut layout = Self {
            size,
            align,
            kind,
            data_len: parts.data_len,
            schema_len: 0,
            any_bytes: parts.any_bytes,
            zero_is_valid: parts.zero_is_valid,
            has_atomics: parts.has_atomics,
            all_atomic: parts.all_atomic && parts.data_len == size,
        };
        let mut len = 0;
        write(&layout, &mut Sink::Count(&mut len));
        assert!(
            len <= LONGEST_SCHEMA,
            "the schema of this type is larger than 512 KiB: it has too many fields, of which those \
             of one type could be an array"
        );
        layout.schema_len = len;
        layout
    }

    /// For the derive: a struct.
    ///
    /// # Panics
    ///
    /// If fields overlap, or are not in the order of their offsets; if the schema is too long.
    #[doc(hidden)]
    #[must_use]
    pub const fn of_struct(size: usize, align: usize, fields: &'static [Field]) -> Self {
        Self::new(size, align, Kind::Struct(fields))
    }

    /// For the derive: an enum without data.
    ///
    /// # Panics
    ///
    /// If the schema is too long.
    #[doc(hidden)]
    #[must_use]
    pub const fn of_enum(
        size: usize,
        align: usize,
        repr: Primitive,
        variants: &'static [Variant],
    ) -> Self {
        Self::new(size, align, Kind::Enum { repr, variants })
    }

    /// The size in bytes.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// The alignment in bytes.
    #[must_use]
    pub const fn align(&self) -> usize {
        self.align
    }

    /// What the bytes are.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether some bytes are padding: in no field.
    #[must_use]
    pub const fn is_padded(&self) -> bool {
        self.data_len < self.size
    }

    /// Whether any bytes are a valid value: it has no `bool`, `char` or enum.
    #[must_use]
    pub const fn any_bytes(&self) -> bool {
        self.any_bytes
    }

    /// Whether zero bytes are a valid value: each enum in it has a variant of number 0.
    #[must_use]
    pub const fn zero_is_valid(&self) -> bool {
        self.zero_is_valid
    }

    /// Whether all bytes are those of atomics.
    #[must_use]
    pub const fn all_atomic(&self) -> bool {
        self.all_atomic
    }

    /// Whether it has an atomic, which then has to be aligned.
    #[must_use]
    pub const fn has_atomics(&self) -> bool {
        self.has_atomics
    }

    /// A 64-bit hash of the shape: field names, primitives, offsets, counts, sizes, alignments and
    /// enum variants. It is equal in 32-bit and 64-bit programs. Equal hashes almost surely mean equal
    /// shapes; the [schema](crate::schema) decides.
    #[must_use]
    pub const fn hash(&self) -> u64 {
        let mut hash = Fnv::new();
        write(self, &mut Sink::Hash(&mut hash));
        hash.0
    }

    /// The length of the [schema](crate::schema) in bytes.
    #[must_use]
    pub const fn schema_len(&self) -> usize {
        self.schema_len
    }

    /// The [schema](crate::schema) in an array of [`schema_len`](Self::schema_len) bytes: UTF-8.
    ///
    /// # Panics
    ///
    /// If `N` is not [`schema_len`](Self::schema_len).
    #[must_use]
    pub const fn schema_bytes<const N: usize>(&self) -> [u8; N] {
        assert!(N == self.schema_len, "N is not the schema's length");
        let mut bytes = [0; N];
        write(self, &mut Sink::Bytes(&mut bytes, &mut 0));
        bytes
    }

    /// The [schema](crate::schema), made at run time.
    #[must_use]
    pub fn schema(&self) -> String {
        let mut bytes = vec![0; self.schema_len];
        write(self, &mut Sink::Bytes(&mut bytes, &mut 0));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The path of the innermost field that has the byte at `offset`: `"wheels[2].pressure"`.
    /// Where that byte is padding, the path of what encloses it.
    #[must_use]
    pub fn path_at(&self, offset: usize) -> String {
        match self.kind {
            Kind::Struct(fields) => fields
                .iter()
                .find(|it| (it.offset..it.end()).contains(&offset))
                .map_or_else(String::new, |it| {
                    join(it.name.into(), &it.layout.path_at(offset - it.offset))
                }),
            Kind::Array { element, .. } => element.path_in_elements(offset),
            _ => String::new(),
        }
    }

    /// As [`path_at`](Self::path_at), in an array of elements of this layout.
    pub(crate) fn path_in_elements(&self, offset: usize) -> String {
        match offset.checked_div(self.size) {
            Some(index) => join(format!("[{index}]"), &self.path_at(offset % self.size)),
            None => String::new(),
        }
    }
}

fn join(outer: String, inner: &str) -> String {
    match inner.chars().next() {
        None => outer,
        Some('[') => outer + inner,
        Some(_) => format!("{outer}.{inner}"),
    }
}

/// What follows from what a layout is made of.
struct Parts {
    data_len: usize,
    any_bytes: bool,
    zero_is_valid: bool,
    has_atomics: bool,
    /// Whether all that is not padding is.
    all_atomic: bool,
}

impl Parts {
    const fn of(size: usize, kind: Kind) -> Self {
        match kind {
            Kind::Primitive(primitive) => Self {
                data_len: size,
                any_bytes: !matches!(primitive, Primitive::Bool | Primitive::Char),
                zero_is_valid: true,
                has_atomics: primitive.is_atomic(),
                all_atomic: primitive.is_atomic(),
            },
            Kind::Array { element, count } => Self {
                data_len: element.data_len * count,
                any_bytes: element.any_bytes,
                zero_is_valid: element.zero_is_valid || count == 0,
                has_atomics: element.has_atomics,
                all_atomic: element.all_atomic,
            },
            Kind::Struct(fields) => Self::of_fields(size, fields),
            Kind::Enum { variants, .. } => Self {
                data_len: size,
                any_bytes: false,
                zero_is_valid: has_zero(variants),
                has_atomics: false,
                all_atomic: false,
            },
            Kind::Opaque => Self {
                data_len: size,
                any_bytes: true,
                zero_is_valid: true,
                has_atomics: false,
                all_atomic: false,
            },
        }
    }

    const fn of_fields(size: usize, fields: &[Field]) -> Self {
        let mut all = Self {
            data_len: 0,
            any_bytes: true,
            zero_is_valid: true,
            has_atomics: false,
            all_atomic: true,
        };
        let (mut at, mut end) = (0, 0);
        while at < fields.len() {
            let (field, layout) = (&fields[at], fields[at].layout);
            if layout.size > 0 {
                assert!(field.offset >= end, "fields in the order of their offsets");
                end = field.end();
                assert!(end <= size, "fields inside the struct");
            }
            all.data_len += layout.data_len;
            all.any_bytes &= layout.any_bytes;
            all.zero_is_valid &= layout.zero_is_valid;
            all.has_atomics |= layout.has_atomics;
            all.all_atomic &= layout.all_atomic;
            at += 1;
        }
        all
    }
}

const fn has_zero(variants: &[Variant]) -> bool {
    let mut at = 0;
    while at < variants.len() {
        if variants[at].value == 0 {
            return true;
        }
        at += 1;
    }
    false
}

/// Writes the schema: canonical JSON, without white space, keys in a fixed order, names as declared.
const fn write(layout: &Layout, out: &mut Sink<'_>) {
    match layout.kind {
        Kind::Primitive(primitive) => {
            out.put("\"");
            out.put(primitive.name());
            out.put("\"");
        }
        Kind::Array { element, count } => {
            out.put("{\"count\":");
            out.put_number(count as u128);
            out.put(",\"element\":");
            write_part(element, out);
            out.put("}");
        }
        Kind::Struct(fields) => {
            write_size(layout, out);
            out.put(",\"fields\":[");
            write_fields(fields, out);
            out.put("]}");
        }
        Kind::Enum { repr, variants } => {
            write_size(layout, out);
            out.put(",\"repr\":\"");
            out.put(repr.name());
            out.put("\",\"variants\":[");
            write_variants(variants, out);
            out.put("]}");
        }
        Kind::Opaque => {
            write_size(layout, out);
            out.put(",\"opaque\":true}");
        }
    }
}

/// As [`write`], of a layout whose length is known already: every part is walked once.
const fn write_part(layout: &Layout, out: &mut Sink<'_>) {
    if let Sink::Count(len) = out {
        **len += layout.schema_len;
    } else {
        write(layout, out);
    }
}

const fn write_size(layout: &Layout, out: &mut Sink<'_>) {
    out.put("{\"size\":");
    out.put_number(layout.size as u128);
    out.put(",\"align\":");
    out.put_number(layout.align as u128);
}

const fn write_fields(fields: &[Field], out: &mut Sink<'_>) {
    let mut at = 0;
    while at < fields.len() {
        let field = &fields[at];
        write_name(field.name, at == 0, out);
        out.put(",\"offset\":");
        out.put_number(field.offset as u128);
        out.put(",\"type\":");
        write_part(field.layout, out);
        out.put("}");
        at += 1;
    }
}

const fn write_variants(variants: &[Variant], out: &mut Sink<'_>) {
    let mut at = 0;
    while at < variants.len() {
        let variant = &variants[at];
        write_name(variant.name, at == 0, out);
        out.put(",\"value\":");
        if variant.value < 0 {
            out.put("-");
        }
        out.put_number(variant.value.unsigned_abs());
        out.put("}");
        at += 1;
    }
}

/// The beginning of an entry of a list, as the name was declared.
const fn write_name(name: &str, is_first: bool, out: &mut Sink<'_>) {
    out.put(if is_first {
        "{\"name\":\""
    } else {
        ",{\"name\":\""
    });
    out.put(name);
    out.put("\"");
}
