//! Whether a type, or another layout, has its fields where a layout says.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::Hash;

use crate::declare::{Declared, Element, Is, Member, Unit, declare};
use crate::model::Layout;
use crate::names::snake;
use crate::problem::LayoutError;
use crate::types::{Scalar, Type};

/// More differences than these are not told.
const MOST: usize = 20;

/// A field that differs: see [`Layout::compare_type`] and [`Layout::differences`].
///
/// ```
/// use win_shared_memory_layouts::Layout;
///
/// let [old, new] = ["u32", "u64"].map(|ty| {
///     let schema = format!(r#"{{"size":8,"align":4,"fields":[{{"name":"tick","offset":0,"type":"{ty}"}}]}}"#);
///     Layout::from_schema("game", &schema).unwrap()
/// });
/// let difference = &old.differences(&new)?[0];
/// assert_eq!((difference.path(), difference.offset()), ("tick", 0));
/// assert_eq!(difference.to_string(), "`tick` at offset 0: it is `u64`, the first has `u32`");
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Difference {
    path: String,
    offset: u64,
    message: String,
}

impl Difference {
    fn whole(message: impl fmt::Display) -> Self {
        Self {
            path: String::new(),
            offset: 0,
            message: message.to_string(),
        }
    }

    /// The path of the field, by its names in the type or in the other layout; by those in the layout where only it
    /// has the field. It is empty if the whole differs.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where the field is, from the beginning of the struct that holds it, in bytes.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.path {
            "" => f.write_str(&self.message),
            path => write!(f, "`{path}` at offset {}: {}", self.offset, self.message),
        }
    }
}

/// As it is displayed: tests that return it show it so.
impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Difference {}

impl Layout {
    /// Compares a type of yours with a struct of this layout: for a test of those who write their types themselves.
    ///
    /// `schema` describes the type: `win_shared_memory::schema!(Lamp)`.
    ///
    /// Every field of the struct must be in the type, at the same offset, with the same size and the same name. Names
    /// are compared as Rust would write them: `mEngineRPM` and `engine_rpm` are the same. The type may have a `u8`
    /// for a `bool`, an integer with other names of values, arrays where the layout has a struct of equal numbers,
    /// and bytes where the layout has nothing. A table is a field if it has a fixed place; its rows are a struct of
    /// their own.
    ///
    /// # Errors
    ///
    /// The first field that differs. An error without a path if the sizes differ, if the layout has no such struct,
    /// or if the text is not a schema.
    ///
    /// ```
    /// use win_shared_memory_layouts::Layout;
    ///
    /// let layout = Layout::from_toml(r#"
    ///     format = 1
    ///     id = "lamp"
    ///
    ///     [[struct]]
    ///     name = "Lamp"
    ///     size = 8
    ///     fields = [
    ///       { offset = 0, name = "bOn",     type = "bool32" },
    ///       { offset = 4, name = "fBright", type = "f32" },
    ///     ]
    /// "#)?;
    ///
    /// // In a test of yours: schema!(Lamp).
    /// let schema = r#"{"size":8,"align":4,"fields":[{"name":"on","offset":0,"type":"u32"},{"name":"bright","offset":4,"type":"u32"}]}"#;
    /// let difference = layout.compare_type("Lamp", schema).unwrap_err();
    /// assert_eq!(difference.to_string(), "`bright` at offset 4: it is `u32`, the layout has `f32`");
    /// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
    /// ```
    pub fn compare_type(&self, structure: &str, schema: &str) -> Result<(), Difference> {
        let of_type = Self::from_schema("type", schema).map_err(Difference::whole)?;
        let (ours, theirs) = ([self], [&of_type]);
        let ours = declare(&ours).map_err(Difference::whole)?;
        let theirs = declare(&theirs).map_err(Difference::whole)?;
        let (Some(it), Some(root)) = (ours.structure(structure), theirs.root()) else {
            let message = format!("the layout has no struct `{structure}`");
            return Err(Difference::whole(message));
        };
        let mut comparison = Comparison {
            ours: &ours,
            theirs: &theirs,
            is_type: true,
            seen: HashSet::new(),
            found: Vec::new(),
        };
        comparison.structs("", it, root);
        comparison.found.into_iter().next().map_or(Ok(()), Err)
    }

