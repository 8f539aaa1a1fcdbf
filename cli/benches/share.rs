//! How long a value takes from a region through `winshm share` and `winshm mirror` into another, all on this computer.
//!
//! `cargo xtask bench mirror`

#[cfg(windows)]
#[path = "mirror/latency.rs"]
mod latency;

fn main() {
    #[cfg(windows)]
    latency::run();
    #[cfg(not(windows))]
    println!("There are named regions under Windows alone.");
}
