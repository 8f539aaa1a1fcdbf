//! From a path to its place in the bytes.

use std::fmt;

use crate::extent::Declared;
use crate::nearest::nearest;
use crate::path::{Path, PathError, Segment};
use crate::plan::{Kind, Leaf, Many, Plan, Shape, Table, Variables};
use crate::value::Value;
use crate::walk::text_of;

/// A path that leads to no value.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
///
/// let plan = Plan::new(catalogue::find("MumbleLink").expect("it is in the catalogue"))?;
/// let error = plan.view(&[0; 4]).get("uiTikc").unwrap_err();
/// assert_eq!(error.to_string(), "`uiTikc`: there is no field `uiTikc`; did you mean `uiTick`?");
/// assert!(plan.view(&[0; 4]).get("uiTick").unwrap_err().is_absent());
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupError {
    path: String,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Syntax(PathError),
    NoField {
        name: String,
        near: Option<String>,
    },
    NoIndex {
        index: u64,
        len: usize,
    },
    NoLabel(String),
    /// The region ends before.
    Absent,
    /// It stops at a struct, an array of structs or a table.
    NotAValue,
    NotATable,
    /// It goes on after a value.
    TooLong,
}

impl LookupError {
    pub(crate) fn new(path: &str, reason: Reason) -> Self {
        Self {
            path: path.to_owned(),
            reason,
        }
    }

    /// Whether only the region lacks it: it ends before, or has no such row or variable at the moment.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(
            self.reason,
            Reason::Absent | Reason::NoLabel(_) | Reason::NoIndex { .. }
        )
    }
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: ", self.path.escape_debug())?;
        match &self.reason {
            Reason::Syntax(error) => error.fmt(f),
            Reason::NoField { name, near } => {
                write!(f, "there is no field `{}`", name.escape_debug())?;
                let Some(near) = near else { return Ok(()) };
                write!(f, "; did you mean `{near}`?")
            }
            Reason::NoIndex { index, len } => write!(f, "there is no [{index}] among {len}"),
            Reason::NoLabel(label) => write!(f, "no row is labelled {label:?}"),
            Reason::Absent => f.write_str("the region does not have it"),
            Reason::NotAValue => f.write_str("it holds values; a path leads to one of them"),
            Reason::NotATable => f.write_str("it is not a table"),
            Reason::TooLong => f.write_str("the path goes on after a value"),
        }
    }
}

impl std::error::Error for LookupError {}

/// How far a path has led.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) region: &'a [u8],
    /// The struct that has it, and where that begins in the region.
    pub(crate) structure: &'a [u8],
    pub(crate) base: usize,
    /// Where it is in the struct.
    pub(crate) at: usize,
    pub(crate) place: Place<'a>,
}

