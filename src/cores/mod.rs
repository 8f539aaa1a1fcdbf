//! What the protocols rest on: plain atomics and nothing else, so that loom can try every order of their
//! steps. `tests/model` compiles this folder on any system.

pub(crate) mod atomic;
pub(crate) mod consistency;
pub(crate) mod ends;
pub(crate) mod in_order;
pub(crate) mod lock_word;
pub(crate) mod record;
pub(crate) mod ring;
pub(crate) mod ring_size;
pub(crate) mod sequence;
pub(crate) mod wake;
