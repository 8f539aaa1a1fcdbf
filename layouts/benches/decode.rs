//! How fast regions are decoded: `cargo bench -p win-shared-memory-layouts`.
//!
//! The goals: plain fields at 1 GB/s at least, a HWiNFO table of 500 readings in 50 µs at most. Each row that has a goal
//! tells whether it was reached; on a machine that does something else as well, it may be missed.

#![allow(clippy::unwrap_used, reason = "a benchmark")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use win_shared_memory_layouts::{Layout, Path, Plan, Region, Value, catalogue};

#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/it/regions.rs"]
mod regions;

/// The best of many runs: what others do on the machine only adds.
fn best<T>(mut run: impl FnMut() -> T) -> Duration {
    let mut best = Duration::MAX;
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(500) {
        let started = Instant::now();
        black_box(run());
        best = best.min(started.elapsed());
    }
    best
}

/// Decodes every value, and uses it.
fn walk(region: Region<'_>) -> (usize, f64) {
    let (mut count, mut sum) = (0, 0.0);
    for value in region.walk() {
        sum += match value {
            Value::Array(array) => array.iter().filter_map(|it| it.as_f64()).sum(),
            Value::Text(text) => text.as_bytes().len() as f64,
            value => value.as_f64().unwrap_or_default(),
        };
        count += 1;
    }
    (count, sum)
}

/// What a row has to reach.
enum Goal {
    GigabytesPerSecond(f64),
    Microseconds(f64),
    None,
}

fn report(what: &str, plan: &Plan, bytes: &[u8], goal: Goal) {
    let region = plan.view(bytes);
    let (count, _) = walk(region);
    let time = best(|| walk(region));
    let rate = bytes.len() as f64 / time.as_secs_f64() / 1e9;
    let each = micros(time) * 1e3 / count as f64;
    let verdict = match goal {
        Goal::GigabytesPerSecond(least) => {
            format!("goal: {least} GB/s, {}", verdict(rate >= least))
        }
        Goal::Microseconds(most) => format!("goal: {most} µs, {}", verdict(micros(time) <= most)),
        Goal::None => String::new(),
    };
    println!(
        "{what:<44} {:>9.2} µs {rate:>7.2} GB/s {each:>6.1} ns a value  {verdict}",
        micros(time)
    );
}

fn verdict(is_reached: bool) -> &'static str {
    if is_reached { "reached" } else { "MISSED" }
}

/// A row that is timed and nothing else.
fn report_time<T>(what: &str, run: impl FnMut() -> T) {
    println!("{what:<44} {:>9.2} µs", micros(best(run)));
}

/// A struct of so many fields of a type.
fn plain(ty: &str, size: usize, count: usize) -> Plan {
    let fields = (0..count).map(|index| {
        format!(
            "{{ offset = {}, name = \"f{index}\", type = \"{ty}\" }},\n",
            index * size
        )
    });
    let fields: String = fields.collect();
    let text =
        format!("format = 1\nid = \"plain\"\n[[struct]]\nname = \"S\"\nfields = [\n{fields}]");
    Plan::new(&Layout::from_toml(&text).unwrap()).unwrap()
}

fn main() {
    let by_id = |id: &str| Plan::new(catalogue::by_id(id).unwrap()).unwrap();
    for (what, ty, size, count) in [
        ("1000 fields f64", "f64", 8, 1000),
        ("1000 fields f32", "f32", 4, 1000),
        ("100 arrays f32[64]", "f32[64]", 256, 100),
    ] {
        let plan = plain(ty, size, count);
        report(
            what,
            &plan,
            &vec![1; size * count],
            Goal::GigabytesPerSecond(1.0),
        );
    }
    let plan = by_id("assetto-corsa-physics");
    report("Assetto Corsa, physics", &plan, &[1; 800], Goal::None);
    let plan = by_id("rfactor2-telemetry");
    let mut bytes = vec![1; plan.size()];
    plan.edit(&mut bytes).set("mNumVehicles", 128).unwrap();
    report("rFactor 2, 128 vehicles", &plan, &bytes, Goal::None);

    let plan = by_id("hwinfo");
    let bytes = regions::hwinfo(500, 316);
    report(
        "HWiNFO, 500 readings",
        &plan,
        &bytes,
        Goal::Microseconds(50.0),
    );
    let region = plan.view(&bytes);
    let path: Path = "Value".parse().unwrap();
    report_time("HWiNFO, 500 labels and values by name", || {
        let table = region.table("readings").unwrap();
        for row in table.rows() {
            let text = row.label().map(|it| it.to_str().len());
            black_box((text, row.get_path(&path).unwrap()));
        }
    });
    report_time("HWiNFO, the last of 500 by its label", || {
        region.get("readings[\"Reading 499\"].Value").unwrap()
    });
    report_time("HWiNFO, one by its index", || {
        region.get("readings[7].Value").unwrap()
    });
    let text = catalogue::source("rfactor2-telemetry").unwrap();
    report_time("rFactor 2, parsing the layout", || {
        Layout::from_toml(text).unwrap()
    });
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
