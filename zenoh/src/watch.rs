//! `winshm-zenoh watch`

use std::io::Write;
use std::time::{Duration, Instant};

use clap::Args;
use winshm::{Feed, Pace, Result, Seen, stop, units};
use winshm_core::{Format, Printer, Selection, Source, escape};

use crate::network::{Network, PROGRAM};
use crate::remote::Remote;

/// How often it checks whether to end.
const LOOK: Duration = Duration::from_millis(100);

/// Print what is in regions that others publish, an object of JSON for each copy
///
/// States go to the error output. This works on every system.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  winshm-zenoh watch 'Global\\HWiNFO_SENS_SM2' --fields 'readings[*].Value'
  winshm-zenoh watch CoreTemp --from garage | jq .values")]
pub(crate) struct Watch {
    /// The names of the regions
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// The computer that publishes them; by default any
    #[arg(long, value_name = "MACHINE")]
    from: Option<String>,
    /// The fields, by patterns such as 'wheels[*].pressure'; by default all
    #[arg(long, value_name = "GLOB", num_args = 1..)]
    fields: Vec<String>,
    /// End after this number of copies
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = units::duration)]
    time: Option<Duration>,
    #[command(flatten)]
    network: Network,
}

impl Watch {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        stop::listen()?;
        let Some(mut joined) = self.network.join()? else {
            return Ok(());
        };
        let mut sources: Vec<Box<dyn Source + Send>> = Vec::new();
        for name in &self.names {
            let remote = Remote::follow(&joined.session, self.from.as_deref(), name)?;
            sources.push(Box::new(remote));
        }
        let feed = Feed::new(sources, Pace::Changes);
        let selection = Selection::new(self.fields);
        let printers = self.names.iter();
        let printers = printers.map(|name| Printer::new(name, Format::Json, selection.clone()));
        let mut printers: Vec<_> = printers.collect();
        let began = Instant::now();
        let mut copies = 0;
        while self.count.is_none_or(|count| copies < count)
            && self.time.is_none_or(|it| began.elapsed() < it)
            && !stop::is_requested()
        {
            joined.tell();
            let Ok(message) = feed.next(LOOK) else {
                break;
            };
            let Some(message) = message else { continue };
            let name = escape(&self.names[message.region]);
            match message.seen {
                Seen::Copy(bytes, plan) => {
                    copies += 1;
                    let printer = &mut printers[message.region];
                    printer.print(out, message.time, plan.as_deref(), &bytes)?;
                    out.flush()?;
                }
                Seen::State(state) => eprintln!("{PROGRAM}: {name}: {state}"),
                Seen::Failed(error) => eprintln!("{PROGRAM}: {name}: {error}"),
                Seen::Torn(_) | Seen::Late(_) => {}
            }
        }
        Ok(())
    }
}
