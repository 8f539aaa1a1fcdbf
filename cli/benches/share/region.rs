//! The region that is shared, and the programs that share it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use win_shared_memory::snapshot::Writer;

/// What the region has in bytes. The first 8 are the number of the value.
pub(crate) const SIZE: usize = 64 << 10;

/// How much of it is another in each value.
const CHANGING: usize = SIZE / 50;

/// How often it is written.
pub(crate) const PERIOD: Duration = Duration::from_micros(16_667);

pub(crate) const ABOUT: &str = "64 KiB, of which 2 % change at 60 Hz";

/// A region, and its value.
pub(crate) struct Region {
    writer: Writer<[u8; SIZE]>,
    value: [u8; SIZE],
    number: u64,
}

impl Region {
    pub(crate) fn new(name: &str) -> Self {
        let mut writer = Writer::create(name).expect("the name is free");
        let value = [0; SIZE];
        writer.publish(&value);
        Self {
            writer,
            value,
            number: 0,
        }
    }

    /// Makes the next value, to be published.
    pub(crate) fn change(&mut self) -> u64 {
        self.number += 1;
        for byte in &mut self.value[8..8 + CHANGING] {
            *byte = byte.wrapping_mul(5).wrapping_add(self.number as u8);
        }
        self.value[..8].copy_from_slice(&self.number.to_le_bytes());
        self.number
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
        let (share, line) = Self::start(&["share", name, "--listen", "127.0.0.1:0"]);
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
