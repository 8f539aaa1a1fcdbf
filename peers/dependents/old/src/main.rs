//! Opens a link: the least a dependent does. The other dependent has the same lines.

use win_shared_memory::{ReadOnly, SharedMemoryLink};

fn main() {
    match SharedMemoryLink::<[u32; 4], ReadOnly>::open(r"Local\win-shared-memory-dependent") {
        // SAFETY: nobody writes to a region of this name.
        Ok(link) => println!("{:?}", unsafe { link.get() }),
        Err(error) => println!("{error}"),
    }
}
