//! An overlay that ends at once when it is told to: it waits for the game and for an event at the same time.
//!
//! Start it beside `publisher`. Any program of this session can end it, as a second one of these does:
//! `cargo run --example stop -- now`.

use std::env;

use win_shared_memory::snapshot::Reader;
use win_shared_memory::sync::{Event, Reset, wait_any};
use win_shared_memory::{SharedData, SharedMemoryError};

#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct GameState {
    score: u32,
    lives: u8,
    paused: bool,
}

fn main() -> Result<(), SharedMemoryError> {
    let stop = Event::get_or_create(r"Local\my_overlay_stop", Reset::Manual)?;
    if env::args().nth(1).is_some() {
        return stop.set();
    }
    let mut game = Reader::<GameState>::open(r"Local\my_game_state")?;
    loop {
        // `None`: there is a value to look at, and nothing to wait for.
        let Some(armed) = game.arm()? else {
            if let Some(GameState { score, lives, .. }) = game.latest()? {
                println!("score {score}, {lives} lives");
            }
            continue;
        };
        if wait_any(&[&stop, &armed], armed.look_after())? == Some(0) {
            println!("stopped");
            return Ok(());
        }
    }
}
