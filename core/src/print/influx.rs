//! InfluxDB's line protocol.

use std::io::{self, Write};

use win_shared_memory_layouts::{Named, Path, Segment, Value};

use super::{Copy, hex};
use crate::leaves::Leaves;

pub(super) fn print(out: &mut Vec<u8>, copy: &Copy<'_>) -> io::Result<()> {
    let mut lines: Vec<Line> = Vec::new();
    match copy.plan {
        None => lines.push(Line {
            key: (None, None),
            unit: None,
            fields: vec![format!("bytes=\"{}\"", hex(copy.bytes))],
        }),
        Some(plan) => {
            Leaves::new(copy.selection)
                .elements()
                .visit(&plan.view(copy.bytes), |leaf| {
                    let (row, name) = split(leaf.path);
                    let Some(value) = value(leaf.value) else {
                        return;
                    };
                    let unit = row.as_ref().and(leaf.unit).map(str::to_owned);
                    let key = row.unzip();
                    let field = format!("{}={value}", escaped(&name, ",= "));
                    match lines.last_mut() {
                        Some(line) if line.key == key => {
                            line.fields.push(field);
                            line.unit = line.unit.take().or(unit);
                        }
                        _ => lines.push(Line {
                            unit,
                            key,
                            fields: vec![field],
                        }),
                    }
                });
        }
    }
    for line in lines {
        write!(out, "{}", escaped(copy.region, ", "))?;
        let tags = [
            ("table", &line.key.0),
            ("row", &line.key.1),
            ("unit", &line.unit),
        ];
        for (tag, value) in tags {
            if let Some(value) = value.as_deref().filter(|it| !it.is_empty()) {
                write!(out, ",{tag}={}", escaped(value, ",= "))?;
            }
        }
        writeln!(
            out,
            " {} {}",
            line.fields.join(","),
            copy.time.nanoseconds()
        )?;
    }
    Ok(())
}

struct Line {
    /// The table and the row, if it is of one.
    key: (Option<String>, Option<String>),
    unit: Option<String>,
    fields: Vec<String>,
}

/// The row that a path goes through, if it names one by a label: its table and its label; and what follows.
fn split(path: &str) -> (Option<(String, String)>, String) {
    let parsed: Option<Path> = path.parse().ok();
    let segments = parsed.as_ref().map_or(&[][..], Path::segments);
    let label = |it: &Segment| matches!(it, Segment::Label(_));
    // A label in the first place is a name that has brackets in it.
    let row = segments.iter().skip(1).position(label).map(|it| it + 1);
    match row.map(|it| (&segments[..it], &segments[it..])) {
        Some((table, [Segment::Label(row), rest @ ..])) if !rest.is_empty() => {
            let path = |segments: &[Segment]| Path::from_iter(segments.iter().cloned()).to_string();
            (Some((path(table), row.clone())), path(rest))
        }
        _ => (None, path.to_owned()),
    }
}

/// Tabs and line ends cannot be written: they become spaces.
fn escaped(text: &str, special: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        let character = if character.is_control() {
            ' '
        } else {
            character
        };
        if special.contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    // What follows would be escaped.
    if escaped.ends_with('\\') {
        escaped.push(' ');
    }
    escaped
}

/// A value; `None` where the protocol has none.
///
/// Integers are always signed: a database takes one type for a field, and InfluxDB 1 has no unsigned one. What does not fit
/// is left out, so that nobody reads another number.
fn value(value: Value<'_>) -> Option<String> {
    Some(match value {
        Value::F32(it) if !it.is_finite() => return None,
        Value::F64(it) if !it.is_finite() => return None,
        Value::F32(_) | Value::F64(_) | Value::Bool(_) => value.to_string(),
        Value::Unsigned(it) => format!("{}i", i64::try_from(it).ok()?),
        Value::Signed(it) => format!("{it}i"),
        Value::Bits(it) => format!("{it}i"),
        Value::Enum(Named { number, name: None }) => format!("{number}i"),
        value => {
            let text = value.to_string();
            let text: String = text
                .chars()
                .map(|it| if it == '\n' || it == '\r' { ' ' } else { it })
                .collect();
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
        }
    })
}
