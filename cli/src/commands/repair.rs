//! `winshm repair`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use winshm_core::escape;
use winshm_core::recording::{Event, Options, Recorder};

use crate::failure::{Failure, Result};
use crate::output::create_new;
use crate::progress::Progress;
use crate::sources;

/// Write what can be read of a recording to another, which is whole and has an index
#[derive(Debug, Args)]
#[command(after_help = "Example:
  winshm repair killed.mcap -o whole.mcap")]
pub(crate) struct Repair {
    /// The recording
    file: String,
    /// The file to write; it must not be there
    #[arg(long, short, value_name = "FILE.mcap")]
    output: PathBuf,
}

impl Repair {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<()> {
        let mut recording = sources::recording(&self.file)?;
        let file = create_new(&self.output)?;
        let told = |error| Failure::unrecorded(&self.output, &error);
        let mut options = Options::default();
        options.fields = recording.fields().clone();
        let mut recorder = Recorder::new(file, options).map_err(told)?;
        let mut regions = Vec::new();
        for region in recording.regions() {
            let plan = region.plan.as_ref();
            regions.push(recorder.add_region(&region.name, plan).map_err(told)?);
        }
        let mut progress = Progress::new(self.file.as_ref());
        progress.begin("repairing");
        let (mut frames, mut notes) = (0_u64, 0_u64);
        while let Some(event) = recording.next()? {
            match event {
                Event::Frame {
                    region,
                    time,
                    bytes,
                } => {
                    frames += 1;
                    recorder.frame(regions[region], time, bytes).map_err(told)?;
                }
                Event::Note { time, note } => {
                    notes += 1;
                    recorder.note(time, &note).map_err(told)?;
                }
                _ => {}
            }
            progress.step(&mut recording)?;
        }
        progress.end();
        recorder.finish().map_err(told)?;
        let damage = recording.damage();
        writeln!(
            out,
            "{}: {frames} frames and {notes} notes; {damage}",
            escape(&self.file)
        )?;
        Ok(())
    }
}
