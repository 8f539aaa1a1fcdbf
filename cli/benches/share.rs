//! What a region costs on its way to others, all on this computer: how long a value takes through `winshm share` and
//! `winshm mirror` into another region, what traffic that is, and whether many clients slow the program that reads the
//! region for them.
//!
//! `cargo xtask bench share`

#[cfg(windows)]
#[path = "share/clients.rs"]
mod clients;
#[cfg(windows)]
#[path = "share/latency.rs"]
mod latency;
#[cfg(windows)]
#[path = "../../core/tests/it/noise.rs"]
mod noise;
#[cfg(windows)]
#[path = "share/region.rs"]
mod region;
#[cfg(windows)]
#[path = "share/table.rs"]
mod table;

fn main() {
    #[cfg(windows)]
    {
        let mut table = table::Table::default();
        latency::run(&mut table);
        clients::run(&mut table);
        println!("{}:\n\n{table}", region::ABOUT);
    }
    #[cfg(not(windows))]
    println!("Only Windows has named regions.");
}
