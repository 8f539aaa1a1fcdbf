//! An audio program: publishes the spectrum of what it plays, with more or fewer bands from block to block.
//!
//! Start it beside `spectrum`.

use std::thread;
use std::time::Duration;

use win_shared_memory::{SharedData, SharedMemoryError, snapshot::SliceWriter};

#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct Band {
    hertz: f32,
    level: f32,
}

fn main() -> Result<(), SharedMemoryError> {
    // Room for 256 bands; each block says how many it has.
    let mut writer = SliceWriter::register(r"Local\win-shared-memory-spectrum", 256)?;
    for block in 0_u32.. {
        let bands = 8 << (block / 20 % 3);
        let mut draft = writer.draft();
        for band in 0..bands {
            let at = band as f32 / bands as f32;
            draft.push(&Band {
                hertz: 20.0 * 1000.0_f32.powf(at),
                level: ((block as f32 / 5.0 + at * 9.0).sin() + 1.0) / 2.0,
            })?;
        }
        draft.publish();
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
