//! Layouts, from the file to the value.

#![allow(clippy::unwrap_used, reason = "a test")]

mod catalogue;
mod comparing;
mod decoding;
mod editing;
mod exporting;
mod fuzz;
mod hostile;
mod memory;
mod parsing;
mod regions;
mod tree;
