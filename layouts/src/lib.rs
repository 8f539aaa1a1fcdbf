//! Layouts of shared memory as data: what the bytes of a region are, in a file instead of in code.
//!
//! A [`Layout`] is read from TOML or JSON, or comes from the [`catalogue`]. A [`Plan`] is a layout with its
//! names resolved. [`Plan::view`] decodes bytes, [`Plan::edit`] changes them.
//!
//! - [`Region::get`] looks one value up by its path.
//! - [`Region::walk`] goes through all of them, without allocating.
//! - [`Region::table`] gives out rows.
//!
//! ```
#![doc = include_str!("../examples/lamps.rs")]
//! ```
//!
//! Nothing here calls an operating system: the bytes are a copy that somebody has taken, as the producer's
//! convention ([`Layout::consistency`]) demands.
#![forbid(unsafe_code)]

mod nearest;
mod path;
mod text;

mod types;

mod quantity;

mod convention;

mod model;

mod problem;

mod arrangement;
mod cell;
mod edit;
mod extent;
mod lookup;
mod plan;
mod region;
mod tree;
mod value;
mod walk;

mod document;
mod parse;
mod schema;

mod declare;
mod names;

mod compare;
pub mod export;

pub mod catalogue;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

pub use arrangement::Arrangement;
pub use cell::Cell;
pub use compare::Difference;
pub use convention::{Consistency, Heartbeat, Magic, Ready, Serve, Step};
pub use edit::{Edit, EditError, Encoded, Input};
pub use extent::Cut;
pub use lookup::LookupError;
pub use model::{
    Field, Layout, Meaning, NumberAt, Struct, Table, TextAt, TextBlock, TypeAt, Variables,
};
pub use path::{Path, PathError, Segment};
pub use plan::{Liveness, Locator, Plan, Sign};
pub use problem::{LayoutError, Problem};
pub use quantity::{Quantity, Span};
pub use region::{Record, Region, TableView};
pub use schema::SchemaError;
pub use text::{Encoding, Text};
pub use tree::{Content, Elements, Member, Members};
pub use types::{Scalar, Type, TypeError};
pub use value::{Array, Named, Value};
pub use walk::{Trail, Walk, Waypoint};
