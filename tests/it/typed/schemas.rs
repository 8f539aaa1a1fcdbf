//! Schemas: how long they may be, and what they tell apart.

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{SharedData, SharedMemoryError, SharedMutex, schema};

use crate::support::fresh_name;

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

    let name = fresh_name();
    let _writer = Writer::<Huge>::register(&name).unwrap();
    Reader::<Huge>::open(&name).unwrap();
}

#[track_caller]
fn mismatch<T: std::fmt::Debug>(result: Result<T, SharedMemoryError>) -> String {
    match result {
        Err(SharedMemoryError::LayoutMismatch(mismatch)) => mismatch.to_string(),
        other => panic!("{other:?}"),
    }
}

#[cfg(feature = "zerocopy")]
#[test]
fn opaque_bytes_are_another_type_than_an_array_of_bytes() {
    use win_shared_memory::Zerocopy;
    use win_shared_memory::layout::{Kind, Layout};

    assert_eq!(
        schema!(Zerocopy<u64>),
        r#"{"size":8,"align":8,"opaque":true}"#
    );
    const LAYOUT: Layout = <Zerocopy<u64>>::LAYOUT;
    assert!(matches!(LAYOUT.kind(), Kind::Opaque) && LAYOUT.any_bytes() && !LAYOUT.is_padded());

    let name = fresh_name();
    let _writer = Writer::<[u8; 8]>::register(&name).unwrap();
    for message in [
        mismatch(Reader::<Zerocopy<u64>>::open(&name)),
        mismatch(Reader::<Zerocopy<[u8; 8]>>::open(&name)),
    ] {
        assert!(
            message.contains(r#""opaque":true}, found {"count":8,"element":"u8"}"#),
            "{message}"
        );
    }
    let name = fresh_name();
    let _mutex = SharedMutex::get_or_create(&name, &Zerocopy(0_u64)).unwrap();
    for message in [
        mismatch(SharedMutex::<[u8; 8]>::open(&name)),
        mismatch(SharedMutex::<Zerocopy<[u8; 8]>>::open(&name)),
        mismatch(SharedMutex::<u64>::open(&name)),
    ] {
        let found = r#"found {"size":8,"align":8,"opaque":true}"#;
        assert!(message.ends_with(found), "{message}");
    }
    SharedMutex::<Zerocopy<u64>>::open(&name).unwrap();
}

#[test]
fn a_mismatch_shows_both_schemas_alike() {
    let name = fresh_name();
    let _writer = Writer::<[u32; 8]>::register(&name).unwrap();
    let message = mismatch(Reader::<[u32; 512]>::open(&name));
    let expected = r#"expected {"count":512,"element":"u32"}, found {"count":8,"element":"u32"}"#;
    assert!(message.ends_with(expected), "{message}");
}
