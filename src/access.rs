//! The markers that say what a view may be used for.

use crate::sys::rights::{FILE_MAP_COPY, FILE_MAP_READ, FILE_MAP_WRITE};
use sealed::Rights;

/// Access-mode marker: the region can be read.
///
/// Asks the system for read access alone, so it works on regions whose security grants no more.
#[derive(Clone, Copy, Debug)]
pub struct ReadOnly;

/// Access-mode marker: the region can be read and written.
#[derive(Clone, Copy, Debug)]
pub struct ReadWrite;

/// Access-mode marker: the region can be read, and written for this view alone.
///
/// A page is copied at the first write to it; nobody else sees what is written, and writes of
/// others to a copied page are no longer seen. Asks the system for read access alone. The whole
/// view is charged to the commit limit when it is mapped.
#[derive(Clone, Copy, Debug)]
pub struct CopyOnWrite;

/// What a section or view may be used for: [`ReadOnly`], [`ReadWrite`] or [`CopyOnWrite`].
///
/// Sealed: no other type implements it.
pub trait Access: Rights {}

/// An [`Access`] that can be written through: [`ReadWrite`] or [`CopyOnWrite`].
#[diagnostic::on_unimplemented(
    message = "nothing can be written through a `{Self}` link, view or place",
    label = "is not writable",
    note = "open the region with `open_existing` or `get_or_create` instead of `open`"
)]
pub trait Writable: Access {}

impl Access for ReadOnly {}
impl Access for ReadWrite {}
impl Access for CopyOnWrite {}
impl Writable for ReadWrite {}
impl Writable for CopyOnWrite {}

pub(crate) mod sealed {
    pub trait Rights {
        /// What `OpenFileMappingW` is asked for.
        const OPEN: u32;
        /// What `MapViewOfFile` is asked for.
        const MAP: u32;
        /// The rights, in words for a message.
        const WORDS: &'static str;
    }
}

impl Rights for ReadOnly {
    const OPEN: u32 = FILE_MAP_READ;
    const MAP: u32 = FILE_MAP_READ;
    const WORDS: &'static str = "read";
}

impl Rights for ReadWrite {
    const OPEN: u32 = FILE_MAP_READ | FILE_MAP_WRITE;
    const MAP: u32 = FILE_MAP_WRITE;
    const WORDS: &'static str = "read and write";
}

impl Rights for CopyOnWrite {
    const OPEN: u32 = FILE_MAP_READ;
    const MAP: u32 = FILE_MAP_COPY;
    const WORDS: &'static str = "read";
}
