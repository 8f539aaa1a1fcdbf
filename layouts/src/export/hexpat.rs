//! Patterns of ImHex, a hex editor (<https://docs.werwolv.net/pattern-language>).

use std::fmt::Write;

use super::plain::{Plain, named, note};
use crate::declare::{Declared, Element, Is, Member, Unit};
use crate::model::Table;
use crate::names::{Unique, plain as plain_name};
use crate::quantity::Quantity;
use crate::text::Encoding;
use crate::types::{Scalar, Type};

/// The words of the language.
const WORDS: &str = "\
    addressof as auto be bitfield bool break catch char char16 const continue default double else enum \
    false float fn for from if import in le match namespace null out padding parent ref region return \
    s8 s16 s24 s32 s48 s64 s96 s128 sizeof str struct this true try typenameof u8 u16 u24 u32 u48 u64 u96 \
    u128 union unsigned using while";

/// What the root is called where it is placed.
const ROOT: &str = "region";

pub(super) fn hexpat(unit: &Unit<'_>) -> String {
    let plain = Plain::new(unit, WORDS, plain_name);
    let mut out = format!("// @generated from {}.\n", plain.source());
    out.push_str(
        "#pragma endian little\n#pragma array_limit 0x100000\n#pragma pattern_limit 0x1000000\n",
    );
    let mut types = Unique::reserving(WORDS);
    for (_, name) in plain.structs() {
        types.name(name.to_owned());
    }
    for (it, name) in plain.structs() {
        let enums = enums(&mut out, &plain, it, name, &mut types);
        structure(&mut out, &plain, it, name, &enums);
    }
    if let Some(root) = unit.root() {
        let _ = writeln!(out, "\n{} {ROOT} @ 0x00;", plain.name(&root.name));
        let mut variables = Unique::reserving(WORDS);
        variables.name(ROOT.to_owned());
        for table in &root.tables {
            let name = variables.name(plain_name(&table.name));
            let row = types.name(format!("{name}_row"));
            rows(&mut out, &plain, root, table, &name, &row);
        }
        texts(&mut out, &plain, root, &mut variables);
    }
    out
}

/// Writes the enums of a struct. Returns the name of each, with the offset of its member.
fn enums(
    out: &mut String,
    plain: &Plain<'_>,
    it: &Declared,
    name: &str,
    types: &mut Unique,
) -> Vec<(u64, String)> {
    let members = plain.members(it);
    let mut all = Vec::new();
    for (member_name, member, values) in named(&members) {
        let Element::Scalar(scalar) = member.element else {
            continue;
        };
        if scalar == Scalar::Bits32 || !scalar.is_integer() {
            continue;
        }
        let enum_name = types.name(format!("{name}_{member_name}"));
        let _ = writeln!(out, "\nenum {enum_name} : {} {{", scalar_type(scalar));
        let mut unique = Unique::reserving(WORDS);
        for (value_name, value) in values {
            let value_name = unique.name(plain_name(value_name));
            let _ = writeln!(out, "    {value_name} = {value},");
        }
        out.push_str("};\n");
        all.push((member.offset, enum_name));
    }
    all
}

fn structure(
    out: &mut String,
    plain: &Plain<'_>,
    it: &Declared,
    name: &str,
    enums: &[(u64, String)],
) {
    out.push('\n');
    for doc in plain.docs(it) {
        let _ = writeln!(out, "// {doc}");
    }
    let _ = writeln!(out, "struct {name} {{");
    for (member_name, member) in plain.members(it) {
        if let Is::Gap = member.is {
            let _ = writeln!(out, "    padding[{}];", member.size);
            continue;
        }
        let named = enums.iter().find(|(offset, _)| *offset == member.offset);
        let ty = named.map_or_else(|| ty(plain, member), |(_, name)| name.clone());
        // An array of arrays is one array: the language has no other.
        let count: u64 = member.counts.iter().map(|it| u64::from(*it)).product();
        let count = (!member.counts.is_empty()).then(|| format!("[{count}]"));
        let note = note(member).map(|it| format!(" [[comment({})]]", text(&it)));
        let (count, note) = (count.unwrap_or_default(), note.unwrap_or_default());
        let _ = writeln!(out, "    {ty} {member_name}{count}{note};");
    }
    out.push_str("};\n");
}

