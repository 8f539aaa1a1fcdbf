use std::fmt;
use std::io;

use crate::columns::TooManyColumns;

/// Why a region of a recording is not made into a table.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExportError {
    /// The recording cannot be read, or the table cannot be written.
    Io(io::Error),
    /// The recording does not say what the bytes of the region are.
    NoLayout,
    /// No frame of the region is in the recording, or none in the time that was asked for.
    NoFrame,
    /// A pattern selects nothing; the text says which.
    NothingSelected(String),
    /// This number of series is too many for a chart, or none.
    NotSeries(usize),
    /// There would be too many columns.
    TooManyColumns,
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::NoLayout => {
                f.write_str("the recording does not say what the bytes of the region are")
            }
            Self::NoFrame => f.write_str("there is no frame of the region in that time"),
            Self::NothingSelected(text) => f.write_str(text),
            Self::NotSeries(0) => f.write_str("what is selected is not a number"),
            Self::NotSeries(count) => write!(
                f,
                "a chart has 48 lines at most, not {count}; select fewer values"
            ),
            Self::TooManyColumns => TooManyColumns.fmt(f),
        }
    }
}

impl std::error::Error for ExportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<TooManyColumns> for ExportError {
    fn from(_: TooManyColumns) -> Self {
        Self::TooManyColumns
    }
}
