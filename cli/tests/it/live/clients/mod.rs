//! Programs that know nothing of us, and what they read of regions that `winshm serve` holds: the published crates of
//! `peers/clients`, and C as the producers' own samples have it. What each of them can promise is told in its header.

mod games;
#[cfg(feature = "share")]
mod mirrored;
mod sensors;
mod simetry;
mod simulators;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::serving::Serving;
use crate::samples::{Sample, assert_has, assert_moving, assert_whole, samples};

/// How often values that move are read.
const READS: usize = 1000;

/// Regions that several tests serve, by names that cannot be chosen.
static IRACING: Mutex<()> = Mutex::new(());
static ASSETTO_CORSA: Mutex<()> = Mutex::new(());
static RFACTOR_2: Mutex<()> = Mutex::new(());

fn alone(regions: &'static Mutex<()>) -> MutexGuard<'static, ()> {
    regions.lock().unwrap_or_else(PoisonError::into_inner)
}

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
