//! [`Layout`]: the shape of a type, as a constant.

/// The shape of a type in shared memory: which bytes are which field.
///
/// Made by `#[derive(SharedData)]`, as [`SharedData::LAYOUT`](crate::SharedData::LAYOUT). Names of
/// Rust types and paths are no part of it, so two programs may call the same struct differently.
///
/// # Examples
///
/// ```
/// use win_shared_memory::SharedData;
///
/// #[derive(Clone, Copy, SharedData)]
/// #[repr(C)]
/// struct GameState {
///     score: u32,
///     lives: u8,
/// }
///
/// let layout = &GameState::LAYOUT;
/// assert_eq!((layout.size, layout.align), (8, 4));
/// assert_eq!(layout.path_at(4), "lives");
/// assert_eq!(
///     win_shared_memory::schema!(GameState),
///     r#"{"size":8,"align":4,"fields":[{"name":"score","offset":0,"type":"u32"},{"name":"lives","offset":4,"type":"u8"}]}"#,
/// );
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The size in bytes.
    pub size: usize,
    /// The alignment in bytes.
    pub align: usize,
    /// What the bytes are.
    pub kind: Kind,
    /// The number of bytes that are no padding.
    data_len: usize,
    schema_len: usize,
    any_bytes: bool,
    has_atomics: bool,
    all_atomic: bool,
}

/// The longest [schema](crate::schema) in bytes, so that every program can hold that of another, and
/// the compiler does not take the constant for an endless loop.
pub(crate) const LONGEST_SCHEMA: usize = 512 << 10;

/// What the bytes of a [`Layout`] are.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Kind {
    /// One number, `bool`, `char` or atomic.
    Primitive(Primitive),
    /// The same thing several times, without gaps.
    Array {
        /// The element.
        element: &'static Layout,
        /// How many there are.
        count: usize,
    },
    /// Fields, in the order of their declaration. Bytes in no field are padding.
    Struct(&'static [Field]),
    /// One of several named numbers.
    Enum {
        /// The primitive that holds the number.
        repr: Primitive,
        /// The names and their numbers, in the order of their declaration.
        variants: &'static [Variant],
    },
    /// Bytes, none of them padding, of which nothing else is known: those of a
    /// [`Zerocopy`](crate::Zerocopy).
    Opaque,
}

/// The primitives that shared data is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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

    const fn is_atomic(self) -> bool {
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

/// A field of a struct.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name; the index for a tuple struct.
    pub name: &'static str,
    /// The distance of its first byte from the struct's.
    pub offset: usize,
    /// Its shape.
    pub layout: &'static Layout,
}

/// A variant of an enum without data.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its name.
    pub name: &'static str,
    /// Its number.
    pub value: i128,
}

impl Layout {
    /// A 64-bit hash of the shape: field names, primitives, offsets, counts, sizes, alignments and
    /// enum variants. Equal in 32-bit and 64-bit programs. Equal hashes almost surely mean equal
    /// shapes; the [schema](crate::schema) decides.
    #[must_use]
    pub const fn hash(&self) -> u64 {
        let mut hash = Fnv::new();
        self.write(&mut Sink::Hash(&mut hash));
        hash.0
    }

