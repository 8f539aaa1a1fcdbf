//! Resolves what has no fixed place: tables, texts, variables.

use super::compiler::{Compiler, to_usize};
use super::sizes::LARGEST;
use super::{
    Amount, Block, Kind, Leaf, Member, Newest, Rows, Shape, Table, TextPlace, VariableType,
    Variables,
};
use crate::convention::Consistency;
use crate::model::{self, TextAt};
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::quantity::{Quantity, Span};
use crate::text::Encoding;
use crate::types::{Scalar, Type};

/// No table has more rows.
const MOST_ROWS: u32 = 1 << 20;

impl Compiler<'_> {
    pub(super) fn tables(&mut self) {
        for (number, it) in self.layout.structs.iter().enumerate() {
            for (position, table) in it.table.iter().enumerate() {
                let place = format!("struct[{number}].table[{position}]");
                if let Some(kind) = self.table(number, table, &place) {
                    let mut shape = std::mem::take(&mut self.shapes[number]);
                    let member = moving(&table.name, kind);
                    self.add(&mut shape, member, format!("{place}.name"));
                    self.shapes[number] = shape;
                }
            }
        }
    }

    fn table(&mut self, number: usize, table: &model::Table, place: &str) -> Option<Kind> {
        let shape = self.sizes.number(&table.of)?;
        let rows = self.rows(
            number,
            [&table.at, &table.stride, &table.count],
            table.max,
            place,
        )?;
        let size = self.shapes[shape].size;
        if let Amount::Number(stride) = rows.stride {
            if stride > 0 && to_usize(stride) < size {
                let message = format!("a row is {stride} bytes and `{}` has {size}", table.of);
                self.problem(Problem::new(format!("{place}.stride"), message));
            }
        }
        let label = self.text_of_row(shape, table.label.as_deref(), &format!("{place}.label"));
        let unit = self.text_of_row(
            shape,
            table.unit_from.as_deref(),
            &format!("{place}.unit_from"),
        );
        Some(Kind::Table(Box::new(Table {
            rows,
            shape,
            label,
            unit,
        })))
    }

    /// The number of the member of a row that is this text.
    fn text_of_row(&mut self, shape: usize, name: Option<&str>, place: &str) -> Option<usize> {
        let name = name?;
        let shape = &self.shapes[shape];
        let found = shape.index.get(name).copied();
        let is_text = |it: &usize| matches!(shape.members[*it].kind, Kind::Leaf(Leaf::Text { .. }));
        if found.as_ref().is_some_and(is_text) {
            return found;
        }
        let problem = if found.is_some() {
            Problem::new(place, format!("`{name}` is not a text"))
        } else {
            let near = nearest(name, shape.index.keys().map(String::as_str));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            Problem::new(place, format!("a row has no field `{name}`")).maybe_help(help)
        };
        self.problem(problem);
        None
    }

    fn rows(
        &mut self,
        shape: usize,
        [at, stride, count]: [&Quantity; 3],
        max: u32,
        place: &str,
    ) -> Option<Rows> {
        if max == 0 || max > MOST_ROWS {
            let message = format!("`max` is {max}; it is from 1 to {MOST_ROWS}");
            self.problem(Problem::new(format!("{place}.max"), message));
        }
        if *stride == Quantity::Number(0) {
            let message = "a stride of 0: all rows would be the same";
            self.problem(Problem::new(format!("{place}.stride"), message));
        }
        if let Quantity::Number(count) = count {
            if *count > u64::from(max) {
                let message = format!("{count} rows are more than `max`, which is {max}");
                self.problem(Problem::new(format!("{place}.count"), message));
            }
        }
        let at = self.amount(shape, at, &format!("{place}.at"));
        let stride = self.amount(shape, stride, &format!("{place}.stride"));
        let count = self.amount(shape, count, &format!("{place}.count"));
        Some(Rows {
            at: at?,
            stride: stride?,
            count: count?,
            max,
        })
    }

    /// Texts and variables, which are as fields of the root.
    pub(super) fn root_members(&mut self) {
        let layout = self.layout;
        for (number, text) in layout.text.iter().enumerate() {
            let place = format!("text[{number}]");
            let at = self.amount(0, &text.at, &format!("{place}.at"));
            let len_place = format!("{place}.len");
            let len = text.len.as_ref().map(|it| self.amount(0, it, &len_place));
            if let Some(path) = &text.changes {
                self.locate(0, path, &format!("{place}.changes"));
            }
            let (Some(at), Some(len)) = (at, len.map_or(Some(None), |it| it.map(Some))) else {
                continue;
            };
            let kind = Kind::Block(Box::new(Block {
                at,
                len,
                encoding: text.encoding,
            }));
            let mut root = std::mem::take(&mut self.shapes[0]);
            self.add(&mut root, moving(&text.name, kind), format!("{place}.name"));
            self.shapes[0] = root;
        }
        if let Some(variables) = &layout.variables {
            if let Some(kind) = self.variables(variables) {
                self.shapes[0].members.push(moving("", kind));
            }
        }
    }

    fn variables(&mut self, it: &model::Variables) -> Option<Kind> {
        let Some(Consistency::LatestOf {
            table,
            tick,
            start,
            len,
            ..
        }) = &self.layout.consistency
        else {
            let message = "variables lie in the newest of several buffers, and none are described";
            let problem = Problem::new("variables", message);
            self.problem(problem.help("add `consistency = { kind = \"latest-of\", … }`"));
            return None;
        };
        let newest = Newest {
            rows: self.span(table, "consistency.table")?,
            tick: self.offset(*tick, 4, &table.stride, "consistency.tick")?,
            start: self.offset(*start, 4, &table.stride, "consistency.start")?,
            len: self.amount(0, len, "consistency.len")?,
        };
        let rows = self.span(&it.table, "variables.table")?;
        let stride = &it.table.stride;
        let types = it.ty.map.iter().enumerate().map(|(number, name)| {
            let scalar = Scalar::named(name).map(VariableType::Scalar);
            let found = scalar.or_else(|| Encoding::named(name).map(VariableType::Text));
            found.ok_or_else(|| {
                let message = format!("`{name}` is neither a number nor an encoding");
                let near = nearest(name, Type::words());
                let help = near.map(|near| format!("did you mean `{near}`?"));
                Problem::new(format!("variables.type.map[{number}]"), message).maybe_help(help)
            })
        });
        let types = match types.collect() {
            Ok(types) => types,
            Err(problem) => {
                self.problem(problem);
                return None;
            }
        };
        let optional = |compiler: &mut Self, text: &Option<TextAt>, place| {
            text.as_ref()
                .and_then(|it| compiler.text_place(it, stride, place))
        };
        Some(Kind::Variables(Box::new(Variables {
            rows,
            ty: self.offset(it.ty.offset, 4, stride, "variables.type.offset")?,
            types,
            offset: self.offset(it.offset.offset, 4, stride, "variables.offset.offset")?,
            count: self.offset(it.count.offset, 4, stride, "variables.count.offset")?,
            name: self.text_place(&it.name, stride, "variables.name")?,
            doc: optional(self, &it.doc, "variables.doc"),
            unit: optional(self, &it.unit, "variables.unit"),
            newest,
        })))
    }

    pub(super) fn span(&mut self, span: &Span, place: &str) -> Option<Rows> {
        self.rows(0, [&span.at, &span.stride, &span.count], span.max, place)
    }

    /// An offset in a row, which must hold what begins there.
    pub(super) fn offset(
        &mut self,
        offset: u64,
        size: u64,
        stride: &Quantity,
        place: &str,
    ) -> Option<usize> {
        let row = match stride {
            Quantity::Number(stride) => *stride,
            Quantity::Field(_) => LARGEST,
        };
        if offset.checked_add(size).is_some_and(|end| end <= row) {
            return Some(to_usize(offset));
        }
        let message = format!("{size} bytes at {offset} are not within a row of {row}");
        self.problem(Problem::new(place, message));
        None
    }

    fn text_place(&mut self, text: &TextAt, stride: &Quantity, place: &str) -> Option<TextPlace> {
        let Type::Text { encoding, units } = text.ty else {
            let problem = Problem::new(
                format!("{place}.type"),
                format!("`{}` is not text", text.ty),
            );
            self.problem(problem.help("for example `latin1[32]`"));
            return None;
        };
        let len = u64::from(units) * encoding.unit() as u64;
        Some(TextPlace {
            offset: self.offset(text.offset, len, stride, &format!("{place}.offset"))?,
            len: to_usize(len),
            encoding,
        })
    }

    /// `ref` of fields: the name of a table of the root.
    pub(super) fn references(&mut self) {
        for (number, it) in self.layout.structs.iter().enumerate() {
            for (position, field) in it.fields.iter().enumerate() {
                let Some(name) = &field.reference else {
                    continue;
                };
                let place = format!("struct[{number}].fields[{position}].ref");
                let root: &Shape = &self.shapes[0];
                let found = root.index.get(name).map(|it| &root.members[*it].kind);
                let integer = matches!(&field.ty, Type::Scalar(scalar) if scalar.is_integer());
                if !matches!(found, Some(Kind::Table(_))) {
                    let message = format!("the root has no table `{name}`");
                    let tables = self.layout.structs[0]
                        .table
                        .iter()
                        .map(|it| it.name.as_str());
                    let help = nearest(name, tables).map(|near| format!("did you mean `{near}`?"));
                    self.problem(Problem::new(place, message).maybe_help(help));
                } else if !integer {
                    let message = format!(
                        "`{}` is not an integer: it cannot be a row's number",
                        field.name
                    );
                    self.problem(Problem::new(place, message));
                }
            }
        }
    }
}

/// A member that has no fixed offset.
fn moving(name: &str, kind: Kind) -> Member {
    Member {
        name: name.to_owned(),
        offset: 0,
        end: 0,
        kind,
        field: None,
    }
}
