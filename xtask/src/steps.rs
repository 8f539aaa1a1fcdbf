//! The steps of `cargo xtask test`, in order.

use std::fs;
use std::io::IsTerminal;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::failure::Result;
use crate::features;
use crate::foreign::{self, Foreign};
use crate::process::{self, Watch};
use crate::session::Session;
use crate::toolchain::Toolchain;
use crate::wine;

/// A step that takes longer than this hangs.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// Everything that runs on Windows; `xtask` itself runs here.
const THERE: [&str; 3] = ["--workspace", "--exclude", "xtask"];

/// Everything that also runs elsewhere: on Linux the library is empty, and its
/// examples and tests are programs for Windows.
const HERE: [&str; 3] = ["--workspace", "--exclude", "win-shared-memory"];

/// What the steps work with.
#[derive(Debug)]
pub(crate) struct Tests<'a> {
    pub(crate) session: &'a Session<'a>,
    /// On Windows: what to build and run for, if not cargo's default.
    pub(crate) target: Option<&'a str>,
}

/// How a step that did not fail came out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Skipped(String),
}

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Tests<'_>) -> Result<Outcome>,
}

const fn step(
    name: &'static str,
    about: &'static str,
    run: fn(&Tests<'_>) -> Result<Outcome>,
) -> Step {
    Step { name, about, run }
}

/// The cheap ones first; each name can be given to `cargo xtask test`.
pub(crate) const STEPS: &[Step] = &[
    step("fmt", "formatting", |it| it.fmt()),
    step("clippy-host", "lints of what runs here", |it| {
        it.clippy_host()
    }),
    step("host", "tests of what runs here", |it| it.host()),
    step("clippy", "lints of what runs on Windows", |it| it.clippy()),
    step("peers", "lints of the benchmarks", |it| it.peers()),
    step("foreign", "compile the C and C++ peers", |it| it.foreign()),
    step("windows", "unit and integration tests, examples", |it| {
        it.windows()
    }),
    step("features", "the same with all features", |it| {
        it.all_features()
    }),
    step("doc-tests", "programs in the documentation", |it| {
        it.doc_tests()
    }),
    step("bare", "lints without default features", |it| it.bare()),
    step("docs", "documentation without warnings", |it| it.docs()),
    step("i686", "the library for i686-pc-windows-gnu", |it| {
        it.i686()
    }),
    step("aarch64", "the library for aarch64-pc-windows-msvc", |it| {
        it.aarch64()
    }),
    step("msvc", "a check for x86_64-pc-windows-msvc", |it| it.msvc()),
];

impl Tests<'_> {
    fn fmt(&self) -> Result<Outcome> {
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

    fn clippy_host(&self) -> Result<Outcome> {
        let mut cargo = self.host_cargo(&["clippy", "--all-targets"]);
        cargo.args(HERE).args(["--", "-D", "warnings"]);
        run(cargo)
    }

    fn host(&self) -> Result<Outcome> {
        let mut cargo = self.host_cargo(&["test"]);
        cargo.args(HERE);
        run(cargo)
    }

    fn clippy(&self) -> Result<Outcome> {
        let mut cargo = self.windows_cargo(&["clippy", "--all-targets", "--all-features"]);
        cargo.args(THERE).args(["--", "-D", "warnings"]);
        run(cargo)
    }

    /// In the library's target folder, which has a standard library already.
    fn peers(&self) -> Result<Outcome> {
        let folder = self.session.paths.root().join("peers");
        if !folder.join("Cargo.toml").exists() {
            return Ok(Outcome::Skipped("there are no benchmarks".into()));
        }
        let mut cargo = self.windows_cargo(&["clippy", "--workspace", "--all-targets"]);
        cargo.current_dir(folder).args(["--", "-D", "warnings"]);
        run(cargo)
    }

    fn foreign(&self) -> Result<Outcome> {
        match foreign::build(self.session.paths, self.session.toolchain)? {
            Foreign::Ready(_) => Ok(Outcome::Passed),
            Foreign::Unavailable(reason) => Ok(Outcome::Skipped(reason)),
        }
    }

    fn windows(&self) -> Result<Outcome> {
        self.windows_tests(&[])
    }

    fn all_features(&self) -> Result<Outcome> {
        if !self.has_more_features()? {
            return Ok(Outcome::Skipped("every feature is a default one".into()));
        }
        self.windows_tests(&["--all-features"])
    }

    /// Tests that need the foreign programs are ignored unless asked for.
    fn windows_tests(&self, arguments: &[&str]) -> Result<Outcome> {
        let kinds = ["test", "--lib", "--bins", "--tests", "--examples"];
        let mut cargo = self.windows_cargo(&kinds);
        cargo.args(THERE).args(arguments);
        let Session {
            paths, toolchain, ..
        } = self.session;
        if let Ok(Foreign::Ready(folder)) = foreign::build(paths, *toolchain) {
            cargo.env("WIN_SHARED_MEMORY_PEERS", self.as_windows_path(&folder));
            cargo.args(["--", "--include-ignored"]);
        }
        run(cargo)
    }

    fn doc_tests(&self) -> Result<Outcome> {
        let mut cargo = self.windows_cargo(&["test", "--doc", "--all-features"]);
        cargo.args(THERE);
        run(cargo)
    }

    fn bare(&self) -> Result<Outcome> {
        let mut cargo = self.windows_cargo(&["clippy", "--lib", "--no-default-features"]);
        cargo.args(["--", "-D", "warnings"]);
        run(cargo)
    }

    fn docs(&self) -> Result<Outcome> {
        let mut cargo = self.windows_cargo(&["doc", "--no-deps", "--all-features"]);
        cargo.args(THERE).env("RUSTDOCFLAGS", "-D warnings");
        run(cargo)
    }

    fn i686(&self) -> Result<Outcome> {
        self.other_target("i686-pc-windows-gnu", &["build", "--lib"])
    }

    /// Built and not checked: a check never assembles inline assembly, and a
    /// library needs no linker.
    fn aarch64(&self) -> Result<Outcome> {
        self.other_target("aarch64-pc-windows-msvc", &["build", "--lib"])
    }

    fn msvc(&self) -> Result<Outcome> {
        let check = [&["check"], THERE.as_slice()].concat();
        self.other_target("x86_64-pc-windows-msvc", &check)
    }

    fn other_target(&self, target: &str, arguments: &[&str]) -> Result<Outcome> {
        let Session {
            paths, toolchain, ..
        } = self.session;
        if let Err(reason) = toolchain.require_target(target) {
            return Ok(Outcome::Skipped(reason));
        }
        let mut cargo = toolchain.windows_cargo(paths, Some(target));
        cargo.args(arguments);
        run(cargo)
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

    fn as_windows_path(&self, path: &Path) -> String {
        match self.session.toolchain {
            Toolchain::Native => path.display().to_string(),
            Toolchain::Installed | Toolchain::Debian => wine::windows_path(path),
        }
    }

    fn has_more_features(&self) -> Result<bool> {
        let members = ["", "derive", "cli"];
        let manifests = members.map(|member| self.session.paths.root().join(member));
        Ok(manifests
            .iter()
            .filter_map(|folder| fs::read_to_string(folder.join("Cargo.toml")).ok())
            .any(|manifest| features::has_more_than_default(&manifest)))
    }
}

/// Runs one cargo command of a step.
fn run(mut cargo: Command) -> Result<Outcome> {
    if std::io::stdout().is_terminal() {
        cargo.env("CARGO_TERM_COLOR", "always");
    }
    let line = std::iter::once("cargo".into())
        .chain(cargo.get_args().map(|argument| argument.to_string_lossy()))
        .collect::<Vec<_>>()
        .join(" ");
    process::say(&format!("$ {line}"));
    let watch = Watch {
        label: &line,
        limit: LIMIT,
    };
    process::stream(cargo, &watch)?
        .success(&line)
        .map(|()| Outcome::Passed)
}
