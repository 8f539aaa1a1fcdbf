//! The region that is shared, and the programs that share it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use win_shared_memory::SharedData;
use win_shared_memory::snapshot::Writer;

use crate::noise::Noise;

/// What the region has in bytes.
const SIZE: usize = 64 << 10;

/// How many of them are others in each value. The rest stay 0.
const CHANGING: usize = SIZE / 50;

const NUMBERS: usize = 64;

/// The values that have names, of which a page shows charts.
const FIELDS: &str = "numbers[*]";

/// How many bytes there are besides the count and the numbers.
const BYTES: usize = SIZE - 8 - 4 * NUMBERS;

/// How many of them change, each to a random value.
const NOISE: usize = CHANGING - 4 * NUMBERS - 2;

#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct Value {
    count: u64,
    numbers: [f32; NUMBERS],
    bytes: [u8; BYTES],
}

/// How often it is written.
pub(crate) const PERIOD: Duration = Duration::from_micros(16_667);

pub(crate) const ABOUT: &str = "64 KiB, of which 2 % change at random at 60 Hz";

/// A region, and its value.
pub(crate) struct Region {
    writer: Writer<Value>,
    value: Value,
    noise: Noise,
    /// Which bytes are noise.
    places: Vec<usize>,
}

impl Region {
    pub(crate) fn new(name: &str) -> Self {
        let mut writer = Writer::create(name).expect("the name is free");
        let value = Value::zeroed();
        writer.publish(&value);
        let mut noise = Noise::of(0);
        let places = noise.by_ref().map(|it| it as usize % BYTES);
        let places = places.take(NOISE).collect();
        Self {
            writer,
            value,
            noise,
            places,
        }
    }

    /// Makes the next value, to be published, and returns which it is: its first 8 bytes.
    pub(crate) fn change(&mut self) -> u64 {
        let value = &mut self.value;
        value.count += 1;
        for (place, noise) in self.places.iter().zip(&mut self.noise) {
            value.bytes[*place] = noise as u8;
        }
        let phase = value.count as f32 / 60.0;
        value.numbers = std::array::from_fn(|it| (phase + it as f32).sin());
        value.count
    }

    pub(crate) fn publish(&mut self) {
        self.writer.publish(&self.value);
    }
}

/// A program of this tool, until it is dropped.
pub(crate) struct Program(Child);

impl Program {
    /// Starts it, and waits for its first line.
    pub(crate) fn start(arguments: &[&str]) -> (Self, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_winshm"));
        let command = command.args(arguments).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("it is a pipe");
        BufReader::new(out).read_line(&mut line).expect("it speaks");
        (Self(child), line)
    }

    /// Starts `winshm share`, and tells its address.
    pub(crate) fn share(name: &str) -> (Self, String) {
        let arguments = ["share", name, "--listen", "127.0.0.1:0", "--fields", FIELDS];
        let (share, line) = Self::start(&arguments);
        let url = line.trim_end().rsplit(' ').next().unwrap_or_default();
        (share, url.to_owned())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
