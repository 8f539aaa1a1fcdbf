//! Writes a recording of a minute that never was: a car in Assetto Corsa, and the computer that it drives on.
//!
//! `cargo run -p winshm-core --example race -- race.mcap`

use std::error::Error;
use std::f64::consts::TAU;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use win_shared_memory_layouts::{Plan, catalogue};
use winshm_core::Time;
use winshm_core::recording::{Note, Options, Recorder};

/// Sensor readings: label, unit, least, greatest, and how long a wave is in seconds.
const READINGS: [(&str, &str, f64, f64, f64); 6] = [
    ("CPU Package", "°C", 52.0, 78.0, 23.0),
    ("CPU Power", "W", 45.0, 121.0, 11.0),
    ("GPU Temperature", "°C", 61.0, 70.0, 40.0),
    ("GPU Clock", "MHz", 1830.0, 1905.0, 7.0),
    ("Fan #1", "RPM", 890.0, 1240.0, 31.0),
    ("Memory Used", "MB", 9800.0, 10_400.0, 55.0),
];

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "race.mcap".to_owned());
    write(Path::new(&path))
}

/// Also for the test that takes pictures of the page.
pub(crate) fn write(path: &Path) -> Result<(), Box<dyn Error>> {
    let plan = |id| Plan::new(catalogue::by_id(id).expect("it is in the catalogue"));
    let (car, sensors) = (plan("assetto-corsa-physics")?, plan("hwinfo")?);
    let mut recorder = Recorder::new(File::create(path)?, Options::default())?;
    let physics = recorder.add_region(r"Local\acpmf_physics", Some(&car))?;
    let monitor = recorder.add_region(r"Global\HWiNFO_SENS_SM2", Some(&sensors))?;
    let begin = Time::from_nanoseconds(1_790_000_000_000_000_000);
    for frame in 0..60 * 60 {
        let seconds = f64::from(frame) / 60.0;
        let time = begin + Duration::from_secs_f64(seconds);
        recorder.frame(physics, time, &driving(&car, frame, seconds)?)?;
        if frame % 60 == 0 {
            recorder.frame(monitor, time, &sensing(&sensors, seconds)?)?;
        }
        if frame == 60 * 42 {
            let text = "overtaken".to_owned();
            recorder.note(time, &Note::Marker { text })?;
        }
    }
    recorder.finish()?;
    Ok(())
}

/// From 0 to 1 and back.
fn wave(seconds: f64, period: f64) -> f64 {
    0.5 - 0.5 * (TAU * seconds / period).cos()
}

fn driving(plan: &Plan, frame: u32, seconds: f64) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut bytes = vec![0; plan.size()];
    let mut edit = plan.edit(&mut bytes);
    // The engine turns faster within a gear, and slower after each change.
    let pace = wave(seconds, 13.0);
    let gear = 2.0 + (pace * 4.99).floor();
    let within = (pace * 4.99).fract();
    edit.set("packet_id", frame)?;
    edit.set("gas", (1.3 * wave(seconds + 1.0, 13.0)).min(1.0))?;
    edit.set("brake", (1.4 * wave(seconds + 7.5, 13.0) - 0.6).max(0.0))?;
    edit.set("fuel", 41.0 - seconds / 25.0)?;
    edit.set("gear", gear as i32)?;
    edit.set("rpm", (4200.0 + 3300.0 * within) as i32)?;
    edit.set("steer_angle", 0.4 * (TAU * seconds / 5.3).sin())?;
    edit.set("speed_kmh", 62.0 + 178.0 * pace)?;
    for wheel in 0..4 {
        let turn = f64::from(wheel) / 4.0;
        let pressure = 26.8 + turn + 0.3 * wave(seconds, 50.0);
        edit.set(&format!("wheels_pressure[{wheel}]"), pressure)?;
        let heat = 71.0 + 8.0 * turn + 14.0 * wave(seconds + turn, 13.0);
        edit.set(&format!("tyre_core_temperature[{wheel}]"), heat)?;
    }
    Ok(bytes)
}

fn sensing(plan: &Plan, seconds: f64) -> Result<Vec<u8>, Box<dyn Error>> {
    const SENSORS: u32 = 44;
    const ROWS: u32 = SENSORS + 264;
    let mut bytes = vec![0; ROWS as usize + READINGS.len() * 316];
    let mut edit = plan.edit(&mut bytes);
    for (path, number) in [
        ("dwSignature", 0x5369_5748),
        ("dwVersion", 2),
        ("poll_time", 1_790_000_000 + seconds as u32),
        ("dwOffsetOfSensorSection", SENSORS),
        ("dwSizeOfSensorElement", 264),
        ("dwNumSensorElements", 1),
        ("dwOffsetOfReadingSection", ROWS),
        ("dwSizeOfReadingElement", 316),
        ("dwNumReadingElements", READINGS.len() as u32),
    ] {
        edit.set(path, number)?;
    }
    edit.set("sensors[0].szSensorNameUser", "Workstation")?;
    for (row, (label, unit, least, greatest, period)) in READINGS.into_iter().enumerate() {
        let value = least + (greatest - least) * wave(seconds, period);
        edit.set(&format!("readings[{row}].szLabelUser"), label)?;
        edit.set(&format!("readings[{row}].szUnit"), unit)?;
        let rounded = (100.0 * value).round() / 100.0;
        edit.set(&format!("readings[{row}].Value"), rounded)?;
    }
    Ok(bytes)
}
