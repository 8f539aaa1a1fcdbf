//! Sends lines of text to `log_collector`, each once. Start several beside it.

use std::process;
use std::thread;
use std::time::Duration;

use win_shared_memory::{SharedMemoryError, SharedMemoryOptions, channel::Sender};

fn main() -> Result<(), SharedMemoryError> {
    let mut log = Sender::<[u8]>::register_with(
        r"Local\win-shared-memory-log",
        SharedMemoryOptions::new().senders(8),
    )?;
    for step in 1.. {
        let line = format!("process {}: step {step}", process::id());
        // This waits while there is no room, and fails if the collector has gone.
        while let Err(error) = log.send(line.as_bytes()) {
            if !error.is_disconnected() {
                return Err(error);
            }
            println!("nobody collects; waiting for the next one");
            log.wait_for_receiver(Duration::MAX)?;
        }
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
