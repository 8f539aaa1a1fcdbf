//! What can go wrong, and with which exit code the program then ends.

use std::fmt;
use std::io;
use std::path::Path;

use winshm_core::recording::RecordError;
use winshm_core::{SourceError, escape};

/// The exit codes, besides 0 for success and 2 for arguments that are not understood, which clap reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Code {
    /// Nobody reads what it prints any more, as with `winshm … | head`: that counts as success.
    Unread = 0,
    /// It failed, for a reason that has no code of its own.
    Failed = 1,
    /// There is no region, file, layout or field of this name.
    NotFound = 3,
    /// The region or file may not be opened.
    Denied = 4,
    /// What was waited for did not happen in time.
    TimedOut = 5,
    /// A recording, layout or region is not what it claims to be.
    Damaged = 6,
    /// The disk is full.
    Full = 7,
}

/// Why a command failed: a sentence for a person, and an exit code for a script.
#[derive(Debug)]
pub struct Failure {
    message: String,
    code: Code,
}

/// What a command does, or why it failed.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// With the sentence that the user reads.
    pub fn new(code: Code, message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            code,
        }
    }

    /// A recording that cannot be written any more.
    pub(crate) fn unrecorded(path: &Path, error: &RecordError) -> Self {
        let code = if error.is_full() {
            Code::Full
        } else {
            Code::Failed
        };
        Self::new(
            code,
            format_args!("{}: {error}", escape(&path.to_string_lossy())),
        )
    }

    /// The exit code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Code {
    /// The code of an error that the system has told.
    #[must_use]
    pub fn of(error: &io::Error) -> Self {
        // ERROR_PIPE_NOT_CONNECTED: what Wine reports when the reader of one of the host's pipes has left.
        if cfg!(windows) && error.raw_os_error() == Some(233) {
            return Self::Unread;
        }
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Unread,
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::Denied,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Failed,
        }
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        #[cfg(windows)]
        let error = match error.downcast::<win_shared_memory::SharedMemoryError>() {
            Ok(error) => return (*error).into(),
            Err(error) => error,
        };
        match error.downcast::<io::Error>() {
            Ok(error) => (*error).into(),
            Err(error) => Self::new(Code::Failed, error),
        }
    }
}

#[cfg(windows)]
impl From<win_shared_memory::SharedMemoryError> for Failure {
    fn from(error: win_shared_memory::SharedMemoryError) -> Self {
        use win_shared_memory::SharedMemoryError as Error;
        match &error {
            _ if error.is_not_found() => Self::new(Code::NotFound, error),
            _ if error.is_access_denied() => Self::new(
                Code::Denied,
                format_args!(
                    "{error}; what another user or an elevated program has made may need an elevated console"
                ),
            ),
            Error::TimedOut { .. }
            | Error::NotReady { .. }
            | Error::Contended { .. }
            | Error::Inconsistent(_) => Self::new(Code::TimedOut, error),
            Error::UnknownFormat { .. } | Error::InvalidValue(_) | Error::OutOfBounds { .. } => {
                Self::new(Code::Damaged, error)
            }
            _ => Self::new(Code::Failed, error),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(Code::of(&error), error)
    }
}
