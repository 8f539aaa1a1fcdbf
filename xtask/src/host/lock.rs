//! Keeps two runs of the same checkout out of each other's way.
//!
//! A run that uses the Wine prefix shares its lock; one that changes the prefix, or ends its server, has the
//! lock alone. So has one that uses the Debian sid. The system releases a lock when its run dies.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::host::interrupt;
use crate::host::log::say;

const TICK: Duration = Duration::from_millis(100);

/// A lock file, open and as yet unlocked.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    /// What it locks.
    subject: &'static str,
}

impl Lock {
    pub(crate) fn open(path: &Path, subject: &'static str) -> Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| Failure::io("make", folder, &error))?;
        }
        let file = File::options().create(true).append(true).open(path);
        let file = file.map_err(|error| Failure::io("open", path, &error))?;
        Ok(Self { file, subject })
    }

    /// Waits until nobody has it alone.
    pub(crate) fn share(&self) -> Result<()> {
        self.wait("being set up", File::try_lock_shared)
    }

    /// Waits until nobody else has it.
    pub(crate) fn own(&self) -> Result<()> {
        self.wait("in use", File::try_lock)
    }

    /// Takes it alone if nobody else has it.
    pub(crate) fn try_own(&self) -> bool {
        self.file.try_lock().is_ok()
    }

    pub(crate) fn release(&self) -> Result<()> {
        self.file.unlock().map_err(|error| refused(&error))
    }

    fn wait(&self, why: &str, attempt: Attempt) -> Result<()> {
        let mut told = false;
        loop {
            match attempt(&self.file) {
                Ok(()) => return Ok(()),
                Err(TryLockError::Error(error)) => return Err(refused(&error)),
                Err(TryLockError::WouldBlock) => {}
            }
            if interrupt::requested() {
                return Err(Failure::interrupted());
            }
            if !told {
                let subject = self.subject;
                say(&format!(
                    "{subject} is {why} by another `cargo xtask`; waiting for that to end …"
                ));
                told = true;
            }
            thread::sleep(TICK);
        }
    }
}

type Attempt = fn(&File) -> std::result::Result<(), TryLockError>;

fn refused(error: &io::Error) -> Failure {
    Failure::new(format!(
        "cannot lock this checkout's target folder: {error}"
    ))
}
