//! The latest value of a `T`: one program writes it, any number read it, and nobody waits for anybody.
//!
//! For two programs that both use this crate. A [`Writer`] publishes whole values. A [`Reader`] gets the one
//! published last, never half of one, whatever the writer does meanwhile and even if it is killed in the
//! middle of a write.
//!
//! ```
//! use std::time::Duration;
//! use win_shared_memory::{SharedData, snapshot};
//!
//! #[derive(Clone, Copy, Debug, PartialEq, SharedData)]
//! #[repr(C)]
//! struct Telemetry {
//!     tick: u64,
//!     speed: f32,
//! }
//!
//! # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
//! let mut writer = snapshot::Writer::register(r"Local\docs-snapshot")?;
//! writer.publish(&Telemetry { tick: 1, speed: 120.5 });
//!
//! // In another program:
//! let mut reader = snapshot::Reader::<Telemetry>::open(r"Local\docs-snapshot")?;
//! while reader.wait_changed(Duration::from_millis(10))? {
//!     if let Some(telemetry) = reader.latest()? {
//!         assert_eq!(telemetry.speed, 120.5);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`SliceWriter`] and [`SliceReader`] do the same for values whose size is known at run time, such as frames,
//! lists and texts.
//!
//! # What happens when
//!
//! | event | consequence |
//! |---|---|
//! | the writer is killed at any instruction | readers keep the value published last; the next [`register`](Writer::register) takes over at once, also while readers have the region open, and versions go on |
//! | the writer is killed while it registers | readers that wait for it go on waiting, up to their timeout; the next [`register`](Writer::register) starts over |
//! | a reader is killed | nothing |
//! | a second writer comes while the first is alive | it gets [`WriterAlive`](crate::SharedMemoryError::WriterAlive) |
//! | the writer comes back with another type | versions go on higher than any before; readers of the old type get [`LayoutMismatch`](crate::SharedMemoryError::LayoutMismatch), which names the first field that differs; new readers are fine |
//! | the writer comes back with more fields after those it had | the same, unless the readers' type has `#[shared_data(may_grow)]`: then they read on |
//! | the writer comes back with fewer fields, an earlier version of the program | it gets `LayoutMismatch` as long as anybody has the snapshot open |
//! | a writer of slices comes back with a larger capacity | readers move to its payload |
//! | the writer publishes faster than a reader copies | the reader copies again what was published meanwhile; several slots in rotation make that rare |
//!
//! [`when_killed`](crate::when_killed) lists each step of each party, and [`format`](crate::format) describes
//! the regions and objects for programs in other languages.

mod reader;
mod slice_reader;
mod slice_writer;
mod writer;

pub use crate::protocol::draft::Draft;
pub use crate::protocol::slice_draft::SliceDraft;
pub use reader::Reader;
pub use slice_reader::SliceReader;
pub use slice_writer::SliceWriter;
pub use writer::Writer;
