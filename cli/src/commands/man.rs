//! `winshm man`

use std::fs;
use std::io::Write;
use std::path::PathBuf;

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
        let Some(folder) = &self.folder else {
            let mut page = Vec::new();
            clap_mangen::Man::new(program).render(&mut page)?;
            return Ok(out.write_all(&page)?);
        };
        fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(program, folder))
            .map_err(|error| {
                let message = format_args!("cannot write to {}: {error}", folder.display());
                Failure::new(Code::of(&error), message)
            })
    }
}
