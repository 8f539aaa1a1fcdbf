//! `winshm-zenoh publish`

use std::io::Write;
use std::time::{Duration, Instant};

use clap::Args;
use winshm::{Code, Failure, Feed, Pace, Result, stop, units};
use winshm_core::escape;

use crate::network::{Network, own_name};
use crate::published::Published;

/// How often it checks for requests, and for its end.
const LOOK: Duration = Duration::from_millis(20);

/// Publish regions to all computers of the network
///
/// Other computers mirror or watch them, and cannot change them. Nothing is sent while none does.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  winshm-zenoh publish 'Local\\acpmf_physics' 'Local\\acpmf_graphics'
  winshm-zenoh publish 'Global\\HWiNFO_SENS_SM2' --router 192.168.1.2 --machine garage
  winshm-zenoh publish race.mcap --loop

Connections are not encrypted, and everybody in the network can read what is published: across the internet use a VPN.")]
pub(crate) struct Publish {
    /// The regions, or recordings (FILE.mcap) to play
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// The name of this computer in the network; by default its own
    #[arg(long, value_name = "NAME", default_value_t = own_name())]
    machine: String,
    /// What the bytes are: an id of `winshm layout list`, or a file
    #[arg(long, short, value_name = "LAYOUT")]
    layout: Option<String>,
    /// Begin again when recordings have been played
    #[arg(long = "loop")]
    is_endless: bool,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = units::duration)]
    time: Option<Duration>,
    #[command(flatten)]
    network: Network,
}

impl Publish {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        stop::listen()?;
        if self.machine.is_empty() || self.machine == "*" {
            let message = "this computer has no name; say one with --machine";
            return Err(Failure::new(Code::Failed, message));
        }
        let mut feed = self.feed()?;
        let Some(mut joined) = self.network.join()? else {
            return Ok(());
        };
        let regions = feed.names().iter();
        let regions = regions.map(|name| Published::declare(&joined.session, &self.machine, name));
        let mut regions = regions.collect::<Result<Vec<_>>>()?;
        for region in &regions {
            let (name, machine) = (escape(region.name()), escape(&self.machine));
            writeln!(out, "{name} is published by {machine}")?;
        }
        writeln!(out, "Ctrl-C ends it")?;
        out.flush()?;

        let began = Instant::now();
        while !stop::is_requested() && self.time.is_none_or(|it| began.elapsed() < it) {
            match feed.next(LOOK) {
                Ok(Some(message)) => {
                    let region = &mut regions[message.region];
                    region.take(message)?;
                }
                Ok(None) => {}
                Err(_) if self.is_endless => feed = self.feed()?,
                // The last copy stays available.
                Err(_) => std::thread::sleep(LOOK),
            }
            for region in &mut regions {
                region.look()?;
            }
            joined.tell();
        }
        Ok(())
    }

    fn feed(&self) -> Result<Feed> {
        let sources = winshm::open(&self.names, self.layout.as_deref())?;
        Ok(Feed::new(sources, Pace::Changes))
    }
}
