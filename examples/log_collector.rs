//! Prints the lines of all `log_sender`s. If it is killed, the next one goes on with the first line that was not
//! printed.

use std::time::Duration;

use win_shared_memory::{SharedMemoryError, SharedMemoryOptions, channel::Receiver};

fn main() -> Result<(), SharedMemoryError> {
    let mut log = Receiver::<[u8]>::register_with(
        r"Local\win-shared-memory-log",
        SharedMemoryOptions::new().senders(8),
    )?;
    println!("collecting");
    loop {
        match log.peek(Duration::MAX) {
            Ok(Some(line)) => {
                println!("{}", String::from_utf8_lossy(&line.read()?));
                // It was printed, so it may go. Whoever is killed before this leaves the line to the next one.
                line.done();
            }
            Ok(None) => {}
            Err(error) if error.is_disconnected() => {
                println!("no senders are left; waiting for the next one");
                log.wait_for_sender(Duration::MAX)?;
            }
            Err(error) => return Err(error),
        }
    }
}
