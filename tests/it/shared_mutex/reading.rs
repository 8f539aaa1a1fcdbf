//! Readers that cannot lock, and need no more than the right to read.

use std::mem::MaybeUninit;
use std::thread;
use std::time::Duration;

use win_shared_memory::shared_mutex::Reader;
use win_shared_memory::sync::Mutex;
use win_shared_memory::{
    Section, SecurityDescriptor, SharedMemoryError, SharedMemoryOptions, SharedMutex, snapshot,
};

use super::{Account, NEW, book};
use crate::format::{LATEST, Payload, Words};
use crate::support::{fresh_name, watchdog};
use crate::tokens::{OTHERS_READ, acting_as, without_administrators};

/// Everyone may map the sections for reading, and nobody may do anything else.
const ALL_READ: &str = "D:(A;;0x0004;;;WD)";

fn created_with(name: &str, sddl: &str) -> SharedMutex<Account> {
    let mut options = SharedMemoryOptions::new();
    options.security(SecurityDescriptor::from_sddl(sddl).unwrap());
    SharedMutex::get_or_create_with(name, &NEW, &options).unwrap()
}

fn open(name: &str) -> Reader<Account> {
    Reader::open(name).unwrap()
}

#[test]
fn a_reader_gets_each_committed_value_and_its_version() {
    let name = fresh_name();
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    let mut reader = open(&name);
    assert_eq!(reader.name(), name);
    assert_eq!(reader.version(), 0, "nothing was loaded");
    assert!(reader.has_changed().unwrap());
    assert_eq!(reader.load().unwrap(), NEW);
    for bookings in 1..9 {
        let last = reader.version();
        assert!(last > 0);
        drop(account.lock().unwrap());
        assert!(!reader.has_changed().unwrap(), "nothing was committed");
        book(&account, 5);
        assert!(reader.has_changed().unwrap());
        assert_eq!(reader.version(), last, "it was not loaded");
        assert_eq!(reader.load().unwrap().bookings, bookings);
        assert!(reader.version() > last);
    }
    let before = reader.version();
    account.update(|_| ()).unwrap();
    assert!(reader.has_changed().unwrap(), "an equal value");
    let mut room = MaybeUninit::uninit();
    reader.load_into_uninit(&mut room).unwrap();
    assert_eq!(reader.version(), before + 1);
    assert!(!reader.has_changed().unwrap());
}

#[test]
fn a_program_that_may_only_read_reads_and_cannot_lock() {
    let name = fresh_name();
    let account = created_with(&name, OTHERS_READ);
    book(&account, 5);
    let (version, bookings) = acting_as(&without_administrators(), || {
        let denied = SharedMutex::<Account>::open(&name).unwrap_err();
        assert!(denied.is_access_denied(), "{denied}");
        let mut reader = open(&name);
        reader.load().unwrap();
        // As the process's own user, which may write.
        thread::scope(|scope| scope.spawn(|| book(&account, 5)).join().unwrap());
        assert!(reader.has_changed().unwrap());
        let bookings = reader.load().unwrap().bookings;
        (reader.version(), bookings)
    });
    assert_eq!((version, bookings), (3, 2));
}

#[test]
fn regions_that_grant_nothing_but_reading_are_enough() {
    let name = fresh_name();
    let account = created_with(&name, ALL_READ);
    let denied = SharedMutex::<Account>::open(&name).unwrap_err();
    assert!(denied.is_access_denied(), "{denied}");
    let mut reader = open(&name);
    book(&account, 5);
    assert_eq!(reader.load().unwrap().balance, 5);
}

#[test]
fn a_reader_waits_for_no_holder_and_for_no_process_that_registers() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    let companion = Mutex::open(&format!("{name}~mutex")).unwrap();
    let _registers = companion.lock().unwrap();
    let guard = account.lock().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut options = SharedMemoryOptions::new();
            options.wait(Duration::ZERO);
            let mut reader = Reader::<Account>::open_with(&name, &options).unwrap();
            assert_eq!(reader.load().unwrap(), NEW);
        });
    });
    guard.commit(&NEW);
}

#[test]
fn a_reader_keeps_the_value_when_all_others_have_gone() {
    let name = fresh_name();
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    let mut reader = open(&name);
    book(&account, 5);
    drop(account);
    assert_eq!(reader.load().unwrap().balance, 5);
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    assert!(!account.was_created());
    book(&account, 5);
    assert_eq!(reader.load().unwrap().balance, 10);
}

#[test]
fn a_reader_writes_nothing() {
    let name = fresh_name();
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    book(&account, 5);
    let regions = [name.clone(), format!("{name}~1")].map(|it| Words::open(&it));
    let bytes = || {
        regions.each_ref().map(|it| {
            let len = it.view().len();
            (0..len / 4).map(|at| it.get(4 * at)).collect::<Vec<_>>()
        })
    };
    let before = bytes();
    let mut reader = open(&name);
    assert_eq!(reader.load().unwrap().balance, 5);
    assert_eq!(reader.version(), 2);
    assert!(!reader.has_changed().unwrap());
    drop(reader);
    assert_eq!(bytes(), before);
}

#[test]
fn a_reader_of_a_value_that_is_not_there_is_told_why() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let missing = Reader::<Account>::open(&name).unwrap_err();
    assert!(missing.is_not_found(), "{missing}");
    let mut options = SharedMemoryOptions::new();
    options.wait(Duration::from_millis(1));
    let error = Reader::<Account>::open_with(&name, &options).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::TimedOut { .. }),
        "{error}"
    );
    // As a creator leaves it that dies at once.
    let directory = Section::create(&name, 4096).unwrap();
    let error = Reader::<Account>::open_with(&name, &options).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::NotReady { .. }),
        "{error}"
    );
    drop(directory);
    let _writer = snapshot::Writer::<Account>::create(&name).unwrap();
    let error = Reader::<Account>::open(&name).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::UnknownFormat { .. }),
        "{error}"
    );
    let name = fresh_name();
    let _account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    let error = Reader::<u64>::open(&name).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::LayoutMismatch(_)),
        "{error}"
    );
}

#[test]
fn a_reader_refuses_a_damaged_value() {
    let name = fresh_name();
    let flag = SharedMutex::get_or_create(&name, &true).unwrap();
    let mut reader = Reader::<bool>::open(&name).unwrap();
    let payload = Payload::open(&name);
    payload.words.set(payload.value_of(1), 2);
    let error = reader.load().unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::InvalidValue(_)),
        "{error}"
    );
    payload.words.set(LATEST, 2);
    let error = reader.load().unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::UnknownFormat { .. }),
        "{error}"
    );
    flag.lock_to_replace(Duration::ZERO)
        .unwrap()
        .unwrap()
        .commit();
    assert!(!reader.load().unwrap());
}
