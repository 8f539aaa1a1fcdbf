//! `winshm wait`

use std::fmt;
use std::io::Write;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use winshm_core::{News, Source, State, escape};

use crate::failure::{Code, Failure, Result};
use crate::live;
use crate::units;

/// Wait until a region is there and live, or something else has become of it
#[derive(Debug, Args)]
#[command(after_help = r"Examples:
  winshm wait MumbleLink
  winshm wait 'Local\IRSDKMemMapFileName' --for absent
  winshm wait 'Global\HWiNFO_SENS_SM2' --timeout 30s && winshm read 'Global\HWiNFO_SENS_SM2'

It ends with code 5 if that has not happened within the timeout.")]
pub(crate) struct Wait {
    /// The name of the region
    name: String,
    /// What to wait for
    #[arg(long = "for", value_name = "STATE", value_enum, default_value_t)]
    state: Wanted,
    /// How long: 500ms, 2s, 5m; without it, as long as it takes
    #[arg(long, short, value_name = "TIME", value_parser = units::duration)]
    timeout: Option<Duration>,
    /// Its layout: an id of `winshm layout list`, or a file
    #[arg(long, short, value_name = "LAYOUT")]
    layout: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Wanted {
    /// There is one, and its producer works
    #[default]
    Live,
    /// There is one, whatever its producer does
    Present,
    /// There is none
    Absent,
    /// Its heartbeat stands still
    Frozen,
    /// Its producer has left
    Closing,
    /// Its producer writes: the next time
    Written,
}

impl Wanted {
    fn is(self, state: State) -> bool {
        match self {
            Self::Live => state == State::Live,
            Self::Present => state != State::Absent,
            Self::Absent => state == State::Absent,
            Self::Frozen => state == State::Frozen,
            Self::Closing => state == State::Closing,
            Self::Written => false,
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |it| it.get_name()))
    }
}

impl Wait {
    pub(crate) fn run(self, _: &mut impl Write) -> Result<()> {
        let begun = Instant::now();
        let mut live = live::open(&self.name, self.layout.as_deref())?;
        live.wait(Duration::ZERO)?;
        while !self.state.is(live.state()) {
            let timeout = self.timeout.unwrap_or(Duration::MAX);
            let left = timeout.saturating_sub(begun.elapsed());
            if left.is_zero() {
                let name = escape(&self.name);
                let (wanted, state) = (self.state, live.state());
                return Err(Failure::new(
                    Code::TimedOut,
                    format_args!("`{name}` was not {wanted} within {timeout:?}; it is {state}"),
                ));
            }
            if live.wait(left)? == Some(News::Written) && self.state == Wanted::Written {
                break;
            }
        }
        Ok(())
    }
}
