//! Stands in for HWiNFO: two sensors, polled once a second.
//!
//! On Windows it takes an administrator: the region is in the `Global` namespace, as HWiNFO's.

use std::thread::sleep;
use std::time::{Duration, SystemTime};

use win_shared_memory::sync::Mutex;
use win_shared_memory::{Encoding, Section, SharedData, field};
use win_shared_memory_catalogue::hwinfo::{Reading, ReadingElement, SensorElement, SharedMem2};

/// A row as HWiNFO has written it since version 7.33.
#[derive(Clone, Copy, SharedData)]
#[repr(C, packed)]
struct Sensor2 {
    sensor: SensorElement,
    name_utf8: [u8; 128],
}

/// A row as HWiNFO has written it since version 7.33.
#[derive(Clone, Copy, SharedData)]
#[repr(C, packed)]
struct Reading2 {
    reading: ReadingElement,
    label_utf8: [u8; 128],
    unit_utf8: [u8; 16],
}

const SENSORS: [&str; 2] = ["CPU [#0]: Stand-in 9000", "Netzteil: Grünstrom 750 W"];

/// Sensor, kind, label, unit, and around which value it moves.
const READINGS: [(u32, Reading, &str, &str, f64); 6] = [
    (0, Reading::TEMP, "CPU (Tctl/Tdie)", "°C", 61.0),
    (0, Reading::CLOCK, "Core 0 Clock", "MHz", 4200.0),
    (0, Reading::USAGE, "Total CPU Usage", "%", 37.0),
    (1, Reading::VOLT, "+12 V", "V", 12.0),
    (1, Reading::POWER, "Leistungsaufnahme", "W", 240.0),
    (1, Reading::FAN, "Lüfter", "U/m", 900.0),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Long because it writes a region from its first byte to its last, as a program does that one reads.
    let sensor_offset = size_of::<SharedMem2>();
    let reading_offset = sensor_offset + SENSORS.len() * size_of::<Sensor2>();
    let size = reading_offset + READINGS.len() * size_of::<Reading2>();
    let mutex = Mutex::get_or_create(SharedMem2::MUTEX)?;
    // Fails if the region exists, so that no reader of the real HWiNFO is misled.
    let section = Section::create(SharedMem2::NAME, size as u64)?;
    // Without `section` others could not find the region: a view keeps the memory, not the name.
    let view = section.map()?;
    println!("publishing {size} bytes as {}", SharedMem2::NAME);

    let header = SharedMem2 {
        signature: 0,
        version: 2,
        revision: 1,
        poll_time: 0,
        offset_of_sensor_section: sensor_offset.try_into()?,
        size_of_sensor_element: size_of::<Sensor2>().try_into()?,
        num_sensor_elements: SENSORS.len().try_into()?,
        offset_of_reading_section: reading_offset.try_into()?,
        size_of_reading_element: size_of::<Reading2>().try_into()?,
        num_reading_elements: READINGS.len().try_into()?,
    };
    view.write(0, &header)?;
    let sensors = view.table::<Sensor2>(
        header.offset_of_sensor_section,
        header.size_of_sensor_element,
        header.num_sensor_elements,
    )?;
    for (row, name) in sensors.iter().zip(SENSORS) {
        field!(row.sensor.sensor_name_orig).write_text(name, Encoding::Windows1252);
        field!(row.sensor.sensor_name_user).write_text(name, Encoding::Windows1252);
        field!(row.name_utf8).write_text(name, Encoding::Utf8);
    }

    let readings = view.table::<Reading2>(
        header.offset_of_reading_section,
        header.size_of_reading_element,
        header.num_reading_elements,
    )?;
    let header = view.place::<SharedMem2>(0)?;
    for poll in 0_u32.. {
        let writing = mutex.lock()?;
        for (row, (sensor, kind, label, unit, centre)) in readings.iter().zip(READINGS) {
            let value = centre * (1.0 + 0.03 * (f64::from(poll) / 3.0 + centre).sin());
            field!(row.reading.reading).write(&kind);
            field!(row.reading.sensor_index).write(&sensor);
            field!(row.reading.label_orig).write_text(label, Encoding::Windows1252);
            field!(row.reading.label_user).write_text(label, Encoding::Windows1252);
            field!(row.reading.unit).write_text(unit, Encoding::Windows1252);
            field!(row.label_utf8).write_text(label, Encoding::Utf8);
            field!(row.unit_utf8).write_text(unit, Encoding::Utf8);
            field!(row.reading.value).write(&value);
            field!(row.reading.value_min).write(&(centre * 0.97));
            field!(row.reading.value_max).write(&(centre * 1.03));
            field!(row.reading.value_avg).write(&centre);
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        field!(header.poll_time).write(&now.as_secs().try_into()?);
        field!(header.signature).write(&SharedMem2::LIVE);
        drop(writing);
        sleep(Duration::from_secs(1));
    }
    Ok(())
}
