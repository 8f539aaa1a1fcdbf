//! An overlay: shows the state of the game, and outlives it.

use std::time::Duration;

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
    let mut game = SharedMemoryOptions::new()
        .wait(Duration::MAX)
        .open_snapshot::<GameState>(r"Local\my_game_state")?;
    let mut seen = 0;
    loop {
        match game.try_wait_newer(seen, Duration::from_millis(500))? {
            Some((version, state)) => {
                seen = version;
                let paused = if state.paused { ", paused" } else { "" };
                println!("score {}, {} lives{paused}", state.score, state.lives);
            }
            None if game.writer() == Liveness::Gone => {
                println!("the game has ended; waiting for the next one");
                game.wait_for_news(seen, Duration::MAX)?;
            }
            None => println!("the game is busy"),
        }
    }
}
