#![doc = include_str!("../README.md")]
#![cfg(windows)]

// The layers, the lowest first: a module names those of its own group and of the groups above it.

// Leaves.
#[macro_use]
mod step;
mod atomic;
mod backing;
mod deadline;
mod identity;
mod name;

// The system, and bytes that other processes change.
mod access;
mod copy;
mod sys;

// Values: what a type looks like in memory, and where one is.
mod data;
#[cfg(feature = "derive")]
mod derive;
#[cfg(feature = "zerocopy")]
mod foreign;
mod layout;
mod mismatch;
mod place;
mod text;
mod value;

mod error;

// Objects: sections and views, and what is waited for.
mod opening;
mod options;
mod process;
mod section;
mod security;
pub mod sync;
mod table;
mod view;

// Typed ways in.
mod field;
mod link;
mod slice;

// Protocols.
mod protocol;

mod shared_mutex;
pub mod snapshot;

#[doc(hidden)]
pub mod __private;
#[cfg(doctest)]
mod compile_fail;
#[doc = include_str!("../FORMAT.md")]
pub mod format {}
#[doc = include_str!("when_killed.md")]
pub mod when_killed {}

pub use access::{Access, CopyOnWrite, ReadOnly, ReadWrite, Writable};
pub use backing::Backing;
pub use data::{AllAtomic, AnyBytes, SharedData};
pub use error::SharedMemoryError;
pub use identity::ProcessIdentity;
pub use layout::{Field, Kind, Layout, Primitive, Variant};
pub use link::SharedMemoryLink;
pub use mismatch::LayoutMismatch;
pub use name::InvalidName;
pub use options::{LockMode, SharedMemoryOptions};
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
