//! The types that may live in shared memory: [`SharedData`], [`AnyBytes`], [`AllAtomic`].
//!
//! `unsafe` is allowed here for what the primitives promise, and `zerocopy`'s traits.

#![allow(unsafe_code)]

pub(crate) mod bytes;
#[cfg(feature = "derive")]
pub(crate) mod derive;
pub(crate) mod encoding;
pub(crate) mod identity;
pub(crate) mod invalid_value;
pub(crate) mod layout;
pub(crate) mod primitive;
pub(crate) mod schema;
#[cfg(feature = "zerocopy")]
pub(crate) mod zerocopy;

use std::marker::PhantomData;
use std::mem::{MaybeUninit, offset_of};
use std::sync::atomic::{AtomicI8, AtomicI16, AtomicI32, AtomicU8, AtomicU16, AtomicU32};
#[cfg(target_has_atomic = "64")]
use std::sync::atomic::{AtomicI64, AtomicU64};

use crate::data::identity::ProcessIdentity;
use crate::data::layout::{Field, Kind, Layout};
use crate::data::primitive::Primitive;
use crate::data::schema::hash_of;

/// A type whose values can be copied into and out of shared memory.
///
/// `#[derive(SharedData)]` implements it for structs with `#[repr(C)]` or `#[repr(transparent)]`
/// (also with `packed` or `align`) and for enums without data with `#[repr(u8)]` … `#[repr(i64)]`.
/// Fields are integers of fixed size, floats, `bool`, `char`, atomics, arrays, and other types that
/// derive it. Pointers, references, `usize`, `Vec`, `String` and unions are refused: they mean
/// nothing in another process.
///
/// The derive also implements [`AnyBytes`] and [`AllAtomic`] where the fields allow, and the fields
/// for [`field!`](crate::field).
///
/// Values come from other programs, so the privacy of fields protects no invariant: do not derive it
/// for a type whose methods would be unsound with fields of any (valid) value.
///
/// # Safety
///
/// [`LAYOUT`](Self::LAYOUT) describes the type exactly: every byte outside of padding belongs to a
/// field, at its offset; bytes that are valid by that description are a valid value; the type has
/// no drop glue. Implement it by deriving.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{SharedData, layout};
///
/// #[derive(Debug, PartialEq, SharedData)]
/// #[repr(C)]
/// struct GameState {
///     score: u32,
///     is_paused: bool,
///     position: [f32; 3],
/// }
///
/// assert_eq!(GameState::LAYOUT.size(), 20);
/// let state: GameState = layout::from_bytes(&[0; 20]).unwrap();
/// assert_eq!(state, GameState::zeroed());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot live in shared memory",
    label = "does not derive `SharedData`",
    note = "if the type is yours, add `#[derive(SharedData)]`, with `#[repr(C)]` for a struct and `#[repr(u32)]` or the like for an enum",
    note = "in place of `usize` use `u32` or `u64`, of `Vec`, `String` and references an array, of `Option` a value and a flag",
    note = "if it is another crate's, use a struct of yours with the same fields, or `Zerocopy` (feature `zerocopy`)"
)]
pub unsafe trait SharedData: Sized + 'static {
    /// Which bytes are which field.
    const LAYOUT: Layout;

    /// Whether a [`snapshot::Reader`](https://docs.rs/win-shared-memory/latest/win_shared_memory/snapshot/struct.Reader.html)
    /// of this type also reads what a writer of a later version publishes, whose type has these fields, at the
    /// same offsets, and others after them. `#[shared_data(may_grow)]` makes it true.
    const MAY_GROW: bool = false;

    /// The value whose bytes are all zero: what a new region holds. Useful for structs with arrays,
    /// which have no `Default`.
    ///
    /// For a type with an enum that has no variant of number 0, the call does not compile.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SharedData;
    ///
    /// #[derive(Clone, Copy, SharedData)]
    /// #[repr(C)]
    /// struct Session {
    ///     track: [u16; 64],
    ///     laps: u32,
    ///     is_race: bool,
    /// }
    ///
    /// let session = Session {
    ///     laps: 12,
    ///     ..Session::zeroed()
    /// };
    /// assert_eq!((session.track, session.is_race), ([0; 64], false));
    /// ```
    #[must_use]
    fn zeroed() -> Self {
        const {
            assert!(
                Self::LAYOUT.zero_is_valid(),
                "an enum in this type has no variant of number 0"
            );
        }
        // SAFETY: zero bytes are a valid value by `LAYOUT`, as was just asserted.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }
}

