//! [`Message`], and topics that are made of names.

use win_shared_memory_layouts::{Path, Segment};

use crate::escape::is_obeyed;

/// A message for a broker, which is to be retained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where it goes.
    pub topic: String,
    /// What it says.
    pub payload: String,
}

/// A path as levels of a topic. No two paths have the same.
pub(super) fn levels(path: &Path) -> String {
    let levels = path.segments().iter().map(|segment| match segment {
        Segment::Name(name) => level(name),
        Segment::Index(index) => index.to_string(),
        // A label of digits is not an index.
        Segment::Label(label) => match label.as_bytes() {
            [first, rest @ ..] if label.bytes().all(|it| it.is_ascii_digit()) => {
                format!("%{first:02X}{}", String::from_utf8_lossy(rest))
            }
            _ => level(label),
        },
    });
    levels.collect::<Vec<_>>().join("/")
}

/// The name of a region as a level of a topic. One that is too long is cut, and stays another than those that begin like it.
pub(super) fn region(name: &str) -> String {
    const MOST: usize = 256;
    let level = level(name);
    if level.len() <= MOST {
        return level;
    }
    let sum = crc32fast::hash(level.as_bytes());
    format!("{level:.60}_{sum:08x}")
}

/// A text as one level of a topic.
fn level(text: &str) -> String {
    let mut level = String::with_capacity(text.len());
    for character in text.chars() {
        if "/%".contains(character) || is_refused(character) {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                level.push_str(&format!("%{byte:02X}"));
            }
        } else {
            level.push(character);
        }
    }
    level
}

/// Whether a character has a meaning in topics, or is one for which brokers end the connection
/// (<https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/os/mqtt-v3.1.1-os.html#_Toc398718012>).
pub(super) fn is_refused(character: char) -> bool {
    let is_none =
        matches!(character, '\u{fdd0}'..='\u{fdef}') || u32::from(character) & 0xfffe == 0xfffe;
    "+#".contains(character) || is_obeyed(character) || is_none
}
