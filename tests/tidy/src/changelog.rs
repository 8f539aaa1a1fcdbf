//! Versions.

use std::fs;

use crate::sources::root;

#[test]
fn the_changelog_has_the_version_and_its_date() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("version = \""))
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap();
    let changelog = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let heading = format!("## [{version}] - ");
    let date = changelog
        .lines()
        .find_map(|line| line.strip_prefix(&heading))
        .unwrap_or_else(|| panic!("CHANGELOG.md has no `{heading}` with a date"));
    let fits = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    assert!(
        date.len() == 10 && date.bytes().enumerate().all(fits),
        "`{date}` is not a date such as 2026-11-26"
    );
}
