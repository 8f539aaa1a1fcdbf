//! The markers that say what a view may be used for.

use crate::sys::rights::{FILE_MAP_COPY, FILE_MAP_READ, FILE_MAP_WRITE};
use sealed::Rights;

/// Access-mode marker: the region can be read.
///
/// Only read access is requested of the system, so this works for regions whose security grants no more.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{ReadOnly, ReadWrite, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let writer: SharedMemoryLink<u32, ReadWrite> = SharedMemoryLink::create(r"Local\docs-read-only")?;
/// let reader: SharedMemoryLink<u32, ReadOnly> = SharedMemoryLink::open(r"Local\docs-read-only")?;
/// writer.write(&7);
/// assert_eq!(reader.read(), 7);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ReadOnly;

/// Access-mode marker: the region can be read and written.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{ReadWrite, SharedMemoryLink, View};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link = SharedMemoryLink::<[u32; 2], _>::create(r"Local\docs-read-write")?;
/// let view: &View<ReadWrite> = link.view();
/// view.write(4, &7_u32)?;
/// assert_eq!(link.read(), [0, 7]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ReadWrite;

/// Access-mode marker: the region can be read, and written for this view alone.
///
/// The first write to a page copies it. No other process or view sees what is written, and this view no
/// longer sees what others write to that page. Only read access is requested of the system. The whole view
/// is charged to the commit limit when it is mapped.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{SharedMemoryLink, SharedMemoryOptions};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let shared = SharedMemoryLink::<u32, _>::create(r"Local\docs-copy-on-write")?;
/// let own = SharedMemoryOptions::new().open_copy_on_write::<u32>(r"Local\docs-copy-on-write")?;
/// own.write(&7);
/// assert_eq!((shared.read(), own.read()), (0, 7));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CopyOnWrite;

/// What a section or view may be used for: [`ReadOnly`], [`ReadWrite`] or [`CopyOnWrite`].
///
/// Sealed: no other type implements it.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{Access, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// fn last<A: Access>(link: &SharedMemoryLink<[u32; 4], A>) -> u32 {
///     link.place().at(3).read()
/// }
///
/// let writer = SharedMemoryLink::<[u32; 4], _>::create(r"Local\docs-access")?;
/// let reader = SharedMemoryLink::<[u32; 4]>::open(r"Local\docs-access")?;
/// writer.write(&[1, 2, 3, 4]);
/// assert_eq!((last(&writer), last(&reader)), (4, 4));
/// # Ok(())
/// # }
/// ```
pub trait Access: Rights {}

/// An [`Access`] that can be written through: [`ReadWrite`] or [`CopyOnWrite`].
///
/// # Examples
///
/// ```
/// use win_shared_memory::{Place, SharedMemoryLink, Writable};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// fn add<A: Writable>(place: Place<'_, u32, A>, number: u32) {
///     place.write(&(place.read() + number));
/// }
///
/// let link = SharedMemoryLink::<u32, _>::create(r"Local\docs-writable")?;
/// add(link.place(), 7);
/// assert_eq!(link.read(), 7);
/// # Ok(())
/// # }
/// ```
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
        /// The access to request of `OpenFileMappingW`.
        const OPEN: u32;
        /// The access to request of `MapViewOfFile`.
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
