//! Regions of recordings as tables, for the commands that make something of them.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use clap::Args;
use win_shared_memory_layouts::Plan;
use winshm_core::Selection;
use winshm_core::export::{ExportError, Request, Table};
use winshm_core::recording::{Damage, Recording};

use crate::failure::{Code, Failure, Result};
use crate::progress::Progress;
use crate::{layouts, sources, units};

/// What of a recording is meant.
#[derive(Debug, Args)]
pub(crate) struct What {
    /// The recording
    pub(crate) file: PathBuf,
    /// The region, if the recording has several: its name, or a part of it
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// What the bytes are, if the recording does not say, or something else is meant: a layout's id, or a file
    #[arg(long, short, value_name = "LAYOUT")]
    layout: Option<String>,
    /// Leave out what is earlier, since the beginning: 90s, 1.5m
    #[arg(long, value_name = "TIME", value_parser = units::duration)]
    from: Option<Duration>,
    /// Leave out what is later
    #[arg(long, value_name = "TIME", value_parser = units::duration)]
    to: Option<Duration>,
}

/// A recording that is open.
pub(crate) struct Opened {
    pub(crate) recording: Recording<BufReader<File>>,
    pub(crate) request: Request,
    pub(crate) progress: Rc<Progress>,
}

impl What {
    /// Opens the recording and finds the region.
    pub(crate) fn open(&self, selection: Selection) -> Result<Opened> {
        let recording = sources::recording(&self.file)?;
        let mut request = Request::new(sources::choose(&recording, self.region.as_deref())?);
        request.selection = selection;
        if let Some(layout) = &self.layout {
            let plan = Plan::new(&layouts::find(layout)?);
            request.plan = Some(plan.map_err(|it| Failure::new(Code::Damaged, it))?);
        }
        if let Some((begin, _)) = recording.span() {
            request.span.0 = begin + self.from.unwrap_or_default();
            request.span.1 = self.to.map_or(request.span.1, |it| begin + it);
        }
        Ok(Opened {
            recording,
            request,
            progress: Rc::new(Progress::new(&self.file)),
        })
    }
}

impl Opened {
    /// The region as a table.
    pub(crate) fn table(&mut self) -> Result<Table<'_, BufReader<File>>> {
        let shown = &self.progress;
        shown.begin("looking through");
        let progress = &mut |at| shown.at(at);
        Table::new(&mut self.recording, self.request.clone(), progress).map_err(failed)
    }
}

/// Says what of the recording was lost.
pub(crate) fn tell_damage(damage: Damage) {
    if !damage.is_none() {
        eprintln!("winshm: of the recording, {damage}; the rest was used");
    }
}

/// A table that cannot be made.
pub(crate) fn failed(error: ExportError) -> Failure {
    let (code, hint) = match &error {
        ExportError::Io(error) => (Code::of(error), ""),
        ExportError::NoLayout => (Code::NotFound, "; name one with --layout"),
        ExportError::NoFrame | ExportError::NothingSelected(_) => (Code::NotFound, ""),
        _ => (Code::Failed, ""),
    };
    Failure::new(code, format_args!("{error}{hint}"))
}
