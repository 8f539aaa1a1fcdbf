//! The reading half of the demo: waits for `demo_writer`'s region and prints its values as they
//! change.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use win_shared_memory::{SharedMemoryError, SharedMemoryOptions};

/// What is shared: the same lines stand in `demo_writer`.
#[repr(C)]
struct Telemetry {
    tick: AtomicU32,
    speed_kmh: AtomicU32,
    rpm: AtomicU32,
}

fn main() -> Result<(), SharedMemoryError> {
    println!("waiting for the writer");
    let link = SharedMemoryOptions::new()
        .wait(Duration::from_secs(30))
        .open::<Telemetry>(r"Local\win-shared-memory-demo")?;
    // SAFETY: any bytes are valid atomics, and all programs access them as atomics only; this link
    // is read-only, and nothing is stored through it.
    let telemetry = unsafe { link.get() };

    let mut seen = 0;
    loop {
        let tick = telemetry.tick.load(Ordering::Acquire);
        if tick != seen {
            seen = tick;
            println!(
                "tick {tick:4}: {:3} km/h at {:5} rpm",
                telemetry.speed_kmh.load(Ordering::Relaxed),
                telemetry.rpm.load(Ordering::Relaxed),
            );
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
