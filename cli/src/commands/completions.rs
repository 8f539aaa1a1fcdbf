//! `winshm completions`

use std::io::Write;

use clap::Args;
use clap_complete::Shell;

use crate::failure::Result;

/// Print a script that completes commands and options in a shell
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  winshm completions powershell >> $PROFILE
  winshm completions bash > ~/.local/share/bash-completion/completions/winshm")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, mut program: clap::Command, out: &mut impl Write) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut program, "winshm", &mut script);
        Ok(out.write_all(&script)?)
    }
}
