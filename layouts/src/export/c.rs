//! C, from C11 on, and C++, from C++11 on.

use std::fmt::Write;

use super::facts::{FactValue, facts};
use super::plain::{Plain, named, note};
use crate::declare::{Declared, Element, Member, Unit};
use crate::names::{Unique, plain as plain_name, quoted};
use crate::types::Scalar;

/// The words of C and C++, and macros that compilers and Windows have.
const WORDS: &str = "\
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t \
    char8_t class co_await co_return co_yield compl concept const const_cast consteval constexpr \
    constinit continue decltype default delete do double dynamic_cast else enum explicit export extern \
    false far float for friend goto if inline int interface linux long max min mutable namespace near \
    new noexcept not not_eq nullptr offsetof operator or or_eq private protected public register \
    reinterpret_cast requires restrict return short signed sizeof small static static_assert static_cast \
    struct switch template this thread_local throw true try typedef typeid typename typeof union unix \
    unsigned using virtual void volatile wchar_t while xor xor_eq";

pub(super) fn c(unit: &Unit<'_>) -> String {
    let plain = Plain::new(unit, WORDS, plain_name);
    let mut out = format!("/* @generated from {}. */\n", escape(&plain.source()));
    out += "#pragma once\n\n#include <assert.h>\n#include <stddef.h>\n#include <stdint.h>\n";
    let mut macros = Unique::default();
    for (it, name) in plain.structs() {
        structure(&mut out, &plain, it, name, &mut macros);
    }
    out
}

fn structure(out: &mut String, plain: &Plain<'_>, it: &Declared, name: &str, macros: &mut Unique) {
    out.push_str("\n/*\n");
    let _ = writeln!(out, " * {}", escape(&it.name));
    for paragraph in plain.docs(it) {
        let _ = writeln!(out, " *\n * {}", escape(&paragraph));
    }
    out.push_str(" */\n");
    let members = plain.members(it);
    if it.size > 0 {
        let _ = writeln!(
            out,
            "#pragma pack(push, {})\ntypedef struct {name} {{",
            it.align
        );
        for (member_name, member) in &members {
            let lengths = member.counts.iter().map(|it| format!("[{it}]"));
            let lengths: String = lengths.collect();
            let note =
                note(member).map_or_else(String::new, |it| format!(" /* {} */", escape(&it)));
            let _ = writeln!(
                out,
                "    {} {member_name}{lengths};{note}",
                ty(plain, member)
            );
        }
        let _ = writeln!(out, "}} {name};\n#pragma pack(pop)");
        let size = it.size;
        let _ = writeln!(out, "static_assert(sizeof({name}) == {size}, \"{name}\");");
        for (member_name, member) in &members {
            let offset = member.offset;
            let _ = writeln!(
                out,
                "static_assert(offsetof({name}, {member_name}) == {offset}, \"{name}.{member_name}\");"
            );
        }
    }
    let mut define = |macro_name: &str, value: String| {
        let macro_name = macros.name(format!("{name}_{macro_name}"));
        let _ = writeln!(out, "#define {macro_name} {value}");
    };
    if it.is_root {
        for fact in facts(plain.unit(), it) {
            match fact.value {
                FactValue::Text(text) => define(&fact.name, quoted(&text)),
                FactValue::Milliseconds(time) => {
                    define(&format!("{}_MS", fact.name), time.to_string())
                }
                FactValue::Number(number, _) => define(&fact.name, literal(number)),
                FactValue::Offset(offset) => define(&fact.name, offset.to_string()),
            }
        }
    }
    for (member_name, _, values) in named(&members) {
        for (value_name, value) in values {
            let value_name = plain_name(value_name);
            define(&format!("{member_name}_{value_name}"), literal(value));
        }
    }
}

fn ty<'a>(plain: &'a Plain<'_>, member: &Member) -> &'a str {
    match &member.element {
        Element::Unit(1) => "char",
        Element::Unit(_) => "uint16_t",
        Element::Struct(name) => plain.name(name),
        Element::Scalar(scalar) => match scalar {
            Scalar::U8 | Scalar::Bool => "uint8_t",
            Scalar::U16 => "uint16_t",
            Scalar::U32 | Scalar::Bits32 | Scalar::Char => "uint32_t",
            Scalar::U64 => "uint64_t",
            Scalar::I8 => "int8_t",
            Scalar::I16 => "int16_t",
            Scalar::I32 | Scalar::Bool32 => "int32_t",
            Scalar::I64 => "int64_t",
            Scalar::F32 => "float",
            Scalar::F64 => "double",
        },
    }
}

/// A number of any size: the smallest has no literal of its own in C.
fn literal(number: i64) -> String {
    if number == i64::MIN {
        return "INT64_MIN".to_owned();
    }
    match number {
        ..0 => format!("({number})"),
        _ => number.to_string(),
    }
}

/// A text such that it does not end a comment.
fn escape(text: &str) -> String {
    text.replace("*/", "* /").replace("/*", "/ *")
}
