//! A value that several programs change: whole or not at all, whoever dies.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use win_shared_memory::sync::Mutex;
use win_shared_memory::{
    Section, SharedData, SharedMemoryError, SharedMemoryOptions, SharedMutex, field,
};

use crate::format::{LATEST, Payload};
use crate::support::{Child, Parent, fresh_name, watchdog};

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Account {
    balance: i64,
    bookings: u32,
}

const NEW: Account = Account {
    balance: 0,
    bookings: 0,
};

fn book(account: &SharedMutex<Account>, amount: i64) {
    let mut guard = account.lock().unwrap();
    guard.balance += amount;
    guard.bookings += 1;
    guard.commit();
}

#[test]
fn the_first_creates_the_value_and_the_others_find_it() {
    let name = fresh_name();
    let missing = SharedMutex::<Account>::open(&name).unwrap_err();
    assert!(missing.is_not_found(), "{missing}");
    let initial = Account {
        balance: 7,
        bookings: 1,
    };
    let first = SharedMutex::get_or_create(&name, &initial).unwrap();
    let second = SharedMutex::get_or_create(&name, &NEW).unwrap();
    let third = SharedMutex::<Account>::open(&name).unwrap();
    assert!(first.was_created() && !second.was_created() && !third.was_created());
    book(&second, 5);
    assert_eq!(third.load().unwrap().balance, 12);
    assert_eq!(first.load().unwrap().bookings, 2);
}

#[test]
fn what_is_not_committed_is_forgotten() {
    let account = SharedMutex::get_or_create(&fresh_name(), &NEW).unwrap();
    let mut guard = account.lock().unwrap();
    guard.balance = 99;
    drop(guard);
    assert_eq!(account.load().unwrap(), NEW);
    assert!(!account.lock().unwrap().was_abandoned());
}

#[test]
fn a_reader_that_does_not_lock_sees_the_last_committed_value() {
    let name = fresh_name();
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    let reader = SharedMutex::<Account>::open(&name).unwrap();
    let mut guard = account.lock().unwrap();
    guard.balance = 99;
    assert_eq!(reader.load().unwrap(), NEW);
    guard.commit();
    assert_eq!(reader.load().unwrap().balance, 99);
}

#[test]
fn locking_again_in_the_thread_that_holds_the_lock_is_an_error_and_changes_nothing() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    let same = SharedMutex::<Account>::open(&name).unwrap();
    let guard = account.lock().unwrap();
    for handle in [&account, &same] {
        let error = handle.lock().unwrap_err();
        assert!(
            matches!(error, SharedMemoryError::AlreadyLocked { .. }),
            "{error}"
        );
    }
    // Still locked, for others.
    std::thread::scope(|scope| {
        scope.spawn(|| assert!(same.try_lock().unwrap().is_none()));
    });
    guard.commit();
    assert!(same.try_lock().unwrap().is_some());
}

#[test]
fn a_lock_held_elsewhere_is_waited_for_as_long_as_asked() {
    let account = SharedMutex::get_or_create(&fresh_name(), &NEW).unwrap();
    let _guard = account.lock().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let timeout = Duration::from_millis(60);
            let start = Instant::now();
            assert!(account.lock_timeout(timeout).unwrap().is_none());
            assert!(start.elapsed() >= timeout);
        });
    });
}

#[test]
fn a_value_of_another_type_is_refused_with_the_field_that_differs() {
    #[derive(Debug, SharedData)]
    #[repr(C)]
    struct Other {
        balance: i64,
        bookings: i32,
    }
    let name = fresh_name();
    let _account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    let other = Other {
        balance: 0,
        bookings: 0,
    };
    for error in [
        SharedMutex::get_or_create(&name, &other).unwrap_err(),
        SharedMutex::<Other>::open(&name).unwrap_err(),
    ] {
        let SharedMemoryError::LayoutMismatch(mismatch) = error else {
            panic!("{error}");
        };
        assert_eq!(mismatch.field(), "bookings", "{mismatch}");
    }
}

#[test]
fn a_region_of_other_contents_is_refused() {
    let name = fresh_name();
    let section = Section::create(&name, 4096).unwrap();
    section.map().unwrap().write(0, &0x1234_5678_u32).unwrap();
    let error = SharedMutex::get_or_create(&name, &NEW).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::UnknownFormat { .. }),
        "{error}"
    );
    let snapshot = fresh_name();
    let _writer = win_shared_memory::snapshot::Writer::<Account>::create(&snapshot).unwrap();
    let error = SharedMutex::get_or_create(&snapshot, &NEW).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::UnknownFormat { .. }),
        "{error}"
    );
}

