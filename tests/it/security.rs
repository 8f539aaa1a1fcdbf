//! Which programs may open a region, and what the others are told.

use win_shared_memory::{
    Backing, InvalidSecurity, ReadOnly, ReadWrite, Section, SecurityDescriptor, SharedMemoryError,
    SharedMemoryLink, SharedMemoryOptions,
};

use crate::support::{fresh_name, peek, poke};
use crate::tokens::{
    acting_as, at_low_integrity, without_administrators, without_privileges, without_user,
};

/// Everyone may map the section for reading, and nobody may do anything else.
const READ_ONLY: &str = "D:(A;;0x0004;;;WD)";

type Writer = SharedMemoryLink<u32, ReadWrite>;
type Reader = SharedMemoryLink<u32, ReadOnly>;

fn create(name: &str, security: SecurityDescriptor) -> Writer {
    SharedMemoryOptions::new()
        .security(security)
        .create(name)
        .unwrap()
}

fn create_with_sddl(name: &str, sddl: &str) -> Writer {
    create(name, SecurityDescriptor::from_sddl(sddl).unwrap())
}

/// Refused for what it is: not as a missing, foreign or small region.
#[track_caller]
fn assert_denied<T: std::fmt::Debug>(result: Result<T, SharedMemoryError>) {
    let error = result.unwrap_err();
    assert!(error.is_access_denied(), "{error:?}");
    assert!(!error.is_not_found() && !error.is_out_of_memory());
    assert!(error.to_string().contains("security"), "{error}");
}

#[test]
fn a_region_for_reading_opens_for_reading_alone() {
    let name = fresh_name();
    let creator = create_with_sddl(&name, READ_ONLY);
    poke(creator.view(), 0, 3);

    let reader = Reader::open(&name).unwrap();
    assert_eq!(peek(reader.view(), 0), 3);
    SharedMemoryOptions::new()
        .open_copy_on_write::<u32>(&name)
        .unwrap();

    assert_denied(Writer::open_existing(&name));
    assert_denied(Section::open_existing(&name));
    assert!(matches!(
        Writer::open_existing(&name),
        Err(SharedMemoryError::OpenMapping(_))
    ));
}

