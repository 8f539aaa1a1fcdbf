//! `winshm-zenoh router`

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use winshm::{Result, stop, units};
use zenoh::Wait;

use crate::network::{PORT, endpoint, failed, route};

/// How often it checks whether to end.
const LOOK: Duration = Duration::from_millis(100);

/// Run a router, at which the others meet
///
/// What is published is sent to it once, however many mirror it. Zenoh's own zenohd does the same and more.
#[derive(Debug, Args)]
pub(crate) struct Router {
    /// Where the others connect: ADDR:PORT
    #[arg(long, value_name = "ADDR", default_value_t = format!("[::]:{PORT}"), value_parser = endpoint)]
    listen: String,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = units::duration)]
    time: Option<Duration>,
}

impl Router {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        stop::listen()?;
        let session = route(std::slice::from_ref(&self.listen))?;
        let address = self.listen.trim_start_matches("tcp/");
        writeln!(out, "the router listens at {address}; Ctrl-C ends it")?;
        out.flush()?;
        let began = Instant::now();
        while !stop::is_requested() && self.time.is_none_or(|it| began.elapsed() < it) {
            thread::sleep(LOOK);
        }
        session.close().wait().map_err(|error| failed(&error))
    }
}
