//! Keeps two runs of the same checkout out of each other's way.
//!
//! Who uses the Wine prefix shares the lock; who changes it, or turns its
//! server off, has it alone. The system releases it when a run dies.

use std::fs::{self, File, TryLockError};
use std::io;
use std::thread;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::interrupt;
use crate::paths::Paths;
use crate::process::say;

const TICK: Duration = Duration::from_millis(100);

/// The lock file, open and as yet unlocked.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    pub(crate) fn open(paths: &Paths) -> Result<Self> {
        let path = paths.lock();
        fs::create_dir_all(paths.target())
            .map_err(|error| Failure::io("make the folder", paths.target(), &error))?;
        let file = File::options().create(true).append(true).open(&path);
        let file = file.map_err(|error| Failure::io("open", &path, &error))?;
        Ok(Self { file })
    }

    /// Waits until nobody has it alone.
    pub(crate) fn share(&self) -> Result<()> {
        wait("being set up by another `cargo xtask`", || {
            self.file.try_lock_shared()
        })
    }

    /// Waits until nobody else has it.
    pub(crate) fn own(&self) -> Result<()> {
        wait("in use by another `cargo xtask`", || self.file.try_lock())
    }

    /// Takes it alone if nobody else has it.
    pub(crate) fn try_own(&self) -> bool {
        self.file.try_lock().is_ok()
    }

    pub(crate) fn release(&self) -> Result<()> {
        self.file.unlock().map_err(|error| refused(&error))
    }
}

fn wait(why: &str, attempt: impl Fn() -> std::result::Result<(), TryLockError>) -> Result<()> {
    let mut told = false;
    loop {
        match attempt() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(refused(&error)),
            Err(TryLockError::WouldBlock) => {}
        }
        if interrupt::requested() {
            return Err(Failure::interrupted());
        }
        if !told {
            say(&format!(
                "The Wine prefix is {why}; waiting for that to end …"
            ));
            told = true;
        }
        thread::sleep(TICK);
    }
}

fn refused(error: &io::Error) -> Failure {
    Failure::new(format!(
        "cannot lock this checkout's target folder: {error}"
    ))
}
