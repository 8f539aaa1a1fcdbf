//! [`UnknownFormat`].

use std::fmt;

use crate::cores::record::{FORMAT, LANES};
use crate::name::Quoted;

/// Why a region cannot be used as a snapshot, a broadcast, a channel or a shared mutex.
///
/// # Examples
///
/// ```
/// use win_shared_memory::snapshot::Reader;
/// use win_shared_memory::{SharedMemoryError, SharedMutex, UnknownFormat};
///
/// # fn main() -> Result<(), SharedMemoryError> {
/// let _mutex = SharedMutex::get_or_create(r"Local\docs-unknown-format", &0_u32)?;
/// match Reader::<u32>::open(r"Local\docs-unknown-format") {
///     Err(SharedMemoryError::UnknownFormat { reason: UnknownFormat::OtherKind, .. }) => {
///         println!("not a snapshot");
///     }
///     Err(SharedMemoryError::UnknownFormat { reason: UnknownFormat::OtherVersion { .. }, .. }) => {
///         println!("please update");
///     }
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum UnknownFormat {
    /// The region was not made by this crate.
    Foreign,

    /// A snapshot, broadcast, channel or shared mutex has more regions beside the one of its name. This crate did not make the
    /// region that has the name of one of those.
    #[non_exhaustive]
    ForeignCompanion {
        /// The name of the region beside it.
        companion: String,
    },

    /// This crate made the region, as another kind: for instance as a shared mutex, not as a snapshot.
    OtherKind,

    /// The region was made by a version of this crate that uses another format.
    #[non_exhaustive]
    OtherVersion {
        /// The version of the format that the region says it has.
        found: u32,
    },

    /// The shared mutex is locked in a way that this version of the crate does not know.
    #[non_exhaustive]
    UnknownLockMode {
        /// The number of the mode in the region.
        found: u32,
    },

    /// The channel has a number of lanes, one for each sender, that no version of this crate gives it.
    #[non_exhaustive]
    UnknownLanes {
        /// The number in the region.
        found: u32,
    },

    /// Another program has damaged the words that lead to a channel's next message.
    MessageLost,

    /// Another program has damaged the region's header: its fields contradict each other.
    DamagedHeader,

    /// Another program has damaged the words that lead to the last value.
    /// [`SharedMutex::lock_to_replace`](crate::SharedMutex::lock_to_replace) can repair that, and so can
    /// the next value of a snapshot.
    ValueLost,
}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("it was not made by this library"),
            Self::ForeignCompanion { companion } => write!(
                f,
                "the region {} beside it was not made by this library",
                Quoted(companion)
            ),
            Self::OtherKind => f.write_str(
                "it is a region of another kind, such as a shared mutex instead of a snapshot",
            ),
            Self::OtherVersion { found } => write!(
                f,
                "it has version {found} of the format, and this library knows version {FORMAT}"
            ),
            Self::UnknownLockMode { found } => write!(
                f,
                "it is locked in mode {found}, which this version of the library does not know"
            ),
            Self::UnknownLanes { found } => write!(
                f,
                "it is damaged: it says that it has {found} lanes, and a channel has 1 to {LANES}"
            ),
            Self::MessageLost => {
                f.write_str("it is damaged: its next message is not where its words say")
            }
            Self::DamagedHeader => f.write_str("it is damaged: its header contradicts itself"),
            Self::ValueLost => {
                f.write_str("it is damaged: its last value is not where its header says")
            }
        }
    }
}

impl std::error::Error for UnknownFormat {}
