//! What errors say, and what can be asked of them.

use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::sync::atomic::AtomicU32;
use std::thread;
use std::time::Duration;

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{
    Backing, ProcessIdentity, ReadOnly, ReadWrite, Section, SecurityDescriptor, SharedMemoryError,
    SharedMemoryLink, SharedMemoryOptions, SharedMutex, UnknownFormat, windows_result,
};

use crate::format::{LATEST, Payload, Words};
use crate::raw;
use crate::support::fresh_name;

#[repr(align(131072))]
struct OverAligned(#[expect(dead_code)] u8);

fn not_found(name: &str) -> SharedMemoryError {
    SharedMemoryLink::<u32>::open(name).unwrap_err()
}

fn restricted(name: &str) -> Section<ReadWrite> {
    Section::create_with(
        name,
        1,
        SharedMemoryOptions::new()
            .security(SecurityDescriptor::from_sddl("D:(A;;0x0004;;;WD)").unwrap()),
    )
    .unwrap()
}

fn open_denied(name: &str) -> SharedMemoryError {
    let _region = restricted(name);
    Section::open_existing(name).unwrap_err()
}

fn create_denied(name: &str) -> SharedMemoryError {
    let _region = restricted(name);
    Section::get_or_create(name, 1).unwrap_err()
}

fn map_denied(name: &str) -> SharedMemoryError {
    let _region = restricted(name);
    let reader = Section::open(name).unwrap();
    Section::<ReadWrite>::from_handle(reader.into()).unwrap_err()
}

fn clone_denied(name: &str) -> SharedMemoryError {
    let _region = restricted(name);
    let reader = Section::open(name).unwrap();
    reader.try_clone_as::<ReadWrite>().unwrap_err()
}

fn out_of_memory(name: &str) -> SharedMemoryError {
    Section::create(name, 64 << 40).unwrap_err()
}

fn name_in_use(name: &str) -> SharedMemoryError {
    let _event = raw::event(name);
    Section::open(name).unwrap_err()
}

fn too_small(name: &str) -> SharedMemoryError {
    let _region = Section::create(name, 1).unwrap();
    SharedMemoryLink::<[u8; 5000]>::open(name).unwrap_err()
}

fn timed_out(name: &str) -> SharedMemoryError {
    let mut options = SharedMemoryOptions::new();
    options.wait(Duration::ZERO).open::<u32>(name).unwrap_err()
}

fn invalid_name(name: &str) -> SharedMemoryError {
    Section::open(&format!(r"{name}\x")).unwrap_err()
}

fn invalid_size(name: &str) -> SharedMemoryError {
    Section::create(name, 0).unwrap_err()
}

fn alignment_too_large(name: &str) -> SharedMemoryError {
    SharedMemoryLink::<OverAligned, ReadWrite>::create(name).unwrap_err()
}

fn window_out_of_bounds(name: &str) -> SharedMemoryError {
    let section = Section::create(name, 1).unwrap();
    section.map_range(5000, 1).unwrap_err()
}

fn place_out_of_bounds(name: &str) -> SharedMemoryError {
    let section = Section::create(name, 1).unwrap();
    section.map().unwrap().read::<u32>(4095).unwrap_err()
}

fn misaligned(name: &str) -> SharedMemoryError {
    let section = Section::create(name, 1).unwrap();
    let view = section.map().unwrap();
    view.place::<AtomicU32>(2).unwrap_err()
}

fn invalid_table(name: &str) -> SharedMemoryError {
    let section = Section::create(name, 1).unwrap();
    let view = section.map().unwrap();
    view.table::<u32>(-1, 4, 1).unwrap_err()
}

fn not_committed(name: &str) -> SharedMemoryError {
    let _reserved = Section::<ReadWrite>::create_with(
        name,
        4096,
        SharedMemoryOptions::new().backing(Backing::Reserved),
    )
    .unwrap();
    SharedMemoryLink::<u32>::open(name).unwrap_err()
}

fn other_type(name: &str) -> SharedMemoryError {
    let _writer = Writer::<u32>::register(name).unwrap();
    Reader::<u64>::open(name).unwrap_err()
}

fn writer_alive(name: &str) -> SharedMemoryError {
    let _writer = Writer::<u32>::register(name).unwrap();
    Writer::<u32>::register(name).unwrap_err()
}

fn foreign(name: &str) -> SharedMemoryError {
    let _region = Section::create(name, 8192).unwrap();
    Writer::<u32>::register(name).unwrap_err()
}

/// Brings about an error with a region of this name.
type Make = fn(&str) -> SharedMemoryError;

/// The errors that say which call the system refused.
const REFUSED_CALLS: [(Make, &str, &str); 4] = [
    (not_found, "OpenFileMappingW", "0x80070002"),
    (open_denied, "OpenFileMappingW", "0x80070005"),
    (create_denied, "CreateFileMappingW", "0x80070005"),
    // The code differs between systems.
    (out_of_memory, "CreateFileMappingW", "0x8007"),
];

/// The errors that the library found the cause of and that have a name to tell.
const NAMED: [Make; 14] = [
    name_in_use,
    too_small,
    timed_out,
    invalid_name,
    invalid_size,
    alignment_too_large,
    window_out_of_bounds,
    place_out_of_bounds,
    misaligned,
    invalid_table,
    not_committed,
    other_type,
    writer_alive,
    foreign,
];

#[test]
fn a_refused_call_is_reported_with_operation_name_and_code() {
    for (make, operation, code) in REFUSED_CALLS {
        let name = fresh_name();
        let error = make(&name);
        let text = error.to_string();
        for part in [operation, &name, code] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let source = error.source().unwrap().to_string();
        for part in [operation, &name, code] {
            assert!(source.contains(part), "{part} in the source: {source}");
        }
    }
}

#[test]
fn an_error_with_a_name_says_it() {
    for make in NAMED {
        let name = fresh_name();
        let error = make(&name);
        assert!(error.to_string().contains(&name), "{error}");
        assert!(error.source().is_none(), "{error:?}");
    }
}

#[test]
fn the_systems_error_has_a_name_in_this_crate() {
    let SharedMemoryError::OpenMapping(error) = not_found(&fresh_name()) else {
        panic!("another variant");
    };
    let error: windows_result::Error = error;
    assert_eq!(error.code(), windows_result::HRESULT::from_win32(2));
}

#[test]
fn a_live_writer_is_named_by_its_process() {
    match writer_alive(&fresh_name()) {
        SharedMemoryError::WriterAlive { writer, .. } => {
            assert_eq!(writer, ProcessIdentity::current().unwrap());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_mismatch_tells_the_field_and_both_types() {
    let name = fresh_name();
    let SharedMemoryError::LayoutMismatch(mismatch) = other_type(&name) else {
        panic!("another variant");
    };
    assert_eq!(mismatch.name(), name);
    assert_eq!(mismatch.field(), "");
    assert_eq!(mismatch.expected(), "\"u64\"");
    assert_eq!(mismatch.found(), "\"u32\"");
}

/// Why a reader refuses the snapshot of this name, which some bytes of were changed.
#[track_caller]
fn reason(name: &str) -> UnknownFormat {
    let read = Reader::<u32>::open(name).and_then(|mut reader| reader.latest());
    match read {
        Err(SharedMemoryError::UnknownFormat {
            name: given,
            reason,
            ..
        }) => {
            assert_eq!(given, name);
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_region_that_cannot_be_used_says_why() {
    let name = fresh_name();
    let _region = Section::create(&name, 8192).unwrap();
    assert_eq!(reason(&name), UnknownFormat::Foreign);

    let name = fresh_name();
    let _mutex = SharedMutex::get_or_create(&name, &7_u32).unwrap();
    assert_eq!(reason(&name), UnknownFormat::OtherKind);

    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&7_u32);
    let (directory, payload) = (Words::open(&name), Payload::open(&name));
    let changed = |region: &Words, at: usize, word: u32| {
        let before = region.get(at);
        region.set(at, word);
        let reason = reason(&name);
        region.set(at, before);
        reason
    };
    let versions = [changed(&directory, 4, 2), changed(&payload.words, 4, 2)];
    for version in versions {
        assert!(
            matches!(version, UnknownFormat::OtherVersion { found: 2, .. }),
            "{version:?}"
        );
    }
    match changed(&payload.words, 0, 7) {
        UnknownFormat::ForeignCompanion { companion, .. } => {
            assert_eq!(companion, format!("{name}~1"));
        }
        other => panic!("{other:?}"),
    }
    let contradictory = changed(&payload.words, 24, 8);
    assert_eq!(contradictory, UnknownFormat::DamagedHeader);
    let astray = changed(&payload.words, LATEST, 99);
    assert_eq!(astray, UnknownFormat::ValueLost);
    let mut reader = Reader::<u32>::open(&name).unwrap();
    assert_eq!(reader.latest().unwrap(), Some(7));
}

#[test]
fn a_refused_call_on_a_handle_is_reported_with_operation_and_code() {
    for (error, operation) in [
        (map_denied(&fresh_name()), "MapViewOfFile"),
        (clone_denied(&fresh_name()), "DuplicateHandle"),
    ] {
        let text = error.to_string();
        assert!(text.contains(operation), "{text}");
        assert!(text.contains("0x80070005"), "{text}");
        assert!(error.source().is_some());
    }
}

#[test]
fn sizes_are_said_in_bytes() {
    let text = too_small(&fresh_name()).to_string();
    assert!(text.contains("4096") && text.contains("5000"), "{text}");
    let section = Section::create(&fresh_name(), 8192).unwrap();
    let text = section.map_range(8000, 200).unwrap_err().to_string();
    for part in ["8000", "200", "8192"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let text = SharedMemoryLink::<OverAligned, ReadWrite>::create(&fresh_name())
        .unwrap_err()
        .to_string();
    assert!(text.contains("131072") && text.contains("65536"), "{text}");
}

/// Names at the limit, over it, and of characters that take the most room in a message.
fn long_names() -> Vec<String> {
    let own = fresh_name();
    vec![
        format!("{own}-{}", "x".repeat(16_000)),
        format!("{own}-{}", "\u{1b}".repeat(16_000)),
        format!("{own}-{}", "\u{e0001}".repeat(8_000)),
        format!("{own}-{}", "\"".repeat(16_000)),
        format!("{own}-{}", "🦀".repeat(8_000)),
    ]
}

#[test]
fn no_message_is_long_whatever_the_name() {
    let makers = REFUSED_CALLS.iter().map(|it| it.0).chain(NAMED);
    for make in makers {
        for name in long_names() {
            assert_short(&make(&name));
        }
    }
    for long in ["x", "\0", r"\", "\u{1b}", "\u{e0001}"].map(|it| it.repeat(40_000)) {
        assert_short(&Section::open(&long).unwrap_err());
        assert_short(&SecurityDescriptor::from_sddl(&long).unwrap_err());
    }
}

#[track_caller]
fn assert_short(error: &SharedMemoryError) {
    let text = error.to_string();
    let len = text.chars().count();
    assert!(len <= 600, "{len} characters: {text}");
}

#[test]
fn names_of_other_programs_cannot_upset_a_terminal() {
    for make in REFUSED_CALLS.iter().map(|it| it.0).chain(NAMED) {
        let name = format!("{}\u{1b}[2J\r\n\u{9b}", fresh_name());
        let text = make(&name).to_string();
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
}

#[test]
fn an_error_keeps_its_message_when_others_happen_and_on_other_threads() {
    let (first, second) = (fresh_name(), fresh_name());
    let (one, two) = (not_found(&first), not_found(&second));
    let clone = one.clone();
    assert!(two.to_string().contains(&second));
    let text = thread::spawn(move || {
        let _ = not_found(&fresh_name());
        one.to_string()
    })
    .join()
    .unwrap();
    assert!(text.contains(&first), "{text}");
    assert_eq!(clone.to_string(), text);
}

#[test]
fn each_question_is_answered_by_its_own_errors_alone() {
    let (name, answers) = (fresh_name(), |it: SharedMemoryError| {
        (
            it.is_not_found(),
            it.is_access_denied(),
            it.is_out_of_memory(),
        )
    });
    assert_eq!(answers(not_found(&name)), (true, false, false));
    for denied in [open_denied, create_denied, map_denied, clone_denied] {
        assert_eq!(answers(denied(&name)), (false, true, false));
    }
    assert_eq!(answers(out_of_memory(&name)), (false, false, true));
    assert_eq!(answers(timed_out(&name)), (true, false, false));
    for other in [name_in_use, too_small, invalid_name] {
        assert_eq!(answers(other(&name)), (false, false, false));
    }
    let exists = SharedMemoryError::AlreadyExists;
    assert_eq!(answers(exists), (false, false, false));
}

#[test]
fn as_an_io_error_each_has_the_kind_that_fits() {
    let name = fresh_name();
    let region = Section::create(&fresh_name(), 8192).unwrap();
    let cases = [
        (not_found(&name), ErrorKind::NotFound),
        (open_denied(&name), ErrorKind::PermissionDenied),
        (create_denied(&name), ErrorKind::PermissionDenied),
        (map_denied(&name), ErrorKind::PermissionDenied),
        (clone_denied(&name), ErrorKind::PermissionDenied),
        (out_of_memory(&name), ErrorKind::OutOfMemory),
        (name_in_use(&name), ErrorKind::AlreadyExists),
        (SharedMemoryError::AlreadyExists, ErrorKind::AlreadyExists),
        (too_small(&name), ErrorKind::UnexpectedEof),
        (timed_out(&name), ErrorKind::TimedOut),
        (invalid_name(&name), ErrorKind::InvalidInput),
        (SharedMemoryError::SizeTooLarge, ErrorKind::InvalidInput),
        (
            Section::create(&name, 0).unwrap_err(),
            ErrorKind::InvalidInput,
        ),
        (
            region.map_range(8192, 1).unwrap_err(),
            ErrorKind::InvalidInput,
        ),
        (
            SecurityDescriptor::from_sddl("nonsense").unwrap_err(),
            ErrorKind::InvalidInput,
        ),
        (
            Section::<ReadOnly>::from_handle(raw::event(&name)).unwrap_err(),
            ErrorKind::InvalidInput,
        ),
    ];
    for (error, kind) in cases {
        let text = error.to_string();
        let converted = io::Error::from(error);
        assert_eq!(converted.kind(), kind, "{text}");
        assert_eq!(converted.to_string(), text);
        let inner = converted.get_ref().unwrap();
        assert!(inner.is::<SharedMemoryError>());
    }
}

#[test]
#[ignore = "needs real Windows: Wine commits any amount"]
fn committing_more_memory_than_there_is_is_out_of_memory() {
    const SIZE: usize = 256 << 30;
    let section = Section::<ReadWrite>::create_with(
        &fresh_name(),
        SIZE as u64,
        SharedMemoryOptions::new().backing(Backing::Reserved),
    )
    .unwrap();
    let error = section.map().unwrap().commit(0, SIZE).unwrap_err();
    assert!(matches!(error, SharedMemoryError::Commit(_)), "{error:?}");
    assert!(error.is_out_of_memory(), "{error}");
    assert!(error.to_string().contains("VirtualAlloc"), "{error}");
}

#[test]
#[ignore = "needs a 32-bit process: others have address space for everything"]
fn a_view_larger_than_the_address_space_is_out_of_memory_and_windows_work() {
    if cfg!(target_pointer_width = "64") {
        return;
    }
    let name = fresh_name();
    let section = Section::<ReadWrite>::create_with(
        &name,
        3 << 30,
        SharedMemoryOptions::new().backing(Backing::Reserved),
    )
    .unwrap();
    let error = section.map().unwrap_err();
    assert!(matches!(error, SharedMemoryError::MapView(_)), "{error:?}");
    assert!(error.is_out_of_memory(), "{error}");

    let window = section.map_range((5 << 29) + 1, 4096).unwrap();
    window.commit(0, 4096).unwrap();
    crate::support::poke(&window, 4095, 1);
}
