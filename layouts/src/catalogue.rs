//! The layouts of known programs.
//!
//! They are TOML files in the folder `catalogue` of this crate. Each says where it is published.
//!
//! ```
//! use win_shared_memory_layouts::catalogue;
//!
//! let layout = catalogue::find(r"Local\MumbleLink").expect("it is in the catalogue");
//! assert_eq!(layout.id, "mumble-link");
//! assert!(catalogue::all().any(|it| it.id == "hwinfo"));
//! ```

use std::sync::LazyLock;

use crate::model::Layout;

/// The files, by the name that they have without their ending.
macro_rules! files {
    ($($id:literal)*) => {
        &[$(($id, include_str!(concat!("../catalogue/", $id, ".toml")))),*]
    };
}

/// The files, by the id of their layout. Where two have the same region, the first is found.
const FILES: &[(&str, &str)] = files! {
    "aida64"
    "assetto-corsa-graphics"
    "assetto-corsa-physics"
    "assetto-corsa-static"
    "automobilista2"
    "core-temp"
    "gpu-z"
    "hwinfo"
    "iracing"
    "le-mans-ultimate"
    "mahm"
    "mumble-link"
    "rfactor2-extended"
    "rfactor2-scoring"
    "rfactor2-telemetry"
    "rtss"
    "acc-graphics"
    "acc-physics"
    "acc-static"
};

/// Those that are layouts: all of them, as a test makes sure.
static LAYOUTS: LazyLock<Vec<Layout>> = LazyLock::new(|| {
    let parsed = FILES.iter().map(|(_, text)| Layout::from_toml(text));
    parsed.filter_map(Result::ok).collect()
});

/// Every layout, by its id.
pub fn all() -> impl ExactSizeIterator<Item = &'static Layout> {
    LAYOUTS.iter()
}

/// The layout of the region of this name: the first of [`matching`].
///
/// A name without a prefix is that of the session: `MumbleLink` and `Local\MumbleLink` are the same.
#[must_use]
pub fn find(region: &str) -> Option<&'static Layout> {
    matching(region).next()
}

/// Every layout that a region of this name can have: two games of one name use the same regions, and only
/// their sizes tell them apart.
///
/// ```
/// use win_shared_memory_layouts::catalogue;
///
/// let sizes: Vec<_> = catalogue::matching("acpmf_static").map(|it| (&*it.id, it.size)).collect();
/// assert_eq!(sizes, [("assetto-corsa-static", Some(688)), ("acc-static", Some(820))]);
/// ```
pub fn matching(region: &str) -> impl Iterator<Item = &'static Layout> {
    all().filter(move |layout| layout.matches(region))
}

/// The layout of this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Layout> {
    all().find(|layout| layout.id == id)
}

/// The text of the layout of this id, with its comments.
#[must_use]
pub fn source(id: &str) -> Option<&'static str> {
    let found = FILES.iter().find(|(name, _)| *name == id);
    found.map(|(_, text)| *text)
}

impl Layout {
    /// Whether a region of this name has this layout.
    ///
    /// A name without a prefix is that of the session: `MumbleLink` and `Local\MumbleLink` are the same.
    #[must_use]
    pub fn matches(&self, region: &str) -> bool {
        let region = region.strip_prefix(r"Local\").unwrap_or(region);
        self.name.iter().any(|pattern| {
            let pattern = pattern.strip_prefix(r"Local\").unwrap_or(pattern);
            matches(pattern.as_bytes(), region.as_bytes())
        })
    }
}

/// Whether a name fits a pattern in which `*` stands for any characters.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    // Where to go on if what comes after the last star does not fit.
    let mut star = None;
    while from < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, from));
                at += 1;
            }
            Some(byte) if *byte == name[from] => {
                at += 1;
                from += 1;
            }
            _ => {
                let Some((after, taken)) = star else {
                    return false;
                };
                star = Some((after, taken + 1));
                at = after;
                from = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stand_for_any_characters() {
        for (pattern, name, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "abc", true),
            ("*b*d", "abcbd", true),
            ("*b*d", "abcbe", false),
            ("*", "", true),
            ("", "x", false),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), name.as_bytes()),
                expected,
                "{pattern} {name}"
            );
        }
    }
}
