//! Tables as comma-separated values.

use std::io::Write;

use win_shared_memory_layouts::Value;

use super::{Heading, Row};
use crate::print::header;
use crate::time::Time;

/// How CSV is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CsvOptions {
    /// With commas in numbers and semicolons between them, and a mark that the file is UTF-8: what Excel expects where
    /// numbers are written with a comma.
    pub has_decimal_comma: bool,
}

/// Writes rows. The text of a value that has not changed is not made again.
pub(super) struct Csv {
    options: CsvOptions,
    begin: Time,
    cells: Vec<Vec<u8>>,
    /// The bytes of the frame before.
    last: Vec<u8>,
    line: Vec<u8>,
}

impl Csv {
    pub(super) fn new(options: CsvOptions, begin: Time, columns: usize) -> Self {
        Self {
            options,
            begin,
            cells: vec![Vec::new(); columns],
            last: Vec::new(),
            line: Vec::new(),
        }
    }

    fn separator(&self) -> u8 {
        if self.options.has_decimal_comma {
            b';'
        } else {
            b','
        }
    }

    pub(super) fn header(&mut self, headings: &[Heading]) -> &[u8] {
        let separator = self.separator();
        if self.options.has_decimal_comma {
            self.line.extend_from_slice("\u{feff}".as_bytes());
        }
        self.line.extend_from_slice(b"time");
        self.line.push(separator);
        self.line.extend_from_slice(b"seconds");
        for it in headings {
            self.line.push(separator);
            text(
                &header(&it.path, it.unit.as_deref()),
                separator,
                &mut self.line,
            );
        }
        self.line.push(b'\n');
        &self.line
    }

    pub(super) fn row(&mut self, row: &Row<'_>) -> &[u8] {
        let bytes = row.region.bytes();
        if row.is_rearranged {
            self.cells.iter_mut().for_each(Vec::clear);
        }
        let separator = self.separator();
        for (column, place) in row.columns.iter().zip(row.places) {
            let same = column.cell.range().is_some_and(|range| {
                let now = bytes.get(range.clone());
                now.is_some() && now == self.last.get(range)
            });
            if same && !row.is_rearranged {
                continue;
            }
            let cell = &mut self.cells[*place];
            cell.clear();
            if let Some(value) = row.region.read(&column.cell) {
                format(value, self.options, separator, cell);
            }
        }
        self.last.clear();
        self.last.extend_from_slice(bytes);
        self.line.clear();
        let seconds = row.time.since(self.begin).as_secs_f64();
        // Writing to a vector does not fail.
        let _ = write!(self.line, "{}", row.time);
        self.line.push(separator);
        format(
            Value::F64((seconds * 1e6).round() / 1e6),
            self.options,
            separator,
            &mut self.line,
        );
        for cell in &self.cells {
            self.line.push(separator);
            self.line.extend_from_slice(cell);
        }
        self.line.push(b'\n');
        &self.line
    }
}

/// Numbers that are none are empty: a spreadsheet would take them for texts.
fn format(value: Value<'_>, options: CsvOptions, separator: u8, out: &mut Vec<u8>) {
    let start = out.len();
    // Writing to a vector does not fail.
    let _ = match value {
        Value::F32(it) => {
            float(zmij::Buffer::new().format(it), out);
            Ok(())
        }
        Value::F64(it) => {
            float(zmij::Buffer::new().format(it), out);
            Ok(())
        }
        Value::Unsigned(it) => write!(out, "{it}"),
        Value::Signed(it) => write!(out, "{it}"),
        Value::Text(it) => return text(&it.to_str(), separator, out),
        other => return text(&other.to_string(), separator, out),
    };
    if options.has_decimal_comma {
        for byte in &mut out[start..] {
            if *byte == b'.' {
                *byte = b',';
            }
        }
    }
}

/// A number without a fraction of 0, and nothing for `NaN` and infinity.
fn float(digits: &str, out: &mut Vec<u8>) {
    if digits.ends_with(|it: char| it.is_ascii_digit()) {
        let digits = digits.strip_suffix(".0").unwrap_or(digits);
        out.extend_from_slice(digits.as_bytes());
    }
}

/// A text in a cell. One that a spreadsheet would take for a formula is a text there, too.
fn text(text: &str, separator: u8, out: &mut Vec<u8>) {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let is_special = |it: u8| it == separator || matches!(it, b'"' | b'\n' | b'\r');
    let is_quoted = text.bytes().any(is_special);
    out.extend(is_quoted.then_some(b'"'));
    out.extend(is_formula.then_some(b'\''));
    for byte in text.bytes() {
        out.extend((byte == b'"').then_some(b'"'));
        out.push(byte);
    }
    out.extend(is_quoted.then_some(b'"'));
}
