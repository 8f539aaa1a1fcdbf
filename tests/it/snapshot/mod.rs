//! Snapshots: what readers get, who may write, and what is left by those who come and go. Processes
//! killed in the middle of it are in `kill`.

use std::process;
use std::time::Duration;

use win_shared_memory::snapshot::Writer;
use win_shared_memory::{SharedData, SharedMemoryError, SharedMemoryOptions};

use crate::support::{Child, HOUR, Parent};

mod arming;
mod concurrent;
mod creating;
mod drafts;
mod foreign;
mod generations;
mod growth;
mod hostile;
mod large;
mod opening;
mod reading;
mod rights;
mod slices;
mod timeouts;
mod versions;
mod waiters;
mod writers;

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Telemetry {
    tick: u64,
    speed: f32,
    gear: i32,
}

/// A later version of the program: the same, and more.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Grown {
    tick: u64,
    speed: f32,
    gear: i32,
    fuel: f32,
    laps: u32,
}

/// Something of the same size.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Other {
    tick: u64,
    speed: f32,
    gears: i32,
}

/// Not every byte of which is valid, and with padding.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Light {
    on: bool,
    lumen: u32,
    colour: Colour,
}

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(u8)]
enum Colour {
    Red = 1,
    Green = 2,
}

fn telemetry(tick: u64) -> Telemetry {
    Telemetry {
        tick,
        speed: tick as f32 / 2.0,
        gear: (tick as i32).wrapping_neg(),
    }
}

fn waiting(timeout: Duration) -> SharedMemoryOptions {
    let mut options = SharedMemoryOptions::new();
    options.wait(timeout);
    options
}

#[track_caller]
fn assert_unknown_format<T: std::fmt::Debug>(result: Result<T, SharedMemoryError>) {
    assert!(
        matches!(result, Err(SharedMemoryError::UnknownFormat { .. })),
        "{result:?}"
    );
}

#[track_caller]
fn assert_differs_in<T: std::fmt::Debug>(result: Result<T, SharedMemoryError>, field: &str) {
    match result {
        Err(SharedMemoryError::LayoutMismatch(mismatch)) => assert_eq!(mismatch.field(), field),
        other => panic!("{other:?}"),
    }
}

/// Publishes what it is told to: `publish n`, `drop`, `create`.
#[test]
#[ignore = "a child process of other tests"]
fn child_that_writes() {
    let Some(parent) = Parent::find() else { return };
    let name = parent.argument(0);
    let mut writer = Some(Writer::register(name).unwrap());
    parent.tell(&process::id().to_string());
    loop {
        let told = parent.hear();
        match told.split_once(' ') {
            Some((_, tick)) => {
                let value = telemetry(tick.parse().unwrap());
                let version = writer.as_mut().unwrap().publish(&value);
                parent.tell(&version.to_string());
            }
            None if told == "drop" => {
                writer = None;
                parent.tell("dropped");
            }
            None => {
                writer = Some(Writer::register(name).unwrap());
                parent.tell("created");
            }
        }
    }
}

/// A child that writes, and its process id.
fn writing_child(name: &str) -> (Child, u32) {
    let mut child = Child::start(child_that_writes, &[name]);
    let id = child.answer().parse().unwrap();
    (child, id)
}

fn publish(child: &mut Child, tick: u64) -> u64 {
    child.tell(&format!("publish {tick}"));
    child.answer().parse().unwrap()
}
