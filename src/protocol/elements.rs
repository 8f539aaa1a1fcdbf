//! [`Elements`].

use crate::access::ReadOnly;
use crate::cores::atomic::Ordering;
use crate::data::SharedData;
use crate::error::{SharedMemoryError, no_memory};
use crate::place::copied_vec::CopiedVec;
use crate::protocol::payload::Payload;
use crate::protocol::unread::Unread;

/// A vector to which the slice of a slot is copied, again until it is whole, and then checked. It is empty meanwhile.
pub(crate) struct Elements<'a, T> {
    copied: CopiedVec<'a, T>,
    last: Copying,
}

/// What the last copy has come to.
enum Copying {
    Copied,
    NoMemory,
    /// Longer than a slot: nobody has written so many elements.
    TooLong,
}

impl<'a, T: SharedData> Elements<'a, T> {
    pub(crate) fn new(to: &'a mut Vec<T>) -> Self {
        Self {
            copied: CopiedVec::new(to),
            last: Copying::Copied,
        }
    }

    pub(crate) fn copy(&mut self, payload: &Payload<ReadOnly>, slot: u32) {
        let len = payload.len(slot).load(Ordering::Relaxed) as usize;
        let elements = payload.elements::<T>(slot).get_slice(..len);
        self.last = match elements.map(|it| self.copied.copy(it)) {
            Some(Ok(())) => Copying::Copied,
            Some(Err(_)) => Copying::NoMemory,
            None => Copying::TooLong,
        };
    }

    /// Makes the vector hold what was copied last from the region of this name.
    pub(crate) fn check(self, name: &str) -> Result<(), SharedMemoryError> {
        match self.last {
            Copying::Copied => Ok(self.copied.check()?),
            Copying::NoMemory => Err(no_memory()),
            Copying::TooLong => Err(Unread::Damaged.into_error(name)),
        }
    }
}
