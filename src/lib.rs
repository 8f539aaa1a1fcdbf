#![doc = include_str!("crate.md")]
// Off Windows, what the page links to is not there.
#![cfg_attr(not(windows), allow(rustdoc::broken_intra_doc_links))]

// The layers, the lowest first: a module names those of its own group and of the groups above it.

// Values: what a type looks like in memory. They are the same on every system; what follows is for Windows.
mod data;

// Leaves.
#[cfg(windows)]
#[macro_use]
mod step;
#[cfg(windows)]
mod backing;
#[cfg(windows)]
mod deadline;
#[cfg(windows)]
mod name;

// The portable cores of the protocols.
#[cfg(windows)]
mod cores;

// The system, and bytes that other processes change.
#[cfg(windows)]
mod access;
#[cfg(windows)]
mod copy;
#[cfg(windows)]
mod sys;

// Where a value is.
#[cfg(windows)]
mod place;

#[cfg(windows)]
mod error;

// Regions: sections, views of them, and how they come to be.
#[cfg(windows)]
mod region;

// Which regions there are.
#[cfg(windows)]
pub mod namespace;

// What is waited for.
#[cfg(windows)]
pub mod sync;

// Typed ways in.
#[cfg(windows)]
mod link;

// Protocols.
#[cfg(windows)]
mod protocol;

#[cfg(windows)]
pub mod broadcast;
#[cfg(windows)]
pub mod channel;
#[cfg(windows)]
pub mod shared_mutex;
#[cfg(windows)]
pub mod snapshot;

// Whatever the protocols hold.
#[cfg(windows)]
pub mod untyped;

// Programs that know nothing of this crate.
#[cfg(windows)]
pub mod attachment;
#[cfg(windows)]
pub mod consistency;

#[doc(hidden)]
pub mod __private;
#[cfg(all(doctest, windows, feature = "zerocopy"))]
#[doc = include_str!("../tests/compile_fail.md")]
mod compile_fail {}
#[cfg(all(doctest, windows))]
#[doc = include_str!("../README.md")]
mod readme {}
#[doc = include_str!("../FORMAT.md")]
pub mod format {}
#[doc = include_str!("when_killed.md")]
pub mod when_killed {}

/// What a type looks like in memory: which bytes are which field. On every system.
///
/// # Examples
///
/// A [`Layout`](layout::Layout) down to its parts: each [`Field`](layout::Field) of a struct, what [`Kind`](layout::Kind)
/// it is, and each [`Variant`](layout::Variant) of an enum.
///
/// ```
/// use win_shared_memory::SharedData;
/// use win_shared_memory::layout::{Kind, Primitive};
///
/// #[derive(SharedData)]
/// #[repr(u8)]
/// enum Flag {
///     Green = 1,
///     Yellow = 4,
/// }
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct Car {
///     flag: Flag,
///     wheels: [f32; 4],
/// }
///
/// let Kind::Struct([flag, wheels]) = Car::LAYOUT.kind() else {
///     unreachable!("it is a struct of two fields");
/// };
/// assert_eq!((wheels.name(), wheels.offset(), wheels.layout().size()), ("wheels", 4, 16));
///
/// let Kind::Enum { variants, .. } = flag.layout().kind() else {
///     unreachable!("it is an enum");
/// };
/// assert_eq!((variants[1].name(), variants[1].value()), ("Yellow", 4));
///
/// let Kind::Array { element, count, .. } = wheels.layout().kind() else {
///     unreachable!("it is an array");
/// };
/// assert_eq!(count, 4);
/// assert!(matches!(element.kind(), Kind::Primitive(Primitive::F32)));
/// ```
pub mod layout {
    pub use crate::data::bytes::{InvalidBytes, from_bytes};
    pub use crate::data::layout::{Field, Kind, Layout, Variant};
    pub use crate::data::primitive::Primitive;
}

/// Iterators over the values of an array, a slice or a table.
#[cfg(windows)]
pub mod iter {
    pub use crate::place::run::{Iter, Values};
}

pub use data::encoding::Encoding;
pub use data::identity::ProcessIdentity;
pub use data::invalid_value::InvalidValue;
pub use data::{AllAtomic, AnyBytes, SharedData};

#[cfg(feature = "derive")]
pub use data::derive::SharedData;
#[cfg(feature = "zerocopy")]
pub use data::zerocopy::Zerocopy;

#[cfg(windows)]
pub use on_windows::*;

/// What needs Windows.
#[cfg(windows)]
mod on_windows {
    pub use crate::access::{Access, CopyOnWrite, ReadOnly, ReadWrite, Writable};
    pub use crate::backing::Backing;
    pub use crate::error::SharedMemoryError;
    pub use crate::error::invalid_security::InvalidSecurity;
    pub use crate::error::layout_mismatch::LayoutMismatch;
    pub use crate::error::unknown_format::UnknownFormat;
    pub use crate::link::SharedMemoryLink;
    pub use crate::link::slice::SharedSlice;
    pub use crate::name::InvalidName;
    pub use crate::place::Place;
    pub use crate::place::places::Places;
    pub use crate::region::options::{LockMode, SharedMemoryOptions};
    pub use crate::region::section::Section;
    pub use crate::region::security::SecurityDescriptor;
    pub use crate::region::table::Table;
    pub use crate::region::view::View;
    #[doc(inline)]
    pub use crate::shared_mutex::SharedMutex;
    pub use crate::sync::process::{Liveness, Process};

    #[doc(no_inline)]
    pub use windows_result;
}
