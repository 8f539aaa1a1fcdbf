//! Reads HWiNFO: all sensors and what they say, each time they are polled.
//!
//! Start it beside HWiNFO (Settings → Shared Memory Support), or beside `hwinfo_publisher`.
//!
//! The header says where the two tables are and how large a row is; newer versions of HWiNFO have more
//! fields at the end of each row, which does not disturb this reader.

use std::fmt::Write;
use std::time::Duration;

use win_shared_memory::attachment::{Attachment, News, Options, Sign, State};
use win_shared_memory::consistency::{Convention, Limits, Reader};
use win_shared_memory::sync::Mutex;
use win_shared_memory::{Encoding, SharedMemoryError, View, field};
use win_shared_memory_catalogue::hwinfo::{ReadingElement, SharedMem2};

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
    // A program that hangs while it holds HWiNFO's mutex does not hang this one.
    let mut reader = Reader::with_limits(Limits {
        timeout: Duration::from_secs(1),
        ..Limits::default()
    });
    loop {
        match monitor.wait(Duration::MAX)? {
            Some(News::Changed(change)) if change.to != State::Live => println!("{change}"),
            _ => {}
        }
        if let Some(view) = monitor.live() {
            let mutex = Mutex::open(SharedMem2::MUTEX)?;
            match reader.read(&Convention::mutex(&mutex), |_| report(view)) {
                Ok(report) => print!("{}", report?),
                Err(error) => println!("{error}"),
            }
        }
    }
}

/// All readings below their sensors.
fn report(view: &View) -> Result<String, SharedMemoryError> {
    // Numbers out of foreign memory: copied once, checked here, and used as they were checked.
    let header: SharedMem2 = view.read(0)?;
    let sensors = header.sensors(view)?;
    let readings = header.readings(view)?;

    let (mut report, mut last) = (String::new(), None);
    for row in readings.iter() {
        let reading = row.read();
        let index = reading.sensor_index;
        if last != Some(index) {
            let name = match sensors.get(index as usize) {
                Some(sensor) => field!(sensor.sensor_name_user).read_text(TEXT),
                None => format!("sensor {index}, which is not in the table"),
            };
            let _ = writeln!(report, "{name}");
            last = Some(index);
        }
        // Fields of a packed struct are copied out before they are formatted.
        let ReadingElement {
            value,
            value_min: min,
            value_max: max,
            ..
        } = reading;
        let label = TEXT.decode(&reading.label_user);
        let unit = TEXT.decode(&reading.unit);
        let _ = writeln!(
            report,
            "  {label:<22} {value:9.2} {unit:<4} (from {min:.2} to {max:.2})"
        );
    }
    Ok(report)
}
