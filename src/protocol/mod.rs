//! What the regions of this crate's own format share: see FORMAT.md.
//!
//! `directory` is found under the region's name and says in its `record` who writes and where the values
//! are; `payload` and `lanes` hold them and are `described` by a `header`, whose `shape` is what they look like,
//! and a `generation` follows another; `sequence` is how one value is written and read without tearing, and `in_order`
//! how every value is read; `wake`, `waiters` and `waiting` are how a reader is woken, and a `doorbell` how an end of a
//! channel is; `lock_word` is how a value is locked, and `token` tells who lives. The cores are plain atomics and
//! nothing else, so that loom can try every order of their steps (`tests/model`).
//!
//! `publisher` is a writer and `subscriber` a reader, whatever the values are; a `draft` is a value that is built in
//! place.

pub(crate) mod attach;
pub(crate) mod companions;
pub(crate) mod described;
pub(crate) mod directory;
pub(crate) mod doorbell;
pub(crate) mod draft;
pub(crate) mod elements;
pub(crate) mod generation;
mod header;
pub(crate) mod lanes;
mod numbered;
pub(crate) mod payload;
pub(crate) mod publisher;
pub(crate) mod shape;
pub(crate) mod slice_draft;
pub(crate) mod subscriber;
pub(crate) mod token;
pub(crate) mod unread;
pub(crate) mod waiters;
mod waiting;
