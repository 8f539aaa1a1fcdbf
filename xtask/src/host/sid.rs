//! A Debian sid below `target/`, for its Wine: newer, and with a 32-bit half.
//!
//! What runs in it has namespaces of its own for mounts and processes. So nothing stays mounted and
//! nothing goes on running after it, however it ends: killed with us, too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::host::interrupt;
use crate::host::lock::Lock;
use crate::host::log::say;
use crate::host::packages;
use crate::host::paths::Paths;
use crate::host::process;
use crate::host::wine;

/// Raised when a root made before no longer serves.
const REVISION: &str = "revision 2\n";

/// Two downloads of some hundred megabytes in all, each with an installation that takes ten times as long on a
/// busy machine.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// The last is `wineserver`'s.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/x86_64-linux-gnu/wine";

/// The Wine prefix, as it is named in the root.
const WINE_PREFIX: &str = "/wine";

/// Runs its arguments, which begin with the root's folder, in that root.
const IN_ROOT: &str = "mount --make-rprivate / 2>/dev/null
                       mount -t proc proc \"$1/proc\" && chroot \"$@\"
                       exit $?";

/// Runs its arguments.
const BESIDE_ROOT: &str = "mount --make-rprivate / 2>/dev/null
                           \"$@\"
                           exit $?";

/// Installs Wine as fast as it goes: a root that is not whole is made again, and nobody reads there.
const WINE: &[&str] = &[
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "apt-get",
    "install",
    "-qqy",
    "--no-install-recommends",
    "-o",
    "Dpkg::Use-Pty=0",
    "-o",
    "Dpkg::Options::=--force-unsafe-io",
    "-o",
    "Dpkg::Options::=--path-exclude=/usr/share/doc/*",
    "-o",
    "Dpkg::Options::=--path-exclude=/usr/share/locale/*",
    "wine",
    "wine64",
];

/// Makes Wine's prefix, without the debugger for programs of either width that crash. Wine's server writes it
/// to disk when it ends. Each program waits for the end of the last one's server (see `wine::Server`).
const PREFIX: &str = "wine wineboot --init >/dev/null 2>&1 && wineserver -w &&
                      wine winecfg -v win10 >/dev/null 2>&1 && wineserver -w &&
                      for half in Software Software\\\\Wow6432Node; do
                          wine reg add \"HKLM\\\\$half\\\\Microsoft\\\\Windows NT\\\\CurrentVersion\\\\AeDebug\" \
                              /v Debugger /t REG_SZ /d false /f >/dev/null 2>&1 && wineserver -w || exit 1
                      done";

/// A root that is whole, and that no other run uses.
#[derive(Debug)]
pub(crate) struct Sid {
    root: PathBuf,
    _lock: Lock,
}

impl Sid {
    /// The root, made if it is not there; the inner error says why there cannot be one.
    pub(crate) fn set_up(paths: &Paths) -> Result<std::result::Result<Self, String>> {
        if let Err(reason) = possible() {
            return Ok(Err(reason));
        }
        let lock = Lock::open(&paths.sid_lock(), "The Debian sid")?;
        lock.own()?;
        let sid = Self {
            root: paths.sid_root(),
            _lock: lock,
        };
        match sid.make(paths) {
            Err(failure) if !interrupt::requested() => {
                Ok(Err(format!("no Debian sid could be made: {failure}")))
            }
            made => made.map(|()| Ok(sid)),
        }
    }

    /// Whether the root is there.
    pub(crate) fn is_made(paths: &Paths) -> bool {
        fs::read_to_string(marker(&paths.sid_root())).is_ok_and(|found| found == REVISION)
    }

    /// Makes the root, unless it is there.
    fn make(&self, paths: &Paths) -> Result<()> {
        if Self::is_made(paths) {
            return Ok(());
        }
        self.remove()?;
        say("Making a Debian sid with Wine, which takes some minutes once …");
        let mut debootstrap = namespaces(BESIDE_ROOT);
        debootstrap
            .args(["debootstrap", "--variant=minbase", "sid"])
            .arg(&self.root);
        quietly("debootstrap", debootstrap)?;
        quietly("apt-get install", self.command(WINE))?;
        quietly("apt-get clean", self.command(&["apt-get", "clean"]))?;
        quietly("wineboot", self.command(&["sh", "-c", PREFIX]))?;
        let marker = marker(&self.root);
        fs::write(&marker, REVISION).map_err(|error| Failure::io("write", &marker, &error))
    }

    /// A command that runs in the root.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = namespaces(IN_ROOT);
        command.arg(&self.root).args(arguments);
        wine::environment(&mut command, Path::new(WINE_PREFIX));
        // This machine's folders are not there.
        command
            .env("PATH", PATH)
            .env("HOME", "/root")
            // A backtrace of a 32-bit program ends it within Wine's dbghelp.
            .env("RUST_BACKTRACE", "0")
            .env_remove("LD_LIBRARY_PATH")
            .env_remove("TMPDIR");
        command
    }

    /// Copies `program` into the root as `name`, and tells how it is called there.
    pub(crate) fn add(&self, program: &Path, name: &str) -> Result<String> {
        let copy = self.root.join(name);
        fs::copy(program, &copy).map_err(|error| Failure::io("write", &copy, &error))?;
        Ok(format!("/{name}"))
    }

    /// Removes a root that is not whole. Something may still be mounted there, where this system shares
    /// mounts between namespaces; that is left alone.
    fn remove(&self) -> Result<()> {
        if !self.root.exists() {
            return Ok(());
        }
        let mut rm = Command::new("rm");
        rm.args(["-rf", "--one-file-system"]).arg(&self.root);
        quietly("rm", rm)
    }
}

/// Written last: what the root was made from.
fn marker(root: &Path) -> PathBuf {
    root.join("made-from.txt")
}

/// Whether a root can be made here; the error says why not.
fn possible() -> std::result::Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("only Linux has a chroot for it".into());
    }
    if !packages::is_root() {
        return Err("only root can make a Debian sid with Wine 10".into());
    }
    let mut debootstrap = Command::new("debootstrap");
    debootstrap.arg("--version");
    if process::answer(debootstrap).is_none() {
        return Err("there is no debootstrap here, which makes a Debian sid".into());
    }
    let script = "mount --make-rprivate / 2>/dev/null; mount -t proc proc /proc";
    if process::answer(namespaces(script)).is_none() {
        return Err("nothing can be mounted here, which a Debian sid needs".into());
    }
    Ok(())
}

/// A shell with namespaces of its own that runs `script` on the arguments that are added.
fn namespaces(script: &str) -> Command {
    let mut unshare = Command::new("unshare");
    unshare.args([
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        // In a chroot the default fails: its `/` is not a mount point.
        "--propagation",
        "unchanged",
        "sh",
        "-c",
        script,
        "sh",
    ]);
    unshare
}

fn quietly(label: &str, command: Command) -> Result<()> {
    process::quietly(label, LIMIT, command).map(|_| ())
}
