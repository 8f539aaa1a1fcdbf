//! Finds the layout that a person names.

use std::path::Path;

use win_shared_memory_layouts::{Layout, catalogue};
use winshm_core::escape;

use crate::failure::{Code, Failure, Result};

/// The layout of this id, in this file, or of the region of this name: of a known one, or of one that describes itself.
pub(crate) fn find(wanted: &str) -> Result<Layout> {
    let known = catalogue::by_id(wanted);
    if let Some(layout) = known.or_else(|| catalogue::find(wanted)) {
        return Ok(layout.clone());
    }
    let path = Path::new(wanted);
    match path.extension().and_then(|it| it.to_str()) {
        Some(ending @ ("toml" | "json")) => {
            let fail = |code, error: &dyn std::fmt::Display| {
                Failure::new(code, format_args!("{}: {error}", escape(wanted)))
            };
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|error| fail(Code::of(&error), &error))?;
            let parsed = if ending == "toml" {
                Layout::from_toml(&text)
            } else {
                Layout::from_json(&text)
            };
            parsed.map_err(|error| fail(Code::Damaged, &error))
        }
        _ => own(wanted).ok_or_else(|| {
            Failure::new(
                Code::NotFound,
                format_args!(
                    "there is no layout `{}`; give an id of `winshm layout list`, the name of a known region or of one \
                     that win-shared-memory has made, or a file that ends in .toml or .json",
                    escape(wanted)
                ),
            )
        }),
    }
}

/// The layout that a region of ours tells itself.
#[cfg(windows)]
fn own(name: &str) -> Option<Layout> {
    let reader = win_shared_memory::untyped::BytesReader::open(name).ok()?;
    let id: String = name
        .chars()
        .map(|it| {
            if it.is_ascii_alphanumeric() {
                it.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    Layout::from_schema(id.trim_matches('-'), reader.schema()).ok()
}

#[cfg(not(windows))]
fn own(_: &str) -> Option<Layout> {
    None
}
