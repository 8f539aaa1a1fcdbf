//! Programs written against version 0.1.0 compile and work.
//!
//! `unsafe` is allowed here because those programs use it. It is sound because all types are valid
//! whatever their bytes, and the regions' names are known to one test alone, which has no reference
//! while it writes.

#![cfg(all(test, windows))]
#![allow(unsafe_code, clippy::undocumented_unsafe_blocks)]
#![allow(clippy::unwrap_used, reason = "a test")]

use std::cell::Cell;
use std::error::Error as _;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::process;
use std::rc::Rc;
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicU32, Ordering};

use win_shared_memory::{ReadOnly, ReadWrite, Section, SharedMemoryError, SharedMemoryLink};
use windows::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_FILE_NOT_FOUND};

/// A name that no other test and no other run has.
fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!(
        r"Local\win-shared-memory-contract-{}-{number}",
        process::id()
    )
}

const FILE_NOT_FOUND: i32 = 0x8007_0002_u32 as i32;
const ACCESS_DENIED: i32 = 0x8007_0005_u32 as i32;

/// The programs of the README of 0.1.0, but for the name.
mod readme {
    pub(super) fn create(name: &str) -> impl Sized + use<> {
        use win_shared_memory::{ReadWrite, SharedMemoryLink};

        #[repr(C)]
        struct GameState {
            score: u32,
            lives: u8,
        }

        // Create a fresh, zero-initialised region. Fails if the name is already taken.
        let mut link: SharedMemoryLink<GameState, ReadWrite> =
            SharedMemoryLink::create(name).expect("failed to create shared memory");

        unsafe {
            let state = link.get_mut();
            state.score = 42;
            state.lives = 3;
        }
        link
    }

    pub(super) fn get_or_create(name: &str) {
        use win_shared_memory::{ReadWrite, SharedMemoryLink};

        #[repr(C)]
        struct GameState {
            score: u32,
            lives: u8,
        }

        let mut link: SharedMemoryLink<GameState, ReadWrite> =
            SharedMemoryLink::get_or_create(name).unwrap();

        unsafe {
            link.get_mut().score += 1;
            link.get_mut().lives -= 1;
        }
    }

    pub(super) fn read(name: &str) -> (u32, u8) {
        use win_shared_memory::{ReadOnly, SharedMemoryLink};

        #[repr(C)]
        struct GameState {
            score: u32,
            lives: u8,
        }

        let link: SharedMemoryLink<GameState, ReadOnly> =
            SharedMemoryLink::open(name).expect("game not running");

        let state = unsafe { link.get() };
        println!("score: {}, lives: {}", state.score, state.lives);
        (state.score, state.lives)
    }

    pub(super) fn write_existing(name: &str) {
        use win_shared_memory::{ReadWrite, SharedMemoryLink};

        #[repr(C)]
        struct GameState {
            score: u32,
        }

        let mut link: SharedMemoryLink<GameState, ReadWrite> =
            SharedMemoryLink::open_existing(name).expect("region not found");

        unsafe {
            link.get_mut().score += 1;
        }
    }
}

#[test]
fn the_programs_of_the_readme_work_together() {
    let name = fresh_name();
    let writer = readme::create(&name);
    assert_eq!(readme::read(&name), (42, 3));
    readme::get_or_create(&name);
    assert_eq!(readme::read(&name), (43, 2));
    readme::write_existing(&name);
    assert_eq!(readme::read(&name), (44, 2));
    drop(writer);
    assert!(SharedMemoryLink::<u32>::open(&name).is_err());
}

/// A type with no derive at all.
struct Plain {
    value: u32,
}

#[test]
fn every_way_to_name_or_infer_the_type_compiles() {
    let name = fresh_name();
    // From what is done with it.
    let mut inferred = SharedMemoryLink::create(&name).unwrap();
    unsafe { *inferred.get_mut() = 7_u32 };
    // From an annotation, in full, in part, with the default access, as a function.
    let annotated: SharedMemoryLink<Plain, ReadOnly> = SharedMemoryLink::open(&name).unwrap();
    let defaulted: SharedMemoryLink<Plain> = SharedMemoryLink::open(&name).unwrap();
    let turbofish = SharedMemoryLink::<Plain>::open(&name).unwrap();
    let in_full = SharedMemoryLink::<Plain, ReadWrite>::open_existing(&name).unwrap();
    let in_part = SharedMemoryLink::<Plain, _>::get_or_create(&name).unwrap();
    let open: fn(&str) -> Result<SharedMemoryLink<Plain, ReadOnly>, SharedMemoryError> =
        SharedMemoryLink::open;
    for link in [annotated, defaulted, turbofish, open(&name).unwrap()] {
        assert_eq!(unsafe { link.get() }.value, 7);
    }
    for link in [in_full, in_part] {
        assert_eq!(unsafe { link.get() }.value, 7);
    }
}

