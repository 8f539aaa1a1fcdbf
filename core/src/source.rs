//! [`Source`]: where the values of a region come from.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use win_shared_memory_layouts::Plan;

use crate::state::State;
use crate::time::Time;

/// A region that is followed through its life: the live one, or one that a recording plays.
///
/// A program that follows changes [waits](Self::wait), and [copies](Self::copy) after each change. A program that samples at
/// a rate of its own sleeps until the next sample is due, [looks](Self::look), and copies.
///
/// ```
/// use std::time::Duration;
/// use winshm_core::{Copied, News, Source, SourceError};
///
/// /// Counts the values that a region has until it is over.
/// fn count(source: &mut dyn Source) -> Result<u64, SourceError> {
///     let (mut bytes, mut values) = (Vec::new(), 0);
///     while !source.is_over() {
///         if source.wait(Duration::from_secs(1))? == Some(News::Written) && source.copy(&mut bytes)? == Copied::Whole {
///             values += 1;
///         }
///     }
///     Ok(values)
/// }
/// # use std::io::Cursor;
/// # use winshm_core::recording::{Options, Player, Recorder, Recording};
/// # use winshm_core::Time;
/// # let mut file = Cursor::new(Vec::new());
/// # let mut recorder = Recorder::new(&mut file, Options::default())?;
/// # let region = recorder.add_region("Lamp", None)?;
/// # recorder.frame(region, Time::from_nanoseconds(1), &[0])?;
/// # recorder.frame(region, Time::from_nanoseconds(2), &[1])?;
/// # recorder.finish()?;
/// # let recording = Recording::read(file)?;
///
/// // A recording with two values:
/// let mut player = Player::new(recording, 0, 1.0);
/// assert_eq!(count(&mut player)?, 2);
/// # Ok::<(), SourceError>(())
/// ```
pub trait Source {
    /// The name of the region, as its user gave it.
    fn name(&self) -> &str;

    /// What its bytes are, if anybody knows. It is another one if a region with another layout takes the name.
    fn plan(&self) -> Option<&Arc<Plan>>;

    /// Where the region is in its life, as the last [`wait`](Self::wait) has found it.
    fn state(&self) -> State;

    /// Waits until something is new, for at most `timeout`; `None` then.
    ///
    /// # Errors
    ///
    /// The region may not be opened, or another kind of object has its name. An absent region is not an error.
    fn wait(&mut self, timeout: Duration) -> Result<Option<News>, SourceError>;

    /// Checks the region's state without waiting, and returns it if it has changed. Does not check whether its producer has
    /// written: that costs more, and a program that copies at a rate of its own need not know.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    fn look(&mut self) -> Result<Option<State>, SourceError>;

    /// From now on each copy is of the value after the one copied last, where the region keeps values that were published
    /// before the last one: [`Copied::Next`]. Other regions are copied as before.
    fn keep_order(&mut self) {}

    /// Replaces `bytes` by a copy of the region, taken as the convention of its producer demands.
    ///
    /// Of several buffers only the newest is copied, to the place of the first; the others are 0. So copies that
    /// follow each other differ only where values do.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    fn copy(&mut self, bytes: &mut Vec<u8>) -> Result<Copied, SourceError>;

    /// The moment of the last copy.
    fn time(&self) -> Time {
        Time::now()
    }

    /// How its copies have gone so far.
    fn counts(&self) -> Counts;

    /// Whether nothing more will come, because a recording has been played.
    fn is_over(&self) -> bool {
        false
    }
}

/// Why a region cannot be followed.
pub type SourceError = Box<dyn Error + Send + Sync>;

/// What is new of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It is in another state, or another region has its name.
    Changed(State),
    /// Its producer has written.
    Written,
}

/// How a copy came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// It is whole.
    Whole,
    /// It is whole, and the value after the one copied last.
    Next {
        /// How many values were overwritten in between, before they could be copied.
        missed: u64,
    },
    /// The producer was writing at every try, or keeps its lock; the text says which.
    Torn(String),
    /// There is nothing to copy: the region is absent, or not ready, or every value was copied.
    Nothing,
}

/// How copies have gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Copies that were whole.
    pub whole: u64,
    /// Attempts that were repeated, as the producer wrote.
    pub retries: u64,
    /// Copies that were given up.
    pub torn: u64,
}
