//! Recordings: MCAP files (<https://mcap.dev>) with any number of regions.
//!
//! A region `R` has these channels:
//!
//! | topic | encoding | content |
//! |---|---|---|
//! | `/R` | `protobuf` | the decoded values of each frame, for programs that do not know us |
//! | `/R/raw` | `x-winshm-delta` | its bytes: a key frame first in each chunk, then what changes |
//! | `/R/text` | `json` | long texts, such as iRacing's session, whenever they change |
//! | `/winshm` | `json` | states of the regions, lost and torn frames, markers; one for all regions |
//!
//! A metadata record `winshm region` for each region has its name, its layout as JSON, its channel, and the patterns that
//! chose the fields of `/R`. It stands outside of chunks, so that what is left of a damaged file can still be read.
//!
//! A chunk is closed after 1 MiB or two seconds, whatever comes first. Each can be read without the others, so what is lost
//! when a program is killed while it records is the last chunk.

mod error;
mod event;
mod parse;
mod region;

mod read;
mod write;

mod play;

pub use error::{Damage, OpenError, RecordError};
pub use event::{Event, Note};
pub use play::Player;
pub use read::Recording;
pub use region::RegionInfo;
pub(crate) use region::topic;
pub use write::{Finished, Options, Recorder, RegionId};

/// The profile of our files.
const PROFILE: &str = "winshm";

/// The longest chunk or record that is read, and what it may be when it is decompressed.
const LONGEST: u64 = 64 << 20;

/// The name of the metadata record of a region, and its keys.
const REGION: &str = "winshm region";
const NAME: &str = "name";
const CHANNEL: &str = "channel";
const LAYOUT: &str = "layout";
const FIELDS: &str = "fields";

/// The encoding of `/R/raw`.
const DELTA: &str = "x-winshm-delta";

/// The topic that is not of one region.
const NOTES: &str = "/winshm";
