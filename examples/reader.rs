//! An overlay: shows the state of the game, and outlives it.

use std::time::Duration;

use win_shared_memory::snapshot::Reader;
use win_shared_memory::{Liveness, SharedData, SharedMemoryError, SharedMemoryOptions};

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
        if game.wait_changed(Duration::from_millis(500))? {
            let Some(state) = game.latest()? else {
                continue;
            };
            let paused = if state.paused { ", paused" } else { "" };
            println!("score {}, {} lives{paused}", state.score, state.lives);
        } else if game.writer_liveness() == Liveness::Gone {
            println!("the game has ended; waiting for the next one");
            game.wait_changed(Duration::MAX)?;
        } else {
            println!("the game is busy");
        }
    }
}
