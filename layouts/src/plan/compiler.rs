//! Resolves the structs of a layout: what cannot be resolved is a problem.

use super::sizes::{LARGEST, Sizes, fixed_table};
use super::{Amount, Kind, Leaf, Locator, Many, Member, Shape};
use crate::model::{Field, Layout, Struct};
use crate::nearest::nearest;
use crate::path::{Path, Segment, is_special};
use crate::problem::{self, Problem};
use crate::quantity::Quantity;
use crate::types::{Scalar, Type};

/// The longest name of a field or a struct.
const LONGEST_NAME: usize = 255;

pub(super) struct Compiler<'a> {
    pub(super) layout: &'a Layout,
    pub(super) sizes: Sizes<'a>,
    pub(super) shapes: Vec<Shape>,
    pub(super) names: Vec<Vec<(i64, String)>>,
    pub(super) problems: Vec<Problem>,
}

pub(super) fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("a name has at least one character".to_owned());
    }
    if name.len() > LONGEST_NAME {
        return Err(format!("a name has at most {LONGEST_NAME} bytes"));
    }
    match name.chars().find(|it| is_special(*it)) {
        Some(special) => Err(format!("a name has no {special:?} in it, which paths need")),
        None => Ok(()),
    }
}

impl Compiler<'_> {
    pub(super) fn problem(&mut self, problem: Problem) {
        if self.problems.len() < problem::MOST {
            self.problems.push(problem);
        }
    }

    pub(super) fn shape(&mut self, number: usize) -> Shape {
        let it = &self.layout.structs[number];
        let size = self.sizes.size(number);
        let moving = !it.table.is_empty() || (number == 0 && !self.layout.text.is_empty());
        if size == 0 && !moving {
            let message = format!("the struct `{}` is empty", it.name);
            let problem = Problem::new(format!("struct[{number}]"), message);
            self.problem(problem.help("give it fields, or a `size`"));
        }
        self.overlaps(number, it);
        let mut members = Vec::new();
        for (position, field) in it.fields.iter().enumerate() {
            let place = format!("struct[{number}].fields[{position}]");
            if let Some(kind) = self.field(&place, field) {
                let offset = to_usize(field.offset);
                let size = to_usize(self.sizes.of(&field.ty).unwrap_or(0));
                members.push(Member {
                    name: field.name.clone(),
                    offset,
                    end: offset + size,
                    kind,
                    field: Some(position),
                });
            }
        }
        members.sort_by_key(|it| it.offset);
        let mut shape = Shape {
            size: to_usize(size),
            fixed: members.len(),
            numbers: members.iter().map(Member::number).collect(),
            ..Shape::default()
        };
        for member in members {
            let field = member.field.unwrap_or_default();
            let place = format!("struct[{number}].fields[{field}].name");
            self.add(&mut shape, member, place);
        }
        shape
    }

    /// Adds a member, if its name is one and is new.
    pub(super) fn add(&mut self, shape: &mut Shape, member: Member, place: String) {
        let name = member.name.clone();
        if let Err(message) = check_name(&name) {
            self.problem(Problem::new(place, message));
        } else if shape
            .index
            .insert(name.clone(), shape.members.len())
            .is_some()
        {
            self.problem(Problem::new(
                place,
                format!("there are two of the name `{name}`"),
            ));
        }
        shape.members.push(member);
    }

    fn field(&mut self, place: &str, field: &Field) -> Option<Kind> {
        let names = field.names.as_ref();
        let inner = field.ty.innermost();
        let integer = matches!(inner, Type::Scalar(scalar) if scalar.is_integer());
        if names.is_some() && !integer {
            let message = format!("`{}` has names of values and is not an integer", field.name);
            self.problem(Problem::new(format!("{place}.enum"), message));
        }
        if field.len.is_some() && !matches!(field.ty, Type::Text { .. } | Type::Bytes(_)) {
            let message = format!("`{}` has a `len` and is neither text nor bytes", field.name);
            self.problem(Problem::new(format!("{place}.len"), message));
        }
        if self.sizes.of(&field.ty) == Some(0) {
            let message = format!("`{}` has no bytes", field.name);
            self.problem(Problem::new(format!("{place}.type"), message));
        }
        let kind = self.kind(&field.ty)?;
        Some(match (kind, names) {
            (Kind::Leaf(Leaf::Scalar(scalar)), Some(names)) if scalar != Scalar::Bits32 => {
                let mut names: Vec<_> =
                    names.iter().map(|(name, it)| (*it, name.clone())).collect();
                names.sort();
                self.names.push(names);
                Kind::Leaf(Leaf::Enum(scalar, self.names.len() - 1))
            }
            (kind, _) => kind,
        })
    }

    fn kind(&self, ty: &Type) -> Option<Kind> {
        let size = to_usize(self.sizes.of(ty)?);
        Some(match ty {
            Type::Scalar(scalar) => Kind::Leaf(Leaf::Scalar(*scalar)),
            Type::Text { encoding, .. } => Kind::Leaf(Leaf::Text {
                encoding: *encoding,
                len: size,
                used: None,
            }),
            Type::Bytes(_) => Kind::Leaf(Leaf::Bytes {
                len: size,
                used: None,
            }),
            Type::Struct(name) => Kind::Record(self.sizes.number(name)?),
            Type::Array { count, element } => match (&**element, to_usize(u64::from(*count))) {
                (Type::Scalar(scalar), count) => Kind::Leaf(Leaf::Array {
                    scalar: *scalar,
                    count,
                }),
                (element, count) => Kind::Many(Box::new(Many {
                    count,
                    stride: size / count.max(1),
                    element: self.kind(element)?,
                })),
            },
        })
    }

    /// Fields and fixed tables must not overlap, nor lie beyond the size that is declared.
    fn overlaps(&mut self, number: usize, it: &Struct) {
        let mut ranges = Vec::new();
        for (position, field) in it.fields.iter().enumerate() {
            let place = format!("struct[{number}].fields[{position}].offset");
            ranges.push((
                field.offset,
                self.sizes.of(&field.ty).unwrap_or(0),
                &field.name,
                place,
            ));
        }
        for (position, table) in it.table.iter().enumerate() {
            if let Some((at, len)) = fixed_table(table) {
                let place = format!("struct[{number}].table[{position}].at");
                ranges.push((at, len, &table.name, place));
            }
        }
        ranges.sort_by_key(|(at, ..)| *at);
        for pair in ranges.windows(2) {
            let [(at, len, first, _), (next, _, second, place)] = pair else {
                continue;
            };
            let end = at + len;
            if end > *next {
                let message =
                    format!("`{second}` begins at {next}, inside `{first}`, which ends at {end}");
                self.problem(Problem::new(place, message).help("one byte is of one field"));
            }
        }
        let last = ranges.iter().max_by_key(|(at, len, ..)| at + len);
        let whole = self.layout.size.filter(|_| number == 0);
        let own = it.size.into_iter().chain(whole).min();
        if let (Some((at, len, name, place)), Some(size)) = (last, own) {
            let end = at + len;
            if end > size {
                let message = format!(
                    "`{name}` ends at {end}, beyond the size {size} of `{}`",
                    it.name
                );
                self.problem(
                    Problem::new(place, message).help("correct the offset, the type or the size"),
                );
            }
        }
    }

    /// `len` of texts and bytes.
    pub(super) fn lengths(&mut self) {
        for (number, it) in self.layout.structs.iter().enumerate() {
            for (position, field) in it.fields.iter().enumerate() {
                let Some(len) = &field.len else { continue };
                let place = format!("struct[{number}].fields[{position}].len");
                let Some(amount) = self.amount(number, len, &place) else {
                    continue;
                };
                let members = &mut self.shapes[number].members;
                let member = members.iter_mut().find(|it| it.field == Some(position));
                if let Some(Kind::Leaf(Leaf::Text { used, .. } | Leaf::Bytes { used, .. })) =
                    member.map(|it| &mut it.kind)
                {
                    *used = Some(amount);
                }
            }
        }
    }

    /// A number, or where it is from the beginning of a struct.
    pub(super) fn amount(
        &mut self,
        shape: usize,
        quantity: &Quantity,
        place: &str,
    ) -> Option<Amount> {
        match quantity {
            Quantity::Number(number) if *number > LARGEST => {
                let message = format!("{number} is too large: at most {LARGEST}");
                self.problem(Problem::new(place, message));
                None
            }
            Quantity::Number(number) => Some(Amount::Number(*number)),
            Quantity::Field(path) => self.locate(shape, path, place).map(Amount::Field),
        }
    }

    /// Where the integer of this path is, from the beginning of a struct.
    pub(super) fn locate(&mut self, shape: usize, path: &str, place: &str) -> Option<Locator> {
        let locator = self.locate_any(shape, path, place)?;
        if locator.scalar.is_float() {
            self.problem(Problem::new(place, format!("`{path}` is not an integer")));
        }
        Some(locator)
    }

    /// Where the number of this path is, from the beginning of a struct.
    pub(super) fn locate_any(&mut self, shape: usize, path: &str, place: &str) -> Option<Locator> {
        match locate(&self.shapes, shape, path) {
            Ok(locator) => Some(locator),
            Err((message, help)) => {
                self.problem(Problem::new(place, message).maybe_help(help));
                None
            }
        }
    }
}

