//! The steps that need no Wine.

use std::process::Command;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::host::packages;
use crate::host::paths::Paths;
use crate::host::process;
use crate::host::toolchain::{Toolchain, WINE_TARGET};
use crate::host::wine;
use crate::steps::cargo::{AARCH64, HERE, NOT_TOOL, THERE, linted, released, run, unlinted};
use crate::steps::{Outcome, Tests, programs};

/// The test of `tests/tidy` that compares the public items.
const API: [&str; 4] = ["--lib", "--", "--ignored", "api"];

pub(super) fn fmt(tests: &Tests<'_>) -> Result<Outcome> {
    let root = tests.session.paths.root();
    let others = [
        "peers",
        "peers/clients",
        "peers/dependents/ours",
        "peers/dependents/old",
        "tests/packaged",
        "zenoh",
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
    let mut cargo = tests.host_cargo(&["test", "--no-run", "--all-targets"]);
    cargo.args(HERE);
    linted(cargo)
}

pub(super) fn host(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.host_cargo(&["test"]);
    cargo.args(HERE);
    run(cargo)
}

pub(super) fn api(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.host_cargo(&["test"]);
    cargo.args(HERE).args(API);
    run(cargo)
}

/// `cargo xtask api`: writes the lists that the step `api` compares.
pub(crate) fn list_api(paths: &Paths) -> Result<()> {
    let mut cargo = Toolchain::choose().host_cargo(paths);
    cargo.args(["test", "--package", "tidy"]).args(API);
    cargo.env("WIN_SHARED_MEMORY_UPDATE_API", "1");
    run(cargo).map(|_| ())
}

/// What the tests of the step `host` do for a moment.
pub(super) fn fuzz(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.host_cargo(&["test", "--package", "win-shared-memory-layouts"]);
    cargo.args(["--package", "winshm-core", "--all-features"]);
    let mut cargo = released(cargo);
    cargo.env("WIN_SHARED_MEMORY_FUZZ_SECONDS", "60");
    cargo.args(["--test", "it", "--", "--ignored", "fuzz"]);
    run(cargo)
}

/// Recordings, read by programs that do not know us.
pub(super) fn python(tests: &Tests<'_>) -> Result<Outcome> {
    const LIMIT: Duration = Duration::from_secs(10 * 60);
    let folder = tests.session.paths.host_target().join("python");
    let programs = folder.join("bin");
    let make = || {
        let mut make = Command::new("python3");
        make.args(["-m", "venv"]).arg(&folder);
        process::run("python3 -m venv", LIMIT, make)
    };
    // One that could not be made to its end lacks it.
    let is_made = programs.join("pip").exists();
    if !is_made && make().is_err() {
        if let Err(reason) = packages::add(&["python3-venv"]) {
            return Ok(Outcome::Skipped(format!(
                "there is no Python, and {reason}"
            )));
        }
        make()?;
    }
    let python = programs.join("python3");
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
    let mut cargo = tests.host_cargo(&["test"]);
    cargo.args(HERE).args(["--test", "it"]);
    cargo.args(["--", "--ignored", "python::"]);
    cargo.env("WINSHM_PYTHON", python);
    run(cargo)
}

/// The page of `winshm share`. Its screenshots lie in `target/host/page` then.
pub(super) fn page(tests: &Tests<'_>) -> Result<Outcome> {
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let answers = |browser: &&str| {
        let mut command = Command::new(browser);
        command.arg("--version");
        process::answer(command).is_some()
    };
    let find = || browsers.into_iter().find(answers);
    let browser = match found_or_added("Chromium", &browsers[..1], find)? {
        Ok(browser) => browser,
        Err(outcome) => return Ok(outcome),
    };
    let folder = tests.session.paths.host_target().join("page");
    let mut cargo = tests.host_cargo(&["test"]);
    cargo.args(HERE).args(["--test", "it"]);
    cargo.args(["--", "--ignored", "browser::"]);
    cargo.env("WINSHM_BROWSER", browser);
    cargo.env("WINSHM_SCREENSHOTS", folder);
    run(cargo)
}

/// `/metrics` of `winshm share`, scraped by a real Prometheus.
pub(super) fn metrics(tests: &Tests<'_>) -> Result<Outcome> {
    let starts = |program: &str| {
        let mut command = Command::new(program);
        command.arg("--version");
        process::answer(command).is_some()
    };
    let find = || (starts("prometheus") && starts("promtool")).then_some("prometheus");
    if let Err(outcome) = found_or_added("Prometheus", &["prometheus"], find)? {
        return Ok(outcome);
    }
    let mut cargo = tests.host_cargo(&["test"]);
    cargo.args(HERE).args(["--test", "it"]);
    cargo.args(["--", "--ignored", "prometheus::"]);
    run(cargo)
}

/// `winshm share --mqtt`, with a real broker.
pub(super) fn mqtt(tests: &Tests<'_>) -> Result<Outcome> {
    // Debian has it in a folder that only root looks in.
    let brokers = ["mosquitto", "/usr/sbin/mosquitto"];
    let starts = |program: &str| Command::new(program).arg("-h").output().is_ok();
    let is_there = |it: &&str| starts(it) && starts("mosquitto_sub");
    let find = || brokers.into_iter().find(is_there);
    let broker = match found_or_added("Mosquitto", &["mosquitto", "mosquitto-clients"], find)? {
        Ok(broker) => broker,
        Err(outcome) => return Ok(outcome),
    };
    let mut cargo = tests.host_cargo(&["test"]);
    cargo.args(HERE).args(["--test", "it"]);
    cargo.args(["--", "--ignored", "mosquitto::"]);
    cargo.env("WINSHM_MOSQUITTO", broker);
    run(cargo)
}

/// `winshm-zenoh`, for this machine, where its tests run, and for Windows, where it mirrors. It has so many dependencies
/// that it is built only if the step is named. Network namespaces, which only root can make, stand for computers.
pub(super) fn zenoh(tests: &Tests<'_>) -> Result<Outcome> {
    if !tests.are_named {
        let reason = "it compiles more than 200 crates; `cargo xtask test zenoh` runs it";
        return Ok(Outcome::Skipped(reason.into()));
    }
    let has_computers = cfg!(target_os = "linux") && packages::is_root();
    if has_computers {
        let find = || {
            Command::new("ip")
                .arg("-V")
                .output()
                .is_ok()
                .then_some("ip")
        };
        if let Err(outcome) = found_or_added("iproute2", &["iproute2"], find)? {
            return Ok(outcome);
        }
    }
    let folder = tests.session.paths.root().join("zenoh");
    let here = |arguments: &[&str]| {
        let mut cargo = tests.host_cargo(arguments);
        cargo.current_dir(&folder);
        cargo.env("CARGO_TARGET_DIR", tests.session.paths.zenoh_target());
        cargo
    };
    linted(here(&["test", "--no-run", "--all-targets"]))?;
    let mut there = tests.windows_cargo(&["build"]);
    there.current_dir(&folder);
    let target = tests.session.paths.zenoh_target().join("windows");
    there.env("CARGO_TARGET_DIR", &target);
    linted(there)?;
    let mut cargo = here(&["test", "--lib", "--test", "it"]);
    if has_computers {
        wine::our_environment(&mut cargo, tests.session.paths);
        cargo.env("WINSHM_EXE", programs::winshm(tests)?);
        let program = target.join(WINE_TARGET).join("debug/winshm-zenoh.exe");
        cargo.env("WINSHM_ZENOH_EXE", program);
        cargo.args(["--", "--include-ignored"]);
    }
    run(cargo)
}

/// The program that `find` finds, if need be after these packages are installed; where they cannot be, how the step then
/// comes out.
fn found_or_added(
    name: &str,
    packages: &[&str],
    find: impl Fn() -> Option<&'static str>,
) -> Result<std::result::Result<&'static str, Outcome>> {
    if let Some(found) = find() {
        return Ok(Ok(found));
    }
    if let Err(reason) = packages::add(packages) {
        let reason = format!("there is no {name}, and {reason}");
        return Ok(Err(Outcome::Skipped(reason)));
    }
    let failed = || Failure::new(format!("{name} is installed and does not start"));
    find().map(Ok).ok_or_else(failed)
}

