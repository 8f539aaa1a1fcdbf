//! Reads HWiNFO: all sensors and what they say, each time they are polled.
//!
//! Start it beside HWiNFO (Settings → Shared Memory Support), or beside `hwinfo_publisher`.
//!
//! The header says where the two tables are and how large a row is; newer versions of HWiNFO have more
//! fields at the end of each row, which does not disturb this reader.

use std::fmt::Write;
use std::thread::sleep;
use std::time::Duration;

use win_shared_memory::consistency::{Convention, Limits, Reader};
use win_shared_memory::sync::Mutex;
use win_shared_memory::{
    Encoding, ReadOnly, Section, SharedMemoryError, SharedMemoryOptions, View, field,
};
use win_shared_memory_catalogue::hwinfo::{ReadingElement, SharedMem2};

/// HWiNFO writes text in the code page of the user's language. This is that of Western Europe and the
/// Americas.
const TEXT: Encoding = Encoding::Windows1252;

fn main() -> Result<(), SharedMemoryError> {
    println!("waiting for HWiNFO");
    let section: Section<ReadOnly> = Section::open_with(
        SharedMem2::NAME,
        SharedMemoryOptions::new().wait(Duration::MAX),
    )?;
    let view = section.map()?;
    let mutex = Mutex::open(SharedMem2::MUTEX)?;

    // HWiNFO writes while it holds the mutex. A program that hangs with it does not hang this one.
    let mut reader = Reader::with_limits(Limits {
        timeout: Duration::from_secs(1),
        ..Limits::default()
    });
    let mut seen = 0;
    loop {
        sleep(Duration::from_millis(100));
        let news = reader.read(&Convention::mutex(&mutex), |_| {
            let header: SharedMem2 = view.read(0)?;
            let is_new = header.signature == SharedMem2::LIVE && header.poll_time != seen;
            seen = header.poll_time;
            is_new.then(|| report(&view, &header)).transpose()
        });
        match news {
            Ok(news) => print!("{}", news?.unwrap_or_default()),
            Err(error) => println!("{error}"),
        }
    }
}

/// All readings below their sensors.
fn report(view: &View, header: &SharedMem2) -> Result<String, SharedMemoryError> {
    // Numbers out of foreign memory: copied once (`header`), checked here, and used as they were
    // checked.
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
