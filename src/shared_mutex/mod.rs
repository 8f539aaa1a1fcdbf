//! [`SharedMutex`], and what goes with it: the [`Guard`] and the [`Draft`] of a locked value, and the
//! [`Reader`] of programs that never lock.
//!
//! ```
//! use win_shared_memory::SharedMutex;
//!
//! # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
//! let counter = SharedMutex::get_or_create(r"Local\docs-shared-mutex-module", &0_u64)?;
//! counter.update(|count| *count += 1)?;
//! assert_eq!(counter.load()?, 1);
//! # Ok(())
//! # }
//! ```
//!
//! | you want to | use |
//! |---|---|
//! | change the value | [`SharedMutex::update`] |
//! | look before you change it, give up a change, or be told that a holder died | [`SharedMutex::lock`], [`Guard`] |
//! | change parts of a value of megabytes | [`SharedMutex::lock_in_place`], [`Draft`] |
//! | replace a value that another program has damaged | [`SharedMutex::lock_to_replace`], [`Draft`] |
//! | read the value | [`SharedMutex::load`] |
//! | read the value with read access only, or wait until it changes | [`Reader`] |
//!
//! [`when_killed`](crate::when_killed) says what happens when each party dies at each step, and
//! [`format`](crate::format) describes the regions for programs in other languages.

mod draft;
mod guard;
mod lock;
mod mutex;
mod reader;
mod strategy;
mod value;

pub use draft::Draft;
pub use guard::Guard;
pub use mutex::SharedMutex;
pub use reader::Reader;
