//! Reads MumbleLink: which game the player is in, who they are and where.
//!
//! Start it beside a game that supports Mumble's positional audio, or beside `mumble_publisher`.

use std::thread::sleep;
use std::time::Duration;

use win_shared_memory::consistency::{Bytes, Convention, Reader};
use win_shared_memory::{SharedMemoryError, SharedMemoryLink, SharedMemoryOptions, field};
use win_shared_memory_catalogue::mumble_link::LinkedMem;

/// What is of interest here; nothing else is copied.
struct Player {
    tick: u32,
    game: String,
    identity: String,
    position: [f32; 3],
    front: [f32; 3],
    context: Vec<u8>,
}

fn main() -> Result<(), SharedMemoryError> {
    println!("waiting for Mumble or a game");
    let link = SharedMemoryOptions::new()
        .wait(Duration::MAX)
        .open::<LinkedMem>(LinkedMem::NAME)?;

    // Games take no lock and say nothing of when they write.
    let settled = Convention::double_read(Bytes::of(link.view())?);
    let mut reader = Reader::new();
    let (mut seen, mut who) = (0, String::new());
    loop {
        if let Some(player) = reader.read(&settled, |_| look(&link))? {
            let now = format!("{} in {}", player.identity, player.game);
            if now != who {
                println!("{now}, context {:02x?}", player.context);
                who = now;
            }
            if player.tick != seen {
                let [x, y, z] = player.position;
                let heading = player.front[0].atan2(player.front[2]).to_degrees();
                println!(
                    "tick {:5}: x {x:6.1}  y {y:6.1}  z {z:6.1}, heading {:3.0}°",
                    player.tick,
                    heading.rem_euclid(360.0)
                );
                seen = player.tick;
            }
        }
        sleep(Duration::from_millis(250));
    }
}

/// The player, if a game is linked.
fn look(link: &SharedMemoryLink<LinkedMem>) -> Option<Player> {
    if field!(link.version).read() != 2 {
        return None;
    }
    // A length out of foreign memory: looked at once, and bounded before it is used.
    let context_len = field!(link.context_len).read() as usize;
    let context = field!(link.context).read();
    Some(Player {
        tick: field!(link.tick).read(),
        game: field!(link.name).read_text(),
        identity: field!(link.identity).read_text(),
        position: field!(link.avatar_position).read(),
        front: field!(link.avatar_front).read(),
        context: context[..context_len.min(context.len())].to_vec(),
    })
}
