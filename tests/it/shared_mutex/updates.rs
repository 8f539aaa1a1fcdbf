//! Changes through a closure and through a guard: committed whole, or not at all.

use std::panic::{self, AssertUnwindSafe};
use std::thread;

use win_shared_memory::shared_mutex::{Draft, Guard};
use win_shared_memory::{LockMode, SharedMemoryError, SharedMemoryOptions, SharedMutex};

use super::{Account, NEW, book};
use crate::support::{Child, fresh_name, watchdog};

const _: () = {
    const fn can_be_shared_between_threads<T: Sync>() {}
    can_be_shared_between_threads::<Guard<'_, Account>>();
    can_be_shared_between_threads::<Draft<'_, Account>>();
};

#[test]
fn an_update_commits_and_returns_what_the_closure_returns() {
    let account = SharedMutex::get_or_create(&fresh_name(), &NEW).unwrap();
    for balance in [3, 6, 9] {
        let returned = account.update(|account| {
            account.balance += 3;
            account.balance
        });
        assert_eq!(returned.unwrap(), balance);
        assert_eq!(account.load().unwrap().balance, balance);
    }
    let guard = account.lock().unwrap();
    let text = guard.update(|account| {
        account.bookings = 7;
        format!("{} of {}", account.bookings, account.balance)
    });
    assert_eq!(text, "7 of 9");
    assert_eq!(account.load().unwrap().bookings, 7);
}

#[test]
fn an_update_that_panics_changes_nothing_and_releases_the_lock() {
    let account = SharedMutex::get_or_create(&fresh_name(), &NEW).unwrap();
    book(&account, 5);
    let half = |account: &mut Account| {
        account.balance = 99;
        panic!("as a test");
    };
    let updates: [&dyn Fn(); 2] = [&|| account.update(half).unwrap(), &|| {
        account.lock().unwrap().update(half)
    }];
    for update in updates {
        panic::catch_unwind(AssertUnwindSafe(update)).unwrap_err();
        let guard = account.try_lock().unwrap().unwrap();
        assert_eq!((guard.balance, guard.was_abandoned()), (5, false));
    }
}

#[test]
fn a_guard_that_is_dropped_changes_nothing() {
    let account = SharedMutex::get_or_create(&fresh_name(), &NEW).unwrap();
    let withdraw = |amount: i64| -> Result<i64, String> {
        let guard = account.lock().map_err(|error| error.to_string())?;
        let mut next = *guard;
        next.bookings += 1;
        next.balance = u32::try_from(next.balance - amount)
            .map_err(|_| "overdrawn")?
            .into();
        guard.commit(&next);
        Ok(next.balance)
    };
    book(&account, 10);
    assert_eq!(withdraw(4), Ok(6));
    assert_eq!(withdraw(7), Err("overdrawn".into()));
    let left = account.load().unwrap();
    assert_eq!((left.balance, left.bookings), (6, 2));
}

#[test]
fn an_update_within_an_update_is_refused_and_the_outer_one_goes_on() {
    let account = SharedMutex::get_or_create(&fresh_name(), &NEW).unwrap();
    let inner = account.update(|value| {
        value.balance = 1;
        assert_eq!(account.load().unwrap(), NEW);
        account.update(|value| value.balance = 2)
    });
    let error = inner.unwrap().unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::AlreadyLocked { .. }),
        "{error}"
    );
    assert_eq!(account.load().unwrap().balance, 1);
}

#[test]
fn a_guard_may_be_looked_at_from_other_threads() {
    let account = SharedMutex::get_or_create(&fresh_name(), &NEW).unwrap();
    book(&account, 5);
    let guard = account.lock().unwrap();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!((guard.balance, guard.was_abandoned()), (5, false)));
        }
    });
}

#[test]
fn an_update_leaves_the_news_of_a_dead_holder_for_the_next_guard() {
    let _watchdog = watchdog();
    for mode in [LockMode::Fast, LockMode::Kernel] {
        let name = fresh_name();
        let mut options = SharedMemoryOptions::new();
        options.lock_mode(mode);
        let account = SharedMutex::get_or_create_with(&name, &NEW, &options).unwrap();
        let mut child = Child::start(super::child_holds, &[&name]);
        assert_eq!(child.answer(), "locked");
        child.kill();
        for bookings in 1..4 {
            book(&account, 1);
            assert_eq!(account.load().unwrap().bookings, bookings);
        }
        assert!(account.try_lock().unwrap().unwrap().was_abandoned());
        assert!(!account.try_lock().unwrap().unwrap().was_abandoned());
    }
}
