//! [`Unread`].

use crate::error::SharedMemoryError;
use crate::error::unknown_format::UnknownFormat;

/// Why no value was got where there should be one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unread {
    /// It was overwritten during each of so many attempts.
    Overtaken { attempts: u32 },
    /// The words do not lead to a value and nobody changes them. A writer never leaves them so,
    /// wherever it is stopped: the slot of the latest version stays as it is until another is the latest.
    Damaged,
}

impl Unread {
    /// The error of a call on the region of this name.
    pub(crate) fn into_error(self, name: &str) -> SharedMemoryError {
        match self {
            Self::Overtaken { attempts } => SharedMemoryError::Contended {
                name: name.into(),
                attempts,
            },
            Self::Damaged => SharedMemoryError::UnknownFormat {
                name: name.into(),
                reason: UnknownFormat::ValueLost,
            },
        }
    }
}
