//! Stands in for Assetto Corsa: a car that goes from corner to corner.

use std::thread::sleep;
use std::time::Duration;

use win_shared_memory::{ReadWrite, SharedMemoryError, SharedMemoryLink};
use win_shared_memory_catalogue::assetto_corsa::Physics;

fn main() -> Result<(), SharedMemoryError> {
    // Fails if the region exists, so that no reader of the real game is misled.
    let link: SharedMemoryLink<Physics, ReadWrite> = SharedMemoryLink::create(Physics::NAME)?;
    println!("publishing {} bytes as {}", link.len(), Physics::NAME);

    // A new region is all zero, and zeros are a `Physics`.
    let mut car = link.read();
    for step in 1.. {
        // Five seconds from corner to corner: four on the gas, one on the brake.
        let time = step as f32 / 50.0 % 5.0;
        let braking = time > 4.0;
        car.packet_id = step;
        car.gas = if braking { 0.0 } else { 1.0 };
        car.brake = 1.0 - car.gas;
        car.fuel = 60.0 - step as f32 / 1000.0;
        car.speed_kmh = if braking {
            200.0 - 120.0 * (time - 4.0)
        } else {
            80.0 + 30.0 * time
        };
        car.gear = 2 + car.speed_kmh as i32 / 45;
        car.rpm = 4000 + (car.speed_kmh * 90.0) as i32 % 4000;
        car.current_max_rpm = 8500;
        car.wheels_pressure = [27.4, 27.6, 26.9, 27.1].map(|it| it + car.speed_kmh / 400.0);
        car.is_engine_running = 1;
        link.write(&car);
        sleep(Duration::from_millis(20));
    }
    Ok(())
}
