//! The structs of layouts as a compiler has them: every byte in a member, in the order of the offsets.

use std::collections::HashMap;

use crate::model::{Field, Layout, Struct, Table};
use crate::path::{Path, Segment};
use crate::plan::Plan;
use crate::problem::{LayoutError, Problem};
use crate::quantity::Quantity;
use crate::types::{Scalar, Type};

mod variables;

/// A gap that is larger is not made a member of a root with tables: the tables lie in it.
const LARGEST_GAP: u64 = 4096;

/// Layouts that are looked at together.
pub(crate) struct Unit<'a> {
    pub(crate) layouts: &'a [&'a Layout],
    /// A struct comes after those that it holds.
    pub(crate) structs: Vec<Declared>,
    by_name: HashMap<String, usize>,
}

#[derive(Clone, PartialEq)]
pub(crate) struct Declared {
    pub(crate) name: String,
    pub(crate) doc: Option<String>,
    pub(crate) size: u64,
    pub(crate) align: u64,
    /// The alignment that a compiler would give it if nothing kept it from that.
    pub(crate) natural_align: u64,
    pub(crate) members: Vec<Member>,
    /// What lies after the largest gap, of which the struct has no members.
    pub(crate) beyond: Vec<Member>,
    /// Tables that are not arrays: the region tells where they are.
    pub(crate) tables: Vec<Table>,
    /// The scalar that all of its members consist of, if there are no gaps.
    pub(crate) scalar: Option<Scalar>,
    /// The number of its layout, and its own there.
    pub(crate) place: (usize, usize),
    pub(crate) is_root: bool,
}

#[derive(Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) offset: u64,
    pub(crate) size: u64,
    align: u64,
    pub(crate) element: Element,
    /// The lengths of its arrays, the outermost first.
    pub(crate) counts: Vec<u32>,
    pub(crate) is: Is,
}

#[derive(Clone, PartialEq)]
pub(crate) enum Is {
    Field(Field),
    Table(Table),
    /// Padding, or unknown.
    Gap,
}

#[derive(Clone, PartialEq)]
pub(crate) enum Element {
    Scalar(Scalar),
    /// A unit of a text, of this size.
    Unit(u64),
    Struct(String),
}

impl Element {
    /// The scalar that it is; a unit of a text is an integer. A struct is none.
    fn scalar(&self) -> Option<Scalar> {
        match self {
            Self::Scalar(scalar) => Some(*scalar),
            Self::Unit(1) => Some(Scalar::U8),
            Self::Unit(_) => Some(Scalar::U16),
            Self::Struct(_) => None,
        }
    }
}

impl Member {
    /// The name that the layout has for it; a gap has none.
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.is {
            Is::Field(field) => Some(&field.name),
            Is::Table(table) => Some(&table.name),
            Is::Gap => None,
        }
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.offset < other.end() && other.offset < self.end()
    }

    fn end(&self) -> u64 {
        self.offset + self.size
    }

    fn gap(offset: u64, size: u64) -> Self {
        let count = u32::try_from(size).unwrap_or(u32::MAX);
        Self {
            offset,
            size,
            align: 1,
            element: Element::Scalar(Scalar::U8),
            counts: vec![count],
            is: Is::Gap,
        }
    }
}

/// A part of a path.
pub(crate) struct Step<'a> {
    pub(crate) owner: &'a Declared,
    pub(crate) member: &'a Member,
    pub(crate) index: Option<u64>,
}

