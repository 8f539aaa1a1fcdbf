//! Schemas: what they tell apart. How long they may be is in `tests/long_schema.rs`.

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{SharedData, SharedMemoryError, SharedMutex, schema};

use crate::support::fresh_name;

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
