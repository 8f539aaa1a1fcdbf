//! Tries to read and to write the regions of `security_owner`, and says what it is told.

use std::time::Duration;

use win_shared_memory::{ReadWrite, SharedMemoryError, SharedMemoryLink, SharedMemoryOptions};

fn main() -> Result<(), SharedMemoryError> {
    for name in ["open", "notice", "secret"] {
        let name = format!(r"Local\win-shared-memory-{name}");
        let read = SharedMemoryOptions::new()
            .wait(Duration::from_secs(10))
            .open::<u32>(&name)
            .map(|link| format!("it says {}", link.read()));
        println!("{name}, to read:  {}", outcome(read));

        let write: Result<SharedMemoryLink<u32, ReadWrite>, _> =
            SharedMemoryLink::open_existing(&name);
        println!(
            "{name}, to write: {}",
            outcome(write.map(|_| "granted".to_owned()))
        );
    }
    Ok(())
}

fn outcome(result: Result<String, SharedMemoryError>) -> String {
    match result {
        Ok(text) => text,
        Err(error) if error.is_access_denied() => "access denied".to_owned(),
        Err(error) => error.to_string(),
    }
}
