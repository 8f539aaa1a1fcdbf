//! What recordings cost: their size, and the time to write and to read them.
//!
//! `cargo bench -p winshm-core --bench recording`; `-- 60` for a minute of each region instead of ten.
//! The goals, in 10 minutes: 30 MB where 1 % of 64 KiB change, 60 MB where 2 % do; 10 MB for iRacing, 25 MB with decoded
//! values; 2 % of a core.

#[path = "../tests/it/noise.rs"]
mod noise;
mod work;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::time::Duration;

use noise::Noise;
use win_shared_memory_layouts::{Plan, catalogue};
use winshm_core::recording::{Options, Recorder, Recording};
use winshm_core::{Image, Time, Variable};
use work::work;

/// Copies per second.
const RATE: u32 = 60;

const REGION: usize = 64 << 10;

/// Makes the copy of this number out of the one before.
type Next = Box<dyn FnMut(u32, &mut [u8])>;

/// A region, and how it goes on from one copy to the next.
struct Signal {
    name: &'static str,
    plan: Option<Plan>,
    bytes: Vec<u8>,
    next: Next,
}

/// A region of 64 KiB in which this many bytes have another value in each copy.
fn noise(name: &'static str, changing: usize) -> Signal {
    let mut noise = Noise::of(0);
    let places = noise.by_ref().map(|it| it as usize % REGION);
    let places: Vec<_> = places.take(changing).collect();
    Signal {
        name,
        plan: None,
        bytes: vec![0; REGION],
        next: Box::new(move |_, bytes| {
            for (place, noise) in places.iter().zip(&mut noise) {
                bytes[*place] = noise as u8;
            }
        }),
    }
}

/// iRacing's region with 276 variables, of which 56 move smoothly: 168 bytes change in each copy, as in
/// `.testing/valid_test_file.ibt` of <https://github.com/teamjorge/ibt>.
fn variables(is_decoded: bool) -> Signal {
    let plan = Plan::new(catalogue::by_id("iracing").expect("it is in the catalogue"))
        .expect("it is sound");
    let declared = (0..276).map(|it| {
        format!("Variable{it}: f32 [m] = 1")
            .parse()
            .expect("it is one")
    });
    let declared: Vec<Variable> = declared.collect();
    let image = Image::new(&plan, &BTreeMap::new(), &declared).expect("it can be made");
    let bytes = image.bytes().to_vec();
    let start = plan
        .view(&bytes)
        .get("varBuf[0].bufOffset")
        .ok()
        .and_then(|it| it.as_i64());
    let start = usize::try_from(start.expect("it has buffers")).expect("it is in the region");
    Signal {
        name: if is_decoded {
            "iRacing, 276 variables, with decoded values"
        } else {
            "iRacing, 276 variables, bytes alone"
        },
        plan: is_decoded.then_some(plan),
        bytes,
        next: Box::new(move |frame, bytes| {
            bytes[48..52].copy_from_slice(&(frame as i32).to_le_bytes());
            for variable in 0..56 {
                let phase = f64::from(frame) / (30.0 + f64::from(variable));
                let value = (100.0 * phase.sin()) as f32;
                let at = start + 16 * variable as usize;
                bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
            }
        }),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seconds = std::env::args()
        .find_map(|it| it.parse().ok())
        .unwrap_or(600);
    let folder = tempfile::tempdir()?;
    println!("{seconds} s at {RATE} Hz");
    println!(
        "{:48} {:>10} {:>12} {:>12} {:>12}",
        "", "MB", "MB in 10 min", "write, % CPU", "read, MB/s"
    );
    for mut signal in [
        noise("64 KiB, 1 % random", 655),
        noise("64 KiB, 2 % random", 1311),
        variables(false),
        variables(true),
    ] {
        let path = folder.path().join("recording.mcap");
        let mut recorder = Recorder::new(File::create(&path)?, Options::default())?;
        let region = recorder.add_region("R", signal.plan.as_ref())?;
        let begin = Time::from_nanoseconds(1_700_000_000_000_000_000);
        let mut spent = Duration::ZERO;
        let frames = seconds * RATE;
        for second in 0..seconds {
            let copies = (second * RATE..(second + 1) * RATE).map(|frame| {
                (signal.next)(frame, &mut signal.bytes);
                (frame, signal.bytes.clone())
            });
            let copies: Vec<_> = copies.collect();
            let started = work();
            for (frame, bytes) in copies {
                let time = begin + frame * Duration::from_nanos(1_000_000_000 / u64::from(RATE));
                recorder.frame(region, time, &bytes)?;
            }
            spent += work() - started;
        }
        recorder.finish()?;
        let size = std::fs::metadata(&path)?.len() as f64 / 1e6;
        let started = work();
        let mut recording = Recording::read(BufReader::new(File::open(&path)?))?;
        let mut read = 0_u32;
        while recording.next()?.is_some() {
            read += 1;
        }
        assert!(read >= frames, "{read} of {frames} frames");
        let rate = size / (work() - started).as_secs_f64();
        let share = 100.0 * spent.as_secs_f64() / f64::from(seconds);
        let in_ten_minutes = size * 600.0 / f64::from(seconds);
        println!(
            "{:48} {size:10.1} {in_ten_minutes:12.1} {share:12.2} {rate:12.0}",
            signal.name
        );
        std::fs::remove_file(&path)?;
    }
    Ok(())
}