impl Unit<'_> {
    pub(crate) fn structure(&self, name: &str) -> Option<&Declared> {
        self.by_name.get(name).map(|at| &self.structs[*at])
    }

    /// The root of the first layout.
    pub(crate) fn root(&self) -> Option<&Declared> {
        let root = self.layouts.first()?.root()?;
        self.structure(&root.name)
    }

    /// The scalar that a member consists of, if it is nothing but that, once or several times.
    pub(crate) fn scalar(&self, member: &Member) -> Option<Scalar> {
        match &member.element {
            Element::Struct(name) => self.structure(name)?.scalar,
            element => element.scalar(),
        }
    }

    /// The members that a path leads through, from a struct; nothing if one of them is not declared.
    pub(crate) fn follow<'a>(&'a self, from: &'a Declared, path: &str) -> Option<Vec<Step<'a>>> {
        let path: Path = path.parse().ok()?;
        let mut steps: Vec<Step<'_>> = Vec::new();
        let mut inside = Some(from);
        for segment in path.segments() {
            match segment {
                Segment::Name(name) => {
                    let owner = inside?;
                    let mut members = owner.members.iter();
                    let member = members.find(|it| it.name() == Some(&**name))?;
                    inside = match &member.element {
                        Element::Struct(name) => self.structure(name),
                        _ => None,
                    };
                    steps.push(Step {
                        owner,
                        member,
                        index: None,
                    });
                }
                Segment::Index(index) => {
                    let last = steps.last_mut()?;
                    if last.index.replace(*index).is_some() {
                        return None;
                    }
                }
                Segment::Label(_) => return None,
            }
        }
        Some(steps)
    }
}

pub(crate) fn declare<'a>(layouts: &'a [&'a Layout]) -> Result<Unit<'a>, LayoutError> {
    let mut unit = Unit {
        layouts,
        structs: Vec::new(),
        by_name: HashMap::new(),
    };
    for (number, layout) in layouts.iter().enumerate() {
        let layout = variables::with_declarations(layout);
        let shapes = Plan::new(&layout)?.shapes;
        let mut declaring = Declaring {
            number,
            layout: &layout,
            sizes: shapes.iter().map(|it| it.size as u64).collect(),
            numbers: layout.structs.iter().map(|it| &*it.name).zip(0..).collect(),
            done: Vec::new(),
            by_name: HashMap::new(),
        };
        for it in &layout.structs {
            declaring.structure(&it.name);
        }
        for declared in declaring.done {
            match unit.structure(&declared.name) {
                None => {
                    unit.by_name
                        .insert(declared.name.clone(), unit.structs.len());
                    unit.structs.push(declared);
                }
                Some(same) if same.is_same(&declared) => {}
                Some(_) => {
                    let message = format!("two layouts have different structs `{}`", declared.name);
                    return Err(LayoutError::one(Problem::new("", message)));
                }
            }
        }
    }
    Ok(unit)
}

struct Declaring<'a> {
    number: usize,
    layout: &'a Layout,
    sizes: Vec<u64>,
    numbers: HashMap<&'a str, usize>,
    done: Vec<Declared>,
    by_name: HashMap<&'a str, usize>,
}

impl<'a> Declaring<'a> {
    /// Declares what a struct holds, and then the struct. Plans have found that none holds itself.
    fn structure(&mut self, name: &'a str) {
        let Some(number) = self.numbers.get(name).copied() else {
            return;
        };
        if self.by_name.contains_key(name) {
            return;
        }
        let layout: &'a Layout = self.layout;
        let it = &layout.structs[number];
        for field in &it.fields {
            if let Type::Struct(name) = field.ty.innermost() {
                self.structure(name);
            }
        }
        for table in &it.table {
            self.structure(&table.of);
        }
        let declared = self.declare(it, number);
        self.by_name.insert(name, self.done.len());
        self.done.push(declared);
    }

    fn declared(&self, name: &str) -> Option<&Declared> {
        self.by_name.get(name).map(|at| &self.done[*at])
    }

    fn declare(&self, it: &Struct, number: usize) -> Declared {
        let fields = it.fields.iter().map(|field| {
            let (element, counts) = element(&field.ty);
            self.member(field.offset, element, counts, Is::Field(field.clone()))
        });
        let mut members: Vec<_> = fields.collect();
        let mut tables = Vec::new();
        for table in &it.table {
            match self.array(table) {
                Some(member) => members.push(member),
                None => tables.push(table.clone()),
            }
        }
        members.sort_by_key(|it| it.offset);
        let mut declared = Declared {
            name: it.name.clone(),
            doc: it.doc.clone(),
            size: self.sizes[number],
            align: 1,
            natural_align: 1,
            members: Vec::new(),
            beyond: Vec::new(),
            tables,
            place: (self.number, number),
            is_root: number == 0,
            scalar: None,
        };
        declared.fill(members, number == 0 && !self.is_held(&it.name));
        declared.find_alignment();
        declared.scalar = self.scalar(&declared.members);
        declared
    }

