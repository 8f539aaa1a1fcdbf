//! [`SharedMemoryOptions`]: what there is to say about a region or another object beyond its name.

use std::time::Duration;

use crate::backing::Backing;
use crate::region::security::SecurityDescriptor;

/// Options for what is created and opened, as [`std::fs::OpenOptions`] has them for files.
///
/// Its own verbs make a [`SharedMemoryLink`](crate::SharedMemoryLink). Other types take options in
/// functions that end in `_with`, such as [`Section::open_with`](crate::Section::open_with).
///
/// # Who looks at what
///
/// | | [`security`] | [`waiting_security`] | [`inheritable`] | [`backing`] | [`wait`] | [`lock_mode`] | [`initially_set`] | [`history`] | [`capacity`], [`senders`] |
/// |---|---|---|---|---|---|---|---|---|---|
/// | links and slices that open | | | yes | large pages | yes | | | | |
/// | links and slices that create | if new | | yes | all but reserved | | | | | |
/// | `Section`, opening | | | yes | large pages | yes | | | | |
/// | `Section`, creating | if new | | yes | yes | | | | | |
/// | `sync::Mutex`, `Semaphore`, `Event`, opening | | | yes | | yes | | | | |
/// | `sync::Mutex`, `Semaphore`, creating | if new | | yes | | | | | | |
/// | `sync::Event`, creating | if new | | yes | | | | if new | | |
/// | `snapshot::Writer` | if new | if new | yes | | for other processes | | | | |
/// | `snapshot::Reader` | of its event | of its event | yes | | yes | | | | |
/// | `broadcast::Sender` | if new | if new | yes | | for other processes | | | at least | |
/// | `broadcast::Receiver` | of its event | of its event | yes | | yes | | | | |
/// | `SharedMutex` and `shared_mutex::Reader`, opening | | | yes | | yes | | | | |
/// | `SharedMutex`, creating | if new | | yes | | for other processes | if new | | | |
/// | `channel::Sender` and `Receiver`, opening | of its event | of its event | yes | | yes | | | | |
/// | `channel::Sender` and `Receiver`, creating | if new | of its event | yes | | for other processes | | | | if new |
///
/// - *Creating* includes `get_or_create`. *If new*: an existing object stays as its creator made it.
/// - *Large pages*: a section that was created with [`Backing::LargePages`] must be opened with it, too.
/// - *All but reserved*: links and slices need all of their memory, so for them [`Backing::Reserved`]
///   is [`Backing::Committed`].
/// - Whatever creates has nothing to wait for. *For other processes*: it waits for one that is just
///   registering.
/// - *Of its event*: a reader creates one object, the event that the writer sets to wake it. It has the
///   security for waiting, or without one the other.
/// - *At least*: a broadcast that keeps fewer messages is replaced by one that keeps as many.
/// - An empty cell is a setting that makes no difference.
///
/// [`security`]: Self::security
/// [`waiting_security`]: Self::waiting_security
/// [`inheritable`]: Self::inheritable
/// [`backing`]: Self::backing
/// [`wait`]: Self::wait
/// [`lock_mode`]: Self::lock_mode
/// [`initially_set`]: Self::initially_set
/// [`history`]: Self::history
/// [`capacity`]: Self::capacity
/// [`senders`]: Self::senders
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
///
/// A section and an event that programs of all users may read and wait for:
///
/// ```
/// use win_shared_memory::sync::{Event, Reset};
/// use win_shared_memory::{ReadWrite, Section, SecurityDescriptor, SharedMemoryOptions};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut options = SharedMemoryOptions::new();
/// options.security(SecurityDescriptor::everyone_may_read()?);
/// let section: Section<ReadWrite> =
///     Section::create_with(r"Local\docs-options", 4096, &options)?;
/// let changed = Event::create_with(r"Local\docs-options-changed", Reset::Auto, &options)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct SharedMemoryOptions {
    pub(crate) security: Option<SecurityDescriptor>,
    waiting_security: Option<SecurityDescriptor>,
    pub(crate) inheritable: bool,
    pub(crate) backing: Backing,
    pub(crate) wait: Option<Duration>,
    pub(crate) lock_mode: LockMode,
    pub(crate) initially_set: bool,
    pub(crate) history: usize,
    pub(crate) capacity: Option<usize>,
    pub(crate) senders: Option<u32>,
}

