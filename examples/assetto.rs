//! Reads the physics of Assetto Corsa or Assetto Corsa Competizione: a dashboard in one line.
//!
//! Start it beside the game, or beside `assetto_publisher`.

use std::thread::sleep;
use std::time::Duration;

use win_shared_memory::attachment::{Attachment, News, Sign};
use win_shared_memory::consistency::{Convention, Reader};
use win_shared_memory::{SharedMemoryError, field};
use win_shared_memory_catalogue::assetto_corsa::Physics;

fn main() -> Result<(), SharedMemoryError> {
    println!("waiting for Assetto Corsa");
    let mut game = Attachment::new(Physics::NAME, |view| {
        let physics = view.place::<Physics>(0)?;
        Ok(Sign::Heartbeat(field!(physics.packet_id).read().into()))
    });
    let mut reader = Reader::new();
    loop {
        if let Some(News::Changed(change)) = game.wait(Duration::MAX)? {
            println!("{change}");
        }
        if let Some(view) = game.live() {
            let physics = view.place::<Physics>(0)?;
            // The game takes no lock. It counts `packet_id` up with each step of its physics.
            let step = Convention::counter(field!(physics.packet_id));
            match reader.read(&step, |_| physics.read()) {
                Ok(now) => print(&now),
                Err(error) => println!("{error}"),
            }
            sleep(Duration::from_millis(200));
        }
    }
}

fn print(now: &Physics) {
    let gear = match now.gear {
        0 => "R".into(),
        1 => "N".into(),
        gear => (i64::from(gear) - 1).to_string(),
    };
    let pressures = now.wheels_pressure.map(|psi| format!("{psi:.1}"));
    println!(
        "{:5.1} km/h  gear {gear}  {:5} rpm  gas {:3.0} %  brake {:3.0} %  fuel {:4.1} l  tyres {} psi",
        now.speed_kmh,
        now.rpm,
        now.gas * 100.0,
        now.brake * 100.0,
        now.fuel,
        pressures.join(" ")
    );
}
