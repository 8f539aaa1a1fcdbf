//! [`News`].

use crate::cores::in_order::Next;

/// What a receiver finds: the next message, or that some were missed.
///
/// # Examples
///
/// ```
/// use win_shared_memory::SharedMemoryOptions;
/// use win_shared_memory::broadcast::{News, Receiver, Sender};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut options = SharedMemoryOptions::new();
/// options.history(7);
/// let mut sender = Sender::register_with(r"Local\docs-broadcast-news", &options)?;
/// let mut receiver = Receiver::<u32>::open(r"Local\docs-broadcast-news")?;
/// for number in 1..=100_u32 {
///     sender.send(&number);
/// }
/// assert_eq!(receiver.try_recv()?, Some(News::Lagged(94)));
/// assert_eq!(receiver.try_recv()?, Some(News::Message(95)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[must_use]
pub enum News<T> {
    /// The next message.
    Message(T),
    /// So many messages were overwritten before this receiver has read them. It goes on after them.
    Lagged(u64),
}

impl<T> News<T> {
    /// The message, if it is one.
    #[must_use]
    pub fn message(self) -> Option<T> {
        match self {
            Self::Message(message) => Some(message),
            Self::Lagged(_) => None,
        }
    }

    /// What was copied, after a check that may fail.
    pub(crate) fn check<R, E>(
        next: Next<R>,
        check: impl FnOnce(R) -> Result<T, E>,
    ) -> Result<Self, E> {
        Ok(match next {
            Next::Value(copy) => Self::Message(check(copy)?),
            Next::Lagged(missed) => Self::Lagged(missed),
        })
    }
}