#[test]
fn what_is_missing_or_not_finished_is_waited_for_up_to_the_timeout_and_not_less() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let open = |timeout| {
        let start = Instant::now();
        let mut options = SharedMemoryOptions::new();
        let error = options.wait(timeout).open_shared_mutex::<Account>(&name);
        assert!(start.elapsed() >= timeout, "{:?}", start.elapsed());
        error.unwrap_err()
    };
    let timeouts = [0, 1, 20, 150].map(Duration::from_millis);
    for error in timeouts.map(open) {
        assert!(
            matches!(error, SharedMemoryError::TimedOut { .. }),
            "{error:?}"
        );
    }
    // As a creator leaves it that dies at once.
    let _directory = Section::create(&name, 4096).unwrap();
    for error in timeouts.map(open) {
        assert!(
            matches!(error, SharedMemoryError::NotReady { .. }),
            "{error:?}"
        );
    }
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    assert!(account.was_created());
}

#[test]
fn an_opener_waits_for_the_creator() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let (begins, begun) = mpsc::channel();
    let opener = std::thread::spawn({
        let name = name.clone();
        move || {
            begins.send(()).unwrap();
            let mut options = SharedMemoryOptions::new();
            let account = options.wait(Duration::MAX).open_shared_mutex(&name);
            book(&account.unwrap(), 3);
        }
    });
    begun.recv().unwrap();
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    opener.join().unwrap();
    assert_eq!(account.load().unwrap().balance, 3);
}

#[test]
fn a_creator_that_hangs_is_not_waited_for_for_ever() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let creation = Mutex::create(&format!("{name}~mutex")).unwrap();
    let _hangs = creation.lock().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let start = Instant::now();
            match SharedMutex::get_or_create(&name, &NEW) {
                Err(SharedMemoryError::NotReady { timeout, .. }) => {
                    assert!(start.elapsed() >= timeout);
                }
                other => panic!("{other:?}"),
            }
        });
    });
    let missing = SharedMutex::<Account>::open(&name).unwrap_err();
    assert!(missing.is_not_found(), "{missing}");
}

#[test]
fn a_holder_that_panics_leaves_the_last_committed_value_and_the_lock() {
    let name = fresh_name();
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    book(&account, 5);
    let panics = std::thread::spawn(move || {
        let account = SharedMutex::<Account>::open(&name).unwrap();
        let mut guard = account.lock().unwrap();
        guard.balance = 99;
        panic!("as a test");
    });
    panics.join().unwrap_err();
    let guard = account.try_lock().unwrap().unwrap();
    assert_eq!((guard.balance, guard.was_abandoned()), (5, false));
}

#[test]
fn no_change_is_lost_between_processes() {
    const CHILDREN: i64 = 3;
    const BOOKINGS: i64 = 200;
    let _watchdog = watchdog();
    let name = fresh_name();
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    let mut children: Vec<Child> = (0..CHILDREN)
        .map(|_| Child::start("shared_mutex::child_books", &[&name, &BOOKINGS.to_string()]))
        .collect();
    for child in &mut children {
        assert_eq!(child.answer(), "done");
    }
    let end = account.load().unwrap();
    assert_eq!(end.balance, CHILDREN * BOOKINGS);
    assert_eq!(i64::from(end.bookings), CHILDREN * BOOKINGS);
}

#[test]
#[ignore = "a child process of another test"]
fn child_books() {
    let Some(parent) = Parent::find() else { return };
    let account = SharedMutex::get_or_create(parent.argument(0), &NEW).unwrap();
    for _ in 0..parent.argument(1).parse::<u32>().unwrap() {
        book(&account, 1);
    }
    parent.tell("done");
}

#[test]
fn a_killed_holder_leaves_the_last_committed_value_and_the_next_is_told() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    book(&account, 5);
    let mut child = Child::start("shared_mutex::child_holds", &[&name]);
    assert_eq!(child.answer(), "locked");
    assert!(account.try_lock().unwrap().is_none());
    drop(child);
    let guard = account.lock().unwrap();
    assert!(guard.was_abandoned());
    assert_eq!(guard.balance, 5);
    guard.commit();
    assert!(!account.lock().unwrap().was_abandoned());
}

#[test]
#[ignore = "a child process of another test"]
fn child_holds() {
    let Some(parent) = Parent::find() else { return };
    let account = SharedMutex::<Account>::open(parent.argument(0)).unwrap();
    let mut guard = account.lock().unwrap();
    guard.balance = 99;
    parent.tell("locked");
    parent.stay();
}

/// Larger than the stacks of the threads that work with it.
type Large<T> = [T; 4 << 20];

