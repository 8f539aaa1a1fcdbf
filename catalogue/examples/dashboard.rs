//! A dashboard of rFactor 2, never torn, through restarts of the game. The game needs the plug-in
//! rF2SharedMemoryMapPlugin; `dashboard_publisher` stands in for both.

use std::time::Duration;

use win_shared_memory::attachment::{Attachment, News, Sign};
use win_shared_memory::consistency::{Convention, Reader};
use win_shared_memory::{SharedMemoryError, field};
use win_shared_memory_catalogue::rfactor2::Telemetry;

fn main() -> Result<(), SharedMemoryError> {
    let mut game = Attachment::new(Telemetry::NAME, |view| {
        let page = view.place::<Telemetry>(0)?;
        let writes = field!(page.version_update_begin).read();
        Ok(Sign::Heartbeat(writes.into()))
    });
    let mut reader = Reader::new();
    loop {
        if let Some(News::Changed(change)) = game.wait(Duration::MAX)? {
            println!("{change}");
        }
        let Some(view) = game.live() else { continue };
        let page = view.place::<Telemetry>(0)?;
        let begin = field!(page.version_update_begin);
        let end = field!(page.version_update_end);
        // The page has 240 KB; only the first of its 128 cars is copied.
        let first = field!(page.vehicles[0]);
        match reader.read(&Convention::begin_end(begin, end), |_| first.read()) {
            Ok(car) => {
                let (speed, rpm) = (-3.6 * car.local_vel.z, car.engine_rpm);
                println!("{speed:5.1} km/h  gear {}  {rpm:5.0} rpm", { car.gear });
            }
            Err(error) => println!("{error}"),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
