//! An overlay in asynchronous code: tokio tasks follow the state of the game.
//!
//! Start it beside `publisher`. Waiting for a value blocks its thread, so one thread that may block waits, and
//! passes each value on to any number of tasks.

use std::error::Error;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use win_shared_memory::snapshot::Reader;
use win_shared_memory::{SharedData, SharedMemoryError, SharedMemoryOptions};

#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct GameState {
    score: u32,
    lives: u8,
    paused: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    Builder::new_current_thread().build()?.block_on(show())
}

async fn show() -> Result<(), Box<dyn Error>> {
    let (sender, mut states) = watch::channel(None);
    let follower = spawn_blocking(move || follow(&sender));
    while states.changed().await.is_ok() {
        if let Some(GameState { score, lives, .. }) = *states.borrow_and_update() {
            println!("score {score}, {lives} lives");
        }
    }
    // The sender is gone, so `follow` has returned an error.
    Ok(follower.await??)
}

/// Sends every state, until nobody receives them.
fn follow(states: &watch::Sender<Option<GameState>>) -> Result<(), SharedMemoryError> {
    let mut game = Reader::open_with(
        r"Local\my_game_state",
        SharedMemoryOptions::new().wait(Duration::MAX),
    )?;
    while !states.is_closed() {
        if game.wait_changed(Duration::from_millis(100))? {
            states.send_replace(game.latest()?);
        }
    }
    Ok(())
}
