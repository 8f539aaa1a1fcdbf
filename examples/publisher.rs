//! A game: publishes its state ten times a second.

use std::thread;
use std::time::Duration;

use win_shared_memory::{SharedData, SharedMemoryError, snapshot::Writer};

#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct GameState {
    score: u32,
    lives: u8,
    paused: bool,
}

fn main() -> Result<(), SharedMemoryError> {
    let mut writer = Writer::register(r"Local\my_game_state")?;
    for score in 0.. {
        writer.publish(&GameState {
            score,
            lives: 3,
            paused: false,
        });
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
