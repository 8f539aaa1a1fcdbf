//! Reads the sources and holds the rules of the house: `ARCHITECTURE.md` says why each of them is there.
//!
//! `cargo test -p tidy`, on any system.

#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "a test")]

mod api;
mod changelog;
mod dependencies;
mod examples;
mod layers;
mod prose;
mod readme;
mod sources;
mod timeouts;
mod walls;
