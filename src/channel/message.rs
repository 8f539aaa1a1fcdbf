//! [`Message`].

use crate::access::ReadWrite;
use crate::data::SharedData;
use crate::error::SharedMemoryError;

/// What a channel carries: a `T`, or a `[T]` of any length, of any type that is [`SharedData`]. Sealed. Of a `T` a
/// receiver gets a `T`, and of a `[T]` a `Vec<T>`: this is `Owned`.
///
/// # Examples
///
/// ```
/// use win_shared_memory::channel::{Message, Sender};
/// use win_shared_memory::SharedMemoryError;
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// /// Sends what there is room for.
/// fn send_all<M: Message>(sender: &mut Sender<M>, messages: &[M]) -> Result<(), SharedMemoryError> {
///     for message in messages {
///         sender.try_send(message)?;
///     }
///     Ok(())
/// }
///
/// let mut sender = Sender::register(r"Local\docs-channel-message")?;
/// send_all(&mut sender, &[1_u32, 2, 3])?;
/// # Ok(())
/// # }
/// ```
pub trait Message: sealed::Sealed {}

impl<T: SharedData> Message for T {}
impl<T: SharedData> Message for [T] {}

#[expect(private_interfaces, reason = "no other crate can name these methods")]
pub(super) mod sealed {
    use super::{ReadWrite, SharedData, SharedMemoryError};
    use crate::error::no_memory;
    use crate::place::copied_vec::CopiedVec;
    use crate::place::{Place, Unchecked};
    use crate::protocol::companions::Companions;
    use crate::protocol::lanes::Ring;
    use crate::protocol::shape::Shape;

    /// How messages get into a ring and out of it.
    pub trait Sealed {
        type Element: SharedData;
        type Owned;

        fn shape(names: &Companions) -> Result<Shape, SharedMemoryError>;

        /// The number of elements.
        fn count(&self) -> usize;

        /// The most elements of a message, if there is room for so many.
        fn longest(room: usize) -> usize;

        /// Whether there is a message of so many bytes.
        fn is_len(bytes: u32) -> bool;

        fn write(&self, ring: Ring<'_>, offset: u32);

        /// Copies the message of so many bytes, then takes it from the ring, then checks the copy.
        fn receive(
            ring: Ring<'_>,
            offset: u32,
            bytes: u32,
            take: impl FnOnce(),
        ) -> Result<Self::Owned, SharedMemoryError>;
    }

    impl<T: SharedData> Sealed for T {
        type Element = T;
        type Owned = T;

        fn shape(names: &Companions) -> Result<Shape, SharedMemoryError> {
            Shape::exact::<T>(names)
        }

        #[inline]
        fn count(&self) -> usize {
            1
        }

        fn longest(_: usize) -> usize {
            1
        }

        #[inline]
        fn is_len(bytes: u32) -> bool {
            bytes as usize == size_of::<T>()
        }

        #[inline]
        fn write(&self, ring: Ring<'_>, offset: u32) {
            ring.message(offset).write(self);
        }

        #[inline]
        fn receive(
            ring: Ring<'_>,
            offset: u32,
            _: u32,
            take: impl FnOnce(),
        ) -> Result<T, SharedMemoryError> {
            let place: Place<'_, T, ReadWrite> = ring.message(offset);
            let copied = Unchecked::of(place);
            take();
            Ok(copied.check()?)
        }
    }

    impl<T: SharedData> Sealed for [T] {
        type Element = T;
        type Owned = Vec<T>;

        fn shape(names: &Companions) -> Result<Shape, SharedMemoryError> {
            Shape::slice::<T>(names)
        }

        #[inline]
        fn count(&self) -> usize {
            self.len()
        }

        fn longest(room: usize) -> usize {
            room
        }

        #[inline]
        fn is_len(bytes: u32) -> bool {
            bytes as usize % size_of::<T>() == 0
        }

        #[inline]
        fn write(&self, ring: Ring<'_>, offset: u32) {
            ring.elements(offset, self.len()).write_from(self);
        }

        #[inline]
        fn receive(
            ring: Ring<'_>,
            offset: u32,
            bytes: u32,
            take: impl FnOnce(),
        ) -> Result<Vec<T>, SharedMemoryError> {
            let mut to = Vec::new();
            receive_into(&mut to, ring, offset, bytes, take)?;
            Ok(to)
        }
    }

    #[inline]
    pub(in crate::channel) fn receive_into<T: SharedData>(
        to: &mut Vec<T>,
        ring: Ring<'_>,
        offset: u32,
        bytes: u32,
        take: impl FnOnce(),
    ) -> Result<(), SharedMemoryError> {
        let mut copied = CopiedVec::new(to);
        copied
            .copy(ring.elements(offset, bytes as usize / size_of::<T>()))
            .map_err(|_| no_memory())?;
        take();
        Ok(copied.check()?)
    }
}
