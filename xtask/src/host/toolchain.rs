//! Which cargo builds for Windows here, and what it has to be told.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::host::paths::Paths;
use crate::host::process;
use crate::host::scrub::scrub;
use crate::host::wine;

/// What runs under Wine.
pub(crate) const WINE_TARGET: &str = "x86_64-pc-windows-gnu";

/// Where a Rust that can build for Windows comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// We are on Windows: plain cargo.
    Native,
    /// The machine's own Rust has a standard library for Windows.
    Installed,
    /// Debian's packages, which ship the standard library's source: cargo
    /// builds it once for each target.
    Debian,
}

impl Toolchain {
    pub(crate) fn choose() -> Self {
        if cfg!(windows) {
            Self::Native
        } else if installed_std("rustc", WINE_TARGET) {
            Self::Installed
        } else {
            Self::Debian
        }
    }

    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Native => "this machine's own cargo",
            Self::Installed => "this machine's own cargo, which has a std for Windows",
            Self::Debian => "Debian's cargo-web, building std from rust-web-src",
        }
    }

    /// Cargo for programs that run on this machine.
    pub(crate) fn host_cargo(self, paths: &Paths) -> Command {
        let mut cargo = Command::new(self.program("cargo"));
        scrub(&mut cargo);
        cargo.current_dir(paths.root());
        cargo.env("CARGO_TARGET_DIR", paths.host_target());
        if self != Self::Native {
            // A panic tells its place without debug information, and without it a program is a fifth as large:
            // faster to build, and faster to start by half under Wine, which reads all of it.
            cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
            cargo.env("CARGO_PROFILE_DEV_STRIP", "symbols");
        }
        if self == Self::Debian {
            cargo.env_remove("RUSTUP_TOOLCHAIN");
            cargo.env("PATH", debian_path());
        }
        cargo
    }

    /// Cargo for `target`; `None` is what this machine can run, natively or
    /// under Wine.
    pub(crate) fn windows_cargo(self, paths: &Paths, target: Option<&str>) -> Command {
        let mut cargo = self.host_cargo(paths);
        cargo.env("CARGO_TARGET_DIR", paths.windows_target());
        if self != Self::Native {
            cargo.env(
                "CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER",
                "x86_64-w64-mingw32-gcc",
            );
            cargo.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", "wine");
            // Wine maps a program whose sections begin at whole pages of its file, and reads and copies any other.
            for target in ["X86_64", "I686"] {
                cargo.env(
                    format!("CARGO_TARGET_{target}_PC_WINDOWS_GNU_RUSTFLAGS"),
                    "-Clink-arg=-Wl,--file-alignment=4096",
                );
            }
            wine::our_environment(&mut cargo, paths);
            cargo.env("CARGO_BUILD_TARGET", target.unwrap_or(WINE_TARGET));
        } else if let Some(target) = target {
            cargo.env("CARGO_BUILD_TARGET", target);
        }
        if self == Self::Debian {
            cargo.env("RUSTC_BOOTSTRAP", "1");
            cargo.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
        }
        cargo
    }

    /// What starts a Windows program here.
    pub(crate) fn run(self, paths: &Paths, program: &Path) -> Command {
        if self == Self::Native {
            return Command::new(program);
        }
        let mut wine = Command::new("wine");
        wine.arg(program).env_remove("LD_LIBRARY_PATH");
        wine::our_environment(&mut wine, paths);
        wine
    }

    /// The compiler that also lints, as `cargo clippy` calls it for the crates of a workspace.
    pub(crate) fn linter(self) -> PathBuf {
        self.program("clippy-driver")
    }

    /// Where cargo puts the programs it builds with [`Self::windows_cargo`].
    pub(crate) fn programs(self, paths: &Paths) -> PathBuf {
        match self {
            Self::Native => paths.windows_target().join("debug"),
            Self::Installed | Self::Debian => {
                paths.windows_target().join(WINE_TARGET).join("debug")
            }
        }
    }

    /// Whether code can be built for `target`; the error says why not.
    pub(crate) fn require_target(self, target: &str) -> Result<(), String> {
        if self == Self::Debian || installed_std("rustc", target) {
            Ok(())
        } else {
            Err(format!(
                "no std for {target} here (`rustup target add {target}` adds it)"
            ))
        }
    }

    fn program(self, name: &str) -> PathBuf {
        match self {
            Self::Debian => Path::new("/usr/bin").join(name),
            Self::Native | Self::Installed => PathBuf::from(name),
        }
    }
}

/// Cargo looks for `cargo clippy` and its like in `CARGO_HOME/bin` first,
/// unless that folder is in `PATH`; then `PATH`'s order counts.
fn debian_path() -> OsString {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let inherited = env::var_os("PATH").unwrap_or_default();
    let dirs = std::iter::once(PathBuf::from("/usr/bin"))
        .chain(env::split_paths(&inherited))
        .chain(home.map(|home| home.join("bin")));
    // A folder with a colon in its name cannot be in any PATH.
    env::join_paths(dirs).unwrap_or_else(|_| inherited.clone())
}

/// Whether `rustc` has a compiled standard library for `target`.
fn installed_std(rustc: &str, target: &str) -> bool {
    let mut command = Command::new(rustc);
    command.args(["--print", "target-libdir", "--target", target]);
    process::answer(command).is_some_and(|folder| has_std(Path::new(&folder)))
}

fn has_std(dir: &Path) -> bool {
    let Ok(entries) = fs::read_dir(dir) else {
        return false;
    };
    entries.filter_map(Result::ok).any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Toolchain;
    use crate::host::paths::Paths;

    /// One that began another server would lose it, or meet one that is just ending.
    #[test]
    fn all_programs_under_wine_have_one_server() {
        let paths = Paths::find();
        let toolchain = Toolchain::Debian;
        for command in [
            toolchain.windows_cargo(&paths, None),
            toolchain.run(&paths, Path::new("a.exe")),
        ] {
            let value = |name: &str| {
                let mut all = command.get_envs();
                all.find(|(it, _)| *it == name).and_then(|(_, value)| value)
            };
            assert_eq!(value("TMPDIR"), Some(paths.temporary().as_os_str()));
            assert_eq!(value("WINEPREFIX"), Some(paths.wine_prefix().as_os_str()));
        }
    }
}
