//! What the regions of this crate's own format share: see FORMAT.md.
//!
//! `directory` is found under the region's name and says in its `record` who writes and where the values
//! are; `payload` holds them and describes itself by its `header`, whose `shape` is what they look like, and a
//! `generation` follows another; `sequence` is how one value is written and read
//! without tearing; `wake`, `waiters` and `waiting` are how a reader is woken, and `subscriber` is a reader; `lock_word` is how a value is locked, and
//! `token` tells who lives. `record`, `sequence`, `wake` and `lock_word` are plain atomics and nothing else, so
//! that loom can try every order of their steps (`tests/model`).

pub(crate) mod attach;
pub(crate) mod companions;
pub(crate) mod directory;
pub(crate) mod generation;
mod header;
pub(crate) mod payload;
pub(crate) mod shape;
pub(crate) mod subscriber;
pub(crate) mod token;
pub(crate) mod waiters;
mod waiting;
