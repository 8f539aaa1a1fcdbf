//! Reads MumbleLink: which game the player is in, who they are and where.
//!
//! Start it beside a game that supports Mumble's positional audio, or beside `mumble_publisher`.

use std::thread::sleep;
use std::time::Duration;

use win_shared_memory::attachment::{Attachment, News, Sign};
use win_shared_memory::consistency::{Bytes, Convention, Reader};
use win_shared_memory::{SharedMemoryError, field};
use win_shared_memory_catalogue::mumble_link::LinkedMem;

fn main() -> Result<(), SharedMemoryError> {
    println!("waiting for Mumble or a game");
    let mut game = Attachment::new(LinkedMem::NAME, |view| {
        let link = view.place::<LinkedMem>(0)?;
        Ok(match field!(link.version).read() {
            2 => Sign::Heartbeat(field!(link.tick).read().into()),
            _ => Sign::NotReady,
        })
    });
    let mut reader = Reader::new();
    loop {
        if let Some(News::Changed(change)) = game.wait(Duration::MAX)? {
            println!("{change}");
        }
        let Some(view) = game.live() else { continue };
        let link = view.place::<LinkedMem>(0)?;
        // Games take no lock and say nothing of when they write.
        let settled = Bytes::of_range(view, 0..size_of::<LinkedMem>())?;
        let look = reader.read(&Convention::double_read(settled), |_| {
            let who = field!(link.identity).read_text();
            let game = field!(link.name).read_text();
            let front = field!(link.avatar_front).read();
            (who, game, field!(link.avatar_position).read(), front)
        });
        match look {
            Ok((who, game, [x, y, z], [to_x, _, to_z])) => {
                let heading = to_x.atan2(to_z).to_degrees().rem_euclid(360.0);
                println!(
                    "{who} in {game}: x {x:6.1}  y {y:6.1}  z {z:6.1}, heading {heading:3.0}°"
                );
            }
            Err(error) => println!("{error}"),
        }
        sleep(Duration::from_millis(250));
    }
}