    /// What another layout has differently, by offset: its root, and the rows of tables of the same name. At most
    /// 20 differences are found.
    ///
    /// # Errors
    ///
    /// A layout is not sound: see [`Layout::check`].
    ///
    /// ```
    /// use win_shared_memory_layouts::catalogue;
    ///
    /// let [first, second] = ["assetto-corsa-static", "acc-static"].map(|id| catalogue::by_id(id).unwrap());
    /// let differences = first.differences(second)?;
    /// let expected = "`aid_tyre_rate` at offset 472: the first calls it `aid_tire_rate`";
    /// assert_eq!(differences[0].to_string(), expected);
    /// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
    /// ```
    pub fn differences(&self, other: &Self) -> Result<Vec<Difference>, LayoutError> {
        let (ours, theirs) = ([self], [other]);
        let (ours, theirs) = (declare(&ours)?, declare(&theirs)?);
        let mut comparison = Comparison {
            ours: &ours,
            theirs: &theirs,
            is_type: false,
            seen: HashSet::new(),
            found: Vec::new(),
        };
        if let (Some(it), Some(other)) = (ours.root(), theirs.root()) {
            comparison.structs("", it, other);
        }
        Ok(comparison.found)
    }
}

struct Comparison<'a> {
    ours: &'a Unit<'a>,
    theirs: &'a Unit<'a>,
    /// Whether the other one is a type.
    is_type: bool,
    /// Pairs of structs that have been compared, which would differ in the same way again.
    seen: HashSet<(&'a str, &'a str)>,
    found: Vec<Difference>,
}

impl<'a> Comparison<'a> {
    fn structs(&mut self, path: &str, ours: &'a Declared, theirs: &'a Declared) {
        if !self.seen.insert((&ours.name, &theirs.name)) {
            return;
        }
        for pair in pairs(ours, theirs) {
            match pair {
                (Some(it), Some(other)) => self.members(path, it, other),
                (Some(it), None) => self.missing(path, it),
                (None, Some(other)) if self.is_padding(ours, other) => {}
                (None, Some(other)) => {
                    let ours = self.ours();
                    self.differ(path, other, format!("{ours} has no such field"));
                }
                (None, None) => {}
            }
        }
        for table in &theirs.tables {
            let same = ours.tables.iter().find(|it| it.name == table.name);
            let row = same.and_then(|same| self.ours.structure(&same.of));
            if let (Some(row), Some(other)) = (row, self.theirs.structure(&table.of)) {
                self.structs(&join(path, &table.name), row, other);
            }
        }
        if ours.size != theirs.size && !(self.is_type && self.is_longer_by_padding(ours, theirs)) {
            let (size, own, ours) = (theirs.size, ours.size, self.ours());
            self.add(path, 0, format!("it has {size} bytes, {ours} has {own}"));
        }
    }

    /// Compares two members of one name or at one offset.
    fn members(&mut self, path: &str, it: &'a Member, other: &'a Member) {
        let name = it.name().unwrap_or_default();
        let other_name = other.name().unwrap_or_default();
        let ours = self.ours();
        if snake(name) != snake(other_name) {
            self.differ(path, other, format!("{ours} calls it `{name}`"));
        } else if it.offset != other.offset {
            self.differ(path, other, format!("{ours} has it at {}", it.offset));
        } else if let Some((inner, other_inner)) = self.held_by(it, other) {
            self.structs(&join(path, other_name), inner, other_inner);
        } else if !self.are_same_numbers(it, other) {
            let message = format!("it is {}, {ours} has {}", shown(other), shown(it));
            self.differ(path, other, message);
        }
    }

    /// The structs that two members are, if both have as many of them.
    fn held_by(&self, it: &Member, other: &Member) -> Option<(&'a Declared, &'a Declared)> {
        let (Element::Struct(inner), Element::Struct(other_inner)) = (&it.element, &other.element)
        else {
            return None;
        };
        let structs = (
            self.ours.structure(inner)?,
            self.theirs.structure(other_inner)?,
        );
        (it.counts == other.counts).then_some(structs)
    }

