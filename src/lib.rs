#![doc = include_str!("../README.md")]
#![cfg(windows)]

// The layers, the lowest first: a module names those of its own group and of the groups above it.

// Leaves.
#[macro_use]
mod step;
mod backing;
mod deadline;
mod name;

// The portable cores of the protocols.
mod cores;

// The system, and bytes that other processes change.
mod access;
mod copy;
mod sys;

// Values: what a type looks like in memory, and where one is.
mod data;
mod place;

mod error;

// Regions: sections, views of them, and how they come to be.
mod region;

// What is waited for.
pub mod sync;

// Typed ways in.
mod link;

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
pub use cores::identity::ProcessIdentity;
pub use data::invalid_value::InvalidValue;
pub use data::layout::{Field, Kind, Layout, Primitive, Variant};
pub use data::{AllAtomic, AnyBytes, SharedData};
pub use error::SharedMemoryError;
pub use error::layout_mismatch::LayoutMismatch;
pub use link::SharedMemoryLink;
pub use link::slice::SharedSlice;
pub use name::InvalidName;
pub use place::Place;
pub use place::encoding::Encoding;
pub use region::options::{LockMode, SharedMemoryOptions};
pub use region::section::Section;
pub use region::security::SecurityDescriptor;
pub use region::table::Table;
pub use region::view::View;
pub use shared_mutex::{SharedMutex, SharedMutexGuard};
pub use sync::process::{Liveness, Process};

#[cfg(feature = "derive")]
pub use data::derive::SharedData;
#[cfg(feature = "zerocopy")]
pub use data::zerocopy::Zerocopy;
