//! What people see of `winshm-zenoh`: on one computer, and on several that are network namespaces of this one.
#![allow(clippy::unwrap_used, reason = "a test")]

mod drive;
mod machines;
#[path = "../../../cli/tests/it/memory.rs"]
mod memory;
#[cfg(target_os = "linux")]
#[path = "../../../cli/tests/it/prefix.rs"]
mod prefix;
mod program;

#[cfg(target_os = "linux")]
mod mirrors;
mod networks;
mod one_computer;
