//! Draws the spectrum that `spectrum_publisher` publishes, with as many bands as each block has.

use std::time::Duration;

use win_shared_memory::snapshot::SliceReader;
use win_shared_memory::{SharedData, SharedMemoryError, SharedMemoryOptions};

#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct Band {
    hertz: f32,
    level: f32,
}

fn main() -> Result<(), SharedMemoryError> {
    let mut reader = SliceReader::<Band>::open_with(
        r"Local\win-shared-memory-spectrum",
        SharedMemoryOptions::new().wait(Duration::MAX),
    )?;
    // Used for each block again, so that only the largest allocates.
    let mut bands = Vec::new();
    loop {
        reader.wait_changed(Duration::MAX)?;
        if reader.latest_into(&mut bands)? {
            let bar = |band: &Band| [' ', '.', ':', '|', '#'][(band.level * 4.9) as usize % 5];
            let bars: String = bands.iter().map(bar).collect();
            let loudest = bands.iter().max_by(|a, b| a.level.total_cmp(&b.level));
            let loudest = loudest.map_or(0.0, |band| band.hertz);
            println!(
                "{:2} bands [{bars}] loudest at {loudest:5.0} Hz",
                bands.len()
            );
        }
    }
}
