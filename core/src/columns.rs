//! The values of a region as columns: found once, and then read from copy after copy.

use std::fmt;

use win_shared_memory_layouts::{Arrangement, Cell, Region, Scalar, Value, Waypoint};

use crate::select::Selection;
use crate::trail::Trail;

/// More values of one region are not columns: a table with a column for each is of no use to anybody.
pub(crate) const MOST: usize = 131_072;

/// The values of a region that are selected, as they are arranged at one moment.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
/// use winshm_core::{Columns, Selection};
///
/// let plan = Plan::new(catalogue::by_id("gpu-z").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; plan.size()];
/// plan.edit(&mut bytes).set("sensors[1].name", "Fan Speed")?;
/// let columns = Columns::new(&plan.view(&bytes), &Selection::new([r#"sensors["Fan*"].value"#]))?;
/// let fan = &columns[0];
/// assert_eq!(fan.path, r#"sensors["Fan Speed"].value"#);
///
/// plan.edit(&mut bytes).set("sensors[1].value", 1200.0)?;
/// let region = plan.view(&bytes);
/// assert!(columns.are_those_of(&region));
/// assert_eq!(region.read(&fan.cell).and_then(|it| it.as_f64()), Some(1200.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Columns {
    all: Vec<Column>,
    arrangement: Arrangement,
}

/// One value: a number, a text or bytes, but no array.
///
/// ```
/// use win_shared_memory_layouts::{Plan, Scalar, catalogue};
/// use winshm_core::{Columns, Kind, Selection};
///
/// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
/// let bytes = vec![0; plan.size()];
/// let columns = Columns::new(&plan.view(&bytes), &Selection::new(["fAvatarPosition"]))?;
/// let height = &columns[1];
/// assert_eq!((&*height.path, height.unit.as_deref()), ("fAvatarPosition[1]", Some("m")));
/// assert_eq!(height.kind, Kind::Number(Scalar::F32));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Column {
    /// Its path. The row of a table is named by its label, unless an earlier row has the same or it has none.
    pub path: String,
    /// Its path with the numbers of rows alone.
    pub(crate) numbered: String,
    /// Whether it is in a table's row with an empty label.
    pub(crate) is_unlabelled: bool,
    /// The unit of its number.
    pub unit: Option<String>,
    /// Where it is.
    pub cell: Cell,
    /// What it is.
    pub kind: Kind,
}

/// What the values of a [`Column`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A number or a truth.
    Number(Scalar),
    /// A number whose values have names.
    Named(Scalar),
    /// A text.
    Text,
    /// Bytes.
    Bytes,
}

/// A region has more values that are selected than a table has columns: 131 072.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyColumns;

impl fmt::Display for TooManyColumns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the region has more than {MOST} values; choose some of them by their paths"
        )
    }
}

impl std::error::Error for TooManyColumns {}

impl Columns {
    /// The selected values of a region, in its order, each element of numbers in a row as a column of its own.
    ///
    /// # Errors
    ///
    /// There are too many.
    pub fn new(region: &Region<'_>, selection: &Selection) -> Result<Self, TooManyColumns> {
        let mut finder = Finder {
            selection,
            found: Vec::new(),
            trail: Trail::default(),
            is_unlabelled: false,
        };
        let mut walk = region.walk();
        while let Some(value) = walk.next() {
            let way = walk.trail();
            let Some(cell) = way.cell() else { continue };
            // Also the row of one that is not selected keeps its label from later rows.
            finder.trail.follow(way.steps());
            finder.is_unlabelled = way
                .steps()
                .any(|it| matches!(it, Waypoint::Row(_, Some(label)) if label.to_str().is_empty()));
            let unit = way.unit();
            let Value::Array(array) = value else {
                finder.look(cell, value, unit.as_deref())?;
                continue;
            };
            for (index, (cell, value)) in cell.elements().zip(array.iter()).enumerate() {
                let mark = finder.trail.item(index, None);
                finder.look(cell, value, unit.as_deref())?;
                finder.trail.back(mark);
            }
        }
        Ok(Self {
            all: finder.found,
            arrangement: region.arrangement(),
        })
    }

    /// Whether a copy of the same region has the same values in the same places.
    #[must_use]
    pub fn are_those_of(&self, region: &Region<'_>) -> bool {
        self.arrangement.is_that_of(region)
    }
}

impl std::ops::Deref for Columns {
    type Target = [Column];

    fn deref(&self) -> &[Column] {
        &self.all
    }
}

struct Finder<'s> {
    selection: &'s Selection,
    found: Vec<Column>,
    trail: Trail,
    is_unlabelled: bool,
}

impl Finder<'_> {
    fn look(
        &mut self,
        cell: Cell,
        value: Value<'_>,
        unit: Option<&str>,
    ) -> Result<(), TooManyColumns> {
        if !self.trail.is_in(self.selection) {
            return Ok(());
        }
        if self.found.len() == MOST {
            return Err(TooManyColumns);
        }
        let kind = match (value, cell.scalar()) {
            (Value::Text(_), _) => Kind::Text,
            (Value::Enum(_), Some(scalar)) => Kind::Named(scalar),
            (_, Some(scalar)) => Kind::Number(scalar),
            _ => Kind::Bytes,
        };
        self.found.push(Column {
            path: self.trail.labelled.clone(),
            numbered: self.trail.numbered.clone(),
            is_unlabelled: self.is_unlabelled,
            unit: unit.filter(|it| !it.is_empty()).map(str::to_owned),
            cell,
            kind,
        });
        Ok(())
    }
}
