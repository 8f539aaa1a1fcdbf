//! `winshm export`

use std::fs::File;
use std::io::{BufReader, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use winshm_core::escape;
use winshm_core::export::{CsvOptions, ExportError, Progress, Table};

use crate::failure::{Code, Failure, Result};
use crate::fields::Fields;
use crate::tables::{What, failed, tell_damage};

/// Write a region of a recording as a table: CSV, JSON lines or Parquet
///
/// A row for each copy, a column for each value. Tables of the region are columns by the labels of their rows, and a
/// column that appears late is empty before.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  winshm export drive.mcap -o drive.csv
  winshm export drive.mcap --fields speed_kmh 'wheels_pressure[*]' -o drive.parquet
  winshm export sensors.mcap --region hwinfo --fields 'readings[CPU*].Value' --csv
  winshm export drive.mcap --json --from 60 --to 90 | jq .values.speed_kmh")]
pub(crate) struct Export {
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    fields: Fields,
    /// As comma-separated values
    #[arg(long, group = "format")]
    csv: bool,
    /// An object in a line for each copy
    #[arg(long, group = "format")]
    json: bool,
    /// As a Parquet file
    #[arg(long, group = "format")]
    parquet: bool,
    /// CSV for Excel where numbers are written with a comma: 1,5;2,5
    #[arg(long)]
    decimal_comma: bool,
    /// The file to write; its ending says how, if nothing else does
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    Json,
    Parquet,
}

impl Export {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<()> {
        let format = self.format()?;
        let mut opened = self.what.open(self.fields.selection())?;
        let shown = opened.progress.clone();
        let mut table = opened.table()?;
        if self.output.is_none() && std::io::stdout().is_terminal() {
            shown.end();
        }
        shown.begin("writing");
        let progress = &mut |at| shown.at(at);
        let mut file = self.output.as_deref().map(create).transpose()?;
        match (format, &mut file) {
            (Format::Csv, None) => table.csv(out, self.csv_options(), progress),
            (Format::Csv, Some(file)) => table.csv(file, self.csv_options(), progress),
            (Format::Json, None) => table.json(out, progress),
            (Format::Json, Some(file)) => table.json(file, progress),
            (Format::Parquet, file) => parquet(&mut table, file.as_mut(), progress),
        }
        .and_then(|()| Ok(file.as_mut().map_or(Ok(()), Write::flush)?))
        .map_err(|error| self.stopped(error))?;
        shown.end();
        let (rows, columns) = (table.rows(), table.headings().len());
        tell_damage(table.damage());
        if let Some(path) = &self.output {
            let path = path.to_string_lossy();
            eprintln!("{rows} rows of {columns} values in {}", escape(&path));
        }
        Ok(())
    }

    /// Writing has ended too early.
    fn stopped(&self, error: ExportError) -> Failure {
        let failure = failed(error);
        match &self.output {
            None => failure,
            Some(path) => {
                let path = path.to_string_lossy();
                Failure::new(
                    failure.code(),
                    format_args!("{} is incomplete: {failure}", escape(&path)),
                )
            }
        }
    }

    fn csv_options(&self) -> CsvOptions {
        let mut options = CsvOptions::default();
        options.has_decimal_comma = self.decimal_comma;
        options
    }

    fn format(&self) -> Result<Format> {
        if self.json {
            return Ok(Format::Json);
        }
        if self.parquet {
            return Ok(Format::Parquet);
        }
        let ending = self.output.as_ref().and_then(|it| it.extension()?.to_str());
        Ok(match ending {
            _ if self.csv => Format::Csv,
            Some("json" | "jsonl" | "ndjson") => Format::Json,
            Some("parquet") => Format::Parquet,
            Some("csv" | "txt") | None => Format::Csv,
            Some(_) => {
                return Err(Failure::new(
                    Code::Failed,
                    "say how to write it: --csv, --json or --parquet",
                ));
            }
        })
    }
}

fn create(path: &Path) -> Result<BufWriter<File>> {
    let created = File::create(path).map_err(|error| {
        let shown = path.to_string_lossy();
        Failure::new(
            Code::of(&error),
            format_args!("{}: {error}", escape(&shown)),
        )
    });
    Ok(BufWriter::with_capacity(1 << 18, created?))
}

#[cfg(feature = "parquet")]
fn parquet(
    table: &mut Table<'_, BufReader<File>>,
    file: Option<&mut BufWriter<File>>,
    progress: Progress<'_>,
) -> std::result::Result<(), ExportError> {
    match file {
        Some(file) => table.parquet(file, progress),
        None => table.parquet(std::io::stdout(), progress),
    }
}

#[cfg(not(feature = "parquet"))]
fn parquet(
    _: &mut Table<'_, BufReader<File>>,
    _: Option<&mut BufWriter<File>>,
    _: Progress<'_>,
) -> std::result::Result<(), ExportError> {
    let problem = "this winshm was built without Parquet: build it with `--features parquet`";
    Err(ExportError::Io(std::io::Error::other(problem)))
}
