//! `winshm record`

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use winshm_core::recording::Options;

use crate::failure::{Code, Failure, Result};
use crate::feed::{Feed, Pace};
use crate::fields::Fields;
use crate::record::{Files, Memory, Session, Split, Trigger};
use crate::{sources, stop, units};

/// Record regions to a file, until Ctrl-C
///
/// The file is an MCAP file (https://mcap.dev). Foxglove, PlotJuggler, Rerun and Python read the decoded values; winshm
/// reads every byte. If the program is killed, everything up to the last two seconds can be read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  winshm record '$rFactor2SMMP_Telemetry$' '$rFactor2SMMP_Scoring$' -o race.mcap
  winshm record 'Local\\acpmf_physics' -o lap.mcap --rate 60 --for 5m
  winshm record 'Local\\acpmf_physics' -o crash.mcap --last 30s --trigger 'brake>0.9'
  winshm record MumbleLink -o long.mcap --split 1h

Every byte is recorded. --fields chooses which values are recorded decoded, too, for programs other than winshm; by \
default all are, if they take at most 16 KiB.

Without --rate, a region is recorded whenever it changes. Of a snapshot or a broadcast every value is recorded; those that \
are overwritten before they can be read are counted as lost. With --last, nothing is written until `winshm mark` or a trigger asks for it: then \
what was before is written, and as much of what comes.")]
pub(crate) struct Record {
    /// The regions, or recordings (FILE.mcap) to record from
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// The file to write; it must not be there
    #[arg(long, short, value_name = "FILE.mcap")]
    output: PathBuf,
    /// How often to copy per second; by default at each change
    #[arg(long, value_name = "HZ", value_parser = units::period)]
    rate: Option<Duration>,
    /// What the bytes are: an id of `winshm layout list`, or a file
    #[arg(long, short, value_name = "LAYOUT")]
    layout: Option<String>,
    #[command(flatten)]
    fields: Fields,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = units::duration)]
    time: Option<Duration>,
    /// Keep the last of this in memory, and write it when it is asked for
    #[arg(long, value_name = "TIME", value_parser = units::duration)]
    last: Option<Duration>,
    /// Set a marker when this becomes true: a field, one of > >= < <= = != and a number
    #[arg(long, value_name = "CONDITION")]
    trigger: Vec<Trigger>,
    /// Go on in another file after this size or time: 500MB, 1h
    #[arg(long, value_name = "SIZE|TIME", value_parser = split)]
    split: Option<Split>,
    /// How much a kill may cost at most
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = units::duration)]
    flush: Duration,
}

fn split(text: &str) -> Result<Split, String> {
    let neither = "this is neither a size such as 500MB nor a time such as 1h";
    let time = |_| {
        units::duration(text)
            .map(Split::Time)
            .map_err(|_| neither.to_owned())
    };
    if text.ends_with(|it: char| it.is_ascii_digit()) {
        return Err(neither.to_owned());
    }
    match text.to_ascii_lowercase().ends_with('b') {
        true => units::size(text)
            .map(Split::Size)
            .map_err(|_| neither.to_owned()),
        false => time(()),
    }
}

impl Record {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        stop::listen()?;
        if self
            .output
            .extension()
            .is_none_or(|it| !it.eq_ignore_ascii_case("mcap"))
        {
            let message = format_args!(
                "{} does not end in .mcap, as recordings do",
                self.output.display()
            );
            return Err(Failure::new(Code::Failed, message));
        }
        let sources = sources::open(&self.names, self.layout.as_deref())?;
        let feed = Feed::new(sources, self.rate.map_or(Pace::Values, Pace::Every));
        let mut options = Options::default();
        options.flush = self.flush;
        let selection = self.fields.selection();
        options.fields = selection.clone();
        let files = Files::new(&self.output, feed.names(), options, self.split);
        let memory = self.last.map(Memory::new);
        let session = Session::new(feed, files, self.trigger, memory, &selection);
        let saved = session.run(self.time)?;
        if saved.is_empty() {
            writeln!(out, "nothing was recorded")?;
        }
        for path in saved {
            writeln!(out, "{}", path.display())?;
        }
        Ok(())
    }
}
