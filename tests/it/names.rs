//! Which names regions may have, and what each is the name of.

use std::os::windows::io::OwnedHandle;
use std::time::Duration;

use win_shared_memory::sync::Event;
use win_shared_memory::{
    InvalidName, ReadWrite, Section, SharedMemoryError, SharedMemoryLink, SharedMemoryOptions,
};

use crate::raw;
use crate::support::{fresh_name, peek, poke};

type Attempt = fn(&str) -> Result<(), SharedMemoryError>;

/// Every function that takes a name.
const ATTEMPTS: [(&str, Attempt); 8] = [
    ("Section::create", |it| Section::create(it, 1).map(drop)),
    ("Section::get_or_create", |it| {
        Section::get_or_create(it, 1).map(drop)
    }),
    ("Section::open", |it| Section::open(it).map(drop)),
    ("Section::open_existing", |it| {
        Section::open_existing(it).map(drop)
    }),
    ("link create", |it| {
        SharedMemoryLink::<u32, ReadWrite>::create(it).map(drop)
    }),
    ("link get_or_create", |it| {
        SharedMemoryLink::<u32, ReadWrite>::get_or_create(it).map(drop)
    }),
    ("link open", |it| {
        SharedMemoryLink::<u32>::open(it).map(drop)
    }),
    ("link open_existing", |it| {
        SharedMemoryLink::<u32, ReadWrite>::open_existing(it).map(drop)
    }),
];

#[track_caller]
fn assert_invalid(name: &str, expected: InvalidName) {
    for (function, attempt) in ATTEMPTS {
        match attempt(name) {
            Err(SharedMemoryError::InvalidName {
                name: given,
                reason,
                ..
            }) => {
                assert_eq!(given, name, "{function}");
                assert_eq!(reason, expected, "{function}");
            }
            other => panic!("{function}: {other:?}"),
        }
    }
}

/// Creates a region, writes to it, and finds what was written under `other`.
#[track_caller]
fn assert_same_region(name: &str, other: &str) {
    let section = Section::create(name, 1).unwrap();
    poke(&section.map().unwrap(), 0, 42);
    let opened = Section::open(other).unwrap();
    assert_eq!(peek(&opened.map().unwrap(), 0), 42);
    assert!(!Section::get_or_create(other, 1).unwrap().was_created());
    assert_eq!(opened.name(), Some(other), "the name is as given");
}