/// A [`SharedData`] type of which any bytes are a valid value: no `bool`, `char` or enum anywhere.
///
/// Implemented by `#[derive(SharedData)]`.
///
/// # Safety
///
/// Any `size_of::<Self>()` initialised bytes are a valid value.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{AnyBytes, Place, SharedData};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct Engine {
///     rpm: f32,
///     gear: i8,
/// }
///
/// /// Cannot fail, whatever the region holds.
/// fn read<T: AnyBytes>(place: Place<'_, T>) -> T {
///     place.read()
/// }
///
/// let _: fn(Place<'_, Engine>) -> Engine = read;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot live in shared memory",
    label = "does not derive `SharedData`",
    note = "if the type is yours, add `#[derive(SharedData)]`, with `#[repr(C)]` for a struct and `#[repr(u32)]` or the like for an enum",
    note = "in place of `usize` use `u32` or `u64`, of `Vec`, `String` and references an array, of `Option` a value and a flag",
    note = "if it is another crate's, use a struct of yours with the same fields, or `Zerocopy` (feature `zerocopy`)"
)]
pub unsafe trait AnyBytes: SharedData {}

/// An [`AnyBytes`] type made of atomics only, so that a `&Self` may point into memory that other
/// programs write. Padding between them is refused where such a reference is asked for.
///
/// Implemented by `#[derive(SharedData)]`.
///
/// # Safety
///
/// Every byte outside of padding is inside an atomic integer, and the type is not packed.
///
/// # Examples
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use win_shared_memory::{SharedData, SharedMemoryLink};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct Counters {
///     frames: AtomicU32,
///     dropped: AtomicU32,
/// }
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link = SharedMemoryLink::<Counters, _>::get_or_create(r"Local\docs-all-atomic")?;
/// link.shared().frames.fetch_add(1, Ordering::Relaxed);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not made of atomics only",
    label = "a reference to it could see its bytes change",
    note = "use `read` and `write`, or `AtomicU8` … `AtomicU64` for all of its fields and `#[derive(SharedData)]`"
)]
pub unsafe trait AllAtomic: AnyBytes + Sync {}

/// Implements the traits for a primitive.
macro_rules! primitives {
    ($($type:ident $(, $marker:ident)*: $kind:ident;)*) => { $(
        // SAFETY: one primitive without padding is its own description.
        unsafe impl SharedData for $type {
            const LAYOUT: Layout = Layout::new(
                size_of::<$type>(),
                align_of::<$type>(),
                Kind::Primitive(Primitive::$kind),
            );
        }
        $(
            // SAFETY: an integer, float or atomic integer holds any bytes; the second marker is
            // given to atomics alone.
            unsafe impl $marker for $type {}
        )*
    )* };
}

primitives! {
    u8, AnyBytes: U8;
    u16, AnyBytes: U16;
    u32, AnyBytes: U32;
    u64, AnyBytes: U64;
    i8, AnyBytes: I8;
    i16, AnyBytes: I16;
    i32, AnyBytes: I32;
    i64, AnyBytes: I64;
    f32, AnyBytes: F32;
    f64, AnyBytes: F64;
    bool: Bool;
    char: Char;
    AtomicU8, AnyBytes, AllAtomic: AtomicU8;
    AtomicU16, AnyBytes, AllAtomic: AtomicU16;
    AtomicU32, AnyBytes, AllAtomic: AtomicU32;
    AtomicI8, AnyBytes, AllAtomic: AtomicI8;
    AtomicI16, AnyBytes, AllAtomic: AtomicI16;
    AtomicI32, AnyBytes, AllAtomic: AtomicI32;
}

