//! The names of the objects beside a region of our own format: its own name, and a suffix.

use crate::cores::identity::ProcessIdentity;
use crate::error::SharedMemoryError;
use crate::region::opening::wide;

/// The region's name, from which the others follow.
#[derive(Clone, Debug)]
pub(crate) struct Companions {
    pub(crate) name: Box<str>,
}

impl Companions {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.into() }
    }

    /// Whether the longest of the names is one, before any is used.
    pub(crate) fn check(&self) -> Result<(), SharedMemoryError> {
        let longest = ProcessIdentity {
            id: u32::MAX,
            created: u64::MAX,
        };
        wide(&self.token(longest)).map(|_| ())
    }

    /// The mutex held while a process registers, or takes a lock over.
    pub(crate) fn mutex(&self) -> String {
        format!("{}~mutex", self.name)
    }

    /// The mutex held while a shared value is changed, if it is locked with the kernel's.
    pub(crate) fn lock(&self) -> String {
        format!("{}~lock", self.name)
    }

    /// The event set by who releases a lock that others wait for.
    pub(crate) fn unlocked(&self) -> String {
        format!("{}~unlocked", self.name)
    }

    /// The event that a process keeps open that writes, or may lock.
    pub(crate) fn token(&self, process: ProcessIdentity) -> String {
        format!("{}~{:x}-{:x}", self.name, process.id, process.created)
    }

    /// The region that holds the values of one generation.
    pub(crate) fn payload(&self, generation: u64) -> String {
        format!("{}~{generation:x}", self.name)
    }

    /// The region in which readers say that they wait.
    pub(crate) fn waiters(&self) -> String {
        format!("{}~wait", self.name)
    }

    /// The event of one waiter.
    pub(crate) fn waiter(&self, index: u32) -> String {
        format!("{}~wait{index}", self.name)
    }
}
