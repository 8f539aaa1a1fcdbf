//! From one region into another.

use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::{ReadOnly, Section};

use crate::region::{ABOUT, PERIOD, Program, Region};

const VALUES: u64 = 1000;

pub(super) fn run() {
    let there = format!("winshm-bench-{}", std::process::id());
    let here = format!("{there}-mirror");
    let mut region = Region::new(&there);
    let (_share, url) = Program::share(&there);
    let (_mirror, _) = Program::start(&["mirror", &url, &there, "--as", &here]);
    let section = Section::<ReadOnly>::open(&here).expect("it is mirrored");
    let view = section.map().expect("it can be read");
    let mut times: Vec<_> = (1..=VALUES)
        .map(|_| {
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
        })
        .collect();
    times.sort();
    let at =
        |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!("{ABOUT}, {VALUES} times from one region to the other:");
    println!(
        "median {:.2} ms, 90 % {:.2} ms, 99 % {:.2} ms",
        at(50),
        at(90),
        at(99)
    );
}
