//! A value that several programs change: whole or not at all, whoever dies.

mod in_place;
mod reading;
mod updates;
mod watching;

use std::sync::mpsc;
use std::time::{Duration, Instant};

use win_shared_memory::sync::Mutex;
use win_shared_memory::{Section, SharedData, SharedMemoryError, SharedMemoryOptions, SharedMutex};

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
    account
        .update(|account| {
            account.balance += amount;
            account.bookings += 1;
        })
        .unwrap();
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
fn a_reader_that_does_not_lock_sees_the_last_committed_value() {
    let name = fresh_name();
    let account = SharedMutex::get_or_create(&name, &NEW).unwrap();
    let reader = SharedMutex::<Account>::open(&name).unwrap();
    let guard = account.lock().unwrap();
    assert_eq!(reader.load().unwrap(), NEW);
    guard.commit(&Account { balance: 99, ..NEW });
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
    guard.commit(&NEW);
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
    let _writer = win_shared_memory::snapshot::Writer::<Account>::register(&snapshot).unwrap();
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
        let error = SharedMutex::<Account>::open_with(&name, options.wait(timeout));
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
            let account = SharedMutex::open_with(&name, options.wait(Duration::MAX));
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
        let _guard = account.lock().unwrap();
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
        .map(|_| Child::start(child_books, &[&name, &BOOKINGS.to_string()]))
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
    let mut child = Child::start(child_holds, &[&name]);
    assert_eq!(child.answer(), "locked");
    assert!(account.try_lock().unwrap().is_none());
    drop(child);
    let guard = account.lock().unwrap();
    assert!(guard.was_abandoned());
    assert_eq!(guard.balance, 5);
    drop(guard);
    assert!(!account.lock().unwrap().was_abandoned());
}

#[test]
#[ignore = "a child process of another test"]
fn child_holds() {
    let Some(parent) = Parent::find() else { return };
    let account = SharedMutex::<Account>::open(parent.argument(0)).unwrap();
    let _guard = account.lock().unwrap();
    parent.tell("locked");
    parent.stay();
}
