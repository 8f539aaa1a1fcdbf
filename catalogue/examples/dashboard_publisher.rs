//! Stands in for rFactor 2 with its plug-in: one car that goes faster and slower, fifty times a second.

use std::thread::sleep;
use std::time::Duration;

use win_shared_memory::consistency::in_order;
use win_shared_memory::{Encoding, ReadWrite, SharedMemoryError, SharedMemoryLink, field};
use win_shared_memory_catalogue::rfactor2::Telemetry;

fn main() -> Result<(), SharedMemoryError> {
    // Fails if the region exists, so that no reader of the real game is misled.
    let link: SharedMemoryLink<Telemetry, ReadWrite> = SharedMemoryLink::create(Telemetry::NAME)?;
    println!("publishing {} bytes as {}", link.len(), Telemetry::NAME);

    field!(link.num_vehicles).write(&1);
    let mut car = field!(link.vehicles[0]).read();
    Encoding::Windows1252.encode("Stand-in GT3", &mut car.vehicle_name);
    for step in 1_u32.. {
        let time = f64::from(step) / 50.0;
        let speed = 45.0 + 25.0 * (time / 2.0).sin();
        car.elapsed_time = time;
        car.local_vel.z = -speed;
        car.gear = 1 + speed as i32 / 15;
        car.engine_rpm = 2000.0 + 80.0 * speed;
        car.fuel = 60.0 - time / 100.0;
        // Counted up on both sides of a write, so that a reader can tell a torn copy.
        in_order(|| field!(link.version_update_begin).write(&step));
        field!(link.vehicles[0]).write(&car);
        in_order(|| field!(link.version_update_end).write(&step));
        sleep(Duration::from_millis(20));
    }
    Ok(())
}
