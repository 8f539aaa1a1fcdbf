//! Layouts from debug information: DWARF in programs and libraries, and PDB.
//!
//! A compiler knows where it has put each member; what it does not know is how a producer writes. So the layout has no
//! convention, and [`Imported::toml`] has lines to be filled in.
//!
//! The file may be of a stranger. What is read of it is bounded: types hold each other to a depth, and members are
//! counted.

mod dwarf;
mod emit;
mod names;
mod pdb;
mod remarks;
mod types;

use std::fmt;
use std::panic;

use win_shared_memory_layouts::{Field, Layout, LayoutError};

/// A layout that was made from debug information.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Imported {
    /// The layout, which is sound.
    pub layout: Layout,
    /// What of the type is not in the layout, or is there as something else.
    pub notes: Vec<String>,
}

/// Of several structs of a name, a message has so many.
const MOST_SHOWN: usize = 10;

/// Why a type is not made into a layout.
#[derive(Debug)]
#[non_exhaustive]
pub enum ImportError {
    /// The file is not a program, a library, an object file or a PDB; or it is damaged. The text says how.
    Unreadable(String),
    /// The file has no debug information.
    NoDebugInformation,
    /// There is no such type; these are like it.
    NoType(String, Vec<String>),
    /// It has the type's name and not its members: those are where the type is defined.
    NoMembers(String),
    /// There are several such types, in these namespaces.
    Several(String, Vec<String>),
    /// The type is too large, or holds itself.
    TooMuch,
    /// What was found makes no layout.
    Unsound(LayoutError),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(text) => write!(f, "it cannot be read: {text}"),
            Self::NoDebugInformation => f.write_str(
                "it has no debug information; compile it with -g, or give the .pdb that belongs to it",
            ),
            Self::NoType(name, near) => {
                write!(f, "there is no struct `{}`", crate::escape(name))?;
                let mut before = "; did you mean";
                for it in near {
                    write!(f, "{before} `{}`", crate::escape(it))?;
                    before = ",";
                }
                f.write_str(if near.is_empty() { "" } else { "?" })
            }
            Self::NoMembers(name) => write!(
                f,
                "`{}` is only declared in it; give the file of a program that uses its members",
                crate::escape(name)
            ),
            Self::Several(name, all) => {
                write!(f, "there are several structs `{}`; give the whole name", crate::escape(name))?;
                let shown = all.iter().take(MOST_SHOWN);
                for (number, it) in shown.enumerate() {
                    let before = if number == 0 { ": " } else { ", " };
                    write!(f, "{before}`{}`", crate::escape(it))?;
                }
                match all.len().saturating_sub(MOST_SHOWN) {
                    0 => Ok(()),
                    others => write!(f, " and {others} more"),
                }
            }
            Self::TooMuch => f.write_str("the type is too large, or holds itself"),
            Self::Unsound(error) => write!(f, "the type makes no layout: {error}"),
        }
    }
}

impl std::error::Error for ImportError {}

/// The layout of a struct, from the bytes of a program, a library, an object file or a PDB.
///
/// `source` is the text of the header that has the struct, if it is at hand: what its comments say of a member becomes
/// the member's `doc` and `unit`.
///
/// # Errors
///
/// See [`ImportError`].
pub fn import(file: &[u8], name: &str, source: Option<&str>) -> Result<Imported, ImportError> {
    if file.starts_with(b"Microsoft C/C++ MSF 7.00") {
        // Some damage makes `pdb2` panic.
        let read = panic::catch_unwind(|| {
            let stream = pdb::Stream::read(file)?;
            emit::emit(&mut stream.types()?, name, source)
        });
        let panicked = || ImportError::Unreadable("its types are damaged".to_owned());
        return read.unwrap_or_else(|_| Err(panicked()));
    }
    let sections = dwarf::Sections::read(file)?;
    let mut types = sections.types()?;
    emit::emit(&mut types, name, source)
}

impl Imported {
    /// The layout as a file, a line for each field, with lines to be filled in.
    #[must_use]
    pub fn toml(&self) -> String {
        let id = quoted(&self.layout.id);
        let mut out = format!("format = 1\nid     = {id}\n{TO_FILL_IN}");
        for note in &self.notes {
            out.push_str(&format!("# {note}\n"));
        }
        for it in &self.layout.structs {
            let size = it.size.unwrap_or(0);
            let name = quoted(&it.name);
            out.push_str(&format!(
                "\n[[struct]]\nname   = {name}\nsize   = {size}\nfields = [\n"
            ));
            let widths = it
                .fields
                .iter()
                .map(|it| (it.offset.to_string().len(), it.name.chars().count()));
            let (offset, name) = widths.fold((0, 0), |(a, b), (c, d)| (a.max(c), b.max(d)));
            for field in &it.fields {
                out.push_str(&line(field, offset + 1, name.min(32) + 3));
            }
            out.push_str("]\n");
        }
        out
    }
}

fn line(field: &Field, offset_width: usize, name_width: usize) -> String {
    let offset = format!("{},", field.offset);
    let name = format!("{},", quoted(&field.name));
    let ty = quoted(&field.ty.to_string());
    let mut line =
        format!("  {{ offset = {offset:offset_width$} name = {name:name_width$} type = {ty}");
    for (key, value) in [("unit", &field.unit), ("doc", &field.doc)] {
        if let Some(value) = value {
            line.push_str(&format!(", {key} = {}", quoted(value)));
        }
    }
    if let Some(names) = &field.names {
        let values = names
            .iter()
            .map(|(name, value)| format!("{} = {value}", key(name)));
        line.push_str(&format!(
            ", enum = {{ {} }}",
            values.collect::<Vec<_>>().join(", ")
        ));
    }
    line + " },\n"
}

fn key(name: &str) -> String {
    let is_bare = |it: char| it.is_ascii_alphanumeric() || it == '_';
    match !name.is_empty() && name.chars().all(is_bare) {
        true => name.to_owned(),
        false => quoted(name),
    }
}

/// A text between quotes: what JSON escapes, TOML does in the same way, and DEL besides.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}

const TO_FILL_IN: &str = r#"
# What a compiler does not know. Fill in what is true, and take away the # before it:
# name        = ['Local\TheRegion']
# magic       = { field = "signature", live = 0x12345678 }
# ready       = { field = "version", not = 0 }
# consistency = { kind = "double-read" }                # or counter, begin-end, sequence, busy, mutex
# heartbeat   = { field = "tick", frozen_ms = 2000 }

"#;
