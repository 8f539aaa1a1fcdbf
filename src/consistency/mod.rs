//! Whole values from programs that know nothing of this crate.
//!
//! A producer writes whenever it likes, so a plain copy may be half old and half new. Most producers therefore do
//! something by which a reader can tell. There are eight such [`Convention`]s and one idea. A [`Reader`] runs the copy
//! while the condition of the convention holds, and runs it again if it did not. The memory fences that this takes are
//! inside.
//!
//! ```no_run
//! use win_shared_memory::consistency::{Convention, Reader};
//! use win_shared_memory::{SharedData, SharedMemoryLink, field};
//!
//! #[derive(SharedData)]
//! #[repr(C)]
//! struct Telemetry {
//!     update_begin: u32,
//!     update_end: u32,
//!     speed: [f32; 64],
//! }
//!
//! # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
//! let link = SharedMemoryLink::<Telemetry>::open("$telemetry$")?;
//! let whole = Convention::begin_end(field!(link.update_begin), field!(link.update_end));
//! let telemetry: Telemetry = Reader::new().read(&whole, |_| link.read())?;
//! # Ok(())
//! # }
//! ```
//!
//! The copy is a closure. It may copy one field or several, follow offsets, or fill a buffer. What it sees may be torn
//! while it runs, so it has to check what it uses, as it would without a convention. Its result, errors included, is
//! returned only if the condition held.
//!
//! # What each can promise
//!
//! | convention | producers | the value is whole | the producer stops in the middle of a write |
//! |---|---|---|---|
//! | [`sequence`](Convention::sequence) | Automobilista 2, Project CARS 2 | always | [`Cause::Stopped`] |
//! | [`begin_end`](Convention::begin_end) | rFactor 2, Le Mans Ultimate's older pages | always | [`Cause::Stopped`] |
//! | [`latest_of`](Convention::latest_of) | iRacing | always | the last whole value; an attachment reports it |
//! | [`mutex`](Convention::mutex) | HWiNFO, Core Temp | always | [`Cause::Locked`]; once it has ended, [`Cause::Abandoned`] for one reader |
//! | [`lock_region`](Convention::lock_region) | Le Mans Ultimate | always | [`Cause::Locked`] |
//! | [`busy`](Convention::busy) | RTSS, GPU-Z | always | [`Cause::Stopped`] |
//! | [`counter`](Convention::counter) | Assetto Corsa, ACC | if it writes within [`Limits::settle`] | goes unnoticed; an attachment reports it |
//! | [`double_read`](Convention::double_read) | MumbleLink, MSI Afterburner, AIDA64 | if it writes within [`Limits::settle`] | goes unnoticed; an attachment reports it |
//!
//! The producers of the last two do not say when they begin to write. A producer with several buffers need not be
//! noticed either, since the last whole value stays where it is. Follow the regions of these three by an
//! [attachment](crate::attachment) whose heartbeat is the counter or the newest tick. Within
//! [`frozen_after`](crate::attachment::Options::frozen_after) it reports that the producer has stopped or that the region
//! is gone, and from then on it gives out no [`live`](crate::attachment::Attachment::live) view. Nothing shows whether the
//! producer stopped in the middle of a write.
//!
//! A program that writes such a region itself, because its readers know nothing of this crate, stores its counters, ticks
//! and flags [`in_order`].
//!
//! For two programs that both use this crate, [`snapshot`](crate::snapshot) does all this and more.

mod convention;
mod lock_region;
mod reader;
mod word;

pub use crate::cores::consistency::{Cause, in_order};
pub use crate::error::inconsistent::Inconsistent;
pub use convention::{Buffer, BufferPlace, Convention};
pub use lock_region::LockRegion;
pub use reader::{Counts, Limits, Reader};
pub use word::{Bytes, Mark, Word};
