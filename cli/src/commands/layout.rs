//! `winshm layout`

use std::io::Write;

use clap::Subcommand;
use win_shared_memory_layouts::catalogue;
use winshm_core::escape;

use crate::failure::Result;
use crate::layouts;

/// List, show, check and convert layouts: what the bytes of a region are
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  winshm layout list
  winshm layout show hwinfo > mine.toml")]
pub(crate) enum Command {
    /// List the layouts that winshm knows
    List,
    /// Print a layout as TOML
    Show {
        /// Its id, the name of its region, or a file
        layout: String,
    },
}

pub(crate) fn run(command: Command, out: &mut impl Write) -> Result<()> {
    match command {
        Command::List => list(out),
        Command::Show { layout } => {
            let layout = layouts::find(&layout)?;
            Ok(out.write_all(layout.to_toml().as_bytes())?)
        }
    }
}

fn list(out: &mut impl Write) -> Result<()> {
    for layout in catalogue::all() {
        writeln!(out, "{:24} {}", layout.id, escape(&layout.name.join(", ")))?;
    }
    Ok(())
}
