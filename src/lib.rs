#![doc = include_str!("../README.md")]
#![cfg(windows)]

mod sys;

mod error;
mod name;

mod access;
mod section;
mod security;
mod view;

mod link;
mod options;

pub use access::{Access, CopyOnWrite, ReadOnly, ReadWrite, Writable};
pub use error::SharedMemoryError;
pub use link::SharedMemoryLink;
pub use name::InvalidName;
pub use options::SharedMemoryOptions;
pub use section::Section;
pub use security::SecurityDescriptor;
pub use view::View;
