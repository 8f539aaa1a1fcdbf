//! `winshm-zenoh list`

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use winshm::{Result, stop, units};
use winshm_core::{State, escape};
use zenoh::query::{ConsolidationMode, QueryTarget};
use zenoh::{Session, Wait};

use crate::network::{Network, failed};
use crate::wire::{About, parts};

/// How often all computers are asked.
const ASK: Duration = Duration::from_millis(250);

/// List the regions that are published in the network
#[derive(Debug, Args)]
pub(crate) struct List {
    /// How long to wait for answers
    #[arg(long = "for", value_name = "TIME", default_value = "2s", value_parser = units::duration)]
    time: Duration,
    #[command(flatten)]
    network: Network,
}

impl List {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        stop::listen()?;
        let Some(joined) = self.network.join()? else {
            return Ok(());
        };
        let (sender, answers) = channel();
        let mut found = BTreeMap::new();
        let until = Instant::now() + self.time;
        while !stop::is_requested() && Instant::now() < until {
            // Computers are found one by one, so all are asked repeatedly.
            ask(&joined.session, sender.clone())?;
            thread::sleep(ASK);
            found.extend(answers.try_iter());
        }
        for ((machine, region), state) in found {
            let (machine, region) = (escape(&machine).to_string(), escape(&region).to_string());
            writeln!(out, "{machine:<16} {region:<40} {state}")?;
        }
        Ok(())
    }
}

/// A region of a machine, and its state.
type Row = ((String, String), State);

/// Asks all computers what they publish.
fn ask(session: &Session, found: Sender<Row>) -> Result<()> {
    let asked = session.get("winshm/*/*/about");
    let asked = asked.target(QueryTarget::All);
    let asked = asked.consolidation(ConsolidationMode::None);
    let asked = asked.callback(move |reply| {
        let row = reply.result().ok().and_then(|sample| {
            let (machine, _) = parts(sample.key_expr().as_str())?;
            let about = About::parse(&sample.payload().to_bytes())?;
            Some(((machine, about.region), about.state))
        });
        if let Some(row) = row {
            // Fails only when the time is over and nothing listens any more.
            let _ = found.send(row);
        }
    });
    asked.wait().map_err(|error| failed(&error))
}
