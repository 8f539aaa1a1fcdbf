//! The bytes of a region, by name.

use std::fmt;

use crate::cell::Cell;
use crate::extent::{Cut, Extent};
use crate::lookup::{LookupError, Place, Reason, Spot};
use crate::path::Path;
use crate::plan::{Plan, Table};
use crate::text::Text;
use crate::value::Value;
use crate::walk::{Walk, text_of};

/// The bytes of a region and the plan that says what they are. [`Plan::view`] makes it.
///
/// The bytes are a copy that does not change, taken as the producer's convention demands. They can be
/// shorter than the layout, and whatever they claim about themselves is checked.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("core-temp").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; plan.size()];
/// plan.edit(&mut bytes).set("fTemp[0]", 61.5)?;
/// let region = plan.view(&bytes);
/// assert_eq!(region.get("fTemp[0]")?.as_f64(), Some(61.5));
/// assert!(region.values().any(|(path, _)| path == "sCPUName"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Region<'a> {
    plan: &'a Plan,
    bytes: &'a [u8],
}

impl Plan {
    /// What these bytes are.
    #[must_use]
    pub fn view<'a>(&'a self, bytes: &'a [u8]) -> Region<'a> {
        Region { plan: self, bytes }
    }
}

impl<'a> Region<'a> {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// What says what they are.
    #[must_use]
    pub fn plan(&self) -> &'a Plan {
        self.plan
    }

    /// The value in a cell; nothing if the region ends before it does.
    #[must_use]
    #[inline]
    pub fn read(&self, cell: &Cell) -> Option<Value<'a>> {
        cell.read(&self.plan.names, self.bytes)
    }

    /// The value at a path such as `wheels[2].pressure` or `readings["CPU Package"].Value`.
    ///
    /// # Errors
    ///
    /// It is not a path, the layout has nothing there, or the region has not (at the moment): see
    /// [`LookupError::is_absent`].
    pub fn get(&self, path: &str) -> Result<Value<'a>, LookupError> {
        self.root().get(path)
    }

    /// [`get`](Self::get) for a path that has been parsed before.
    ///
    /// # Errors
    ///
    /// As those of [`get`](Self::get).
    pub fn get_path(&self, path: &Path) -> Result<Value<'a>, LookupError> {
        self.root().get_path(path)
    }

    /// Every value, in order.
    #[must_use]
    pub fn walk(&self) -> Walk<'a> {
        Walk::new(self.plan, self.bytes)
    }

    /// Every value with its path. [`walk`](Self::walk) does the same without allocating.
    pub fn values(&self) -> impl Iterator<Item = (String, Value<'a>)> + use<'a> {
        let mut walk = self.walk();
        std::iter::from_fn(move || {
            let value = walk.next()?;
            Some((walk.trail().to_string(), value))
        })
    }

    /// The table at a path.
    ///
    /// # Errors
    ///
    /// As those of [`get`](Self::get), and what is there is not a table.
    pub fn table(&self, path: &str) -> Result<TableView<'a>, LookupError> {
        self.root().table(path)
    }

    /// The root, as a record.
    #[must_use]
    pub fn root(&self) -> Record<'a> {
        Record::at(*self, 0, self.bytes, 0)
    }
}

impl fmt::Debug for Region<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.values()).finish()
    }
}

/// A table of a region: its rows, and whether the region claims more of them.
///
/// ```
/// use win_shared_memory_layouts::{Cut, Layout, Plan};
///
/// let layout = Layout::from_toml(r#"
///     format = 1
///     id = "list"
///     [[struct]]
///     name = "List"
///     fields = [{ offset = 0, name = "count", type = "u16" }]
///     [[struct.table]]
///     name = "rows"
///     of = "Row"
///     at = 2
///     stride = 2
///     count = "count"
///     max = 100
///     [[struct]]
///     name = "Row"
///     fields = [{ offset = 0, name = "v", type = "u16" }]
/// "#)?;
/// let plan = Plan::new(&layout)?;
/// let bytes = [9, 0, 7, 0, 8, 0];
/// let table = plan.view(&bytes).table("rows")?;
/// assert_eq!((table.declared(), table.len(), table.cut()), (9, 2, Some(Cut::End)));
/// let sum: i64 = table.rows().filter_map(|row| row.get("v").ok()?.as_i64()).sum();
/// assert_eq!(sum, 15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TableView<'a> {
    record: Record<'a>,
    table: &'a Table,
    extent: Extent,
}

impl<'a> TableView<'a> {
    /// The number of rows: all of them are in the bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.extent.count
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of rows that the region claims.
    #[must_use]
    pub fn declared(&self) -> u64 {
        self.extent.declared
    }

    /// Why there are fewer than it claims.
    #[must_use]
    pub fn cut(&self) -> Option<Cut> {
        self.extent.cut
    }

    /// A row.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<Record<'a>> {
        let (at, bytes) = self.extent.row(self.record.bytes, index)?;
        let plan = self.record.region.plan;
        let shape = &plan.shapes[self.table.shape];
        let text = |member: Option<usize>| text_of(plan, shape, member?, bytes);
        Some(Record {
            region: self.record.region,
            shape: self.table.shape,
            bytes,
            base: self.record.base + at,
            label: text(self.table.label),
            unit: text(self.table.unit),
        })
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = Record<'a>> + use<'a> {
        let table = *self;
        (0..table.len()).filter_map(move |index| table.row(index))
    }
}

