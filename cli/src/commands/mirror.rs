//! `winshm mirror`

use std::io::Write;
use std::time::{Duration, Instant};

use clap::Args;
use winshm_core::{State, escape};

use crate::failure::Result;
use crate::produce::Producer;
use crate::share::{Remote, Told};
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

/// The region here, while there is something to hold.
struct Held {
    producer: Producer,
    len: usize,
    /// When there was a connection to a region that is not absent.
    seen: Instant,
}

impl Mirror {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        stop::listen()?;
        let began = Instant::now();
        let is_over = || stop::is_requested() || self.time.is_some_and(|it| began.elapsed() >= it);
        let mut held = None;
        let mut pause = TRIES[0];
        while !is_over() {
            let outcome = Remote::connect(&self.url, &self.name).and_then(|remote| {
                pause = TRIES[0];
                self.follow(remote, &mut held, out, &is_over)
            });
            let Err(lost) = outcome else { break };
            eprintln!("winshm: {lost}; trying again");
            let until = Instant::now() + pause;
            while Instant::now() < until && !is_over() {
                std::thread::sleep(LOOK);
                self.let_go(&mut held)?;
            }
            pause = (pause * 2).min(TRIES[1]);
        }
        held.map_or(Ok(()), |it| it.producer.close())
    }

    /// Mirrors until the connection is lost, which is an error, or it is over.
    fn follow(
        &self,
        mut remote: Remote,
        held: &mut Option<Held>,
        out: &mut impl Write,
        is_over: &impl Fn() -> bool,
    ) -> Result<()> {
        let mut is_there = false;
        while !is_over() {
            let plan = remote.plan().cloned();
            match remote.next(LOOK)? {
                Some(Told::State(state)) => {
                    eprintln!("winshm: {}: {state}", escape(&self.name));
                    is_there = state != State::Absent;
                }
                Some(Told::Frame(bytes)) if is_there => {
                    let fits = held.as_ref().is_some_and(|it| it.len == bytes.len());
                    if !fits {
                        if let Some(other) = held.take() {
                            other.producer.close()?;
                        }
                        let name = self.alias.as_ref().unwrap_or(&self.name);
                        *held = Some(Held {
                            producer: Producer::create(name, bytes.len(), plan)?,
                            len: bytes.len(),
                            seen: Instant::now(),
                        });
                        writeln!(
                            out,
                            "{} is mirrored as {}",
                            escape(&self.name),
                            escape(name)
                        )?;
                        out.flush()?;
                    }
                    if let Some(held) = held {
                        held.producer.store(bytes)?;
                    }
                }
                _ => {}
            }
            if let Some(held) = held.as_mut().filter(|_| is_there) {
                held.seen = Instant::now();
            }
            self.let_go(held)?;
        }
        Ok(())
    }

    /// Lets a region go of which nothing has been heard for long.
    fn let_go(&self, held: &mut Option<Held>) -> Result<()> {
        match held.take_if(|it| it.seen.elapsed() > self.gone) {
            Some(held) => held.producer.close(),
            None => Ok(()),
        }
    }
}