#[test]
fn a_type_may_borrow() {
    struct Borrowing<'a> {
        value: u32,
        marker: PhantomData<Cell<&'a str>>,
    }
    fn create<'a>(name: &str, _: &'a str) -> SharedMemoryLink<Borrowing<'a>, ReadWrite> {
        SharedMemoryLink::create(name).unwrap()
    }
    let local = String::from("not 'static");
    let mut link = create(&fresh_name(), &local);
    unsafe { link.get_mut() }.value = 1;
    let state = unsafe { link.get() };
    assert_eq!((state.value, state.marker), (1, PhantomData));
}

/// Compiles: a link to a longer-lived type is one to a shorter-lived.
fn _is_covariant<'short>(
    link: SharedMemoryLink<&'static u32>,
    _: &'short u32,
) -> SharedMemoryLink<&'short u32> {
    link
}

/// Compiles: no bound on the access where 0.1.0 had none.
#[derive(Debug)]
struct Holder<T, Access> {
    link: SharedMemoryLink<T, Access>,
}

impl<T: Copy, Access> Holder<T, Access> {
    fn value(&self) -> T {
        unsafe { *self.link.get() }
    }
}

#[test]
fn code_can_be_generic_over_type_and_access() {
    let name = fresh_name();
    let writer = Holder {
        link: SharedMemoryLink::<u32, ReadWrite>::create(&name).unwrap(),
    };
    let reader = Holder {
        link: SharedMemoryLink::<u32, ReadOnly>::open(&name).unwrap(),
    };
    assert_eq!(writer.value() + reader.value(), 0);
}

#[test]
fn links_and_markers_are_debug_whatever_the_type() {
    let link = SharedMemoryLink::<Plain, ReadWrite>::create(&fresh_name()).unwrap();
    let text = format!("{link:?}");
    assert!(text.starts_with("SharedMemoryLink"), "{text}");
    assert!(text.contains("Plain"), "{text}");
    assert_eq!(format!("{ReadOnly:?} {ReadWrite:?}"), "ReadOnly ReadWrite");
}

/// Whether the type implements the trait, without an error where it does not.
macro_rules! implements {
    ($type:ty: $bound:path) => {{
        struct Probe<T>(PhantomData<T>);
        #[allow(dead_code, reason = "only one of the two answers is used")]
        trait Otherwise {
            const ANSWER: bool = false;
        }
        impl<T> Otherwise for Probe<T> {}
        #[allow(dead_code, reason = "as above")]
        impl<T: $bound> Probe<T> {
            const ANSWER: bool = true;
        }
        Probe::<$type>::ANSWER
    }};
}

