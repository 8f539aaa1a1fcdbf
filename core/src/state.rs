//! [`State`]

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a region is in its life, as the library's `attachment` tells it.
///
/// ```
/// assert_eq!(winshm_core::State::NotReady.to_string(), "not ready");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum State {
    /// There is no region of this name.
    #[default]
    Absent,
    /// The region does not hold a value yet.
    NotReady,
    /// The producer works.
    Live,
    /// The heartbeat has stood still for too long.
    Frozen,
    /// The producer has left.
    Closing,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Absent => "absent",
            Self::NotReady => "not ready",
            Self::Live => "live",
            Self::Frozen => "frozen",
            Self::Closing => "closing",
        })
    }
}
