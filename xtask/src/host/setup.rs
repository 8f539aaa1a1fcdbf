//! Makes this machine ready, once.

use std::time::Instant;

use crate::failure::Result;
use crate::lock::Lock;
use crate::packages::{self, Needs};
use crate::paths::Paths;
use crate::process::say;
use crate::toolchain::Toolchain;
use crate::wine;

/// Installs what is missing and makes the Wine prefix. On return the lock is
/// shared with others who use the prefix.
pub(crate) fn prepare(paths: &Paths, toolchain: Toolchain, needs: Needs) -> Result<Lock> {
    let lock = Lock::open(paths)?;
    lock.share()?;
    if toolchain == Toolchain::Native || is_done(paths, toolchain, needs)? {
        return Ok(lock);
    }
    lock.release()?;
    lock.own()?;
    // Somebody else may have done it while we waited.
    let missing = packages::missing(toolchain, needs)?;
    if !missing.is_empty() {
        let started = Instant::now();
        packages::install(&missing)?;
        say(&format!(
            "  done in {:.1} s",
            started.elapsed().as_secs_f32()
        ));
    }
    if !wine::is_ready(paths) {
        let started = Instant::now();
        say("Setting up Wine …");
        wine::set_up(paths)?;
        say(&format!(
            "  done in {:.1} s",
            started.elapsed().as_secs_f32()
        ));
    }
    lock.release()?;
    lock.share()?;
    Ok(lock)
}

fn is_done(paths: &Paths, toolchain: Toolchain, needs: Needs) -> Result<bool> {
    Ok(packages::missing(toolchain, needs)?.is_empty() && wine::is_ready(paths))
}

/// `cargo xtask setup`.
pub(crate) fn run(paths: &Paths) -> Result<()> {
    let toolchain = Toolchain::choose();
    prepare(paths, toolchain, Needs::Everything)?;
    say(&format!("Ready: {}.", toolchain.describe()));
    if toolchain != Toolchain::Native {
        say(&format!("Wine prefix: {}", paths.wine_prefix().display()));
    }
    Ok(())
}
