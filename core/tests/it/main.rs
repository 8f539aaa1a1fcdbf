//! What is recorded can be read, whatever has become of the file.

#![allow(clippy::unwrap_used, reason = "a test")]

#[cfg(feature = "plot")]
mod charts;
mod exporting;
mod fuzz;
mod images;
#[cfg(feature = "import")]
mod importing;
mod noise;
mod playing;
mod printing;
mod python;
mod recordings;
mod regions;
mod selecting;
mod sharing;
mod topics;
