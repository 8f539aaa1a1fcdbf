//! Tables as Parquet.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use win_shared_memory_layouts::{Scalar, Value};

use super::{ExportError, Heading, Row};
use crate::columns::Kind;

/// What is kept of a row group until it is written: this many cells, or this many bytes of texts.
const CELLS: usize = 2_000_000;
const TEXT: usize = 32 << 20;

/// Writes rows, in groups.
pub(super) struct Parquet<W: Write + Send> {
    file: SerializedFileWriter<W>,
    times: Vec<i64>,
    columns: Vec<Buffer>,
    /// The bytes of texts in the group.
    text: usize,
}

/// The values of a column in the group that is not written yet.
struct Buffer {
    values: Values,
    /// For each row, 1 if it has a value.
    levels: Vec<i16>,
}

enum Values {
    Bool(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Bytes(Vec<ByteArray>),
}

impl<W: Write + Send> Parquet<W> {
    pub(super) fn new(out: W, headings: &[Heading]) -> Result<Self, ExportError> {
        let time = LogicalType::timestamp(true, TimeUnit::NANOS);
        let time = Type::primitive_type_builder("time", Physical::INT64)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(time))
            .build()?;
        let mut fields = vec![Arc::new(time)];
        for heading in headings {
            let (physical, logical) = types(heading.kind);
            let name = crate::print::header(&heading.path, heading.unit.as_deref());
            let field = Type::primitive_type_builder(&name, physical)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(logical)
                .build()?;
            fields.push(Arc::new(field));
        }
        let schema = Type::group_type_builder("region")
            .with_fields(fields)
            .build()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        Ok(Self {
            file: SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?,
            times: Vec::new(),
            columns: headings.iter().map(|it| Buffer::new(it.kind)).collect(),
            text: 0,
        })
    }

