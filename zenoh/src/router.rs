//! `winshm-zenoh router`

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use winshm::{Result, stop, units};
use zenoh::Wait;

use crate::network::{PORT, endpoint, everywhere, failed, route};

/// How often it checks whether to end.
const LOOK: Duration = Duration::from_millis(100);

/// Run a router, at which the others meet
///
/// What is published is sent to it once, however many mirror it. Zenoh's own zenohd does the same and more.
#[derive(Debug, Args)]
pub(crate) struct Router {
    /// Where the others connect, ADDR:PORT; by default at port 7447 of all addresses
    #[arg(long, value_name = "ADDR", value_parser = endpoint)]
    listen: Vec<String>,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = units::duration)]
    time: Option<Duration>,
}

impl Router {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        stop::listen()?;
        let listen = if self.listen.is_empty() {
            everywhere(PORT)
        } else {
            self.listen
        };
        let session = route(&listen)?;
        let addresses = listen.join(" and ").replace("tcp/", "");
        writeln!(out, "the router listens at {addresses}; Ctrl-C ends it")?;
        out.flush()?;
        let began = Instant::now();
        while !stop::is_requested() && self.time.is_none_or(|it| began.elapsed() < it) {
            thread::sleep(LOOK);
        }
        session.close().wait().map_err(|error| failed(&error))
    }
}
