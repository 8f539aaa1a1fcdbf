//! See, record, replay and share what is in named shared memory regions.
#![forbid(unsafe_code)]

// The layers, the lowest first.
mod failure;
mod units;

mod layouts;
mod stop;

#[cfg(windows)]
mod live;

mod sources;

mod feed;

#[cfg(windows)]
mod produce;
mod record;
#[cfg(feature = "share")]
mod share;
#[cfg(feature = "tui")]
mod watch;

mod tables;

mod commands;

mod args;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    let mut out = BufWriter::new(io::stdout().lock());
    let outcome = arguments
        .command
        .run(args::Arguments::command(), &mut out)
        .and_then(|()| Ok(out.flush()?));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if failure.code() != failure::Code::Unread {
                eprintln!("winshm: {failure}");
            }
            ExitCode::from(failure.code() as u8)
        }
    }
}
