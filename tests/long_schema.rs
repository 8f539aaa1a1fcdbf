//! How long a schema may be. The compiler takes half a minute to make this one: so it is in a program of its own, which
//! is built once, while the tests in `it` are built for each profile and processor.

#![cfg(windows)]
#![allow(clippy::unwrap_used)]

use std::process;

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{SharedData, schema};

macro_rules! of_equal_fields {
    ($name:ident: $type:ty; $($field:ident)*) => {
        #[derive(Clone, Copy, SharedData)]
        #[repr(C)]
        struct $name {
            $($field: $type,)*
        }
    };
}

of_equal_fields! {
    Small: u8;
    f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19
    f20 f21 f22 f23 f24 f25 f26 f27 f28 f29 f30 f31 f32 f33 f34 f35 f36 f37 f38 f39
}
of_equal_fields! {
    Large: Small;
    f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19
    f20 f21 f22 f23 f24 f25 f26 f27 f28 f29 f30 f31 f32 f33 f34 f35 f36 f37 f38 f39
}
of_equal_fields! { Huge: Large; f0 f1 f2 f3 f4 f5 f6 f7 }

const HASH: u64 = Huge::LAYOUT.hash();

/// The compiler refuses constants that take it long, and types whose schema is longer than this.
#[test]
fn a_type_of_12_800_fields_has_a_constant_schema_and_is_read_back() {
    let schema: &'static str = schema!(Huge);
    assert!(
        ((448 << 10)..(512 << 10)).contains(&schema.len()),
        "{}",
        schema.len()
    );
    assert_eq!(schema.len(), Huge::LAYOUT.schema_len());
    assert_eq!(schema, Huge::LAYOUT.schema());
    let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    assert_eq!(HASH, schema.bytes().fold(0xcbf2_9ce4_8422_2325, fnv));

    let name = format!(r"Local\win-shared-memory-long-schema-{}", process::id());
    let _writer = Writer::<Huge>::register(&name).unwrap();
    Reader::<Huge>::open(&name).unwrap();
}
