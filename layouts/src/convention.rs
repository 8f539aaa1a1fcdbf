//! How a producer behaves: when its region counts, and how a reader avoids torn values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::quantity::{Quantity, Span};

/// What a reader does so as not to read a torn value: the eight conventions that producers have.
///
/// A convention is data here. Paths are checked, so a program that follows it finds their places.
///
/// ```
/// use win_shared_memory_layouts::{Consistency, catalogue};
///
/// let layout = catalogue::find("$pcars2$").expect("it is in the catalogue");
/// assert!(matches!(layout.consistency, Some(Consistency::Sequence { .. })));
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Consistency {
    /// The producer has no convention: the reader copies until two copies are equal.
    DoubleRead {
        /// How often it tries.
        #[serde(skip_serializing_if = "Option::is_none")]
        tries: Option<u32>,
    },
    /// A counter is equal before and after the copy.
    Counter {
        /// The counter.
        field: String,
    },
    /// The producer counts `begin` up, writes, and counts `end` up. The reader reads `end`, copies, and
    /// reads `begin`: the copy is whole if they are equal.
    BeginEnd {
        /// Counted up before writing.
        begin: String,
        /// Counted up after writing.
        end: String,
    },
    /// A counter is odd while the producer writes. It is even and equal before and after the copy.
    Sequence {
        /// The counter.
        field: String,
    },
    /// There are several buffers. The newest is copied, and its tick must be the same afterwards.
    LatestOf {
        /// The rows that describe the buffers.
        table: Span,
        /// Where a row has its tick, an `i32`.
        tick: u64,
        /// Where a row has the offset of its buffer in the region, an `i32`.
        start: u64,
        /// How many bytes a buffer has.
        len: Quantity,
        /// The event that the producer sets when a buffer is complete.
        #[serde(skip_serializing_if = "Option::is_none")]
        event: Option<String>,
    },
    /// A word, or some of its bits, are set while the producer writes.
    Busy {
        /// The word.
        field: String,
        /// The bits; all of them where it is left out.
        #[serde(skip_serializing_if = "Option::is_none")]
        bits: Option<u64>,
        /// A field that each write changes, by which a reader notices a write that began and ended while it copied.
        /// Without it, the reader compares all bytes.
        #[serde(skip_serializing_if = "Option::is_none")]
        mark: Option<String>,
    },
    /// Producer and readers hold a named mutex.
    Mutex {
        /// Its name.
        mutex: String,
        /// How long a reader waits for it.
        #[serde(skip_serializing_if = "Option::is_none")]
        timeout_ms: Option<u32>,
    },
    /// Producer and readers hold a lock whose words lie in a region of its own.
    LockRegion {
        /// The name of that region.
        region: String,
        /// Where it has the number of waiting threads, a `u32`.
        waiters: u64,
        /// Where it has the word that is 1 while the lock is held, a `u32`.
        busy: u64,
        /// The event that is set when the lock is released to a waiter.
        #[serde(skip_serializing_if = "Option::is_none")]
        event: Option<String>,
        /// How long a reader waits.
        #[serde(skip_serializing_if = "Option::is_none")]
        timeout_ms: Option<u32>,
    },
}

/// A value that says what the region is, and whether its producer has left.
///
/// ```
/// use win_shared_memory_layouts::catalogue;
///
/// let layout = catalogue::by_id("rtss").expect("it is in the catalogue");
/// let magic = layout.magic.as_ref().expect("it has one");
/// assert_eq!((magic.live, magic.dead), (0x5254_5353, Some(0xdead)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Magic {
    /// Where it is.
    pub field: String,
    /// Its value while the producer runs.
    pub live: i64,
    /// Its value after the producer has left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead: Option<i64>,
}

/// When the content counts: one of `is`, `not` and `bits`.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
///
/// let layout = catalogue::by_id("mumble-link").expect("it is in the catalogue");
/// assert_eq!(layout.ready.as_ref().and_then(|ready| ready.not), Some(0));
/// assert!(!Plan::new(layout)?.is_ready(&[0; 5460]));
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// The field to look at.
    pub field: String,
    /// It has this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<i64>,
    /// It has another value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not: Option<i64>,
    /// All these bits are set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bits: Option<u64>,
}

/// What changes as long as the producer works.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
/// assert_eq!(plan.heartbeat(&[0, 0, 0, 0, 7, 0, 0, 0]), Some(7));
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// The field that changes: a number of any kind.
    pub field: String,
    /// How long it stands still before the producer counts as frozen.
    pub frozen_ms: u32,
}

/// What a program that stands in for the producer does.
///
/// ```
/// use win_shared_memory_layouts::catalogue;
///
/// let layout = catalogue::by_id("mumble-link").expect("it is in the catalogue");
/// let serve = layout.serve.as_ref().expect("it says so");
/// assert_eq!((&*serve.each_write[0].field, serve.each_write[0].add), ("uiTick", Some(1)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Serve {
    /// What it does to fields with each write, in this order, after the values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub each_write: Vec<Step>,
    /// From one write to the next, as the real producer has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_ms: Option<u32>,
    /// What fields have at first, each a path, `=` and a value, so that the region looks like one of the real producer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// How many rows a table has, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, u32>,
    /// The variables that the region declares: `Speed: f32 [m/s] = 55`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<String>,
}

/// A change that goes with each write: one of `add` and `set`.
///
/// ```
/// use win_shared_memory_layouts::catalogue;
///
/// let layout = catalogue::by_id("mumble-link").expect("it is in the catalogue");
/// let serve = layout.serve.as_ref().expect("it says so");
/// let counted = &serve.each_write[0];
/// assert_eq!((&*counted.field, counted.add, counted.set), ("uiTick", Some(1), None));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The field to change.
    pub field: String,
    /// Adds this, wrapping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add: Option<i64>,
    /// Stores this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<i64>,
}
