//! The cores of the protocols, which are portable, compiled for this system.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release -p model`: loom tries every order of their steps.
//!
//! `cargo test -p model`: random histories, one thread.

#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "a test")]
#![allow(dead_code, reason = "the library uses more of the cores")]

#[macro_use]
mod step;
#[cfg(loom)]
mod broadcast_model;
#[cfg(loom)]
mod channel_model;
#[cfg(loom)]
mod consistency_model;
#[cfg(loom)]
mod ends_model;
#[cfg(loom)]
mod event;
#[cfg(loom)]
mod explore;
#[cfg(loom)]
mod in_order_model;
#[cfg(loom)]
mod lock_model;
#[cfg(not(loom))]
mod properties;
#[cfg(loom)]
mod record_model;
#[cfg(loom)]
mod ring_model;
#[cfg(loom)]
mod sequence_model;
#[cfg(loom)]
mod wake_model;

#[path = "../../../src/cores/mod.rs"]
mod cores;
#[path = "../../../src/data/identity.rs"]
mod identity;
pub use identity::ProcessIdentity;
mod data {
    pub(crate) use super::identity;
}
pub use cores::consistency::{Cause, in_order};
