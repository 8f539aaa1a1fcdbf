//! This machine: Debian and its packages, Rust, Wine, locks and processes.

pub(crate) mod cpu;
pub(crate) mod i686;
pub(crate) mod interrupt;
pub(crate) mod job;
pub(crate) mod lock;
pub(crate) mod log;
pub(crate) mod orphans;
pub(crate) mod packages;
pub(crate) mod paths;
pub(crate) mod process;
pub(crate) mod scrub;
pub(crate) mod session;
pub(crate) mod sid;
pub(crate) mod small_disk;
pub(crate) mod toolchain;
pub(crate) mod version;
pub(crate) mod wine;
