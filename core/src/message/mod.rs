//! The values of a region as protobuf: what programs read that do not know us.
//!
//! A message has a field for each member of a region, a repeated one for an array or a table, and a message type for
//! each struct. Numbers have a fixed width, so that the same field stays at the same place from one message to the
//! next, and whole files compress well. Variables that a region declares are fields of its message, as the region
//! declares them when the message type is made.

mod descriptor;
mod encode;
mod proto;
mod wire;

use std::collections::{BTreeMap, HashSet};

use win_shared_memory_layouts::{Content, Field, Layout, Plan, Scalar, Struct, Type, Value};

pub use proto::proto;
use wire::Wire;

/// The message type of the regions of one layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MessageType {
    /// One for each struct of the layout, in its order. The first is that of the region.
    types: Vec<StructType>,
    /// The names of the variables that the region has declared; their fields end those of the first type.
    variables: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct StructType {
    name: String,
    /// Those of [`Record::members`](win_shared_memory_layouts::Record::members), in its order.
    fields: Vec<FieldType>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct FieldType {
    name: String,
    kind: Kind,
    is_repeated: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Scalar(Wire),
    Text,
    Bytes,
    Enum(EnumType),
    /// The number of its type.
    Struct(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct EnumType {
    name: String,
    /// The values by name; the first is 0.
    values: Vec<(String, i32)>,
}

impl MessageType {
    /// The type for regions of this plan that declare the variables that `bytes` does.
    pub(crate) fn new(plan: &Plan, bytes: &[u8]) -> Self {
        let layout = plan.layout();
        let mut names = Names::default();
        let mut types: Vec<_> = layout
            .structs
            .iter()
            .map(|it| StructType {
                name: names.distinct(&it.name),
                fields: Vec::new(),
            })
            .collect();
        for (number, structure) in layout.structs.iter().enumerate() {
            let mut names = Names::default();
            let members = plan.member_names(&structure.name);
            let mut fields: Vec<_> = members
                .map(|it| member(layout, structure, it, &mut names))
                .collect();
            // They are in the scope of the message, as its fields are.
            let kinds = fields.iter_mut().map(|it| &mut it.kind);
            for kind in kinds {
                if let Kind::Enum(it) = kind {
                    it.name = names.distinct(&it.name);
                    for (name, _) in &mut it.values {
                        *name = names.distinct(name);
                    }
                }
            }
            types[number].fields = fields;
        }
        let mut this = Self {
            types,
            variables: Vec::new(),
        };
        this.declare(plan, bytes);
        this
    }

    /// Whether a region declares the variables that this type has.
    pub(crate) fn fits(&self, plan: &Plan, bytes: &[u8]) -> bool {
        if plan.layout().variables.is_none() {
            return true;
        }
        let members = plan.view(bytes).root().members();
        let declared = members.skip(self.fixed());
        declared
            .map(|it| it.name)
            .eq(self.variables.iter().map(String::as_str))
    }

    /// How many fields of the region's type are not variables.
    fn fixed(&self) -> usize {
        self.types[0].fields.len() - self.variables.len()
    }

    fn declare(&mut self, plan: &Plan, bytes: &[u8]) {
        let mut names = Names::default();
        for field in &self.types[0].fields {
            names.taken.insert(field.name.clone());
        }
        for variable in plan.view(bytes).root().members().skip(self.fixed()) {
            let (kind, is_repeated) = match variable.content {
                Content::Value(Value::Array(array)) => {
                    (Kind::Scalar(Wire::of(array.scalar())), true)
                }
                Content::Value(Value::Text(_)) => (Kind::Text, false),
                Content::Value(value) => (Kind::Scalar(Wire::holding(&value)), false),
                _ => (Kind::Bytes, false),
            };
            let name = names.distinct(&variable.name);
            self.types[0].fields.push(FieldType {
                name,
                kind,
                is_repeated,
            });
            self.variables.push(variable.name.into_owned());
        }
    }
}

/// The field of a member.
fn member(layout: &Layout, structure: &Struct, name: &str, names: &mut Names) -> FieldType {
    let number = |name: &str| {
        layout
            .structs
            .iter()
            .position(|it| it.name == name)
            .unwrap_or(0)
    };
    let field = structure.fields.iter().find(|it| it.name == name);
    let table = structure.table.iter().find(|it| it.name == name);
    let (kind, is_repeated) = match (field, table) {
        (Some(field), _) => {
            let kind = match field.ty.innermost() {
                Type::Scalar(scalar) => scalar_kind(*scalar, field),
                Type::Text { .. } => Kind::Text,
                Type::Struct(name) => Kind::Struct(number(name)),
                _ => Kind::Bytes,
            };
            (kind, matches!(field.ty, Type::Array { .. }))
        }
        (None, Some(table)) => (Kind::Struct(number(&table.of)), true),
        // What has neither is a text whose place the region tells.
        (None, None) => (Kind::Text, false),
    };
    FieldType {
        name: names.distinct(name),
        kind,
        is_repeated,
    }
}

fn scalar_kind(scalar: Scalar, field: &Field) -> Kind {
    let named = field
        .names
        .as_ref()
        .filter(|_| scalar.is_integer() && scalar != Scalar::Bits32);
    let values = named.and_then(|it| enum_values(&field.name, it));
    match (values, scalar) {
        (Some(values), _) => Kind::Enum(EnumType {
            name: format!("{}_enum", field.name),
            values,
        }),
        (None, Scalar::Char) => Kind::Text,
        (None, scalar) => Kind::Scalar(Wire::of(scalar)),
    }
}

/// The values of an enum, if all fit.
fn enum_values(field: &str, named: &BTreeMap<String, i64>) -> Option<Vec<(String, i32)>> {
    let values = named.iter().map(|(name, value)| {
        let value = i32::try_from(*value).ok()?;
        Some((format!("{field}_{name}"), value))
    });
    let mut values: Vec<_> = values.collect::<Option<_>>()?;
    values.push((format!("{field}_0"), 0));
    values.sort_by_key(|(_, value)| (*value != 0, *value));
    values.dedup_by_key(|(_, value)| *value);
    Some(values)
}

/// Names that are identifiers in protobuf, and distinct.
#[derive(Default)]
struct Names {
    taken: HashSet<String>,
}

impl Names {
    fn distinct(&mut self, name: &str) -> String {
        let mut identifier: String = name
            .chars()
            .map(|it| if it.is_ascii_alphanumeric() { it } else { '_' })
            .collect();
        if !identifier.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_') {
            identifier.insert(0, '_');
        }
        let mut distinct = identifier.clone();
        let mut number = 2;
        while !self.taken.insert(distinct.clone()) {
            distinct = format!("{identifier}_{number}");
            number += 1;
        }
        distinct
    }
}
