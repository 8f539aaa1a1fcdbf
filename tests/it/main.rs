//! Integration tests: one binary, a module per subject.

#![cfg(windows)]
#![allow(clippy::unwrap_used)]

#[cfg(target_arch = "x86_64")]
mod calls;
mod format;
mod raw;
mod support;
mod tokens;

mod attachment;
mod broadcast;
mod channel;
mod consistency;
mod create_open;
mod derive;
mod errors;
mod handles;
mod histories;
mod hostile;
mod interop;
mod kill;
mod large_pages;
mod leaks;
mod lifetime;
mod liveness;
mod lock_modes;
mod names;
mod namespace;
mod process;
mod profiles;
mod races;
mod readme;
mod reserve;
mod rights;
mod security;
mod shared_mutex;
mod snapshot;
mod steps;
mod sync;
mod timeouts;
mod typed;
mod untyped;
mod views;
mod waiting;
