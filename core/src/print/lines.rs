//! A line for each value.

use std::collections::HashMap;
use std::io::{self, Write};

use super::{Copy, hex};
use crate::escape::escape;
use crate::leaves::Leaves;

/// What was printed last.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// What stands before each path.
    pub(super) prefix: String,
    /// By path, the values.
    last: HashMap<String, String>,
}

impl Lines {
    pub(super) fn print(&mut self, out: &mut Vec<u8>, copy: &Copy<'_>) -> io::Result<()> {
        let Some(plan) = copy.plan else {
            let bytes = hex(copy.bytes);
            if self.is_new("", &bytes) {
                writeln!(out, "{}{bytes}", escape(&self.prefix))?;
            }
            return Ok(());
        };
        let mut lines = Vec::new();
        Leaves::new(copy.selection).visit(&plan.view(copy.bytes), |leaf| {
            let value = leaf.value.to_string();
            if self.is_new(leaf.numbered, &value) {
                lines.push((leaf.path.to_owned(), value, leaf.unit.map(str::to_owned)));
            }
        });
        for (path, value, unit) in lines {
            write!(
                out,
                "{}{} = {}",
                escape(&self.prefix),
                escape(&path),
                escape(&value)
            )?;
            match unit {
                Some(unit) => writeln!(out, " {}", escape(&unit))?,
                None => writeln!(out)?,
            }
        }
        Ok(())
    }

    fn is_new(&mut self, path: &str, value: &str) -> bool {
        match self.last.get_mut(path) {
            Some(last) if last == value => false,
            Some(last) => {
                value.clone_into(last);
                true
            }
            None => {
                self.last.insert(path.to_owned(), value.to_owned());
                true
            }
        }
    }
}
