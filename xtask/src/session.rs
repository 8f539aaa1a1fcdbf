//! A stretch of time in which programs can be run: set up before, nothing
//! left behind after.

use crate::failure::Result;
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
        let outcome = wine::start_server(paths).and_then(|()| work(&session));
        session.end_wine()?;
        outcome
    }

    /// Ends whatever runs under Wine, unless somebody else uses it too.
    pub(crate) fn restart_wine(&self) -> Result<()> {
        if self.toolchain == Toolchain::Native {
            return Ok(());
        }
        self.end_wine()?;
        self.lock.share()?;
        wine::start_server(self.paths)
    }

    /// The last to leave turns off the light.
    fn end_wine(&self) -> Result<()> {
        self.lock.release()?;
        if self.lock.try_own() {
            wine::stop_server(self.paths);
            orphans::bury();
            self.lock.release()?;
        }
        Ok(())
    }
}
