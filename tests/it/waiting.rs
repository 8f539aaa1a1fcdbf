//! Waiting for a region to appear.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::{
    ReadOnly, ReadWrite, Section, SecurityDescriptor, SharedMemoryError, SharedMemoryLink,
    SharedMemoryOptions,
};

use crate::raw;
use crate::support::{Child, HOUR, Parent, fresh_name, peek, poke, watchdog};

fn waiting(timeout: Duration) -> SharedMemoryOptions {
    let mut options = SharedMemoryOptions::new();
    options.wait(timeout);
    options
}

#[test]
fn a_region_that_does_not_appear_times_out_and_not_before_the_timeout() {
    let _watchdog = watchdog();
    let name = fresh_name();
    for timeout in [0, 1, 20, 150].map(Duration::from_millis) {
        let options = waiting(timeout);
        let start = Instant::now();
        let errors = [
            options.open::<u32>(&name).map(drop),
            options.open_existing::<u32>(&name).map(drop),
            options.open_copy_on_write::<u32>(&name).map(drop),
            Section::<ReadOnly>::open_with(&name, &options).map(drop),
        ];
        assert!(start.elapsed() >= 4 * timeout, "{:?}", start.elapsed());
        for error in errors {
            match error {
                Err(SharedMemoryError::TimedOut {
                    name: given,
                    timeout: told,
                    ..
                }) => assert_eq!((given, told), (name.clone(), timeout)),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_region_that_exists_is_opened_at_once() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let _region = Section::create(&name, 1).unwrap();
    for timeout in [Duration::ZERO, HOUR, Duration::MAX] {
        waiting(timeout).open::<u32>(&name).unwrap();
        waiting(timeout).open_existing::<u32>(&name).unwrap();
    }
}

#[test]
fn only_absence_is_waited_for() {
    let _watchdog = watchdog();
    let (event, restricted, small) = (fresh_name(), fresh_name(), fresh_name());
    let _event = raw::event(&event);
    let _small = Section::create(&small, 1).unwrap();
    let mut options = waiting(HOUR);
    options.security(SecurityDescriptor::from_sddl("D:(A;;0x0004;;;WD)").unwrap());
    let _restricted = Section::<ReadWrite>::create_with(&restricted, 1, &options).unwrap();

    let error = options.open::<u32>(&event).unwrap_err();
    assert!(matches!(error, SharedMemoryError::NameInUse { .. }));
    let error = options.open_existing::<u32>(&restricted).unwrap_err();
    assert!(error.is_access_denied(), "{error}");
    let error = options.open::<[u8; 5000]>(&small).unwrap_err();
    assert!(matches!(error, SharedMemoryError::TooSmall { .. }));
}

#[test]
fn creating_does_not_wait() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let _link = waiting(HOUR).create::<u32>(&name).unwrap();
    let error = waiting(HOUR).create::<u32>(&name).unwrap_err();
    assert!(matches!(error, SharedMemoryError::AlreadyExists));
    assert!(
        waiting(HOUR)
            .get_or_create::<u32>(&fresh_name())
            .unwrap()
            .was_created()
    );
}

#[test]
fn a_region_that_another_process_creates_is_opened_soon_after() {
    let _watchdog = watchdog();
    for timeout in [HOUR, Duration::MAX] {
        let name = fresh_name();
        let mut child = Child::start(child_that_creates, &[&name]);
        assert_eq!(child.answer(), "ready");

        let (begins, begun) = mpsc::channel();
        let waiter = thread::spawn({
            let name = name.clone();
            move || {
                begins.send(()).unwrap();
                waiting(timeout).open::<u32>(&name).unwrap()
            }
        });
        begun.recv().unwrap();
        // Part of the story, not of the order: so long the waiter waits.
        thread::sleep(Duration::from_millis(50));
        assert!(!waiter.is_finished());
        child.tell("create");
        assert_eq!(child.answer(), "created");
        let link = waiter.join().unwrap();
        assert!(!link.was_created());
        child.tell("write");
        assert_eq!(child.answer(), "written");
        assert_eq!(peek(link.view(), 0), 42);
    }
}

#[test]
#[ignore = "a child process of another test"]
fn child_that_creates() {
    let Some(parent) = Parent::find() else { return };
    parent.tell("ready");
    assert_eq!(parent.hear(), "create");
    let link = SharedMemoryLink::<u32, ReadWrite>::create(parent.argument(0)).unwrap();
    parent.tell("created");
    assert_eq!(parent.hear(), "write");
    poke(link.view(), 0, 42);
    parent.tell("written");
    parent.stay();
}