    fn is_held(&self, name: &str) -> bool {
        let mut structs = self.layout.structs.iter();
        structs.any(|it| {
            let of_fields = it.fields.iter().map(|it| it.ty.innermost());
            let of_tables = it.table.iter().map(|it| &*it.of);
            of_fields
                .filter_map(Type::name)
                .chain(of_tables)
                .any(|it| it == name)
        })
    }

    /// The scalar that all members consist of.
    fn scalar(&self, members: &[Member]) -> Option<Scalar> {
        let mut scalars = members.iter().map(|it| match &it.element {
            _ if it.name().is_none() => None,
            Element::Struct(name) => self.declared(name)?.scalar,
            element => element.scalar(),
        });
        let first = scalars.next()?;
        first.filter(|first| scalars.all(|it| it == Some(*first)))
    }

    fn member(&self, offset: u64, element: Element, counts: Vec<u32>, is: Is) -> Member {
        let (size, align) = match &element {
            Element::Scalar(scalar) => (scalar.size() as u64, scalar.size() as u64),
            Element::Unit(size) => (*size, *size),
            Element::Struct(name) => self.declared(name).map_or((0, 1), |it| (it.size, it.align)),
        };
        let count: u64 = counts.iter().map(|it| u64::from(*it)).product();
        Member {
            offset,
            size: size * count,
            align,
            element,
            counts,
            is,
        }
    }

    /// A table that is an array: it has a fixed place, and nothing between its rows.
    fn array(&self, table: &Table) -> Option<Member> {
        let (Quantity::Number(at), Quantity::Number(stride)) = (&table.at, &table.stride) else {
            return None;
        };
        let count = match table.count {
            Quantity::Number(count) => {
                u32::try_from(count).map_or(table.max, |it| it.min(table.max))
            }
            Quantity::Field(_) => table.max,
        };
        let row = self.declared(&table.of)?;
        if row.size != *stride || count == 0 {
            return None;
        }
        let element = Element::Struct(table.of.clone());
        Some(self.member(*at, element, vec![count], Is::Table(table.clone())))
    }
}

impl Declared {
    /// Whether two layouts say the same of a struct; a root is like no other.
    fn is_same(&self, other: &Self) -> bool {
        let mut moved = other.clone();
        moved.place = self.place;
        *self == moved && !self.is_root
    }

    /// Takes the members, with gaps between them; or ends before a gap in which its tables lie.
    fn fill(&mut self, members: Vec<Member>, may_end: bool) {
        let tables_lie_in_gaps = may_end && !self.tables.is_empty();
        let mut end = 0;
        let mut members = members.into_iter().peekable();
        loop {
            let next = members.peek().map_or(self.size, |it| it.offset);
            let gap = next - end;
            if gap > LARGEST_GAP && tables_lie_in_gaps {
                self.size = end;
                self.beyond.extend(members);
                return;
            }
            if gap > 0 {
                self.members.push(Member::gap(end, gap));
            }
            let Some(member) = members.next() else { return };
            end = member.end();
            self.members.push(member);
        }
    }

    /// The largest alignment that all offsets and the size are multiples of, as far as a member needs it.
    fn find_alignment(&mut self) {
        let needed = self.members.iter().map(|it| it.align).max();
        self.natural_align = needed.unwrap_or(1);
        self.align = self.natural_align;
        let fits = |align: u64| {
            let placed = |it: &Member| it.offset % it.align.min(align) == 0;
            self.size % align == 0 && self.members.iter().all(placed)
        };
        while !fits(self.align) {
            self.align /= 2;
        }
    }
}

fn element(ty: &Type) -> (Element, Vec<u32>) {
    match ty {
        Type::Scalar(scalar) => (Element::Scalar(*scalar), Vec::new()),
        Type::Text { encoding, units } => (Element::Unit(encoding.unit() as u64), vec![*units]),
        Type::Bytes(count) => (Element::Scalar(Scalar::U8), vec![*count]),
        Type::Struct(name) => (Element::Struct(name.clone()), Vec::new()),
        Type::Array {
            count,
            element: inner,
        } => {
            let (inner, mut counts) = element(inner);
            counts.insert(0, *count);
            (inner, counts)
        }
    }
}
