//! `winshm create`

use std::io::Write;
use std::thread;
use std::time::Duration;

use clap::Args;
use win_shared_memory::{ReadWrite, Section, SharedMemoryError};
use win_shared_memory_layouts::Plan;
use winshm_core::escape;

use crate::failure::{Code, Failure, Result};
use crate::{layouts, stop, units};

/// Make a region, and hold it until Ctrl-C
///
/// It is refused where the name is taken. To write into it as a producer would, again and again, use `winshm serve`.
#[derive(Debug, Args)]
#[command(after_help = r"Examples:
  winshm create 'Local\scratch' --size 64KiB
  winshm create MumbleLink --layout mumble-link uiVersion=2 'name=My game'")]
pub(crate) struct Create {
    /// The name of the region
    name: String,
    /// What is in it: a path, = and the value
    #[arg(value_name = "PATH=VALUE", requires = "layout")]
    values: Vec<String>,
    /// Its size; as large as its layout if it is left out
    #[arg(long, value_name = "BYTES", value_parser = units::size, required_unless_present = "layout")]
    size: Option<u64>,
    /// Its layout: an id of `winshm layout list`, or a file
    #[arg(long, short, value_name = "LAYOUT")]
    layout: Option<String>,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = units::duration)]
    time: Option<Duration>,
}

impl Create {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        stop::listen()?;
        let plan = match &self.layout {
            None => None,
            Some(layout) => {
                let plan = Plan::new(&layouts::find(layout)?);
                Some(plan.map_err(|error| Failure::new(Code::Damaged, error))?)
            }
        };
        let size = plan.as_ref().map_or(0, Plan::size) as u64;
        let size = self.size.unwrap_or(size);
        let section: Section<ReadWrite> =
            Section::create(&self.name, size).map_err(|error| match error {
                SharedMemoryError::AlreadyExists => Failure::new(
                    Code::Failed,
                    format_args!("there is a region `{}` already", escape(&self.name)),
                ),
                error => error.into(),
            })?;
        let view = section.map()?;
        if let Some(plan) = &plan {
            let mut bytes = vec![0; plan.size().min(view.len())];
            let mut edit = plan.edit(&mut bytes);
            for value in &self.values {
                edit.assign(value)
                    .map_err(|error| Failure::new(Code::Failed, error))?;
            }
            view.write_bytes(0, &bytes)?;
        }
        let len = view.len();
        writeln!(
            out,
            "`{}` is there, with {len} bytes, until Ctrl-C",
            escape(&self.name)
        )?;
        out.flush()?;
        let begun = std::time::Instant::now();
        while !stop::is_requested() && self.time.is_none_or(|it| begun.elapsed() < it) {
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}
