//! The project's own Wine prefix.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::host::job::Job;
use crate::host::log::say;
use crate::host::paths::Paths;
use crate::host::process;
use crate::host::toolchain::version_of;

const SHIM: &str = include_str!("../../wine/bcryptprimitives.c");
const SHIM_EXPORTS: &str = include_str!("../../wine/bcryptprimitives.def");

/// Raised when the steps below change in a way their inputs do not show.
const REVISION: u32 = 2;

const LIMIT: Duration = Duration::from_secs(5 * 60);

/// The server ends its programs within this time, or hangs.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// The server outlives its last client by this long, so that not every test starts it again. It does not stay
/// longer if we are killed before we can end it.
const LINGER: &str = "-p30";

/// What every program under Wine is told: this prefix, no chatter, no offers
/// to download Mono or Gecko, no menu entries, no windows.
pub(crate) fn environment(command: &mut Command, prefix: &Path) {
    command
        .env("WINEPREFIX", prefix)
        .env("WINEARCH", "win64")
        .env("WINEDEBUG", "-all")
        .env("WINEDLLOVERRIDES", "mscoree,mshtml=;winemenubuilder.exe=d")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY");
}

/// A path of this machine as programs under Wine write it.
pub(crate) fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}

/// Whether the prefix is there, and made as this version of ours makes it.
pub(crate) fn is_ready(paths: &Paths) -> bool {
    let Ok(found) = fs::read_to_string(marker(paths)) else {
        return false;
    };
    inputs().is_ok_and(|inputs| inputs == found)
}

/// Makes the prefix, in place of one that is there.
pub(crate) fn set_up(paths: &Paths) -> Result<()> {
    let prefix = paths.wine_prefix();
    if prefix.exists() {
        stop_server(paths);
        fs::remove_dir_all(&prefix).map_err(|error| Failure::io("remove", &prefix, &error))?;
    }
    fs::create_dir_all(&prefix).map_err(|error| Failure::io("make", &prefix, &error))?;
    say("  making a Wine prefix …");
    wine(paths, "wine", &["wineboot", "--init"])?;
    wine(paths, "wine", &["winecfg", "-v", "win10"])?;
    // Otherwise Wine's debugger looks at a program that crashes, and the program ends with code 0, as if it
    // had passed its tests.
    let debugger = r"HKLM\Software\Microsoft\Windows NT\CurrentVersion\AeDebug";
    let add = [
        "reg", "add", debugger, "/v", "Debugger", "/t", "REG_SZ", "/d", "false", "/f",
    ];
    wine(paths, "wine", &add)?;
    wine(paths, "wineserver", &["-w"])?;
    say("  adding bcryptprimitives.dll, which this Wine lacks …");
    add_shim(paths)?;
    let marker = marker(paths);
    fs::write(&marker, inputs()?).map_err(|error| Failure::io("write", &marker, &error))
}

/// Starts the prefix's server and its services. They hold no pipes of ours.
pub(crate) fn start_server(paths: &Paths) -> Result<()> {
    // Fails when another run has started it; the next line needs it anyway.
    let _ = wine(paths, "wineserver", &[LINGER]);
    wine(paths, "wine", &["cmd", "/c", "exit"])
}

/// Ends the prefix's server and every program that runs in it, after an interrupt too.
pub(crate) fn stop_server(paths: &Paths) {
    let mut command = Command::new("wineserver");
    command
        .arg("-k")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    environment(&mut command, &paths.wine_prefix());
    // It says of its failure when no server runs, which is the aim.
    if let Ok(job) = Job::start(command) {
        job.wait_or_end(STOP_LIMIT);
    }
}

/// Written last: what the prefix was made from.
fn marker(paths: &Paths) -> PathBuf {
    paths.wine_prefix().join("made-from.txt")
}

fn inputs() -> Result<String> {
    let wine = version_of("wine")?;
    Ok(format!(
        "revision {REVISION}\n{wine}\n{SHIM}\n{SHIM_EXPORTS}"
    ))
}

/// Runs a program of Wine's own.
fn wine(paths: &Paths, program: &str, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(program);
    command.args(arguments);
    environment(&mut command, &paths.wine_prefix());
    let label = format!("{program} {}", arguments.join(" "));
    process::silently(&label, LIMIT, command)
}

/// Compiles the library Rust's std asks for, unless this Wine has its own.
fn add_shim(paths: &Paths) -> Result<()> {
    let prefix = paths.wine_prefix();
    let library = prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
    if library.exists() {
        return Ok(());
    }
    let source = prefix.join("bcryptprimitives.c");
    let exports = prefix.join("bcryptprimitives.def");
    let write = |path: &Path, text: &str| -> Result<()> {
        fs::write(path, text).map_err(|error: io::Error| Failure::io("write", path, &error))
    };
    write(&source, SHIM)?;
    write(&exports, SHIM_EXPORTS)?;
    let mut gcc = Command::new("x86_64-w64-mingw32-gcc");
    gcc.args(["-shared", "-O2", "-Wall", "-Wextra", "-o"])
        .arg(&library);
    gcc.args([&source, &exports]).arg("-ladvapi32");
    process::run("x86_64-w64-mingw32-gcc bcryptprimitives.c", LIMIT, gcc)
}

#[cfg(test)]
mod tests {
    use super::windows_path;
    use std::path::Path;

    #[test]
    fn the_root_is_drive_z() {
        assert_eq!(windows_path(Path::new("/a b/c.exe")), r"Z:\a b\c.exe");
    }
}
