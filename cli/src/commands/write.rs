//! `winshm write`

use std::io::Write;
use std::time::Duration;

use clap::Args;
use win_shared_memory_layouts::{EditError, Encoded, Plan};
use winshm_core::{Source, escape};

use crate::failure::{Code, Failure, Result};
use crate::live;
use crate::live::change::{self, Seen};

/// Change values of a region by name
///
/// It holds the lock of the region, counts its counters and sets its flags as its producer would, and says where that
/// is not enough for readers to see all values or none. A producer that runs overwrites them with its next write: to
/// stand in for one, use `winshm serve`.
#[derive(Debug, Args)]
#[command(
    name = "write",
    after_help = r#"Examples:
  winshm write MumbleLink fAvatarPosition[1]=1.8 'name=My game'
  winshm write 'Global\HWiNFO_SENS_SM2' 'readings["CPU Package"].Value=61.5'
  winshm write 'Local\acpmf_graphics' status=2 --layout acc-graphics"#
)]
pub(crate) struct Change {
    /// The name of the region
    name: String,
    /// What to change: a path, = and the value
    #[arg(required = true, value_name = "PATH=VALUE")]
    values: Vec<String>,
    /// Its layout: an id of `winshm layout list`, or a file
    #[arg(long, short, value_name = "LAYOUT")]
    layout: Option<String>,
}

impl Change {
    pub(crate) fn run(self, _: &mut impl Write) -> Result<()> {
        let mut live = live::open(&self.name, self.layout.as_deref())?;
        live.wait(Duration::ZERO)?;
        let name = escape(&self.name);
        if live.is_own() {
            return Err(Failure::new(
                Code::Failed,
                format_args!(
                    "`{name}` is a snapshot or a shared mutex, which its own program alone can change: others would \
                     tear its values"
                ),
            ));
        }
        let bytes = live.bytes()?;
        let plan = live.known_plan()?;
        let encoded = encode(plan, bytes.clone(), &self.values)?;
        let seen = change::store(&self.name, plan, &bytes, &encoded)
            .map_err(|error| live::refused(&self.name, error))?;
        match seen {
            Seen::Whole | Seen::WholeAlone => {}
            Seen::Part => eprintln!(
                "winshm: the convention of `{name}` does not let another program write whole values; a reader may have \
                 seen a part of them"
            ),
        }
        Ok(())
    }
}

/// The bytes of each value, and where they go. A later one may lie where an earlier one says.
fn encode(plan: &Plan, mut bytes: Vec<u8>, values: &[String]) -> Result<Vec<Encoded>> {
    let fail = |error: EditError| {
        let code = match &error {
            EditError::Lookup(_) => Code::NotFound,
            _ => Code::Failed,
        };
        Failure::new(code, error)
    };
    let mut all = Vec::new();
    for value in values {
        let encoded = plan.encode_assignment(&bytes, value).map_err(fail)?;
        let end = encoded.offset + encoded.bytes.len();
        bytes[encoded.offset..end].copy_from_slice(&encoded.bytes);
        all.push(encoded);
    }
    Ok(all)
}
