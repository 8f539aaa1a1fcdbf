//! The publishing half of the demo: shares a typed region and changes it ten times a second.
//!
//! Start `demo_reader` beside it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use win_shared_memory::{ReadWrite, SharedMemoryError, SharedMemoryLink};

/// What is shared: the same lines stand in `demo_reader`. Fields that are atomics can be read and
/// written by several programs at once.
#[repr(C)]
struct Telemetry {
    tick: AtomicU32,
    speed_kmh: AtomicU32,
    rpm: AtomicU32,
}

fn main() -> Result<(), SharedMemoryError> {
    let link: SharedMemoryLink<Telemetry, ReadWrite> =
        SharedMemoryLink::create(r"Local\win-shared-memory-demo")?;
    // SAFETY: any bytes are valid atomics, and all programs access them as atomics only.
    let telemetry = unsafe { link.get() };
    println!("publishing {} bytes", link.len());

    for tick in 1_u32.. {
        let phase = f64::from(tick) / 10.0;
        let speed = (120.0 + 80.0 * phase.sin()) as u32;
        telemetry.speed_kmh.store(speed, Ordering::Relaxed);
        telemetry.rpm.store(1000 + 30 * speed, Ordering::Relaxed);
        // Stored last: whoever sees the new tick sees the new values, too.
        telemetry.tick.store(tick, Ordering::Release);
        if tick % 10 == 0 {
            println!("tick {tick}");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
