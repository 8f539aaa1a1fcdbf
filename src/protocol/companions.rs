//! The names of the objects beside a region of our own format: its own name, and a suffix.

use crate::data::identity::ProcessIdentity;
use crate::error::SharedMemoryError;
use crate::name::InvalidName;
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

    /// Whether the longest of the names is one, before any is used, and the name itself is not what a
    /// companion of another region is called.
    pub(crate) fn check(&self) -> Result<(), SharedMemoryError> {
        if let Some((_, suffix)) = self.name.rsplit_once('~') {
            if is_companion(suffix) {
                return Err(SharedMemoryError::InvalidName {
                    name: self.name.to_string(),
                    reason: InvalidName::Companion {
                        at: self.name.len() - suffix.len() - 1,
                    },
                });
            }
        }
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

    /// The event that a thread sets when it releases a lock for which others wait.
    pub(crate) fn unlocked(&self) -> String {
        format!("{}~unlocked", self.name)
    }

    /// The event that a process keeps open that writes, or may lock.
    pub(crate) fn token(&self, process: ProcessIdentity) -> String {
        format!("{}~{:x}-{:x}", self.name, process.id, process.created)
    }

    /// The event that a channel's receiver waits for.
    pub(crate) fn ready(&self) -> String {
        format!("{}~ready", self.name)
    }

    /// The event that the sender of a lane waits for.
    pub(crate) fn room(&self, lane: usize) -> String {
        format!("{}~room{lane}", self.name)
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

/// Whether one of the names below ends so, after the `~`.
fn is_companion(suffix: &str) -> bool {
    let is_hex = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_decimal = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    let waiter = suffix.strip_prefix("wait");
    let room = suffix.strip_prefix("room").filter(|it| !it.is_empty());
    let token = suffix.split_once('-');
    ["mutex", "lock", "unlocked", "ready"].contains(&suffix)
        || waiter.or(room).is_some_and(is_decimal)
        || is_hex(suffix)
        || token.is_some_and(|(id, time)| is_hex(id) && is_hex(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_companion_can_be_the_name_of_a_region() {
        let names = Companions::new("x");
        let process = ProcessIdentity {
            id: 10,
            created: 1 << 60,
        };
        let companions = [
            names.mutex(),
            names.lock(),
            names.unlocked(),
            names.ready(),
            names.room(30),
            names.token(process),
            names.payload(1),
            names.payload(u64::MAX),
            names.waiters(),
            names.waiter(0),
            names.waiter(31),
        ];
        for companion in companions {
            let checked = Companions::new(&companion).check();
            let reason = InvalidName::Companion { at: 1 };
            assert!(
                matches!(&checked, Err(SharedMemoryError::InvalidName { reason: it, .. }) if *it == reason),
                "{companion}: {checked:?}"
            );
        }
    }

    #[test]
    fn a_tilde_alone_makes_no_companion() {
        for name in [
            "x~",
            "~x",
            "x~Mutex",
            "x~wait-list",
            "x~mutexes",
            "x~1-",
            "x~-1",
            "x~1 y",
            "PROGRA~1.x",
        ] {
            assert!(Companions::new(name).check().is_ok(), "{name}");
        }
    }
}
