//! An overlay in asynchronous code: tokio tasks follow the state of the game until it is over.
//!
//! Start it beside `publisher`. tokio cannot wait for a handle. So one thread that may block waits, for the game and
//! for the end at the same time, and passes each value on to any number of tasks.

use std::error::Error;
use std::sync::Arc;

use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
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

fn main() -> Result<(), Box<dyn Error>> {
    Builder::new_current_thread().build()?.block_on(show())
}

async fn show() -> Result<(), Box<dyn Error>> {
    let game = Reader::open(r"Local\my_game_state")?;
    let stop = Arc::new(Event::create_unnamed(Reset::Manual)?);
    let (sender, mut states) = watch::channel(None);
    let follower = spawn_blocking({
        let stop = Arc::clone(&stop);
        move || follow(game, &stop, &sender)
    });
    // Ends also when the sender is gone, because `follow` has returned an error.
    while states.changed().await.is_ok() {
        if let Some(GameState { score, lives, .. }) = *states.borrow_and_update() {
            println!("score {score}, {lives} lives");
            if lives == 0 {
                break;
            }
        }
    }
    stop.set()?;
    Ok(follower.await??)
}

/// Sends every state until `stop` is set.
fn follow(
    mut game: Reader<GameState>,
    stop: &Event,
    states: &watch::Sender<Option<GameState>>,
) -> Result<(), SharedMemoryError> {
    loop {
        // `None`: there is a value to look at, and nothing to wait for.
        let Some(armed) = game.arm()? else {
            states.send_replace(game.latest()?);
            continue;
        };
        if wait_any(&[stop, &armed], armed.look_after())? == Some(0) {
            return Ok(());
        }
    }
}