macro_rules! assert_same_auto_traits {
    ($($type:ty),+) => {$(
        assert_same_auto_traits!(@ $type: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
    )+};
    (@ $type:ty: $($bound:path),+) => {$(
        let expected = implements!($type: $bound);
        assert_eq!(implements!(SharedMemoryLink<$type, ReadOnly>: $bound), expected);
        assert_eq!(implements!(SharedMemoryLink<$type, ReadWrite>: $bound), expected);
    )+};
}

#[test]
fn links_are_send_and_sync_exactly_as_their_type_is() {
    assert!(implements!(Cell<u8>: Send) && !implements!(Cell<u8>: Sync));
    assert!(!implements!(MutexGuard<'static, u8>: Send));
    assert!(implements!(MutexGuard<'static, u8>: Sync));
    assert!(!implements!(Rc<u8>: Send) && !implements!(Rc<u8>: Sync));
    assert_same_auto_traits!(u8, Cell<u8>, Rc<u8>, *const u8, &'static Cell<u8>);
    assert_same_auto_traits!(MutexGuard<'static, u8>, std::marker::PhantomPinned);
}

#[test]
fn errors_can_be_boxed_and_sent() {
    assert!(implements!(SharedMemoryError: Send));
    assert!(implements!(SharedMemoryError: Sync));
    fn open() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        SharedMemoryLink::<u32>::open(&fresh_name())?;
        Ok(())
    }
    assert!(open().unwrap_err().is::<SharedMemoryError>());
}

/// A refusal to map: for writing, through a handle for reading.
fn map_view_error() -> SharedMemoryError {
    let name = fresh_name();
    let _region = Section::create(&name, 1).unwrap();
    let reader = Section::open(&name).unwrap();
    Section::<ReadWrite>::from_handle(reader.into()).unwrap_err()
}

/// A refusal to create: no machine has so much memory.
fn create_mapping_error() -> SharedMemoryError {
    Section::create(&fresh_name(), 64 << 40).unwrap_err()
}

#[test]
fn the_payloads_are_errors_of_the_windows_crate() {
    let missing = SharedMemoryLink::<u32>::open(&fresh_name()).unwrap_err();
    let SharedMemoryError::OpenMapping(payload) = missing else {
        panic!("{missing:?}");
    };
    let error: windows::core::Error = payload;
    assert_eq!(error.code().0, FILE_NOT_FOUND);

    let refused = create_mapping_error();
    let SharedMemoryError::CreateMapping(payload) = refused else {
        panic!("{refused:?}");
    };
    let error: windows::core::Error = payload;
    assert!(error.code().is_err());

    let refused = map_view_error();
    let SharedMemoryError::MapView(payload) = refused else {
        panic!("{refused:?}");
    };
    let error: windows::core::Error = payload;
    assert_eq!(error.code(), ERROR_ACCESS_DENIED.to_hresult());

    // And the other way round.
    let _ = SharedMemoryError::OpenMapping(windows::core::Error::empty());
}

#[test]
fn the_source_is_the_payload() {
    for (error, code) in [
        (
            SharedMemoryLink::<u32>::open(&fresh_name()).unwrap_err(),
            Some(FILE_NOT_FOUND),
        ),
        (map_view_error(), Some(ACCESS_DENIED)),
        (create_mapping_error(), None),
    ] {
        let source = error.source().expect("a system call failed");
        let payload = source.downcast_ref::<windows::core::Error>().unwrap();
        assert!(payload.code().is_err());
        assert!(code.is_none_or(|it| it == payload.code().0), "{payload:?}");
        assert!(error.to_string().contains(&payload.to_string()), "{error}");
    }
    assert!(SharedMemoryError::AlreadyExists.source().is_none());
    assert!(SharedMemoryError::SizeTooLarge.source().is_none());
}

/// What a program written against 0.1.0 makes of the errors.
fn verdict<T: Debug>(result: Result<T, SharedMemoryError>) -> &'static str {
    match result.unwrap_err() {
        SharedMemoryError::OpenMapping(e) if e.code() == ERROR_FILE_NOT_FOUND.to_hresult() => {
            "not running"
        }
        SharedMemoryError::OpenMapping(_) => "cannot open",
        SharedMemoryError::CreateMapping(_) => "cannot create",
        SharedMemoryError::MapView(_) => "cannot map",
        SharedMemoryError::AlreadyExists => "taken",
        SharedMemoryError::SizeTooLarge => "too large",
        _ => "something else",
    }
}

#[test]
fn the_five_variants_keep_their_meaning() {
    let (missing, taken) = (fresh_name(), fresh_name());
    let _taken = SharedMemoryLink::<u32, ReadWrite>::create(&taken).unwrap();
    type Link<T> = SharedMemoryLink<T, ReadWrite>;
    assert_eq!(
        verdict(SharedMemoryLink::<u32>::open(&missing)),
        "not running"
    );
    assert_eq!(verdict(Link::<u32>::open_existing(&missing)), "not running");
    assert_eq!(verdict(Link::<u32>::create(&taken)), "taken");
    assert_eq!(
        verdict(Link::<[u8; 5 << 30]>::create(&missing)),
        "too large"
    );
    assert_eq!(
        verdict(Link::<[u8; 5 << 30]>::get_or_create(&missing)),
        "too large"
    );
    assert_eq!(verdict(Link::<u32>::create("")), "something else");
    assert_eq!(verdict::<()>(Err(create_mapping_error())), "cannot create");
    assert_eq!(verdict::<()>(Err(map_view_error())), "cannot map");
}
