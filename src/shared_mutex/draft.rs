//! [`Draft`].

use std::fmt;
use std::marker::PhantomData;

use crate::access::ReadWrite;
use crate::data::SharedData;
use crate::link::field::IntoPlace;
use crate::place::Place;
use crate::protocol::payload::{Payload, VERSIONS};
use crate::shared_mutex::lock::Held;

/// The next version, beside the last one, which stays as it is until this one is committed.
pub(super) struct Next<'a, T> {
    payload: &'a Payload<ReadWrite>,
    version: u64,
    value: PhantomData<fn(T)>,
}

impl<'a, T: SharedData> Next<'a, T> {
    /// For the holder of the lock, which has found this version.
    #[inline]
    pub(super) fn begin(payload: &'a Payload<ReadWrite>, last: u64) -> Self {
        // A holder that changes `last` begins the next version, and one that comes after it and dies, too, a later
        // one. So if the next version's slot mentions nothing later than `last`, no slot does.
        let next = last + 1;
        let found = payload.sequence(payload.slot(next as u32)).version();
        if found <= last && next < VERSIONS {
            Self::begin_at(payload, next)
        } else {
            Self::begin_at(payload, payload.version_to_go_on_from(last) + 1)
        }
    }

    /// For the holder of the lock, which did not look.
    pub(super) fn begin_anywhere(payload: &'a Payload<ReadWrite>) -> Self {
        Self::begin_at(payload, payload.version_to_go_on_from(0) + 1)
    }

    #[inline]
    fn begin_at(payload: &'a Payload<ReadWrite>, version: u64) -> Self {
        let slot = payload.slot(version as u32);
        payload.sequence(slot).begin(version);
        Self {
            payload,
            version,
            value: PhantomData,
        }
    }

    #[inline]
    pub(super) fn place(&self) -> Place<'a, T, ReadWrite> {
        self.payload.value(self.payload.slot(self.version as u32))
    }

    /// Commits this value.
    #[inline]
    pub(super) fn write(self, value: &T) {
        self.place().write(value);
        step!();
        self.commit();
    }

    /// Commits what is in its place.
    #[inline]
    pub(super) fn commit(self) {
        let slot = self.payload.slot(self.version as u32);
        self.payload.sequence(slot).end(self.version);
        step!();
        self.payload.set_latest(self.version);
        step!();
    }
}

/// The lock on a [`SharedMutex`](crate::SharedMutex), with the next value to be changed in place. Released
/// on drop: a change that was not [committed](Self::commit) is discarded.
///
/// From [`lock_in_place`](crate::SharedMutex::lock_in_place) and
/// [`lock_to_replace`](crate::SharedMutex::lock_to_replace).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::SharedMutex;
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let seats = SharedMutex::get_or_create(r"Local\docs-mutex-draft", &[0_u32; 4])?;
/// if let Some(draft) = seats.lock_in_place(Duration::from_secs(1))? {
///     draft.place().at(2).write(&7);
///     draft.commit();
/// }
/// assert_eq!(seats.load()?, [0, 0, 7, 0]);
/// # Ok(())
/// # }
/// ```
#[must_use = "the lock is released when this is dropped"]
pub struct Draft<'a, T> {
    next: Next<'a, T>,
    held: Held<'a>,
}

impl<'a, T: SharedData> Draft<'a, T> {
    pub(super) fn new(next: Next<'a, T>, mut held: Held<'a>) -> Self {
        held.tell();
        Self { next, held }
    }

    /// Returns the place of the next value, to be written as a whole or by parts:
    /// `field!(draft.balance).write(&7)`.
    #[must_use]
    pub fn place(&self) -> Place<'_, T, ReadWrite> {
        self.next.place()
    }

    /// Commits the next value as a whole, and releases the lock.
    pub fn commit(self) {
        let Self { next, mut held } = self;
        next.commit();
        held.has_committed();
        drop(held);
    }
}

impl<T> Draft<'_, T> {
    /// Whether the process that held the lock before ended without releasing it.
    #[must_use]
    pub fn was_abandoned(&self) -> bool {
        self.held.was_abandoned
    }
}

impl<'a, T: SharedData> IntoPlace for &'a Draft<'_, T> {
    type Place = Place<'a, T, ReadWrite>;

    #[inline]
    fn into_place(self) -> Self::Place {
        self.place()
    }
}

impl<T> fmt::Debug for Draft<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("version", &self.next.version)
            .finish_non_exhaustive()
    }
}
