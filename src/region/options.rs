//! [`SharedMemoryOptions`]: what there is to say of a region beyond its name. What is done with
//! them is in the modules above: `opening` for sections, `link` for typed links.

use std::time::Duration;

use crate::backing::Backing;
use crate::region::security::SecurityDescriptor;

/// Creates and opens regions with more to say than a name, as [`std::fs::OpenOptions`] does for
/// files.
///
/// # Examples
///
/// Wait up to ten seconds for another program to start publishing:
///
/// ```no_run
/// use std::time::Duration;
/// use win_shared_memory::SharedMemoryOptions;
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link = SharedMemoryOptions::new()
///     .wait(Duration::from_secs(10))
///     .open::<[f32; 16]>(r"Local\telemetry")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct SharedMemoryOptions {
    pub(crate) security: Option<SecurityDescriptor>,
    pub(crate) inheritable: bool,
    pub(crate) backing: Backing,
    pub(crate) wait: Option<Duration>,
    pub(crate) lock_mode: LockMode,
}

/// What a [`SharedMutex`](crate::SharedMutex) is locked with. Its creator decides
/// ([`SharedMemoryOptions::lock_mode`]); those who open it find it decided.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum LockMode {
    /// A word in shared memory: no system call, unless another holds the lock. It belongs to the
    /// process: a guard that was forgotten, or whose thread was ended by force, locks until the process
    /// ends. That those who wait notice after some 50 ms. Code that runs while a process ends
    /// (`DllMain`, destructors of statics) should take it with a timeout: the threads are gone then,
    /// and what they held is held. At most 240 handles, of all processes, can be open at once.
    #[default]
    Fast = 1,
    /// A kernel mutex: a system call to lock and one to unlock. It belongs to the thread: a guard that
    /// was forgotten locks until its thread ends, and that is noticed at once.
    Kernel = 2,
}

impl SharedMemoryOptions {
    /// The options that the constructors of [`SharedMemoryLink`](crate::SharedMemoryLink) and
    /// [`Section`](crate::Section) use: default security, handles that children do not inherit,
    /// committed memory, no waiting.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Who may do what with the region, if this creates it.
    pub fn security(&mut self, security: SecurityDescriptor) -> &mut Self {
        self.security = Some(security);
        self
    }

    /// Whether child processes started with handle inheritance get the section's handle. Off by
    /// default: an inherited handle keeps the region and its name alive.
    pub fn inheritable(&mut self, inheritable: bool) -> &mut Self {
        self.inheritable = inheritable;
        self
    }

    /// How the region's pages get their memory, if this creates it.
    pub fn backing(&mut self, backing: Backing) -> &mut Self {
        self.backing = backing;
        self
    }

    /// What a [`SharedMutex`](crate::SharedMutex) is locked with, if this creates it.
    pub fn lock_mode(&mut self, mode: LockMode) -> &mut Self {
        self.lock_mode = mode;
        self
    }

    /// When opening, wait this long for the region to appear; [`Duration::MAX`] waits for ever.
    ///
    /// A snapshot or a shared mutex is waited for until it is ready to be used, so this is also the time
    /// that opening or creating one waits for another process that is just registering. Without this they
    /// wait five seconds for that.
    ///
    /// Windows cannot wait for a section, so this looks again and again, some 16 ms apart.
    pub fn wait(&mut self, timeout: Duration) -> &mut Self {
        self.wait = Some(timeout);
        self
    }
}
