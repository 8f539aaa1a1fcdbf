//! Copies of regions as text, for people and for programs.

mod csv;
mod influx;
mod json;
mod lines;

use std::io::{self, Write};

use win_shared_memory_layouts::Plan;

use crate::select::Selection;
use crate::time::Time;

pub(crate) use csv::header;

/// How copies are printed.
///
/// | | of a copy | numbers that are none | texts |
/// |---|---|---|---|
/// | [`Lines`](Self::Lines) | a line for each value: `path = value unit`; after the first copy for each that has changed | `NaN`, `inf` | as they are, controls as `\u{…}` |
/// | [`Json`](Self::Json) | an object in one line: `region`, `time`, `values` | `null` | in quotes |
/// | [`Csv`](Self::Csv) | a row; a header before the first | empty | in quotes where that is needed |
/// | [`Influx`](Self::Influx) | a line of InfluxDB's line protocol, and one for each row of a table | left out | in quotes |
///
/// Every line is complete when it is written. Numbers have a point, whatever the system's language. Integers are written in
/// full; a program that reads JSON may round those beyond 2⁵³, and the line protocol leaves out those from 2⁶³ on, because
/// its unsigned integers need InfluxDB 2.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
/// use winshm_core::{Format, Printer, Selection, Time};
///
/// let plan = Plan::new(catalogue::by_id("core-temp").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; plan.size()];
/// plan.edit(&mut bytes).set("fTemp[0]", 61.5)?;
/// let mut out = Vec::new();
/// let mut printer = Printer::new("CoreTemp", Format::Influx, Selection::new(["fTemp[0]"]));
/// printer.print(&mut out, Time::from_nanoseconds(1), Some(&plan), &bytes)?;
/// assert_eq!(String::from_utf8(out)?, "CoreTemp fTemp[0]=61.5 1\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Lines,
    /// For programs.
    Json,
    /// For tables.
    Csv,
    /// For InfluxDB and Telegraf.
    Influx,
}

/// Prints copies of one region.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
/// use winshm_core::{Format, Printer, Selection, Time};
///
/// let plan = Plan::new(catalogue::by_id("core-temp").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; plan.size()];
/// plan.edit(&mut bytes).set("fTemp[0]", 61.5)?;
/// let mut printer = Printer::new("CoreTemp", Format::Lines, Selection::new(["fTemp[0]"]));
/// let mut out = Vec::new();
/// printer.print(&mut out, Time::default(), Some(&plan), &bytes)?;
/// assert_eq!(out, "fTemp[0] = 61.5\n".as_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Printer {
    region: String,
    selection: Selection,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Lines(lines::Lines),
    Json,
    Csv(csv::Csv),
    Influx,
}

impl Printer {
    /// Prints what is selected of the region of this name.
    #[must_use]
    pub fn new(region: &str, format: Format, selection: Selection) -> Self {
        Self {
            region: region.to_owned(),
            selection,
            kind: match format {
                Format::Lines => Kind::Lines(lines::Lines::default()),
                Format::Json => Kind::Json,
                Format::Csv => Kind::Csv(csv::Csv::default()),
                Format::Influx => Kind::Influx,
            },
        }
    }

    /// Puts the name of the region before each path, as it is needed where the lines of several are mixed. The other
    /// formats name it anyway; CSV has a column for it.
    #[must_use]
    pub fn with_name(mut self) -> Self {
        match &mut self.kind {
            Kind::Lines(lines) => lines.prefix = format!("{}: ", self.region),
            Kind::Csv(csv) => csv.has_region = true,
            Kind::Json | Kind::Influx => {}
        }
        self
    }

    /// Prints one copy. Without a plan, what there is to print are its bytes, as hexadecimal digits.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn print(
        &mut self,
        out: &mut impl Write,
        time: Time,
        plan: Option<&Plan>,
        bytes: &[u8],
    ) -> io::Result<()> {
        let mut text = Vec::new();
        let copy = Copy {
            region: &self.region,
            time,
            plan,
            bytes,
            selection: &self.selection,
        };
        match &mut self.kind {
            Kind::Lines(lines) => lines.print(&mut text, &copy)?,
            Kind::Json => json::print(&mut text, &copy)?,
            Kind::Csv(csv) => csv.print(&mut text, &copy)?,
            Kind::Influx => influx::print(&mut text, &copy)?,
        }
        out.write_all(&text)?;
        out.flush()
    }
}

/// What is printed.
struct Copy<'a> {
    region: &'a str,
    time: Time,
    plan: Option<&'a Plan>,
    bytes: &'a [u8],
    selection: &'a Selection,
}

/// Bytes as digits.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
