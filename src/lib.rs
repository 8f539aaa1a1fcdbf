#![doc = include_str!("../README.md")]
#![cfg(windows)]

#[macro_use]
mod step;

mod atomic;
mod copy;
mod deadline;
mod identity;
mod name;
mod sys;

mod error;
mod layout;
mod mismatch;
mod value;

mod access;
mod options;
mod security;

mod opening;
mod section;
mod view;

mod data;
mod place;
mod table;
mod text;

#[cfg(feature = "derive")]
mod derive;
mod field;
#[cfg(feature = "zerocopy")]
mod foreign;

#[doc(hidden)]
pub mod __private;
#[cfg(doctest)]
mod compile_fail;

mod link;
mod slice;

mod process;
pub mod sync;

mod protocol;
mod shared_mutex;
pub mod snapshot;
#[doc = include_str!("when_killed.md")]
pub mod when_killed {}

pub use access::{Access, CopyOnWrite, ReadOnly, ReadWrite, Writable};
pub use data::{AllAtomic, AnyBytes, SharedData};
pub use error::SharedMemoryError;
pub use identity::ProcessIdentity;
pub use layout::{Field, Kind, Layout, Primitive, Variant};
pub use link::SharedMemoryLink;
pub use mismatch::LayoutMismatch;
pub use name::InvalidName;
pub use options::{Backing, LockMode, SharedMemoryOptions};
pub use place::Place;
pub use process::{Liveness, Process};
pub use section::Section;
pub use security::SecurityDescriptor;
pub use shared_mutex::{SharedMutex, SharedMutexGuard};
pub use slice::SharedSlice;
pub use table::Table;
pub use text::Encoding;
pub use value::InvalidValue;
pub use view::View;

#[cfg(feature = "derive")]
pub use derive::SharedData;
#[cfg(feature = "zerocopy")]
pub use foreign::Zerocopy;
