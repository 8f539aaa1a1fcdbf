//! `winshm replay`

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use winshm_core::recording::{Event, Player, Recording};
use winshm_core::{Source, Time, escape};

use crate::failure::{Code, Failure, Result};
use crate::feed::{Feed, Message, Pace, Seen};
use crate::produce::Producer;
use crate::{sources, stop, units};

/// How often it looks whether it is to end.
const LOOK: Duration = Duration::from_millis(50);

/// What a region is called that has no other name.
const SUFFIX: &str = "-replay";

/// Play a recording into a region, as if its program ran
///
/// The region has the name of the recorded one with `-replay` after it, so that no program mistakes it for the real one;
/// --exact gives it the real name, which programs look for. It is written as the real program writes it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  winshm replay race.mcap --exact
  winshm replay race.mcap --speed 4 --loop
  winshm replay race.mcap --region MumbleLink --as 'Local\\test' --from 10s --to 20s
  winshm replay race.mcap --step")]
pub(crate) struct Replay {
    /// The recording
    file: String,
    /// Which of its regions to play: its name, or a part of it; all by default
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// The name of the region that it is played into, of one region
    #[arg(long = "as", value_name = "NAME", conflicts_with = "exact")]
    name: Option<String>,
    /// Play into regions of the recorded names; refused where one is there
    #[arg(long)]
    exact: bool,
    /// How many times as fast as it was
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// Begin again when it ends
    #[arg(long = "loop")]
    is_endless: bool,
    /// Where to begin, from the beginning of the recording
    #[arg(long, value_name = "TIME", value_parser = units::duration)]
    from: Option<Duration>,
    /// Where to end, from the beginning of the recording
    #[arg(long, value_name = "TIME", value_parser = units::duration)]
    to: Option<Duration>,
    /// Play one copy for each line of input, such as Enter
    #[arg(long)]
    step: bool,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: Option<f64> = text.parse().ok();
    speed
        .filter(|it| (0.01..=1000.0).contains(it))
        .ok_or_else(|| "a speed is from 0.01 to 1000".to_owned())
}

impl Replay {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        stop::listen()?;
        let chosen = self.chosen()?;
        if let (Some(_), [_, _, ..]) = (&self.name, chosen.as_slice()) {
            return Err(Failure::new(
                Code::Failed,
                "--as names one region, and the recording has several; choose one with --region",
            ));
        }
        let mut producers = BTreeMap::new();
        for region in chosen {
            let size = largest(self.open()?, region)?;
            let recording = self.open()?;
            let about = &recording.regions()[region];
            let name = match (&self.name, self.exact) {
                (Some(name), _) => name.clone(),
                (None, true) => about.name.clone(),
                (None, false) => format!("{}{SUFFIX}", about.name),
            };
            let plan = about.plan.clone().map(Arc::new);
            producers.insert(region, Producer::create(&name, size, plan)?);
            writeln!(
                out,
                "{} is played as {}",
                escape(&about.name),
                escape(&name)
            )?;
        }
        out.flush()?;
        loop {
            if self.step {
                self.by_step(&mut producers)?;
            } else {
                self.by_time(&mut producers)?;
            }
            if !self.is_endless || stop::is_requested() {
                break;
            }
        }
        producers.into_values().try_for_each(Producer::close)
    }

    /// Plays as fast as it was recorded, or so many times as fast.
    fn by_time(&self, producers: &mut BTreeMap<usize, Producer>) -> Result<()> {
        let mut sources: Vec<Box<dyn Source + Send>> = Vec::new();
        for region in producers.keys() {
            sources.push(Box::new(Player::new(self.open()?, *region, self.speed)));
        }
        let feed = Feed::new(sources, Pace::Changes);
        let mut producers: Vec<_> = producers.values_mut().collect();
        while let Ok(message) = feed.next(LOOK) {
            if stop::is_requested() {
                break;
            }
            match message {
                Some(Message {
                    region,
                    seen: Seen::Copy(bytes, _),
                    ..
                }) => producers[region].store(&bytes)?,
                Some(Message {
                    seen: Seen::Failed(error),
                    ..
                }) => return Err(Failure::new(Code::Failed, error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Plays a copy for each line of input.
    fn by_step(&self, producers: &mut BTreeMap<usize, Producer>) -> Result<()> {
        let mut recording = self.open()?;
        let mut lines = std::io::stdin().lock().lines();
        while let Some(event) = recording.next()? {
            let Event::Frame { region, bytes, .. } = event else {
                continue;
            };
            if let Some(producer) = producers.get_mut(&region) {
                if lines.next().is_none() {
                    break;
                }
                producer.store(bytes)?;
            }
        }
        Ok(())
    }

    /// The numbers of the regions that are played.
    fn chosen(&self) -> Result<Vec<usize>> {
        let recording = sources::recording(&self.file)?;
        match self.region.as_deref() {
            None => Ok((0..recording.regions().len()).collect()),
            wanted => Ok(vec![sources::choose(&recording, wanted)?]),
        }
    }

    fn open(&self) -> Result<Recording<BufReader<File>>> {
        let mut recording = sources::recording(&self.file)?;
        let first = recording.span().map_or(Time::default(), |it| it.0);
        let from = self.from.map_or(Time::default(), |it| first + it);
        let to = self
            .to
            .map_or(Time::from_nanoseconds(u64::MAX), |it| first + it);
        recording.restart(from, to)?;
        Ok(recording)
    }
}

/// The length of the longest copy of a region.
fn largest<R: std::io::Read + std::io::Seek>(
    mut recording: Recording<R>,
    region: usize,
) -> Result<usize> {
    let mut largest = 0;
    while let Some(event) = recording.next()? {
        if let Event::Frame {
            region: of, bytes, ..
        } = event
            && of == region
        {
            largest = largest.max(bytes.len());
        }
    }
    if largest == 0 {
        return Err(Failure::new(
            Code::NotFound,
            "there is nothing to play: the recording has no copy of the region",
        ));
    }
    Ok(largest)
}
