//! The program as its users run it: one binary, a module a subject. Live regions are there under Windows alone.

#![allow(clippy::unwrap_used, reason = "a test")]

mod help;
mod layouts;
#[cfg(windows)]
mod live;
mod recording;
mod tables;
mod tool;
mod watching;
