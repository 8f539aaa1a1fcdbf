//! What each step of `cargo xtask test` does.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::foreign::{self, Foreign};
use crate::i686;
use crate::process::{self, Watch};
use crate::session::Session;
use crate::steps::Outcome;
use crate::toolchain::Toolchain;
use crate::wine;

/// A step that takes longer than this hangs, on a busy machine too.
pub(crate) const LIMIT: Duration = Duration::from_secs(30 * 60);

/// What starting and killing a program takes under Wine, with much to spare.
const A_KILL: Duration = Duration::from_millis(300);

/// Everything that runs on Windows; `xtask` itself runs here.
const THERE: [&str; 3] = ["--workspace", "--exclude", "xtask"];

/// Everything that also runs elsewhere: on Linux the library is empty, and its
/// examples and tests are programs for Windows.
const HERE: [&str; 3] = ["--workspace", "--exclude", "win-shared-memory"];

pub(crate) const INTEGRATION_TESTS: [&str; 4] = ["test", "--test", "it", "--all-features"];

/// What the steps work with.
#[derive(Debug)]
pub(crate) struct Tests<'a> {
    pub(crate) session: &'a Session<'a>,
    /// On Windows: what to build and run for, if not cargo's default.
    pub(crate) target: Option<&'a str>,
    /// How many programs to kill at random instants.
    pub(crate) kills: u32,
}

