//! Kaitai Struct, whose compiler makes readers for a dozen languages.

use std::fmt::Write;

use super::plain::{Plain, named, note};
use crate::declare::{Declared, Element, Is, Member, Unit};
use crate::model::{Table, TextBlock};
use crate::names::{Unique, quoted, words};
use crate::quantity::Quantity;
use crate::text::Encoding;
use crate::types::{Scalar, Type};

/// What YAML may take for something else than a text.
const WORDS: &str = "false n no null off on true y yes";

pub(super) fn ksy(unit: &Unit<'_>) -> String {
    let plain = Plain::new(unit, WORDS, id);
    let mut out = format!("# @generated from {}.\n", plain.source());
    let name = unit.layouts.first().map_or("", |it| &*it.id);
    let _ = write!(out, "meta:\n  id: {}\n  endian: le\n", id(name));
    if let Some(root) = unit.root() {
        let root = plain.name(&root.name);
        let _ = write!(out, "seq:\n  - id: region\n    type: {root}\n");
    }
    out.push_str("types:\n");
    let mut enums = String::new();
    for (it, name) in plain.structs() {
        structure(&mut out, &mut enums, &plain, it, name);
    }
    if !enums.is_empty() {
        let _ = write!(out, "enums:\n{enums}");
    }
    out
}

fn structure(out: &mut String, enums: &mut String, plain: &Plain<'_>, it: &Declared, name: &str) {
    let _ = writeln!(out, "  {name}:");
    let docs = plain.docs(it);
    if !docs.is_empty() {
        let _ = writeln!(out, "    doc: {}", quoted(&docs.join(" ")));
    }
    let members = plain.members(it);
    out.push_str(if members.is_empty() {
        "    seq: []\n"
    } else {
        "    seq:\n"
    });
    let mut ids = Unique::reserving(WORDS);
    for (id, member) in &members {
        ids.name(id.clone());
        let _ = writeln!(out, "      - id: {id}");
        let values = has_named_values(member).then(|| format!("{name}_{id}"));
        for line in attributes(plain, member, values.as_deref()) {
            let _ = writeln!(out, "        {line}");
        }
    }
    for (id, member, values) in named(&members) {
        if has_named_values(member) {
            let _ = writeln!(enums, "  {name}_{id}:");
            enums.push_str(&names_of(&values));
        }
    }
    if it.is_root {
        let instances = instances(plain, it, &mut ids);
        if !instances.is_empty() {
            let _ = write!(out, "    instances:\n{instances}");
        }
    }
}

/// What lies at a place of its own in the region: tables, texts, and members beyond them.
fn instances(plain: &Plain<'_>, root: &Declared, ids: &mut Unique) -> String {
    let mut out = String::new();
    let amount = |it: &Quantity| match it {
        Quantity::Number(number) => Some(number.to_string()),
        Quantity::Field(path) => plain.path(root, path),
    };
    let mut add = |name: &str, at: String, lines: Vec<String>| {
        let id = ids.name(id(name));
        let _ = write!(
            out,
            "      {id}:\n        io: _root._io\n        pos: {at}\n"
        );
        for line in lines {
            let _ = writeln!(out, "        {line}");
        }
    };
    for table in &root.tables {
        let (at, stride, count) = (
            amount(&table.at),
            amount(&table.stride),
            amount(&table.count),
        );
        if let (Some(at), Some(stride), Some(count)) = (at, stride, count) {
            add(&table.name, at, rows(plain, table, &stride, &count));
        }
    }
    for text in &plain.layout(root).text {
        if let Some(at) = amount(&text.at) {
            let len = text.len.as_ref().and_then(amount);
            add(&text.name, at, block(text, len));
        }
    }
    for member in &root.beyond {
        let lines = attributes(plain, member, None);
        add(
            member.name().unwrap_or_default(),
            member.offset.to_string(),
            lines,
        );
    }
    out
}

