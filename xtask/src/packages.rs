//! Debian's packages: which are needed, which are missing, getting them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::process::{self, Watch, say};
use crate::toolchain::Toolchain;

/// How much of the tooling a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Building and running Windows programs.
    Run,
    /// That, and everything the tests do.
    Everything,
}

const RUST: &[&str] = &["rustc-web", "cargo-web", "rust-web-src"];
const RUST_CHECKS: &[&str] = &["rust-web-clippy", "rustfmt-web"];
const RUN: &[&str] = &["gcc-mingw-w64-x86-64", "wine", "wine64"];
/// For the foreign programs, and the import libraries of a 32-bit build.
const TESTS: &[&str] = &[
    "g++-mingw-w64-x86-64",
    "libboost-dev",
    "binutils-mingw-w64-i686",
];

/// Programs that stand for the packages where there is no `dpkg` to ask.
const PROGRAMS: &[&str] = &["wine", "wineserver", "x86_64-w64-mingw32-gcc"];

const LIMIT: Duration = Duration::from_secs(20 * 60);

/// The packages `needs` comes down to with `toolchain`.
pub(crate) fn wanted(toolchain: Toolchain, needs: Needs) -> Vec<&'static str> {
    let debian = toolchain == Toolchain::Debian;
    let everything = needs == Needs::Everything;
    let groups = [
        (debian, RUST),
        (debian && everything, RUST_CHECKS),
        (true, RUN),
        (everything, TESTS),
    ];
    groups
        .iter()
        .filter(|(wanted, _)| *wanted)
        .flat_map(|(_, names)| *names)
        .copied()
        .collect()
}

/// Those of the wanted packages that are not installed.
pub(crate) fn missing(toolchain: Toolchain, needs: Needs) -> Result<Vec<&'static str>> {
    if toolchain == Toolchain::Native {
        return Ok(Vec::new());
    }
    let wanted = wanted(toolchain, needs);
    let query = Command::new("dpkg-query")
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\\n"])
        .args(&wanted)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    match query {
        Ok(output) => Ok(not_installed(
            &wanted,
            &String::from_utf8_lossy(&output.stdout),
        )),
        Err(_) => without_dpkg(toolchain).map(|()| Vec::new()),
    }
}

/// `wanted` without what `listing` (lines of package and state) calls installed.
fn not_installed(wanted: &[&'static str], listing: &str) -> Vec<&'static str> {
    let installed = |name: &str| {
        listing
            .lines()
            .any(|line| line.split_once(' ') == Some((name, "installed")))
    };
    wanted
        .iter()
        .copied()
        .filter(|name| !installed(name))
        .collect()
}

fn without_dpkg(toolchain: Toolchain) -> Result<()> {
    if toolchain == Toolchain::Debian {
        return Err(Failure::new(
            "no Rust here can build for Windows, and this is not a Debian whose packages could.\n\
             With rustup: `rustup target add x86_64-pc-windows-gnu`, then try again.",
        ));
    }
    let absent: Vec<_> = PROGRAMS
        .iter()
        .copied()
        .filter(|name| !is_in_path(name))
        .collect();
    if absent.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "not found in PATH: {}.\n\
         Install Wine (64-bit) and mingw-w64 for x86_64 with this system's package manager, \
         then try again.",
        absent.join(", ")
    )))
}

fn is_in_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

/// Installs `packages`, or says what somebody with the right to do so has to run.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    if !is_root() {
        return Err(Failure::new(format!(
            "packages are missing, and only root can install them. Run this, then try again:\n\
             sudo sh -c 'apt-get update && {}'",
            install_line(packages)
        )));
    }
    say(&format!("Installing {} …", packages.join(", ")));
    if !unknown(packages)?.is_empty() {
        apt(&["update"])?;
    }
    let unknown = unknown(packages)?;
    if !unknown.is_empty() {
        return Err(Failure::new(format!(
            "apt knows no package {}.\n\
             Debian 12 has them all in `bookworm main` with `bookworm-security main`: are both \
             in this machine's apt sources?\n\
             Elsewhere, a rustup with `rustup target add x86_64-pc-windows-gnu` replaces the \
             Rust packages.",
            unknown.join(", ")
        )));
    }
    let install = [&["install", "-y", "--no-install-recommends"], packages].concat();
    // The lists may be older than what the mirror still holds.
    apt(&install).or_else(|_| apt(&["update"]).and_then(|()| apt(&install)))
}

fn install_line(packages: &[&str]) -> String {
    format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    )
}

fn apt(arguments: &[&str]) -> Result<()> {
    let mut apt = Command::new("apt-get");
    apt.args([
        "-q",
        "-o",
        "DPkg::Lock::Timeout=300",
        "-o",
        "Dpkg::Use-Pty=0",
    ])
    .args(arguments);
    apt.env("DEBIAN_FRONTEND", "noninteractive")
        .env_remove("LD_LIBRARY_PATH");
    let watch = Watch {
        label: "apt-get",
        limit: LIMIT,
    };
    process::stream(apt, &watch)?.success(&format!("apt-get {}", arguments.join(" ")))
}

/// Those of `packages` apt's lists have no version of.
fn unknown<'a>(packages: &[&'a str]) -> Result<Vec<&'a str>> {
    let output = Command::new("apt-cache")
        .arg("policy")
        .args(packages)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| {
            Failure::new(format!(
                "packages are missing ({}), and apt-cache cannot be run: {error}",
                packages.join(" ")
            ))
        })?;
    let policy = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(packages
        .iter()
        .copied()
        .filter(|name| !has_candidate(&policy, name))
        .collect())
}

/// Whether `apt-cache policy`'s answer has an installable version of `package`.
fn has_candidate(policy: &str, package: &str) -> bool {
    let header = format!("{package}:");
    policy
        .lines()
        .skip_while(|line| *line != header)
        .skip(1)
        .take_while(|line| line.starts_with(' '))
        .any(|line| {
            line.trim()
                .strip_prefix("Candidate: ")
                .is_some_and(|version| version != "(none)")
        })
}

#[cfg(unix)]
fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// The folder of Boost's headers, where Debian puts it.
pub(crate) fn boost_headers() -> &'static Path {
    Path::new("/usr/include/boost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_needs_fewer_packages() {
        let demo = wanted(Toolchain::Debian, Needs::Run);
        let test = wanted(Toolchain::Debian, Needs::Everything);
        assert!(demo.len() < test.len());
        assert!(demo.iter().all(|name| test.contains(name)));
        assert!(!demo.contains(&"libboost-dev"));
    }

    #[test]
    fn a_rust_with_a_windows_std_needs_no_other() {
        let wanted = wanted(Toolchain::Installed, Needs::Everything);
        assert!(
            wanted
                .iter()
                .all(|name| !name.contains("rust") && !name.contains("cargo"))
        );
    }

    #[test]
    fn a_removed_package_is_missing() {
        let listing = "wine installed\nwine64 config-files\n";
        assert_eq!(
            not_installed(&["wine", "wine64", "boost"], listing),
            ["wine64", "boost"]
        );
    }

    #[test]
    fn a_package_without_candidate_is_unknown() {
        let policy = "wine:\n  Installed: (none)\n  Candidate: 8.0\n  Version table:\n\
                      gone:\n  Installed: (none)\n  Candidate: (none)\n";
        assert!(has_candidate(policy, "wine"));
        assert!(!has_candidate(policy, "gone"));
        assert!(!has_candidate(policy, "never-heard-of"));
    }
}
