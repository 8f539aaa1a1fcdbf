//! The words and objects of a lock, as others may leave them.

use std::mem;
use std::time::Duration;

use win_shared_memory::sync::{Event, Mutex, Reset};
use win_shared_memory::{
    LockMode, ReadWrite, Section, SharedMemoryError, SharedMemoryOptions, SharedMutex,
    UnknownFormat,
};

use super::{Counter, HOUR, MODES, WAITING, answer, assert_already_locked, counter, locker};
use crate::format::{LOCK, Payload, THREAD, Words};
use crate::support::{Child, Parent, fresh_name, watchdog};

#[test]
fn a_lock_word_that_names_nobody_is_taken_over() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let counter = counter(&name, LockMode::Fast);
    let directory = Words::open(&name);
    // A free slot, one that does not exist, and both with the bit for waiters.
    for garbage in [7, 240, 241, 1 << 30, u32::MAX, u32::MAX >> 1, 1 << 31 | 5] {
        directory.set(LOCK, garbage);
        let guard = counter.lock_timeout(HOUR).unwrap().unwrap();
        assert!(guard.was_abandoned(), "{garbage:#x}");
        drop(guard);
        assert!(!counter.try_lock().unwrap().unwrap().was_abandoned());
    }
    // Nobody, and somebody waits.
    directory.set(LOCK, WAITING);
    assert!(!counter.try_lock().unwrap().unwrap().was_abandoned());
}

/// As if another program had created the event first, or set it forever.
#[test]
fn an_event_that_stays_set_keeps_nobody_from_noticing_that_the_holder_died() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let event = Event::create(&format!("{name}~unlocked"), Reset::Manual).unwrap();
    event.set().unwrap();
    let counter = counter(&name, LockMode::Fast);
    let mut victim = locker(&name);
    assert_eq!(answer(&mut victim, "lock"), "false");
    assert!(
        counter
            .lock_timeout(Duration::from_millis(60))
            .unwrap()
            .is_none()
    );
    victim.kill();
    assert!(counter.lock().unwrap().was_abandoned());
}

/// The kernel's mutex goes with the last handle to it, and the region with the last of its own.
#[test]
fn a_region_that_outlives_its_mutex_still_tells_of_a_holder_that_died() {
    let _watchdog = watchdog();
    for mode in MODES {
        let name = fresh_name();
        let first = counter(&name, mode);
        let mut victim = locker(&name);
        let _kept = [name.clone(), format!("{name}~1")].map(|it| Words::open(&it));
        drop(first);
        assert_eq!(answer(&mut victim, "lock"), "false");
        victim.kill();
        let counter = counter(&name, mode);
        assert!(!counter.was_created());
        assert!(counter.try_lock().unwrap().unwrap().was_abandoned());
        assert!(!counter.try_lock().unwrap().unwrap().was_abandoned());
    }
}

#[test]
fn a_mutex_that_went_with_a_forgotten_guard_is_not_taken_for_locked() {
    let name = fresh_name();
    let forgetful = counter(&name, LockMode::Kernel);
    let _kept = [name.clone(), format!("{name}~1")].map(|it| Words::open(&it));
    mem::forget(forgetful.lock().unwrap());
    drop(forgetful);
    let counter = counter(&name, LockMode::Kernel);
    assert!(!counter.was_created());
    assert!(counter.try_lock().unwrap().unwrap().was_abandoned());
}

#[test]
fn a_mode_that_nobody_knows_is_refused() {
    let name = fresh_name();
    let _counter = counter(&name, LockMode::Fast);
    Words::open(&name).set(12, 3);
    for result in [Counter::open(&name), SharedMutex::get_or_create(&name, &0)] {
        let error = result.unwrap_err();
        assert!(
            matches!(
                error,
                SharedMemoryError::UnknownFormat {
                    reason: UnknownFormat::UnknownLockMode { found: 3, .. },
                    ..
                }
            ),
            "{error}"
        );
    }
}

