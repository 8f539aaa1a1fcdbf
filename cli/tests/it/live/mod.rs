//! Regions that live: made by this process, and by foreign programs.

mod clients;
mod layouts;
mod listing;
#[cfg(feature = "share")]
mod mirroring;
#[cfg(feature = "share")]
mod noisy;
mod producers;
mod reading;
mod serving;
#[cfg(feature = "share")]
mod sharing;
mod standing_in;
mod watching;
mod writing;

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// A name that no other test has, without a prefix.
fn fresh_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("winshm-test-{}-{number}", process::id())
}
