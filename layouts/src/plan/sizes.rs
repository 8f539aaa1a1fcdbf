//! The sizes of structs, which may hold each other in any order, but not themselves.

use std::collections::HashMap;

use crate::model::{Layout, Table};
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::quantity::Quantity;
use crate::types::Type;

/// No struct is larger: the same on every platform.
pub(super) const LARGEST: u64 = 0x7fff_ffff;

/// Structs in structs stop here, so that nothing that follows them needs a deep stack.
pub(super) const DEEPEST: usize = 32;

/// The sizes that are known, and how deep each struct goes.
pub(super) struct Sizes<'a> {
    layout: &'a Layout,
    by_name: HashMap<&'a str, usize>,
    known: Vec<Known>,
}

#[derive(Clone, Copy)]
enum Known {
    Nothing,
    /// It is being looked at: a struct that needs it now is held by it.
    Open,
    Size {
        size: u64,
        depth: usize,
    },
    /// What is wrong has been said.
    Wrong,
}

impl<'a> Sizes<'a> {
    pub(super) fn new(layout: &'a Layout) -> Self {
        let names = layout.structs.iter().enumerate().rev();
        Self {
            layout,
            by_name: names
                .map(|(number, it)| (it.name.as_str(), number))
                .collect(),
            known: vec![Known::Nothing; layout.structs.len()],
        }
    }

    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The size of a struct; 0 for one that has a problem.
    pub(super) fn size(&self, number: usize) -> u64 {
        match self.known[number] {
            Known::Size { size, .. } => size,
            _ => 0,
        }
    }

    /// The size of a type, if there is one.
    pub(super) fn of(&self, ty: &Type) -> Option<u64> {
        let size = match ty {
            Type::Scalar(scalar) => Some(scalar.size() as u64),
            Type::Text { encoding, units } => Some(u64::from(*units) * encoding.unit() as u64),
            Type::Bytes(count) => Some(u64::from(*count)),
            Type::Array { count, element } => self.of(element)?.checked_mul(u64::from(*count)),
            Type::Struct(name) => self.number(name).map(|it| self.size(it)),
        };
        size.filter(|size| *size <= LARGEST)
    }

    /// Finds the size of every struct.
    pub(super) fn find(&mut self) -> Result<(), Problem> {
        for number in 0..self.layout.structs.len() {
            self.visit(number, 0)?;
        }
        Ok(())
    }

    /// How many structs are below this one.
    fn visit(&mut self, number: usize, above: usize) -> Result<usize, Problem> {
        let place = format!("struct[{number}]");
        let name = &self.layout.structs[number].name;
        if above >= DEEPEST {
            return Err(too_deep(place, name));
        }
        match self.known[number] {
            Known::Size { depth, .. } if above + depth < DEEPEST => return Ok(depth),
            Known::Size { .. } => return Err(too_deep(place, name)),
            Known::Open => {
                let message = format!("the struct `{name}` holds itself");
                return Err(Problem::new(place, message).help("a struct has a fixed size"));
            }
            Known::Wrong => return Ok(0),
            Known::Nothing => {}
        }
        self.known[number] = Known::Open;
        let result = self.children(number, above);
        let found = result
            .as_ref()
            .ok()
            .map(|depth| (self.extent(number), *depth));
        self.known[number] = match found {
            Some((size, depth)) if size <= LARGEST => Known::Size { size, depth },
            _ => Known::Wrong,
        };
        let depth = result?;
        if matches!(self.known[number], Known::Wrong) {
            let message = format!("the struct `{name}` has more than {LARGEST} bytes");
            return Err(Problem::new(place, message));
        }
        Ok(depth)
    }

    fn children(&mut self, number: usize, above: usize) -> Result<usize, Problem> {
        let layout = self.layout;
        let it = &layout.structs[number];
        let mut deepest = 0;
        for (position, field) in it.fields.iter().enumerate() {
            if let Type::Struct(name) = field.ty.innermost() {
                let place = format!("struct[{number}].fields[{position}].type");
                deepest = deepest.max(self.child(name, &place, above, true)?);
            }
        }
        for (position, table) in it.table.iter().enumerate() {
            let place = format!("struct[{number}].table[{position}].of");
            deepest = deepest.max(self.child(&table.of, &place, above, false)?);
        }
        Ok(deepest)
    }

    fn child(
        &mut self,
        name: &str,
        place: &str,
        above: usize,
        words: bool,
    ) -> Result<usize, Problem> {
        match self.number(name) {
            Some(number) => Ok(1 + self.visit(number, above + 1)?),
            None => {
                let structs = self.layout.structs.iter().map(|it| it.name.as_str());
                let near = nearest(
                    name,
                    structs.chain(Type::words().filter(|_| words).map(|it| -> &str { it })),
                );
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("add a [[struct]] with name = \"{name}\""),
                };
                let what = if words { "type or struct" } else { "struct" };
                Err(Problem::new(place, format!("there is no {what} `{name}`")).help(help))
            }
        }
    }

    /// Where the last field or table with fixed bounds ends, or the size that the struct declares.
    fn extent(&self, number: usize) -> u64 {
        let it = &self.layout.structs[number];
        let fields = it.fields.iter().map(|field| {
            let size = self.of(&field.ty).unwrap_or(LARGEST + 1);
            field.offset.saturating_add(size)
        });
        let tables = it
            .table
            .iter()
            .filter_map(fixed_table)
            .map(|(at, len)| at.saturating_add(len));
        let end = fields.chain(tables).max().unwrap_or(0);
        end.max(it.size.unwrap_or(0))
    }
}

fn too_deep(place: String, name: &str) -> Problem {
    let message = format!("structs are nested more than {DEEPEST} deep at `{name}`");
    Problem::new(place, message).help("make some of them one struct")
}

/// The offset and the length of a table that the layout itself places.
pub(super) fn fixed_table(table: &Table) -> Option<(u64, u64)> {
    let (Quantity::Number(at), Quantity::Number(stride)) = (&table.at, &table.stride) else {
        return None;
    };
    let count = match table.count {
        Quantity::Number(count) => count.min(u64::from(table.max)),
        Quantity::Field(_) => u64::from(table.max),
    };
    Some((*at, stride.saturating_mul(count)))
}
