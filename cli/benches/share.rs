//! What a region costs on its way to others, all on this computer: how long a value takes through `winshm share` and
//! `winshm mirror` into another region, and whether many clients slow the program that reads the region for them.
//!
//! `cargo xtask bench share`

#[cfg(windows)]
#[path = "share/clients.rs"]
mod clients;
#[cfg(windows)]
#[path = "share/latency.rs"]
mod latency;
#[cfg(windows)]
#[path = "share/region.rs"]
mod region;

fn main() {
    #[cfg(windows)]
    {
        latency::run();
        clients::run();
    }
    #[cfg(not(windows))]
    println!("Only Windows has named regions.");
}
