//! Values from private bytes: of a file, a recording, a message.

use std::fmt;
use std::mem::MaybeUninit;

use crate::data::SharedData;
use crate::data::invalid_value::{InvalidValue, check};

/// Why bytes are not a value of a type.
///
/// # Examples
///
/// ```
/// use win_shared_memory::layout::{self, InvalidBytes};
///
/// let error = layout::from_bytes::<u32>(&[1, 2]).unwrap_err();
/// assert!(matches!(error, InvalidBytes::Length { .. }));
/// assert!(matches!(layout::from_bytes::<bool>(&[2]), Err(InvalidBytes::Value(_))));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum InvalidBytes {
    /// There are more or fewer bytes than the type has.
    #[non_exhaustive]
    Length {
        /// The size of the type in bytes.
        expected: usize,
        /// The number of bytes given.
        actual: usize,
    },
    /// A `bool`, `char` or enum in the bytes has none of its values.
    Value(InvalidValue),
}

impl fmt::Display for InvalidBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { expected, actual } => {
                write!(f, "the type has {expected} bytes, and {actual} were given")
            }
            Self::Value(invalid) => invalid.fmt(f),
        }
    }
}

impl std::error::Error for InvalidBytes {}

/// The value that these bytes are, as another program has left them in a region: checked as
/// [`SharedMemoryLink::try_read`](https://docs.rs/win-shared-memory/latest/win_shared_memory/struct.SharedMemoryLink.html#method.try_read)
/// checks it. The bytes need not be aligned.
///
/// Works on every system, so that a tool can read what was recorded on Windows.
///
/// # Errors
///
/// [`InvalidBytes`] if there are more or fewer bytes than a `T` has, or if a `bool`, `char` or enum
/// among them is not valid.
///
/// # Examples
///
/// ```
/// use win_shared_memory::SharedData;
/// use win_shared_memory::layout;
///
/// #[derive(Debug, SharedData)]
/// #[repr(C)]
/// struct Lamp {
///     brightness: u32,
///     on: bool,
/// }
///
/// let lamp: Lamp = layout::from_bytes(&[100, 0, 0, 0, 1, 0, 0, 0])?;
/// assert_eq!((lamp.brightness, lamp.on), (100, true));
///
/// let error = layout::from_bytes::<Lamp>(&[100, 0, 0, 0, 2, 0, 0, 0]).unwrap_err();
/// assert!(error.to_string().contains("field `on` at offset 4"));
/// # Ok::<(), layout::InvalidBytes>(())
/// ```
pub fn from_bytes<T: SharedData>(bytes: &[u8]) -> Result<T, InvalidBytes> {
    if bytes.len() != size_of::<T>() {
        return Err(InvalidBytes::Length {
            expected: size_of::<T>(),
            actual: bytes.len(),
        });
    }
    check(&T::LAYOUT, bytes).map_err(InvalidBytes::Value)?;
    let mut value = MaybeUninit::<T>::uninit();
    // SAFETY: both have the size of a `T`, just checked, and do not overlap since `value` is new. The bytes
    // are borrowed, so they are what was checked: a valid value, as `LAYOUT` describes one exactly.
    Ok(unsafe {
        value
            .as_mut_ptr()
            .cast::<u8>()
            .copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        value.assume_init()
    })
}
