//! The parts of the program `winshm`.
//!
//! It is a library only for `winshm-zenoh`, which follows and holds regions in the same way and is a separate program
//! because of its many dependencies. It may change with any version: other programs should use `win-shared-memory` for
//! regions, and `winshm-core` for their bytes.
#![forbid(unsafe_code)]

// The layers, the lowest first.
mod failure;
mod fields;
mod output;
pub mod units;

mod layouts;
pub mod stop;

#[cfg(windows)]
mod live;

mod sources;

mod feed;

mod progress;

#[cfg(windows)]
mod produce;
mod record;
#[cfg(feature = "share")]
mod share;
#[cfg(feature = "tui")]
mod watch;

mod tables;

mod commands;

mod elsewhere;

mod args;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

pub use failure::{Code, Failure, Result};
pub use feed::{Feed, Message, Over, Pace, Seen};
#[cfg(windows)]
pub use produce::Mirrored;
pub use sources::open;

/// The exit code for arguments that are not understood, which is clap's.
const NOT_UNDERSTOOD: u8 = 2;

/// Runs `winshm` with the arguments of the command line.
#[must_use]
pub fn run() -> ExitCode {
    if let Some(told) = elsewhere::told(std::env::args_os()) {
        eprintln!("winshm: {told}");
        return ExitCode::from(NOT_UNDERSTOOD);
    }
    let arguments = args::Arguments::parse();
    exit("winshm", |out| {
        arguments.command.run(args::Arguments::command(), out)
    })
}

/// Runs a command of the program of this name. If it fails, prints why and returns the exit code for it.
pub fn exit(
    program: &str,
    command: impl FnOnce(&mut BufWriter<io::StdoutLock<'static>>) -> Result<()>,
) -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let outcome = command(&mut out).and_then(|()| Ok(out.flush()?));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if failure.code() != Code::Unread {
                eprintln!("{program}: {failure}");
            }
            ExitCode::from(failure.code() as u8)
        }
    }
}