impl Tests<'_> {
    pub(crate) fn fmt(&self) -> Result<Outcome> {
        let root = self.session.paths.root();
        let others = ["peers", "peers/dependents/ours", "peers/dependents/old"];
        for folder in std::iter::once("").chain(others) {
            let manifest = root.join(folder).join("Cargo.toml");
            if manifest.exists() {
                let mut cargo = self.host_cargo(&["fmt", "--all", "--check"]);
                cargo.arg("--manifest-path").arg(&manifest);
                run(cargo)?;
            }
        }
        Ok(Outcome::Passed)
    }

    pub(crate) fn clippy_host(&self) -> Result<Outcome> {
        let mut cargo = self.host_cargo(&["clippy", "--all-targets"]);
        cargo.args(HERE).args(["--", "-D", "warnings"]);
        run(cargo)
    }

    pub(crate) fn host(&self) -> Result<Outcome> {
        let mut cargo = self.host_cargo(&["test"]);
        cargo.args(HERE);
        run(cargo)
    }

    /// The protocols' cores, with every order of their steps that loom can think of.
    pub(crate) fn model(&self) -> Result<Outcome> {
        let mut cargo = self.host_cargo(&["test", "--release", "--package", "model"]);
        cargo
            .env("RUSTFLAGS", "--cfg loom")
            .env("CARGO_TARGET_DIR", self.session.paths.model_target());
        run(cargo)
    }

    pub(crate) fn clippy(&self) -> Result<Outcome> {
        let mut cargo = self.windows_cargo(&["clippy", "--all-targets", "--all-features"]);
        cargo.args(THERE).args(["--", "-D", "warnings"]);
        run(cargo)
    }

    /// In the library's target folder, which has a standard library already.
    pub(crate) fn peers(&self) -> Result<Outcome> {
        let folder = self.session.paths.root().join("peers");
        if !folder.join("Cargo.toml").exists() {
            return Ok(Outcome::Skipped("there are no benchmarks".into()));
        }
        let mut cargo = self.windows_cargo(&["clippy", "--workspace", "--all-targets"]);
        cargo.current_dir(folder).args(["--", "-D", "warnings"]);
        run(cargo)
    }

    pub(crate) fn foreign(&self) -> Result<Outcome> {
        match self.foreign_programs()? {
            Foreign::Ready(_) => Ok(Outcome::Passed),
            Foreign::Unavailable(reason) => Ok(Outcome::Skipped(reason)),
        }
    }

    pub(crate) fn windows(&self) -> Result<Outcome> {
        let kinds = ["test", "--lib", "--bins", "--tests", "--examples"];
        let mut cargo = self.windows_cargo(&kinds);
        cargo.arg("--all-features").args(THERE);
        cargo.args(["--", "--skip", "kill::"]);
        run(cargo)
    }

    pub(crate) fn kills(&self) -> Result<Outcome> {
        let mut cargo = self.windows_cargo(&INTEGRATION_TESTS);
        cargo.env("WIN_SHARED_MEMORY_KILLS", self.kills.to_string());
        cargo.args(["--", "--nocapture", "kill::"]);
        run_within(LIMIT + self.kills * A_KILL, cargo)
    }

    /// In a build of its own, in which the library has a hook between its steps.
    pub(crate) fn steps(&self) -> Result<Outcome> {
        const CFG: &str = "win_shared_memory_steps";
        let mut cargo = self.windows_cargo(&["test", "--test", "it"]);
        if self.session.toolchain == Toolchain::Debian {
            // For our package alone, so that the standard library need not be built another time.
            let ours = "profile.dev.package.win-shared-memory.rustflags";
            cargo.args(["-Zprofile-rustflags", "--config"]);
            cargo.arg(format!(r#"{ours}=["--cfg","{CFG}"]"#));
        } else {
            cargo
                .env("RUSTFLAGS", format!("--cfg {CFG}"))
                .env("CARGO_TARGET_DIR", self.session.paths.steps_target());
        }
        cargo.args(["--", "steps::"]);
        run(cargo)
    }

    /// All integration tests in a Debug build with children of a Release build, and the other way round.
    pub(crate) fn profiles(&self) -> Result<Outcome> {
        const DEBUG: &[&str] = &[];
        const RELEASE: &[&str] = &["--release"];
        for (parents, children) in [(DEBUG, RELEASE), (RELEASE, DEBUG)] {
            let children = self.as_windows_path(&self.integration_tests(children)?);
            let mut cargo = self.windows_cargo(&INTEGRATION_TESTS);
            cargo.args(parents);
            cargo.env("WIN_SHARED_MEMORY_OTHER_PROFILE", children);
            // The steps `kills` and `windows` are those that have to hit every moment.
            cargo.env("WIN_SHARED_MEMORY_KILLS", "100");
            cargo.env("WIN_SHARED_MEMORY_SEEDS", "50");
            run(cargo)?;
        }
        Ok(Outcome::Passed)
    }

    pub(crate) fn readme(&self) -> Result<Outcome> {
        let examples = ["build", "--example", "publisher", "--example", "reader"];
        let mut cargo = self.windows_cargo(&examples);
        cargo.arg("--all-features");
        run(cargo)?;
        let mut cargo = self.windows_cargo(&INTEGRATION_TESTS);
        cargo.args(["--", "--ignored", "readme::"]);
        run(cargo)
    }

    /// These are ignored unless asked for.
    pub(crate) fn interop(&self) -> Result<Outcome> {
        let folder = match self.foreign_programs()? {
            Foreign::Ready(folder) => folder,
            Foreign::Unavailable(reason) => return Ok(Outcome::Skipped(reason)),
        };
        let mut cargo = self.windows_cargo(&INTEGRATION_TESTS);
        cargo.env("WIN_SHARED_MEMORY_PEERS", self.as_windows_path(&folder));
        cargo.args(["--", "--ignored", "interop::"]);
        run(cargo)
    }

    /// What is ignored otherwise because Wine differs from Windows.
    pub(crate) fn real(&self) -> Result<Outcome> {
        if self.session.toolchain != Toolchain::Native {
            return Ok(Outcome::Skipped("Wine is not Windows".into()));
        }
        let mut cargo = self.windows_cargo(&INTEGRATION_TESTS);
        cargo.args([
            "--",
            "--ignored",
            "--skip",
            "interop::",
            "--skip",
            "readme::",
        ]);
        run(cargo)
    }

    pub(crate) fn doc_tests(&self) -> Result<Outcome> {
        let mut cargo = self.windows_cargo(&["test", "--doc", "--all-features"]);
        cargo.args(THERE);
        run(cargo)
    }

    pub(crate) fn bare(&self) -> Result<Outcome> {
        let mut cargo = self.windows_cargo(&["clippy", "--lib", "--no-default-features"]);
        cargo.args(["--", "-D", "warnings"]);
        run(cargo)
    }

    pub(crate) fn docs(&self) -> Result<Outcome> {
        let mut cargo = self.windows_cargo(&["doc", "--no-deps", "--all-features"]);
        cargo.args(THERE).env("RUSTDOCFLAGS", "-D warnings");
        run(cargo)
    }

    /// The library is built and not checked: a check never assembles inline assembly, and a library
    /// needs no linker. Building the tests compares the constants in them; the step `wine10` runs them.
    pub(crate) fn i686(&self) -> Result<Outcome> {
        match self.other_target(i686::TARGET, &["build", "--lib"])? {
            Outcome::Passed => {
                let no_run = [INTEGRATION_TESTS.as_slice(), &["--no-run"]].concat();
                self.other_target(i686::TARGET, &no_run)
            }
            skipped => Ok(skipped),
        }
    }

    /// As for i686.
    pub(crate) fn aarch64(&self) -> Result<Outcome> {
        self.other_target("aarch64-pc-windows-msvc", &["build", "--lib"])
    }

    /// As for i686.
    pub(crate) fn arm64ec(&self) -> Result<Outcome> {
        self.other_target("arm64ec-pc-windows-msvc", &["build", "--lib"])
    }

    pub(crate) fn msvc(&self) -> Result<Outcome> {
        let check = [&["check"], THERE.as_slice()].concat();
        self.other_target("x86_64-pc-windows-msvc", &check)
    }

    fn other_target(&self, target: &str, arguments: &[&str]) -> Result<Outcome> {
        if let Err(reason) = self.session.toolchain.require_target(target) {
            return Ok(Outcome::Skipped(reason));
        }
        run(self.cargo_for(target, arguments)?)
    }

    /// Cargo for another target than the one whose programs we run in most steps.
    pub(crate) fn cargo_for(&self, target: &str, arguments: &[&str]) -> Result<Command> {
        let Session {
            paths, toolchain, ..
        } = self.session;
        let mut cargo = toolchain.windows_cargo(paths, Some(target));
        cargo.args(arguments);
        if target == i686::TARGET {
            let linker = match toolchain {
                Toolchain::Native => return Ok(cargo),
                Toolchain::Installed => i686::plain_linker(),
                Toolchain::Debian => i686::linker(paths)?,
            };
            cargo.env(i686::LINKER_VARIABLE, linker);
        }
        Ok(cargo)
    }

    fn host_cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = self.session.toolchain.host_cargo(self.session.paths);
        cargo.args(arguments);
        cargo
    }

    fn windows_cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = self
            .session
            .toolchain
            .windows_cargo(self.session.paths, self.target);
        cargo.args(arguments);
        cargo
    }

    fn foreign_programs(&self) -> Result<Foreign> {
        foreign::build(self.session.paths, self.session.toolchain)
    }

    /// Builds the integration tests, and tells where they are.
    pub(crate) fn integration_tests(&self, profile: &[&str]) -> Result<PathBuf> {
        let mut cargo = self.windows_cargo(&INTEGRATION_TESTS);
        cargo.args(profile);
        built(cargo)
    }

    fn as_windows_path(&self, path: &Path) -> String {
        match self.session.toolchain {
            Toolchain::Native => path.display().to_string(),
            Toolchain::Installed | Toolchain::Debian => wine::windows_path(path),
        }
    }
}

