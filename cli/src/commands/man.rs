//! `winshm man`

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::failure::{Code, Failure, Result};

/// Print the manual page, or write those of all commands
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  winshm man | man -l -
  winshm man ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The folder to write the pages of all commands to
    folder: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(&self, program: clap::Command, out: &mut impl Write) -> Result<()> {
        let mut program = program.disable_help_subcommand(true);
        program.build();
        let Some(folder) = &self.folder else {
            return Ok(out.write_all(page(&program)?.as_bytes())?);
        };
        fs::create_dir_all(folder)
            .and_then(|()| write_all(&program, folder))
            .map_err(|error| {
                let message = format_args!("cannot write to {}: {error}", folder.display());
                Failure::new(Code::of(&error), message)
            })
    }
}

/// Writes the page of a command, and those of its commands.
fn write_all(command: &clap::Command, folder: &Path) -> io::Result<()> {
    for inner in command.get_subcommands().filter(|it| !it.is_hide_set()) {
        write_all(inner, folder)?;
    }
    let name = clap_mangen::Man::new(command.clone()).get_filename();
    fs::write(folder.join(name), page(command)?)
}

fn page(command: &clap::Command) -> io::Result<String> {
    let source = concat!("winshm ", env!("CARGO_PKG_VERSION"));
    let page = clap_mangen::Man::new(command.clone()).source(source);
    let mut roff = Vec::new();
    page.render(&mut roff)?;
    Ok(unfilled(&String::from_utf8_lossy(&roff)))
}

/// The page with the indented lines of its last section as they are: otherwise examples are filled as prose is, with
/// spaces and hyphens that no shell understands.
fn unfilled(page: &str) -> String {
    let Some((before, notes)) = page.split_once(".SH EXTRA\n") else {
        return page.to_owned();
    };
    let mut out = format!("{before}.SH NOTES\n");
    let mut is_unfilled = false;
    for line in notes.lines() {
        if line.starts_with("  ") != is_unfilled {
            is_unfilled = !is_unfilled;
            out.push_str(if is_unfilled { ".nf\n" } else { ".fi\n" });
        }
        out.push_str(line);
        out.push('\n');
    }
    if is_unfilled {
        out.push_str(".fi\n");
    }
    out
}
