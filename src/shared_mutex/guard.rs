//! [`Guard`].

use std::fmt;
use std::ops::Deref;

use crate::access::ReadWrite;
use crate::data::SharedData;
use crate::protocol::payload::Payload;
use crate::shared_mutex::draft::Next;
use crate::shared_mutex::lock::Held;

/// The lock on a [`SharedMutex`](crate::SharedMutex), with a copy of its value. Released on drop.
///
/// The guard gives shared access to the copy, so a change cannot be made and then forgotten: a new value goes
/// in through [`commit`](Self::commit) or [`update`](Self::update), which release the lock. A guard that is
/// dropped changes nothing, also when an error returns early or a panic unwinds.
///
/// # Examples
///
/// ```
/// use std::num::ParseIntError;
/// use win_shared_memory::SharedMutex;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let position = SharedMutex::get_or_create(r"Local\docs-guard", &[0_i32; 2])?;
///
/// let set = |x: &str, y: &str| -> Result<(), Box<dyn std::error::Error>> {
///     let guard = position.lock()?;
///     let mut next = *guard;
///     next[0] = x.parse()?;
///     next[1] = y.parse()?;
///     guard.commit(&next);
///     Ok(())
/// };
/// set("3", "4")?;
/// assert!(set("5", "six").is_err());
/// assert_eq!(position.load()?, [3, 4]);
/// # Ok(())
/// # }
/// ```
#[must_use = "the lock is released when this is dropped"]
pub struct Guard<'a, T> {
    payload: &'a Payload<ReadWrite>,
    version: u64,
    held: Held<'a>,
    value: T,
}

impl<'a, T: SharedData> Guard<'a, T> {
    #[inline]
    pub(super) fn new(
        payload: &'a Payload<ReadWrite>,
        version: u64,
        mut held: Held<'a>,
        value: T,
    ) -> Self {
        held.tell();
        step!();
        Self {
            payload,
            version,
            held,
            value,
        }
    }

    /// Makes this the value, as a whole, and releases the lock.
    #[inline]
    pub fn commit(mut self, value: &T) {
        Next::begin(self.payload, self.version).write(value);
        self.held.has_committed();
    }

    /// Changes the copy, makes it the value, as a whole, and releases the lock. Returns what `change`
    /// returned. If `change` panics, the value stays as it was.
    #[inline]
    pub fn update<R>(mut self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut self.value);
        Next::begin(self.payload, self.version).write(&self.value);
        self.held.has_committed();
        result
    }
}

impl<T> Guard<'_, T> {
    /// Whether the process that held the lock before ended without releasing it. The value is the last
    /// committed one all the same.
    #[must_use]
    pub fn was_abandoned(&self) -> bool {
        self.held.was_abandoned
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Guard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("value", &self.value)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
