//! A region that is being recorded.

use win_shared_memory_layouts::Plan;

use super::NOTES;
use crate::message::MessageType;

pub(super) struct Region {
    pub(super) name: String,
    pub(super) topic: String,
    pub(super) plan: Option<Plan>,
    pub(super) raw: u16,
    /// Whether its channel is declared. That goes into a chunk, and a chunk without a message would have the time 0, which
    /// programs that show a recording take for its beginning.
    pub(super) is_declared: bool,
    pub(super) decoded: Decoded,
    pub(super) text: Vec<Text>,
    /// The frame before, in this chunk.
    pub(super) last: Option<Vec<u8>>,
    pub(super) frames: u32,
}

/// The channel of decoded values.
pub(super) enum Decoded {
    /// There is no layout, or the values take too much.
    No,
    /// It is made for the first frame, which may declare variables.
    NotYet,
    Yes(u16, Box<MessageType>),
}

/// A long text of a region, as it was recorded last.
pub(super) struct Text {
    pub(super) name: String,
    pub(super) channel: Option<u16>,
    pub(super) last: Option<String>,
}

/// The topic of a region: `/` and its name, with what would look like a folder changed; two regions have two.
pub(crate) fn topic<'a>(
    name: &str,
    number: usize,
    mut taken: impl Iterator<Item = &'a str>,
) -> String {
    let name: String = name
        .chars()
        .map(|it| {
            if "\\/ ".contains(it) || it.is_control() {
                '_'
            } else {
                it
            }
        })
        .collect();
    let topic = format!("/{name}");
    if taken.any(|it| it == topic) || topic == NOTES {
        format!("{topic}_{number}")
    } else {
        topic
    }
}
