//! [`ProcessIdentity`], on its own because `protocol::record` holds one.

/// One process and no other: its id, which the system gives out again when it has ended, and the
/// time it began.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ProcessIdentity {
    /// The process id.
    pub id: u32,
    /// When it began, in units of 100 ns since 1601 (`FILETIME`).
    pub created: u64,
}
