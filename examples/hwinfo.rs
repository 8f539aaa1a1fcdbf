//! Reads HWiNFO: all sensors and what they say, each time they are polled.
//!
//! Start it beside HWiNFO (Settings → Shared Memory Support), or beside `hwinfo_publisher`.

use std::fmt::Write;
use std::time::Duration;

use win_shared_memory::attachment::{Attachment, News, Options, Sign};
use win_shared_memory::consistency::{Convention, Reader};
use win_shared_memory::sync::Mutex;
use win_shared_memory::{Encoding, SharedMemoryError, View, field};
use win_shared_memory_catalogue::hwinfo::SharedMem2;

/// HWiNFO writes text in the code page of the user's language. This is that of Western Europe and the
/// Americas.
const TEXT: Encoding = Encoding::Windows1252;

fn main() -> Result<(), SharedMemoryError> {
    println!("waiting for HWiNFO");
    let options = Options {
        frozen_after: SharedMem2::FROZEN,
        ..Options::default()
    };
    let mut monitor = Attachment::with_options(SharedMem2::NAME, options, |view| {
        let header: SharedMem2 = view.read(0)?;
        Ok(match header.signature {
            SharedMem2::LIVE => Sign::Heartbeat(header.poll_time),
            SharedMem2::DEAD => Sign::Closing,
            _ => Sign::NotReady,
        })
    });
    let mut reader = Reader::new();
    loop {
        if let Some(News::Changed(change)) = monitor.wait(Duration::MAX)? {
            println!("{change}");
        }
        let Some(view) = monitor.live() else { continue };
        let mutex = Mutex::open(SharedMem2::MUTEX)?;
        match reader.read(&Convention::mutex(&mutex), |_| report(view)) {
            Ok(report) => print!("{}", report?),
            Err(error) => println!("{error}"),
        }
    }
}

/// All readings, a line each. The header says where the tables are and how large a row is.
fn report(view: &View) -> Result<String, SharedMemoryError> {
    // Numbers out of foreign memory: copied once, checked here, and used as they were checked.
    let header: SharedMem2 = view.read(0)?;
    let sensors = header.sensors(view)?;
    let mut report = String::new();
    for row in header.readings(view)?.iter() {
        let sensor = match sensors.get(field!(row.sensor_index).read() as usize) {
            Some(sensor) => field!(sensor.sensor_name_user).read_text(TEXT),
            None => "a sensor that is not in the table".into(),
        };
        let label = field!(row.label_user).read_text(TEXT);
        let unit = field!(row.unit).read_text(TEXT);
        let value = field!(row.value).read();
        let _ = writeln!(report, "{sensor:<26} {label:<22} {value:9.2} {unit}");
    }
    Ok(report)
}
