//! The cargo commands of the steps.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::host::i686;
use crate::host::log::say;
use crate::host::process;
use crate::host::toolchain::Toolchain;
use crate::host::wine;
use crate::steps::{Outcome, Tests};

/// A command that takes longer than this hangs, on a machine too that is ten times as busy as it should be. Tests
/// that hang are ended by themselves, and sooner.
pub(super) const LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

/// Everything that also runs elsewhere: on Linux the library is empty, and its examples and tests are programs
/// for Windows. Steps that run a few of its tests choose them by name: to choose a package would build what it
/// depends on once more, with the features that this package alone asks for.
pub(super) const HERE: &[&str] = &[
    "--workspace",
    "--exclude",
    "win-shared-memory",
    "--all-features",
];

/// Everything that runs on Windows. The others read sources or explore models, which is the same on every system:
/// they run here.
pub(super) const THERE: [&str; 7] = [
    "--workspace",
    "--exclude",
    "xtask",
    "--exclude",
    "tidy",
    "--exclude",
    "model",
];

/// The tool has a step of its own, because it takes a C compiler for its target. Its core calls no Windows: what runs
/// here tests it.
pub(super) const NOT_TOOL: [&str; 4] = ["--exclude", "winshm", "--exclude", "winshm-core"];

pub(super) const INTEGRATION_TESTS: [&str; 4] = ["test", "--test", "it", "--all-features"];

/// A Release build of our own code. The dependencies keep the profile that they have in the Debug build, so that
/// the standard library need not be built another time.
const RELEASE: &[&str] = &[
    "--config=profile.dev.opt-level=3",
    "--config=profile.dev.debug-assertions=false",
    "--config=profile.dev.overflow-checks=false",
    r#"--config=profile.dev.package."*".opt-level=0"#,
    r#"--config=profile.dev.package."*".debug-assertions=true"#,
    r#"--config=profile.dev.package."*".overflow-checks=true"#,
    r#"--config=profile.dev.package."*".strip="symbols""#,
];

/// What is checked where a standard library for it is at hand or can be built. The programs that run are for another
/// processor, and the step that builds the library for this one needs the same standard library.
const CHECKED: &str = AARCH64;

pub(super) const AARCH64: &str = "aarch64-pc-windows-msvc";

/// What cargo calls instead of rustc for the crates of a workspace.
const LINTER_VARIABLE: &str = "RUSTC_WORKSPACE_WRAPPER";

impl Tests<'_> {
    /// Cargo for what runs on this machine.
    pub(super) fn host_cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = self.session.toolchain.host_cargo(self.session.paths);
        cargo.args(arguments);
        self.linting(cargo)
    }

    /// Cargo for programs that run under Wine, or on Windows.
    pub(super) fn windows_cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = self
            .session
            .toolchain
            .windows_cargo(self.session.paths, self.target);
        cargo.args(arguments);
        self.linting(cargo)
    }

    /// All Debug builds lint our own crates: [`linted`] shows what came of it, and what is built serves the tests.
    /// `cargo clippy` would check all that they depend on only to throw it away.
    fn linting(&self, mut cargo: Command) -> Command {
        cargo.env(LINTER_VARIABLE, self.session.toolchain.linter());
        cargo
    }

    /// Cargo for what is checked and not run.
    pub(super) fn check_cargo(&self, arguments: &[&str]) -> Command {
        let toolchain = self.session.toolchain;
        let target = match toolchain {
            Toolchain::Native => self.target,
            Toolchain::Installed | Toolchain::Debian => {
                toolchain.require_target(CHECKED).is_ok().then_some(CHECKED)
            }
        };
        self.check_cargo_for(target, arguments)
    }

    /// Builds the library for a target whose programs nothing here runs. It is built and not checked: a check
    /// never assembles inline assembly, and a library needs no linker.
    pub(super) fn library_for(&self, target: &str) -> Result<Outcome> {
        if let Err(reason) = self.session.toolchain.require_target(target) {
            return Ok(Outcome::Skipped(reason));
        }
        run(self.check_cargo_for(Some(target), &["build", "--lib"]))
    }

    /// Checks packages, with all that is in them, for a target for which nothing here links.
    pub(super) fn check_for(&self, target: &str, packages: &[&str]) -> Result<Outcome> {
        if let Err(reason) = self.session.toolchain.require_target(target) {
            return Ok(Outcome::Skipped(reason));
        }
        let mut cargo = self.check_cargo_for(Some(target), &["check", "--lib", "--all-features"]);
        cargo.args(packages.iter().flat_map(|it| ["--package", it]));
        run(cargo)
    }

    fn check_cargo_for(&self, target: Option<&str>, arguments: &[&str]) -> Command {
        let paths = self.session.paths;
        let mut cargo = self.session.toolchain.windows_cargo(paths, target);
        cargo.args(arguments);
        cargo.env("CARGO_TARGET_DIR", paths.checks_target());
        cargo
    }

    /// Cargo for 32-bit programs.
    pub(super) fn i686_cargo(&self, arguments: &[&str]) -> Result<Command> {
        let paths = self.session.paths;
        let toolchain = self.session.toolchain;
        let mut cargo = toolchain.windows_cargo(paths, Some(i686::TARGET));
        cargo.args(arguments);
        match toolchain {
            Toolchain::Native => {}
            Toolchain::Installed => {
                cargo.env(i686::LINKER_VARIABLE, i686::plain_linker());
            }
            Toolchain::Debian => {
                cargo.env(i686::LINKER_VARIABLE, i686::linker(paths)?);
            }
        }
        Ok(cargo)
    }

    pub(super) fn as_windows_path(&self, path: &Path) -> String {
        match self.session.toolchain {
            Toolchain::Native => path.display().to_string(),
            Toolchain::Installed | Toolchain::Debian => wine::windows_path(path),
        }
    }
}

