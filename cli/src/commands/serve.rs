//! `winshm serve`

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::{Image, Variable, Wave, escape};

use crate::failure::{Code, Failure, Result};
use crate::produce::Producer;
use crate::{layouts, stop, units};

/// How often it looks whether it is to end.
const LOOK: Duration = Duration::from_millis(50);

/// Hold a region as its real program would, until Ctrl-C
///
/// Its convention is kept, so programs that read the real one read this one: counters and ticks go on, buffers take turns,
/// the mutex is held and the event is set. When it ends, the region is marked as the real program marks it. A region that is
/// there already, because programs that read it hold it, is gone on with, if nothing has written to it for some seconds.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  winshm serve assetto-corsa-physics speed_kmh=120 gear=4
  winshm serve hwinfo --rows readings=20 'readings[0].Value=61.5'
  winshm serve iracing --var 'Speed: f32 [m/s] = 55' --wave 'Speed=sine(0,80,20s)'
  winshm serve assetto-corsa-physics --wave 'gear=step(2,3,4,5,3,1500ms)'
  winshm serve rfactor2-telemetry mNumVehicles=1 --wave 'mVehicles[0].mEngineRPM=ramp(900,7800,4s)' --rate 50")]
pub(crate) struct Serve {
    /// The layout: an id of `winshm layout list`, the name of a known region, or a file
    layout: String,
    /// Values of fields
    #[arg(value_name = "PATH=VALUE")]
    values: Vec<String>,
    /// A number that moves: sine, ramp, triangle, square or noise, from the least to the greatest in a period; or step,
    /// numbers that follow each other, each for a time. Of an array, all elements are that number
    #[arg(long, value_name = "PATH=WAVE", value_parser = wave)]
    wave: Vec<(String, Wave)>,
    /// How many rows a table has
    #[arg(long, value_name = "TABLE=N", value_parser = rows)]
    rows: Vec<(String, u32)>,
    /// A variable that the region declares
    #[arg(long, value_name = "NAME: TYPE [UNIT] = VALUE")]
    var: Vec<Variable>,
    /// How often it is written per second; by default as the real program does
    #[arg(long, value_name = "HZ", value_parser = units::period)]
    rate: Option<Duration>,
    /// The name of the region; by default that of the real one
    #[arg(long)]
    name: Option<String>,
    /// The size of the region, if it is to be larger than its content
    #[arg(long, value_parser = units::size)]
    size: Option<u64>,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = units::duration)]
    time: Option<Duration>,
}

fn wave(text: &str) -> Result<(String, Wave), String> {
    let (path, wave) = text
        .rsplit_once('=')
        .ok_or("a wave is PATH=sine(0,100,5s)")?;
    let wave = wave
        .parse()
        .map_err(|error: winshm_core::WaveError| error.to_string())?;
    Ok((path.trim().to_owned(), wave))
}

fn rows(text: &str) -> Result<(String, u32), String> {
    let parsed = text
        .split_once('=')
        .and_then(|(table, rows)| Some((table.trim().to_owned(), rows.trim().parse().ok()?)));
    parsed.ok_or_else(|| "write for example readings=20".to_owned())
}

/// The name of the real region; what a `*` in it stands for can be nothing.
fn real_name(layout: &Layout) -> Option<String> {
    let plain = layout.name.iter().find(|it| !it.contains('*'));
    Some(plain.or(layout.name.first())?.replace('*', ""))
}

impl Serve {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        stop::listen()?;
        let layout = layouts::find(&self.layout)?;
        let plan = Plan::new(&layout).map_err(|error| Failure::new(Code::Damaged, error))?;
        let plan = Arc::new(plan);
        let name = self
            .name
            .clone()
            .or_else(|| real_name(&layout))
            .ok_or_else(|| {
                let id = escape(&layout.id);
                let message = format_args!(
                    "the layout `{id}` has no name for its region; give one with --name"
                );
                Failure::new(Code::Failed, message)
            })?;
        let wrong = |error: &dyn std::fmt::Display| Failure::new(Code::NotFound, error);
        let rows: BTreeMap<_, _> = self.rows.iter().cloned().collect();
        let mut image = Image::new(&plan, &rows, &self.var).map_err(|error| wrong(&error))?;
        for value in &self.values {
            image.assign(value).map_err(|error| wrong(&error))?;
        }
        self.move_on(&mut image, Duration::ZERO)?;
        let size = usize::try_from(self.size.unwrap_or(0))
            .unwrap_or(usize::MAX)
            .max(image.bytes().len());
        let mut producer = Producer::take_over(&name, size, Arc::clone(&plan))?;
        image
            .go_on_after(producer.writes())
            .map_err(|error| wrong(&error))?;
        producer.store(image.bytes())?;
        writeln!(out, "{} is served; Ctrl-C ends it", escape(&name))?;
        out.flush()?;
        let own = layout
            .serve
            .as_ref()
            .and_then(|it| it.period_ms)
            .unwrap_or(16);
        let period = self.rate.unwrap_or(Duration::from_millis(own.into()));
        let began = Instant::now();
        let mut due = began;
        while !stop::is_requested() && self.time.is_none_or(|it| began.elapsed() < it) {
            let left = due.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                thread::sleep(left.min(LOOK));
                continue;
            }
            // Behind time, it goes on from now.
            due = (due + period).max(Instant::now());
            self.move_on(&mut image, began.elapsed())?;
            image.tick().map_err(|error| wrong(&error))?;
            producer.store(image.bytes())?;
        }
        producer.close()
    }

    /// Stores the numbers that move, all as they are at one time after the beginning.
    fn move_on(&self, image: &mut Image<'_>, time: Duration) -> Result<()> {
        let moved = self
            .wave
            .iter()
            .try_for_each(|(path, wave)| image.number(path, wave.at(time)));
        moved.map_err(|error| Failure::new(Code::NotFound, error))
    }
}
