//! [`Backing`].

/// How the pages of a new section get their memory.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Backing {
    /// All of it at once (`SEC_COMMIT`): the whole size is charged to the system's commit limit at
    /// creation.
    #[default]
    Committed,
    /// None at first (`SEC_RESERVE`): [`View::commit`](crate::View::commit) provides it piece by
    /// piece. For sections; a typed link needs all of its memory, so its region is committed.
    Reserved,
    /// All at once, in large pages (`SEC_LARGE_PAGES`): fewer TLB misses in regions of many MiB.
    /// The size is rounded up to whole large pages, usually of 2 MiB. Takes the privilege
    /// `SeLockMemoryPrivilege`, which has to be granted to the user and enabled in the process;
    /// without it creating fails, and small pages are not taken instead. A program that opens such
    /// a region asks for the same.
    LargePages,
}
