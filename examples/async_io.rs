//! An overlay in asynchronous code, without a thread that blocks: a future that waits for the game's event.
//!
//! Start it beside `publisher`. `async-io` is what smol uses; its `Waitable` takes anything with a handle.

use std::error::Error;
use std::io;
use std::os::windows::io::{AsHandle, OwnedHandle};
use std::time::Duration;

use async_io::os::windows::Waitable;
use async_io::{Timer, block_on};
use futures_lite::FutureExt;
use win_shared_memory::SharedData;
use win_shared_memory::snapshot::Reader;

#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct GameState {
    score: u32,
    lives: u8,
    paused: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    block_on(show())
}

async fn show() -> Result<(), Box<dyn Error>> {
    let mut game = Game {
        reader: Reader::open(r"Local\my_game_state")?,
        event: None,
    };
    loop {
        let GameState { score, lives, .. } = game.next().await?;
        println!("score {score}, {lives} lives");
    }
}

struct Game {
    reader: Reader<GameState>,
    /// What is waited for, and how long at a time.
    event: Option<(Duration, Waitable<OwnedHandle>)>,
}

impl Game {
    /// The next state. It may be dropped at any time, as in a `select`: nothing is lost, and nothing stays armed.
    async fn next(&mut self) -> io::Result<GameState> {
        loop {
            // `None`: there is a value to look at, and nothing to wait for.
            let Some(armed) = self.reader.arm()? else {
                if let Some(state) = self.reader.latest()? {
                    return Ok(state);
                }
                continue;
            };
            let look_after = armed.look_after();
            // `async-io` 2.6 leaks a little for each wait that is given up, so one goes on until the event is set.
            let event = match self.event.take() {
                Some((time, event)) if time == look_after => event,
                _ => Waitable::new(armed.as_handle().try_clone_to_owned()?)?,
            };
            let (_, event) = self.event.insert((look_after, event));
            let set = async { event.ready().await };
            let look = async {
                Timer::after(look_after).await;
                Ok(())
            };
            set.or(look).await?;
        }
    }
}
