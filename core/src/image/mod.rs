//! The bytes of a region as its producer would have them at first: for programs that stand in for it.

mod variable;

use std::collections::BTreeMap;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use win_shared_memory_layouts::{
    Consistency, EditError, Encoded, Encoding, Layout, Meaning, Plan, Quantity, Table, Type, Value,
};

use variable::Declared;
pub use variable::{Variable, VariableError};

/// Where what lies after the root begins: a multiple of this.
const ALIGNED: usize = 16;

/// The room of a long text, which no layout tells.
const TEXT: usize = 64 << 10;

/// How large an image can be.
const LARGEST: usize = 64 << 20;

/// The bytes of a region that is made from its layout. The newest of several buffers is at the place of the first, as in
/// recordings.
///
/// ```
/// use std::collections::BTreeMap;
/// use win_shared_memory_layouts::{Liveness, Plan, catalogue};
/// use winshm_core::Image;
///
/// let plan = Plan::new(catalogue::by_id("hwinfo").expect("it is in the catalogue"))?;
/// let mut image = Image::new(&plan, &BTreeMap::from([("readings".to_owned(), 5)]), &[])?;
/// image.assign("readings[4].szLabelUser=CPU")?;
/// image.assign("readings[4].Value=61.5")?;
/// let region = plan.view(image.bytes());
/// assert_eq!(region.get(r#"readings["CPU"].Value"#)?.as_f64(), Some(61.5));
/// assert_eq!(plan.liveness(image.bytes()), Liveness::Live);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Image<'p> {
    plan: &'p Plan,
    bytes: Vec<u8>,
    /// How often it has been written.
    writes: i64,
}

/// A region that cannot be made.
#[derive(Debug)]
#[non_exhaustive]
pub enum ImageError {
    /// A value of it cannot be stored.
    Edit(EditError),
    /// A variable of it is not one.
    Variable(VariableError),
    /// It would have more than 64 MiB.
    TooLarge,
    /// There is no table of this name.
    NoTable(String),
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edit(error) => error.fmt(f),
            Self::Variable(error) => error.fmt(f),
            Self::TooLarge => f.write_str("the region would have more than 64 MiB"),
            Self::NoTable(name) => write!(f, "there is no table `{}`", crate::escape(name)),
        }
    }
}

impl std::error::Error for ImageError {}

impl From<EditError> for ImageError {
    fn from(error: EditError) -> Self {
        Self::Edit(error)
    }
}

impl From<VariableError> for ImageError {
    fn from(error: VariableError) -> Self {
        Self::Variable(error)
    }
}