/// The protocols' cores, with every order of their steps that loom can think of.
pub(super) fn model(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = unlinted(tests.host_cargo(&["test", "--release", "--package", "model"]));
    cargo
        .env("RUSTFLAGS", "--cfg loom")
        .env("CARGO_TARGET_DIR", tests.session.paths.model_target());
    run(cargo)
}

/// Also builds the examples, as programs that other steps run.
pub(super) fn clippy(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.windows_cargo(&["test", "--no-run", "--all-features"]);
    cargo.args(THERE).args(NOT_TOOL);
    linted(cargo)
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
    let mut cargo = unlinted(tests.host_cargo(&["doc", "--no-deps", "--all-features"]));
    cargo.args(["--package", "winshm-core"]);
    cargo.env("RUSTDOCFLAGS", "-D warnings");
    run(cargo)
}

/// They decode the machine code of the processor that they run on.
pub(super) fn peers(tests: &Tests<'_>) -> Result<Outcome> {
    let folder = tests.session.paths.root().join("peers");
    if !folder.join("Cargo.toml").exists() {
        return Ok(Outcome::Skipped("there are no benchmarks".into()));
    }
    let mut cargo = tests.windows_cargo(&["clippy", "--workspace", "--all-targets"]);
    cargo.current_dir(folder).args(["--", "-D", "warnings"]);
    run(cargo)
}

pub(super) fn aarch64(tests: &Tests<'_>) -> Result<Outcome> {
    tests.library_for(AARCH64)
}

pub(super) fn arm64ec(tests: &Tests<'_>) -> Result<Outcome> {
    tests.library_for("arm64ec-pc-windows-msvc")
}

/// What has no C in it. Tests run there on GitHub.
pub(super) fn macos(tests: &Tests<'_>) -> Result<Outcome> {
    tests.check_for(
        "aarch64-apple-darwin",
        &[
            "win-shared-memory",
            "win-shared-memory-catalogue",
            "win-shared-memory-layouts",
        ],
    )
}
