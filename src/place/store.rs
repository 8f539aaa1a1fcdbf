//! Writing values without their padding.

use crate::copy::{copy, zero};
use crate::data::SharedData;
use crate::data::layout::{Kind, Layout};

/// Stores values: of padding, zeros.
///
/// # Safety
///
/// `to` is valid for writes of as many values, in shared memory.
#[inline]
pub(crate) unsafe fn store<T: SharedData>(values: &[T], to: *mut u8) {
    let from = values.as_ptr().cast::<u8>();
    // SAFETY: the values are valid for reads, and `to` is for writes by this function's contract. A
    // reference can point into shared memory only if everything but its padding is atomic (`shared`),
    // and two shared ranges may overlap.
    unsafe {
        if const { T::LAYOUT.is_padded() } {
            for at in (0..values.len()).map(|index| index * size_of::<T>()) {
                store_fields(&T::LAYOUT, from.add(at), to.add(at));
            }
        } else {
            copy(from, to, size_of_val(values));
        }
    }
}

/// Copies the bytes of fields, and writes zeros where padding is.
///
/// # Safety
///
/// `from` is valid for reads of a value of this layout and `to` for writes, as for [`copy`].
unsafe fn store_fields(layout: &Layout, from: *const u8, to: *mut u8) {
    // SAFETY: all ranges lie inside the value: fields and elements do, in the order of their offsets,
    // and gaps are what is between.
    unsafe {
        match layout.kind() {
            Kind::Struct(fields) if layout.is_padded() => {
                // Of neighbours without padding, what begins at `run` is copied at once; all before
                // is stored.
                let (mut run, mut end) = (0, 0);
                for field in fields.iter().filter(|it| it.layout().size() > 0) {
                    if field.offset() != end || field.layout().is_padded() {
                        copy(from.add(run), to.add(run), end - run);
                        zero(to.add(end), field.offset() - end);
                        run = field.offset();
                    }
                    end = field.offset() + field.layout().size();
                    if field.layout().is_padded() {
                        store_fields(field.layout(), from.add(run), to.add(run));
                        run = end;
                    }
                }
                copy(from.add(run), to.add(run), end - run);
                zero(to.add(end), layout.size() - end);
            }
            Kind::Array { element, count } if layout.is_padded() => {
                for at in (0..count).map(|index| index * element.size()) {
                    store_fields(element, from.add(at), to.add(at));
                }
            }
            _ => copy(from, to, layout.size()),
        }
    }
}
