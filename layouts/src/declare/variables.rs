//! Variables that a region declares: their declarations are rows of a struct.

use crate::model::{Field, Layout, Struct, Table, TextAt, Variables};
use crate::names::Unique;
use crate::quantity::{Quantity, Span};
use crate::types::{Scalar, Type};

/// The layout, in which the declarations of variables are rows of a struct like others.
pub(super) fn with_declarations(layout: &Layout) -> Layout {
    let mut layout = layout.clone();
    let Some(variables) = layout.variables.clone() else {
        return layout;
    };
    let mut structs = Unique::default();
    for it in &layout.structs {
        structs.name(it.name.clone());
    }
    let mut members = Unique::default();
    if let Some(root) = layout.structs.first_mut() {
        let fields = root.fields.iter().map(|it| &it.name);
        let tables = root.table.iter().map(|it| &it.name);
        for name in fields.chain(tables) {
            members.name(name.clone());
        }
        let row = declaration(&variables, structs.name("Variable".to_owned()));
        let Span {
            at,
            stride,
            count,
            max,
        } = variables.table;
        root.table.push(Table {
            name: members.name("variables".to_owned()),
            of: row.name.clone(),
            at,
            stride,
            count,
            max,
            doc: None,
            label: None,
            unit_from: None,
        });
        layout.structs.push(row);
    }
    layout
}

/// The row that declares a variable.
fn declaration(variables: &Variables, name: String) -> Struct {
    let field = |name: &str, offset: u64, ty: Type, doc: &str| Field {
        offset,
        name: name.to_owned(),
        ty,
        unit: None,
        doc: Some(doc.to_owned()),
        kind: None,
        names: None,
        reference: None,
        len: None,
    };
    let i32 = || Type::Scalar(Scalar::I32);
    let mut kind = field("kind", variables.ty.offset, i32(), "what its values are");
    let types = variables.ty.map.iter().zip(0..);
    kind.names = Some(types.map(|(name, number)| (name.clone(), number)).collect());
    let offset = "from the beginning of the buffer to the first value";
    let mut fields = vec![
        kind,
        field("offset", variables.offset.offset, i32(), offset),
        field(
            "count",
            variables.count.offset,
            i32(),
            "the number of values",
        ),
    ];
    let texts = [
        ("name", Some(&variables.name), "what it is called"),
        ("doc", variables.doc.as_ref(), "what it is"),
        ("unit", variables.unit.as_ref(), "the unit of its values"),
    ];
    for (name, text, doc) in texts {
        if let Some(TextAt { offset, ty }) = text {
            fields.push(field(name, *offset, ty.clone(), doc));
        }
    }
    Struct {
        name,
        doc: Some("What the region declares of a variable.".to_owned()),
        size: match variables.table.stride {
            Quantity::Number(stride) => Some(stride),
            Quantity::Field(_) => None,
        },
        fields,
        table: Vec::new(),
    }
}
