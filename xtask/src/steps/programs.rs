//! The steps that run programs under Wine, or on Windows.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use crate::failure::Result;
use crate::host::sid::Sid;
use crate::host::small_disk::SmallDisk;
use crate::host::toolchain::Toolchain;
use crate::host::wine;
use crate::steps::cargo::{
    HERE, INTEGRATION_TESTS, LIMIT, NOT_TOOL, THERE, built, linted, released, run, run_within,
};
use crate::steps::foreign::{self, Foreign};
use crate::steps::{Outcome, Tests};

/// Is set to build and run the client of the crate simetry too.
const SIMETRY: &str = "WIN_SHARED_MEMORY_SIMETRY";

/// What starting and killing a program takes under Wine, with much to spare.
const A_KILL: Duration = Duration::from_millis(300);

/// Without Parquet, which makes no Windows calls and takes a minute to compile: the step `host` tests it.
const TOOL: &[&str] = &["--package", "winshm", "--features", "mqtt,import"];

pub(super) fn foreign(tests: &Tests<'_>) -> Result<Outcome> {
    match foreign_programs(tests)? {
        Foreign::Ready(_) => Ok(Outcome::Passed),
        Foreign::Unavailable(reason) => Ok(Outcome::Skipped(reason)),
    }
}

pub(super) fn windows(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.windows_cargo(&["test", "--tests", "--all-features"]);
    cargo.args(THERE).args(NOT_TOOL);
    cargo.args(["--", "--skip", "kill::"]);
    run(cargo)
}

pub(super) fn tool(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.windows_cargo(&["test", "--no-run", "--all-targets"]);
    cargo.args(TOOL);
    linted(cargo)?;
    let mut cargo = tests.windows_cargo(&["test"]);
    cargo.args(TOOL);
    if let Foreign::Ready(folder) = foreign_programs(tests)? {
        cargo.env("WIN_SHARED_MEMORY_PEERS", tests.as_windows_path(&folder));
        let clients = tests.as_windows_path(&clients(tests)?);
        cargo.env("WIN_SHARED_MEMORY_CLIENTS", clients);
        // What the steps `page`, `metrics` and `mqtt` start is not for Wine, and `disk` has a step of its own.
        cargo.args(["--", "--include-ignored"]);
        for other in ["browser::", "prometheus::", "mosquitto::", "full_disk::"] {
            cargo.args(["--skip", other]);
        }
        if env::var_os(SIMETRY).is_none() {
            cargo.args(["--skip", "clients::simetry::"]);
        }
    }
    run(cargo)
}

/// Here and under Wine, on the same disk.
pub(super) fn disk(tests: &Tests<'_>) -> Result<Outcome> {
    let disk = match SmallDisk::mount(tests.session.paths)? {
        Ok(disk) => disk,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let folder = disk.folder().display().to_string();
    let there = tests.as_windows_path(disk.folder());
    for (mut cargo, packages, folder) in [
        (tests.host_cargo(&["test"]), HERE, folder),
        (tests.windows_cargo(&["test"]), TOOL, there),
    ] {
        cargo.env("WINSHM_SMALL_DISK", folder);
        cargo.args(packages);
        cargo.args(["--test", "it", "--", "--ignored", "full_disk::"]);
        run(cargo)?;
    }
    Ok(Outcome::Passed)
}

/// Programs for Windows, in Wine prefixes that stand for computers; tests on this one connect them.
pub(super) fn computers(tests: &Tests<'_>) -> Result<Outcome> {
    let paths = tests.session.paths;
    let toolchain = tests.session.toolchain;
    if !cfg!(target_os = "linux") || toolchain == Toolchain::Native {
        let reason = "it takes two computers, and Wine prefixes stand for them on Linux";
        return Ok(Outcome::Skipped(reason.into()));
    }
    let mut cargo = tests.host_cargo(&["test"]);
    wine::our_environment(&mut cargo, paths);
    cargo.env("WINSHM_EXE", winshm(tests)?);
    cargo.env("WIN_SHARED_MEMORY_CLIENTS", clients(tests)?);
    cargo.args(HERE).args(["--test", "it"]);
    cargo.args(["--", "--ignored", "computers::"]);
    run(cargo)
}

pub(super) fn readme(tests: &Tests<'_>) -> Result<Outcome> {
    let examples = [
        "publisher",
        "reader",
        "stop",
        "tokio",
        "async_io",
        "trades",
        "trades_publisher",
        "log_sender",
        "log_collector",
        "dashboard",
        "dashboard_publisher",
    ];
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
    if Sid::is_made(tests.session.paths) {
        let reason = "there is a Debian sid, and `wine10` mixes builds in it";
        return Ok(Outcome::Skipped(reason.into()));
    }
    let debug = || tests.windows_cargo(&INTEGRATION_TESTS);
    let release = || released(debug());
    for (mut cargo, children) in [(debug(), release()), (release(), debug())] {
        let children = tests.as_windows_path(&built(children)?);
        cargo.env("WIN_SHARED_MEMORY_OTHER_PROFILE", children);
        // The steps `kills` and `windows` are those that have to hit every moment.
        cargo.env("WIN_SHARED_MEMORY_KILLS", "160");
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

/// Builds `winshm` for Windows as the step `tool` does, and tells where it is.
pub(super) fn winshm(tests: &Tests<'_>) -> Result<PathBuf> {
    let mut cargo = tests.windows_cargo(&["test", "--no-run", "--test", "it"]);
    cargo.args(TOOL);
    run(cargo)?;
    let programs = tests.session.toolchain.programs(tests.session.paths);
    Ok(programs.join("winshm.exe"))
}

/// Builds the published crates' programs, and tells where they are: where the tool is, since its standard library is
/// there already.
fn clients(tests: &Tests<'_>) -> Result<PathBuf> {
    let paths = tests.session.paths;
    let mut cargo = tests.windows_cargo(&["build", "--locked"]);
    cargo.current_dir(paths.root().join("peers").join("clients"));
    if env::var_os(SIMETRY).is_some() {
        cargo.args(["--features", "simetry"]);
    }
    linted(cargo)?;
    Ok(tests.session.toolchain.programs(paths))
}

fn foreign_programs(tests: &Tests<'_>) -> Result<Foreign> {
    foreign::build(tests.session.paths, tests.session.toolchain)
}