    /// For the derive.
    ///
    /// # Panics
    ///
    /// If fields overlap, or are not in the order of their offsets; if the schema is too long.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(size: usize, align: usize, kind: Kind) -> Self {
        let (data_len, any_bytes, has_atomics, all_atomic) = match kind {
            Kind::Primitive(primitive) => (
                size,
                !matches!(primitive, Primitive::Bool | Primitive::Char),
                primitive.is_atomic(),
                primitive.is_atomic(),
            ),
            Kind::Enum { .. } => (size, false, false, false),
            Kind::Opaque => (size, true, false, false),
            Kind::Array { element, count } => (
                element.data_len * count,
                element.any_bytes,
                element.has_atomics,
                element.all_atomic,
            ),
            Kind::Struct(fields) => {
                let mut all = (0, true, false, true);
                let (mut at, mut end) = (0, 0);
                while at < fields.len() {
                    let field = fields[at].layout;
                    if field.size > 0 {
                        assert!(
                            fields[at].offset >= end,
                            "fields in the order of their offsets"
                        );
                        end = fields[at].offset + field.size;
                        assert!(end <= size, "fields inside the struct");
                    }
                    all.0 += field.data_len;
                    all.1 &= field.any_bytes;
                    all.2 |= field.has_atomics;
                    all.3 &= field.all_atomic;
                    at += 1;
                }
                all
            }
        };
        let mut layout = Self {
            size,
            align,
            kind,
            data_len,
            schema_len: 0,
            any_bytes,
            has_atomics,
            all_atomic: all_atomic && data_len == size,
        };
        let mut len = 0;
        layout.write(&mut Sink::Count(&mut len));
        assert!(
            len <= LONGEST_SCHEMA,
            "the schema of this type is larger than 512 KiB: it has too many fields, of which those \
             of one type could be an array"
        );
        layout.schema_len = len;
        layout
    }

    /// Whether some bytes are padding: in no field.
    #[must_use]
    pub const fn is_padded(&self) -> bool {
        self.data_len < self.size
    }

    /// Whether any bytes are a valid value: no `bool`, `char` or enum is part of it.
    #[must_use]
    pub const fn any_bytes(&self) -> bool {
        self.any_bytes
    }

    /// Whether all bytes are those of atomics.
    #[must_use]
    pub const fn all_atomic(&self) -> bool {
        self.all_atomic
    }

    /// Whether an atomic is part of it, which then has to be aligned.
    #[must_use]
    pub const fn has_atomics(&self) -> bool {
        self.has_atomics
    }

    /// The length of the [schema](crate::schema) in bytes.
    #[must_use]
    pub const fn schema_len(&self) -> usize {
        self.schema_len
    }

    /// The [schema](crate::schema) in an array of [`schema_len`](Self::schema_len) bytes, which is
    /// ASCII but for names of fields that are not.
    ///
    /// # Panics
    ///
    /// If `N` is not [`schema_len`](Self::schema_len).
    #[must_use]
    pub const fn schema_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        let mut at = 0;
        self.write(&mut Sink::Bytes(&mut bytes, &mut at));
        assert!(at == N, "N is not the schema's length");
        bytes
    }

    /// The schema at run time, for layouts that are no constant.
    #[must_use]
    pub fn schema(&self) -> String {
        let mut bytes = vec![0; self.schema_len()];
        self.write(&mut Sink::Bytes(&mut bytes, &mut 0));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The path of the innermost field that has the byte at `offset`: `"wheels[2].pressure"`.
    /// Where that byte is padding, the path of what encloses it.
    #[must_use]
    pub fn path_at(&self, offset: usize) -> String {
        match self.kind {
            Kind::Struct(fields) => fields
                .iter()
                .find(|it| (it.offset..it.offset + it.layout.size).contains(&offset))
                .map_or_else(String::new, |it| {
                    join(it.name.into(), &it.layout.path_at(offset - it.offset))
                }),
            Kind::Array { element, .. } if element.size > 0 => join(
                format!("[{}]", offset / element.size),
                &element.path_at(offset % element.size),
            ),
            _ => String::new(),
        }
    }

    /// Writes the canonical JSON: no white space, keys in a fixed order, names as declared.
    const fn write(&self, out: &mut Sink<'_>) {
        match self.kind {
            Kind::Primitive(primitive) => {
                out.put("\"");
                out.put(primitive.name());
                out.put("\"");
            }
            Kind::Array { element, count } => {
                out.put("{\"count\":");
                out.put_number(count as u128);
                out.put(",\"element\":");
                element.write_part(out);
                out.put("}");
            }
            Kind::Struct(fields) => {
                self.write_size(out);
                out.put(",\"fields\":[");
                let mut at = 0;
                while at < fields.len() {
                    let field = &fields[at];
                    out.put(if at == 0 {
                        "{\"name\":\""
                    } else {
                        ",{\"name\":\""
                    });
                    out.put(field.name);
                    out.put("\",\"offset\":");
                    out.put_number(field.offset as u128);
                    out.put(",\"type\":");
                    field.layout.write_part(out);
                    out.put("}");
                    at += 1;
                }
                out.put("]}");
            }
            Kind::Enum { repr, variants } => {
                self.write_size(out);
                out.put(",\"repr\":\"");
                out.put(repr.name());
                out.put("\",\"variants\":[");
                let mut at = 0;
                while at < variants.len() {
                    let variant = &variants[at];
                    out.put(if at == 0 {
                        "{\"name\":\""
                    } else {
                        ",{\"name\":\""
                    });
                    out.put(variant.name);
                    out.put("\",\"value\":");
                    if variant.value < 0 {
                        out.put("-");
                    }
                    out.put_number(variant.value.unsigned_abs());
                    out.put("}");
                    at += 1;
                }
                out.put("]}");
            }
            Kind::Opaque => {
                self.write_size(out);
                out.put(",\"opaque\":true}");
            }
        }
    }

    /// As [`write`](Self::write), of a layout whose length is known already.
    const fn write_part(&self, out: &mut Sink<'_>) {
        if let Sink::Count(len) = out {
            **len += self.schema_len;
        } else {
            self.write(out);
        }
    }

    const fn write_size(&self, out: &mut Sink<'_>) {
        out.put("{\"size\":");
        out.put_number(self.size as u128);
        out.put(",\"align\":");
        out.put_number(self.align as u128);
    }
}

