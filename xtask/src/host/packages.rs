//! Debian's packages: which are needed, which are missing, getting them.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::host::log::say;
use crate::host::process;
use crate::host::toolchain::Toolchain;
use crate::host::version::{OLDEST_RUST, Version};

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
/// For the foreign programs, and for 32-bit programs and the Wine that runs them.
const TESTS: &[&str] = &[
    "g++-mingw-w64-x86-64",
    "libboost-dev",
    "gcc-mingw-w64-i686",
    "debootstrap",
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

/// Those of the wanted packages that are not installed, or too old.
pub(crate) fn missing(toolchain: Toolchain, needs: Needs) -> Result<Vec<&'static str>> {
    if toolchain == Toolchain::Native {
        return Ok(Vec::new());
    }
    let wanted = wanted(toolchain, needs);
    let mut version = Command::new("dpkg-query");
    version.arg("--version");
    if process::answer(version).is_none() {
        return without_dpkg(toolchain).map(|()| Vec::new());
    }
    // All that are installed: asked for one that it does not know, it fails.
    let mut query = Command::new("dpkg-query");
    query.args([
        "--show",
        "--showformat=${Package} ${db:Status-Status} ${Version}\\n",
    ]);
    let listing = process::answer(query).unwrap_or_default();
    Ok(insufficient(&wanted, &listing))
}

/// Those of `wanted` that `listing` (lines of package, state and version) does not have installed in a
/// version that will do.
fn insufficient(wanted: &[&'static str], listing: &str) -> Vec<&'static str> {
    let has = |name: &str| {
        listing.lines().any(|line| {
            let mut words = line.split(' ');
            words.next() == Some(name)
                && words.next() == Some("installed")
                && words.next().is_some_and(|version| will_do(name, version))
        })
    };
    wanted.iter().copied().filter(|name| !has(name)).collect()
}

/// Whether this version of a package is new enough. Only Rust's matters: the others have worked in every
/// version seen.
fn will_do(package: &str, version: &str) -> bool {
    let is_rust = RUST.contains(&package) || RUST_CHECKS.contains(&package);
    !is_rust || Version::parse(version).is_some_and(|it| it >= OLDEST_RUST)
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

/// Installs what one step alone needs, where root can; the error says why it is not there.
pub(crate) fn add(packages: &[&str]) -> std::result::Result<(), String> {
    if !is_in_path("apt-get") {
        let names = packages.join(" and ");
        return Err(format!("no apt-get that could install {names}"));
    }
    if !is_root() {
        let line = install_line(packages);
        return Err(format!("only root can install it: `{line}`"));
    }
    install(packages).map_err(|failure| failure.to_string())
}

/// Installs `packages`, or newer versions of them, or says what root has to run.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    if !is_root() {
        return Err(Failure::new(format!(
            "packages are missing or too old, and only root can install them. Run this, then try again:\n\
             sudo sh -c 'apt-get update && {}'",
            install_line(packages)
        )));
    }
    say(&format!("Installing {} …", packages.join(", ")));
    // Lists that are some months old may know an older version, or none.
    if !lacking(packages, &policy(packages)?).is_empty() {
        apt(&["update"])?;
    }
    let lacking = lacking(packages, &policy(packages)?);
    if !lacking.is_empty() {
        return Err(Failure::new(explain(&lacking)));
    }
    let install = [&["install", "-y", "--no-install-recommends"], packages].concat();
    // The lists may be older than what the mirror still holds.
    apt(&install).or_else(|_| apt(&["update"]).and_then(|()| apt(&install)))
}

/// What apt cannot give, what it has instead, and where else it comes from.
fn explain(lacking: &[Lacking<'_>]) -> String {
    let found: Vec<_> = lacking
        .iter()
        .map(|it| match &it.candidate {
            Some(version) => format!("{} only in version {version}", it.package),
            None => format!("no package {}", it.package),
        })
        .collect();
    format!(
        "Rust {OLDEST_RUST} or newer and Debian's Wine and mingw are needed, and apt has {}, also after \
         `apt-get update`.\n\
         Debian 12 has them all in `bookworm main` with `bookworm-security main`: are both in this \
         machine's apt sources?\n\
         Elsewhere, a rustup with `rustup target add x86_64-pc-windows-gnu` replaces the Rust packages.",
        found.join(", ")
    )
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
    process::run(&format!("apt-get {}", arguments[0]), LIMIT, apt)
}

/// What `apt-cache policy` says of `packages`.
fn policy(packages: &[&str]) -> Result<String> {
    let mut policy = Command::new("apt-cache");
    policy.arg("policy").args(packages).env("LC_ALL", "C");
    process::answer(policy).ok_or_else(|| {
        let names = packages.join(" ");
        Failure::new(format!(
            "packages are missing ({names}), and `apt-cache policy` does not tell of them"
        ))
    })
}

/// A package that apt's lists do not have in a version that will do.
#[derive(Debug, PartialEq, Eq)]
struct Lacking<'a> {
    package: &'a str,
    /// The version that they have.
    candidate: Option<String>,
}

/// Those of `packages` that apt's lists, as `policy` tells of them, cannot give in a version that will do.
fn lacking<'a>(packages: &[&'a str], policy: &str) -> Vec<Lacking<'a>> {
    let lacking = |package: &&'a str| {
        let candidate = candidate(policy, package);
        let fits = candidate.is_some_and(|version| will_do(package, version));
        (!fits).then(|| Lacking {
            package,
            candidate: candidate.map(str::to_owned),
        })
    };
    packages.iter().filter_map(lacking).collect()
}

