//! [`Inconsistent`].

use std::fmt;
use std::time::Duration;

use crate::cores::consistency::Cause;

/// A value of another program could not be read whole, as its [convention](crate::consistency) demands.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::consistency::{Cause, Convention, Limits, Reader};
/// use win_shared_memory::{ReadWrite, SharedMemoryError, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let region = SharedMemoryLink::<[u32; 2], ReadWrite>::create(r"Local\docs-inconsistent")?;
/// // Odd: its program was ended while it wrote.
/// let sequence = region.place().at(0);
/// sequence.write(&1);
///
/// let timeout = Duration::from_millis(10);
/// let mut reader = Reader::with_limits(Limits { timeout, ..Limits::default() });
/// match reader.read(&Convention::sequence(sequence), |_| region.place().at(1).read()) {
///     Err(SharedMemoryError::Inconsistent(failed)) => assert_eq!(failed.cause, Cause::Stopped),
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Inconsistent {
    /// Why the last attempt failed.
    pub cause: Cause,
    /// The number of attempts.
    pub attempts: u32,
    /// The time that the attempts were allowed to take in all.
    pub timeout: Duration,
}

impl fmt::Display for Inconsistent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.attempts == 1 { "" } else { "s" };
        write!(
            f,
            "the value could not be read whole in {} attempt{plural} within {:?}: {}",
            self.attempts, self.timeout, self.cause
        )
    }
}

impl std::error::Error for Inconsistent {}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Writing => "its producer was in the middle of a write",
            Self::Stopped => {
                "its producer was in the middle of the same write all the time; it is suspended, or was killed there"
            }
            Self::Changed => "its producer wrote during the copy",
            Self::NoBuffer => "its producer has no buffer in use",
            Self::Overwritten => {
                "its producer came round to the buffer during the copy, or has filled no other"
            }
            Self::Locked => "another thread held its lock, and may have stopped",
            Self::Abandoned => {
                "the thread that held its mutex ended without releasing it, so the value may be half written"
            }
        })
    }
}
