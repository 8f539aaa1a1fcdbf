//! The step that packages the published crates, and builds a user's program with the packages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::host::process;
use crate::steps::cargo::run;
use crate::steps::{Outcome, Tests};

/// What is published. Each comes after those that it depends on.
const CRATES: [&str; 6] = [
    "win-shared-memory-derive",
    "win-shared-memory-layouts",
    "win-shared-memory",
    "win-shared-memory-catalogue",
    "winshm-core",
    TOOL,
];

/// The only one that is a program.
const TOOL: &str = "winshm";

/// That of the whole workspace.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What each package holds besides its sources.
const BESIDES: [&str; 3] = ["LICENSE-APACHE", "LICENSE-MIT", "README.md"];

const LIMIT: Duration = Duration::from_secs(60);

pub(super) fn package(tests: &Tests<'_>) -> Result<Outcome> {
    let folder = tests.session.paths.host_target().join("package");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Failure::io("remove", &folder, &error))?;
    }
    let mut cargo = tests.host_cargo(&["package", "--no-verify", "--allow-dirty"]);
    cargo.args(CRATES.iter().flat_map(|name| ["--package", name]));
    run(cargo)?;

    let mut packages = Vec::new();
    for name in CRATES {
        let package = unpack(&folder, name)?;
        require(&package)?;
        // A literal string of TOML, which may hold a path of Windows.
        packages.push(format!(
            "--config=patch.crates-io.{name}.path='{}'",
            package.display()
        ));
    }
    let root = tests.session.paths.root();
    let program = root.join("tests").join("packaged");
    // With the same versions of the dependencies, most are built already.
    let lock = program.join("Cargo.lock");
    fs::copy(root.join("Cargo.lock"), &lock)
        .map_err(|error| Failure::io("write", &lock, &error))?;
    let mut cargo = tests.windows_cargo(&["run"]);
    cargo.args(&packages).current_dir(&program);
    run(cargo)?;
    // As `cargo install` builds it, linted because the other steps build it with more features. Most of its dependencies
    // are built already.
    let mut cargo = tests.host_cargo(&["build"]);
    cargo
        .env("CLIPPY_ARGS", "-Dwarnings")
        .args(&packages)
        .current_dir(folder.join(format!("{TOOL}-{VERSION}")));
    run(cargo)
}

/// Unpacks the package of `name`, and tells where.
fn unpack(folder: &Path, name: &str) -> Result<PathBuf> {
    let package = folder.join(format!("{name}-{VERSION}"));
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(format!("{name}-{VERSION}.crate"));
    tar.current_dir(folder);
    process::run("tar", LIMIT, tar)?;
    Ok(package)
}

fn require(package: &Path) -> Result<()> {
    let absent: Vec<_> = BESIDES
        .iter()
        .copied()
        .filter(|name| !package.join(name).is_file())
        .collect();
    if absent.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} lacks {}",
        package.display(),
        absent.join(", ")
    )))
}
