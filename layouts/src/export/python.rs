//! Python, with `ctypes`.

use std::fmt::Write;

use super::facts::{FactValue, facts};
use super::plain::{Plain, named, note};
use crate::declare::{Declared, Element, Member, Unit};
use crate::names::{Unique, comment, plain as plain_name, quoted};
use crate::types::Scalar;

const WORDS: &str = "\
    False None True and as assert async await break class continue ctypes def del elif else except \
    finally for from global if import in is lambda nonlocal not or pass raise return try while with \
    yield _fields_ _layout_ _pack_";

pub(super) fn python(unit: &Unit<'_>) -> String {
    let plain = Plain::new(unit, WORDS, plain_name);
    let mut out = format!("# @generated from {}.\n\nimport ctypes\n", plain.source());
    let mut constants = Unique::reserving(WORDS);
    for (_, name) in plain.structs() {
        constants.name(name.to_owned());
    }
    for (it, name) in plain.structs() {
        structure(&mut out, &plain, it, name, &mut constants);
    }
    out
}

fn structure(
    out: &mut String,
    plain: &Plain<'_>,
    it: &Declared,
    name: &str,
    constants: &mut Unique,
) {
    // Long because it writes one declaration from top to bottom, as it will read.
    out.push_str("\n\n");
    for (number, paragraph) in [it.name.clone()]
        .into_iter()
        .chain(plain.docs(it))
        .enumerate()
    {
        let space = if number > 0 { "#\n" } else { "" };
        let _ = writeln!(out, "{space}# {}", comment(&paragraph));
    }
    let members = plain.members(it);
    if it.size > 0 {
        let _ = writeln!(out, "class {name}(ctypes.LittleEndianStructure):");
        let _ = writeln!(
            out,
            "    _layout_ = \"ms\"\n    _pack_ = {}\n    _fields_ = [",
            it.align
        );
        for (member_name, member) in &members {
            let note = note(member).map_or_else(String::new, |it| format!("  # {it}"));
            let _ = writeln!(
                out,
                "        ({member_name:?}, {}),{note}",
                ty(plain, member)
            );
        }
        let _ = writeln!(
            out,
            "    ]\n\n\nassert ctypes.sizeof({name}) == {}",
            it.size
        );
        for (member_name, member) in &members {
            let _ = writeln!(
                out,
                "assert {name}.{member_name}.offset == {}",
                member.offset
            );
        }
    }
    let mut define = |constant: &str, value: String| {
        let constant = constants.name(format!("{name}_{constant}"));
        let _ = writeln!(out, "{constant} = {value}");
    };
    if it.is_root {
        for fact in facts(plain.unit(), it) {
            match fact.value {
                FactValue::Text(text) => define(&fact.name, quoted(&text)),
                FactValue::Milliseconds(time) => {
                    define(&format!("{}_MS", fact.name), time.to_string())
                }
                FactValue::Number(number, _) => define(&fact.name, number.to_string()),
                FactValue::Offset(offset) => define(&fact.name, offset.to_string()),
            }
        }
    }
    for (member_name, _, values) in named(&members) {
        let values = values.iter();
        let values = values.map(|(name, value)| format!("{value}: {}", quoted(name)));
        let values = values.collect::<Vec<_>>().join(", ");
        define(member_name, format!("{{{values}}}"));
    }
}

fn ty(plain: &Plain<'_>, member: &Member) -> String {
    let element = match &member.element {
        Element::Unit(1) => "ctypes.c_char",
        Element::Unit(_) => "ctypes.c_uint16",
        Element::Struct(name) => plain.name(name),
        Element::Scalar(scalar) => match scalar {
            Scalar::U8 | Scalar::Bool => "ctypes.c_uint8",
            Scalar::U16 => "ctypes.c_uint16",
            Scalar::U32 | Scalar::Bits32 | Scalar::Char => "ctypes.c_uint32",
            Scalar::U64 => "ctypes.c_uint64",
            Scalar::I8 => "ctypes.c_int8",
            Scalar::I16 => "ctypes.c_int16",
            Scalar::I32 | Scalar::Bool32 => "ctypes.c_int32",
            Scalar::I64 => "ctypes.c_int64",
            Scalar::F32 => "ctypes.c_float",
            Scalar::F64 => "ctypes.c_double",
        },
    };
    let counts = member.counts.iter().rev();
    counts.fold(element.to_owned(), |inner, count| {
        match inner.contains(' ') {
            true => format!("({inner}) * {count}"),
            false => format!("{inner} * {count}"),
        }
    })
}
