//! [`field!`](crate::field): the place of a field.

use crate::data::{HasField, SharedData, name_of_bytes};
use crate::link::SharedMemoryLink;
use crate::place::Place;

/// The [`Place`](crate::Place) of a field, however deep, of a [link](crate::SharedMemoryLink) or
/// another place. Reading it copies that field and nothing else.
///
/// `field!(link.wheels[2].pressure)` for a link in a variable;
/// `field!(self.link, wheels[2].pressure)` for any expression, evaluated once; `field!(*link, speed)`
/// for a link in an `Arc` or `Box`.
///
/// The fields are those of structs that derive [`SharedData`](crate::SharedData); fields that are
/// private where the macro stands are not found. Tuple structs' are `.0`, `.1`, …. An index may be
/// any expression. Fields of packed structs are places like all others.
///
/// # Panics
///
/// If an index is out of bounds, as `[]` does. For an index that comes from a region, use
/// [`Place::get`](crate::Place::get).
///
/// # Examples
///
/// ```
/// use win_shared_memory::{ReadWrite, SharedData, SharedMemoryLink, field};
///
/// #[derive(Clone, Copy, SharedData)]
/// #[repr(C)]
/// struct Wheel {
///     pressure: f32,
///     locked: bool,
/// }
///
/// #[derive(Clone, Copy, SharedData)]
/// #[repr(C)]
/// struct Car {
///     speed: f32,
///     wheels: [Wheel; 4],
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let link: SharedMemoryLink<Car, ReadWrite> = SharedMemoryLink::create(r"Local\docs-field")?;
/// field!(link.speed).write(&12.5);
/// assert_eq!(field!(link.speed).read(), 12.5);
///
/// let wheel = field!(link.wheels[3]);
/// field!(wheel.pressure).write(&2.1);
/// assert_eq!(field!(link.wheels[3].locked).try_read()?, false);
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! field {
    // What is left of the path after a place is consumed from its beginning.
    (@path $place:expr;) => { $place };
    (@path $place:expr; [$index:expr] $($path:tt)*) => {
        $crate::field!(@path $crate::__private::element($place, $index); $($path)*)
    };
    (@path $place:expr; . $field:ident $($path:tt)*) => {
        $crate::field!(
            @path $crate::__private::field::<
                { $crate::__private::field_name(::core::stringify!($field)) }, _, _, _
            >($place, |it| { let _ = it.$field; });
            $($path)*
        )
    };
    (@path $place:expr; . $index:tt $($path:tt)*) => {
        $crate::field!(
            @path $crate::__private::tuple_field::<
                { $crate::__private::tuple_depth(::core::stringify!($index)) },
                { $crate::__private::tuple_name(::core::stringify!($index), 0) },
                { $crate::__private::tuple_name(::core::stringify!($index), 1) },
                _, _, _
            >($place, |it| { let _ = it.$index; });
            $($path)*
        )
    };
    ($head:expr, [$index:expr] $($path:tt)*) => {
        $crate::field!(@path $crate::__private::IntoPlace::into_place(&$head); [$index] $($path)*)
    };
    ($head:expr, $($path:tt)+) => {
        $crate::field!(@path $crate::__private::IntoPlace::into_place(&$head); . $($path)+)
    };
    ($head:ident $($path:tt)+) => {
        $crate::field!(@path $crate::__private::IntoPlace::into_place(&$head); $($path)+)
    };
}

/// What [`field!`](crate::field) can begin with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a link nor a place",
    label = "`field!` begins with a `SharedMemoryLink` or a `Place`",
    note = "put a comma before the path if more than a variable leads to the link: `field!(self.link, a.b[3])`"
)]
pub trait IntoPlace {
    /// A [`Place`](crate::Place).
    type Place;

    /// The place of the whole value.
    fn into_place(self) -> Self::Place;
}

impl<'a, T, A> IntoPlace for &'a SharedMemoryLink<T, A> {
    type Place = Place<'a, T, A>;

    #[inline]
    fn into_place(self) -> Self::Place {
        self.whole()
    }
}

impl<'a, T, A> IntoPlace for &Place<'a, T, A> {
    type Place = Place<'a, T, A>;

    #[inline]
    fn into_place(self) -> Self::Place {
        *self
    }
}

