//! `winshm mirror`

use std::io::Write;
use std::time::{Duration, Instant};

use clap::Args;
use winshm_core::escape;

use crate::failure::{Code, Result};
use crate::produce::Mirrored;
use crate::share::{Remote, Told, address};
use crate::{stop, units};

/// How often it looks whether it is to end.
const LOOK: Duration = Duration::from_millis(50);

/// After a connection has failed, the next try comes after the first, and then twice as late each time up to the last.
const TRIES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];

/// Hold a region as it is on another computer, which shares it
///
/// Programs here read it as if its own program ran here: it is written as that one writes it, its heartbeat goes on and
/// its event is set. While the connection is lost the heartbeat stands still, so that they take it for frozen, and after
/// --gone the region goes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  winshm share 'Local\\acpmf_physics' --listen 0.0.0.0 --token         on the PC with the game
  winshm mirror 'http://192.168.1.4:8765/?token=…' 'Local\\acpmf_physics'    on the other")]
pub(crate) struct Mirror {
    /// The address that `winshm share` has printed
    #[arg(value_parser = address)]
    url: String,
    /// The name of the region there
    name: String,
    /// The name of the region here; by default the same
    #[arg(long = "as", value_name = "NAME")]
    alias: Option<String>,
    /// How long nothing may come before the region goes
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = units::duration)]
    gone: Duration,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = units::duration)]
    time: Option<Duration>,
}

impl Mirror {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        stop::listen()?;
        let mut mirrored = Mirrored::new(&self.name, self.alias.as_deref(), self.gone);
        let outcome = self.follow(&mut mirrored, out);
        outcome.and(mirrored.close())
    }

    /// Mirrors, connecting again and again, until it is to end.
    fn follow(&self, mirrored: &mut Mirrored, out: &mut impl Write) -> Result<()> {
        let began = Instant::now();
        let is_over = || stop::is_requested() || self.time.is_some_and(|it| began.elapsed() >= it);
        let mut pause = TRIES[0];
        while !is_over() {
            let outcome = Remote::connect(&self.url, &self.name).and_then(|remote| {
                pause = TRIES[0];
                self.mirror(remote, mirrored, out, &is_over)
            });
            match outcome {
                Ok(()) => break,
                // The next time would be no better.
                Err(error) if matches!(error.code(), Code::Denied | Code::NotFound) => {
                    return Err(error);
                }
                Err(lost) => eprintln!("winshm: {lost}; trying again"),
            }
            let until = Instant::now() + pause;
            while Instant::now() < until && !is_over() {
                std::thread::sleep(LOOK);
                mirrored.keep(None, out)?;
            }
            pause = (pause * 2).min(TRIES[1]);
        }
        Ok(())
    }

    /// Mirrors until the connection is lost, which is an error, or it is to end.
    fn mirror(
        &self,
        mut remote: Remote,
        mirrored: &mut Mirrored,
        out: &mut impl Write,
        is_over: &impl Fn() -> bool,
    ) -> Result<()> {
        mirrored.forget();
        while !is_over() {
            let plan = remote.plan().cloned();
            match remote.next(LOOK)? {
                Some(Told::State(state)) => {
                    eprintln!("winshm: {}: {state}", escape(&self.name));
                    mirrored.tell(state);
                }
                Some(Told::Frame(bytes)) => mirrored.store(bytes, plan.as_ref(), out)?,
                None => {}
            }
            mirrored.keep(Some(remote.heard()), out)?;
        }
        Ok(())
    }
}