fn rows(plain: &Plain<'_>, table: &Table, stride: &str, count: &str) -> Vec<String> {
    let max = table.max;
    vec![
        format!("size: {stride}"),
        format!("type: {}", plain.name(&table.of)),
        "repeat: expr".to_owned(),
        format!("repeat-expr: '{count} < {max} ? {count} : {max}'"),
    ]
}

fn block(text: &TextBlock, len: Option<String>) -> Vec<String> {
    let size = len.map_or_else(|| "size-eos: true".to_owned(), |len| format!("size: {len}"));
    let mut lines = vec![size];
    lines.extend(text_type(text.encoding));
    lines
}

/// The type of a member, once or several times.
fn attributes(plain: &Plain<'_>, member: &Member, values: Option<&str>) -> Vec<String> {
    let mut counts = member.counts.clone();
    let mut lines = match (&member.is, &member.element) {
        (_, Element::Struct(name)) => vec![format!("type: {}", plain.name(name))],
        (Is::Gap, _) => vec![format!("size: {}", counts.pop().unwrap_or(0))],
        (Is::Field(field), element) => match (field.ty.innermost(), element) {
            (Type::Text { encoding, .. }, Element::Unit(unit)) => {
                let size = u64::from(counts.pop().unwrap_or(0)) * unit;
                let mut lines = vec![format!("size: {size}")];
                lines.extend(text_type(*encoding));
                lines
            }
            (Type::Bytes(_), _) => vec![format!("size: {}", counts.pop().unwrap_or(0))],
            (_, Element::Scalar(scalar)) => vec![format!("type: {}", scalar_type(*scalar))],
            _ => Vec::new(),
        },
        (Is::Table(_), _) => Vec::new(),
    };
    let count: u64 = counts.iter().map(|it| u64::from(*it)).product();
    if !counts.is_empty() {
        lines.push("repeat: expr".to_owned());
        lines.push(format!("repeat-expr: {count}"));
    }
    lines.extend(values.map(|it| format!("enum: {it}")));
    lines.extend(note(member).map(|it| format!("doc: {}", quoted(&it))));
    lines
}

/// Whether the values of a member are names. Flags have names and are not one of them.
fn has_named_values(member: &Member) -> bool {
    let Is::Field(field) = &member.is else {
        return false;
    };
    field.names.is_some() && !matches!(member.element, Element::Scalar(Scalar::Bits32))
}

fn names_of(values: &[(&str, i64)]) -> String {
    let mut out = String::new();
    let mut unique = Unique::default();
    let mut last = None;
    for (name, value) in values {
        if last != Some(value) {
            let _ = writeln!(out, "    {value}: {:?}", unique.name(id(name)));
        }
        last = Some(value);
    }
    out
}

/// A text ends at a NUL. Kaitai Struct does not look for one of two bytes.
fn text_type(encoding: Encoding) -> [String; 2] {
    let (ty, name) = match encoding {
        Encoding::Utf8 => ("strz", "UTF-8"),
        Encoding::Utf16 => ("str", "UTF-16LE"),
        Encoding::Latin1 => ("strz", "ISO-8859-1"),
        Encoding::Ansi => ("strz", "windows-1252"),
    };
    [format!("type: {ty}"), format!("encoding: {name}")]
}

const fn scalar_type(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::U8 | Scalar::Bool => "u1",
        Scalar::U16 => "u2",
        Scalar::U32 | Scalar::Bits32 | Scalar::Char => "u4",
        Scalar::U64 => "u8",
        Scalar::I8 => "s1",
        Scalar::I16 => "s2",
        Scalar::I32 | Scalar::Bool32 => "s4",
        Scalar::I64 => "s8",
        Scalar::F32 => "f4",
        Scalar::F64 => "f8",
    }
}

/// An identifier of Kaitai Struct: lower case, and a letter first.
fn id(name: &str) -> String {
    let id = words(name).join("_").to_ascii_lowercase();
    if id.starts_with(|it: char| it.is_ascii_lowercase()) {
        id
    } else {
        format!("x_{id}").trim_end_matches('_').to_owned()
    }
}
