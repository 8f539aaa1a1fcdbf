//! Integration tests: one binary, a module per subject.

#![cfg(windows)]
#![allow(clippy::unwrap_used)]

mod raw;
mod support;
mod tokens;

mod create_open;
mod handles;
mod interop;
mod leaks;
mod names;
mod reserve;
mod rights;
mod security;
mod views;
