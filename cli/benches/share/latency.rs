//! The measurement.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::snapshot::Writer;
use win_shared_memory::{ReadOnly, Section};

/// What the region has in bytes. The first 8 are the number of the value.
const REGION: usize = 64 << 10;

/// How much of it is another in each value.
const CHANGING: usize = REGION / 50;

const VALUES: u64 = 1000;

/// A program of this tool, until it is dropped.
struct Program(Child);

impl Program {
    /// Starts it, and waits for its first line.
    fn start(arguments: &[&str]) -> (Self, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_winshm"));
        let command = command.args(arguments).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("it is a pipe");
        BufReader::new(out).read_line(&mut line).expect("it speaks");
        (Self(child), line)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

pub(super) fn run() {
    let there = format!("winshm-bench-{}", std::process::id());
    let here = format!("{there}-mirror");
    let mut writer = Writer::<[u8; REGION]>::create(&there).expect("the name is free");
    let mut value = [0; REGION];
    writer.publish(&value);
    let (_share, line) = Program::start(&["share", &there, "--listen", "127.0.0.1:0"]);
    let url = line.trim_end().rsplit(' ').next().unwrap_or_default();
    let (_mirror, _) = Program::start(&["mirror", url, &there, "--as", &here]);
    let section = Section::<ReadOnly>::open(&here).expect("it is mirrored");
    let view = section.map().expect("it can be read");
    let mut times: Vec<_> = (1..=VALUES)
        .map(|number| {
            for byte in &mut value[8..8 + CHANGING] {
                *byte = byte.wrapping_mul(5).wrapping_add(number as u8);
            }
            value[..8].copy_from_slice(&number.to_le_bytes());
            let begun = Instant::now();
            writer.publish(&value);
            while view.read::<u64>(0).expect("it is there") < number {
                assert!(begun.elapsed() < Duration::from_secs(30), "it never comes");
                thread::yield_now();
            }
            let time = begun.elapsed();
            thread::sleep(Duration::from_millis(16));
            time
        })
        .collect();
    times.sort();
    let at =
        |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!("64 KiB, of which 2 % change, {VALUES} times at 60 Hz, from one region to the other:");
    println!(
        "median {:.2} ms, 90 % {:.2} ms, 99 % {:.2} ms",
        at(50),
        at(90),
        at(99)
    );
}