fn boxed<T: Clone + std::fmt::Debug>(element: T) -> Box<Large<T>> {
    vec![element; 4 << 20]
        .into_boxed_slice()
        .try_into()
        .unwrap()
}

/// Runs with a stack that a value does not fit on.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    thread.spawn(test).unwrap().join().unwrap();
}

#[test]
fn a_value_of_megabytes_needs_no_stack() {
    on_a_small_stack(|| {
        let name = fresh_name();
        let bytes = SharedMutex::get_or_create(&name, &*boxed(7_u8)).unwrap();
        let same = SharedMutex::<Large<u8>>::open(&name).unwrap();
        let draft = bytes.lock_in_place(Duration::ZERO).unwrap().unwrap();
        draft.place().at(1 << 20).write(&9);
        draft.commit();
        let mut copy = Box::new_uninit();
        let copy: &mut Large<u8> = same.load_into(&mut copy).unwrap();
        assert_eq!((copy[0], copy[1 << 20], copy[(4 << 20) - 1]), (7, 9, 7));
    });
}

#[test]
fn a_value_of_megabytes_with_invalid_bytes_needs_no_stack() {
    on_a_small_stack(|| {
        let name = fresh_name();
        let flags = SharedMutex::get_or_create(&name, &*boxed(true)).unwrap();
        let draft = flags.lock_in_place(Duration::ZERO).unwrap().unwrap();
        draft.place().at(3).write(&false);
        draft.commit();
        let mut copy = Box::new_uninit();
        let copied: &mut Large<bool> = flags.load_into(&mut copy).unwrap();
        assert_eq!((copied[2], copied[3], copied[4]), (true, false, true));
        let payload = Payload::open(&name);
        payload.words.set(payload.value_of(2), 5);
        let error = flags.load_into(&mut copy).unwrap_err();
        assert!(
            matches!(error, SharedMemoryError::InvalidValue(_)),
            "{error}"
        );
        let draft = flags.lock_to_replace(Duration::ZERO).unwrap().unwrap();
        draft.commit();
        assert!(!flags.load_into(&mut copy).unwrap()[2]);
    });
}

#[test]
fn a_draft_begins_as_the_last_value_and_is_forgotten_unless_committed() {
    let account = SharedMutex::get_or_create(&fresh_name(), &NEW).unwrap();
    book(&account, 5);
    for _ in 0..9 {
        let draft = account.lock_in_place(Duration::ZERO).unwrap().unwrap();
        field!(draft.balance).write(&99);
        assert_eq!(field!(draft.bookings).read(), 1);
        drop(draft);
        assert_eq!(account.load().unwrap().balance, 5);
    }
    let draft = account.lock_in_place(Duration::ZERO).unwrap().unwrap();
    field!(draft.balance).write(&7);
    draft.commit();
    book(&account, 1);
    let end = account.load().unwrap();
    assert_eq!((end.balance, end.bookings), (8, 2));
}

#[test]
fn a_damaged_value_is_replaced_by_one_that_locks_without_it() {
    let name = fresh_name();
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    book(&account, 5);
    let payload = Payload::open(&name);
    let damages: [(usize, u32); 4] = [(0, 0), (0, 1), (0, 3), (1, 0)];
    for (which, value) in damages {
        if which == 0 {
            payload.words.set(LATEST, value);
        } else {
            payload.set_sequence(u64::from(payload.words.get(LATEST)), 1);
        }
        if account.load().is_err() {
            let error = account.lock().unwrap_err();
            assert!(
                matches!(error, SharedMemoryError::UnknownFormat { .. }),
                "{error}"
            );
            account.lock_in_place(Duration::ZERO).unwrap_err();
        }
        let draft = account.lock_to_replace(Duration::ZERO).unwrap().unwrap();
        draft.place().write(&NEW);
        draft.commit();
        book(&account, 5);
        assert_eq!(account.load().unwrap().balance, 5);
    }
}

#[test]
fn a_value_is_replaced_whatever_versions_its_slots_claim() {
    let name = fresh_name();
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    let payload = Payload::open(&name);
    for slot in 0..4 {
        for sequence in [
            u64::MAX,
            u64::MAX - 1,
            1 << 63,
            (1 << 63) - 2,
            (1 << 33) - 2,
        ] {
            payload.set_sequence(slot, sequence);
            let draft = account.lock_to_replace(Duration::ZERO).unwrap().unwrap();
            draft.place().write(&NEW);
            draft.commit();
            for amount in 1..9 {
                book(&account, 1);
                assert_eq!(
                    account.load().unwrap().balance,
                    amount,
                    "{slot} {sequence:x}"
                );
            }
        }
    }
}
