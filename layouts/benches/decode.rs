//! How fast regions are decoded: `cargo bench -p win-shared-memory-layouts`.
//!
//! The goals: plain fields at 1 GB/s at least, a HWiNFO table of 500 readings in 50 µs at most.

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

fn report(what: &str, plan: &Plan, bytes: &[u8]) {
    let region = plan.view(bytes);
    let (count, _) = walk(region);
    let time = best(|| walk(region));
    let seconds = time.as_secs_f64();
    let rate = bytes.len() as f64 / seconds / 1e9;
    let each = seconds * 1e9 / count as f64;
    println!(
        "{what:<44} {:>9.2} µs {rate:>7.2} GB/s {each:>6.1} ns a value",
        seconds * 1e6
    );
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
    report("1000 fields f64", &plain("f64", 8, 1000), &[1; 8000]);
    report("1000 fields f32", &plain("f32", 4, 1000), &[1; 4000]);
    report(
        "100 arrays f32[64]",
        &plain("f32[64]", 256, 100),
        &[1; 25_600],
    );
    report(
        "Assetto Corsa, physics",
        &by_id("assetto-corsa-physics"),
        &[1; 800],
    );
    let plan = by_id("rfactor2-telemetry");
    let mut bytes = vec![1; plan.size()];
    plan.edit(&mut bytes).set("mNumVehicles", 128).unwrap();
    report("rFactor 2, 128 vehicles", &plan, &bytes);

    let plan = by_id("hwinfo");
    let bytes = regions::hwinfo(500, 316);
    report("HWiNFO, 500 readings", &plan, &bytes);
    let region = plan.view(&bytes);
    let path: Path = "Value".parse().unwrap();
    let time = best(|| {
        let table = region.table("readings").unwrap();
        for row in table.rows() {
            let text = row.label().map(|it| it.to_str().len());
            black_box((text, row.get_path(&path).unwrap()));
        }
    });
    println!(
        "{:<44} {:>9.2} µs",
        "HWiNFO, 500 labels and values by name",
        micros(time)
    );
    let time = best(|| region.get("readings[\"Reading 499\"].Value").unwrap());
    println!(
        "{:<44} {:>9.2} µs",
        "HWiNFO, the last of 500 by its label",
        micros(time)
    );
    let time = best(|| region.get("readings[7].Value").unwrap());
    println!(
        "{:<44} {:>9.2} µs",
        "HWiNFO, one by its index",
        micros(time)
    );
    let text = catalogue::source("rfactor2-telemetry").unwrap();
    let time = best(|| Layout::from_toml(text).unwrap());
    println!(
        "{:<44} {:>9.2} µs",
        "rFactor 2, parsing the layout",
        micros(time)
    );
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
