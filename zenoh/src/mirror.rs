//! `winshm-zenoh mirror`

use std::io::Write;
use std::time::{Duration, Instant};

use clap::Args;
use winshm::{Code, Mirrored, Result, stop, units};
use winshm_core::{News, Source, escape};

use crate::network::{Network, PROGRAM};
use crate::remote::Remote;

/// How often it checks whether to end.
const LOOK: Duration = Duration::from_millis(50);

/// The pauses after a copy could not be stored: the first is this long, and each is twice the one before, up to the last.
const TRIES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];

/// Mirror a region that another computer publishes
///
/// Programs here read the region as if its producer ran here: the mirror writes it as the producer does, advances its
/// heartbeat and sets its event. While nothing arrives, the heartbeat stands still, so they take it for frozen. After
/// --gone the region is removed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  winshm-zenoh publish 'Local\\acpmf_physics'     on the PC with the game
  winshm-zenoh mirror 'Local\\acpmf_physics'      on each of the others")]
pub(crate) struct Mirror {
    /// The name of the region there
    name: String,
    /// The name of the region here; by default the same
    #[arg(long = "as", value_name = "NAME")]
    alias: Option<String>,
    /// The computer that publishes it; by default any
    #[arg(long, value_name = "MACHINE")]
    from: Option<String>,
    /// How long nothing may arrive before the region is removed
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = units::duration)]
    gone: Duration,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = units::duration)]
    time: Option<Duration>,
    #[command(flatten)]
    network: Network,
}

impl Mirror {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        stop::listen()?;
        let mut mirrored = Mirrored::new(&self.name, self.alias.as_deref(), self.gone);
        let outcome = self.follow(&mut mirrored, out);
        outcome.and(mirrored.close())
    }

    fn follow(&self, mirrored: &mut Mirrored, out: &mut impl Write) -> Result<()> {
        let Some(mut joined) = self.network.join()? else {
            return Ok(());
        };
        let mut remote = Remote::follow(&joined.session, self.from.as_deref(), &self.name)?;
        let mut bytes = Vec::new();
        let mut pause = TRIES[0];
        let mut next = Instant::now();
        let began = Instant::now();
        while !stop::is_requested() && self.time.is_none_or(|it| began.elapsed() < it) {
            joined.tell();
            match remote.wait(LOOK)? {
                Some(News::Changed(state)) => {
                    eprintln!("{PROGRAM}: {}: {state}", escape(&self.name));
                    mirrored.tell(state);
                }
                Some(News::Written) => {
                    remote.copy(&mut bytes)?;
                    if next <= Instant::now() {
                        match mirrored.store(&bytes, remote.plan(), out) {
                            Ok(()) => pause = TRIES[0],
                            // Trying again would not help.
                            Err(error) if error.code() == Code::Denied => return Err(error),
                            Err(error) => {
                                eprintln!("{PROGRAM}: {error}; trying again");
                                next = Instant::now() + pause;
                                pause = (pause * 2).min(TRIES[1]);
                            }
                        }
                    }
                }
                None => {}
            }
            mirrored.keep(remote.heard(), out)?;
        }
        Ok(())
    }
}