/// Variables that are references. One by one, since an implementation for references to whatever has
/// one makes the compiler try ever longer types where it does not know the variable's yet.
macro_rules! references {
    ($($reference:ty)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<'a, T, A> IntoPlace for &'a $reference {
            type Place = Place<'a, T, A>;

            #[inline]
            fn into_place(self) -> Self::Place {
                self.whole()
            }
        }
    )* };
}

references! { &SharedMemoryLink<T, A> &mut SharedMemoryLink<T, A> &&SharedMemoryLink<T, A> }

#[diagnostic::do_not_recommend]
impl<'a, T, A> IntoPlace for &&Place<'a, T, A> {
    type Place = Place<'a, T, A>;

    #[inline]
    fn into_place(self) -> Self::Place {
        **self
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T, A> IntoPlace for &&mut Place<'a, T, A> {
    type Place = Place<'a, T, A>;

    #[inline]
    fn into_place(self) -> Self::Place {
        **self
    }
}

/// [`Place::at`] as a function, for the error where there is no array.
///
/// # Panics
///
/// If there is no such element.
#[must_use]
#[inline]
#[track_caller]
pub fn element<T: SharedData, A, const N: usize>(
    place: Place<'_, [T; N], A>,
    index: usize,
) -> Place<'_, T, A> {
    place.at(index)
}

/// The place of a field. The closure is not called: that it compiles where the macro stands shows
/// that the field is visible there, and it gives the compiler's own errors where it is not.
#[must_use]
#[inline]
pub fn field<'a, const NAME: u64, Visible, T, A>(
    place: Place<'a, T, A>,
    _visible: impl FnOnce(&T),
) -> Place<'a, T::Type, A>
where
    T: HasField<NAME, Visible>,
{
    place.__field::<NAME, Visible>()
}

/// [`field()`] for `.0`, or for `.0.1`, where `0.1` is one token.
#[must_use]
#[inline]
pub fn tuple_field<'a, const DEPTH: usize, const OUTER: u64, const INNER: u64, Visible, T, A>(
    place: Place<'a, T, A>,
    _visible: impl FnOnce(&T),
) -> Place<'a, T::Type, A>
where
    T: HasTupleField<DEPTH, OUTER, INNER, Visible>,
{
    T::find(place)
}

/// A field, or a field of a field, of tuple structs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no such field, or does not derive `SharedData`",
    label = "unknown field",
    note = "if it has the field, add `#[derive(SharedData)]` to `{Self}`"
)]
pub trait HasTupleField<const DEPTH: usize, const OUTER: u64, const INNER: u64, Visible>:
    SharedData
{
    /// The field's type.
    type Type;

    /// Its place.
    fn find<A>(place: Place<'_, Self, A>) -> Place<'_, Self::Type, A>;
}

impl<T, V, const OUTER: u64, const INNER: u64> HasTupleField<1, OUTER, INNER, V> for T
where
    T: HasField<OUTER, V>,
{
    type Type = T::Type;

    #[inline]
    fn find<A>(place: Place<'_, Self, A>) -> Place<'_, Self::Type, A> {
        place.__field::<OUTER, V>()
    }
}

impl<T, V, W, const OUTER: u64, const INNER: u64> HasTupleField<2, OUTER, INNER, (V, W)> for T
where
    T: HasField<OUTER, V>,
    T::Type: HasField<INNER, W>,
{
    type Type = <T::Type as HasField<INNER, W>>::Type;

    #[inline]
    fn find<A>(place: Place<'_, Self, A>) -> Place<'_, Self::Type, A> {
        place.__field::<OUTER, V>().__field::<INNER, W>()
    }
}

/// How many fields `0` or `0.1` names.
#[must_use]
pub const fn tuple_depth(token: &str) -> usize {
    match find_dot(token.as_bytes()) {
        Some(_) => 2,
        None => 1,
    }
}

/// The `field_name` of the first or second field that `0` or `0.1` names.
#[must_use]
pub const fn tuple_name(token: &str, part: usize) -> u64 {
    let token = token.as_bytes();
    let name = match find_dot(token) {
        Some(at) if part == 0 => token.split_at(at).0,
        Some(at) => token.split_at(at + 1).1,
        None => token,
    };
    name_of_bytes(name)
}

const fn find_dot(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'.' {
            return Some(at);
        }
        at += 1;
    }
    None
}
