//! [`Backing`].

/// How the pages of a new section are backed with memory.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{Backing, ReadWrite, Section, SharedMemoryOptions};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut options = SharedMemoryOptions::new();
/// options.backing(Backing::Reserved);
/// let log: Section<ReadWrite> = Section::create_with(r"Local\docs-backing", 1 << 30, &options)?;
/// log.map_range(0, 1 << 20)?.commit(0, 1 << 16)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Backing {
    /// All pages are committed at creation (`SEC_COMMIT`), and the whole size is charged to the system's commit
    /// limit.
    #[default]
    Committed,
    /// No page is committed at first (`SEC_RESERVE`); [`View::commit`](crate::View::commit) commits them piece by
    /// piece. This is for sections: a link or slice needs all of its memory, so its region is committed.
    Reserved,
    /// All pages are committed at creation, as large pages (`SEC_LARGE_PAGES`), which cause fewer TLB misses in
    /// regions of many MiB. The size is rounded up to whole large pages, usually of 2 MiB. This needs the
    /// privilege `SeLockMemoryPrivilege`, granted to the user and enabled in the process; without it creation
    /// fails, and small pages are not used instead. A program that opens such a region must ask for the same.
    LargePages,
}
