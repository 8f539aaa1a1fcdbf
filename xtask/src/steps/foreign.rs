//! The foreign programs the tests talk to: C and C++, as a stranger would
//! write them, compiled here.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::failure::{Failure, Result};
use crate::host::log::say;
use crate::host::packages;
use crate::host::paths::Paths;
use crate::host::process;
use crate::host::toolchain::Toolchain;

const LIMIT: Duration = Duration::from_secs(5 * 60);

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// All programs are in this folder.
    Ready(PathBuf),
    /// Some or all could not be built, and why.
    Unavailable(String),
}

/// The two languages and their compilers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    C,
    Cpp,
}

impl Language {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "c" => Some(Self::C),
            "cpp" => Some(Self::Cpp),
            _ => None,
        }
    }

    fn compiler(self, toolchain: Toolchain) -> &'static str {
        match (self, toolchain) {
            (Self::C, Toolchain::Native) => "gcc",
            (Self::Cpp, Toolchain::Native) => "g++",
            (Self::C, _) => "x86_64-w64-mingw32-gcc",
            (Self::Cpp, _) => "x86_64-w64-mingw32-g++",
        }
    }
}

/// Compiles the sources that are newer than their programs.
pub(crate) fn build(paths: &Paths, toolchain: Toolchain) -> Result<Foreign> {
    let sources = sources(&paths.foreign_sources());
    if sources.is_empty() {
        return Ok(Foreign::Unavailable(
            "there are no sources in peers/foreign".into(),
        ));
    }
    let folder = paths.foreign_programs();
    fs::create_dir_all(&folder).map_err(|error| Failure::io("make", &folder, &error))?;
    let headers = newest_header(&paths.foreign_sources());
    for (source, language) in sources {
        let program = folder
            .join(source.file_stem().unwrap_or_default())
            .with_extension("exe");
        if !is_stale(modified(&source).max(headers), modified(&program)) {
            continue;
        }
        let compiler = language.compiler(toolchain);
        if !answers(compiler) {
            return Ok(Foreign::Unavailable(format!(
                "there is no `{compiler}` in PATH"
            )));
        }
        let include = match language {
            Language::C => None,
            Language::Cpp => match boost(paths, toolchain)? {
                Ok(folder) => Some(folder),
                Err(reason) => return Ok(Foreign::Unavailable(reason)),
            },
        };
        compile(compiler, &source, &program, include.as_deref())?;
    }
    Ok(Foreign::Ready(folder))
}

fn compile(compiler: &str, source: &Path, program: &Path, include: Option<&Path>) -> Result<()> {
    say(&format!("  {} → {}", source.display(), program.display()));
    let mut command = Command::new(compiler);
    command
        .args(["-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o"])
        .arg(program)
        .arg(source);
    if let Some(include) = include {
        // As a system folder: warnings inside it are not ours.
        command.arg("-isystem").arg(include);
    }
    let label = format!("{compiler} {}", source.display());
    process::run(&label, LIMIT, command)
}

/// A folder to include that holds Boost and nothing else: beside Debian's lie
/// the headers of Linux itself.
fn boost(paths: &Paths, toolchain: Toolchain) -> Result<std::result::Result<PathBuf, String>> {
    if toolchain == Toolchain::Native {
        let folder = env::var_os("BOOST_INCLUDEDIR").map(PathBuf::from);
        return Ok(folder.ok_or_else(|| "BOOST_INCLUDEDIR does not say where Boost is".into()));
    }
    let folder = paths.foreign_programs().join("include");
    let link = folder.join("boost");
    if !link.exists() {
        fs::create_dir_all(&folder).map_err(|error| Failure::io("make", &folder, &error))?;
        link_to(packages::boost_headers(), &link)?;
    }
    Ok(Ok(folder))
}

#[cfg(unix)]
fn link_to(headers: &Path, link: &Path) -> Result<()> {
    // A link left from a time when the headers were elsewhere, or not there.
    let _ = fs::remove_file(link);
    std::os::unix::fs::symlink(headers, link).map_err(|error| Failure::io("link", link, &error))
}

#[cfg(not(unix))]
fn link_to(_headers: &Path, link: &Path) -> Result<()> {
    Err(Failure::new(format!(
        "{}: only made on Linux",
        link.display()
    )))
}

fn answers(compiler: &str) -> bool {
    let mut command = Command::new(compiler);
    command.arg("--version");
    process::answer(command).is_some()
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
}

fn sources(folder: &Path) -> Vec<(PathBuf, Language)> {
    let mut sources: Vec<_> = files(folder)
        .filter_map(|path| Language::of(&path).map(|language| (path, language)))
        .collect();
    sources.sort_by(|(a, _), (b, _)| a.cmp(b));
    sources
}

fn newest_header(folder: &Path) -> Option<SystemTime> {
    let is_header = |path: &PathBuf| path.extension().is_some_and(|e| e == "h" || e == "hpp");
    files(folder)
        .filter(is_header)
        .filter_map(|path| modified(&path))
        .max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()
}

/// Whether a program (if there is one) is older than what it is made from.
fn is_stale(source: Option<SystemTime>, program: Option<SystemTime>) -> bool {
    program.is_none() || program < source
}

#[cfg(test)]
mod tests {
    use super::{Language, is_stale};
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_program_is_stale_when_missing_or_older() {
        let old = Some(SystemTime::UNIX_EPOCH);
        let new = old.map(|time| time + Duration::from_secs(1));
        assert!(is_stale(old, None));
        assert!(is_stale(new, old));
        assert!(!is_stale(old, new));
        assert!(!is_stale(old, old));
    }

    #[test]
    fn only_sources_are_compiled() {
        assert_eq!(Language::of(Path::new("a/writer.c")), Some(Language::C));
        assert_eq!(Language::of(Path::new("a/writer.cpp")), Some(Language::Cpp));
        assert_eq!(Language::of(Path::new("a/layout.h")), None);
        assert_eq!(Language::of(Path::new("a/README")), None);
    }
}
