//! `cargo xtask bench build`: what a clean build of a dependent costs, with
//! this crate and with the release before.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};
use crate::host::log::say;
use crate::host::packages::Needs;
use crate::host::paths::Paths;
use crate::host::process;
use crate::host::session::Session;

/// The dependents, in `peers/dependents`.
const NAMES: [&str; 2] = ["ours", "old"];

const ROUNDS: usize = 3;

const LIMIT: Duration = Duration::from_secs(15 * 60);

/// What building one dependent took.
#[derive(Debug, Default)]
struct Cost {
    seconds: Vec<f64>,
    crates: usize,
}

pub(crate) fn run(paths: &Paths) -> Result<()> {
    Session::run(paths, Needs::Run, |session| {
        let folder = paths.target().join("build-cost");
        let (base, work) = (folder.join("base"), folder.join("work"));
        say("Preparing: Rust's standard library, and all sources …");
        prepare(session, &folder, &base)?;

        let mut costs = NAMES.map(|_| Cost::default());
        for round in 1..=ROUNDS {
            for (name, cost) in NAMES.iter().zip(&mut costs) {
                copy_afresh(&base, &work)?;
                let started = Instant::now();
                cost.crates = build(session, &manifest(paths, name), &work)?;
                let seconds = started.elapsed().as_secs_f64();
                say(&format!("  round {round}, {name}: {seconds:.2} s"));
                cost.seconds.push(seconds);
            }
        }
        report(&mut costs);
        fs::remove_dir_all(&folder).map_err(|error| Failure::io("remove", &folder, &error))
    })
}

fn manifest(paths: &Paths, name: &str) -> PathBuf {
    paths
        .root()
        .join("peers")
        .join("dependents")
        .join(name)
        .join("Cargo.toml")
}

/// Fetches the dependents' sources, and builds into `base` what a program
/// without dependencies needs, so that neither is part of what is timed.
fn prepare(session: &Session<'_>, folder: &Path, base: &Path) -> Result<()> {
    let empty = folder.join("empty");
    let write = |path: PathBuf, text: &str| {
        fs::write(&path, text).map_err(|error| Failure::io("write", &path, &error))
    };
    let sources = empty.join("src");
    fs::create_dir_all(&sources).map_err(|error| Failure::io("make", &sources, &error))?;
    let manifest_text = "[workspace]\n[package]\nname = \"empty\"\nedition = \"2024\"\n";
    write(empty.join("Cargo.toml"), manifest_text)?;
    write(sources.join("main.rs"), "fn main() {}\n")?;
    build(session, &empty.join("Cargo.toml"), base)?;
    for name in NAMES {
        let mut cargo = cargo(session, &["fetch"], &manifest(session.paths, name), base);
        // Also what building std asks for.
        cargo.env_remove("CARGO_BUILD_TARGET");
        process::quietly("cargo fetch", LIMIT, cargo)?;
    }
    Ok(())
}

fn cargo(session: &Session<'_>, arguments: &[&str], manifest: &Path, target: &Path) -> Command {
    let mut cargo = session.toolchain.windows_cargo(session.paths, None);
    cargo.args(arguments).arg("--manifest-path").arg(manifest);
    cargo.env("CARGO_TARGET_DIR", target);
    cargo
}

/// Builds, and counts the crates it took beside the program itself.
fn build(session: &Session<'_>, manifest: &Path, target: &Path) -> Result<usize> {
    let cargo = cargo(session, &["build"], manifest, target);
    let lines = process::quietly("cargo build", LIMIT, cargo)?;
    if target.ends_with("work") && lines.iter().any(|line| is_compiling(line, "core")) {
        return Err(Failure::new(
            "this build also built Rust's standard library: not comparable",
        ));
    }
    let compiled = lines
        .iter()
        .filter(|line| line.trim_start().starts_with("Compiling "))
        .count();
    Ok(compiled.saturating_sub(1))
}

fn is_compiling(line: &str, name: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next() == Some("Compiling") && words.next() == Some(name)
}

/// Makes `work` a copy of `base`, times of files included: cargo goes by them.
fn copy_afresh(base: &Path, work: &Path) -> Result<()> {
    if work.exists() {
        fs::remove_dir_all(work).map_err(|error| Failure::io("remove", work, &error))?;
    }
    copy(base, work).map_err(|error| Failure::io("copy to", work, &error))
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, copied) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy(&source, &copied)?;
        } else {
            fs::copy(&source, &copied)?;
            let modified = entry.metadata()?.modified()?;
            fs::File::options()
                .write(true)
                .open(&copied)?
                .set_modified(modified)?;
        }
    }
    Ok(())
}

fn report(costs: &mut [Cost]) {
    say("\ndependent   median       min–max     other crates");
    let mut medians = Vec::new();
    for (name, cost) in NAMES.iter().zip(costs) {
        cost.seconds.sort_by(f64::total_cmp);
        let (first, last) = (cost.seconds[0], cost.seconds[cost.seconds.len() - 1]);
        let median = cost.seconds[cost.seconds.len() / 2];
        say(&format!(
            "{name:<10} {median:>6.2} s   {first:>5.2}–{last:<5.2} s   {:>8}",
            cost.crates
        ));
        medians.push(median);
    }
    say(&format!(
        "\n{} / {} = {:.3}",
        NAMES[0],
        NAMES[1],
        medians[0] / medians[1]
    ));
}

#[cfg(test)]
mod tests {
    use super::is_compiling;

    #[test]
    fn the_standard_library_is_recognised() {
        assert!(is_compiling(
            "   Compiling core v0.0.0 (/usr/lib/rustlib)",
            "core"
        ));
        assert!(!is_compiling("   Compiling windows-core v0.62.2", "core"));
    }
}