/// A struct in a region: the root, or the row of a table.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("gpu-z").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; plan.size()];
/// let mut edit = plan.edit(&mut bytes);
/// edit.set("sensors[0].name", "GPU Temperature")?;
/// edit.set("sensors[0].unit", "°C")?;
/// edit.set("sensors[0].value", 47.0)?;
/// let row = plan.view(&bytes).table("sensors")?.row(0).expect("it has 128");
/// assert_eq!(row.label().expect("it has one").to_str(), "GPU Temperature");
/// assert_eq!(row.unit().expect("it has one").to_str(), "°C");
/// assert_eq!(row.get("value")?.as_f64(), Some(47.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Record<'a> {
    region: Region<'a>,
    shape: usize,
    /// From its beginning; to the end of the row, or of the region.
    bytes: &'a [u8],
    base: usize,
    label: Option<Text<'a>>,
    unit: Option<Text<'a>>,
}

impl<'a> Record<'a> {
    /// The value at a path from this record.
    ///
    /// # Errors
    ///
    /// As those of [`Region::get`].
    pub fn get(&self, path: &str) -> Result<Value<'a>, LookupError> {
        let parsed = path
            .parse()
            .map_err(|it| LookupError::new(path, Reason::Syntax(it)))?;
        self.get_path(&parsed)
    }

    /// [`get`](Self::get) for a path that has been parsed before.
    ///
    /// # Errors
    ///
    /// As those of [`Region::get`].
    pub fn get_path(&self, path: &Path) -> Result<Value<'a>, LookupError> {
        let value = self.spot().follow(path).and_then(|spot| spot.value());
        value.map_err(|reason| LookupError::new(&path.to_string(), reason))
    }

    /// The table at a path from this record.
    ///
    /// # Errors
    ///
    /// As those of [`Region::table`].
    pub fn table(&self, path: &str) -> Result<TableView<'a>, LookupError> {
        let fail = |reason| LookupError::new(path, reason);
        let parsed: Path = path.parse().map_err(|it| fail(Reason::Syntax(it)))?;
        let spot = self.spot().follow(&parsed).map_err(fail)?;
        let Place::Table(table) = spot.place else {
            return Err(fail(Reason::NotATable));
        };
        let record = Self {
            bytes: spot.structure,
            base: spot.base,
            ..*self
        };
        Ok(record.table_view(table))
    }

    /// The row that a field with a `ref` names: the sensor of a reading.
    ///
    /// # Errors
    ///
    /// As those of [`Region::get`]; the field has no `ref`, or there is no such row.
    pub fn follow(&self, field: &str) -> Result<Record<'a>, LookupError> {
        let fail = |reason| LookupError::new(field, reason);
        let fields = &self.region.plan.layout.structs[self.shape].fields;
        let reference = fields.iter().find(|it| it.name == field);
        let table = reference.and_then(|it| it.reference.as_deref());
        let table = self
            .region
            .table(table.ok_or_else(|| fail(Reason::NotATable))?)?;
        let index = self
            .get(field)?
            .as_i64()
            .and_then(|it| usize::try_from(it).ok());
        index
            .and_then(|it| table.row(it))
            .ok_or_else(|| fail(Reason::Absent))
    }

    /// What names the row, if the table says which text does.
    #[must_use]
    pub fn label(&self) -> Option<Text<'a>> {
        self.label
    }

    /// The unit of the row's numbers with a fraction, if the table says which text has it.
    #[must_use]
    pub fn unit(&self) -> Option<Text<'a>> {
        self.unit
    }

    /// Every value, in order.
    #[must_use]
    pub fn walk(&self) -> Walk<'a> {
        let Region { plan, bytes } = self.region;
        Walk::of(plan, bytes, self.shape, self.bytes, self.base, self.unit)
    }

    /// A table whose place is told from the beginning of this record.
    pub(crate) fn table_view(&self, table: &'a Table) -> TableView<'a> {
        TableView {
            record: *self,
            table,
            extent: table.rows.extent(self.bytes),
        }
    }

    /// A struct that is not the row of a table.
    pub(crate) fn at(region: Region<'a>, shape: usize, bytes: &'a [u8], base: usize) -> Self {
        Self {
            region,
            shape,
            bytes,
            base,
            label: None,
            unit: None,
        }
    }

    pub(crate) fn region(&self) -> Region<'a> {
        self.region
    }

    pub(crate) fn plan(&self) -> &'a Plan {
        self.region.plan
    }

    /// The number of its shape in the plan.
    pub(crate) fn shape(&self) -> usize {
        self.shape
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn base(&self) -> usize {
        self.base
    }

    pub(crate) fn spot(&self) -> Spot<'a> {
        Spot {
            plan: self.region.plan,
            region: self.region.bytes,
            structure: self.bytes,
            base: self.base,
            at: 0,
            place: Place::Record(self.shape),
        }
    }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        let mut walk = self.walk();
        while let Some(value) = walk.next() {
            map.entry(&walk.trail().to_string(), &value);
        }
        map.finish()
    }
}
