//! Whose regions those are that a writer publishes in.

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::sync::Mutex;
use win_shared_memory::{Section, SecurityDescriptor, SharedMemoryError, SharedMemoryOptions};

use super::{Grown, Telemetry, publish, telemetry, writing_child};
use crate::raw;
use crate::support::{fresh_name, latest, watchdog};

#[track_caller]
fn assert_exists<T: std::fmt::Debug>(result: Result<T, SharedMemoryError>) {
    assert!(
        matches!(result, Err(SharedMemoryError::AlreadyExists)),
        "{result:?}"
    );
}

#[test]
fn a_writer_knows_its_name_and_whether_it_has_created_the_snapshot() {
    let name = fresh_name();
    let first = Writer::<Telemetry>::register(&name).unwrap();
    let reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!((first.name(), reader.name()), (&*name, &*name));
    assert_eq!((first.generation(), first.was_created()), (1, true));
    drop(first);
    // The reader keeps it.
    let second = Writer::<Telemetry>::register(&name).unwrap();
    assert_eq!((second.generation(), second.was_created()), (1, false));
    drop(second);
    // The payload is new, and the directory is not.
    let third = Writer::<Grown>::register(&name).unwrap();
    assert_eq!((third.generation(), third.was_created()), (2, false));
    drop((third, reader));
    assert!(Writer::<Grown>::register(&name).unwrap().was_created());
}

#[test]
fn create_takes_over_from_nobody() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut first = Writer::create(&name).unwrap();
    assert!(first.was_created());
    first.publish(&telemetry(1));
    assert_exists(Writer::<Telemetry>::create(&name));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    drop(first);
    assert_exists(Writer::<Telemetry>::create(&name));
    assert_exists(Writer::<Grown>::create(&name));
    assert_eq!(latest(&mut reader), Some((1, telemetry(1))));
    drop(reader);
    assert!(Writer::<Telemetry>::create(&name).unwrap().was_created());
}

#[test]
fn create_takes_over_from_no_killed_process_that_a_reader_has_outlived() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let (mut child, _) = writing_child(&name);
    publish(&mut child, 4);
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    child.kill();
    assert_exists(Writer::<Telemetry>::create(&name));
    assert_eq!(latest(&mut reader), Some((1, telemetry(4))));
    assert!(!Writer::<Telemetry>::register(&name).unwrap().was_created());
}

#[test]
fn create_refuses_regions_that_a_squatter_made_first_and_register_tells() {
    let name = fresh_name();
    // What is protected, by whom: the squatter's descriptor lets everyone in.
    let squatter = SecurityDescriptor::from_sddl("D:(A;;GA;;;WD)").unwrap();
    let mut of_squatter = SharedMemoryOptions::new();
    of_squatter.security(squatter);
    let mut private = SharedMemoryOptions::new();
    private.security(SecurityDescriptor::current_user().unwrap());

    let directory = Section::<win_shared_memory::ReadWrite>::create_with(&name, 4096, &of_squatter);
    assert_exists(Writer::<Telemetry>::create_with(&name, &private));
    let writer = Writer::<Telemetry>::register_with(&name, &private).unwrap();
    assert!(!writer.was_created());
    drop((writer, directory));

    let payload =
        Section::<win_shared_memory::ReadWrite>::create_with(&format!("{name}~1"), 1, &of_squatter);
    assert_exists(Writer::<Telemetry>::create_with(&name, &private));
    drop(payload);
    let writer = Writer::<Telemetry>::create_with(&name, &private).unwrap();
    assert!(writer.was_created());
}

#[test]
fn create_refuses_a_region_of_any_contents_without_writing_it() {
    let name = fresh_name();
    let region = Section::create(&name, 70_000).unwrap();
    let view = region.map().unwrap();
    view.write(8, &0xabcd_u32).unwrap();
    assert_exists(Writer::<Telemetry>::create(&name));
    assert_eq!(view.read::<[u32; 3]>(0).unwrap(), [0, 0, 0xabcd]);
}

#[test]
fn a_create_that_was_refused_leaves_nothing_behind() {
    let name = fresh_name();
    let taken = raw::event(&format!("{name}~1"));
    let error = Writer::<Telemetry>::create(&name).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::NameInUse { .. }),
        "{error:?}"
    );
    assert!(Section::open(&name).unwrap_err().is_not_found());
    assert!(Mutex::open(&format!("{name}~mutex")).is_err());
    drop(taken);
    Writer::<Telemetry>::create(&name).unwrap();
}
