//! A region of a recording as a table: a row for each frame, a column for each value.
//!
//! A recording is gone through twice. The first time finds the columns, as tables grow and variables are declared while
//! it was recorded; the second time writes the rows, one at a time. So memory does not grow with the recording.

mod csv;
mod error;
#[cfg(feature = "parquet")]
mod parquet;
mod sheet;

use std::io::{self, Read, Seek, Write};

use win_shared_memory_layouts::{Plan, Region};

use crate::columns::{Columns, Kind};
use crate::print::{Format, Printer};
use crate::recording::{Damage, Event, Recording};
use crate::select::Selection;
use crate::series::{Reducer, Samples};
use crate::time::Time;

pub use csv::CsvOptions;
pub use error::ExportError;
pub use sheet::Heading;
use sheet::Sheet;

/// After this many frames the progress is told.
const TOLD: u64 = 256;

/// More series are not told apart in a chart.
const MOST_SERIES: usize = 48;

/// What a table is made of.
///
/// ```
/// use std::time::Duration;
/// use winshm_core::export::Request;
/// use winshm_core::{Selection, Time};
///
/// // The temperatures of the first region, in the ten seconds from a moment on.
/// let from = Time::from_nanoseconds(1_700_000_000_000_000_000);
/// let mut request = Request::new(0);
/// request.selection = Selection::new(["fTemp"]);
/// request.span = (from, from + Duration::from_secs(10));
/// assert!(request.selection.contains("fTemp[3]"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// The number of the region among [`Recording::regions`].
    pub region: usize,
    /// What its bytes are: what the recording says, unless there is something here.
    pub plan: Option<Plan>,
    /// The values that become columns.
    pub selection: Selection,
    /// From when on, and up to when.
    pub span: (Time, Time),
}

impl Request {
    /// All of a region.
    #[must_use]
    pub fn new(region: usize) -> Self {
        Self {
            region,
            plan: None,
            selection: Selection::default(),
            span: (Time::default(), Time::from_nanoseconds(u64::MAX)),
        }
    }
}

/// A region of a recording as a table.
///
/// ```
/// use std::io::Cursor;
/// use win_shared_memory_layouts::{Plan, catalogue};
/// use winshm_core::export::{CsvOptions, Request, Table};
/// use winshm_core::recording::{Options, Recorder, Recording};
/// use winshm_core::{Selection, Time};
///
/// let plan = Plan::new(catalogue::by_id("core-temp").expect("it is in the catalogue"))?;
/// let mut file = Cursor::new(Vec::new());
/// let mut recorder = Recorder::new(&mut file, Options::default())?;
/// let region = recorder.add_region("CoreTemp", Some(&plan))?;
/// let mut bytes = vec![0; plan.size()];
/// for (seconds, degrees) in [(1, 61.5), (2, 62.0)] {
///     plan.edit(&mut bytes).set("fTemp[0]", degrees)?;
///     recorder.frame(region, Time::from_nanoseconds(seconds * 1_000_000_000), &bytes)?;
/// }
/// recorder.finish()?;
///
/// let mut recording = Recording::read(file)?;
/// let mut request = Request::new(0);
/// request.selection = Selection::new(["fTemp[0]"]);
/// let mut table = Table::new(&mut recording, request, &mut |_| {})?;
/// let mut csv = Vec::new();
/// table.csv(&mut csv, CsvOptions::default(), &mut |_| {})?;
/// let expected = "time,seconds,fTemp[0]\n\
///     1970-01-01T00:00:01.000Z,0,61.5\n\
///     1970-01-01T00:00:02.000Z,1,62\n";
/// assert_eq!(String::from_utf8(csv)?, expected);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Table<'r, R> {
    recording: &'r mut Recording<R>,
    request: Request,
    plan: Plan,
    sheet: Sheet,
    rows: u64,
    /// When the first row was copied, and the last.
    begin: Time,
    end: Time,
}

