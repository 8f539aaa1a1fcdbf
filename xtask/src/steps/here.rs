//! The steps that need no Wine.

use std::process::Command;
use std::time::Duration;

use crate::failure::Result;
use crate::host::paths::Paths;
use crate::host::process;
use crate::host::toolchain::Toolchain;
use crate::steps::cargo::{NOT_TOOL, RELEASE, THERE, run};
use crate::steps::{Outcome, Tests};

/// Everything that also runs elsewhere: on Linux the library is empty, and its examples and tests are programs
/// for Windows.
const HERE: [&str; 4] = [
    "--workspace",
    "--exclude",
    "win-shared-memory",
    "--all-features",
];

const API: [&str; 6] = ["test", "--package", "tidy", "--", "--ignored", "api"];

pub(super) fn fmt(tests: &Tests<'_>) -> Result<Outcome> {
    let root = tests.session.paths.root();
    let others = [
        "peers",
        "peers/dependents/ours",
        "peers/dependents/old",
        "tests/packaged",
    ];
    for folder in std::iter::once("").chain(others) {
        let manifest = root.join(folder).join("Cargo.toml");
        if manifest.exists() {
            let mut cargo = tests.host_cargo(&["fmt", "--all", "--check"]);
            cargo.arg("--manifest-path").arg(&manifest);
            run(cargo)?;
        }
    }
    Ok(Outcome::Passed)
}

pub(super) fn clippy_host(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.host_cargo(&["clippy", "--all-targets"]);
    cargo.args(HERE).args(["--", "-D", "warnings"]);
    run(cargo)
}

pub(super) fn host(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.host_cargo(&["test"]);
    cargo.args(HERE);
    run(cargo)
}

pub(super) fn api(tests: &Tests<'_>) -> Result<Outcome> {
    run(tests.host_cargo(&API))
}

/// `cargo xtask api`: writes the lists that the step `api` compares.
pub(crate) fn list_api(paths: &Paths) -> Result<()> {
    let mut cargo = Toolchain::choose().host_cargo(paths);
    cargo.args(API);
    cargo.env("WIN_SHARED_MEMORY_UPDATE_API", "1");
    run(cargo).map(|_| ())
}

/// What the tests of the step `host` do for a moment.
pub(super) fn fuzz(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.host_cargo(&["test", "--package", "win-shared-memory-layouts"]);
    cargo.args(["--package", "winshm-core", "--all-features"]);
    cargo.args(["--test", "it"]).args(RELEASE);
    cargo.env("WIN_SHARED_MEMORY_FUZZ_SECONDS", "60");
    cargo.args(["--", "--ignored", "fuzz"]);
    run(cargo)
}

/// Recordings, read by programs that do not know us.
pub(super) fn python(tests: &Tests<'_>) -> Result<Outcome> {
    const LIMIT: Duration = Duration::from_secs(10 * 60);
    let folder = tests.session.paths.host_target().join("python");
    let python = folder.join("bin").join("python3");
    if !python.exists() {
        let mut make = Command::new("python3");
        make.args(["-m", "venv"]).arg(&folder);
        if let Err(failure) = process::run("python3 -m venv", LIMIT, make) {
            return Ok(Outcome::Skipped(format!("there is no Python: {failure}")));
        }
    }
    let mut install = Command::new(&python);
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "mcap",
        "mcap-protobuf-support",
    ]);
    if let Err(failure) = process::run("pip install", LIMIT, install) {
        return Ok(Outcome::Skipped(format!(
            "PyPI is not to be had: {failure}"
        )));
    }
    let mut cargo = tests.host_cargo(&["test", "--package", "winshm-core", "--all-features"]);
    cargo.args(["--test", "it", "--", "--ignored", "python::"]);
    cargo.env("WINSHM_PYTHON", python);
    run(cargo)
}

/// The page of `winshm share`. Its screenshots lie in `target/host/page` then.
pub(super) fn page(tests: &Tests<'_>) -> Result<Outcome> {
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let is_there = |browser: &&str| Command::new(browser).arg("--version").output().is_ok();
    let Some(browser) = browsers.into_iter().find(is_there) else {
        return Ok(Outcome::Skipped("there is no Chromium".into()));
    };
    let folder = tests.session.paths.host_target().join("page");
    let mut cargo = tests.host_cargo(&["test", "--package", "winshm", "--all-features"]);
    cargo.args(["--test", "it", "--", "--ignored", "browser::"]);
    cargo.env("WINSHM_BROWSER", browser);
    cargo.env("WINSHM_SCREENSHOTS", folder);
    run(cargo)
}

/// The protocols' cores, with every order of their steps that loom can think of.
pub(super) fn model(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.host_cargo(&["test", "--release", "--package", "model"]);
    cargo
        .env("RUSTFLAGS", "--cfg loom")
        .env("CARGO_TARGET_DIR", tests.session.paths.model_target());
    run(cargo)
}

pub(super) fn clippy(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.check_cargo(&["clippy", "--all-targets", "--all-features"]);
    cargo.args(THERE).args(NOT_TOOL);
    cargo.args(["--", "-D", "warnings"]);
    run(cargo)
}

pub(super) fn bare(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.check_cargo(&["clippy", "--lib", "--no-default-features"]);
    cargo.args(["--", "-D", "warnings"]);
    run(cargo)
}

pub(super) fn docs(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.check_cargo(&["doc", "--no-deps", "--all-features"]);
    cargo.args(THERE).args(NOT_TOOL);
    cargo.env("RUSTDOCFLAGS", "-D warnings");
    run(cargo)?;
    let mut cargo = tests.host_cargo(&["doc", "--no-deps", "--all-features"]);
    cargo.args(["--package", "winshm-core"]);
    cargo.env("RUSTDOCFLAGS", "-D warnings");
    run(cargo)
}

/// In the library's target folder, which has a standard library already.
pub(super) fn peers(tests: &Tests<'_>) -> Result<Outcome> {
    let folder = tests.session.paths.root().join("peers");
    if !folder.join("Cargo.toml").exists() {
        return Ok(Outcome::Skipped("there are no benchmarks".into()));
    }
    let mut cargo = tests.check_cargo(&["clippy", "--workspace", "--all-targets"]);
    cargo.current_dir(folder).args(["--", "-D", "warnings"]);
    run(cargo)
}

pub(super) fn aarch64(tests: &Tests<'_>) -> Result<Outcome> {
    tests.library_for("aarch64-pc-windows-msvc")
}

pub(super) fn arm64ec(tests: &Tests<'_>) -> Result<Outcome> {
    tests.library_for("arm64ec-pc-windows-msvc")
}
