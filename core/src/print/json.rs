//! An object in one line.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use win_shared_memory_layouts::{Content, Named, Record, Value};

use super::{Copy, hex};
use crate::select::Selection;
use crate::trail::Trail;

pub(super) fn print(out: &mut Vec<u8>, copy: &Copy<'_>) -> io::Result<()> {
    write!(
        out,
        "{{\"region\":{},\"time\":\"{}\",",
        text(copy.region),
        copy.time
    )?;
    match copy.plan {
        None => write!(out, "\"bytes\":\"{}\"", hex(copy.bytes))?,
        Some(plan) => {
            let mut tree = Tree {
                selection: copy.selection,
                out: String::new(),
                trail: Trail::default(),
                budget: 65_536 + 16 * copy.bytes.len() as u64,
            };
            tree.record(&plan.view(copy.bytes).root());
            write!(out, "\"values\":{}", tree.out)?;
        }
    }
    writeln!(out, "}}")
}

/// A record as an object: structs in it are objects, arrays and tables are arrays.
struct Tree<'a> {
    selection: &'a Selection,
    out: String,
    trail: Trail,
    budget: u64,
}

impl Tree<'_> {
    fn record(&mut self, record: &Record<'_>) {
        self.out.push('{');
        let begin = self.out.len();
        for member in record.members() {
            let before = self.out.len();
            if before > begin {
                self.out.push(',');
            }
            self.out.push_str(&text(&member.name));
            self.out.push(':');
            let mark = self.trail.member(&member.name);
            if !self.content(&member.content) {
                self.out.truncate(before);
            }
            self.trail.back(mark);
        }
        self.out.push('}');
    }

    /// Writes what is selected; `false` if nothing is.
    fn content(&mut self, content: &Content<'_>) -> bool {
        if self.budget == 0 {
            return false;
        }
        self.budget -= 1;
        match content {
            Content::Value(Value::Array(array)) => {
                let is_whole = self.trail.is_in(self.selection);
                self.items(array.iter().map(|it| (None, it)), |this, value| {
                    let is_selected = is_whole || this.trail.is_in(this.selection);
                    is_selected && this.value(value)
                })
            }
            Content::Value(value) => self.trail.is_in(self.selection) && self.value(*value),
            Content::Record(record) => self.nested(record),
            Content::Elements(elements) => {
                let elements = elements.iter().map(|it| (None, it));
                self.items(elements, |this, element| this.content(&element))
            }
            Content::Table(table) => {
                let rows = table
                    .rows()
                    .map(|row| (row.label().map(|it| it.to_str()), row));
                self.items(rows, |this, row| this.nested(&row))
            }
            _ => false,
        }
    }

    fn nested(&mut self, record: &Record<'_>) -> bool {
        let begin = self.out.len();
        self.record(record);
        self.out.len() > begin + "{}".len()
    }

    /// Writes an array of items with their labels.
    fn items<'t, T>(
        &mut self,
        items: impl Iterator<Item = (Option<Cow<'t, str>>, T)>,
        mut item: impl FnMut(&mut Self, T) -> bool,
    ) -> bool {
        self.out.push('[');
        let begin = self.out.len();
        for (index, (label, it)) in items.enumerate() {
            let before = self.out.len();
            if before > begin {
                self.out.push(',');
            }
            let mark = self.trail.item(index, label.as_deref());
            if !item(self, it) {
                self.out.truncate(before);
            }
            self.trail.back(mark);
        }
        self.out.push(']');
        self.out.len() > begin + 1
    }

    fn value(&mut self, value: Value<'_>) -> bool {
        // Writing to a string does not fail.
        let _ = match value {
            Value::F32(it) if !it.is_finite() => write!(self.out, "null"),
            Value::F64(it) if !it.is_finite() => write!(self.out, "null"),
            Value::Bool(_)
            | Value::Unsigned(_)
            | Value::Signed(_)
            | Value::F32(_)
            | Value::F64(_) => {
                write!(self.out, "{value}")
            }
            Value::Bits(it) => write!(self.out, "{it}"),
            Value::Enum(Named { number, name: None }) => write!(self.out, "{number}"),
            Value::Text(it) => write!(self.out, "{}", text(&it.to_str())),
            value => write!(self.out, "{}", text(&value.to_string())),
        };
        true
    }
}

/// A text in quotes.
fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
