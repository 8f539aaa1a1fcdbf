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
    let dashboard = fs::read_to_string(root().join("examples/dashboard.rs")).unwrap();
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

/// The README as GitHub, crates.io and docs.rs show it: rustdoc's own links work there only.
#[test]
fn its_links_work_outside_rustdoc() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for link in links(&readme) {
        let is_address = link.starts_with("https://");
        let is_here = !link.contains("::") && root().join(link).exists();
        assert!(is_address || is_here, "README.md links to `{link}`");
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
