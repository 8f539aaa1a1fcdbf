//! Writes a recording to measure with: `cargo run --release -p winshm-core --example large_recording FILE MEGABYTES`.
//!
//! A car of 276 numbers, of which a third changes at 60 Hz, as in iRacing's telemetry.

use std::fmt::Write;
use std::fs::File;
use std::io::BufWriter;
use std::time::Duration;

use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::Time;
use winshm_core::recording::{Options, Recorder};

const NUMBERS: usize = 276;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("give a file")?;
    let megabytes: u64 = arguments
        .next()
        .ok_or("give a number of megabytes")?
        .parse()?;
    let mut text =
        String::from("format = 1\nid = 'large'\n[[struct]]\nname = 'Large'\nfields = [\n");
    for number in 0..NUMBERS {
        let offset = 4 * number;
        writeln!(
            text,
            "  {{ offset = {offset}, name = 'value{number}', type = 'f32' }},"
        )?;
    }
    text.push(']');
    let plan = Plan::new(&Layout::from_toml(&text)?)?;
    let mut recorder = Recorder::new(BufWriter::new(File::create(&path)?), Options::default())?;
    let region = recorder.add_region("Large", Some(&plan))?;
    let mut bytes = vec![0; 4 * NUMBERS];
    let mut time = Time::from_nanoseconds(1_700_000_000_000_000_000);
    let mut tick = 0_u32;
    while !tick.is_multiple_of(1000) || std::fs::metadata(&path)?.len() < megabytes << 20 {
        let seconds = f64::from(tick) / 60.0;
        for (number, place) in bytes.chunks_exact_mut(4).enumerate().step_by(3) {
            let value = 100.0 * (seconds / (1.0 + number as f64 / 9.0)).sin();
            place.copy_from_slice(&(value as f32).to_le_bytes());
        }
        recorder.frame(region, time, &bytes)?;
        time = time + Duration::from_nanos(16_666_667);
        tick += 1;
    }
    recorder.finish()?;
    println!("{tick} frames");
    Ok(())
}
