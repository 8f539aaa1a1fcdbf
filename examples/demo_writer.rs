//! The publishing half of the demo: shares a typed region and changes it ten times a second.
//!
//! Start `demo_reader` beside it.

use std::time::Duration;

use win_shared_memory::{ReadWrite, SharedData, SharedMemoryError, SharedMemoryLink};

/// What is shared: the same lines stand in `demo_reader`.
#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct Telemetry {
    tick: u32,
    speed_kmh: f32,
    rpm: u16,
    gear: u8,
}

fn main() -> Result<(), SharedMemoryError> {
    let link: SharedMemoryLink<Telemetry, ReadWrite> =
        SharedMemoryLink::get_or_create(r"Local\win-shared-memory-demo")?;
    println!("publishing {} bytes", link.len());

    for tick in 1_u32.. {
        let speed = 120.0 + 80.0 * (f64::from(tick) / 10.0).sin();
        link.write(&Telemetry {
            tick,
            speed_kmh: speed as f32,
            rpm: 1000 + 30 * speed as u16,
            gear: 1 + (speed / 50.0) as u8,
        });
        if tick % 10 == 0 {
            println!("tick {tick}");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
