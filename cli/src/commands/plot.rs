//! `winshm plot`

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use winshm_core::chart::Chart;
use winshm_core::{Selection, escape};

use crate::failure::{Code, Failure, Result};
use crate::tables::{What, failed, tell_damage};

/// Draw values of a recording over time: as SVG, PNG, or a page that zooms
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  winshm plot drive.mcap speed_kmh rpm -o drive.html
  winshm plot drive.mcap 'wheels_pressure[*]' --from 60 --to 90 -o pressures.svg
  winshm plot sensors.mcap 'readings[*Temp*].Value' -o temperatures.png")]
pub(crate) struct Plot {
    #[command(flatten)]
    what: What,
    /// The values: paths (see `winshm --help`)
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// The file to write, which ends in .svg, .png or .html
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// What stands above the chart, instead of the file's name
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Svg,
    Png,
    Html,
}

impl Kind {
    /// Into how many parts the time is divided: a page can zoom.
    fn parts(self) -> u64 {
        match self {
            Self::Svg => 900,
            Self::Png => 1800,
            Self::Html => 5000,
        }
    }
}

impl Plot {
    pub(crate) fn run(&self, _: &mut impl Write) -> Result<()> {
        let kind = self.kind()?;
        self.check_folder()?;
        let mut opened = self.what.open(Selection::new(&self.paths))?;
        let shown = opened.progress.clone();
        let mut table = opened.table()?;
        shown.begin("reading");
        let progress = &mut |at| shown.at(at);
        let samples = table.samples(kind.parts(), progress).map_err(failed)?;
        shown.end();
        tell_damage(table.damage());
        let name = self
            .what
            .file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy();
        let chart = Chart::new(self.title.as_deref().unwrap_or(&name), &samples);
        let cannot = |it| Failure::new(Code::Failed, it);
        let file = match kind {
            Kind::Svg => chart.svg().map_err(cannot)?.into_bytes(),
            Kind::Png => chart.png().map_err(cannot)?,
            Kind::Html => chart.html().into_bytes(),
        };
        std::fs::write(&self.output, file).map_err(|error| {
            let path = self.output.to_string_lossy();
            Failure::new(Code::of(&error), format_args!("{}: {error}", escape(&path)))
        })
    }

    /// Reading may take long, and what it made could not be written.
    fn check_folder(&self) -> Result<()> {
        match self.output.parent() {
            Some(folder) if folder != Path::new("") && !folder.is_dir() => Err(Failure::new(
                Code::NotFound,
                format_args!(
                    "there is no folder `{}` to write the chart to",
                    escape(&folder.to_string_lossy())
                ),
            )),
            _ => Ok(()),
        }
    }

    fn kind(&self) -> Result<Kind> {
        let ending = self.output.extension().and_then(|it| it.to_str());
        match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("svg") => Ok(Kind::Svg),
            Some("png") => Ok(Kind::Png),
            Some("html" | "htm") => Ok(Kind::Html),
            _ => Err(Failure::new(
                Code::Failed,
                "the name of the chart says what it is: let it end in .svg, .png or .html",
            )),
        }
    }
}
