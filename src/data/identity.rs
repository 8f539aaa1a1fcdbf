//! [`ProcessIdentity`], which the model of the protocols compiles as well.

/// One process and no other: its id, which the system assigns again after it has exited, and the
/// time it began.
///
/// It can be a field of a region of yours that says who writes it, on any system; it has 16 bytes,
/// aligned to 8, in 32-bit and 64-bit programs alike.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{ProcessIdentity, ReadWrite, SharedData, SharedMemoryLink, field};
///
/// #[derive(Clone, Copy, SharedData)]
/// #[repr(C)]
/// struct Telemetry {
///     publisher: ProcessIdentity,
///     speed: f32,
/// }
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link: SharedMemoryLink<Telemetry, ReadWrite> =
///     SharedMemoryLink::create(r"Local\docs-process-identity")?;
/// field!(link.publisher).write(&ProcessIdentity::current()?);
/// assert_eq!(field!(link.publisher.id).read(), std::process::id());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[repr(C, align(8))]
pub struct ProcessIdentity {
    /// The process id.
    pub id: u32,
    /// When it began, in units of 100 ns since 1601 (`FILETIME`).
    pub created: u64,
}
