//! What `#[derive(SharedData)]` and `field!` expand to. Nobody else should use it.

use crate::data::layout::{Kind, Layout};
use crate::data::{AllAtomic, AnyBytes, SharedData};

pub use crate::data::{AlwaysValid, HasField, Id, field_name};
#[cfg(windows)]
pub use crate::link::field::{
    HasTupleField, IntoPlace, element, field, tuple_depth, tuple_field, tuple_name,
};

/// [`AnyBytes`] of what is in an [`Id`].
pub trait IdAnyBytes {}
impl<T: AnyBytes> IdAnyBytes for Id<'_, T> {}

/// [`AllAtomic`] of what is in an [`Id`].
pub trait IdAllAtomic: IdAnyBytes {}
impl<T: AllAtomic> IdAllAtomic for Id<'_, T> {}

/// Does not compile for types that the derive cannot see to be unfit.
pub const fn assert_shareable<T: SharedData>() {
    assert!(
        !std::mem::needs_drop::<T>(),
        "a type that implements `Drop` cannot be shared: each copy that is read would be dropped"
    );
    assert!(
        has_aligned_atomics(&T::LAYOUT),
        "`packed` makes an atomic unaligned: take a plain integer, or leave `packed` out"
    );
}

/// Whether the alignment of a value is enough for each atomic in it.
const fn has_aligned_atomics(layout: &Layout) -> bool {
    let Kind::Struct(fields) = layout.kind() else {
        return true;
    };
    let mut at = 0;
    while at < fields.len() {
        let (offset, field) = (fields[at].offset(), fields[at].layout());
        let aligned = layout.align() >= field.align() && offset % field.align() == 0;
        if field.has_atomics() && !aligned {
            return false;
        }
        at += 1;
    }
    true
}
