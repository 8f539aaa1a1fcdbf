//! What a comment says of a member.

use crate::declare::{Is, Member};
use crate::model::Meaning;
use crate::names::comment;
use crate::quantity::Quantity;
use crate::text::Encoding;
use crate::types::{Scalar, Type};

/// The meaning of a member, on one line; `prose` makes the layout's own texts fit for the comment.
pub(super) fn about(member: &Member, prose: fn(&str) -> String) -> Option<String> {
    let mut parts = Vec::new();
    match &member.is {
        Is::Field(field) => {
            parts.extend(field.doc.as_deref().map(prose));
            let unit = field.unit.as_deref();
            parts.extend(unit.map(|unit| format!("in {}", prose(unit))));
            parts.extend(field.kind.map(|it| meaning(it).to_owned()));
            parts.extend(kind_of(&field.ty));
            parts.extend(field.len.as_ref().map(used));
            let table = field.reference.as_deref();
            parts.extend(table.map(|it| format!("the number of a row of `{}`", code(it))));
        }
        Is::Table(table) => {
            parts.extend(table.doc.as_deref().map(prose));
            if let Quantity::Field(_) = table.count {
                parts.push(used(&table.count));
            }
        }
        Is::Gap => parts.push("padding, or unknown".to_owned()),
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// A name between back-quotes.
pub(super) fn code(name: &str) -> String {
    comment(name).replace('`', "'")
}

fn used(count: &Quantity) -> String {
    match count {
        Quantity::Number(number) => format!("{number} of them are in use"),
        Quantity::Field(path) => format!("`{}` of them are in use", code(path)),
    }
}

fn kind_of(ty: &Type) -> Option<String> {
    match ty.innermost() {
        Type::Text { encoding, .. } => Some(format!("text in {}", encoding_name(*encoding))),
        Type::Scalar(Scalar::Bool | Scalar::Bool32) => Some("true if it is not 0".to_owned()),
        Type::Scalar(Scalar::Char) => Some("a Unicode scalar value".to_owned()),
        _ => None,
    }
}

pub(super) const fn encoding_name(it: Encoding) -> &'static str {
    match it {
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf16 => "UTF-16",
        Encoding::Latin1 => "Latin-1",
        Encoding::Ansi => "Windows-1252",
    }
}

const fn meaning(it: Meaning) -> &'static str {
    match it {
        Meaning::UnixSeconds => "seconds since 1970",
        Meaning::UnixMilliseconds => "milliseconds since 1970",
        Meaning::Filetime => "units of 100 ns since 1601",
        Meaning::TickCount => "milliseconds since the system started",
    }
}
