//! A region that is being recorded, and one of a recording.

use mcap::records::Metadata;
use win_shared_memory_layouts::{Layout, Plan};

use super::{CHANNEL, FIELDS, LAYOUT, NAME, NOTES, REGION};
use crate::message::MessageType;
use crate::select::Selection;

/// A longer list of patterns is not read: in memory, it takes many times as much.
const LONGEST_FIELDS: usize = 1 << 20;

/// A region of a recording.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RegionInfo {
    /// Its name.
    pub name: String,
    /// What its bytes are, if that was recorded.
    pub plan: Option<Plan>,
    pub(super) channel: u16,
}

impl RegionInfo {
    /// The region of a metadata record, if it is one.
    pub(super) fn of(metadata: &Metadata) -> Option<Self> {
        if metadata.name != REGION {
            return None;
        }
        let of = |key: &str| metadata.metadata.get(key);
        let layout = of(LAYOUT).and_then(|it| Layout::from_json(it).ok());
        Some(Self {
            name: of(NAME)?.clone(),
            plan: layout.and_then(|it| Plan::new(&it).ok()),
            channel: of(CHANNEL)?.parse().ok()?,
        })
    }
}

/// The fields that a metadata record chooses, if it does.
pub(super) fn fields(metadata: &Metadata) -> Option<Selection> {
    let fields = metadata.metadata.get(FIELDS);
    let fields = fields.filter(|it| metadata.name == REGION && it.len() <= LONGEST_FIELDS)?;
    Selection::from_json(fields)
}

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