/// Builds the integration tests with a command that would run them, and tells where they are.
pub(crate) fn built(mut cargo: Command) -> Result<PathBuf> {
    cargo.args(["--no-run", "--message-format=json-render-diagnostics"]);
    let mut program = None;
    listen(LIMIT, cargo, |line| match executable(line) {
        Some(path) => program = Some(path),
        None if line.starts_with('{') => {}
        None => process::say(line),
    })?;
    program.ok_or_else(|| Failure::new("cargo has built no integration tests"))
}

/// Runs one cargo command of a step.
fn run(cargo: Command) -> Result<Outcome> {
    run_within(LIMIT, cargo)
}

fn run_within(limit: Duration, cargo: Command) -> Result<Outcome> {
    listen(limit, cargo, process::say).map(|()| Outcome::Passed)
}

/// Runs one cargo command of a step, giving its lines to `hear`.
fn listen(limit: Duration, mut cargo: Command, hear: impl FnMut(&str)) -> Result<()> {
    if std::io::stdout().is_terminal() {
        cargo.env("CARGO_TERM_COLOR", "always");
    }
    let line = std::iter::once("cargo".into())
        .chain(cargo.get_args().map(|argument| argument.to_string_lossy()))
        .collect::<Vec<_>>()
        .join(" ");
    process::say(&format!("$ {line}"));
    listen_to(limit, &line, cargo, hear)
}

/// Runs `command`, which messages call `label`, giving its lines to `hear`.
pub(crate) fn listen_to(
    limit: Duration,
    label: &str,
    command: Command,
    hear: impl FnMut(&str),
) -> Result<()> {
    process::listen(command, &Watch { label, limit }, hear)?.success(label)
}

/// The program that was built, if this line of cargo's JSON tells of one.
fn executable(line: &str) -> Option<PathBuf> {
    let (_, rest) = line.split_once(r#""executable":""#)?;
    let (path, _) = rest.split_once('"')?;
    Some(path.replace(r"\\", r"\").into())
}

#[cfg(test)]
mod tests {
    use super::executable;
    use std::path::PathBuf;

    #[test]
    fn cargo_tells_what_it_has_built() {
        let line = r#"{"filenames":["it.exe"],"executable":"C:\\a b\\it.exe","fresh":true}"#;
        assert_eq!(executable(line), Some(PathBuf::from(r"C:\a b\it.exe")));
        assert_eq!(executable(r#"{"executable":null}"#), None);
    }
}
