//! The values of a region as columns: found once, and then read from copy after copy.

use std::collections::HashMap;
use std::fmt;

use win_shared_memory_layouts::{
    Arrangement, Cell, Path, Region, Scalar, Segment, Text, Trail, Value, Waypoint,
};

use crate::select::Selection;

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
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Column {
    /// Its path. The row of a table is named by its label, unless an earlier row has the same or it has none.
    pub path: String,
    /// Its path with the numbers of rows alone.
    pub(crate) numbered: String,
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
            rows: Rows::default(),
        };
        let mut walk = region.walk();
        while let Some(value) = walk.next() {
            let trail = walk.trail();
            let Some(cell) = trail.cell() else { continue };
            let way: Vec<_> = trail.steps().collect();
            // Also the row of one that is not selected keeps its label from later rows.
            let (path, numbered) = (finder.rows.path(&way), numbered(&way));
            let Value::Array(array) = value else {
                finder.look(path, numbered, trail, cell, value)?;
                continue;
            };
            for (index, (cell, value)) in cell.elements().zip(array.iter()).enumerate() {
                let path = format!("{path}[{index}]");
                let numbered = format!("{numbered}[{index}]");
                finder.look(path, numbered, trail, cell, value)?;
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
    rows: Rows,
}

impl Finder<'_> {
    fn look(
        &mut self,
        path: String,
        numbered: String,
        trail: Trail<'_, '_>,
        cell: Cell,
        value: Value<'_>,
    ) -> Result<(), TooManyColumns> {
        if !self.selection.contains(&path) && !self.selection.contains(&numbered) {
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
            path,
            numbered,
            unit: trail.unit().map(|it| it.into_owned()),
            cell,
            kind,
        });
        Ok(())
    }
}

/// The path with the numbers of rows alone.
fn numbered(way: &[Waypoint<'_>]) -> String {
    let segments = way.iter().map(|waypoint| match waypoint {
        Waypoint::Name(name) => Segment::Name(name.to_string()),
        Waypoint::Element(index) | Waypoint::Row(index, _) => Segment::Index(*index as u64),
    });
    segments.collect::<Path>().to_string()
}

/// The rows whose label was met first, by their path.
#[derive(Default)]
struct Rows(HashMap<String, usize>);

impl Rows {
    fn path(&mut self, way: &[Waypoint<'_>]) -> String {
        let mut segments = Vec::with_capacity(way.len());
        for waypoint in way {
            let segment = match waypoint {
                Waypoint::Name(name) => Segment::Name(name.to_string()),
                Waypoint::Element(index) => Segment::Index(*index as u64),
                Waypoint::Row(index, label) => {
                    let label = label.and_then(|it| self.label(&segments, *index, it));
                    label.unwrap_or(Segment::Index(*index as u64))
                }
            };
            segments.push(segment);
        }
        segments.into_iter().collect::<Path>().to_string()
    }

    /// The label of a row, if that is a name for it and for no earlier row.
    fn label(&mut self, table: &[Segment], index: usize, label: Text<'_>) -> Option<Segment> {
        let label = label.to_str().into_owned();
        if label.is_empty() || label.contains(char::is_control) {
            return None;
        }
        let label = Segment::Label(label);
        let row = table.iter().chain([&label]).cloned().collect::<Path>();
        let first = *self.0.entry(row.to_string()).or_insert(index);
        (first == index).then_some(label)
    }
}
