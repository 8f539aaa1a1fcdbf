//! What a recording holds, in order of time.

use serde::{Deserialize, Serialize};

use crate::state::State;
use crate::time::Time;

/// One thing that was recorded.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The bytes of a region, whole.
    Frame {
        /// The number of the region among [`Recording::regions`](super::Recording::regions).
        region: usize,
        /// When they were copied.
        time: Time,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// Something that was noted.
    Note {
        /// When.
        time: Time,
        /// What.
        note: Note,
    },
}

/// What is noted beside the frames.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Note {
    /// A region is in another state.
    State {
        /// Its name.
        region: String,
        /// The state.
        state: State,
    },
    /// Copies of a region that were due and not taken, or taken too late to be recorded.
    Lost {
        /// Its name.
        region: String,
        /// How many.
        frames: u64,
    },
    /// Copies of a region that were given up, because its producer wrote at every attempt.
    Torn {
        /// Its name.
        region: String,
        /// How many.
        frames: u64,
    },
    /// What somebody marked.
    Marker {
        /// The text.
        text: String,
    },
}

impl Event<'_> {
    /// When it was.
    #[must_use]
    pub fn time(&self) -> Time {
        match self {
            Self::Frame { time, .. } | Self::Note { time, .. } => *time,
        }
    }
}
