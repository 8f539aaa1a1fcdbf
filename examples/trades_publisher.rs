//! An exchange: broadcasts every trade to whoever listens, and waits for nobody.
//!
//! Start it beside `trades`, as often as you like.

use std::thread;
use std::time::Duration;

use win_shared_memory::{SharedData, SharedMemoryError, broadcast::Sender};

#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct Trade {
    number: u64,
    price: f64,
    volume: u32,
}

fn main() -> Result<(), SharedMemoryError> {
    let mut exchange = Sender::register(r"Local\win-shared-memory-trades")?;
    loop {
        // While somebody listens, numbers go on after an exchange that was killed.
        let number = exchange.number() + 1;
        exchange.send(&Trade {
            number,
            price: 100.0 + (number as f64 / 10.0).sin(),
            volume: 1 + number as u32 % 9,
        });
        thread::sleep(Duration::from_millis(100));
    }
}
