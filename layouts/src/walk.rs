//! Every value of a region, in order.

use std::borrow::Cow;
use std::fmt;

use crate::cell::Cell;
use crate::extent::{Declared, Extent, Variable};
use crate::model::Field;
use crate::path::write_name;
use crate::plan::{Kind, Leaf, Many, Plan, Shape, Table};
use crate::text::Text;
use crate::types::Type;
use crate::value::{Array, Value, read_scalar};

/// Every value of a region, in order: fields by offset, then tables, texts and variables.
///
/// [`trail`](Self::trail) says where the value is that came last. What the region does not have is left out.
///
/// ```
/// use win_shared_memory_layouts::{Layout, Plan};
///
/// let layout = Layout::from_toml(r#"
///     format = 1
///     id = "car"
///     [[struct]]
///     name = "Car"
///     fields = [{ offset = 0, name = "wheels", type = "Wheel[2]" }]
///     [[struct]]
///     name = "Wheel"
///     fields = [{ offset = 0, name = "pressure", type = "u16", unit = "kPa" }]
/// "#)?;
/// let plan = Plan::new(&layout)?;
/// let bytes = [210, 0, 215, 0];
/// let mut walk = plan.view(&bytes).walk();
/// while let Some(value) = walk.next() {
///     let trail = walk.trail();
///     println!("{trail} = {value} {}", trail.unit().unwrap_or_default());
/// }
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    plan: &'a Plan,
    region: &'a [u8],
    stack: Vec<Frame<'a>>,
    /// How many steps are left: a layout whose tables lie over each other would go on for very long.
    budget: u64,
    truncated: bool,
}

/// One level of what is being walked.
#[derive(Clone, Debug)]
struct Frame<'a> {
    level: Level<'a>,
    /// The bytes from the beginning of the struct, the array or the table.
    bytes: &'a [u8],
    /// Where these bytes begin in the region.
    base: usize,
    /// The member, the element or the row that comes next.
    next: usize,
}