/// The version of `package` that `apt-cache policy`'s answer says can be installed.
fn candidate<'a>(policy: &'a str, package: &str) -> Option<&'a str> {
    let header = format!("{package}:");
    policy
        .lines()
        .skip_while(|line| *line != header)
        .skip(1)
        .take_while(|line| line.starts_with(' '))
        .find_map(|line| line.trim().strip_prefix("Candidate: "))
        .filter(|version| *version != "(none)")
}

#[cfg(unix)]
pub(crate) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[cfg(not(unix))]
pub(crate) fn is_root() -> bool {
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
        let listing = "wine installed 8.0~repack-4\nwine64 config-files 8.0~repack-4\n";
        assert_eq!(
            insufficient(&["wine", "wine64", "boost"], listing),
            ["wine64", "boost"]
        );
    }

    #[test]
    fn an_old_rust_is_missing_and_an_old_wine_is_not() {
        let listing = "cargo-web installed 1.85.0+dfsg3-1~deb12u3\n\
                       rustc-web installed 1.96.0+dfsg1-1~deb12u2\n\
                       wine installed 0.1\n";
        let wanted = ["cargo-web", "rustc-web", "rustfmt-web", "wine"];
        assert_eq!(insufficient(&wanted, listing), ["cargo-web", "rustfmt-web"]);
    }

    const STALE: &str = "cargo-web:\n  Installed: (none)\n  Candidate: 1.85.0+dfsg3-1~deb12u3\n  \
                         Version table:\n     1.85.0+dfsg3-1~deb12u3 500\n\
                         wine:\n  Installed: (none)\n  Candidate: 8.0~repack-4\n\
                         gone:\n  Installed: (none)\n  Candidate: (none)\n";

    #[test]
    fn lists_with_an_old_rust_or_without_a_package_have_to_be_refreshed() {
        let refreshed = STALE.replace("1.85.0+dfsg3-1~deb12u3", "1.96.0+dfsg1-1~deb12u2");
        let names = |packages: &[&'static str], policy: &str| {
            lacking(packages, policy)
                .into_iter()
                .map(|it| it.package)
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&["cargo-web", "wine"], STALE), ["cargo-web"]);
        assert!(names(&["cargo-web", "wine"], &refreshed).is_empty());
        assert_eq!(
            names(&["gone", "wine", "never-heard-of"], &refreshed),
            ["gone", "never-heard-of"]
        );
    }

    #[test]
    fn what_apt_lacks_is_told_with_what_it_has() {
        let told = explain(&lacking(&["cargo-web", "gone", "wine"], STALE));
        assert!(told.contains("Rust 1.89 or newer"), "{told}");
        assert!(told.contains("cargo-web only in version 1.85.0"), "{told}");
        assert!(told.contains("no package gone"), "{told}");
        assert!(told.contains("bookworm-security"), "{told}");
        assert!(!told.contains("package wine"), "{told}");
    }
}
