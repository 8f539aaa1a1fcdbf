//! [`Frame`]

use crate::delta::{self, Applied, KEY};

pub use crate::delta::Malformed;

/// The bytes of a region, as the messages of its channel `/R/raw` tell them.
///
/// ```
/// use winshm_core::share::{Channels, Frame};
/// use winshm_core::{Selection, Time};
///
/// let mut channels = Channels::of(&["Car".to_owned()], &Selection::default()).remove(0);
/// channels.arrange(None, &[7; 100]);
/// let mut bytes = vec![7; 100];
/// let mut frame = Frame::default();
/// for speed in 1..9 {
///     bytes[50] = speed;
///     let message = channels.sample(Time::default(), &bytes).raw.1;
///     assert_eq!(frame.apply(&message)?, Some(&bytes[..]));
/// }
/// # Ok::<(), winshm_core::share::Malformed>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Frame {
    bytes: Vec<u8>,
    is_known: bool,
}

impl Frame {
    /// Takes over a message, and gives the bytes; `None` until there is a message that needs none before. Never
    /// allocates more than the message has.
    ///
    /// # Errors
    ///
    /// It is malformed, or does not follow the one before. Then what follows is passed over up to one that needs none
    /// before.
    pub fn apply(&mut self, message: &[u8]) -> Result<Option<&[u8]>, Malformed> {
        if !self.is_known && message.first() != Some(&KEY) {
            return Ok(None);
        }
        let applied = delta::apply(message, &mut self.bytes);
        self.is_known = applied == Ok(Applied::Frame);
        applied?;
        Ok(self.is_known.then_some(&self.bytes))
    }
}
