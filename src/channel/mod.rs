//! Every message, once and in order: from one program or several to one receiver.
//!
//! For two programs that both use this crate. A [`Sender`] sends messages of a type, or slices of one of any length; a
//! [`Receiver`] gets each of them. There is room for a number of them; when it is used up, the sender waits. Either may
//! start first, and either may be killed and replaced while the other goes on.
//!
//! ```
//! use win_shared_memory::SharedData;
//! use win_shared_memory::channel::{Receiver, Sender};
//!
//! #[derive(Clone, Copy, Debug, PartialEq, SharedData)]
//! #[repr(C)]
//! struct LapDone {
//!     car: u32,
//!     seconds: f32,
//! }
//!
//! # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
//! let mut game = Sender::register(r"Local\docs-channel")?;
//! game.send(&LapDone { car: 7, seconds: 92.5 })?;
//!
//! // In another program:
//! let mut laps = Receiver::<LapDone>::register(r"Local\docs-channel")?;
//! # drop(game);
//! for lap in laps.iter() {
//!     assert_eq!(lap?.car, 7);
//! }
//! println!("the game has ended");
//! # Ok(())
//! # }
//! ```
//!
//! # Senders
//!
//! A channel has one sender, or as many as its creator [allows](crate::SharedMemoryOptions::senders), up to 31. Each has
//! room of its own, so a sender that hangs, is suspended or is killed stops no other. Messages of one sender are received
//! in the order in which it sent them. Messages of several senders have no order among them: the receiver takes one from
//! each sender in turn.
//!
//! # What a kill can cost
//!
//! | event | consequence |
//! |---|---|
//! | a sender is killed before [`send`](Sender::send) returns | its message is received whole, or never; of a [batch](Sender::batch) all or none |
//! | a sender is killed after [`send`](Sender::send) has returned | the message is received |
//! | the receiver is killed in [`recv`](Receiver::recv) | this one message may be lost; none is received twice |
//! | the receiver is killed between [`peek`](Receiver::peek) and [`done`](Received::done) | the next receiver gets this one message again; none is lost |
//! | either program is killed or closes its end, and another registers | the new one goes on where the old one was |
//! | either program is killed | the other is told when it finds no message, or no room: [`Disconnected`](crate::SharedMemoryError::Disconnected), at most about 50 ms and a tick of the clock later |
//! | either program closes its end | the other is told at once |
//! | either program is suspended | the other waits, up to its own timeout |
//! | all programs close the channel | messages that were not received are lost; see [`drain`](Sender::drain) |
//!
//! Exactly-once delivery needs the program's help: put a number into each message, and store the number of the last one
//! together with what it has changed.
//!
//! [`format`](crate::format) describes the regions for programs in other languages.

mod draft;
mod inlet;
mod member;
mod message;
mod outlet;
mod received;
mod receiver;
mod sender;

pub use draft::{Batch, Draft};
pub use message::Message;
pub use received::Received;
pub use receiver::{Iter, Receiver, TryIter};
pub use sender::Sender;
