//! Stands in for a game that supports Mumble's positional audio: its player walks in a circle.
//!
//! Mumble, if it runs, will believe it.

use std::f32::consts::TAU;
use std::thread::sleep;
use std::time::Duration;

use win_shared_memory::consistency::in_order;
use win_shared_memory::{Encoding, ReadWrite, SharedMemoryError, SharedMemoryLink, field};
use win_shared_memory_catalogue::mumble_link::LinkedMem;

fn main() -> Result<(), SharedMemoryError> {
    // Fails if the region exists, so that no real player is moved. A game would `get_or_create`.
    let link: SharedMemoryLink<LinkedMem, ReadWrite> = SharedMemoryLink::create(LinkedMem::NAME)?;
    println!("publishing {} bytes as {}", link.len(), LinkedMem::NAME);

    field!(link.name).write_text("Stand-in");
    field!(link.description).write_text("Walks in a circle.");
    field!(link.identity).write_text("Zoë 🦊");
    field!(link.context).write_text("north", Encoding::Utf8);
    field!(link.context_len).write(&5);
    for tick in 1.. {
        // Once round in 20 seconds, ten metres from the centre.
        let (sin, cos) = (TAU * tick as f32 / 400.0).sin_cos();
        let (position, front) = ([10.0 * cos, 1.8, 10.0 * sin], [-sin, 0.0, cos]);
        field!(link.avatar_position).write(&position);
        field!(link.avatar_front).write(&front);
        field!(link.avatar_top).write(&[0.0, 1.0, 0.0]);
        field!(link.camera_position).write(&position);
        field!(link.camera_front).write(&front);
        field!(link.camera_top).write(&[0.0, 1.0, 0.0]);
        // After what belongs to it, on all processors.
        in_order(|| field!(link.tick).write(&tick));
        field!(link.version).write(&2);
        sleep(Duration::from_millis(50));
    }
    Ok(())
}
