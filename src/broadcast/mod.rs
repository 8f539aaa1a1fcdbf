//! Every message of one program, in order, to each receiver that keeps up.
//!
//! For two programs that both use this crate. A [`Sender`] sends whole messages and waits for nobody. The region keeps
//! the last of them, its *history*. A [`Receiver`] gets each message once, in order, and none of them torn. One that
//! falls behind by more than the history is told how many messages it has missed, and goes on. It needs read access
//! only, so any number of receivers, suspended and hostile ones too, can neither delay nor damage anything.
//!
//! ```
//! use win_shared_memory::SharedData;
//! use win_shared_memory::broadcast::{News, Receiver, Sender};
//!
//! #[derive(Clone, Copy, Debug, PartialEq, SharedData)]
//! #[repr(C)]
//! struct Trade {
//!     instrument: u32,
//!     price: f64,
//! }
//!
//! # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
//! let mut sender = Sender::register(r"Local\docs-broadcast")?;
//!
//! // In another program:
//! let mut receiver = Receiver::<Trade>::open(r"Local\docs-broadcast")?;
//! # sender.send(&Trade { instrument: 7, price: 101.25 });
//! # sender.send(&Trade { instrument: 7, price: 101.5 });
//! let mut sum = 0.0;
//! # drop(sender);
//! for news in receiver.iter() {
//!     match news? {
//!         News::Message(trade) => sum += trade.price,
//!         News::Lagged(missed) => println!("{missed} trades were missed"),
//!     }
//! }
//! assert_eq!(sum, 202.75);
//! # Ok(())
//! # }
//! ```
//!
//! [`SliceSender`] and [`SliceReceiver`] do the same for messages whose size is known at run time.
//!
//! [`trades_publisher`](https://github.com/dSyncro/win-shared-memory/blob/main/examples/trades_publisher.rs) and
//! [`trades`](https://github.com/dSyncro/win-shared-memory/blob/main/examples/trades.rs) are programs to copy from.
//!
//! # Which messages a receiver gets
//!
//! [`Receiver::open`] begins with the next message that is sent, and [`Receiver::rewind`] goes back to the oldest one
//! that is kept. Messages have numbers, each one more than that of the message before, whichever process has sent it.
//! What a receiver gets between two numbers and what [`News::Lagged`] told add up exactly: a message whose sender was
//! killed in [`send`](Sender::send) was either sent or has no number.
//!
//! After `Lagged`, a receiver goes on with about three quarters of the history, so that it has time to catch up. To
//! lose less, choose a longer [`history`](crate::SharedMemoryOptions::history). If nothing may be lost, a broadcast is
//! the wrong choice: its sender does not wait.
//!
//! # What happens when
//!
//! | event | consequence |
//! |---|---|
//! | the sender is killed at any instruction | receivers still get what it has sent; the next [`register`](Sender::register) takes over at once, and goes on with the next number |
//! | the sender is dropped | the same; receivers that wait are woken at once |
//! | there is no sender | receivers that have received everything get [`Disconnected`](crate::SharedMemoryError::Disconnected), at most about 50 ms and a tick of the clock after a kill; [`Receiver::wait_for_sender`] waits for the next one |
//! | a receiver is killed or suspended | nothing; the sender does not notice |
//! | a second sender comes while the first is alive | it gets [`WriterAlive`](crate::SharedMemoryError::WriterAlive) |
//! | a receiver does not keep up | it is told how many messages it has missed, once, and goes on |
//! | the sender comes back with another type | receivers get what the old one has sent, and then [`LayoutMismatch`](crate::SharedMemoryError::LayoutMismatch), which names the first field that differs, until a sender of their type comes |
//! | the sender comes back with a longer history, or longer slices | receivers get what the old one has sent, and then all that the new one sends |
//!
//! In the last two cases the region is replaced by one of the next [`generation`](Receiver::generation), and numbers go
//! on from a higher one: those of generation *g* begin with (*g* − 1) · 2⁴⁰ + 1. A receiver counts no more messages as
//! missed than that generation has had. It cannot count those of a generation that came and went while it did not look;
//! its own generation has then grown by more than one.
//!
//! [`when_killed`](crate::when_killed) lists each step of each party, and [`format`](crate::format) describes
//! the regions and objects for programs in other languages.

mod news;
mod receiver;
mod sender;
mod slice_receiver;
mod slice_sender;

pub use crate::protocol::draft::Draft;
pub use crate::protocol::slice_draft::SliceDraft;
pub use news::News;
pub use receiver::{Iter, Receiver};
pub use sender::Sender;
pub use slice_receiver::SliceReceiver;
pub use slice_sender::SliceSender;
