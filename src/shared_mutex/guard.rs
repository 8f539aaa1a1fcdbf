//! [`SharedMutexGuard`].

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::access::ReadWrite;
use crate::data::SharedData;
use crate::protocol::payload::Payload;
use crate::shared_mutex::draft::Next;
use crate::shared_mutex::strategy::Held;

/// The lock on a [`SharedMutex`](crate::SharedMutex), with a copy of the value to work on. Released on drop;
/// what was not [committed](Self::commit) is forgotten.
#[must_use = "the lock is released when this is dropped"]
pub struct SharedMutexGuard<'a, T: SharedData> {
    pub(super) payload: &'a Payload<ReadWrite>,
    pub(super) value: T,
    pub(super) version: u64,
    pub(super) held: Held<'a>,
}

impl<T: SharedData> SharedMutexGuard<'_, T> {
    /// Makes the changed copy the value, as a whole, and releases the lock.
    pub fn commit(self) {
        let next = Next::begin(self.payload, self.version);
        next.place().write(&self.value);
        step!();
        next.commit();
    }

    /// Whether the process that held the lock before ended without releasing it. The value is what was
    /// committed last all the same.
    #[must_use]
    pub fn was_abandoned(&self) -> bool {
        self.held.was_abandoned
    }
}

impl<T: SharedData> Deref for SharedMutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: SharedData> DerefMut for SharedMutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: SharedData + fmt::Debug> fmt::Debug for SharedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMutexGuard")
            .field("value", &self.value)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
