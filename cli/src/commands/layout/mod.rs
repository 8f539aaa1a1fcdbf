//! `winshm layout`

mod check;
mod export;
#[cfg(feature = "import")]
mod import;

use std::io::Write;

use clap::Subcommand;
use win_shared_memory_layouts::catalogue;
use winshm_core::escape;

use crate::failure::{Code, Failure, Result};
use crate::layouts;

/// List, show, check and convert layouts: what the bytes of a region are
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  winshm layout list
  winshm layout show hwinfo > mine.toml
  winshm layout check mine.toml 4096
  winshm layout export acc-physics --as c > acc.h")]
pub(crate) enum Command {
    /// List the layouts that winshm knows
    List {
        /// Print an array of objects
        #[arg(long)]
        json: bool,
    },
    /// Print a layout as TOML
    Show {
        /// Its id, the name of its region, or a file
        layout: String,
    },
    Check(check::Check),
    /// Tell what differs between two layouts
    ///
    /// It ends with 6 if something does.
    #[command(after_help = "Examples:
  winshm layout diff old.toml new.toml
  winshm layout diff acc-static assetto-corsa-static")]
    Diff {
        /// The first: an id, the name of a region, or a file
        first: String,
        /// The second
        second: String,
    },
    Export(export::Export),
    #[cfg(feature = "import")]
    Import(import::Import),
}

pub(crate) fn run(command: Command, out: &mut impl Write) -> Result<()> {
    match command {
        Command::List { json } => list(json, out),
        Command::Show { layout } => {
            let layout = layouts::find(&layout)?;
            Ok(out.write_all(layout.to_toml().as_bytes())?)
        }
        Command::Check(check) => check.run(out),
        Command::Diff { first, second } => diff(&first, &second, out),
        Command::Export(export) => export.run(out),
        #[cfg(feature = "import")]
        Command::Import(import) => import.run(out),
    }
}

fn list(json: bool, out: &mut impl Write) -> Result<()> {
    if json {
        let all = catalogue::all().map(|it| {
            serde_json::json!({ "id": it.id, "name": it.name, "doc": it.doc, "size": it.size })
        });
        return Ok(writeln!(out, "{}", serde_json::Value::from_iter(all))?);
    }
    for layout in catalogue::all() {
        writeln!(out, "{:24} {}", layout.id, escape(&layout.name.join(", ")))?;
    }
    Ok(())
}

fn diff(first: &str, second: &str, out: &mut impl Write) -> Result<()> {
    let [one, other] = [layouts::find(first)?, layouts::find(second)?];
    let unsound = |error| Failure::new(Code::Damaged, error);
    let differences = one.differences(&other).map_err(unsound)?;
    for it in &differences {
        writeln!(out, "{}", escape(&it.to_string()))?;
    }
    match differences.len() {
        0 => Ok(writeln!(out, "nothing differs")?),
        _ => {
            out.flush()?;
            Err(Failure::new(Code::Damaged, "the layouts differ"))
        }
    }
}