    fn are_same_numbers(&self, it: &Member, other: &Member) -> bool {
        let (scalar, other_scalar) = (self.ours.scalar(it), self.theirs.scalar(other));
        let (Some(scalar), Some(other_scalar)) = (scalar, other_scalar) else {
            return false;
        };
        let is_same = scalar == other_scalar
            || self.is_type
                && match scalar {
                    Scalar::Bool => other_scalar == Scalar::U8,
                    Scalar::Bool32 | Scalar::Bits32 => {
                        matches!(other_scalar, Scalar::I32 | Scalar::U32)
                    }
                    Scalar::Char => other_scalar == Scalar::U32,
                    _ => false,
                };
        is_same && it.size == other.size
    }

    /// Whether a member of a type is bytes where the layout has nothing.
    fn is_padding(&self, ours: &Declared, other: &Member) -> bool {
        let has_nothing = |it: &Member| it.name().is_none() || !it.overlaps(other);
        let is_bytes = self.theirs.scalar(other) == Some(Scalar::U8);
        self.is_type && is_bytes && ours.members.iter().all(has_nothing)
    }

    /// Whether a type has nothing more than padding after a struct whose size the layout leaves open.
    fn is_longer_by_padding(&self, ours: &Declared, theirs: &Declared) -> bool {
        let layout = self.ours.layouts[ours.place.0];
        let declared = layout.structure(&ours.name).and_then(|it| it.size);
        let whole = layout.size.filter(|_| ours.is_root);
        declared.or(whole).is_none() && theirs.size == ours.size.next_multiple_of(theirs.align)
    }

    fn missing(&mut self, path: &str, it: &Member) {
        let other = if self.is_type {
            "the type"
        } else {
            "the other"
        };
        let message = format!("{other} lacks it; {} has {}", self.ours(), shown(it));
        self.differ(path, it, message);
    }

    fn ours(&self) -> &'static str {
        if self.is_type {
            "the layout"
        } else {
            "the first"
        }
    }

    fn differ(&mut self, path: &str, it: &Member, message: String) {
        self.add(
            &join(path, it.name().unwrap_or_default()),
            it.offset,
            message,
        );
    }

    fn add(&mut self, path: &str, offset: u64, message: String) {
        if self.found.len() < MOST {
            self.found.push(Difference {
                path: path.to_owned(),
                offset,
                message,
            });
        }
    }
}

type Pair<'a> = (Option<&'a Member>, Option<&'a Member>);

/// Members of one name, then those at one offset, then those that the other does not have; by offset.
fn pairs<'a>(ours: &'a Declared, theirs: &'a Declared) -> Vec<Pair<'a>> {
    let named = |it: &'a Declared| it.members.iter().filter(|it| it.name().is_some());
    let mut pairing = Pairing {
        ours: named(ours).collect(),
        theirs: named(theirs).collect(),
        pairs: Vec::new(),
    };
    pairing.take(Member::name);
    pairing.take(|it| it.name().map(snake));
    pairing.take(|it| it.offset);
    let mut pairs = pairing.pairs;
    pairs.extend(pairing.ours.into_iter().map(|it| (Some(it), None)));
    pairs.extend(pairing.theirs.into_iter().map(|it| (None, Some(it))));
    pairs.sort_by_key(|(it, other)| it.or(*other).map(|it| it.offset));
    pairs
}

/// Members that are paired, and those that are left.
struct Pairing<'a> {
    ours: Vec<&'a Member>,
    theirs: Vec<&'a Member>,
    pairs: Vec<Pair<'a>>,
}

impl<'a> Pairing<'a> {
    /// Pairs the members of one key.
    fn take<K: Eq + Hash>(&mut self, key: impl Fn(&'a Member) -> K) {
        let mut by_key = HashMap::new();
        for it in std::mem::take(&mut self.ours) {
            self.ours.extend(by_key.insert(key(it), it));
        }
        self.theirs.retain(|other| {
            let it = by_key.remove(&key(other));
            self.pairs.extend(it.map(|it| (Some(it), Some(*other))));
            it.is_none()
        });
        self.ours.extend(by_key.into_values());
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn shown(member: &Member) -> String {
    match &member.is {
        Is::Field(field) if matches!(field.ty.innermost(), Type::Struct(_)) => {
            "a struct".to_owned()
        }
        Is::Field(field) => format!("`{}`", field.ty),
        Is::Table(table) => format!(
            "{} rows of a struct",
            member.counts.first().unwrap_or(&table.max)
        ),
        Is::Gap => "nothing".to_owned(),
    }
}