/// One row.
pub(crate) struct Row<'a> {
    pub(crate) time: Time,
    pub(crate) region: Region<'a>,
    /// The values that the region has at that moment, and the number of the column of each.
    pub(crate) columns: &'a Columns,
    pub(crate) places: &'a [usize],
    /// Whether these are not those of the row before.
    pub(crate) is_rearranged: bool,
}

/// Is told how much of the file has been read, in bytes.
pub type Progress<'p> = &'p mut dyn FnMut(u64);

impl<'r, R: Read + Seek> Table<'r, R> {
    /// Finds the columns: reads the whole recording once.
    ///
    /// # Errors
    ///
    /// The file cannot be read; nobody knows what the region's bytes are; there is no frame of it; nothing is selected, or
    /// too much.
    pub fn new(
        recording: &'r mut Recording<R>,
        request: Request,
        progress: Progress<'_>,
    ) -> Result<Self, ExportError> {
        let recorded = recording.regions().get(request.region);
        let plan = request
            .plan
            .as_ref()
            .or(recorded.and_then(|it| it.plan.as_ref()));
        let plan = plan.ok_or(ExportError::NoLayout)?.clone();
        let mut table = Self {
            recording,
            plan,
            sheet: Sheet::default(),
            rows: 0,
            begin: Time::default(),
            end: Time::default(),
            request,
        };
        let (mut rows, mut begin, mut end) = (0, None, Time::default());
        let mut sample: Option<Vec<u8>> = None;
        table.visit(progress, |row| {
            rows += 1;
            begin.get_or_insert(row.time);
            end = row.time;
            if row.is_rearranged {
                sample = Some(row.region.bytes().to_vec());
            }
            Ok(())
        })?;
        (table.rows, table.end) = (rows, end);
        table.begin = begin.ok_or(ExportError::NoFrame)?;
        table.expect_all(&sample.unwrap_or_default())?;
        Ok(table)
    }

