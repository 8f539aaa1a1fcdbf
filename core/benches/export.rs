//! What a large recording costs to export and to plot: time on a processor, and memory at most.
//!
//! `cargo bench -p winshm-core --bench export`; `-- 100` for a recording of 100 MB instead of 1000.
//! The goals: 50 MB/s at least, a chart in seconds, 300 MB of memory at most.

#![allow(clippy::unwrap_used, reason = "a benchmark")]

mod work;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use win_shared_memory_layouts::{Plan, catalogue};
use winshm_core::export::{CsvOptions, Request, Table};
use winshm_core::recording::{Options, Recorder, Recording};
use winshm_core::{Selection, Time};
use work::work;

/// Records Assetto Corsa at 333 Hz, with values that all move and do not compress, until the file has this length.
fn record(path: &Path, len: u64) -> u32 {
    let plan = Plan::new(catalogue::by_id("assetto-corsa-physics").unwrap()).unwrap();
    let mut recorder = Recorder::new(File::create(path).unwrap(), Options::default()).unwrap();
    let region = recorder.add_region("physics", Some(&plan)).unwrap();
    let begin = Time::from_nanoseconds(1_700_000_000_000_000_000);
    let mut bytes = vec![0; plan.size()];
    let mut state = 7_u64;
    let mut frames = 0;
    loop {
        for word in bytes.as_chunks_mut::<4>().0 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // Between -1000 and 1000, with all digits that an f32 has.
            let value = (state >> 40) as f32 / 8388.608 - 1000.0;
            *word = value.to_le_bytes();
        }
        let time = begin + frames * Duration::from_millis(3);
        recorder.frame(region, time, &bytes).unwrap();
        frames += 1;
        if frames % 1000 == 0 && std::fs::metadata(path).unwrap().len() >= len {
            recorder.finish().unwrap();
            return frames;
        }
    }
}

/// The most memory that this process has had at once, in MB, since [`forget`].
fn most_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

fn forget() {
    // Linux, proc(5). Elsewhere nothing is told of memory.
    std::fs::write("/proc/self/clear_refs", "5").ok();
}

fn report(what: &str, size: f64, run: impl FnOnce()) {
    forget();
    let started = work();
    run();
    let seconds = (work() - started).as_secs_f64();
    let memory = most_memory().map_or("?".to_owned(), |it| format!("{it:.0}"));
    let rate = size / seconds;
    println!("{what:36} {seconds:8.1} s {rate:8.0} MB/s {memory:>8} MB of memory");
}

fn main() {
    let megabytes = std::env::args().find_map(|it| it.parse().ok());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.mcap");
    let mut frames = 0;
    let len = megabytes.unwrap_or(1000) * 1_000_000;
    report("record", len as f64 / 1e6, || frames = record(&path, len));
    let size = std::fs::metadata(&path).unwrap().len() as f64 / 1e6;
    println!("{frames} frames, {size:.0} MB");

    let csv = folder.path().join("recording.csv");
    report("export all to CSV", size, || {
        let mut recording = Recording::open(&path).unwrap();
        let mut table = Table::new(&mut recording, Request::new(0), &mut |_| {}).unwrap();
        let mut out = BufWriter::new(File::create(&csv).unwrap());
        table
            .csv(&mut out, CsvOptions::default(), &mut |_| {})
            .unwrap();
        out.flush().unwrap();
    });
    let written = std::fs::metadata(&csv).unwrap().len() as f64 / 1e6;
    println!("{written:.0} MB of CSV");
    std::fs::remove_file(&csv).unwrap();

    report("two values, reduced for a chart", size, || {
        let mut recording = Recording::open(&path).unwrap();
        let mut request = Request::new(0);
        request.selection = Selection::new(["speed_kmh", "gas"]);
        let mut table = Table::new(&mut recording, request, &mut |_| {}).unwrap();
        let samples = table.samples(900, &mut |_| {}).unwrap();
        assert_eq!(samples.series.len(), 2);
    });
}
