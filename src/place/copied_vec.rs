//! [`CopiedVec`].

use std::collections::TryReserveError;

use crate::data::SharedData;
use crate::data::invalid_value::InvalidValue;
use crate::place::copied::checked_elements;
use crate::place::places::Places;

/// A vector that values are copied to, again and again until the copy is whole, and checked in then. It is empty
/// meanwhile.
pub(crate) struct CopiedVec<'a, T> {
    to: &'a mut Vec<T>,
    /// How many values after those of the vector have all their bytes written.
    written: usize,
}

impl<'a, T: SharedData> CopiedVec<'a, T> {
    pub(crate) fn new(to: &'a mut Vec<T>) -> Self {
        Self { to, written: 0 }
    }

    /// Copies over what was copied before. Fails if there is no memory for it.
    pub(crate) fn copy<A>(&mut self, from: Places<'_, T, A>) -> Result<(), TryReserveError> {
        self.written = 0;
        self.to.clear();
        self.to.try_reserve(from.len())?;
        let room = &mut self.to.spare_capacity_mut()[..from.len()];
        from.copy_out(room);
        self.written = from.len();
        Ok(())
    }

    /// Makes the vector hold the values that were copied last.
    pub(crate) fn check(self) -> Result<(), InvalidValue> {
        let written = &mut self.to.spare_capacity_mut()[..self.written];
        // SAFETY: all their bytes were written, and the vector was not touched since. Once they are checked,
        // the vector has so many values, from its first on, since `copy` has cleared it. Without a copy
        // they are none.
        unsafe {
            checked_elements(written)?;
            self.to.set_len(self.written);
        }
        Ok(())
    }
}
