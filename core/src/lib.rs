//! What `winshm` does with the bytes of a region, once it has them: decode, record, export and plot.
//!
//! Nothing here calls Windows, so recordings are worked on anywhere.
#![forbid(unsafe_code)]

// The layers, the lowest first.
mod delta;
mod escape;
mod palette;
mod state;
mod stats;
mod time;
mod uplot;
mod wave;

mod select;
mod series;
mod source;

mod trail;

mod columns;
mod image;
mod leaves;
mod message;

mod print;
pub mod recording;

#[cfg(feature = "plot")]
pub mod chart;
pub mod export;
#[cfg(feature = "import")]
pub mod import;
pub mod share;

pub use columns::{Column, Columns, Kind, TooManyColumns};
pub use escape::{Escaped, escape};
pub use image::{Image, ImageError, Variable, VariableError};
pub use leaves::{Leaf, Leaves};
pub use message::proto;
pub use print::{Format, Printer};
pub use select::{Selection, Unmatched};
pub use series::{Reducer, Samples, Series};
pub use source::{Copied, Counts, News, Source, SourceError};
pub use state::State;
pub use stats::Stats;
pub use time::Time;
pub use wave::{Wave, WaveError};
