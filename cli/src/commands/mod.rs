//! What the program can be asked for: a module a command.

mod layout;

use std::io::Write;

use clap::Subcommand;

use crate::failure::Result;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(subcommand)]
    Layout(layout::Command),
}

impl Command {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        match self {
            Self::Layout(command) => layout::run(command, out),
        }
    }
}
