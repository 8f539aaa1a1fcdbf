//! A stretch of time in which programs can be run: set up before, nothing
//! left behind after.

use std::fs;

use crate::failure::{Failure, Result};
use crate::lock::Lock;
use crate::orphans;
use crate::packages::Needs;
use crate::paths::Paths;
use crate::setup;
use crate::toolchain::Toolchain;
use crate::wine;

/// What a command works with.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) paths: &'a Paths,
    pub(crate) toolchain: Toolchain,
    lock: Lock,
}

impl<'a> Session<'a> {
    /// Sets up what `needs` asks for, runs `work`, and ends Wine if nobody
    /// else uses it.
    pub(crate) fn run<T>(
        paths: &'a Paths,
        needs: Needs,
        work: impl FnOnce(&Self) -> Result<T>,
    ) -> Result<T> {
        let toolchain = Toolchain::choose();
        orphans::adopt();
        let lock = setup::prepare(paths, toolchain, needs)?;
        let session = Self {
            paths,
            toolchain,
            lock,
        };
        if toolchain == Toolchain::Native {
            return work(&session);
        }
        let outcome = session.start().and_then(|()| work(&session));
        session.end()?;
        outcome
    }

    /// Ends whatever runs under Wine, unless somebody else uses it too.
    pub(crate) fn restart_wine(&self) -> Result<()> {
        if self.toolchain == Toolchain::Native {
            return Ok(());
        }
        self.end()?;
        self.lock.share()?;
        self.start()
    }

    fn start(&self) -> Result<()> {
        let folder = self.paths.temporary();
        fs::create_dir_all(&folder).map_err(|error| Failure::io("make", &folder, &error))?;
        wine::start_server(self.paths)
    }

    /// The last to leave turns off the light.
    fn end(&self) -> Result<()> {
        self.lock.release()?;
        if self.lock.try_own() {
            wine::stop_server(self.paths);
            orphans::bury();
            // What cannot be removed now is removed next time.
            let _ = fs::remove_dir_all(self.paths.temporary());
            self.lock.release()?;
        }
        Ok(())
    }
}
