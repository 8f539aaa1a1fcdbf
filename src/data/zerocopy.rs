//! [`Zerocopy`]: what the `zerocopy` crate vouches for.

use zerocopy::{FromBytes, IntoBytes};

use crate::data::layout::{Kind, Layout};
use crate::data::{AnyBytes, SharedData};

/// A `T` of another crate that derives `zerocopy`'s traits, as [`SharedData`](trait@SharedData).
///
/// For types that you cannot add `#[derive(SharedData)]` to, such as `zerocopy::big_endian::U32`.
///
/// # Pitfalls
///
/// The derive of this crate knows the fields; of a `Zerocopy<T>` the [layout](Layout) says only how
/// many bytes it has, how they are aligned, and that the rest is not known ([`Kind::Opaque`]). So
///
/// - **nobody checks that other programs see the same `T`.** `zerocopy` vouches for bytes, not for
///   what they mean elsewhere: it accepts `usize`, which has another size in 32-bit programs, and
///   `#[repr(packed)]` without `C`, whose fields the compiler may order as it likes;
/// - the hash of the layout and the schema stay equal when fields of `T` change places;
/// - [`field!`](crate::field) ends at it: read the whole, then `.0`;
/// - it is read and written in one go, so of atomics there are none (`Copy` excludes them).
///
/// # Examples
///
/// ```
/// use win_shared_memory::{ReadWrite, SharedData, SharedMemoryLink, Zerocopy, field};
/// use zerocopy::big_endian::U32;
///
/// #[derive(Clone, Copy, SharedData)]
/// #[repr(C)]
/// struct Packet {
///     kind: u16,
///     len: Zerocopy<U32>,
/// }
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link: SharedMemoryLink<Packet, ReadWrite> =
///     SharedMemoryLink::create(r"Local\docs-zerocopy")?;
/// field!(link.len).write(&Zerocopy(U32::new(500)));
/// assert_eq!(link.read().len.0.get(), 500);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(transparent)]
pub struct Zerocopy<T>(pub T);

// SAFETY: `IntoBytes`: no byte is padding, and `FromBytes`: any bytes are valid, which is what the
// description as opaque bytes says. `Copy` has no drop glue and no cells, so
// also no atomics, which the description would have to name.
unsafe impl<T> SharedData for Zerocopy<T>
where
    T: FromBytes + IntoBytes + Copy + Send + Sync + 'static,
{
    const LAYOUT: Layout = Layout::new(size_of::<T>(), align_of::<T>(), Kind::Opaque);
}

// SAFETY: `FromBytes`.
unsafe impl<T> AnyBytes for Zerocopy<T> where T: FromBytes + IntoBytes + Copy + Send + Sync + 'static
{}
