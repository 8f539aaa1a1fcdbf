//! The atomics of the protocols: the ordinary ones, or loom's, which tries every order.

#[cfg(loom)]
pub(crate) use core::sync::atomic::compiler_fence;
#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicU32, Ordering, fence};

#[cfg(not(loom))]
pub(crate) use core::sync::atomic::{AtomicU32, Ordering, compiler_fence, fence};
