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

const SHIM: &str = include_str!("../../wine/bcryptprimitives.c");
const SHIM_EXPORTS: &str = include_str!("../../wine/bcryptprimitives.def");

/// Raised when the steps below change in a way their inputs do not show.
const REVISION: u32 = 2;

const LIMIT: Duration = Duration::from_secs(5 * 60);

/// The server ends its programs within this time, or hangs.
const STOP_LIMIT: Duration = Duration::from_secs(30);

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

/// The environment of every program in the project's own prefix. Debian's Wine puts its server's socket below `TMPDIR`, so a
/// program with another `TMPDIR` would start a server of its own.
pub(crate) fn our_environment(command: &mut Command, paths: &Paths) {
    environment(command, &paths.wine_prefix());
    command.env("TMPDIR", paths.temporary());
}

/// Keeps the heap of every program started from now on away from a page that Wine needs.
///
/// Every Windows program has a page at 0x7ffe0000, and Debian's Wine lacks the preloader that would reserve it. Linux
/// starts the heap at a random address in the gigabyte behind the loader (0x7d000000), so in one of several thousand
/// programs it covers that page. Such a program exits with code 1 and prints nothing (`virtual_alloc_first_teb` in
/// Wine's `ntdll`), or cannot be started (error 1359). Without randomization the heap starts 47 MiB below the page.
#[cfg(target_os = "linux")]
pub(crate) fn keep_page_free() {
    use nix::sys::personality::{self, Persona};

    // Some containers forbid this; a run there may have to be repeated.
    let _ = personality::get()
        .and_then(|persona| personality::set(persona | Persona::ADDR_NO_RANDOMIZE));
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn keep_page_free() {}

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
    for folder in [&prefix, &paths.temporary()] {
        fs::create_dir_all(folder).map_err(|error| Failure::io("make", folder, &error))?;
    }
    say("  making a Wine prefix …");
    wine(paths, "wine", &["wineboot", "--init"])?;
    wine(paths, "wineserver", &["-w"])?;
    let server = start_server(paths)?;
    wine(paths, "wine", &["winecfg", "-v", "win10"])?;
    // Otherwise Wine's debugger looks at a program that crashes, and the program ends with code 0, as if it
    // had passed its tests.
    let debugger = r"HKLM\Software\Microsoft\Windows NT\CurrentVersion\AeDebug";
    let add = [
        "reg", "add", debugger, "/v", "Debugger", "/t", "REG_SZ", "/d", "false", "/f",
    ];
    wine(paths, "wine", &add)?;
    drop(server);
    wine(paths, "wineserver", &["-w"])?;
    say("  adding bcryptprimitives.dll, which this Wine lacks …");
    add_shim(paths)?;
    let marker = marker(paths);
    fs::write(&marker, inputs()?).map_err(|error| Failure::io("write", &marker, &error))
}

/// The prefix's server, which runs for as long as this does, and its services. They hold no pipes of ours.
///
/// Debian starts Wine's server with `-p0`: it ends with its last client, and a program that connects at that moment
/// fails ("recvmsg: Connection reset by peer"). So one program stays, and waits for input. The input ends with this
/// process, even if it is killed.
#[derive(Debug)]
pub(crate) struct Server {
    _client: Job,
}

pub(crate) fn start_server(paths: &Paths) -> Result<Server> {
    let mut client = Command::new("wine");
    client
        .args(["cmd", "/d", "/q"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    our_environment(&mut client, paths);
    let server = Server {
        _client: Job::start_waiting(client)?,
    };
    // Returns once the server answers.
    wine(paths, "wine", &["cmd", "/c", "exit"])?;
    Ok(server)
}

/// Ends the prefix's server and every program that runs in it, after an interrupt too.
pub(crate) fn stop_server(paths: &Paths) {
    let mut command = Command::new("wineserver");
    command
        .arg("-k")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    our_environment(&mut command, paths);
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
    let wine = process::release_of("wine")?;
    Ok(format!(
        "revision {REVISION}\n{wine}\n{SHIM}\n{SHIM_EXPORTS}"
    ))
}

/// Runs a program of Wine's own.
fn wine(paths: &Paths, program: &str, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(program);
    command.args(arguments);
    our_environment(&mut command, paths);
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

    #[cfg(target_os = "linux")]
    #[test]
    fn the_heap_of_every_program_begins_at_the_same_address() {
        use std::process::Command;
        use std::thread;

        use nix::sys::personality::{self, Persona};

        // A thread has its own personality, so this one's does not change.
        let ask = thread::spawn(|| personality::set(Persona::ADDR_NO_RANDOMIZE));
        if ask.join().expect("no panic").is_err() {
            eprintln!("skipped: this container forbids it");
            return;
        }
        super::keep_page_free();
        let heap = || {
            let maps = Command::new("cat").arg("/proc/self/maps").output();
            let maps = maps.map(|it| String::from_utf8_lossy(&it.stdout).into_owned());
            let maps = maps.expect("cat runs");
            let line = maps.lines().find(|line| line.ends_with("[heap]"));
            line.map(str::to_owned).expect("a heap")
        };
        assert_eq!(heap(), heap());
    }

    #[test]
    fn the_root_is_drive_z() {
        assert_eq!(windows_path(Path::new("/a b/c.exe")), r"Z:\a b\c.exe");
    }
}
