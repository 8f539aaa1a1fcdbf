//! The README.

use std::fs;

use crate::sources::root;

/// The blocks of Rust, in order.
fn programs(readme: &str) -> Vec<&str> {
    readme
        .split("```rust")
        .skip(1)
        .filter_map(|rest| rest.split_once('\n')?.1.split("```").next())
        .collect()
}

#[test]
fn its_two_programs_are_the_examples_that_the_tests_run() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let programs = programs(&readme);
    for (at, name) in ["publisher", "reader"].into_iter().enumerate() {
        let path = format!("examples/{name}.rs");
        let example = fs::read_to_string(root().join(&path)).unwrap();
        assert_eq!(programs[at], example, "block {at} of README.md and {path}");
    }
}

/// As the catalogue's README and the demo say.
#[test]
fn the_dashboard_has_under_40_lines() {
    let path = root().join("catalogue/examples/dashboard.rs");
    let dashboard = fs::read_to_string(path).unwrap();
    assert!(dashboard.lines().count() < 40);
}

/// The targets of the links, in order.
fn links(readme: &str) -> Vec<&str> {
    readme
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect()
}

/// What the project's own addresses begin with, before a path in it.
const OURS: [&str; 3] = [
    "https://github.com/dSyncro/win-shared-memory/blob/main/",
    "https://github.com/dSyncro/win-shared-memory/tree/main/",
    "https://raw.githubusercontent.com/dSyncro/win-shared-memory/main/",
];

/// The README as GitHub, crates.io and docs.rs show it. Rustdoc's own links work in rustdoc alone, and docs.rs takes a path
/// for one on its own site.
#[test]
fn its_links_work_wherever_it_is_shown() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for link in links(&readme) {
        assert!(link.starts_with("https://"), "README.md links to `{link}`");
        if let Some(path) = OURS.iter().find_map(|it| link.strip_prefix(it)) {
            assert!(root().join(path).exists(), "README.md links to `{link}`");
        }
    }
    // `[`X`]` without a target is a link to rustdoc alone.
    let undefined = readme.match_indices("`]").find(|(at, _)| {
        let rest = &readme[at + 2..];
        !rest.starts_with('(')
    });
    assert_eq!(undefined, None, "README.md has a link without a target");
}

#[test]
fn it_is_at_most_120_lines() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let lines = readme.lines().count();
    assert!(lines <= 120, "README.md has {lines} lines");
}