    /// Its columns, without those of time: each value that any frame has, in the order of their first appearance.
    #[must_use]
    pub fn headings(&self) -> &[Heading] {
        self.sheet.headings()
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What of the recording could not be read.
    #[must_use]
    pub fn damage(&self) -> Damage {
        self.recording.damage()
    }

    /// Writes the table as CSV: with the time as RFC 3339 has it, and in seconds since the first row.
    ///
    /// # Errors
    ///
    /// The recording cannot be read, or the table cannot be written.
    pub fn csv(
        &mut self,
        out: &mut impl Write,
        options: CsvOptions,
        progress: Progress<'_>,
    ) -> Result<(), ExportError> {
        let mut writer = csv::Csv::new(options, self.begin, self.sheet.headings().len());
        out.write_all(writer.header(self.sheet.headings()))?;
        self.visit(progress, |row| Ok(out.write_all(writer.row(row))?))
    }

    /// Writes an object for each frame, as `watch` prints them.
    ///
    /// # Errors
    ///
    /// As those of [`csv`](Self::csv).
    pub fn json(
        &mut self,
        out: &mut impl Write,
        progress: Progress<'_>,
    ) -> Result<(), ExportError> {
        let name = &self.recording.regions()[self.request.region].name;
        let mut printer = Printer::new(name, Format::Json, self.request.selection.clone());
        let plan = self.plan.clone();
        // The printer flushes after each copy.
        let mut line = Vec::new();
        self.visit(progress, |row| {
            line.clear();
            printer.print(&mut line, row.time, Some(&plan), row.region.bytes())?;
            Ok(out.write_all(&line)?)
        })
    }

    /// Writes the table as a Parquet file with a type for each column.
    ///
    /// # Errors
    ///
    /// As those of [`csv`](Self::csv).
    #[cfg(feature = "parquet")]
    pub fn parquet(
        &mut self,
        out: impl Write + Send,
        progress: Progress<'_>,
    ) -> Result<(), ExportError> {
        let mut writer = parquet::Parquet::new(out, self.sheet.headings())?;
        self.visit(progress, |row| writer.row(row))?;
        writer.finish()
    }

    /// The numbers over time. If there are more than two for each of `parts` equal parts of the time, each part is reduced
    /// to two. Rows with an empty label are left out, because a table of a fixed size has such rows for what its program
    /// does not use. They are kept if no other rows are selected, or if the row is selected by its number.
    ///
    /// # Errors
    ///
    /// The recording cannot be read; no number is selected, or too many are.
    pub fn samples(&mut self, parts: u64, progress: Progress<'_>) -> Result<Samples, ExportError> {
        let is_number = |kind| matches!(kind, Kind::Number(_) | Kind::Named(_));
        let headings = self.sheet.headings();
        let mut numbers: Vec<_> = (0..headings.len())
            .filter(|it| is_number(headings[*it].kind))
            .collect();
        let is_used =
            |it: &Heading| !it.is_unlabelled || self.request.selection.names_element(&it.numbered);
        if numbers.iter().any(|it| is_used(&headings[*it])) {
            numbers.retain(|it| is_used(&headings[*it]));
        }
        if numbers.is_empty() || numbers.len() > MOST_SERIES {
            return Err(ExportError::NotSeries(numbers.len()));
        }
        let mut slots = vec![None; headings.len()];
        for (slot, place) in numbers.iter().enumerate() {
            slots[*place] = Some(slot);
        }
        let series = numbers.iter().map(|it| &headings[*it]);
        let series = series.map(|it| (&*it.path, it.unit.as_deref()));
        let mut reducer = Reducer::new(series, self.begin, self.end, self.rows, parts);
        let mut row_numbers = vec![f64::NAN; numbers.len()];
        self.visit(progress, |row| {
            row_numbers.fill(f64::NAN);
            for (column, place) in row.columns.iter().zip(row.places) {
                if let Some(slot) = slots[*place] {
                    let value = row.region.read(&column.cell).and_then(|it| it.as_f64());
                    row_numbers[slot] = value.unwrap_or(f64::NAN);
                }
            }
            reducer.push(row.time, &row_numbers);
            Ok(())
        })?;
        Ok(reducer.finish())
    }

    /// Goes through the rows.
    pub(crate) fn visit(
        &mut self,
        progress: Progress<'_>,
        mut each: impl FnMut(&Row<'_>) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let request = &self.request;
        self.recording.restart(request.span.0, request.span.1)?;
        let mut found: Option<(Columns, Vec<usize>)> = None;
        let mut frames = 0_u64;
        loop {
            frames += 1;
            if frames.is_multiple_of(TOLD) {
                progress(self.recording.position()?);
            }
            let Some(event) = self.recording.next()? else {
                return Ok(());
            };
            let Event::Frame {
                region,
                time,
                bytes,
            } = event
            else {
                continue;
            };
            if region != request.region {
                continue;
            }
            let region = self.plan.view(bytes);
            let known = found
                .as_ref()
                .is_some_and(|(it, _)| it.are_those_of(&region));
            if !known {
                let columns = Columns::new(&region, &request.selection)?;
                let places = self.sheet.places(&columns)?;
                found = Some((columns, places));
            }
            if let Some((columns, places)) = &found {
                each(&Row {
                    time,
                    region,
                    columns,
                    places,
                    is_rearranged: !known,
                })?;
            }
        }
    }

    /// Fails if a pattern has selected nothing. `bytes` are a frame, to say what there is.
    fn expect_all(&self, bytes: &[u8]) -> Result<(), ExportError> {
        let selection = &self.request.selection;
        let headings = self.headings().iter();
        let mut paths: Vec<&str> = headings.flat_map(|it| [&*it.path, &*it.numbered]).collect();
        if selection.unmatched(&paths).is_empty() {
            return Ok(());
        }
        let all = Columns::new(&self.plan.view(bytes), &Selection::default());
        let all = all.as_deref().unwrap_or_default();
        paths.extend(all.iter().map(|it| &*it.path));
        let unmatched = selection.unmatched(&paths);
        match unmatched.first() {
            None => Ok(()),
            Some(it) => Err(ExportError::NothingSelected(it.to_string())),
        }
    }
}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
