//! What went wrong, in words for the person at the terminal.

use std::fmt;
use std::io;
use std::path::Path;

pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// A message and the exit code that goes with it.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// Something did not work: exit code 1.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 1,
        }
    }

    /// The command line made no sense: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 2,
        }
    }

    /// Nothing more to say: the reasons have been printed. Exit code 1.
    pub(crate) fn told() -> Self {
        Self::new("")
    }

    /// Ctrl-C, as a shell reports it: exit code 130.
    pub(crate) fn interrupted() -> Self {
        Self {
            message: "interrupted".into(),
            code: 130,
        }
    }

    /// A program that ran on the user's behalf ended with `code`.
    pub(crate) fn with_code(message: impl Into<String>, code: Option<i32>) -> Self {
        let code = code
            .and_then(|code| u8::try_from(code).ok())
            .filter(|&code| code != 0);
        Self {
            message: message.into(),
            code: code.unwrap_or(1),
        }
    }

    /// An I/O error, with what was being done and to which file.
    pub(crate) fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(format!("cannot {doing} {}: {error}", path.display()))
    }

    pub(crate) fn code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
