//! `winshm dump`

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use win_shared_memory::{Section, SharedMemoryError, View};
use winshm_core::escape;

use crate::failure::{Code, Failure, Result};
use crate::live;
use crate::units;

/// How much is copied at once.
const PART: usize = 64 << 10;

const LINE: usize = 16;

/// Print the bytes of a region as they are at the moment, as digits and text
///
/// They are copied piece by piece, whatever the producer does meanwhile: `winshm read` copies as its convention demands.
/// Lines of zeros that repeat are left out, as are pages of a reserved region that have no memory.
#[derive(Debug, Args)]
#[command(after_help = r"Examples:
  winshm dump MumbleLink
  winshm dump MumbleLink --offset 44 --len 512
  winshm dump MumbleLink --offset 0x2c --len 1KiB
  winshm dump 'Global\HWiNFO_SENS_SM2' --raw -o hwinfo.bin")]
pub(crate) struct Dump {
    /// The name of the region
    name: String,
    /// Where to begin
    #[arg(long, value_name = "BYTES", default_value = "0", value_parser = offset)]
    offset: u64,
    /// How much to print; to the end if it is left out
    #[arg(long, value_name = "BYTES", value_parser = offset)]
    len: Option<u64>,
    /// Write the bytes themselves
    #[arg(long)]
    raw: bool,
    /// Write to this file
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A size, or a number that begins with 0x.
fn offset(text: &str) -> std::result::Result<u64, String> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).map_err(|it| it.to_string()),
        None => units::size(text),
    }
}

impl Dump {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        let section: Section =
            Section::open(&self.name).map_err(|it| live::refused(&self.name, it))?;
        let view = section.map()?;
        let size = view.len() as u64;
        if self.offset >= size {
            let name = escape(&self.name);
            return Err(Failure::new(
                Code::NotFound,
                format_args!(
                    "`{name}` has {size} bytes, so there is none at {}",
                    self.offset
                ),
            ));
        }
        let len = self
            .len
            .map_or(size, |len| self.offset.saturating_add(len).min(size))
            - self.offset;
        // Both lie within the view.
        let (from, len) = (self.offset as usize, len as usize);
        match &self.output {
            None => self.dump(&view, from, len, out),
            Some(path) => {
                let mut file = BufWriter::new(File::create(path)?);
                self.dump(&view, from, len, &mut file)?;
                Ok(file.flush()?)
            }
        }
    }

    fn dump(&self, view: &View, from: usize, len: usize, out: &mut impl Write) -> Result<()> {
        let mut bytes = vec![0; PART.min(len)];
        let mut lines = Lines::default();
        for at in (from..from + len).step_by(PART) {
            let bytes = &mut bytes[..PART.min(from + len - at)];
            copy(view, at, bytes)?;
            if self.raw {
                out.write_all(bytes)?;
                continue;
            }
            for (number, line) in bytes.chunks(LINE).enumerate() {
                lines.print(at + number * LINE, line, out)?;
            }
        }
        if !self.raw {
            writeln!(out, "{:08x}", from + len)?;
        }
        Ok(())
    }
}

/// Copies bytes; those that have no memory are 0.
fn copy(view: &View, at: usize, bytes: &mut [u8]) -> Result<()> {
    const PAGE: usize = 4096;
    match view.read_bytes(at, bytes) {
        Err(SharedMemoryError::NotCommitted { .. }) => {}
        copied => return Ok(copied?),
    }
    let mut done = 0;
    while done < bytes.len() {
        let page = (PAGE - (at + done) % PAGE).min(bytes.len() - done);
        let part = &mut bytes[done..done + page];
        match view.read_bytes(at + done, part) {
            Err(SharedMemoryError::NotCommitted { .. }) => part.fill(0),
            copied => copied?,
        }
        done += page;
    }
    Ok(())
}

/// Prints lines, and of those that repeat a star.
#[derive(Default)]
struct Lines {
    last: Option<Vec<u8>>,
    repeats: bool,
}

impl Lines {
    fn print(&mut self, at: usize, line: &[u8], out: &mut impl Write) -> Result<()> {
        if self.last.as_deref() == Some(line) {
            if !self.repeats {
                writeln!(out, "*")?;
            }
            self.repeats = true;
            return Ok(());
        }
        self.repeats = false;
        self.last = Some(line.to_vec());
        write!(out, "{at:08x} ")?;
        for number in 0..LINE {
            let gap = if number % 8 == 0 { " " } else { "" };
            match line.get(number) {
                Some(byte) => write!(out, "{gap}{byte:02x} ")?,
                None => write!(out, "{gap}   ")?,
            }
        }
        let text = line.iter().map(|byte| match byte {
            b' '..=b'~' => char::from(*byte),
            _ => '.',
        });
        writeln!(out, " |{}|", String::from_iter(text))?;
        Ok(())
    }
}