/// Has `cargo` make a Release build of our own code.
pub(super) fn released(cargo: Command) -> Command {
    let mut cargo = unlinted(cargo);
    cargo.args(RELEASE);
    cargo
}

/// Has rustc itself compile our own code, which optimizes more than the linter does.
pub(super) fn unlinted(mut cargo: Command) -> Command {
    cargo.env_remove(LINTER_VARIABLE);
    cargo
}

/// Runs a cargo command that builds and lints. Told to be quiet, cargo prints warnings alone, those of an earlier
/// build too; and each is an error.
pub(super) fn linted(mut cargo: Command) -> Result<Outcome> {
    cargo.arg("--quiet");
    let mut first = None;
    listen(LIMIT, cargo, |line| {
        first.get_or_insert_with(|| line.to_owned());
        say(line);
    })?;
    match first {
        Some(first) => Err(Failure::new(format!("there are warnings; first: {first}"))),
        None => Ok(Outcome::Passed),
    }
}

/// Builds the integration tests with a command that would run them, and tells where they are.
pub(super) fn built(mut cargo: Command) -> Result<PathBuf> {
    cargo.args(["--no-run", "--message-format=json-render-diagnostics"]);
    let mut program = None;
    listen(LIMIT, cargo, |line| match executable(line) {
        Some(path) => program = Some(path),
        None if line.starts_with('{') => {}
        None => say(line),
    })?;
    program.ok_or_else(|| Failure::new("cargo has built no integration tests"))
}

/// Runs one cargo command of a step.
pub(super) fn run(cargo: Command) -> Result<Outcome> {
    run_within(LIMIT, cargo)
}

pub(super) fn run_within(limit: Duration, cargo: Command) -> Result<Outcome> {
    listen(limit, cargo, say).map(|()| Outcome::Passed)
}

/// Runs one cargo command of a step, giving its lines to `hear`.
fn listen(limit: Duration, mut cargo: Command, hear: impl FnMut(&str)) -> Result<()> {
    if std::io::stdout().is_terminal() {
        cargo.env("CARGO_TERM_COLOR", "always");
    }
    let arguments: Vec<_> = cargo
        .get_args()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    say(&format!("$ cargo {}", arguments.join(" ")));
    let is_short = |argument: &&String| !argument.starts_with("--config=");
    let short: Vec<_> = arguments.iter().filter(is_short).cloned().collect();
    process::listen(&format!("cargo {}", short.join(" ")), limit, cargo, hear)
}

/// Runs a program of tests. That it exits with code 0 is not enough, since Wine may lose a crash: it must say
/// that tests have passed.
pub(super) fn run_tests(label: &str, limit: Duration, program: Command) -> Result<()> {
    let mut passed = false;
    process::listen(label, limit, program, |line| {
        passed |= tells_success(line);
        say(line);
    })?;
    if passed {
        Ok(())
    } else {
        let message = format!("{label} ended without saying that tests have passed");
        Err(Failure::new(message))
    }
}

fn tells_success(line: &str) -> bool {
    line.strip_prefix("test result: ok. ")
        .is_some_and(|rest| !rest.starts_with("0 "))
}

/// The program that was built, if this line of cargo's JSON tells of one.
fn executable(line: &str) -> Option<PathBuf> {
    let (_, rest) = line.split_once(r#""executable":""#)?;
    let (path, _) = rest.split_once('"')?;
    Some(path.replace(r"\\", r"\").into())
}

#[cfg(test)]
mod tests {
    use super::{executable, tells_success};
    use std::path::PathBuf;

    #[test]
    fn cargo_tells_what_it_has_built() {
        let line = r#"{"filenames":["it.exe"],"executable":"C:\\a b\\it.exe","fresh":true}"#;
        assert_eq!(executable(line), Some(PathBuf::from(r"C:\a b\it.exe")));
        assert_eq!(executable(r#"{"executable":null}"#), None);
    }

    #[test]
    fn only_tests_that_ran_have_passed() {
        assert!(tells_success("test result: ok. 323 passed; 0 failed"));
        assert!(!tells_success("test result: ok. 0 passed; 0 failed"));
        assert!(!tells_success("test result: FAILED. 3 passed; 1 failed"));
        assert!(!tells_success("running 323 tests"));
    }
}
