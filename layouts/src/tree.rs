//! The members of a record, as a tree: for programs that keep the structure, and not the values alone.

use std::borrow::Cow;

use crate::extent::Declared;
use crate::model::Field;
use crate::plan::{Kind, Leaf, Many, Plan};
use crate::region::{Record, Region, TableView};
use crate::types::Type;
use crate::value::Value;

/// Every member of a record: fields by offset, then tables, texts and variables. [`Record::members`] makes it.
///
/// Members of the root and of the rows of one table always come in this order, whatever the region has: one that
/// it does not have is [`Content::Absent`]. Only variables come and go, as the region declares them.
///
/// ```
/// use win_shared_memory_layouts::{Content, Plan, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
/// let members = plan.view(&[0; 20]).root().members();
/// let there: Vec<_> = members
///     .filter(|it| !matches!(it.content, Content::Absent))
///     .map(|it| it.name.into_owned())
///     .collect();
/// assert_eq!(there, ["uiVersion", "uiTick", "fAvatarPosition"]);
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Members<'a> {
    record: Record<'a>,
    next: usize,
    variables: Option<(Declared<'a>, usize)>,
}

/// One member of a record.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
/// let bytes = vec![0; plan.size()];
/// let position = plan.view(&bytes).root().members().nth(2).expect("it is the third");
/// assert_eq!((&*position.name, position.unit.as_deref()), ("fAvatarPosition", Some("m")));
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Member<'a> {
    /// Its name: that of a variable is what the region says.
    pub name: Cow<'a, str>,
    /// Its field, if the layout has one: tables, texts and variables have none.
    pub field: Option<&'a Field>,
    /// The unit: of the field, of the row for numbers with a fraction, or of the variable.
    pub unit: Option<Cow<'a, str>>,
    /// What it is.
    pub content: Content<'a>,
}

/// What a member of a record is.
///
/// ```
/// use win_shared_memory_layouts::{Content, Plan, Record, catalogue};
///
/// /// How many values a record holds, and what is in it.
/// fn count(record: &Record<'_>) -> usize {
///     let of = |content: Content<'_>| match content {
///         Content::Value(_) => 1,
///         Content::Record(record) => count(&record),
///         Content::Table(table) => table.rows().map(|row| count(&row)).sum(),
///         _ => 0,
///     };
///     record.members().map(|member| of(member.content)).sum()
/// }
///
/// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
/// assert_eq!(count(&plan.view(&[0; 20]).root()), 3);
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Content<'a> {
    /// The region ends before it.
    Absent,
    /// One value, which an array of numbers is, too.
    Value(Value<'a>),
    /// A struct.
    Record(Record<'a>),
    /// An array of what is not a number.
    Elements(Elements<'a>),
    /// A table.
    Table(TableView<'a>),
}

/// The elements of an array that are not numbers: structs, texts, arrays.
///
/// ```
/// use win_shared_memory_layouts::{Content, Layout, Plan};
///
/// let layout = Layout::from_toml(r#"
///     format = 1
///     id = "car"
///     [[struct]]
///     name = "Car"
///     fields = [{ offset = 0, name = "wheels", type = "Wheel[4]" }]
///     [[struct]]
///     name = "Wheel"
///     fields = [{ offset = 0, name = "pressure", type = "u16", unit = "kPa" }]
/// "#)?;
/// let plan = Plan::new(&layout)?;
/// let wheels = plan.view(&[0; 8]).root().members().next().expect("it has one member");
/// let Content::Elements(wheels) = wheels.content else { panic!("it is an array of structs") };
/// assert_eq!(wheels.len(), 4);
/// assert!(wheels.iter().all(|it| matches!(it, Content::Record(_))));
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Elements<'a> {
    region: Region<'a>,
    many: &'a Many,
    /// From its beginning to the end of the record.
    bytes: &'a [u8],
    base: usize,
}

impl<'a> Record<'a> {
    /// Its members.
    #[must_use]
    pub fn members(&self) -> Members<'a> {
        Members {
            record: *self,
            next: 0,
            variables: None,
        }
    }
}

impl Plan {
    /// The names of the members of a struct, in the order of [`Record::members`]. Of the root, variables are left out.
    ///
    /// ```
    /// use win_shared_memory_layouts::{Plan, catalogue};
    ///
    /// let plan = Plan::new(catalogue::by_id("hwinfo").expect("it is in the catalogue"))?;
    /// let names = plan.member_names("HWiNFO_SENSORS_SHARED_MEM2");
    /// assert_eq!(names.last(), Some("readings"));
    /// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
    /// ```
    pub fn member_names(&self, structure: &str) -> impl Iterator<Item = &str> {
        let structs = &self.layout().structs;
        let number = structs.iter().position(|it| it.name == structure);
        let members = number.map_or(&[][..], |number| &self.shapes[number].members);
        let named = members.iter().filter(|it| !it.name.is_empty());
        named.map(|it| it.name.as_str())
    }
}

impl<'a> Members<'a> {
    fn variable(&mut self) -> Option<Member<'a>> {
        let (declared, next) = self.variables.as_mut()?;
        while *next < declared.extent.count {
            let found = declared.variable(*next);
            *next += 1;
            let Some(variable) = found else { continue };
            let (plan, region) = (self.record.plan(), self.record.region().bytes());
            let value = variable.leaf.read(&plan.names, region, variable.at);
            return Some(Member {
                name: variable.name.to_str(),
                field: None,
                unit: variable
                    .unit
                    .map(|it| it.to_str())
                    .filter(|it| !it.is_empty()),
                content: value.map_or(Content::Absent, Content::Value),
            });
        }
        None
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let plan = self.record.plan();
        let shape = self.record.shape();
        loop {
            if self.variables.is_some() {
                return self.variable();
            }
            let member = plan.shapes[shape].members.get(self.next)?;
            self.next += 1;
            if let Kind::Variables(variables) = &member.kind {
                // They are the last member.
                self.variables = Some((Declared::new(variables, self.record.region().bytes()), 0));
                continue;
            }
            let fields = &plan.layout.structs[shape].fields;
            let field = member.field.and_then(|it| fields.get(it));
            return Some(Member {
                name: Cow::Borrowed(&member.name),
                field,
                unit: field.and_then(|it| self.record.unit_of(it)),
                content: content(&self.record, &member.kind, member.offset),
            });
        }
    }
}

