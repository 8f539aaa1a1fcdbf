//! What can go wrong with a recording.

use std::fmt;
use std::io;

use crate::time::Time;

/// A recording that cannot go on.
#[derive(Debug)]
pub struct RecordError {
    pub(super) error: mcap::McapError,
    pub(super) safe: Option<Time>,
}

impl RecordError {
    /// Up to when the file has everything: the rest is lost.
    #[must_use]
    pub fn safe_until(&self) -> Option<Time> {
        self.safe
    }

    /// Whether the disk is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let full = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];
        matches!(&self.error, mcap::McapError::Io(error) if full.contains(&error.kind()))
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_full() {
            f.write_str("the disk is full")?;
        } else if let mcap::McapError::Io(error) = &self.error {
            write!(f, "the recording cannot be written: {error}")?;
        } else {
            write!(f, "the recording cannot be written: {}", self.error)?;
        }
        match self.safe {
            Some(time) => write!(f, "; what was recorded until {time} can be read"),
            None => f.write_str("; nothing was recorded"),
        }
    }
}

impl std::error::Error for RecordError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// What of a recording could not be read.
///
/// ```
/// # use std::io::Cursor;
/// # use winshm_core::Time;
/// # use winshm_core::recording::{Options, Recorder, Recording};
/// # let mut file = Cursor::new(Vec::new());
/// # let mut recorder = Recorder::new(&mut file, Options::default())?;
/// # let region = recorder.add_region("Lamp", None)?;
/// # recorder.frame(region, Time::from_nanoseconds(1), &[0])?;
/// # recorder.finish()?;
/// // A file whose copy was broken off:
/// let mut bytes = file.into_inner();
/// bytes.truncate(bytes.len() - 20);
/// let mut recording = Recording::read(Cursor::new(bytes))?;
/// while recording.next()?.is_some() {}
/// assert!(recording.damage().is_cut);
/// assert_eq!(recording.damage().to_string(), "the end is missing");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// Chunks that were changed after they were written.
    pub chunks: u64,
    /// Frames that are malformed, or follow one that is.
    pub frames: u64,
    /// Whether the file ends within a record.
    pub is_cut: bool,
}

impl Damage {
    /// Whether there is none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return f.write_str("nothing is damaged");
        }
        let mut comma = "";
        for (number, what) in [(self.chunks, "chunk"), (self.frames, "frame")] {
            let ending = if number == 1 { " is" } else { "s are" };
            if number > 0 {
                write!(f, "{comma}{number} {what}{ending} damaged")?;
                comma = ", ";
            }
        }
        if self.is_cut {
            write!(f, "{comma}the end is missing")?;
        }
        Ok(())
    }
}

/// A file that is not a recording.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The system does not give it out.
    Io(io::Error),
    /// There is nothing in it.
    Empty,
    /// It is not an MCAP file.
    NotMcap,
    /// It is an MCAP file of another program: no region is in it.
    NoRegion,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::NotSeekable => {
                write!(f, "a recording is read from a file, and not from a pipe: {error}")
            }
            Self::Io(error) => error.fmt(f),
            Self::Empty => f.write_str("it is empty: nothing has been recorded to it"),
            Self::NotMcap => f.write_str("it is not a recording: it does not begin as MCAP files do"),
            Self::NoRegion => f.write_str(
                "it is an MCAP file, and no region is in it: another program has made it, or it was cut off at its \
                 beginning",
            ),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
