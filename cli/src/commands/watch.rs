//! `winshm watch`

#[cfg(feature = "tui")]
use std::io::IsTerminal;
use std::io::Write;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use winshm_core::{Format, Printer, Selection, escape};

use crate::failure::{Code, Failure, Result};
use crate::feed::{Feed, Pace, Seen};
use crate::fields::{Fields, Unknown};
use crate::{sources, stop, units};

/// Show what is in regions as it changes: on a screen, or as lines for other programs
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  winshm watch MumbleLink
  winshm watch 'Global\\HWiNFO_SENS_SM2' --fields 'readings[*].Value'
  winshm watch '$rFactor2SMMP_Telemetry$' --fields mDeltaTime --rate 10 --json | mosquitto_pub -l -t sim
  winshm watch race.mcap --format csv > race.csv

On a terminal a screen shows the values; its keys are shown by ?. Elsewhere, or with --format, each copy is printed \
at once, and states go to the error output.")]
pub(crate) struct Watch {
    /// The regions, or recordings (FILE.mcap) to play
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    fields: Fields,
    /// Print lines of this kind instead of showing a screen
    #[arg(long, value_enum)]
    format: Option<Kind>,
    /// As --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// How often to look per second; by default at each change
    #[arg(long, value_name = "HZ", value_parser = units::period)]
    rate: Option<Duration>,
    /// What the bytes are: an id of `winshm layout list`, or a file
    #[arg(long, short, value_name = "LAYOUT")]
    layout: Option<String>,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = units::duration)]
    time: Option<Duration>,
    /// End after this number of copies
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Show the screen even if this is not a terminal, as under Wine; COLUMNS and LINES say how large it is
    #[cfg(feature = "tui")]
    #[arg(long)]
    tui: bool,
    /// Draw the screen in ASCII alone, for fonts without blocks and arrows
    #[cfg(feature = "tui")]
    #[arg(long)]
    ascii: bool,
}

/// How lines are printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kind {
    /// `path = value unit`
    Lines,
    /// An object a line
    Json,
    /// A row a copy, with a header
    Csv,
    /// InfluxDB's line protocol
    Influx,
}

impl From<Kind> for Format {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Lines => Self::Lines,
            Kind::Json => Self::Json,
            Kind::Csv => Self::Csv,
            Kind::Influx => Self::Influx,
        }
    }
}

impl Watch {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        stop::listen()?;
        let sources = sources::open(&self.names, self.layout.as_deref())?;
        let selection = self.fields.selection();
        #[cfg(feature = "tui")]
        {
            let is_piped = self.format.is_some() || self.json;
            if self.tui
                || (!is_piped
                    && std::io::stdout().is_terminal()
                    && std::io::stdin().is_terminal()
                    // Such a terminal shows lines alone.
                    && std::env::var_os("TERM").is_none_or(|it| it != "dumb"))
            {
                let feed = Feed::new(sources, self.rate.map_or(Pace::Changes, Pace::Every));
                let options = crate::watch::Options {
                    is_piped: self.tui,
                    is_ascii: self.ascii,
                    time: self.time,
                };
                return crate::watch::run(&feed, &selection, options, out);
            }
        }
        let feed = Feed::new(sources, self.rate.map_or(Pace::Values, Pace::Every));
        self.print(&feed, &selection, out)
    }

    fn print(&self, feed: &Feed, selection: &Selection, out: &mut impl Write) -> Result<()> {
        let format = if self.json {
            Format::Json
        } else {
            self.format.unwrap_or(Kind::Lines).into()
        };
        let names = feed.names();
        if format == Format::Csv && names.len() > 1 {
            return Err(Failure::new(
                Code::Failed,
                "the columns of a CSV file are of one region, and these are several; of a recording, \
                 `winshm export --region NAME` writes one",
            ));
        }
        let mut printers: Vec<_> = names
            .iter()
            .map(|name| {
                let printer = Printer::new(name, format, selection.clone());
                if names.len() > 1 {
                    printer.with_name()
                } else {
                    printer
                }
            })
            .collect();
        let mut unknown = Unknown::new(selection, names.len());
        let end = self.time.map(|it| Instant::now() + it);
        let mut copies = 0;
        while self.count.is_none_or(|count| copies < count) {
            let left = end.map_or(Duration::MAX, |it| {
                it.saturating_duration_since(Instant::now())
            });
            if left.is_zero() || stop::is_requested() {
                break;
            }
            let Ok(message) = feed.next(left.min(Duration::from_millis(100))) else {
                break;
            };
            let Some(message) = message else { continue };
            let name = escape(&names[message.region]);
            match message.seen {
                Seen::Copy(bytes, plan) => {
                    copies += 1;
                    unknown.tell(message.region, plan.as_deref(), &bytes);
                    printers[message.region].print(out, message.time, plan.as_deref(), &bytes)?;
                }
                Seen::State(state) => eprintln!("winshm: {name}: {state}"),
                Seen::Torn(why) => eprintln!("winshm: {name}: {why}"),
                Seen::Late(_) => {}
                Seen::Failed(error) => {
                    return Err(Failure::new(Code::Failed, format_args!("{name}: {error}")));
                }
            }
        }
        Ok(())
    }
}
