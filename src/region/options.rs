//! [`SharedMemoryOptions`]: everything there is to say about a region beyond its name. The modules that use them
//! are `opening` for sections and `link` for typed links.

use std::time::Duration;

use crate::backing::Backing;
use crate::region::security::SecurityDescriptor;

/// Creates and opens regions with more than a name, as [`std::fs::OpenOptions`] does for files.
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

/// How a [`SharedMutex`](crate::SharedMutex) is locked. Its creator decides
/// ([`SharedMemoryOptions::lock_mode`]); a program that opens it uses the mode recorded in the region.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum LockMode {
    /// A word in shared memory. An uncontended lock makes no system call. The process owns the lock: if a guard
    /// is leaked, or its thread is terminated, the lock stays held until the process exits. Waiters notice the
    /// exit within about 50 ms. Code that runs while a process exits (`DllMain`, destructors of statics) should
    /// lock with a timeout: the other threads are gone by then, and what they held stays held. All processes
    /// together can have at most 240 handles open.
    #[default]
    Fast = 1,
    /// A kernel mutex. Locking and unlocking make a system call each. The thread owns the lock: if a guard is
    /// leaked, the lock stays held until its thread ends, and waiters notice that at once.
    Kernel = 2,
}

impl SharedMemoryOptions {
    /// The options that plain constructors use: default security, handles that children do not inherit,
    /// committed memory, no waiting.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the security of the region, if this creates it: which users and programs may do what.
    pub fn security(&mut self, security: SecurityDescriptor) -> &mut Self {
        self.security = Some(security);
        self
    }

    /// Sets whether child processes that inherit handles get the section's handle. The default is no, because an
    /// inherited handle keeps the region and its name alive.
    pub fn inheritable(&mut self, inheritable: bool) -> &mut Self {
        self.inheritable = inheritable;
        self
    }

    /// Sets how the region's pages are backed with memory, if this creates it.
    pub fn backing(&mut self, backing: Backing) -> &mut Self {
        self.backing = backing;
        self
    }

    /// Sets how a [`SharedMutex`](crate::SharedMutex) is locked, if this creates it.
    pub fn lock_mode(&mut self, mode: LockMode) -> &mut Self {
        self.lock_mode = mode;
        self
    }

    /// Sets how long opening waits for the region to appear; [`Duration::MAX`] waits without a limit.
    ///
    /// A snapshot or a shared mutex has to be ready, too: this is also how long opening or creating one waits
    /// for another process that is registering. Without it they wait five seconds for that.
    ///
    /// Windows has no wait for a section, so this polls about every 16 ms.
    pub fn wait(&mut self, timeout: Duration) -> &mut Self {
        self.wait = Some(timeout);
        self
    }
}
