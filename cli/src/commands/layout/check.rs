//! `winshm layout check`

use std::io::Write;
use std::path::Path;

use clap::Args;
use win_shared_memory_layouts::{Cut, Plan};
use winshm_core::escape;

use crate::failure::{Code, Failure, Result};
use crate::{layouts, units};

/// Tell whether a layout is sound, and whether a region has room for it
///
/// Fields must not overlap, types must exist, and tables must have their columns. With a region, or a file with its
/// bytes as `dump` writes it, the rows of its tables must be there as well.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  winshm layout check mine.toml
  winshm layout check mine.toml 784
  winshm layout check acc-physics acpmf_physics.bin")]
pub(crate) struct Check {
    /// The layout: an id, the name of a region, or a file
    layout: String,
    /// The size of a region, a file with its bytes, or under Windows its name
    region: Option<String>,
}

/// What a layout is held against.
enum Region {
    Size(u64),
    Bytes(Vec<u8>),
}

impl Check {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<()> {
        let layout = layouts::find(&self.layout)?;
        let plan = Plan::new(&layout).map_err(|it| Failure::new(Code::Damaged, it))?;
        let mut problems = Vec::new();
        if let Some(region) = &self.region {
            let (size, bytes) = match self::region(region)? {
                Region::Size(size) => (size, None),
                Region::Bytes(bytes) => (bytes.len() as u64, Some(bytes)),
            };
            if size < plan.size() as u64 {
                problems.push(format!(
                    "it needs {} bytes, and the region has {size}",
                    plan.size()
                ));
            }
            problems.extend(bytes.iter().flat_map(|it| cut(&plan, it)));
        }
        for problem in &problems {
            writeln!(out, "{}", escape(problem))?;
        }
        if !problems.is_empty() {
            out.flush()?;
            return Err(Failure::new(
                Code::Damaged,
                "the layout does not fit the region",
            ));
        }
        let (structs, size) = (layout.structs.len(), plan.size());
        Ok(writeln!(
            out,
            "`{}` is sound: {structs} structs, {size} bytes",
            escape(&layout.id)
        )?)
    }
}

/// The tables of the root that claim rows that are not there.
fn cut(plan: &Plan, bytes: &[u8]) -> Vec<String> {
    let tables = plan
        .layout()
        .structs
        .first()
        .into_iter()
        .flat_map(|it| &it.table);
    let view = plan.view(bytes);
    let cut = tables.filter_map(|it| {
        let table = view.table(&it.name).ok()?;
        let why = match table.cut()? {
            Cut::Max => format!("the layout allows {}", it.max),
            Cut::End => "the region ends before the others".to_owned(),
            Cut::Stride => "they have no distance".to_owned(),
            _ => "their place cannot be read".to_owned(),
        };
        let (name, declared, there) = (&it.name, table.declared(), table.len());
        Some(format!(
            "`{name}` claims {declared} rows and has {there}: {why}"
        ))
    });
    cut.collect()
}

fn region(wanted: &str) -> Result<Region> {
    if let Ok(size) = units::size(wanted) {
        return Ok(Region::Size(size));
    }
    if Path::new(wanted).exists() {
        return Ok(Region::Bytes(std::fs::read(wanted)?));
    }
    live(wanted)
}

#[cfg(windows)]
fn live(name: &str) -> Result<Region> {
    let found = win_shared_memory::namespace::details(name);
    let found = found.map_err(|it| Failure::new(Code::NotFound, it))?;
    found.size.map(Region::Size).ok_or_else(|| {
        let problem = format_args!("the system does not tell the size of `{}`", escape(name));
        Failure::new(Code::Denied, problem)
    })
}

#[cfg(not(windows))]
fn live(name: &str) -> Result<Region> {
    Err(Failure::new(
        Code::NotFound,
        format_args!(
            "`{}` is neither a size nor a file, and only Windows has named regions",
            escape(name)
        ),
    ))
}