#[cfg(target_has_atomic = "64")]
primitives! {
    AtomicU64, AnyBytes, AllAtomic: AtomicU64;
    AtomicI64, AnyBytes, AllAtomic: AtomicI64;
}

// SAFETY: an array is its elements one after the other.
unsafe impl<T: SharedData, const N: usize> SharedData for [T; N] {
    const LAYOUT: Layout = Layout::new(
        size_of::<Self>(),
        align_of::<Self>(),
        Kind::Array {
            element: &T::LAYOUT,
            count: N,
        },
    );
}

// SAFETY: as for the elements.
unsafe impl<T: AnyBytes, const N: usize> AnyBytes for [T; N] {}
// SAFETY: as for the elements.
unsafe impl<T: AllAtomic, const N: usize> AllAtomic for [T; N] {}

/// `T`, in a form that can stand in a `where` with `for<'a>`, which may be false for a type without
/// parameters.
#[doc(hidden)]
#[derive(Debug)]
pub struct Id<'a, T>(PhantomData<&'a ()>, PhantomData<T>);

/// Implemented for nothing: as the condition of an implementation of [`AnyBytes`] it is the reason that
/// the compiler gives for a type that may hold invalid bytes. The message names `T`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "another program may leave bytes that are not a valid `{T}`",
    label = "has to be checked",
    note = "use `try_read` or `try_read_into`, which check every `bool`, `char` and enum; plain `read` is for types without them"
)]
pub trait AlwaysValid<T> {}

// SAFETY: nothing meets the condition.
#[doc(hidden)]
unsafe impl AnyBytes for bool where for<'a> Id<'a, Self>: AlwaysValid<Self> {}

// SAFETY: nothing meets the condition.
#[doc(hidden)]
unsafe impl AnyBytes for char where for<'a> Id<'a, Self>: AlwaysValid<Self> {}

const IDENTITY: &[Field] = &[
    Field::new("id", offset_of!(ProcessIdentity, id), &u32::LAYOUT),
    Field::new(
        "created",
        offset_of!(ProcessIdentity, created),
        &u64::LAYOUT,
    ),
];

// SAFETY: these are its fields, with the compiler's offsets; integers have no drop glue.
unsafe impl SharedData for ProcessIdentity {
    const LAYOUT: Layout = Layout::of_struct(size_of::<Self>(), align_of::<Self>(), IDENTITY);
}

// SAFETY: integers hold any bytes.
unsafe impl AnyBytes for ProcessIdentity {}

// SAFETY: the compiler's offset, of a field of this type.
unsafe impl HasField<{ field_name("id") }, ()> for ProcessIdentity {
    type Type = u32;
    const OFFSET: usize = offset_of!(Self, id);
}

// SAFETY: as above.
unsafe impl HasField<{ field_name("created") }, ()> for ProcessIdentity {
    type Type = u64;
    const OFFSET: usize = offset_of!(Self, created);
}

/// A field of a struct, by the hash of its name; what [`field!`](crate::field) looks up.
///
/// `Visible` has a type that can be named exactly where the field can, so that the compiler refuses
/// what it infers elsewhere, and the field's own type, so that it may be a private one (E0446).
///
/// # Safety
///
/// The struct has a field of this type at this offset.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no such field, or does not derive `SharedData`",
    label = "unknown field",
    note = "if it has the field, add `#[derive(SharedData)]` to `{Self}`"
)]
pub unsafe trait HasField<const NAME: u64, Visible>: SharedData {
    type Type;
    const OFFSET: usize;
}

/// What [`HasField`] knows a field by. Raw identifiers are those without `r#`.
#[must_use]
pub const fn field_name(name: &str) -> u64 {
    match name.as_bytes() {
        [b'r', b'#', name @ ..] => name_of_bytes(name),
        name => name_of_bytes(name),
    }
}

pub(crate) const fn name_of_bytes(name: &[u8]) -> u64 {
    match std::str::from_utf8(name) {
        Ok(name) => hash_of(name),
        Err(_) => panic!("names are UTF-8"),
    }
}
