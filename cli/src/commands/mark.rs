//! `winshm mark`

use clap::Args;

use crate::failure::Result;
use crate::record;

/// Set a marker in every recording that goes on; with --last it is what the recording is kept for
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  winshm mark
  winshm mark 'left the track'")]
pub(crate) struct Mark {
    /// What to remember
    #[arg(default_value = "mark")]
    text: String,
}

impl Mark {
    pub(crate) fn run(&self) -> Result<()> {
        record::mark(&self.text)
    }
}
