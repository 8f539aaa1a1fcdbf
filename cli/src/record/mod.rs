//! The recording of regions.

mod disk;
mod files;
mod trigger;

#[cfg(windows)]
mod marks;

mod session;

#[cfg(windows)]
pub(crate) use marks::mark;

pub(crate) use files::{Files, Split};
pub(crate) use session::{Memory, Session};
pub(crate) use trigger::Trigger;
