//! [`schema!`](crate::schema), and what its text is written to.

/// The schema of a [`SharedData`](crate::SharedData) type as a constant `&'static str`.
///
/// The schema is canonical JSON (without white space, its keys in a fixed order), so equal schemas
/// mean equal layouts and the other way round:
///
/// | layout | schema |
/// |---|---|
/// | primitive | its name: `"u32"` |
/// | array | `{"count":…,"element":…}` |
/// | struct | `{"size":…,"align":…,"fields":[{"name":…,"offset":…,"type":…}]}` |
/// | enum | `{"size":…,"align":…,"repr":…,"variants":[{"name":…,"value":…}]}` |
/// | opaque bytes | `{"size":…,"align":…,"opaque":true}` |
///
/// A type whose schema is longer than 512 KiB does not compile.
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

/// The hash of one text.
pub(crate) const fn hash_of(text: &str) -> u64 {
    let mut hash = Fnv::new();
    hash.add(text.as_bytes());
    hash.0
}

/// Where the text of a schema goes.
pub(crate) enum Sink<'a> {
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

    pub(crate) const fn put(&mut self, text: &str) {
        self.put_bytes(text.as_bytes());
    }

    pub(crate) const fn put_number(&mut self, mut number: u128) {
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
pub(crate) struct Fnv(pub(crate) u64);

impl Fnv {
    pub(crate) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    const fn add(&mut self, bytes: &[u8]) {
        let len = bytes.len();
        let mut done = 0;
        while done < len {
            // What `wrapping_mul` does, without a call.
            let product = (self.0 ^ bytes[done] as u64) as u128 * 0x0000_0100_0000_01b3;
            self.0 = product as u64;
            done += 1;
        }
    }
}