#[derive(Clone, Debug)]
enum Level<'a> {
    /// The number of the shape, and the unit of its row.
    Record(&'a Shape, usize, Option<Text<'a>>),
    Many(&'a Many),
    Rows(&'a Table, Extent),
    Variables(Declared<'a>, Option<Variable<'a>>),
}

/// The way to a value: [`Walk::trail`] gives it out.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
/// let mut walk = plan.view(&[0; 20]).walk();
/// walk.nth(2);
/// assert_eq!(walk.trail().to_string(), "fAvatarPosition");
/// assert_eq!(walk.trail().unit().as_deref(), Some("m"));
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Trail<'w, 'a> {
    walk: &'w Walk<'a>,
}

/// A step of the way to a value: what [`Trail::steps`] gives out.
///
/// ```
/// use win_shared_memory_layouts::{Plan, Waypoint, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("core-temp").expect("it is in the catalogue"))?;
/// let bytes = vec![0; plan.size()];
/// let mut walk = plan.view(&bytes).walk();
/// walk.next();
/// let steps: Vec<_> = walk.trail().steps().collect();
/// assert!(matches!(&steps[..], [Waypoint::Name(name)] if name == "uiLoad"));
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Debug)]
pub enum Waypoint<'a> {
    /// A field, a table, a text or a variable.
    Name(Cow<'a, str>),
    /// An element of an array.
    Element(usize),
    /// A row of a table, and the text that names it, if the table says which text does.
    Row(usize, Option<Text<'a>>),
}

impl<'a> Walk<'a> {
    pub(crate) fn new(plan: &'a Plan, region: &'a [u8]) -> Self {
        Self::of(plan, region, 0, region, 0, None)
    }

    /// The values of a struct at `base`.
    pub(crate) fn of(
        plan: &'a Plan,
        region: &'a [u8],
        shape: usize,
        bytes: &'a [u8],
        base: usize,
        unit: Option<Text<'a>>,
    ) -> Self {
        let level = Level::Record(&plan.shapes[shape], shape, unit);
        let mut stack = Vec::with_capacity(8);
        stack.push(Frame {
            level,
            bytes,
            base,
            next: 0,
        });
        Self {
            plan,
            region,
            stack,
            budget: 65_536 + 16 * region.len() as u64,
            truncated: false,
        }
    }

    /// The way to the value that `next` has given out last.
    #[must_use]
    pub fn trail(&self) -> Trail<'_, 'a> {
        Trail { walk: self }
    }

    /// Whether the region has claimed more than it has, or more than the layout allows, so far.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// The next element, row or variable; the level ends where there is none.
    fn element(&mut self) -> Option<Value<'a>> {
        let plan = self.plan;
        let frame = self.stack.last_mut()?;
        let (index, bytes, base) = (frame.next, frame.bytes, frame.base);
        frame.next += 1;
        match &mut frame.level {
            Level::Many(many) if index < many.count => {
                let many = *many;
                let at = index
                    .checked_mul(many.stride)
                    .filter(|at| *at < bytes.len());
                if let Some(at) = at {
                    return self.enter(&many.element, at, bytes, base);
                }
            }
            Level::Rows(table, extent) => {
                if let Some((at, row)) = extent.row(bytes, index) {
                    let shape = &plan.shapes[table.shape];
                    let unit = table.unit.and_then(|it| text_of(plan, shape, it, row));
                    let level = Level::Record(shape, table.shape, unit);
                    self.push(level, row, base + at);
                    return None;
                }
            }
            Level::Variables(declared, current) if index < declared.extent.count => {
                *current = declared.variable(index);
                let found = current.and_then(|it| it.leaf.read(&plan.names, self.region, it.at));
                self.truncated |= found.is_none();
                return found;
            }
            _ => {}
        }
        self.stack.pop();
        None
    }

    /// Begins with what stands at an offset, or decodes it.
    fn enter(
        &mut self,
        kind: &'a Kind,
        at: usize,
        bytes: &'a [u8],
        base: usize,
    ) -> Option<Value<'a>> {
        match kind {
            Kind::Leaf(leaf) => return leaf.read(&self.plan.names, bytes, at),
            Kind::Record(number) => {
                let level = Level::Record(&self.plan.shapes[*number], *number, None);
                self.push(level, bytes.get(at..)?, base + at);
            }
            Kind::Many(many) => self.push(Level::Many(many), bytes.get(at..)?, base + at),
            Kind::Table(table) => {
                let extent = table.rows.extent(bytes);
                self.truncated |= extent.cut.is_some();
                self.push(Level::Rows(table, extent), bytes, base);
            }
            Kind::Block(block) => {
                let (at, leaf, cut) = block.leaf(self.region)?;
                self.truncated |= cut;
                return leaf.read(&self.plan.names, self.region, at);
            }
            Kind::Variables(variables) => {
                let declared = Declared::new(variables, self.region);
                self.truncated |= declared.extent.cut.is_some();
                self.push(Level::Variables(declared, None), bytes, base);
            }
        }
        None
    }

    fn push(&mut self, level: Level<'a>, bytes: &'a [u8], base: usize) {
        let Some(left) = self.budget.checked_sub(1) else {
            self.truncated = true;
            self.stack.clear();
            return;
        };
        self.budget = left;
        self.stack.push(Frame {
            level,
            bytes,
            base,
            next: 0,
        });
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Value<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Value<'a>> {
        let plan = self.plan;
        loop {
            let frame = self.stack.last_mut()?;
            let Level::Record(shape, ..) = frame.level else {
                match self.element() {
                    None => continue,
                    value => return value,
                }
            };
            if let Some(Some(number)) = shape.numbers.get(frame.next) {
                frame.next += 1;
                // Inlined into the caller's match: passing a number through memory would cost more than reading it.
                if let value @ Some(_) = read_scalar(number.scalar, frame.bytes, number.offset) {
                    return value;
                }
                // What follows lies even further out.
                frame.next = shape.fixed;
                continue;
            }
            let Some(member) = shape.members.get(frame.next) else {
                self.stack.pop();
                continue;
            };
            frame.next += 1;
            match &member.kind {
                Kind::Leaf(_) if member.end > frame.bytes.len() => {
                    frame.next = shape.fixed.max(frame.next);
                }
                Kind::Leaf(Leaf::Array { scalar, .. }) => {
                    let bytes = frame.bytes.get(member.offset..member.end)?;
                    return Some(Value::Array(Array::new(*scalar, bytes)));
                }
                Kind::Leaf(leaf) => return leaf.read(&plan.names, frame.bytes, member.offset),
                kind => {
                    let (bytes, base) = (frame.bytes, frame.base);
                    if let Some(value) = self.enter(kind, member.offset, bytes, base) {
                        return Some(value);
                    }
                }
            }
        }
    }
}

