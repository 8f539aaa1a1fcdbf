//! The reading half of the demo: waits for `demo_writer`'s region and prints its values as they
//! change.

use std::time::Duration;

use win_shared_memory::{SharedData, SharedMemoryError, SharedMemoryOptions, field};

/// What is shared: the same lines stand in `demo_writer`.
#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct Telemetry {
    tick: u32,
    speed_kmh: f32,
    rpm: u16,
    gear: u8,
}

fn main() -> Result<(), SharedMemoryError> {
    println!("waiting for the writer");
    let link = SharedMemoryOptions::new()
        .wait(Duration::from_secs(30))
        .open::<Telemetry>(r"Local\win-shared-memory-demo")?;

    let mut seen = 0;
    loop {
        // A look at one field costs nothing; the rest is copied when there is something new.
        if field!(link.tick).read() != seen {
            let now = link.read();
            println!(
                "tick {:4}: {:5.1} km/h at {:5} rpm in gear {}",
                now.tick, now.speed_kmh, now.rpm, now.gear
            );
            seen = now.tick;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
