//! [`Frame`]

use super::packed::Unpacker;
use crate::delta::{self, Applied, KEY};

pub use crate::delta::Malformed;

/// No region is believed to be larger.
const LARGEST: usize = 64 << 20;

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
///     let message = channels.sample(Time::default(), &bytes)?.raw.1;
///     assert_eq!(frame.apply(&message)?, Some(&bytes[..]));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Frame {
    bytes: Vec<u8>,
    unpacker: Unpacker,
    is_known: bool,
}

impl Frame {
    /// Takes over a message, and gives the bytes; `None` until there is a message that needs none before. Whatever the
    /// message claims, a key has at most 64 MiB, and what follows it no more than that has.
    ///
    /// # Errors
    ///
    /// It is malformed, or does not follow the one before. Then what follows is passed over up to one that needs none
    /// before.
    pub fn apply(&mut self, message: &[u8]) -> Result<Option<&[u8]>, Malformed> {
        let is_key = message.first() == Some(&KEY);
        if !self.is_known && !is_key {
            return Ok(None);
        }
        self.is_known = false;
        let most = if is_key { LARGEST } else { self.bytes.len() };
        let message = self.unpacker.unpack(message, most + 1);
        let message = message.map_err(|_| Malformed)?;
        self.is_known = delta::apply(&message, &mut self.bytes)? == Applied::Frame;
        Ok(self.is_known.then_some(&self.bytes))
    }
}
