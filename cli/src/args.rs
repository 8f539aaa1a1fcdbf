//! The command line.

use clap::Parser;

use crate::commands::Command;
use crate::elsewhere;
use crate::fields::PATHS;

const EXIT_CODES: &str = "Exit codes:
  0  it worked, or nobody reads its output any more
  1  it failed
  2  the arguments are not understood
  3  there is no such region, file, layout or field
  4  the region or file may not be opened
  5  what was waited for did not happen in time
  6  a recording, layout or region is not what it claims to be
  7  the disk is full; what is on it up to then can be read";

/// See, record, replay and share what is in named shared memory regions.
#[derive(Debug, Parser)]
#[command(
    name = "winshm",
    version,
    arg_required_else_help = true,
    after_help = elsewhere::help(),
    after_long_help = format!("{}\n\n{PATHS}\n\n{EXIT_CODES}", elsewhere::help()).trim_start().to_owned()
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}
