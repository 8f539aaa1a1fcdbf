//! A stretch of time in which programs can be run: this machine is made ready before it, and nothing is left
//! running after it.

use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::failure::{Failure, Result};
use crate::host::lock::Lock;
use crate::host::log::say;
use crate::host::orphans;
use crate::host::packages::{self, Needs};
use crate::host::paths::Paths;
use crate::host::toolchain::Toolchain;
use crate::host::wine;

/// What a command works with.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) paths: &'a Paths,
    pub(crate) toolchain: Toolchain,
    lock: Lock,
    wine: Mutex<Option<wine::Server>>,
}

impl<'a> Session<'a> {
    /// Sets up what `needs` asks for, runs `work`, and ends Wine unless another run uses it too.
    pub(crate) fn run<T>(
        paths: &'a Paths,
        needs: Needs,
        work: impl FnOnce(&Self) -> Result<T>,
    ) -> Result<T> {
        let toolchain = Toolchain::choose();
        orphans::adopt();
        let lock = prepare(paths, toolchain, needs)?;
        let session = Self {
            paths,
            toolchain,
            lock,
            wine: Mutex::default(),
        };
        if toolchain == Toolchain::Native {
            return work(&session);
        }
        let outcome = session.start().and_then(|()| work(&session));
        session.end()?;
        outcome
    }

    /// Ends whatever runs under Wine, unless another run uses it too.
    pub(crate) fn restart_wine(&self) -> Result<()> {
        if self.toolchain == Toolchain::Native {
            return Ok(());
        }
        self.stop_wine()?;
        self.lock.release()?;
        self.lock.share()?;
        self.start_wine()
    }

    fn start(&self) -> Result<()> {
        let folder = self.paths.temporary();
        fs::create_dir_all(&folder).map_err(|error| Failure::io("make", &folder, &error))?;
        self.start_wine()
    }

    fn end(&self) -> Result<()> {
        if self.stop_wine()? {
            // What cannot be removed now is removed next time.
            let _ = fs::remove_dir_all(self.paths.temporary());
        }
        self.lock.release()
    }

    fn start_wine(&self) -> Result<()> {
        *self.wine() = Some(wine::start_server(self.paths)?);
        Ok(())
    }

    fn wine(&self) -> MutexGuard<'_, Option<wine::Server>> {
        self.wine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends whatever runs under Wine and has the lock alone then, or does neither if another run uses it too.
    fn stop_wine(&self) -> Result<bool> {
        *self.wine() = None;
        self.lock.release()?;
        let alone = self.lock.try_own();
        if alone {
            wine::stop_server(self.paths);
            orphans::bury();
        }
        Ok(alone)
    }
}

/// Installs what is missing and makes the Wine prefix. Returns the lock, shared.
fn prepare(paths: &Paths, toolchain: Toolchain, needs: Needs) -> Result<Lock> {
    if toolchain != Toolchain::Native {
        wine::keep_page_free();
    }
    let lock = Lock::open(&paths.wine_lock(), "The Wine prefix")?;
    lock.share()?;
    if toolchain == Toolchain::Native || is_done(paths, toolchain, needs)? {
        return Ok(lock);
    }
    lock.release()?;
    lock.own()?;
    // Another run may have done it meanwhile.
    let missing = packages::missing(toolchain, needs)?;
    if !missing.is_empty() {
        timed(|| packages::install(&missing))?;
    }
    if !wine::is_ready(paths) {
        say("Setting up Wine …");
        timed(|| wine::set_up(paths))?;
    }
    lock.release()?;
    lock.share()?;
    Ok(lock)
}

fn is_done(paths: &Paths, toolchain: Toolchain, needs: Needs) -> Result<bool> {
    Ok(packages::missing(toolchain, needs)?.is_empty() && wine::is_ready(paths))
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<()> {
    let started = Instant::now();
    work()?;
    let seconds = started.elapsed().as_secs_f32();
    say(&format!("  done in {seconds:.1} s"));
    Ok(())
}

/// `cargo xtask setup`.
pub(crate) fn set_up(paths: &Paths) -> Result<()> {
    let toolchain = Toolchain::choose();
    prepare(paths, toolchain, Needs::Everything)?;
    say(&format!("Ready: {}.", toolchain.describe()));
    if toolchain != Toolchain::Native {
        say(&format!("Wine prefix: {}", paths.wine_prefix().display()));
    }
    Ok(())
}
