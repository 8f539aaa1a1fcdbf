//! `winshm info`

mod recording;
#[cfg(windows)]
mod region;

use std::io::Write;

use clap::Args;

use crate::failure::Result;
use crate::sources;

/// Tell what is known of a region or a recording
///
/// Of a region: its size, your rights, its security, how many handles to it there are, its layout or its own
/// description, and what its producer does. Of a recording (FILE.mcap): its regions, its times, and whether it is whole.
#[derive(Debug, Args)]
#[command(after_help = r"Examples:
  winshm info MumbleLink
  winshm info 'Global\HWiNFO_SENS_SM2' --json
  winshm info race.mcap")]
pub(crate) struct Info {
    /// The name of the region, or a recording (FILE.mcap)
    name: String,
    /// What the bytes are: an id of `winshm layout list`, or a file
    #[arg(long, short, value_name = "LAYOUT")]
    layout: Option<String>,
    /// Print an object, for programs
    #[arg(long)]
    json: bool,
}

impl Info {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        if sources::is_recording(&self.name) {
            return recording::print(&self.name, self.json, out);
        }
        self.region(out)
    }

    #[cfg(windows)]
    fn region(&self, out: &mut impl Write) -> Result<()> {
        region::print(&self.name, self.layout.as_deref(), self.json, out)
    }

    #[cfg(not(windows))]
    fn region(&self, _: &mut impl Write) -> Result<()> {
        // It fails with what there is to say.
        sources::open(std::slice::from_ref(&self.name), self.layout.as_deref()).map(|_| ())
    }
}
