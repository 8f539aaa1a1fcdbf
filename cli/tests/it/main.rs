//! The program as its users run it: one binary, a module a subject. Only Windows has live regions.

#![allow(clippy::unwrap_used, reason = "a test")]

#[cfg(feature = "mqtt")]
mod broker;
#[cfg(feature = "share")]
mod browser;
#[cfg(feature = "share")]
mod chromium;
#[cfg(all(feature = "share", target_os = "linux"))]
mod computers;
#[cfg(feature = "share")]
mod crowds;
#[cfg(feature = "share")]
mod foxglove;
mod full_disk;
mod help;
mod layouts;
#[cfg(feature = "share")]
mod link;
#[cfg(windows)]
mod live;
#[cfg(feature = "share")]
mod memory;
#[cfg(feature = "mqtt")]
mod mosquitto;
#[path = "../../../core/tests/it/noise.rs"]
mod noise;
#[cfg(all(feature = "share", target_os = "linux"))]
mod prefix;
#[cfg(feature = "share")]
mod prometheus;
#[cfg(feature = "share")]
#[path = "../../../core/examples/race.rs"]
#[allow(dead_code, reason = "as an example it is a program")]
mod race;
mod recording;
#[cfg(any(windows, all(feature = "share", target_os = "linux")))]
mod samples;
#[cfg(feature = "share")]
mod share;
mod tables;
#[cfg(unix)]
mod terminal;
mod tool;
mod watching;