/// How a [`SharedMutex`](crate::SharedMutex) is locked. Its creator decides
/// ([`SharedMemoryOptions::lock_mode`]); a program that opens it uses the mode recorded in the region.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{LockMode, SharedMemoryOptions, SharedMutex};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut options = SharedMemoryOptions::new();
/// options.lock_mode(LockMode::Kernel);
/// let counter = SharedMutex::get_or_create_with(r"Local\docs-lock-mode", &0_u32, &options)?;
/// assert_eq!(counter.lock_mode(), LockMode::Kernel);
/// # Ok(())
/// # }
/// ```
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

    /// Sets which users and programs may do what with the object, if this creates it.
    pub fn security(&mut self, security: SecurityDescriptor) -> &mut Self {
        self.security = Some(security);
        self
    }

    /// Sets which users and programs may wait for what others publish, send or change, where they are not those that
    /// may do so themselves. By default, [`security`](Self::security) says that, too.
    ///
    /// A reader of a [`snapshot`](crate::snapshot) or of a [shared mutex](crate::shared_mutex::Reader), or a receiver of
    /// a [`broadcast`](crate::broadcast), that may only read looks for news every millisecond, because a reader that is to
    /// be woken has to write: it registers in a region of its own kind beside the values. With a security of their own,
    /// such as [`SecurityDescriptor::everyone_may_wait`], that region is open to readers, and the values stay read-only.
    /// Its creator sets it for the region. A reader that the writer's user has no access to sets it as well, for its event.
    /// Both ends of a [`channel`](crate::channel) write in any case; there it is the security of their events.
    ///
    /// A malicious reader can then wake the others in vain, keep them asleep for 50 ms, after which they look by
    /// themselves, or take all the places of those who wait, or damage the region, after which those that begin to wait
    /// look every millisecond. It can make each value that is published cost the writer system calls. It can never change
    /// a value, or stop a writer; the next one that registers repairs the region.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{SecurityDescriptor, SharedMemoryOptions, snapshot};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut options = SharedMemoryOptions::new();
    /// options
    ///     .security(SecurityDescriptor::everyone_may_read()?)
    ///     .waiting_security(SecurityDescriptor::everyone_may_wait()?);
    /// let mut service: snapshot::Writer<[f32; 8]> =
    ///     snapshot::Writer::register_with(r"Local\docs-waiting", &options)?;
    /// service.publish(&[1.0; 8]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn waiting_security(&mut self, security: SecurityDescriptor) -> &mut Self {
        self.waiting_security = Some(security);
        self
    }

    /// Sets whether child processes that inherit handles get the object's handle. By default they do not, because an
    /// inherited handle keeps the object and its name alive.
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

    /// Sets how much a [`channel`](crate::channel) has room for, if this creates it: at least so many messages of each
    /// sender that are sent and not received. Of a channel of slices it is the most elements that one message may have;
    /// there is room for one of those, or for many that are shorter. By default each sender has 256 KiB, or more if 16
    /// messages need more. Half of that is guaranteed to be free once everything has been received; how much of the other
    /// half is free depends on where in the ring the sender is.
    pub fn capacity(&mut self, capacity: usize) -> &mut Self {
        self.capacity = Some(capacity);
        self
    }

    /// Sets how many senders a [`channel`](crate::channel) can have at once, if this creates it: at most 31, and 1 by
    /// default. Each has room of its own.
    pub fn senders(&mut self, senders: u32) -> &mut Self {
        self.senders = Some(senders);
        self
    }

    /// Sets whether an [`Event`](crate::sync::Event) begins set, if this creates it. The default is no.
    pub fn initially_set(&mut self, set: bool) -> &mut Self {
        self.initially_set = set;
        self
    }

    /// Sets how many messages a [`broadcast`](crate::broadcast) keeps at least for receivers that are behind. The
    /// number is rounded up to one less than a power of two, and to 3. By default it is 255, or as many as fit in 1 MiB
    /// if those are fewer.
    ///
    /// Each message takes its own size, 128 bytes more, and what it needs to begin at a multiple of 128.
    pub fn history(&mut self, messages: usize) -> &mut Self {
        self.history = messages;
        self
    }

    /// Sets how long opening waits for the object to appear; [`Duration::MAX`] waits without a limit. By default it
    /// does not wait.
    ///
    /// A snapshot, a broadcast or a shared mutex has to be ready, too: this is also how long opening or creating one waits
    /// for another process that is registering. By default that is five seconds.
    ///
    /// Windows has no wait for a name, so this polls about every 16 ms.
    pub fn wait(&mut self, timeout: Duration) -> &mut Self {
        self.wait = Some(timeout);
        self
    }

    /// The security of the objects that are there for waiting.
    pub(crate) fn security_for_waiting(&self) -> Option<SecurityDescriptor> {
        self.waiting_security
            .as_ref()
            .or(self.security.as_ref())
            .cloned()
    }

    /// These options for what needs memory for the whole region.
    pub(crate) fn committed(&self) -> Self {
        let mut options = self.clone();
        if options.backing == Backing::Reserved {
            options.backing = Backing::Committed;
        }
        options
    }
}
