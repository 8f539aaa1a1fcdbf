//! Values that are changed where they are, or replaced: large ones, and damaged ones.

use std::time::Duration;

use win_shared_memory::{SharedMemoryError, SharedMutex, field};

use super::{NEW, book};
use crate::format::{LATEST, Payload};
use crate::support::fresh_name;

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
        let copy: &mut Large<u8> = same.load_into_uninit(&mut copy).unwrap();
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
        let copied: &mut Large<bool> = flags.load_into_uninit(&mut copy).unwrap();
        assert_eq!((copied[2], copied[3], copied[4]), (true, false, true));
        let payload = Payload::open(&name);
        payload.words.set(payload.value_of(2), 5);
        let error = flags.load_into_uninit(&mut copy).unwrap_err();
        assert!(
            matches!(error, SharedMemoryError::InvalidValue(_)),
            "{error}"
        );
        let draft = flags.lock_to_replace(Duration::ZERO).unwrap().unwrap();
        draft.commit();
        assert!(!flags.load_into_uninit(&mut copy).unwrap()[2]);
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
