//! Programs that know nothing of us, and what they read of regions that `winshm serve` holds: the published crates of
//! `peers/clients`, and C as the producers' own samples have it. What each of them can promise is told in its header.

mod games;
#[cfg(feature = "share")]
mod mirrored;
mod sensors;
mod simetry;
mod simulators;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use super::serving::Serving;
use crate::tool::WATCHDOG;

/// How often values that move are read.
const READS: usize = 1000;

/// Regions that several tests serve, by names that cannot be chosen.
static IRACING: Mutex<()> = Mutex::new(());
static ASSETTO_CORSA: Mutex<()> = Mutex::new(());
static RFACTOR_2: Mutex<()> = Mutex::new(());

fn alone(regions: &'static Mutex<()>) -> MutexGuard<'static, ()> {
    regions.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The values of one read, by name.
type Sample = BTreeMap<String, String>;

/// A region that is served so often per second, and in which these fields are all the same number, which goes up.
fn serve(layout: &str, rate: &str, values: &[&str], moving: &[&str]) -> Serving {
    let waves = moving
        .iter()
        .map(|it| format!("{it}=ramp(1,1000001,1000s)"));
    let waves: Vec<_> = waves.flat_map(|it| ["--wave".to_owned(), it]).collect();
    let waves: Vec<_> = waves.iter().map(String::as_str).collect();
    Serving::start(&[&["serve", layout, "--rate", rate], values, &waves].concat())
}

/// These values of one row.
fn of(row: &str, values: &[&str]) -> Vec<String> {
    values.iter().map(|it| format!("{row}.{it}")).collect()
}

/// What a program prints to its end.
#[track_caller]
fn client(name: &str, arguments: &[&str]) -> Vec<Sample> {
    let folders = ["WIN_SHARED_MEMORY_PEERS", "WIN_SHARED_MEMORY_CLIENTS"];
    let folders = folders.iter().filter_map(std::env::var_os);
    let mut programs = folders.map(|it| Path::new(&it).join(format!("{name}.exe")));
    let mut command = Command::new(programs.find(|it| it.exists()).expect(name));
    command.args(arguments).stdout(Stdio::piped());
    samples(name, command.spawn().unwrap())
}

/// Ends a program that prints nothing for too long.
#[track_caller]
fn samples(name: &str, mut child: Child) -> Vec<Sample> {
    let (sender, lines) = mpsc::channel();
    let out = BufReader::new(child.stdout.take().unwrap());
    thread::spawn(move || out.lines().try_for_each(|line| sender.send(line.unwrap())));
    let mut samples = vec![Sample::new()];
    loop {
        match lines.recv_timeout(WATCHDOG) {
            Ok(line) if line.is_empty() => samples.push(Sample::new()),
            Ok(line) => {
                let (name, value) = line.split_once('=').expect(&line);
                let sample = samples.last_mut().unwrap();
                sample.insert(name.to_owned(), value.to_owned());
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                child.kill().ok();
                panic!("{name} hangs after {samples:?}");
            }
        }
    }
    let status = child.wait().unwrap();
    assert!(status.success(), "{name}: {status}, {samples:?}");
    assert_eq!(samples.pop(), Some(Sample::new()), "{name}");
    samples
}

/// A sample has these values: `name=value`.
#[track_caller]
fn assert_has(sample: &Sample, expected: &[&str]) {
    for expected in expected {
        let (name, value) = expected.split_once('=').unwrap();
        let found = sample.get(name).map(String::as_str);
        assert_eq!(found, Some(value), "{name} of {sample:?}");
    }
}

/// Every value was served, and none is older than the one before. A client that does not check its samples can promise
/// no more.
#[track_caller]
fn assert_moving(samples: &[Sample], names: &[&str]) {
    for name in names {
        let texts = samples.iter().map(|it| &it[*name]);
        let mut numbers: Vec<f64> = texts.map(|it| it.parse().expect(it)).collect();
        assert!(numbers.is_sorted(), "{name} goes back: {numbers:?}");
        numbers.dedup();
        assert!(numbers.len() > 20, "{name}: {numbers:?}");
    }
}

/// No sample has values of two writes.
#[track_caller]
fn assert_whole(samples: &[Sample], names: &[&str]) {
    assert_moving(samples, names);
    for sample in samples {
        let first = &sample[names[0]];
        let is_whole = names.iter().all(|it| sample[*it] == *first);
        assert!(is_whole, "{sample:?}");
    }
}
