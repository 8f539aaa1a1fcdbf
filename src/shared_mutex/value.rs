//! [`Value`].

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::time::Duration;

use crate::access::ReadWrite;
use crate::data::{AnyBytes, SharedData};
use crate::error::SharedMemoryError;
use crate::place::{Copied, Place, Room};
use crate::protocol::payload::{Payload, READING};
use crate::protocol::unread::Unread;

/// The last committed value, and how it is read.
pub(super) struct Value<T> {
    name: Box<str>,
    payload: Payload<ReadWrite>,
    value: PhantomData<fn(T) -> T>,
}

impl<T> Value<T> {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn payload(&self) -> &Payload<ReadWrite> {
        &self.payload
    }
}

impl<T: SharedData> Value<T> {
    pub(super) fn new(name: &str, payload: Payload<ReadWrite>) -> Self {
        Self {
            name: name.into(),
            payload,
            value: PhantomData,
        }
    }

    pub(super) fn load(&self) -> Result<T, SharedMemoryError> {
        let mut room = Room::new();
        room.fill(|to| self.read(&mut |it| to.copy(it)))?;
        Ok(room.into_value())
    }

    pub(super) fn load_into(&self, to: &mut T) -> Result<(), SharedMemoryError>
    where
        T: AnyBytes,
    {
        self.read(&mut |it| it.read_into(to))?;
        Ok(())
    }

    pub(super) fn load_into_uninit<'r>(
        &self,
        to: &'r mut MaybeUninit<T>,
    ) -> Result<&'r mut T, SharedMemoryError> {
        let mut copied = Copied::new(to);
        self.read(&mut |it| copied.copy(it))?;
        Ok(copied.check()?)
    }

    /// Reads the value whole, while others may commit.
    fn read<R>(
        &self,
        copy: &mut impl FnMut(Place<'_, T, ReadWrite>) -> R,
    ) -> Result<(u64, R), SharedMemoryError> {
        self.found(self.payload.read_latest(READING, copy))
    }

    /// The same for the holder of the lock. Nobody else changes the value meanwhile, so one look is enough.
    #[inline]
    pub(super) fn read_held<R>(
        &self,
        copy: &mut impl FnMut(Place<'_, T, ReadWrite>) -> R,
    ) -> Result<(u64, R), SharedMemoryError> {
        let read = self.payload.read_latest(Duration::ZERO, copy);
        self.found(read.map_err(|_| Unread::Damaged))
    }

    #[inline]
    fn found<R>(
        &self,
        read: Result<Option<(u64, R)>, Unread>,
    ) -> Result<(u64, R), SharedMemoryError> {
        match read {
            Ok(Some(found)) => Ok(found),
            // A payload is not named before it has a value.
            Ok(None) => Err(Unread::Damaged.into_error(&self.name)),
            Err(unread) => Err(unread.into_error(&self.name)),
        }
    }
}