/// Where the number of this path is, from the beginning of a struct; otherwise what is wrong, and what may help.
pub(super) fn locate(
    shapes: &[Shape],
    shape: usize,
    path: &str,
) -> Result<Locator, (String, Option<String>)> {
    let parsed: Path = path
        .parse()
        .map_err(|it| (format!("`{path}` is not a path: {it}"), None))?;
    let (mut offset, mut kind) = (0_usize, Kind::Record(shape));
    for segment in parsed.segments() {
        match (&kind, segment) {
            (Kind::Record(number), Segment::Name(name)) => {
                let shape = &shapes[*number];
                let Some(member) = shape.index.get(name).map(|it| &shape.members[*it]) else {
                    let near = nearest(name, shape.index.keys().map(String::as_str));
                    let help = near.map(|near| format!("did you mean `{near}`?"));
                    return Err((format!("there is no field `{name}`"), help));
                };
                offset += member.offset;
                kind = member.kind.clone();
            }
            (Kind::Many(many), Segment::Index(index)) if *index < many.count as u64 => {
                offset += many.stride * to_usize(*index);
                kind = many.element.clone();
            }
            (Kind::Leaf(Leaf::Array { scalar, count }), Segment::Index(index))
                if *index < *count as u64 =>
            {
                offset += scalar.size() * to_usize(*index);
                kind = Kind::Leaf(Leaf::Scalar(*scalar));
            }
            _ => return Err((format!("`{path}` leads to no value"), None)),
        }
    }
    match kind {
        Kind::Leaf(Leaf::Scalar(scalar) | Leaf::Enum(scalar, _)) => Ok(Locator { offset, scalar }),
        _ => Err((format!("`{path}` is not a number"), None)),
    }
}

/// What [`Sizes`] has found to be at most [`LARGEST`].
pub(super) fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