impl<'a> Trail<'_, 'a> {
    /// The field, if the layout has one for the value: tables have, texts and variables have not.
    #[must_use]
    pub fn field(&self) -> Option<&'a Field> {
        let walk = self.walk;
        let record = walk.stack.iter().rev().find_map(|frame| match frame.level {
            Level::Record(shape, number, _) => Some((shape, number, frame.next)),
            _ => None,
        });
        let (shape, number, next) = record?;
        let position = shape.members.get(next.checked_sub(1)?)?.field?;
        walk.plan.layout.structs[number].fields.get(position)
    }

    /// The unit: of the field, of the row for numbers with a fraction, or of the variable.
    #[must_use]
    pub fn unit(&self) -> Option<Cow<'a, str>> {
        if let Some(Level::Variables(_, Some(variable))) = self.level() {
            return Some(variable.unit?.to_str()).filter(|it| !it.is_empty());
        }
        let field = self.field()?;
        if let Some(unit) = &field.unit {
            return Some(Cow::Borrowed(unit));
        }
        let Type::Scalar(scalar) = field.ty.innermost() else {
            return None;
        };
        match self.level() {
            Some(Level::Record(.., Some(unit))) if scalar.is_float() => Some(unit.to_str()),
            _ => None,
        }
    }

    /// What the value means, if the layout or the variable says.
    #[must_use]
    pub fn doc(&self) -> Option<Cow<'a, str>> {
        match self.level() {
            Some(Level::Variables(_, Some(variable))) => Some(variable.doc?.to_str()),
            _ => Some(Cow::Borrowed(self.field()?.doc.as_deref()?)),
        }
    }

    /// The steps of the way, from the root.
    ///
    /// ```
    /// use win_shared_memory_layouts::{Plan, Waypoint, catalogue};
    ///
    /// let plan = Plan::new(catalogue::by_id("gpu-z").expect("it is in the catalogue"))?;
    /// let mut bytes = vec![0; plan.size()];
    /// plan.edit(&mut bytes).set("sensors[3].name", "Fan")?;
    /// let mut walk = plan.view(&bytes).walk();
    /// let fan = |it: Waypoint| matches!(it, Waypoint::Row(3, Some(label)) if label == "Fan");
    /// while walk.next().is_some() && !walk.trail().steps().any(fan) {}
    /// assert_eq!(walk.trail().to_string(), "sensors[3].name");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn steps(&self) -> impl Iterator<Item = Waypoint<'a>> + use<'_, 'a> {
        let plan = self.walk.plan;
        self.walk.stack.iter().filter_map(move |frame| {
            let last = frame.next.checked_sub(1)?;
            match &frame.level {
                Level::Record(shape, ..) => {
                    let name = &*shape.members.get(last)?.name;
                    (!name.is_empty()).then_some(Waypoint::Name(Cow::Borrowed(name)))
                }
                Level::Many(_) => Some(Waypoint::Element(last)),
                Level::Rows(table, extent) => {
                    let (_, row) = extent.row(frame.bytes, last)?;
                    let shape = &plan.shapes[table.shape];
                    let label = table.label.and_then(|it| text_of(plan, shape, it, row));
                    Some(Waypoint::Row(last, label))
                }
                Level::Variables(_, variable) => Some(Waypoint::Name((*variable)?.name.to_str())),
            }
        })
    }

    /// Where the value is, so that it can be read from later copies without a walk.
    #[must_use]
    pub fn cell(&self) -> Option<Cell> {
        let frame = self.walk.stack.last()?;
        let last = frame.next.checked_sub(1)?;
        let here = |at, leaf| Some(Cell::new(frame.base, frame.bytes.len(), at, leaf));
        let anywhere = |at, leaf| Some(Cell::new(0, self.walk.region.len(), at, leaf));
        match &frame.level {
            Level::Record(shape, ..) => {
                let member = shape.members.get(last)?;
                match &member.kind {
                    Kind::Leaf(leaf) => here(member.offset, *leaf),
                    Kind::Block(block) => {
                        let (at, leaf, _) = block.leaf(self.walk.region)?;
                        anywhere(at, leaf)
                    }
                    _ => None,
                }
            }
            Level::Many(many) => match many.element {
                Kind::Leaf(leaf) => here(last.checked_mul(many.stride)?, leaf),
                _ => None,
            },
            Level::Variables(_, variable) => {
                let variable = (*variable)?;
                anywhere(variable.at, variable.leaf)
            }
            Level::Rows(..) => None,
        }
    }

    fn level(&self) -> Option<&Level<'a>> {
        self.walk.stack.last().map(|frame| &frame.level)
    }
}

/// The path, as [`Region::get`](crate::Region::get) takes it.
impl fmt::Display for Trail<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for frame in &self.walk.stack {
            let last = frame.next.saturating_sub(1);
            match &frame.level {
                Level::Many(_) | Level::Rows(..) => write!(f, "[{last}]")?,
                Level::Variables(_, Some(variable)) => {
                    write_name(f, &variable.name.to_str(), true)?;
                }
                Level::Variables(_, None) => {}
                Level::Record(shape, ..) => {
                    let name = shape.members.get(last).map_or("", |it| &it.name);
                    if !name.is_empty() {
                        write_name(f, name, first)?;
                        first = false;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The text that a member of a row is.
pub(crate) fn text_of<'a>(
    plan: &'a Plan,
    shape: &'a Shape,
    member: usize,
    row: &'a [u8],
) -> Option<Text<'a>> {
    let member = &shape.members[member];
    match &member.kind {
        Kind::Leaf(leaf) => leaf.read(&plan.names, row, member.offset)?.as_text(),
        _ => None,
    }
}