fn join(outer: String, inner: &str) -> String {
    match inner.chars().next() {
        None => outer,
        Some('[') => outer + inner,
        Some(_) => format!("{outer}.{inner}"),
    }
}

/// The schema of a [`SharedData`](crate::SharedData) type as a constant `&'static str`.
///
/// The schema is canonical JSON (no white space, fixed order of keys), so equal schemas mean equal
/// layouts and the other way round. A primitive is its name, an array
/// `{"count":…,"element":…}`, a struct `{"size":…,"align":…,"fields":[{"name":…,"offset":…,"type":…}]}`,
/// an enum `{"size":…,"align":…,"repr":…,"variants":[{"name":…,"value":…}]}`, opaque bytes
/// `{"size":…,"align":…,"opaque":true}`. A type whose schema is longer than 512 KiB does not compile.
///
/// # Examples
///
/// ```
/// const SCHEMA: &str = win_shared_memory::schema!([u16; 4]);
/// assert_eq!(SCHEMA, r#"{"count":4,"element":"u16"}"#);
/// ```
#[macro_export]
macro_rules! schema {
    ($type:ty) => {{
        const LAYOUT: &$crate::layout::Layout = &<$type as $crate::SharedData>::LAYOUT;
        const BYTES: [u8; LAYOUT.schema_len()] = LAYOUT.schema_bytes();
        const TEXT: &str = match ::core::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("names are UTF-8"),
        };
        TEXT
    }};
}

/// Where the schema's text goes.
enum Sink<'a> {
    Count(&'a mut usize),
    Bytes(&'a mut [u8], &'a mut usize),
    Hash(&'a mut Fnv),
}

impl Sink<'_> {
    // The compiler counts calls and turns of loops: one turn a byte, and no call, is what lets a
    // long schema be a constant.
    const fn put_bytes(&mut self, text: &[u8]) {
        let len = text.len();
        match self {
            Self::Count(count) => **count += len,
            Self::Bytes(bytes, at) => {
                let mut done = 0;
                while done < len {
                    bytes[**at + done] = text[done];
                    done += 1;
                }
                **at += len;
            }
            Self::Hash(hash) => hash.add(text),
        }
    }

    const fn put(&mut self, text: &str) {
        self.put_bytes(text.as_bytes());
    }

    const fn put_number(&mut self, mut number: u128) {
        let mut digits = [0; 39];
        let mut first = digits.len();
        loop {
            first -= 1;
            digits[first] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.put_bytes(digits.split_at(first).1);
    }
}

/// The FNV-1a hash (Fowler, Noll, Vo) in 64 bits.
struct Fnv(u64);

impl Fnv {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    const fn add(&mut self, bytes: &[u8]) {
        let len = bytes.len();
        let mut done = 0;
        while done < len {
            // What `wrapping_mul` does, and no call.
            let product = (self.0 ^ bytes[done] as u64) as u128 * 0x0000_0100_0000_01b3;
            self.0 = product as u64;
            done += 1;
        }
    }
}

/// The hash of one text.
pub(crate) const fn hash_of(text: &str) -> u64 {
    let mut hash = Fnv::new();
    hash.add(text.as_bytes());
    hash.0
}