#[test]
fn an_empty_name_is_refused_and_makes_no_unnamed_region() {
    assert_invalid("", InvalidName::Empty);
    assert_invalid(r"Local\", InvalidName::Empty);
    assert_invalid(r"Global\", InvalidName::Empty);
}

#[test]
fn a_name_with_a_nul_is_refused_and_not_cut() {
    let name = fresh_name();
    let at = name.len();
    assert_invalid(&format!("{name}\0rest"), InvalidName::Nul { at });
    assert!(Section::open(&name).unwrap_err().is_not_found());
    assert_invalid("\0", InvalidName::Nul { at: 0 });
}

#[test]
fn a_name_of_spaces_is_a_name() {
    let spaces = " ".repeat(std::process::id() as usize % 7_000 + 1);
    assert_same_region(&spaces, &spaces);
}

#[test]
fn a_guid_slashes_and_any_unicode_are_names() {
    let unique = fresh_name();
    for name in [
        format!("{{6f9619ff-8b86-d011-b42d-{:012x}}}", std::process::id()),
        format!("{unique}/with/slashes"),
        format!("{unique} Ünï–cødé 🦀 名前"),
        format!("{unique}\u{1b}[31m\r\n\u{202e}"),
        format!("{unique}*?<>|\":"),
    ] {
        assert_same_region(&name, &name);
    }
}

#[test]
fn names_may_be_much_longer_than_max_path() {
    let name = format!("{}-{}", fresh_name(), "x".repeat(1_000));
    assert_same_region(&name, &name);
}

#[test]
fn names_up_to_16_000_units_work_and_each_unit_counts() {
    let name = format!("{}-{}", fresh_name(), "é".repeat(16_000));
    assert_same_region(&name, &name);
    let longer = format!("{name}x");
    assert!(Section::open(&longer).unwrap_err().is_not_found());
}

/// Wine would take such a name, so it is the library that refuses it.
#[test]
fn a_name_over_the_limit_of_32_766_units_is_refused_before_the_system_is_asked() {
    for units in [32_767, 32_768, 40_000] {
        assert_invalid(&"x".repeat(units), InvalidName::TooLong { units });
    }
    let crabs = "🦀".repeat(16_384);
    assert_invalid(&crabs, InvalidName::TooLong { units: 32_768 });
}

#[test]
fn no_prefix_means_local() {
    let with = fresh_name();
    let without = with.strip_prefix(r"Local\").unwrap();
    assert_same_region(&with, without);
    assert_same_region(without, &with);
}

#[test]
fn global_and_local_are_different_regions() {
    let local = fresh_name();
    let global = local.replace("Local", "Global");
    let local = Section::create(&local, 1).unwrap().map().unwrap();
    let global = match Section::create(&global, 1) {
        // A normal user of Windows; another test is about that.
        Err(SharedMemoryError::PrivilegeNotHeld { .. }) => return,
        section => section.unwrap().map().unwrap(),
    };
    poke(&local, 0, 1);
    poke(&global, 0, 2);
    assert_eq!((peek(&local, 0), peek(&global, 0)), (1, 2));
}

#[test]
fn a_backslash_in_the_name_is_refused_as_such_and_not_as_a_missing_region() {
    assert_invalid(r"a\b", InvalidName::Backslash { at: 1 });
    assert_invalid(r"\a", InvalidName::Backslash { at: 0 });
    assert_invalid(r"Local\a\b", InvalidName::Backslash { at: 7 });
    assert_invalid(r"Local\\a", InvalidName::Backslash { at: 6 });
    assert_invalid(r"Local\Session\1\a", InvalidName::Backslash { at: 13 });
    assert_invalid(r"Session\1\a\b", InvalidName::Backslash { at: 11 });
}

const CONTAINER: &str = r"AppContainerNamedObjects\S-1-15-2-1-2-3-4-5-6-7";

/// No process of this container runs, so its namespace is not there.
#[test]
fn the_name_of_an_app_container_that_does_not_run_is_not_found() {
    for prefix in ["", r"Session\1\"] {
        for middle in ["", r"Local\", r"Global\"] {
            let name = format!(r"{prefix}{CONTAINER}\{middle}region");
            for error in [
                Section::open(&name).unwrap_err(),
                Section::open_existing(&name).unwrap_err(),
                Event::open(&name).unwrap_err(),
            ] {
                assert!(error.is_not_found(), "{name}: {error}");
            }
            let error = Section::create(&name, 1).unwrap_err();
            assert!(
                matches!(error, SharedMemoryError::CreateMapping(_)),
                "{name}: {error:?}"
            );
            assert!(error.to_string().contains("AppContainer"), "{error}");
        }
    }
}

#[test]
fn an_app_container_that_does_not_run_yet_is_waited_for() {
    let timeout = Duration::from_millis(1);
    let error = SharedMemoryOptions::new()
        .wait(timeout)
        .open::<u32>(&format!(r"{CONTAINER}\region"))
        .unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::TimedOut { timeout: t, .. } if t == timeout),
        "{error:?}"
    );
}

#[test]
fn the_name_with_the_number_of_this_session_is_the_name_without() {
    let name = fresh_name();
    let number = raw::session();
    let rest = name.strip_prefix(r"Local\").unwrap();
    let section = Section::create(&name, 1).unwrap();
    poke(&section.map().unwrap(), 0, 42);
    for middle in ["", r"Local\"] {
        let opened = Section::open(&format!(r"Session\{number}\{middle}{rest}")).unwrap();
        assert_eq!(peek(&opened.map().unwrap(), 0), 42);
    }
}

#[test]
fn a_prefix_in_the_wrong_case_is_refused_with_the_right_one() {
    for (name, expected) in [
        (r"local\x", r"Local\"),
        (r"LOCAL\x", r"Local\"),
        (r"global\x", r"Global\"),
    ] {
        assert_invalid(name, InvalidName::PrefixCase { expected });
        let message = Section::open(name).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn names_are_case_sensitive() {
    let name = fresh_name();
    let _upper = Section::create(&format!("{name}-Foo"), 1).unwrap();
    let error = Section::open(&format!("{name}-foo")).unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

#[test]
fn the_name_of_another_kind_of_object_is_reported_as_in_use() {
    type Make = fn(&str) -> OwnedHandle;
    let kinds: [(&str, Make); 5] = [
        ("event", raw::event),
        ("mutex", raw::mutex),
        ("semaphore", raw::semaphore),
        ("timer", raw::timer),
        ("job", raw::job),
    ];
    for (kind, make) in kinds {
        let name = fresh_name();
        let object = make(&name);
        for (function, attempt) in ATTEMPTS {
            match attempt(&name) {
                Err(SharedMemoryError::NameInUse { name: given, .. }) => assert_eq!(given, name),
                other => panic!("{function} with a {kind}: {other:?}"),
            }
        }
        drop(object);
        Section::create(&name, 1).unwrap();
    }
}

/// Options go through the same checks.
#[test]
fn options_check_names_too() {
    let mut options = SharedMemoryOptions::new();
    options.wait(Duration::MAX);
    let refused = [
        options.open::<u32>("").map(drop),
        options.open_existing::<u32>("a\0").map(drop),
        options.open_copy_on_write::<u32>(r"a\b").map(drop),
        options.create::<u32>(r"local\a").map(drop),
        options.get_or_create::<u32>(r"Local\").map(drop),
        Section::<ReadWrite>::get_or_create_with("", 1, &options).map(drop),
    ];
    for result in refused {
        assert!(
            matches!(result, Err(SharedMemoryError::InvalidName { .. })),
            "{result:?}"
        );
    }
}
