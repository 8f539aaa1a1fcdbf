//! What a program needs to know of a region beside its fields: how to find it and how to read it.

use super::about::{code, encoding_name};
use crate::convention::Consistency;
use crate::declare::{Declared, Element, Is, Unit};
use crate::model::{Layout, Table, TextBlock};
use crate::names::upper;
use crate::quantity::Quantity;
use crate::types::Scalar;

/// A constant of the root.
pub(super) struct Fact {
    pub(super) name: String,
    /// A sentence.
    pub(super) doc: String,
    pub(super) value: FactValue,
}

pub(super) enum FactValue {
    Text(String),
    Milliseconds(u32),
    /// A value that a field has.
    Number(i64, Scalar),
    /// The offset of something in the region.
    Offset(u64),
}

pub(super) fn facts(unit: &Unit<'_>, root: &Declared) -> Vec<Fact> {
    // Long because each fact of a region has its lines.
    let layout = unit.layouts[root.place.0];
    let mut all = Vec::new();
    let mut add = |name: &str, doc: &str, value: Option<FactValue>| {
        all.extend(value.map(|value| Fact {
            name: name.to_owned(),
            doc: doc.to_owned(),
            value,
        }));
    };
    let text = |text: &String| FactValue::Text(text.clone());
    // A star at the end stands for nothing, too.
    let mut names = layout
        .name
        .iter()
        .map(|it| it.trim_end_matches('*').to_owned());
    let name = names.find(|it| !it.contains('*'));
    add("NAME", "The name of the region.", name.map(FactValue::Text));
    let (mutex, region, event) = match &layout.consistency {
        Some(Consistency::Mutex { mutex, .. }) => (Some(mutex), None, None),
        Some(Consistency::LockRegion { region, event, .. }) => (None, Some(region), event.as_ref()),
        Some(Consistency::LatestOf { event, .. }) => (None, None, event.as_ref()),
        _ => (None, None, None),
    };
    let doc = "The name of the mutex that the producer holds while it writes.";
    add("MUTEX", doc, mutex.map(text));
    let doc = "The name of the region that has the producer's lock.";
    add("LOCK_REGION", doc, region.map(text));
    let doc = match region {
        Some(_) => "The name of the event that is set when the lock is released to a waiter.",
        None => "The name of the event that the producer sets when it has written.",
    };
    add("EVENT", doc, event.map(text));
    let frozen = layout.heartbeat.as_ref().map(|it| it.frozen_ms);
    let doc = "The producer counts as frozen after this time without a change of its heartbeat.";
    add("FROZEN", doc, frozen.map(FactValue::Milliseconds));
    if let Some(magic) = &layout.magic {
        let steps = unit.follow(root, &magic.field).unwrap_or_default();
        let scalar = match steps.last().map(|it| &it.member.element) {
            Some(Element::Scalar(scalar)) => *scalar,
            _ => Scalar::I64,
        };
        let number = |value| FactValue::Number(value, scalar);
        let field = code(&magic.field);
        let doc = format!("The value of `{field}` while the producer runs.");
        add("LIVE", &doc, Some(number(magic.live)));
        let doc = format!("The value of `{field}` after the producer has left.");
        add("DEAD", &doc, magic.dead.map(number));
    }
    for member in &root.beyond {
        let name = member.name().unwrap_or_default();
        let of = match (&member.element, &member.is) {
            (Element::Struct(of), _) => of.clone(),
            (_, Is::Field(field)) => field.ty.to_string(),
            _ => String::new(),
        };
        let doc = format!("Where the region has `{}`, a `{}`.", code(name), code(&of));
        let name = format!("{}_OFFSET", upper(name));
        add(&name, &doc, Some(FactValue::Offset(member.offset)));
    }
    all
}

/// What a comment says of a root, in paragraphs: `path` shows the path of a field, and `prose` makes the layout's own
/// texts fit for the comment.
pub(super) fn paragraphs(
    layout: &Layout,
    path: &dyn Fn(&str) -> String,
    prose: fn(&str) -> String,
) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(layout.doc.as_deref().map(prose));
    let names = layout.name.iter().map(|it| format!("`{}`", code(it)));
    let names: Vec<_> = names.collect();
    if !names.is_empty() {
        all.push(format!("The region is called {}.", names.join(" or ")));
    }
    let convention = layout.consistency.as_ref();
    all.extend(convention.map(|it| format!("A copy is whole if {}.", condition(it, path))));
    all.extend(layout.text.iter().map(|it| block(it, path, prose)));
    all
}

/// What a reader does so as not to read a torn value.
fn condition(it: &Consistency, path: &dyn Fn(&str) -> String) -> String {
    match it {
        Consistency::DoubleRead { .. } => "a second copy is equal".to_owned(),
        Consistency::Counter { field } => {
            format!("`{}` is the same before and after it", path(field))
        }
        Consistency::BeginEnd { begin, end } => {
            let (begin, end) = (path(begin), path(end));
            format!("`{end}`, read before it, equals `{begin}`, read after it")
        }
        Consistency::Sequence { field } => {
            let field = path(field);
            format!("`{field}` is even, and the same before and after it")
        }
        Consistency::LatestOf { .. } => {
            "it is of the buffer with the highest tick, and that tick is the same afterwards"
                .to_owned()
        }
        Consistency::Busy {
            field, bits: None, ..
        } => {
            format!("`{}` is 0 before and after it", path(field))
        }
        Consistency::Busy {
            field,
            bits: Some(bits),
            ..
        } => {
            let field = path(field);
            format!("no bit of {bits:#x} is set in `{field}` before and after it")
        }
        Consistency::Mutex { .. } => "the reader holds the mutex `MUTEX` meanwhile".to_owned(),
        Consistency::LockRegion { .. } => {
            "the reader holds the lock in the region `LOCK_REGION` meanwhile".to_owned()
        }
    }
}

fn block(it: &TextBlock, path: &dyn Fn(&str) -> String, prose: fn(&str) -> String) -> String {
    let len = it.len.as_ref().map(|it| amount(it, path));
    let len = len.map_or_else(String::new, |it| format!(" and has at most {it} bytes"));
    let media = it.media.as_deref().map(|it| format!(" ({})", prose(it)));
    format!(
        "`{}` is a text in {}{}. It begins at {} in the region{len}; it ends at a NUL.",
        code(&it.name),
        encoding_name(it.encoding),
        media.unwrap_or_default(),
        amount(&it.at, path),
    )
}

/// Where the rows of a table are that is not an array.
pub(super) fn place_of(table: &Table, path: &dyn Fn(&str) -> String) -> String {
    format!(
        "The rows of `{}`, each a `{}`, begin at {}; they are {} bytes apart, and there are {}.",
        code(&table.name),
        code(&table.of),
        amount(&table.at, path),
        amount(&table.stride, path),
        amount(&table.count, path),
    )
}

fn amount(it: &Quantity, path: &dyn Fn(&str) -> String) -> String {
    match it {
        Quantity::Number(number) => number.to_string(),
        Quantity::Field(field) => format!("`{}`", path(field)),
    }
}
