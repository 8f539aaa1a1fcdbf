//! From one region into another.

use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::{ReadOnly, Section};

use crate::region::{PERIOD, Program, Region};
use crate::table::{Table, Target};

const VALUES: usize = 1000;

pub(super) fn run(table: &mut Table) {
    let there = format!("winshm-bench-{}", std::process::id());
    let here = format!("{there}-mirror");
    let mut region = Region::new(&there);
    let (_share, url) = Program::share(&there);
    let (_mirror, _) = Program::start(&["mirror", &url, &there, "--as", &here]);
    let section = Section::<ReadOnly>::open(&here).expect("it is mirrored");
    let view = section.map().expect("it can be read");
    let times = (0..VALUES).map(|_| {
        let number = region.change();
        let begun = Instant::now();
        region.publish();
        while view.read::<u64>(0).expect("it is there") < number {
            assert!(begun.elapsed() < Duration::from_secs(30), "it never comes");
            thread::yield_now();
        }
        let time = begun.elapsed();
        thread::sleep(PERIOD);
        time
    });
    let mut times: Vec<_> = times.collect();
    times.sort();
    for (part, target) in [
        (50, Target::AtMost(5.0)),
        (90, Target::None),
        (99, Target::None),
    ] {
        let time = times[VALUES * part / 100].as_secs_f64() * 1e3;
        let what = format!("from one region into another: {part} % of the values within");
        table.row(&what, time, "ms", target);
    }
}
