//! [`Budget`]

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const UNIT: usize = 1024;

/// How much memory answers may take that are on their way to clients, all together.
#[derive(Clone)]
pub(crate) struct Budget(Arc<Semaphore>);

impl Budget {
    /// A budget of so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes / UNIT)))
    }

    /// Bytes that count against the budget until the last client has received them; `None` if there is no room for them.
    pub(crate) fn hold(&self, bytes: Vec<u8>) -> Option<Bytes> {
        let units = u32::try_from(bytes.len().div_ceil(UNIT)).ok()?;
        let permit = Arc::clone(&self.0).try_acquire_many_owned(units).ok()?;
        Some(Bytes::from_owner(Held {
            bytes,
            _permit: permit,
        }))
    }
}

struct Held {
    bytes: Vec<u8>,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::Budget;

    #[test]
    fn what_is_held_counts_until_the_last_copy_is_gone() {
        let budget = Budget::new(4096);
        let first = budget.hold(vec![0; 3000]).unwrap();
        let copy = first.clone();
        assert!(budget.hold(vec![0; 2000]).is_none());
        drop(first);
        assert!(budget.hold(vec![0; 2000]).is_none());
        drop(copy);
        assert!(budget.hold(vec![0; 4096]).is_some());
    }
}
