//! `winshm read`

use std::io::Write;
use std::time::Duration;

use clap::Args;
use win_shared_memory_layouts::Plan;
use winshm_core::{Format, Leaves, Printer, Selection, Source, State, Time, escape};

use crate::failure::{Code, Failure, Result};
use crate::live::{self, Live};
use crate::{fields, units};

/// Print values of a region by name, from one whole copy
///
/// The copy is taken as the convention of the producer demands, so its values belong together. A path names a field,
/// with indices or the labels of rows; a * stands for anything, and a path chooses what is below it, too.
#[derive(Debug, Args)]
#[command(after_help = r#"Examples:
  winshm read MumbleLink
  winshm read MumbleLink fAvatarPosition[1]
  winshm read 'Global\HWiNFO_SENS_SM2' 'readings["CPU Package"].Value'
  winshm read 'Local\IRSDKMemMapFileName' Speed Gear 'LF*' --json
  winshm read 'Global\HWiNFO_SENS_SM2' --fuzzy 'cpu package'
  winshm read 'Local\acpmf_static' --layout acc-static"#)]
pub(crate) struct Read {
    /// The name of the region
    name: String,
    /// What to print; everything if nothing is named
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    /// What the bytes are: an id of `winshm layout list`, or a file
    #[arg(long, short, value_name = "LAYOUT")]
    layout: Option<String>,
    /// Print an object in one line, for programs
    #[arg(long)]
    json: bool,
    /// Take each path for words that the path of a field has in it, in any case and order
    #[arg(long, short = 'F', requires = "paths")]
    fuzzy: bool,
    /// Wait for so long if there is no region, or it is not ready: 5s, 250ms
    #[arg(long, short, value_name = "TIME", default_value = "0", value_parser = units::duration)]
    wait: Duration,
}

impl Read {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        let mut live = live::open(&self.name, self.layout.as_deref())?;
        let bytes = live::first_copy(&mut live, self.wait)?;
        let time = Time::now();
        warn(&live);
        let plan = live.known_plan()?;
        let selection = self.selection(plan, &bytes)?;
        let format = if self.json {
            Format::Json
        } else {
            Format::Lines
        };
        Printer::new(&self.name, format, selection).print(out, time, Some(plan), &bytes)?;
        Ok(())
    }

    fn selection(&self, plan: &Plan, bytes: &[u8]) -> Result<Selection> {
        if self.fuzzy {
            let mut chosen = Vec::new();
            Leaves::new(&Selection::default()).visit(&plan.view(bytes), |leaf| {
                chosen.extend(self.is_like(leaf.path).then(|| leaf.path.to_owned()));
            });
            if chosen.is_empty() {
                let message = format_args!("no field is like {}", Quoted(&self.paths));
                return Err(Failure::new(Code::NotFound, message));
            }
            return Ok(Selection::new(chosen));
        }
        let selection = Selection::new(self.paths.iter().cloned());
        match fields::unknown(&selection, plan, bytes).first() {
            Some((_, problem)) => Err(Failure::new(Code::NotFound, problem)),
            None => Ok(selection),
        }
    }

    fn is_like(&self, path: &str) -> bool {
        let path = path.to_lowercase();
        self.paths.iter().any(|pattern| {
            let pattern = pattern.to_lowercase();
            pattern.split_whitespace().all(|word| path.contains(word))
        })
    }
}

/// Says what a person should know who trusts the copy.
fn warn(live: &Live) {
    if let Some(caveat) = live.caveat() {
        eprintln!("winshm: {caveat}");
    }
    match live.state() {
        State::Closing => eprintln!("winshm: the producer has left; these are the last values"),
        State::Frozen => eprintln!("winshm: the heartbeat stands still; these are the last values"),
        _ => {}
    }
}

/// Texts in quotes, made safe.
struct Quoted<'a>(&'a [String]);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, text) in self.0.iter().enumerate() {
            let or = if number == 0 { "" } else { " or " };
            write!(f, "{or}`{}`", escape(text))?;
        }
        Ok(())
    }
}
