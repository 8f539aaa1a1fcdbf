//! A stretch of time in which programs can be run: set up before, nothing
//! left behind after.

use crate::failure::Result;
use crate::lock::Lock;
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
        let lock = setup::prepare(paths, toolchain, needs)?;
        if toolchain == Toolchain::Native {
            return work(&Self { paths, toolchain });
        }
        let outcome = wine::start_server(paths).and_then(|()| work(&Self { paths, toolchain }));
        end_wine(paths, &lock)?;
        outcome
    }
}

/// The last to leave turns off the light.
fn end_wine(paths: &Paths, lock: &Lock) -> Result<()> {
    lock.release()?;
    if lock.try_own() {
        wine::stop_server(paths);
        lock.release()?;
    }
    Ok(())
}
