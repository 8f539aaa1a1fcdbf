//! The steps that run programs under Wine, or on Windows.

use std::path::PathBuf;
use std::time::Duration;

use crate::failure::Result;
use crate::host::toolchain::Toolchain;
use crate::steps::cargo::{
    DEBUG, INTEGRATION_TESTS, LIMIT, NOT_TOOL, RELEASE, THERE, built, run, run_within,
};
use crate::steps::foreign::{self, Foreign};
use crate::steps::{Outcome, Tests};

/// What starting and killing a program takes under Wine, with much to spare.
const A_KILL: Duration = Duration::from_millis(300);

pub(super) fn foreign(tests: &Tests<'_>) -> Result<Outcome> {
    match foreign_programs(tests)? {
        Foreign::Ready(_) => Ok(Outcome::Passed),
        Foreign::Unavailable(reason) => Ok(Outcome::Skipped(reason)),
    }
}

pub(super) fn windows(tests: &Tests<'_>) -> Result<Outcome> {
    let kinds = ["test", "--lib", "--bins", "--tests", "--examples"];
    let mut cargo = tests.windows_cargo(&kinds);
    cargo.arg("--all-features").args(THERE).args(NOT_TOOL);
    cargo.args(["--", "--skip", "kill::"]);
    run(cargo)
}

pub(super) fn tool(tests: &Tests<'_>) -> Result<Outcome> {
    const TOOL: [&str; 3] = ["--package", "winshm", "--all-features"];
    let mut cargo = tests.windows_cargo(&["clippy", "--all-targets"]);
    cargo.args(TOOL).args(["--", "-D", "warnings"]);
    run(cargo)?;
    let mut cargo = tests.windows_cargo(&["test"]);
    cargo.args(TOOL);
    if let Foreign::Ready(folder) = foreign_programs(tests)? {
        cargo.env("WIN_SHARED_MEMORY_PEERS", tests.as_windows_path(&folder));
        // The browser of the step `page` is not one for Wine.
        cargo.args(["--", "--include-ignored", "--skip", "browser::"]);
    }
    run(cargo)
}

pub(super) fn readme(tests: &Tests<'_>) -> Result<Outcome> {
    let examples = ["publisher", "reader", "stop", "tokio", "async_io"];
    let mut cargo = tests.windows_cargo(&["build"]);
    cargo.args(examples.iter().flat_map(|it| ["--example", it]));
    cargo.arg("--all-features");
    run(cargo)?;
    let mut cargo = tests.windows_cargo(&INTEGRATION_TESTS);
    cargo.args(["--", "--ignored", "readme::"]);
    run(cargo)
}

/// These are ignored unless asked for.
pub(super) fn interop(tests: &Tests<'_>) -> Result<Outcome> {
    let folder = match foreign_programs(tests)? {
        Foreign::Ready(folder) => folder,
        Foreign::Unavailable(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let mut cargo = tests.windows_cargo(&INTEGRATION_TESTS);
    cargo.env("WIN_SHARED_MEMORY_PEERS", tests.as_windows_path(&folder));
    cargo.args(["--", "--ignored", "interop::"]);
    run(cargo)
}

/// What is ignored otherwise because Wine differs from Windows.
pub(super) fn real(tests: &Tests<'_>) -> Result<Outcome> {
    if tests.session.toolchain != Toolchain::Native {
        return Ok(Outcome::Skipped("Wine is not Windows".into()));
    }
    let mut cargo = tests.windows_cargo(&INTEGRATION_TESTS);
    cargo.args(["--", "--ignored"]);
    cargo.args(["--skip", "interop::", "--skip", "readme::"]);
    run(cargo)
}

pub(super) fn doc_tests(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.windows_cargo(&["test", "--doc", "--all-features"]);
    cargo.args(THERE).args(NOT_TOOL);
    run(cargo)
}

/// In a build in which the library has a hook between its steps.
pub(super) fn steps(tests: &Tests<'_>) -> Result<Outcome> {
    const CFG: &str = "win_shared_memory_steps";
    let mut cargo = tests.windows_cargo(&["test", "--test", "it"]);
    if tests.session.toolchain == Toolchain::Debian {
        // For our package alone, so that the standard library need not be built another time.
        let ours = "profile.dev.package.win-shared-memory.rustflags";
        cargo.args(["-Zprofile-rustflags", "--config"]);
        cargo.arg(format!(r#"{ours}=["--cfg","{CFG}"]"#));
    } else {
        cargo
            .env("RUSTFLAGS", format!("--cfg {CFG}"))
            .env("CARGO_TARGET_DIR", tests.session.paths.steps_target());
    }
    cargo.args(["--", "steps::"]);
    run(cargo)
}

/// All integration tests in a Debug build with children of a Release build, and the other way round.
pub(super) fn profiles(tests: &Tests<'_>) -> Result<Outcome> {
    for (parents, children) in [(DEBUG, RELEASE), (RELEASE, DEBUG)] {
        let children = tests.as_windows_path(&integration_tests(tests, children)?);
        let mut cargo = tests.windows_cargo(&INTEGRATION_TESTS);
        cargo.args(parents);
        cargo.env("WIN_SHARED_MEMORY_OTHER_PROFILE", children);
        // The steps `kills` and `windows` are those that have to hit every moment.
        cargo.env("WIN_SHARED_MEMORY_KILLS", "100");
        cargo.env("WIN_SHARED_MEMORY_SEEDS", "50");
        run(cargo)?;
    }
    Ok(Outcome::Passed)
}

pub(super) fn kills(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.windows_cargo(&INTEGRATION_TESTS);
    cargo.env("WIN_SHARED_MEMORY_KILLS", tests.kills.to_string());
    cargo.args(["--", "--nocapture", "kill::"]);
    run_within(LIMIT + tests.kills * A_KILL, cargo)
}

/// Builds the integration tests, and tells where they are.
pub(super) fn integration_tests(tests: &Tests<'_>, profile: &[&str]) -> Result<PathBuf> {
    let mut cargo = tests.windows_cargo(&INTEGRATION_TESTS);
    cargo.args(profile);
    built(cargo)
}

fn foreign_programs(tests: &Tests<'_>) -> Result<Foreign> {
    foreign::build(tests.session.paths, tests.session.toolchain)
}
