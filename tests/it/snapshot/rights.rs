//! Readers that may only read.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{Section, SecurityDescriptor, SharedMemoryOptions};

use super::{HOUR, Telemetry, telemetry};
use crate::support::{fresh_name, watchdog};
use crate::tokens::{acting_as, without_administrators};

/// Administrators, of whom we are, may do everything; others may read.
const OTHERS_READ: &str = "D:(A;;GA;;;BA)(A;;GR;;;BU)";

fn create_for_reading(name: &str, sddl: &str) -> Writer<Telemetry> {
    SharedMemoryOptions::new()
        .security(SecurityDescriptor::from_sddl(sddl).unwrap())
        .create_snapshot(name)
        .unwrap()
}

#[test]
fn a_reader_that_may_only_read_gets_everything_waiting_included() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = create_for_reading(&name, OTHERS_READ);
    writer.publish(&telemetry(1));
    let (says, said) = mpsc::channel();
    let reader = thread::spawn({
        let name = name.clone();
        move || {
            acting_as(&without_administrators(), || {
                assert!(Writer::<Telemetry>::create(&name).is_err());
                let denied = Section::open_existing(&format!("{name}~wait"));
                assert!(denied.unwrap_err().is_access_denied());

                let mut reader = Reader::<Telemetry>::open(&name).unwrap();
                assert_eq!(reader.latest().unwrap(), Some((1, telemetry(1))));
                assert_eq!(reader.newer_than(1).unwrap(), None);
                let timeout = Duration::from_millis(30);
                let start = Instant::now();
                assert_eq!(reader.wait_newer(1, timeout).unwrap(), None);
                assert!(start.elapsed() >= timeout);
                for version in 1..20 {
                    says.send(version).unwrap();
                    let news = reader.wait_newer(version, HOUR).unwrap();
                    assert_eq!(news, Some((version + 1, telemetry(version + 1))));
                }
            });
        }
    });
    for version in said {
        assert_eq!(writer.publish(&telemetry(version + 1)), version + 1);
    }
    reader.join().unwrap();
}

#[test]
fn regions_that_grant_reading_alone_are_written_by_their_creator_and_read_by_all() {
    let name = fresh_name();
    let mut writer = create_for_reading(&name, "D:(A;;0x0004;;;WD)");
    writer.publish(&telemetry(2));
    let mut reader = Reader::<Telemetry>::open(&name).unwrap();
    assert_eq!(reader.latest().unwrap(), Some((1, telemetry(2))));
    assert_eq!(
        reader.wait_newer(1, Duration::from_millis(10)).unwrap(),
        None
    );
    let error = Writer::<Telemetry>::create(&name).unwrap_err();
    assert!(error.is_access_denied(), "{error:?}");
}
