//! [`Prefix`], for the tests of `winshm-zenoh` as well.
//!
//! `WINEPREFIX` is a prefix to copy, and `WINSHM_EXE` the `winshm` for Windows.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A Wine prefix that stands for a computer, because no other sees its regions. Its programs end when it is dropped.
pub(crate) struct Prefix(tempfile::TempDir);

impl Prefix {
    /// With the disk of the prefix that there is, and a registry of its own.
    pub(crate) fn new() -> Self {
        let (there, here) = (variable("WINEPREFIX"), tempfile::tempdir().unwrap());
        let of = |name: &str| (there.join(name), here.path().join(name));
        for name in [".update-timestamp", "system.reg", "user.reg", "userdef.reg"] {
            let (from, to) = of(name);
            fs::copy(from, to).unwrap();
        }
        for name in ["dosdevices", "drive_c"] {
            let (from, to) = of(name);
            symlink(from, to).unwrap();
        }
        Self(here)
    }

    /// A program, which runs in this prefix if it is one for Windows that `wine` starts. The first of them starts Wine's
    /// server, which makes the sockets of all, in the network that the program is in.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        // Cargo's has libraries of this system.
        command.env_remove("LD_LIBRARY_PATH");
        command.env("WINEPREFIX", self.0.path()).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        self.command("wineserver", &["-k"]).status().ok();
    }
}

/// What an environment variable has, which the step of the tests sets.
pub(crate) fn variable(name: &str) -> PathBuf {
    std::env::var_os(name).expect(name).into()
}
