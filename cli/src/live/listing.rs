//! What regions there are, as a person wants to know it: ours recognised, their companions with them.

use std::collections::HashSet;

use win_shared_memory::namespace::{self, Details, Kind, Scope};
use win_shared_memory::untyped::{BytesReader, Content};
use win_shared_memory::{SharedMemoryError, SharedMemoryOptions};
use win_shared_memory_layouts::catalogue;

/// A region, at the moment at which it was looked at.
pub(crate) struct Row {
    pub(crate) name: String,
    /// `None` if it had gone by then, or nothing of it may be known.
    pub(crate) details: Option<Details>,
    /// Why there are no details.
    pub(crate) problem: Option<&'static str>,
    /// What its bytes are, as far as its name or itself tells.
    pub(crate) layout: Option<String>,
    /// Whether it belongs to another region, which describes itself.
    pub(crate) is_companion: bool,
}

/// Every region of this session and of all sessions.
pub(crate) fn rows() -> Result<Vec<Row>, SharedMemoryError> {
    let mut listed = namespace::sections(Scope::Session)?;
    listed.extend(namespace::sections(Scope::Global)?);
    let names: HashSet<_> = listed.iter().map(|it| it.name().to_owned()).collect();
    let rows = listed.iter().map(|it| {
        let name = it.name();
        let (details, problem) = match it.details() {
            Ok(details) => (Some(details), None),
            Err(_) if !it.is_exact() => (None, Some("not a name in UTF-16")),
            Err(error) if error.is_not_found() => (None, Some("gone")),
            Err(_) => (None, Some("denied")),
        };
        let is_companion = companion_of(name).is_some_and(|owner| names.contains(owner));
        let is_known = details.as_ref().is_some_and(|it| it.may_read) && !is_companion;
        Row {
            name: name.to_owned(),
            layout: is_known.then(|| layout(name, details.as_ref())).flatten(),
            details,
            problem,
            is_companion,
        }
    });
    Ok(rows.collect())
}

/// The names of the regions that there are.
pub(crate) fn names() -> Vec<String> {
    let scopes = [Scope::Session, Scope::Global].map(namespace::sections);
    let listed = scopes.into_iter().flatten().flatten();
    listed.map(|it| it.name().to_owned()).collect()
}

/// The region that this one belongs to, if it is called as companions are: see FORMAT.md.
fn companion_of(name: &str) -> Option<&str> {
    let (owner, suffix) = name.rsplit_once('~')?;
    let is_generation = !suffix.is_empty()
        && suffix
            .bytes()
            .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    (suffix == "wait" || is_generation).then_some(owner)
}

fn layout(name: &str, details: Option<&Details>) -> Option<String> {
    let known: Vec<_> = catalogue::matching(name).map(|it| it.id.as_str()).collect();
    if !known.is_empty() {
        return Some(known.join(", "));
    }
    if details?.size != Some(4096) {
        return None;
    }
    let options = SharedMemoryOptions::new()
        .wait(std::time::Duration::ZERO)
        .clone();
    let reader = BytesReader::open_with(name, &options).ok()?;
    Some(content(&reader))
}

/// What a region that describes itself holds.
pub(crate) fn content(reader: &BytesReader) -> String {
    let size = reader.size();
    match reader.content() {
        Content::Slice { capacity, .. } => format!("slices, up to {capacity} × {size} B"),
        Content::SharedMutex => format!("shared mutex, {size} B"),
        _ => format!("snapshot, {size} B"),
    }
}

/// What a section is, in a word.
pub(crate) fn kind(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Memory) => "memory",
        Some(Kind::Reserved) => "reserved",
        Some(Kind::LargePages) => "large pages",
        Some(Kind::File) => "file",
        Some(Kind::Image) => "image",
        _ => "?",
    }
}

/// A size for people.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}
