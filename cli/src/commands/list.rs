//! `winshm list`

use std::io::Write;

use clap::Args;
use serde_json::json;
use winshm_core::{Selection, escape};

use crate::failure::Result;
use crate::live::listing::{self, Row};

/// List the regions that there are: those of this session and those of all sessions
///
/// HANDLES says how many handles to it all programs have. A snapshot or a shared mutex consists of several regions and
/// is listed once.
#[derive(Debug, Args)]
#[command(after_help = r"Examples:
  winshm list
  winshm list '*hwinfo*'
  winshm list --all
  winshm list --json

With --json, every region is an object in a line of its own.")]
pub(crate) struct List {
    /// Only those with names like these; a * stands for anything, and the prefix may be left out
    names: Vec<String>,
    /// Those that belong to another region, too
    #[arg(long, short)]
    all: bool,
    /// Print objects, for programs
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(self, out: &mut impl Write) -> Result<()> {
        let wanted = Selection::new(self.names.iter().cloned());
        let mut rows = listing::rows()?;
        rows.retain(|row| {
            let bare = row
                .name
                .split_once('\\')
                .map_or(&*row.name, |(_, bare)| bare);
            (self.all || !row.is_companion) && (wanted.contains(&row.name) || wanted.contains(bare))
        });
        if self.json {
            for row in &rows {
                writeln!(out, "{}", object(row))?;
            }
            return Ok(());
        }
        table(&rows, out)
    }
}

fn object(row: &Row) -> serde_json::Value {
    let details = row.details.as_ref();
    json!({
        "name": row.name,
        "size": details.and_then(|it| it.size),
        "kind": details.map(|it| listing::kind(it.kind)),
        "handles": details.and_then(|it| it.handles),
        "may_read": details.map(|it| it.may_read),
        "may_write": details.map(|it| it.may_write),
        "layout": row.layout,
        "companion": row.is_companion,
        "problem": row.problem,
    })
}

/// The name comes last: it may be long, and a narrow terminal breaks nothing else.
fn table(rows: &[Row], out: &mut impl Write) -> Result<()> {
    if rows.is_empty() {
        eprintln!("winshm: there is no such region");
        return Ok(());
    }
    let mut cells = vec![["SIZE", "KIND", "HANDLES", "LAYOUT"].map(str::to_owned)];
    cells.extend(rows.iter().map(|row| {
        let details = row.details.as_ref();
        let unknown = || "?".to_owned();
        [
            details
                .and_then(|it| it.size)
                .map_or_else(unknown, listing::size),
            row.problem
                .unwrap_or(listing::kind(details.and_then(|it| it.kind)))
                .to_owned(),
            details
                .and_then(|it| it.handles)
                .map_or_else(unknown, |it| it.to_string()),
            row.layout.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    }));
    let width = |column: usize| {
        let widths = cells.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let [size, kind, handles, layout] = [0, 1, 2, 3].map(width);
    let names = std::iter::once("NAME").chain(rows.iter().map(|it| it.name.as_str()));
    for (row, name) in cells.iter().zip(names) {
        let [a, b, c, d] = row;
        writeln!(
            out,
            "{a:>size$}  {b:kind$}  {c:>handles$}  {d:layout$}  {}",
            escape(name)
        )?;
    }
    Ok(())
}
