//! Watches the game: says which process publishes, and at once when that exits.
//!
//! Start it beside `publisher`.

use std::time::Duration;

use win_shared_memory::snapshot::Reader;
use win_shared_memory::{Process, SharedData, SharedMemoryError, SharedMemoryOptions};

#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct GameState {
    score: u32,
    lives: u8,
    paused: bool,
}

fn main() -> Result<(), SharedMemoryError> {
    println!("waiting for the game");
    let mut game = Reader::<GameState>::open_with(
        r"Local\my_game_state",
        SharedMemoryOptions::new().wait(Duration::MAX),
    )?;
    loop {
        let last = game.latest()?;
        // An id alone is assigned again after its process has exited; an identity is not.
        let process = match game.writer() {
            Some(identity) => Process::open_if_alive(identity)?,
            None => None,
        };
        if let Some(process) = process {
            println!("the game is process {}", process.identity().id);
            process.wait_timeout(Duration::MAX)?;
            println!("process {} has exited", process.identity().id);
        } else {
            if let Some(state) = last {
                println!("it got to {} points; waiting for the next", state.score);
            }
            game.wait_changed(Duration::MAX)?;
        }
    }
}
