//! What the struct at the beginning of a region has beside its fields: how to find the region and read it.

use std::fmt::Write;

use super::{Rust, literal, prose, raw, scalar_type, text};
use crate::convention::{Consistency, Magic};
use crate::declare::{Declared, Element};
use crate::export::about::{code, encoding_name};
use crate::model::{Layout, Quantity, Table, TextBlock};
use crate::names::{snake, upper};

/// The documentation of a root, in paragraphs.
pub(super) fn paragraphs(rust: &Rust<'_>, root: &Declared) -> Vec<String> {
    let layout = rust.layout(root);
    let mut all = Vec::new();
    all.extend(layout.doc.as_deref().map(prose));
    let names = layout.name.iter().map(|it| format!("`{}`", code(it)));
    let names: Vec<_> = names.collect();
    if !names.is_empty() {
        all.push(format!("The region is called {}.", names.join(" or ")));
    }
    all.extend(
        layout
            .consistency
            .as_ref()
            .map(|it| convention(rust, root, it)),
    );
    all.extend(layout.text.iter().map(|it| block(rust, root, it)));
    all
}

/// What a reader does so as not to read a torn value.
fn convention(rust: &Rust<'_>, root: &Declared, it: &Consistency) -> String {
    let path = |path: &str| rust.path(root, path);
    let when = match it {
        Consistency::DoubleRead { .. } => "a second copy is equal".to_owned(),
        Consistency::Counter { field } => {
            format!("`{}` is the same before and after it", path(field))
        }
        Consistency::BeginEnd { begin, end } => {
            let (begin, end) = (path(begin), path(end));
            format!("`{end}`, read before it, equals `{begin}`, read after it")
        }
        Consistency::Sequence { field } => {
            format!(
                "`{}` is even, and the same before and after it",
                path(field)
            )
        }
        Consistency::LatestOf { .. } => {
            "it is of the buffer with the highest tick, and that tick is the same afterwards"
                .to_owned()
        }
        Consistency::Busy { field, bits: None } => {
            format!("`{}` is 0 before and after it", path(field))
        }
        Consistency::Busy {
            field,
            bits: Some(bits),
        } => format!(
            "no bit of {bits:#x} is set in `{}` before and after it",
            path(field)
        ),
        Consistency::Mutex { .. } => "the reader holds the mutex `MUTEX` meanwhile".to_owned(),
        Consistency::LockRegion { .. } => {
            "the reader holds the lock in the region `LOCK_REGION` meanwhile".to_owned()
        }
    };
    format!("A copy is whole if {when}.")
}

fn block(rust: &Rust<'_>, root: &Declared, it: &TextBlock) -> String {
    let amount = |it: &Quantity| match it {
        Quantity::Number(number) => number.to_string(),
        Quantity::Field(path) => format!("`{}`", rust.path(root, path)),
    };
    let len = it.len.as_ref().map_or_else(String::new, |len| {
        format!(" and has at most {} bytes", amount(len))
    });
    let media = it
        .media
        .as_deref()
        .map_or_else(String::new, |it| format!(" ({})", prose(it)));
    format!(
        "`{}` is a text in {}{media}. It begins at {} in the region{len}; it ends at a NUL.",
        code(&it.name),
        encoding_name(it.encoding),
        amount(&it.at),
    )
}

pub(super) fn constants(rust: &Rust<'_>, root: &Declared) -> String {
    let mut out = String::new();
    let layout = rust.layout(root);
    for Constant {
        name,
        doc,
        ty,
        value,
    } in described(layout)
    {
        let _ = write!(
            out,
            "\n    /// {doc}\n    pub const {name}: {ty} = {value};\n"
        );
    }
    if let Some(it) = &layout.magic {
        magic(rust, root, it, &mut out);
    }
    for member in &root.beyond {
        let name = member.name().unwrap_or_default();
        let ty = rust.ty(member);
        let shown = match member.element {
            Element::Struct(_) if member.counts.is_empty() => format!("[`{ty}`]"),
            _ => format!("`{ty}`"),
        };
        let _ = write!(
            out,
            "\n    /// Where the region has `{}`, of type {shown}.\n    pub const {}_OFFSET: usize = {};\n",
            code(name),
            upper(name),
            member.offset
        );
    }
    out
}