/// The rows of a table, which a stride can hold apart.
fn rows(
    out: &mut String,
    plain: &Plain<'_>,
    root: &Declared,
    table: &Table,
    name: &str,
    row: &str,
) {
    let amount = |it: &Quantity| amount(plain, root, it);
    let (Some(at), Some(stride), Some(count)) = (
        amount(&table.at),
        amount(&table.stride),
        amount(&table.count),
    ) else {
        return;
    };
    let structs = plain.structs().map(|(it, _)| it);
    let size = structs.filter(|it| it.name == table.of).map(|it| it.size);
    let (of, size, max) = (plain.name(&table.of), size.max().unwrap_or(0), table.max);
    let _ = write!(out, "\nstruct {row} {{\n    {of} row [[inline]];\n");
    match table.stride {
        Quantity::Number(stride) if stride <= size => {}
        Quantity::Number(stride) => {
            let _ = writeln!(out, "    padding[{}];", stride - size);
        }
        Quantity::Field(_) => {
            let _ = writeln!(
                out,
                "    if ({stride} > {size})\n        padding[{stride} - {size}];"
            );
        }
    }
    let _ = write!(
        out,
        "}};\n{row} {name}[{count} < {max} ? {count} : {max}] @ {at};\n"
    );
}

/// Long texts, as far as the region says how long they are.
fn texts(out: &mut String, plain: &Plain<'_>, root: &Declared, variables: &mut Unique) {
    for it in &plain.layout(root).text {
        let len = it.len.as_ref().and_then(|it| amount(plain, root, it));
        if let (Some(at), Some(len)) = (amount(plain, root, &it.at), len) {
            let name = variables.name(plain_name(&it.name));
            let unit = it.encoding.unit();
            let len = if unit == 1 {
                len
            } else {
                format!("({len}) / {unit}")
            };
            let _ = writeln!(out, "\n{} {name}[{len}] @ {at};", letter(it.encoding));
        }
    }
}

fn amount(plain: &Plain<'_>, root: &Declared, it: &Quantity) -> Option<String> {
    match it {
        Quantity::Number(number) => Some(number.to_string()),
        Quantity::Field(path) => Some(format!("{ROOT}.{}", plain.path(root, path)?)),
    }
}

fn ty(plain: &Plain<'_>, member: &Member) -> String {
    match (&member.element, &member.is) {
        (Element::Struct(name), _) => plain.name(name).to_owned(),
        (Element::Scalar(scalar), _) => scalar_type(*scalar).to_owned(),
        (Element::Unit(_), Is::Field(field)) => match field.ty.innermost() {
            Type::Text { encoding, .. } => letter(*encoding).to_owned(),
            _ => "u8".to_owned(),
        },
        (Element::Unit(unit), _) => format!("u{}", 8 * unit),
    }
}

const fn letter(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf16 => "char16",
        _ => "char",
    }
}

const fn scalar_type(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::U8 => "u8",
        Scalar::U16 => "u16",
        Scalar::U32 | Scalar::Bits32 | Scalar::Char => "u32",
        Scalar::U64 => "u64",
        Scalar::I8 => "s8",
        Scalar::I16 => "s16",
        Scalar::I32 | Scalar::Bool32 => "s32",
        Scalar::I64 => "s64",
        Scalar::F32 => "float",
        Scalar::F64 => "double",
        Scalar::Bool => "bool",
    }
}

/// A text between quotes.
fn text(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|it| match it {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            it => it.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}
