//! A region of another program, followed through its life.
//!
//! The other program may not have started yet. It may hang, be killed, or close down in good order, and start again with
//! a new region or with the old one. An [`Attachment`] looks on the caller's thread and says what has changed since the
//! last look. It attaches by itself to whatever region has the name, and gives access to a view only while there is
//! one.
//!
//! ```no_run
//! use std::time::Duration;
//! use win_shared_memory::attachment::{Attachment, News, Sign};
//! use win_shared_memory::consistency::{Convention, Reader};
//! use win_shared_memory::{SharedData, field};
//!
//! #[derive(SharedData)]
//! #[repr(C)]
//! struct Telemetry {
//!     magic: u32,
//!     sequence: u32,
//!     speed: f32,
//! }
//!
//! # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
//! let mut game = Attachment::new(r"Local\game", |view| {
//!     let telemetry = view.place::<Telemetry>(0)?;
//!     Ok(match field!(telemetry.magic).read() {
//!         0x454D_4147 => Sign::Heartbeat(field!(telemetry.sequence).read().into()),
//!         0xDEAD => Sign::Closing,
//!         _ => Sign::NotReady,
//!     })
//! });
//! let mut reader = Reader::new();
//! loop {
//!     match game.wait(Duration::MAX)? {
//!         Some(News::Changed(change)) => println!("{change}"),
//!         Some(News::Written) => {
//!             if let Some(view) = game.live() {
//!                 let telemetry = view.place::<Telemetry>(0)?;
//!                 let sequence = Convention::sequence(field!(telemetry.sequence));
//!                 let whole: Telemetry = reader.read(&sequence, |_| telemetry.read())?;
//!                 println!("{} km/h", whole.speed);
//!             }
//!         }
//!         None => {}
//!     }
//! }
//! # }
//! ```
//!
//! # States
//!
//! | [`State`] | there is a region of the name, and |
//! |---|---|
//! | `Absent` | there is none: not yet, or not any more |
//! | `NotReady` | it is too small, or its producer has not filled it yet |
//! | `Live` | its producer works; at first sight it is believed to |
//! | `Frozen` | its heartbeat has not moved for [`Options::frozen_after`]: its producer hangs, is suspended, or ended while another program keeps the region |
//! | `Closing` | its producer says that it has left |
//!
//! # What Windows allows
//!
//! The name of a region lives as long as any process has a *handle* to it. A view keeps the memory and not the name. So
//! a reader has a choice, the [`Policy`]:
//!
//! | | [`LetGo`](Policy::LetGo) (default) | [`Keep`](Policy::Keep) |
//! |---|---|---|
//! | holds | a view | a view and a handle |
//! | its producer ends, nobody else has the region | `Absent` | `Frozen`: the name is kept alive, and so is the last value |
//! | its producer ends, another program has a handle | `Frozen`, and `Absent` once that is closed | `Frozen` |
//! | a producer starts again that insists on creating its region | gets a new one, which the attachment finds | fails, because of this handle |
//! | a producer starts again that opens what is there | gets a new one if nobody has a handle | goes on in the old one |
//! | the name denotes another region | is noticed | cannot happen |
//!
//! Without a handle, the name is looked up again: with each look while the region is not live, and every
//! [`Options::look_up_every`] while it is. The attachment then takes the view of the region that has the name at that
//! moment. Windows does not tell whether two views are of one region, so their bytes are compared: a region whose first
//! 256 KiB are those of the last one is taken for it, and only [`Change::is_new_region`] depends on that. A look-up
//! holds a handle for an instant, in which a producer that creates its region may find the old name still taken.

mod follow;
mod state;

pub use follow::Attachment;
pub use state::{Change, News, Options, Policy, Sign, State};
