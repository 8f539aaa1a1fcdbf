//! Creates regions that grant other programs different things; `security_guest` tries them.

use std::thread;
use std::time::Duration;

use win_shared_memory::{SecurityDescriptor, SharedMemoryError, SharedMemoryOptions};

fn main() -> Result<(), SharedMemoryError> {
    // A descriptor says what others may do. The creator's own handle may do everything.
    let regions = [
        (
            r"Local\win-shared-memory-open",
            SecurityDescriptor::current_user()?,
        ),
        (
            r"Local\win-shared-memory-notice",
            SecurityDescriptor::from_sddl("D:P(A;;GR;;;WD)")?,
        ),
        (
            r"Local\win-shared-memory-secret",
            SecurityDescriptor::from_sddl("D:P")?,
        ),
    ];
    let mut links = Vec::new();
    for (name, security) in regions {
        println!("{name}: {}", security.sddl());
        let link = SharedMemoryOptions::new()
            .security(security)
            .create::<u32>(name)?;
        link.write(&42);
        links.push(link);
    }
    loop {
        thread::sleep(Duration::from_secs(1));
    }
}
