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
