//! A row for each copy.

use std::collections::HashMap;
use std::io;

use win_shared_memory_layouts::Value;

use super::{Copy, hex};
use crate::leaves::Leaves;

/// The columns, as the first copy had them: what comes later has none.
#[derive(Debug, Default)]
pub(super) struct Csv {
    pub(super) has_region: bool,
    columns: Option<HashMap<String, usize>>,
}

impl Csv {
    pub(super) fn print(&mut self, out: &mut Vec<u8>, copy: &Copy<'_>) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        let mut values = Vec::new();
        match copy.plan {
            None => values.push(("bytes".to_owned(), "bytes".to_owned(), hex(copy.bytes))),
            Some(plan) => {
                Leaves::new(copy.selection)
                    .elements()
                    .visit(&plan.view(copy.bytes), |leaf| {
                        values.push((
                            leaf.numbered.to_owned(),
                            header(leaf.path, leaf.unit),
                            cell(leaf.value),
                        ));
                    });
            }
        }
        let first = || {
            let mut row = vec![copy.time.to_string()];
            row.extend(self.has_region.then(|| copy.region.to_owned()));
            row
        };
        let mut row = first();
        let begin = row.len();
        let columns = match &self.columns {
            Some(columns) => columns,
            None => {
                let mut header = vec!["time"];
                header.extend(self.has_region.then_some("region"));
                header.extend(values.iter().map(|(_, header, _)| header.as_str()));
                writer.write_record(header)?;
                let columns = values
                    .iter()
                    .enumerate()
                    .map(|(at, (path, ..))| (path.clone(), at));
                self.columns.insert(columns.collect())
            }
        };
        row.resize(begin + columns.len(), String::new());
        for (path, _, cell) in values {
            if let Some(column) = columns.get(&path) {
                row[begin + column] = cell;
            }
        }
        writer.write_record(row)?;
        writer.flush()
    }
}

/// What stands above a column.
pub(crate) fn header(path: &str, unit: Option<&str>) -> String {
    match unit {
        Some(unit) => format!("{path} [{unit}]"),
        None => path.to_owned(),
    }
}

/// A value in a cell. A text that a spreadsheet would take for a formula is a text there, too.
pub(crate) fn cell(value: Value<'_>) -> String {
    match value {
        Value::F32(it) if !it.is_finite() => String::new(),
        Value::F64(it) if !it.is_finite() => String::new(),
        Value::Text(text) => {
            let text = text.to_str();
            let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
            let quote = if is_formula { "'" } else { "" };
            format!("{quote}{text}")
        }
        value => value.to_string(),
    }
}