/// What is at a [`Spot`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'a> {
    Leaf(Leaf),
    Many(&'a Many),
    Record(usize),
    Table(&'a Table),
}

impl<'a> Spot<'a> {
    pub(crate) fn follow(self, path: &Path) -> Result<Self, Reason> {
        path.segments().iter().try_fold(self, Self::step)
    }

    /// The value there.
    pub(crate) fn value(&self) -> Result<Value<'a>, Reason> {
        let value = self.leaf()?.read(&self.plan.names, self.structure, self.at);
        value.ok_or(Reason::Absent)
    }

    /// What decodes to a value there.
    pub(crate) fn leaf(&self) -> Result<Leaf, Reason> {
        match self.place {
            Place::Leaf(leaf) => Ok(leaf),
            _ => Err(Reason::NotAValue),
        }
    }

    fn step(self, segment: &Segment) -> Result<Self, Reason> {
        match (self.place, segment) {
            (Place::Record(number), Segment::Name(name)) => self.member(number, name),
            (Place::Leaf(Leaf::Array { scalar, count }), Segment::Index(index)) => {
                let index = within(*index, count)?;
                Ok(self.to(
                    self.at + index * scalar.size(),
                    Place::Leaf(Leaf::Scalar(scalar)),
                ))
            }
            (Place::Leaf(_), _) => Err(Reason::TooLong),
            (Place::Many(many), Segment::Index(index)) => {
                let at = self.at + within(*index, many.count)? * many.stride;
                self.enter(at, &many.element)
            }
            (Place::Table(table), Segment::Index(index)) => {
                let extent = table.rows.extent(self.structure);
                let index = within(*index, extent.count)?;
                let row = extent.row(self.structure, index).ok_or(Reason::Absent)?;
                Ok(self.row(row, table.shape))
            }
            (Place::Table(table), Segment::Label(label)) => self.labelled(table, label),
            (Place::Record(_), Segment::Index(_) | Segment::Label(_)) => Err(Reason::NotATable),
            _ => Err(Reason::NotAValue),
        }
    }

    fn member(self, number: usize, name: &str) -> Result<Self, Reason> {
        let shape: &'a Shape = &self.plan.shapes[number];
        if let Some(member) = shape.index.get(name) {
            let member = &shape.members[*member];
            return self.enter(member.offset, &member.kind);
        }
        let kinds = shape.members.iter().map(|it| &it.kind);
        let variables = kinds.filter_map(|kind| match kind {
            Kind::Variables(variables) => Some(&**variables),
            _ => None,
        });
        let mut variables = variables.filter_map(|it| self.variable(it, name));
        variables.next().ok_or_else(|| {
            let near = nearest(name, shape.index.keys().map(String::as_str));
            Reason::NoField {
                name: name.to_owned(),
                near: near.map(str::to_owned),
            }
        })
    }

    /// The variable of this name, if it is declared and lies in the buffer.
    fn variable(self, variables: &'a Variables, name: &str) -> Option<Self> {
        let declared = Declared::new(variables, self.region);
        let mut all = (0..declared.extent.count).filter_map(|index| declared.variable(index));
        let found = all.find(|it| it.name == name)?;
        Some(Self {
            structure: self.region,
            base: 0,
            at: found.at,
            place: Place::Leaf(found.leaf),
            ..self
        })
    }

    fn enter(self, at: usize, kind: &'a Kind) -> Result<Self, Reason> {
        match kind {
            Kind::Leaf(leaf) => Ok(self.to(at, Place::Leaf(*leaf))),
            Kind::Many(many) => Ok(self.to(at, Place::Many(many))),
            Kind::Table(table) => Ok(self.to(0, Place::Table(table))),
            Kind::Record(number) => Ok(Self {
                structure: self.structure.get(at..).ok_or(Reason::Absent)?,
                base: self.base + at,
                at: 0,
                place: Place::Record(*number),
                ..self
            }),
            Kind::Block(block) => {
                let (at, leaf, _) = block.leaf(self.region).ok_or(Reason::Absent)?;
                Ok(self.to(at, Place::Leaf(leaf)))
            }
            Kind::Variables(_) => Err(Reason::NotAValue),
        }
    }

    fn labelled(self, table: &'a Table, label: &str) -> Result<Self, Reason> {
        let shape = &self.plan.shapes[table.shape];
        let member = table.label.ok_or(Reason::NotATable)?;
        let extent = table.rows.extent(self.structure);
        let mut rows = (0..extent.count).filter_map(|it| extent.row(self.structure, it));
        let found = rows.find(|(_, row)| {
            let text = text_of(self.plan, shape, member, row);
            text.is_some_and(|text| text == label)
        });
        let row = found.ok_or_else(|| Reason::NoLabel(label.to_owned()))?;
        Ok(self.row(row, table.shape))
    }

    fn row(self, (at, bytes): (usize, &'a [u8]), shape: usize) -> Self {
        Self {
            structure: bytes,
            base: self.base + at,
            at: 0,
            place: Place::Record(shape),
            ..self
        }
    }

    fn to(self, at: usize, place: Place<'a>) -> Self {
        Self { at, place, ..self }
    }
}

fn within(index: u64, len: usize) -> Result<usize, Reason> {
    let fits = usize::try_from(index).ok().filter(|it| *it < len);
    fits.ok_or(Reason::NoIndex { index, len })
}
