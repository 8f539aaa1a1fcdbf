//! The columns of a table.

use std::collections::HashMap;

use crate::columns::{Column, Kind, MOST, TooManyColumns};

/// A column of a table.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Heading {
    /// The path of its values.
    pub path: String,
    /// Their path with the numbers of rows alone.
    pub(crate) numbered: String,
    /// Whether they are in a table's row with an empty label.
    pub(crate) is_unlabelled: bool,
    /// Their unit.
    pub unit: Option<String>,
    /// What they are.
    pub kind: Kind,
}

/// All columns that any frame has.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    headings: Vec<Heading>,
    index: HashMap<String, usize>,
}

impl Sheet {
    pub(super) fn headings(&self) -> &[Heading] {
        &self.headings
    }

    /// The number of each column; those that are new are added.
    pub(super) fn places(&mut self, columns: &[Column]) -> Result<Vec<usize>, TooManyColumns> {
        let place = |column: &Column| {
            if let Some(place) = self.index.get(&column.path) {
                return Ok(*place);
            }
            if self.headings.len() == MOST {
                return Err(TooManyColumns);
            }
            self.index.insert(column.path.clone(), self.headings.len());
            self.headings.push(Heading {
                path: column.path.clone(),
                numbered: column.numbered.clone(),
                is_unlabelled: column.is_unlabelled,
                unit: column.unit.clone(),
                kind: column.kind,
            });
            Ok(self.headings.len() - 1)
        };
        columns.iter().map(place).collect()
    }
}