fn magic(rust: &Rust<'_>, root: &Declared, it: &Magic, out: &mut String) {
    let steps = rust.unit.follow(root, &it.field).unwrap_or_default();
    let ty = match steps.last().map(|it| &it.member.element) {
        Some(Element::Scalar(scalar)) => scalar_type(*scalar),
        _ => "i64",
    };
    let path = rust.path(root, &it.field);
    let live = Some(("LIVE", "while the producer runs", it.live));
    let dead = it
        .dead
        .map(|dead| ("DEAD", "after the producer has left", dead));
    for (name, when, value) in live.into_iter().chain(dead) {
        let value = literal(value, ty);
        let _ = write!(
            out,
            "\n    /// The value of `{path}` {when}.\n    pub const {name}: {ty} = {value};\n"
        );
    }
}

struct Constant {
    name: &'static str,
    doc: &'static str,
    ty: &'static str,
    value: String,
}

/// What a program needs to know of a region beside its fields.
fn described(layout: &Layout) -> Vec<Constant> {
    let mut all = Vec::new();
    let mut add = |name, doc, ty, value: Option<String>| {
        all.extend(value.map(|value| Constant {
            name,
            doc,
            ty,
            value,
        }));
    };
    // A star at the end stands for nothing, too.
    let names = layout.name.iter().map(|it| it.trim_end_matches('*'));
    let name = names.filter(|it| !it.contains('*')).map(text).next();
    add("NAME", "The name of the region.", "&str", name);
    let (mutex, region, event) = match &layout.consistency {
        Some(Consistency::Mutex { mutex, .. }) => (Some(mutex), None, None),
        Some(Consistency::LockRegion { region, event, .. }) => (None, Some(region), event.as_ref()),
        Some(Consistency::LatestOf { event, .. }) => (None, None, event.as_ref()),
        _ => (None, None, None),
    };
    let doc = "The name of the mutex that the producer holds while it writes.";
    add("MUTEX", doc, "&str", mutex.map(|it| text(it)));
    let doc = "The name of the region that has the producer's lock.";
    add("LOCK_REGION", doc, "&str", region.map(|it| text(it)));
    let doc = match region {
        Some(_) => "The name of the event that is set when the lock is released to a waiter.",
        None => "The name of the event that the producer sets when it has written.",
    };
    add("EVENT", doc, "&str", event.map(|it| text(it)));
    let frozen = layout.heartbeat.as_ref().map(|it| it.frozen_ms);
    let frozen = frozen.map(|it| format!("::core::time::Duration::from_millis({it})"));
    let doc = "The producer counts as frozen after this time without a change of its heartbeat.";
    add("FROZEN", doc, "::core::time::Duration", frozen);
    all
}

/// The tables whose place the members tell, and the arguments for `View::table`.
pub(super) fn tables<'a>(rust: &Rust<'a>, root: &'a Declared) -> Vec<(&'a Table, String)> {
    let argument = |it: &Quantity| match it {
        Quantity::Number(number) => Some(format!("{number}_u64")),
        Quantity::Field(path) => {
            let steps = rust.unit.follow(root, path)?;
            Some(format!("self.{}", rust.steps(&steps)))
        }
    };
    let tables = root.tables.iter().filter(|_| root.is_root);
    let arguments = |table: &Table| {
        let all = [&table.at, &table.stride, &table.count].map(argument);
        all.into_iter().collect::<Option<Vec<_>>>()
    };
    tables
        .filter_map(|table| Some((table, arguments(table)?.join(", "))))
        .collect()
}

pub(super) fn table(rust: &Rust<'_>, table: &Table, arguments: &str) -> String {
    let row = &rust.types[&*table.of];
    let name = raw(snake(&table.name));
    let doc = table.doc.as_deref();
    let doc = doc.map_or_else(String::new, |doc| format!(": {}", prose(doc)));
    format!(
        r"
    /// The rows of `{}` in the view of the region{doc}.
    ///
    /// # Errors
    ///
    /// `InvalidTable`: the numbers in these fields are not those of a table in this view.
    #[cfg(windows)]
    pub fn {name}<'v, A>(
        &self,
        view: &'v View<A>,
    ) -> Result<Table<'v, {row}, A>, SharedMemoryError> {{
        view.table({arguments})
    }}
",
        code(&table.name)
    )
}
