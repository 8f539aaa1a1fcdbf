//! The command line.

use clap::Parser;

use crate::commands::Command;

/// See, record, replay and share what is in named shared memory regions.
#[derive(Debug, Parser)]
#[command(
    name = "winshm",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}