impl<'a> Elements<'a> {
    /// How many there are, as the layout says.
    #[must_use]
    pub fn len(&self) -> usize {
        self.many.count
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them; those that the region does not have are [`Content::Absent`].
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Content<'a>> + use<'a> {
        let this = *self;
        (0..this.len()).map(move |index| {
            let at = index.saturating_mul(this.many.stride);
            at_offset(this.region, this.bytes, this.base, &this.many.element, at)
        })
    }
}

impl<'a> Record<'a> {
    /// The unit of a field: its own, or that of the row if it is a number with a fraction.
    fn unit_of(&self, field: &'a Field) -> Option<Cow<'a, str>> {
        if let Some(unit) = &field.unit {
            return Some(Cow::Borrowed(unit));
        }
        match field.ty.innermost() {
            Type::Scalar(scalar) if scalar.is_float() => self.unit().map(|it| it.to_str()),
            _ => None,
        }
    }
}

/// What stands at an offset of a record.
fn content<'a>(record: &Record<'a>, kind: &'a Kind, at: usize) -> Content<'a> {
    let region = record.region();
    match kind {
        Kind::Table(table) => Content::Table(record.table_view(table)),
        Kind::Block(block) => {
            let found = block.leaf(region.bytes());
            let names = &record.plan().names;
            let value = found.and_then(|(at, leaf, _)| leaf.read(names, region.bytes(), at));
            value.map_or(Content::Absent, Content::Value)
        }
        kind => at_offset(region, record.bytes(), record.base(), kind, at),
    }
}

/// What stands at an offset of these bytes, which begin at `base` of the region.
fn at_offset<'a>(
    region: Region<'a>,
    bytes: &'a [u8],
    base: usize,
    kind: &'a Kind,
    at: usize,
) -> Content<'a> {
    let names = &region.plan().names;
    let leaf = |leaf: &Leaf| leaf.read(names, bytes, at).map(Content::Value);
    let found = match kind {
        Kind::Leaf(it) => leaf(it),
        Kind::Record(number) => bytes
            .get(at..)
            .filter(|rest| !rest.is_empty())
            .map(|rest| Content::Record(Record::at(region, *number, rest, base + at))),
        Kind::Many(many) => bytes.get(at..).filter(|rest| !rest.is_empty()).map(|rest| {
            Content::Elements(Elements {
                region,
                many,
                bytes: rest,
                base: base + at,
            })
        }),
        Kind::Table(_) | Kind::Block(_) | Kind::Variables(_) => None,
    };
    found.unwrap_or(Content::Absent)
}