impl<'p> Image<'p> {
    /// What a producer has that has just begun: its magic, tables with this number of rows, these variables, and what the
    /// layout's `serve` says. `rows` and `variables` are used instead of those of the layout, by name and altogether.
    ///
    /// # Errors
    ///
    /// It cannot be made: see [`ImageError`].
    pub fn new(
        plan: &'p Plan,
        rows: &BTreeMap<String, u32>,
        variables: &[Variable],
    ) -> Result<Self, ImageError> {
        let mut this = Self {
            plan,
            bytes: vec![0; plan.size().max(1)],
            writes: 0,
        };
        let layout = plan.layout();
        if let Some(magic) = &layout.magic {
            this.set(&magic.field, magic.live)?;
        }
        if let Some(ready) = &layout.ready {
            let bits = ready.bits.map(u64::cast_signed);
            let other = ready.not.map(|it| it.wrapping_add(1));
            if let Some(number) = ready.is.or(other).or(bits) {
                this.set(&ready.field, number)?;
            }
        }
        this.tables(layout, rows)?;
        this.texts(layout)?;
        let own = layout.serve.iter().flat_map(|it| &it.values);
        let (later, first): (Vec<_>, Vec<_>) = own.partition(|it| it.contains('['));
        for value in first {
            this.assign(value)?;
        }
        let declared = layout.serve.iter().flat_map(|it| &it.variables);
        let declared: Vec<Variable> = declared.map(|it| it.parse()).collect::<Result<_, _>>()?;
        let variables = if variables.is_empty() {
            &declared
        } else {
            variables
        };
        this.declare(layout, variables)?;
        for value in later {
            this.assign(value)?;
        }
        Ok(this)
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Stores a value as a person writes it: `path=value`.
    ///
    /// # Errors
    ///
    /// As those of [`Edit::assign`](win_shared_memory_layouts::Edit::assign).
    pub fn assign(&mut self, assignment: &str) -> Result<(), EditError> {
        self.plan.edit(&mut self.bytes).assign(assignment)
    }

    /// Stores a number: rounded, where there is no fraction. Of an array, all elements become that number.
    ///
    /// # Errors
    ///
    /// As those of [`Edit::set`](win_shared_memory_layouts::Edit::set).
    pub fn number(&mut self, path: &str, number: f64) -> Result<(), EditError> {
        let (count, first) = match self.plan.view(&self.bytes).get(path) {
            Ok(Value::Array(array)) => (array.len(), &*format!("{path}[0]")),
            _ => (1, path),
        };
        let element = self.encoded(first, number)?;
        let all = self.bytes.get_mut(element.offset..).unwrap_or_default();
        let size = element.bytes.len().max(1);
        for place in all.chunks_exact_mut(size).take(count) {
            place.copy_from_slice(&element.bytes);
        }
        Ok(())
    }

    fn encoded(&self, path: &str, number: f64) -> Result<Encoded, EditError> {
        match self.plan.encode(&self.bytes, path, number) {
            Err(EditError::Value { .. }) => {
                self.plan.encode(&self.bytes, path, number.round() as i64)
            }
            encoded => encoded,
        }
    }

    /// Goes on where another producer has ended, after so many writes: what counts them goes on and not back.
    ///
    /// # Errors
    ///
    /// As those of [`assign`](Self::assign).
    pub fn go_on_after(&mut self, writes: i64) -> Result<(), EditError> {
        if writes <= self.writes {
            return Ok(());
        }
        self.writes = writes;
        self.tick()
    }

    /// Goes on to the next write: counters, ticks and times of the layout, as its producer counts them.
    ///
    /// # Errors
    ///
    /// As those of [`assign`](Self::assign).
    pub fn tick(&mut self) -> Result<(), EditError> {
        self.writes = self.writes.wrapping_add(1) & i64::from(i32::MAX);
        let writes = self.writes;
        let layout = self.plan.layout();
        if let Some(heartbeat) = &layout.heartbeat {
            let since = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            let beat = match meaning(layout, &heartbeat.field) {
                Some(Meaning::UnixSeconds) => since.as_secs().cast_signed(),
                Some(Meaning::UnixMilliseconds) => {
                    i64::try_from(since.as_millis()).unwrap_or(writes)
                }
                _ => writes,
            };
            self.number(&heartbeat.field, beat as f64)?;
        }
        match &layout.consistency {
            Some(Consistency::Counter { field }) => self.number(field, writes as f64)?,
            Some(Consistency::Sequence { field }) => self.number(field, 2.0 * writes as f64)?,
            Some(Consistency::BeginEnd { begin, end }) => {
                self.number(begin, writes as f64)?;
                self.number(end, writes as f64)?;
            }
            Some(Consistency::LatestOf { table, tick, .. }) => {
                let at = self.quantity(&table.at) + usize::try_from(*tick).unwrap_or(usize::MAX);
                if let Some(place) = self.bytes.get_mut(at..).and_then(|it| it.first_chunk_mut()) {
                    *place = (writes as i32).to_le_bytes();
                }
            }
            _ => {}
        }
        for step in layout.serve.iter().flat_map(|it| &it.each_write) {
            let is_beat = layout
                .heartbeat
                .as_ref()
                .is_some_and(|it| it.field == step.field);
            match (step.add, step.set) {
                (Some(_), _) if is_beat => {}
                (Some(add), _) => {
                    let now = self
                        .plan
                        .view(&self.bytes)
                        .get(&step.field)?
                        .as_i64()
                        .unwrap_or(0);
                    self.number(&step.field, now.wrapping_add(add) as f64)?;
                }
                (None, Some(number)) => self.number(&step.field, number as f64)?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    fn set(&mut self, path: &str, number: i64) -> Result<(), EditError> {
        let mut edit = self.plan.edit(&mut self.bytes);
        match edit.set(path, number) {
            // A magic is often written down as the unsigned number that it is not.
            Err(EditError::Value { .. }) => edit.set(path, i64::from(number as i32)),
            set => set,
        }
    }

    /// Makes room after what there is, and tells where.
    fn room(&mut self, len: usize) -> Result<usize, ImageError> {
        let at = self.bytes.len().next_multiple_of(ALIGNED);
        let end = at
            .checked_add(len)
            .filter(|it| *it <= LARGEST)
            .ok_or(ImageError::TooLarge)?;
        self.bytes.resize(end, 0);
        Ok(at)
    }

    fn tables(&mut self, layout: &Layout, rows: &BTreeMap<String, u32>) -> Result<(), ImageError> {
        let tables = layout.root().map_or(&[][..], |it| &it.table);
        if let Some(name) = rows
            .keys()
            .find(|name| !tables.iter().any(|it| it.name == **name))
        {
            return Err(ImageError::NoTable(name.clone()));
        }
        let own = layout.serve.as_ref().map(|it| &it.rows);
        for table in tables {
            let count = rows
                .get(&table.name)
                .or_else(|| own?.get(&table.name))
                .copied();
            self.table(layout, table, count.unwrap_or(1).min(table.max))?;
        }
        Ok(())
    }

    /// Makes room for long texts: after what there is, if the region tells their place.
    fn texts(&mut self, layout: &Layout) -> Result<(), ImageError> {
        for text in &layout.text {
            match &text.at {
                Quantity::Number(at) => {
                    let end = at
                        .checked_add(TEXT as u64)
                        .filter(|it| *it <= LARGEST as u64);
                    let end = end.ok_or(ImageError::TooLarge)? as usize;
                    self.bytes.resize(end.max(self.bytes.len()), 0);
                }
                Quantity::Field(path) => {
                    let at = self.room(TEXT)?;
                    self.set(path, at as i64)?;
                }
            }
            if let Some(Quantity::Field(path)) = &text.len {
                self.set(path, TEXT as i64)?;
            }
            if let Some(path) = &text.changes {
                self.set(path, 1)?;
            }
        }
        Ok(())
    }

    /// Lays a table out after what there is, if the region tells its place.
    fn table(&mut self, layout: &Layout, table: &Table, count: u32) -> Result<(), ImageError> {
        let stride = match &table.stride {
            Quantity::Number(number) => usize::try_from(*number).unwrap_or(usize::MAX),
            Quantity::Field(_) => size_of_struct(layout, &table.of, 0),
        };
        let len = stride
            .checked_mul(count as usize)
            .ok_or(ImageError::TooLarge)?;
        let at = match &table.at {
            Quantity::Number(number) => {
                let at = usize::try_from(*number).unwrap_or(usize::MAX);
                let end = at
                    .checked_add(len)
                    .filter(|it| *it <= LARGEST)
                    .ok_or(ImageError::TooLarge)?;
                self.bytes.resize(end.max(self.bytes.len()), 0);
                at
            }
            Quantity::Field(_) => self.room(len)?,
        };
        for (quantity, number) in [
            (&table.at, at),
            (&table.stride, stride),
            (&table.count, count as usize),
        ] {
            if let Quantity::Field(path) = quantity {
                self.set(path, number as i64)?;
            }
        }
        Ok(())
    }

    /// Declares variables, and gives them their values.
    fn declare(&mut self, layout: &Layout, variables: &[Variable]) -> Result<(), ImageError> {
        let (
            Some(model),
            Some(Consistency::LatestOf {
                table, start, len, ..
            }),
        ) = (&layout.variables, &layout.consistency)
        else {
            return match variables.first() {
                Some(variable) => Err(VariableError::NoPlace(variable.name().to_owned()).into()),
                None => Ok(()),
            };
        };
        let declared = Declared::new(model, variables)?;
        let stride = self.quantity(&model.table.stride);
        let rows = self.room(stride.saturating_mul(variables.len()))?;
        for (quantity, number) in [
            (&model.table.at, rows),
            (&model.table.count, variables.len()),
            (len, declared.len()),
        ] {
            if let Quantity::Field(path) = quantity {
                self.set(path, number as i64)?;
            }
        }
        declared.write(model, &mut self.bytes[rows..], stride);
        // The buffers.
        let count = self.quantity(&table.count).max(1);
        let (at, stride) = (self.quantity(&table.at), self.quantity(&table.stride));
        for buffer in 0..count {
            let place = self.room(declared.len())?;
            let row = at.saturating_add(buffer.saturating_mul(stride));
            let start = row.saturating_add(usize::try_from(*start).unwrap_or(usize::MAX));
            if let Some(bytes) = self
                .bytes
                .get_mut(start..)
                .and_then(|it| it.first_chunk_mut())
            {
                *bytes = (place as i32).to_le_bytes();
            }
        }
        self.tick()?;
        for variable in variables {
            if let Some(value) = variable.value() {
                self.plan
                    .edit(&mut self.bytes)
                    .set(variable.name(), value)?;
            }
        }
        Ok(())
    }

    fn quantity(&self, quantity: &Quantity) -> usize {
        match quantity {
            Quantity::Number(number) => usize::try_from(*number).unwrap_or(usize::MAX),
            Quantity::Field(path) => {
                let value = self
                    .plan
                    .view(&self.bytes)
                    .get(path)
                    .ok()
                    .and_then(|it| it.as_i64());
                value.and_then(|it| usize::try_from(it).ok()).unwrap_or(0)
            }
        }
    }
}

/// What the number at a path of the root counts, if it is a time.
fn meaning(layout: &Layout, path: &str) -> Option<Meaning> {
    layout
        .root()?
        .fields
        .iter()
        .find(|it| it.name == path)?
        .kind
}

fn size_of_struct(layout: &Layout, name: &str, depth: u32) -> usize {
    let Some(it) = layout.structure(name).filter(|_| depth < 32) else {
        return 0;
    };
    let ends = it.fields.iter().map(|field| {
        let offset = usize::try_from(field.offset).unwrap_or(usize::MAX);
        offset.saturating_add(size_of_type(layout, &field.ty, depth))
    });
    let declared = it.size.and_then(|size| usize::try_from(size).ok());
    declared.unwrap_or(ends.max().unwrap_or(0))
}

fn size_of_type(layout: &Layout, ty: &Type, depth: u32) -> usize {
    match ty {
        Type::Scalar(scalar) => scalar.size(),
        Type::Text { encoding, units } => {
            let unit = if *encoding == Encoding::Utf16 { 2 } else { 1 };
            unit * *units as usize
        }
        Type::Bytes(count) => *count as usize,
        Type::Array { count, element } => {
            size_of_type(layout, element, depth).saturating_mul(*count as usize)
        }
        Type::Struct(name) => size_of_struct(layout, name, depth + 1),
        _ => 0,
    }
}