#[test]
fn a_region_for_reading_that_is_also_too_small_is_denied_before_it_is_measured() {
    let name = fresh_name();
    let _creator = create_with_sddl(&name, READ_ONLY);
    assert_denied(SharedMemoryLink::<[u8; 100_000], ReadWrite>::open_existing(
        &name,
    ));
    let error = SharedMemoryLink::<[u8; 100_000]>::open(&name).unwrap_err();
    let SharedMemoryError::TooSmall { needed, actual, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!((needed, actual), (100_000, 4096));
}

#[test]
fn get_or_create_finds_a_region_for_reading_only_for_reading() {
    let name = fresh_name();
    let _creator = create_with_sddl(&name, READ_ONLY);
    let found =
        Section::<ReadOnly>::get_or_create_with(&name, 4096, &SharedMemoryOptions::new()).unwrap();
    assert!(!found.was_created());
    assert_eq!(found.created_size(), None);
    assert_eq!(found.map().unwrap().len(), 4096);

    assert_denied(Writer::get_or_create(&name));
    assert_denied(Section::get_or_create(&name, 4096));
    assert!(matches!(
        Writer::get_or_create(&name),
        Err(SharedMemoryError::CreateMapping(_))
    ));
}

#[test]
fn get_or_create_finds_a_region_for_reading_and_writing_that_grants_no_more() {
    let name = fresh_name();
    let creator = create_with_sddl(&name, "D:(A;;0x0006;;;WD)");
    let found = Writer::get_or_create(&name).unwrap();
    assert!(!found.was_created());
    poke(found.view(), 0, 5);
    assert_eq!(peek(creator.view(), 0), 5);
    Writer::open_existing(&name).unwrap();
}

#[test]
fn create_says_already_exists_of_a_region_that_grants_only_reading() {
    let name = fresh_name();
    let _creator = create_with_sddl(&name, READ_ONLY);
    let error = Writer::create(&name).unwrap_err();
    assert!(matches!(error, SharedMemoryError::AlreadyExists), "{error}");
}

#[test]
fn an_empty_dacl_is_valid_and_keeps_everybody_out() {
    let name = fresh_name();
    let creator = create_with_sddl(&name, "D:");
    poke(creator.view(), 0, 1);
    assert_eq!(peek(creator.view(), 0), 1, "the creator has its handle");
    assert_denied(Reader::open(&name));
    assert_denied(Writer::open_existing(&name));
    assert_denied(Writer::create(&name));
    assert_denied(Writer::get_or_create(&name));
    drop(creator);
    Writer::create(&name).unwrap();
}

#[test]
fn what_is_no_security_descriptor_is_refused() {
    let reason = |text: &str| match SecurityDescriptor::from_sddl(text) {
        Err(SharedMemoryError::InvalidSecurity { sddl, reason, .. }) if sddl == text => reason,
        other => panic!("{text:?}: {other:?}"),
    };
    assert_eq!(reason(""), InvalidSecurity::Empty);
    assert_eq!(reason("  "), InvalidSecurity::Empty);
    let cut = reason("D:(A;;GR;;;WD)\0(A;;GA;;;WD)");
    assert!(
        matches!(cut, InvalidSecurity::Nul { at: 14, .. }),
        "{cut:?}"
    );
    for sddl in [
        "nonsense",
        "D:(",
        "D:(A;;GA;;;)",
        "D:(A;;GA;;;WD",
        "D:(X;;GA;;;WD)",
        "D:(A;;ZZ;;;WD)",
        "D:(A;;GA;;;S-1-)",
    ] {
        let reason = reason(sddl);
        assert!(
            matches!(reason, InvalidSecurity::NotSddl { .. }),
            "{sddl:?}: {reason:?}"
        );
        assert!(!reason.to_string().is_empty(), "{sddl:?}");
    }
}

#[test]
#[ignore = "needs real Windows: Wine takes this text for an empty DACL"]
fn a_descriptor_that_grants_everybody_everything_is_refused_as_such() {
    let error = SecurityDescriptor::from_sddl("D:NO_ACCESS_CONTROL").unwrap_err();
    let SharedMemoryError::InvalidSecurity { reason, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(*reason, InvalidSecurity::NullDacl);
    assert!(error.to_string().contains("NULL DACL"), "{error}");
}

#[test]
fn a_descriptor_keeps_its_text() {
    assert_eq!(
        SecurityDescriptor::from_sddl(READ_ONLY).unwrap().sddl(),
        READ_ONLY
    );
}

#[test]
fn security_matters_only_to_the_one_who_creates() {
    let name = fresh_name();
    let _creator = create_with_sddl(&name, "D:(A;;GA;;;WD)");
    let mut options = SharedMemoryOptions::new();
    options.security(SecurityDescriptor::from_sddl("D:").unwrap());
    options.get_or_create::<u32>(&name).unwrap();
    Writer::open_existing(&name).unwrap();
}

#[test]
#[ignore = "needs real Windows: Wine leaves the user's own SID in a restricted token"]
fn regions_for_the_current_user_are_closed_to_others() {
    let name = fresh_name();
    let _creator = create(&name, SecurityDescriptor::current_user().unwrap());
    Writer::open_existing(&name).unwrap();
    acting_as(&without_user(), || {
        assert_denied(Reader::open(&name));
        assert_denied(Writer::open_existing(&name));
        assert_denied(Writer::get_or_create(&name));
    });
}

#[test]
#[ignore = "needs real Windows: Wine leaves the user's own SID in a restricted token"]
fn regions_that_everyone_may_read_are_closed_to_the_writes_of_others() {
    for security in [
        SecurityDescriptor::everyone_may_read().unwrap(),
        SecurityDescriptor::app_containers_may_read().unwrap(),
    ] {
        let name = fresh_name();
        let creator = create(&name, security);
        poke(creator.view(), 0, 9);
        Writer::open_existing(&name).unwrap();
        acting_as(&without_user(), || {
            assert_eq!(peek(Reader::open(&name).unwrap().view(), 0), 9);
            assert_denied(Writer::open_existing(&name));
            let found =
                Section::<ReadOnly>::get_or_create_with(&name, 4, &SharedMemoryOptions::new());
            assert!(!found.unwrap().was_created());
        });
    }
}

#[test]
fn regions_of_an_administrator_that_users_may_read_open_for_a_normal_user() {
    let name = fresh_name();
    let _creator = create_with_sddl(&name, "D:(A;;GA;;;BA)(A;;GR;;;BU)");
    acting_as(&without_administrators(), || {
        Reader::open(&name).unwrap();
        assert_denied(Writer::open_existing(&name));
    });
}

#[test]
#[ignore = "needs real Windows: Wine has no integrity levels"]
fn low_integrity_programs_may_write_where_the_region_says_so() {
    let name = fresh_name();
    let _creator = create(
        &name,
        SecurityDescriptor::low_integrity_may_write().unwrap(),
    );
    acting_as(&at_low_integrity(), || {
        Writer::open_existing(&name).unwrap();
    });

    let name = fresh_name();
    let _creator = create(&name, SecurityDescriptor::current_user().unwrap());
    acting_as(&at_low_integrity(), || {
        Reader::open(&name).unwrap();
        assert_denied(Writer::open_existing(&name));
    });
}

#[test]
fn every_preset_lets_its_own_user_in() {
    for security in [
        SecurityDescriptor::current_user(),
        SecurityDescriptor::everyone_may_read(),
        SecurityDescriptor::everyone_may_wait(),
        SecurityDescriptor::app_containers_may_read(),
        SecurityDescriptor::low_integrity_may_write(),
    ] {
        let name = fresh_name();
        let creator = create(&name, security.unwrap());
        poke(Writer::open_existing(&name).unwrap().view(), 0, 6);
        assert_eq!(peek(Reader::open(&name).unwrap().view(), 0), 6);
        assert!(!Writer::get_or_create(&name).unwrap().was_created());
        drop(creator);
    }
}

#[test]
#[ignore = "needs real Windows, outside session 0: Wine lets everybody create global objects"]
fn creating_a_global_region_without_the_privilege_names_the_privilege() {
    let name = fresh_name().replace("Local", "Global");
    let weak = without_privileges();
    for attempt in [Writer::create, Writer::get_or_create] {
        let error = acting_as(&weak, || attempt(&name)).unwrap_err();
        let SharedMemoryError::PrivilegeNotHeld {
            name: given,
            privilege,
            ..
        } = &error
        else {
            panic!("{error:?}");
        };
        assert_eq!(given.as_deref(), Some(name.as_str()));
        assert_eq!(*privilege, "SeCreateGlobalPrivilege");
        assert!(error.to_string().contains(privilege), "{error}");
    }
}

#[test]
#[ignore = "needs real Windows, as an administrator or service: somebody has to create the region"]
fn opening_a_global_region_takes_no_privilege() {
    let name = fresh_name().replace("Local", "Global");
    let _creator = Writer::create(&name).unwrap();
    acting_as(&without_privileges(), || {
        Reader::open(&name).unwrap();
        assert!(!Writer::get_or_create(&name).unwrap().was_created());
    });
}

#[test]
#[ignore = "needs real Windows: Wine has large pages for everybody"]
fn large_pages_without_the_privilege_name_the_privilege_and_do_not_fall_back() {
    let name = fresh_name();
    let mut options = SharedMemoryOptions::new();
    options.backing(Backing::LargePages);
    let error = acting_as(&without_privileges(), || {
        Section::<ReadWrite>::create_with(&name, 1 << 21, &options)
    })
    .unwrap_err();
    assert!(
        matches!(
            error,
            SharedMemoryError::PrivilegeNotHeld {
                privilege: "SeLockMemoryPrivilege",
                ..
            }
        ),
        "{error:?}"
    );
    assert!(Section::open(&name).unwrap_err().is_not_found());
}
