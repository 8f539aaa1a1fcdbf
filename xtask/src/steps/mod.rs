//! The steps of `cargo xtask test`, in order.

use crate::checks::Tests;
use crate::failure::Result;

/// How a step that did not fail came out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Skipped(String),
}

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Tests<'_>) -> Result<Outcome>,
}

const fn step(
    name: &'static str,
    about: &'static str,
    run: fn(&Tests<'_>) -> Result<Outcome>,
) -> Step {
    Step { name, about, run }
}

/// The cheap ones first; each name can be given to `cargo xtask test`.
pub(crate) const STEPS: &[Step] = &[
    step("fmt", "formatting", |it| it.fmt()),
    step("clippy-host", "lints of what runs here", |it| {
        it.clippy_host()
    }),
    step("host", "tests of what runs here", |it| it.host()),
    step("model", "the protocols under loom", |it| it.model()),
    step("clippy", "lints of what runs on Windows", |it| it.clippy()),
    step("peers", "lints of the benchmarks", |it| it.peers()),
    step("foreign", "compile the C and C++ peers", |it| it.foreign()),
    step("windows", "unit and integration tests, examples", |it| {
        it.windows()
    }),
    step("kills", "programs killed at random instants", |it| {
        it.kills()
    }),
    step("steps", "programs that die at each step in turn", |it| {
        it.steps()
    }),
    step("profiles", "a Debug and a Release build together", |it| {
        it.profiles()
    }),
    step(
        "readme",
        "the README's two programs, as a user runs them",
        |it| it.readme(),
    ),
    step("interop", "tests with the C and C++ peers", |it| {
        it.interop()
    }),
    step("real", "tests that only real Windows passes", |it| {
        it.real()
    }),
    step("doc-tests", "programs in the documentation", |it| {
        it.doc_tests()
    }),
    step("bare", "lints without default features", |it| it.bare()),
    step("docs", "documentation without warnings", |it| it.docs()),
    step("i686", "the library for i686-pc-windows-gnu", |it| {
        it.i686()
    }),
    step("wine10", "32-bit programs, and a second Wine", |it| {
        it.wine10()
    }),
    step("aarch64", "the library for aarch64-pc-windows-msvc", |it| {
        it.aarch64()
    }),
    step("arm64ec", "the library for arm64ec-pc-windows-msvc", |it| {
        it.arm64ec()
    }),
    step("msvc", "a check for x86_64-pc-windows-msvc", |it| it.msvc()),
];
