//! Which regions there are.

use std::{array, thread};

use win_shared_memory::namespace::{self, Kind, Scope};
use win_shared_memory::{
    Backing, ReadOnly, ReadWrite, Section, SecurityDescriptor, SharedMemoryError,
    SharedMemoryOptions,
};

use crate::raw;
use crate::support::{fresh_name, watchdog};

fn names(scope: Scope) -> Vec<String> {
    let found = namespace::sections(scope).unwrap();
    found.iter().map(|it| it.name().to_owned()).collect()
}

/// A name that other tests and programs do not have, without its prefix.
fn bare() -> String {
    fresh_name().trim_start_matches(r"Local\").to_owned()
}

#[test]
fn regions_are_listed_where_they_are_until_they_go() {
    let (here, everywhere) = (format!(r"Local\{}", bare()), format!(r"Global\{}", bare()));
    let sections = [&here, &everywhere].map(|name| Section::create(name, 1).unwrap());
    assert!(names(Scope::Session).contains(&here));
    assert!(names(Scope::Global).contains(&everywhere));
    assert!(!names(Scope::Session).contains(&everywhere.replace("Global", "Local")));
    drop(sections);
    assert!(!names(Scope::Session).contains(&here));
    assert!(!names(Scope::Global).contains(&everywhere));
}

#[test]
fn regions_are_listed_while_another_goes() {
    let _watchdog = watchdog();
    let ours: Vec<_> = (0..16).map(|_| fresh_name()).collect();
    let _sections: Vec<_> = ours
        .iter()
        .map(|it| Section::create(it, 1).unwrap())
        .collect();
    for round in 0..50 {
        let other = Section::create(&fresh_name(), 1).unwrap();
        let listed = thread::scope(|scope| {
            scope.spawn(|| drop(other));
            names(Scope::Session)
        });
        let missed = ours.iter().find(|it| !listed.contains(it));
        assert_eq!(missed, None, "in round {round}");
    }
}

#[test]
fn names_are_told_as_they_are_and_can_be_opened() {
    let name = format!("Local\\{}\u{1b}[2J\u{202e}äöü\u{1f3ce}", bare());
    let _section = Section::create(&name, 1).unwrap();
    let listed = namespace::sections(Scope::Session).unwrap();
    let found = listed.iter().find(|it| it.name() == name).unwrap();
    assert!(found.is_exact());
    assert!(Section::open(found.name()).is_ok());
}

#[test]
fn a_name_that_is_not_utf16_is_listed_and_cannot_be_opened() {
    let bare = bare();
    let _section = raw::section_with_half_a_character(&bare);
    let listed = namespace::sections(Scope::Session).unwrap();
    let found = listed.iter().find(|it| it.name().contains(&bare)).unwrap();
    assert!(!found.is_exact() && found.name().ends_with('\u{fffd}'));
    assert!(found.details().unwrap_err().is_not_found());
}

#[test]
fn long_names_are_listed_too() {
    let long: [_; 8] = array::from_fn(|_| format!(r"Local\{}-{}", bare(), "n".repeat(10_000)));
    let _sections = long.each_ref().map(|it| Section::create(it, 1).unwrap());
    let listed = names(Scope::Session);
    assert!(long.iter().all(|it| listed.contains(it)));
}

#[test]
fn a_region_tells_its_size_kind_and_holders() {
    let name = fresh_name();
    let section = Section::create(&name, 70_000).unwrap();
    let details = namespace::details(&name).unwrap();
    assert_eq!(
        (details.size, details.kind),
        (Some(73_728), Some(Kind::Memory))
    );
    assert_eq!(details.handles, Some(1));
    assert!(details.may_read && details.may_write);
    let second = Section::<ReadOnly>::open(&name).unwrap();
    assert_eq!(namespace::details(&name).unwrap().handles, Some(2));
    let bare = name.trim_start_matches(r"Local\");
    assert_eq!(namespace::details(bare).unwrap().size, Some(73_728));
    drop((section, second));
    assert!(namespace::details(&name).unwrap_err().is_not_found());
}

#[test]
fn a_view_alone_keeps_no_name() {
    let name = fresh_name();
    let view = Section::create(&name, 1).unwrap().map().unwrap();
    assert!(namespace::details(&name).unwrap_err().is_not_found());
    drop(view);
}

#[test]
fn a_reserved_region_says_so() {
    let name = fresh_name();
    let mut options = SharedMemoryOptions::new();
    options.backing(Backing::Reserved);
    let _section: Section<ReadWrite> = Section::create_with(&name, 1 << 20, &options).unwrap();
    assert_eq!(
        namespace::details(&name).unwrap().kind,
        Some(Kind::Reserved)
    );
}

#[test]
fn security_is_told_as_it_was_given() {
    let name = fresh_name();
    let mut options = SharedMemoryOptions::new();
    options.security(SecurityDescriptor::from_sddl("D:(A;;GA;;;WD)").unwrap());
    let _section: Section<ReadWrite> = Section::create_with(&name, 1, &options).unwrap();
    let security = namespace::details(&name).unwrap().security.unwrap();
    assert!(
        security.contains("D:") && security.contains(";WD)"),
        "{security}"
    );
}

#[test]
fn other_objects_and_bad_names_are_refused() {
    let name = fresh_name();
    let _event =
        win_shared_memory::sync::Event::create(&name, win_shared_memory::sync::Reset::Auto);
    let error = namespace::details(&name).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::OpenMapping(_)),
        "{error}"
    );
    assert!(!names(Scope::Session).contains(&name));
    let error = namespace::details("").unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::InvalidName { .. }),
        "{error}"
    );
}
