//! Prints every trade of `trades_publisher`, in order, and goes on when the exchange is killed and comes back.

use std::time::Duration;

use win_shared_memory::broadcast::{News, Receiver};
use win_shared_memory::{SharedData, SharedMemoryError, SharedMemoryOptions};

#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct Trade {
    number: u64,
    price: f64,
    volume: u32,
}

fn main() -> Result<(), SharedMemoryError> {
    println!("waiting for the exchange");
    let mut trades = Receiver::<Trade>::open_with(
        r"Local\win-shared-memory-trades",
        SharedMemoryOptions::new().wait(Duration::MAX),
    )?;
    // Begins with what was sent before this program started, as far as it is kept.
    trades.rewind()?;
    loop {
        for news in trades.iter() {
            match news? {
                News::Message(it) => {
                    println!("trade {}: {} at {:.2}", it.number, it.volume, it.price);
                }
                News::Lagged(missed) => println!("{missed} trades were missed"),
            }
        }
        println!("the exchange has closed; waiting for the next one");
        trades.wait_for_sender(Duration::MAX)?;
    }
}