/// As if a monitor kept the regions when all that lock have gone. A process in an AppContainer would create
/// the object where others do not look, and lock beside the holder.
#[test]
fn an_opener_creates_no_object_to_lock_with() {
    for (mode, object) in [(LockMode::Fast, "unlocked"), (LockMode::Kernel, "lock")] {
        let name = fresh_name();
        let first = counter(&name, mode);
        let _kept = [name.clone(), format!("{name}~1")].map(|it| Words::open(&it));
        let _mutex = Mutex::open(&format!("{name}~mutex")).unwrap();
        drop(first);
        let error = Counter::open(&name).unwrap_err();
        assert!(error.is_not_found(), "{error}");
        assert!(error.to_string().contains(object), "{error}");
        // Nor does it leave one for others to find.
        let object = format!("{name}~{object}");
        assert!(
            Section::<ReadWrite>::open_existing(&object)
                .unwrap_err()
                .is_not_found()
        );
        let again = counter(&name, mode);
        assert!(!again.was_created());
        Counter::open(&name).unwrap();
    }
}

/// As by a program that creates the kernel's mutex and locks it before the library looks at it.
#[test]
fn a_mutex_that_somebody_holds_keeps_its_holder_known() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let first = counter(&name, LockMode::Kernel);
    let guard = first.lock().unwrap();
    let directory = Words::open(&name);
    let thread = directory.get(THREAD);
    assert_ne!(thread, 0);
    for _ in 0..2 {
        let other = counter(&name, LockMode::Kernel);
        assert_eq!(directory.get(THREAD), thread);
        assert_already_locked(&other);
    }
    drop(guard);
    assert_eq!(directory.get(THREAD), 0);
}

/// The word of a bit that says that nobody has been told.
#[test]
fn an_invalid_value_does_not_hide_that_the_holder_died() {
    let _watchdog = watchdog();
    for mode in MODES {
        let name = fresh_name();
        let mut options = SharedMemoryOptions::new();
        options.lock_mode(mode);
        let flag = SharedMutex::get_or_create_with(&name, &true, &options).unwrap();
        let mut victim = Child::start(child_that_holds_a_flag, &[&name]);
        assert_eq!(victim.answer(), "holds");
        victim.kill();
        let payload = Payload::open(&name);
        payload.words.set(payload.value_of(1), 2);
        for _ in 0..3 {
            let error = flag.lock_timeout(HOUR).unwrap_err();
            assert!(
                matches!(error, SharedMemoryError::InvalidValue(_)),
                "{error}"
            );
        }
        let draft = flag.lock_to_replace(HOUR).unwrap().unwrap();
        assert!(draft.was_abandoned());
        draft.place().write(&false);
        draft.commit();
        let guard = flag.lock().unwrap();
        assert_eq!((*guard, guard.was_abandoned()), (false, false));
    }
}

#[test]
#[ignore = "a child process of another test"]
fn child_that_holds_a_flag() {
    let Some(parent) = Parent::find() else { return };
    let flag = SharedMutex::<bool>::open(parent.argument(0)).unwrap();
    let _guard = flag.lock().unwrap();
    parent.tell("holds");
    parent.stay();
}

/// What a fast lock is waited for with, the kernel's mutex does not need, and the other way round.
#[test]
fn each_mode_has_its_own_object() {
    let (fast, kernel) = (fresh_name(), fresh_name());
    let _counters = [
        counter(&fast, LockMode::Fast),
        counter(&kernel, LockMode::Kernel),
    ];
    let is_taken = |name: &str, object: &str| {
        Section::<ReadWrite>::create(&format!("{name}~{object}"), 1).is_err()
    };
    assert!(is_taken(&fast, "unlocked") && !is_taken(&fast, "lock"));
    assert!(!is_taken(&kernel, "unlocked") && is_taken(&kernel, "lock"));
}
