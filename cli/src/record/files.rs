//! The files of a recording: one, or one after the other.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use win_shared_memory_layouts::Plan;
use winshm_core::Time;
use winshm_core::recording::{Note, Options, Recorder, RegionId};

use super::disk::{Disk, Written};
use crate::failure::{Code, Failure, Result};
use crate::output::create_new;

/// When a file ends and another begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Split {
    Size(u64),
    Time(Duration),
}

/// Where frames are written to.
pub(crate) struct Files {
    path: PathBuf,
    options: Options,
    split: Option<Split>,
    /// How many were begun.
    count: u32,
    open: Option<Open>,
    /// Those that have ended.
    saved: Vec<PathBuf>,
    /// By region, what its name and its layout are. The layout may come later.
    regions: Vec<Region>,
}

struct Region {
    name: String,
    plan: Option<Arc<Plan>>,
}

struct Open {
    recorder: Recorder<Disk>,
    written: Written,
    path: PathBuf,
    began: Option<Time>,
    /// By region, what it is called in this file, and the plan that it was added with.
    ids: Vec<Option<(RegionId, Option<Arc<Plan>>)>>,
}

impl Files {
    pub(crate) fn new(
        path: &Path,
        names: &[String],
        options: Options,
        split: Option<Split>,
    ) -> Self {
        let regions = names.iter().map(|name| Region {
            name: name.clone(),
            plan: None,
        });
        Self {
            path: path.to_owned(),
            options,
            split,
            count: 0,
            open: None,
            saved: Vec::new(),
            regions: regions.collect(),
        }
    }

    /// Whether a file is being written.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// How many bytes the open file has.
    pub(crate) fn written(&self) -> u64 {
        self.open.as_ref().map_or(0, |it| it.written.len())
    }

    /// Begins a file. It must not be there, so that no recording is lost.
    pub(crate) fn begin(&mut self) -> Result<()> {
        self.count += 1;
        let path = numbered(&self.path, self.count);
        let file = create_new(&path)?;
        let (disk, written) = Disk::new(file);
        let recorder = Recorder::new(disk, self.options.clone())
            .map_err(|error| Failure::unrecorded(&path, &error))?;
        self.open = Some(Open {
            recorder,
            written,
            path,
            began: None,
            ids: vec![None; self.regions.len()],
        });
        Ok(())
    }

    /// Ends the file that is open. One without a frame is removed.
    pub(crate) fn end(&mut self) -> Result<()> {
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        let path = open.path;
        open.recorder
            .finish()
            .map_err(|error| Failure::unrecorded(&path, &error))?;
        let (did, stored) = if open.began.is_some() {
            ("store", open.written.store())
        } else {
            drop(open.written);
            ("remove", std::fs::remove_file(&path))
        };
        stored.map_err(|error| {
            let message = format_args!("cannot {did} {}: {error}", path.display());
            Failure::new(Code::of(&error), message)
        })?;
        if open.began.is_some() {
            self.saved.push(path);
        }
        Ok(())
    }

    /// The files that have ended, the first one first.
    pub(crate) fn saved(self) -> Vec<PathBuf> {
        self.saved
    }

    pub(crate) fn frame(
        &mut self,
        region: usize,
        time: Time,
        plan: Option<&Arc<Plan>>,
        bytes: &[u8],
    ) -> Result<()> {
        self.split(time)?;
        let about = &mut self.regions[region];
        if plan.is_some() {
            about.plan = plan.cloned();
        }
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        open.began.get_or_insert(time);
        let told = |error| Failure::unrecorded(&open.path, &error);
        let id = match &open.ids[region] {
            Some((id, of)) if same(of.as_ref(), about.plan.as_ref()) => *id,
            // A region of another layout has taken the name.
            _ => {
                let id = open
                    .recorder
                    .add_region(&about.name, about.plan.as_deref())
                    .map_err(told)?;
                open.ids[region] = Some((id, about.plan.clone()));
                id
            }
        };
        open.recorder.frame(id, time, bytes).map_err(told)
    }

    pub(crate) fn note(&mut self, time: Time, note: &Note) -> Result<()> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        open.recorder
            .note(time, note)
            .map_err(|error| Failure::unrecorded(&open.path, &error))
    }

    /// Makes what is recorded readable, if it is time.
    pub(crate) fn flush_if_due(&mut self, now: Time) -> Result<()> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        open.recorder
            .flush_if_due(now)
            .map_err(|error| Failure::unrecorded(&open.path, &error))
    }

    /// Goes on in another file, if this one is long enough.
    fn split(&mut self, time: Time) -> Result<()> {
        let (Some(split), Some(open)) = (self.split, &self.open) else {
            return Ok(());
        };
        let is_long = match split {
            Split::Size(size) => self.written() >= size,
            Split::Time(length) => open.began.is_some_and(|began| time.since(began) >= length),
        };
        if is_long {
            self.end()?;
            self.begin()?;
        }
        Ok(())
    }
}

fn same(a: Option<&Arc<Plan>>, b: Option<&Arc<Plan>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

/// `race.mcap`, `race-2.mcap`, `race-3.mcap`.
fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-{number}.mcap"))
}
