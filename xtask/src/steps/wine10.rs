//! The steps that run 32-bit programs, and both kinds under a second Wine, in Debug and Release builds.
//!
//! Where no Debian sid can be made, they are skipped with the reason. With `CI` set, `wine10` fails instead: nobody
//! reads there what is skipped. By then it has tried twice, since `sid` has tried before it.

use std::env;
use std::ffi::OsStr;
use std::path::Path;

use crate::failure::{Failure, Result};
use crate::host::i686;
use crate::host::interrupt;
use crate::host::log::say;
use crate::host::sid::Sid;
use crate::host::toolchain::Toolchain;
use crate::host::wine;
use crate::steps::cargo::{INTEGRATION_TESTS, LIMIT, built, released, run_tests};
use crate::steps::{Outcome, Tests};

/// The step `kills` is the one that has to hit every moment.
const KILLS: &str = "80";

/// All histories are gone through where the step `windows` runs.
const SEEDS: &str = "50";

/// Here most of the time goes into downloads.
pub(super) fn sid(tests: &Tests<'_>) -> Result<Outcome> {
    if tests.session.toolchain == Toolchain::Native {
        return Ok(Outcome::Skipped("this is Windows".into()));
    }
    Ok(match Sid::set_up(tests.session.paths)? {
        Ok(_) => Outcome::Passed,
        Err(reason) => Outcome::Skipped(reason),
    })
}

/// Building the tests compares the constants in them; the step `wine10` runs them.
pub(super) fn i686(tests: &Tests<'_>) -> Result<Outcome> {
    if let Err(reason) = tests.session.toolchain.require_target(i686::TARGET) {
        return Ok(Outcome::Skipped(reason));
    }
    built(tests.i686_cargo(&INTEGRATION_TESTS)?).map(|_| Outcome::Passed)
}

/// All integration tests as 64-bit and as 32-bit programs, first alone, then with children of the other kind and of the
/// other profile.
pub(super) fn wine10(tests: &Tests<'_>) -> Result<Outcome> {
    if tests.session.toolchain == Toolchain::Native {
        return Ok(Outcome::Skipped("this is Windows".into()));
    }
    if let Err(reason) = tests.session.toolchain.require_target(i686::TARGET) {
        return Ok(Outcome::Skipped(reason));
    }
    let sid = match Sid::set_up(tests.session.paths)? {
        Ok(sid) => sid,
        Err(reason) => return without_sid(reason, env::var_os("CI").as_deref()),
    };
    let wide = || tests.windows_cargo(&INTEGRATION_TESTS);
    let narrow = built(tests.i686_cargo(&INTEGRATION_TESTS)?)?;
    let narrow = sid.add(&narrow, "tests-i686.exe")?;
    let release = sid.add(&built(released(wide()))?, "tests-x86_64-release.exe")?;
    let wide = sid.add(&built(wide())?, "tests-x86_64.exe")?;
    let mut failed = Vec::new();
    for (about, parents, children) in [
        ("x86_64", &wide, None),
        ("i686", &narrow, None),
        ("x86_64 Release, i686 children", &release, Some(&narrow)),
        ("i686, x86_64 Release children", &narrow, Some(&release)),
    ] {
        say(&format!("Wine 10, {about}:"));
        let mut command = sid.command(&["wine", parents]);
        command.env("WIN_SHARED_MEMORY_KILLS", KILLS);
        command.env("WIN_SHARED_MEMORY_SEEDS", SEEDS);
        if let Some(children) = children {
            let children = wine::windows_path(Path::new(children));
            command.env("WIN_SHARED_MEMORY_OTHER_PROFILE", children);
        }
        let label = format!("tests under Wine 10, {about}");
        if let Err(failure) = run_tests(&label, LIMIT, command) {
            if interrupt::requested() {
                return Err(failure);
            }
            say(&failure.to_string());
            failed.push(about);
        }
    }
    if failed.is_empty() {
        return Ok(Outcome::Passed);
    }
    Err(Failure::new(format!("failed: {}", failed.join("; "))))
}

/// `ci` is what nearly every service that runs such a suite sets `CI` to: `true`.
fn without_sid(reason: String, ci: Option<&OsStr>) -> Result<Outcome> {
    if ci.is_some_and(|it| !it.is_empty() && it != "false") {
        let why = "with `CI` set, that is not skipped";
        return Err(Failure::new(format!("{reason} ({why})")));
    }
    Ok(Outcome::Skipped(reason))
}

#[cfg(test)]
mod tests {
    use super::{Outcome, without_sid};
    use std::ffi::OsStr;

    #[test]
    fn a_missing_sid_is_skipped_here_and_fails_in_ci() {
        let outcome = |ci: Option<&str>| without_sid("no network".into(), ci.map(OsStr::new)).ok();
        let skipped = Some(Outcome::Skipped("no network".into()));
        assert_eq!(outcome(None), skipped);
        assert_eq!(outcome(Some("")), skipped);
        assert_eq!(outcome(Some("false")), skipped);
        assert_eq!(outcome(Some("true")), None);
    }
}
