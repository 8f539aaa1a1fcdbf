//! C#, from version 12 on: arrays are inline arrays, so every struct can be read from bytes without marshalling.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::facts::{FactValue, facts};
use super::plain::{Plain, named, note};
use crate::declare::{Declared, Element, Member, Unit};
use crate::names::{Unique, comment, plain as plain_name, quoted};
use crate::types::Scalar;

const WORDS: &str = "\
    abstract as base bool break byte case catch char checked class const continue decimal default \
    delegate do double else enum event explicit extern false finally fixed float for foreach goto if \
    implicit in int interface internal is lock long namespace new null object operator out override \
    params private protected public readonly ref return sbyte sealed short sizeof stackalloc static \
    string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using virtual \
    void volatile while Equals GetHashCode GetType ToString MemberwiseClone ReferenceEquals FieldOffset \
    InlineArray LayoutKind StructLayout";

pub(super) fn csharp(unit: &Unit<'_>) -> String {
    let plain = Plain::new(unit, WORDS, plain_name);
    let mut out = format!("// @generated from {}.\n\n", plain.source());
    out += "using System.Runtime.CompilerServices;\nusing System.Runtime.InteropServices;\n";
    let mut arrays = BTreeSet::new();
    for (it, name) in plain.structs() {
        structure(&mut out, &plain, it, name, &mut arrays);
    }
    for (element, count) in arrays {
        let _ = write!(
            out,
            "\n[InlineArray({count})]\npublic struct {}\n{{\n    private {element} first;\n}}\n",
            array_name(&element, count)
        );
    }
    out
}

fn structure(
    out: &mut String,
    plain: &Plain<'_>,
    it: &Declared,
    name: &str,
    arrays: &mut BTreeSet<(String, u64)>,
) {
    // Long because it writes one declaration from top to bottom, as it will read.
    let mut docs = vec![it.name.clone()];
    docs.extend(plain.docs(it));
    let docs: Vec<_> = docs.iter().map(|it| escape(it)).collect();
    let _ = writeln!(out, "\n/// <summary>{}</summary>", docs.join("<para/>"));
    if it.size > 0 {
        let size = it.size;
        let _ = writeln!(
            out,
            "[StructLayout(LayoutKind.Explicit, Pack = 1, Size = {size})]"
        );
        let _ = writeln!(out, "public struct {name}\n{{");
    } else {
        let _ = writeln!(out, "public static class {name}\n{{");
    }
    let members = plain.members(it);
    let mut unique = Unique::reserving(WORDS);
    unique.name(name.to_owned());
    for (member_name, _) in &members {
        unique.name(member_name.clone());
    }
    let mut constant = |ty: &str, constant: &str, value: String| {
        let constant = unique.name(constant.to_owned());
        let _ = writeln!(out, "    public const {ty} {constant} = {value};");
    };
    if it.is_root {
        for fact in facts(plain.unit(), it) {
            match fact.value {
                FactValue::Text(text) => constant("string", &fact.name, quoted(&text)),
                FactValue::Milliseconds(time) => {
                    constant("uint", &format!("{}_MS", fact.name), time.to_string());
                }
                FactValue::Number(number, _) => constant("long", &fact.name, number.to_string()),
                FactValue::Offset(offset) => constant("long", &fact.name, offset.to_string()),
            }
        }
    }
    for (member_name, _, values) in named(&members) {
        for (value_name, value) in values {
            let value_name = plain_name(value_name);
            constant(
                "long",
                &format!("{member_name}_{value_name}"),
                value.to_string(),
            );
        }
    }
    for (member_name, member) in &members {
        // Gaps need no field where offsets are stated.
        if member.name().is_none() {
            continue;
        }
        if let Some(note) = note(member) {
            let _ = writeln!(out, "    /// <summary>{}</summary>", escape(&note));
        }
        let element = element(plain, member);
        let count: u64 = member.counts.iter().map(|it| u64::from(*it)).product();
        let ty = if member.counts.is_empty() {
            element.to_owned()
        } else {
            arrays.insert((element.to_owned(), count));
            array_name(element, count)
        };
        let offset = member.offset;
        let _ = writeln!(
            out,
            "    [FieldOffset({offset})] public {ty} {member_name};"
        );
    }
    out.push_str("}\n");
}

fn array_name(element: &str, count: u64) -> String {
    format!("{element}_x{count}")
}

fn element<'a>(plain: &'a Plain<'_>, member: &Member) -> &'a str {
    match &member.element {
        Element::Unit(1) => "byte",
        Element::Unit(_) => "char",
        Element::Struct(name) => plain.name(name),
        Element::Scalar(scalar) => match scalar {
            Scalar::U8 | Scalar::Bool => "byte",
            Scalar::U16 => "ushort",
            Scalar::U32 | Scalar::Bits32 | Scalar::Char => "uint",
            Scalar::U64 => "ulong",
            Scalar::I8 => "sbyte",
            Scalar::I16 => "short",
            Scalar::I32 | Scalar::Bool32 => "int",
            Scalar::I64 => "long",
            Scalar::F32 => "float",
            Scalar::F64 => "double",
        },
    }
}

fn escape(text: &str) -> String {
    let text = comment(text);
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
