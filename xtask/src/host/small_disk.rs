//! A disk that is soon full.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::host::paths::Paths;
use crate::host::process;

const LIMIT: Duration = Duration::from_secs(60);

/// A file system of three MiB in memory, until it is dropped.
#[derive(Debug)]
pub(crate) struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Makes one; or tells why this machine does not let us.
    pub(crate) fn mount(paths: &Paths) -> Result<std::result::Result<Self, String>> {
        if !cfg!(target_os = "linux") {
            return Ok(Err("it is made on Linux only".into()));
        }
        let folder = paths.target().join("small-disk");
        fs::create_dir_all(&folder).map_err(|error| Failure::io("make", &folder, &error))?;
        // One that a run has left behind that was killed.
        unmount(&folder);
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=3m", "tmpfs"])
            .arg(&folder);
        Ok(match process::run("mount", LIMIT, mount) {
            Ok(()) => Ok(Self(folder)),
            Err(failure) => Err(format!("it cannot be mounted: {failure}")),
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        unmount(&self.0);
    }
}

fn unmount(folder: &Path) {
    let mut umount = Command::new("umount");
    umount.arg(folder);
    // Where nothing is mounted, it fails.
    process::answer(umount);
}
