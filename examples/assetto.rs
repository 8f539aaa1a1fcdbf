//! Reads the physics of Assetto Corsa or Assetto Corsa Competizione: a dashboard in one line.
//!
//! Start it beside the game, or beside `assetto_publisher`.

use std::sync::atomic::{Ordering, fence};
use std::thread::sleep;
use std::time::Duration;

use win_shared_memory::{SharedMemoryError, SharedMemoryLink, SharedMemoryOptions, field};

#[path = "layouts/assetto.rs"]
mod assetto;

use assetto::Physics;

fn main() -> Result<(), SharedMemoryError> {
    println!("waiting for Assetto Corsa");
    let link = SharedMemoryOptions::new()
        .wait(Duration::MAX)
        .open::<Physics>(assetto::NAME)?;

    let mut seen = 0;
    loop {
        // A look at one field costs nothing; the rest is copied when there is something new.
        if field!(link.packet_id).read() != seen {
            if let Some(now) = snapshot(&link) {
                print(&now);
                seen = now.packet_id;
            }
        }
        sleep(Duration::from_millis(200));
    }
}

/// All values of one step of the physics; `None` if the game was quicker, again and again.
///
/// The game takes no lock. It counts up `packet_id` with each step, so if that is another after the
/// copy than before, the copy may be of two steps, and this tries again. A game that is stopped in the
/// midst of a step goes unnoticed: nothing in this layout would tell.
fn snapshot(link: &SharedMemoryLink<Physics>) -> Option<Physics> {
    for _ in 0..10 {
        let before = field!(link.packet_id).read();
        fence(Ordering::Acquire);
        let mut now = link.read();
        fence(Ordering::Acquire);
        if field!(link.packet_id).read() == before {
            now.packet_id = before;
            return Some(now);
        }
    }
    None
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