    pub(super) fn row(&mut self, row: &Row<'_>) -> Result<(), ExportError> {
        self.times
            .push(i64::try_from(row.time.nanoseconds()).unwrap_or(i64::MAX));
        let rows = self.times.len();
        for (column, place) in row.columns.iter().zip(row.places) {
            let buffer = &mut self.columns[*place];
            if let Some(value) = row.region.read(&column.cell) {
                self.text += buffer.push(value, rows);
            }
        }
        if rows * (self.columns.len() + 1) >= CELLS || self.text >= TEXT {
            self.flush()?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), ExportError> {
        self.flush()?;
        self.file.close()?;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ExportError> {
        let rows = self.times.len();
        if rows == 0 {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        if let Some(mut column) = group.next_column()? {
            if let ColumnWriter::Int64ColumnWriter(writer) = column.untyped() {
                writer.write_batch(&self.times, None, None)?;
            }
            column.close()?;
        }
        for buffer in &mut self.columns {
            buffer.levels.resize(rows, 0);
            if let Some(mut column) = group.next_column()? {
                buffer.write(column.untyped())?;
                column.close()?;
            }
            buffer.clear();
        }
        group.close()?;
        self.times.clear();
        self.text = 0;
        Ok(())
    }
}

impl Buffer {
    fn new(kind: Kind) -> Self {
        let values = match types(kind).0 {
            Physical::BOOLEAN => Values::Bool(Vec::new()),
            Physical::INT32 => Values::Int32(Vec::new()),
            Physical::INT64 => Values::Int64(Vec::new()),
            Physical::FLOAT => Values::Float(Vec::new()),
            Physical::DOUBLE => Values::Double(Vec::new()),
            _ => Values::Bytes(Vec::new()),
        };
        Self {
            values,
            levels: Vec::new(),
        }
    }

    /// Adds the value of the last of `rows` and says how many bytes of text it takes. One that is not of the column's
    /// type is left out: a variable was declared again, as something else.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "Parquet keeps unsigned numbers as signed ones"
    )]
    fn push(&mut self, value: Value<'_>, rows: usize) -> usize {
        if self.levels.len() == rows {
            return 0;
        }
        let mut text = 0;
        let there = match (&mut self.values, value) {
            (Values::Bool(all), Value::Bool(it)) => push(all, it),
            (Values::Int32(all), Value::Unsigned(it)) => push(all, it as u32 as i32),
            (Values::Int32(all), Value::Signed(it)) => push(all, it as i32),
            (Values::Int32(all), Value::Bits(it)) => push(all, it as i32),
            (Values::Int64(all), Value::Unsigned(it)) => push(all, it as i64),
            (Values::Int64(all), Value::Signed(it)) => push(all, it),
            (Values::Float(all), Value::F32(it)) => push(all, it),
            (Values::Double(all), Value::F64(it)) => push(all, it),
            (Values::Bytes(all), Value::Bytes(it)) => {
                text = it.len();
                push(all, it.to_vec().into())
            }
            (Values::Bytes(all), it) => {
                let it = it.to_string();
                text = it.len();
                push(all, ByteArray::from(it.into_bytes()))
            }
            _ => false,
        };
        if there {
            self.levels.resize(rows - 1, 0);
            self.levels.push(1);
        }
        text
    }

    fn write(&self, column: &mut ColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = Some(&*self.levels);
        match (&self.values, column) {
            (Values::Bool(all), ColumnWriter::BoolColumnWriter(it)) => {
                it.write_batch(all, levels, None)
            }
            (Values::Int32(all), ColumnWriter::Int32ColumnWriter(it)) => {
                it.write_batch(all, levels, None)
            }
            (Values::Int64(all), ColumnWriter::Int64ColumnWriter(it)) => {
                it.write_batch(all, levels, None)
            }
            (Values::Float(all), ColumnWriter::FloatColumnWriter(it)) => {
                it.write_batch(all, levels, None)
            }
            (Values::Double(all), ColumnWriter::DoubleColumnWriter(it)) => {
                it.write_batch(all, levels, None)
            }
            (Values::Bytes(all), ColumnWriter::ByteArrayColumnWriter(it)) => {
                it.write_batch(all, levels, None)
            }
            _ => Ok(0),
        }?;
        Ok(())
    }

    fn clear(&mut self) {
        self.levels.clear();
        match &mut self.values {
            Values::Bool(all) => all.clear(),
            Values::Int32(all) => all.clear(),
            Values::Int64(all) => all.clear(),
            Values::Float(all) => all.clear(),
            Values::Double(all) => all.clear(),
            Values::Bytes(all) => all.clear(),
        }
    }
}

fn push<T>(all: &mut Vec<T>, value: T) -> bool {
    all.push(value);
    true
}

/// How values are stored, and what they are.
fn types(kind: Kind) -> (Physical, Option<LogicalType>) {
    let integer = |bits, is_signed| Some(LogicalType::integer(bits, is_signed));
    match kind {
        Kind::Number(scalar) => match scalar {
            Scalar::Bool | Scalar::Bool32 => (Physical::BOOLEAN, None),
            Scalar::U8 => (Physical::INT32, integer(8, false)),
            Scalar::U16 => (Physical::INT32, integer(16, false)),
            Scalar::U32 | Scalar::Bits32 => (Physical::INT32, integer(32, false)),
            Scalar::U64 => (Physical::INT64, integer(64, false)),
            Scalar::I8 => (Physical::INT32, integer(8, true)),
            Scalar::I16 => (Physical::INT32, integer(16, true)),
            Scalar::I32 => (Physical::INT32, None),
            Scalar::I64 => (Physical::INT64, None),
            Scalar::F32 => (Physical::FLOAT, None),
            Scalar::F64 => (Physical::DOUBLE, None),
            _ => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        },
        Kind::Named(_) | Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Bytes => (Physical::BYTE_ARRAY, None),
    }
}

impl From<ParquetError> for ExportError {
    fn from(error: ParquetError) -> Self {
        Self::Io(io::Error::other(error))
    }
}
