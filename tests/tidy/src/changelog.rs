//! Versions.

use std::fs;

use crate::sources::root;

#[test]
fn the_changelog_has_the_version_or_what_comes_next() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("version = \""))
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap();
    let changelog = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let headings = [format!("## [{version}]"), "## [Unreleased]".to_owned()];
    let found = headings.iter().any(|heading| changelog.contains(heading));
    assert!(found, "CHANGELOG.md has none of {headings:?}");
}
