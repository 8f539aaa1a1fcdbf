//! [`Process`], [`Liveness`] and the methods of [`ProcessIdentity`]: which process the other side is, and whether
//! it is still alive.

use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::time::Duration;

use crate::data::identity::ProcessIdentity;
use crate::deadline::Deadline;
use crate::error::{SharedMemoryError, system_error};
use crate::sync::{Waitable, sealed::Sealed, wait_until};
use crate::sys::codes::ERROR_INVALID_PARAMETER;
use crate::sys::sync::Waited;
use crate::sys::{self, Win32Error};

/// Whether a process is alive.
///
/// # Examples
///
/// ```
/// use win_shared_memory::snapshot::{Reader, Writer};
/// use win_shared_memory::Liveness;
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// # let writer = Writer::<u32>::register(r"Local\docs-liveness")?;
/// let reader = Reader::<u32>::open(r"Local\docs-liveness")?;
/// match reader.writer_liveness() {
///     Liveness::Alive => println!("it works"),
///     Liveness::Gone => println!("this value is the last one"),
///     Liveness::Unknown => println!("it runs as another user"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Liveness {
    /// The process is alive, or was a moment ago.
    Alive,
    /// The process has exited. A new process with the same id is a different one.
    Gone,
    /// The system does not tell, because the process belongs to another user or is protected.
    Unknown,
}

impl ProcessIdentity {
    /// This process.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the system refuses.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{Liveness, ProcessIdentity};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let me = ProcessIdentity::current()?;
    /// assert_eq!(me.id, std::process::id());
    /// assert_eq!(me.liveness(), Liveness::Alive);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `GetProcessTimes`.
    #[doc(alias = "GetProcessTimes")]
    pub fn current() -> Result<Self, SharedMemoryError> {
        Ok(Self {
            id: std::process::id(),
            created: sys::process::creation_time(sys::process::current())
                .map_err(|code| system_error("GetProcessTimes", code))?,
        })
    }

    /// Whether this process is alive.
    ///
    /// Calls `OpenProcess`, `GetProcessTimes` and `WaitForSingleObject`.
    #[must_use]
    #[doc(alias = "OpenProcess")]
    pub fn liveness(self) -> Liveness {
        match Process::open_if_alive(self) {
            Ok(Some(_)) => Liveness::Alive,
            Ok(None) => Liveness::Gone,
            Err(_) => Liveness::Unknown,
        }
    }
}

/// An open process, whose exit can be waited for.
///
/// It is opened with the rights to wait and to query its creation time, and no others. While the handle is
/// open, the system does not assign the id to another process.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::{Process, ProcessIdentity};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// # let publisher = ProcessIdentity::current()?;
/// if let Some(process) = Process::open_if_alive(publisher)? {
///     let has_exited = process.wait_timeout(Duration::from_millis(10))?;
///     assert!(!has_exited);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Process {
    handle: OwnedHandle,
    identity: ProcessIdentity,
}

impl Process {
    /// Opens the process that has this id now.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if there is none, or security denies it
    /// ([`is_access_denied`](SharedMemoryError::is_access_denied)).
    ///
    /// Calls `OpenProcess`.
    #[doc(alias = "OpenProcess")]
    pub fn open(id: u32) -> Result<Self, SharedMemoryError> {
        let handle = sys::process::open(id).map_err(|code| system_error("OpenProcess", code))?;
        let created = sys::process::creation_time(handle.as_handle())
            .map_err(|code| system_error("GetProcessTimes", code))?;
        Ok(Self {
            handle,
            identity: ProcessIdentity { id, created },
        })
    }

    /// Opens exactly this process. Returns `None` if it has exited.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open): a process that cannot be opened is not known to have exited.
    pub fn open_if_alive(identity: ProcessIdentity) -> Result<Option<Self>, SharedMemoryError> {
        let handle = match sys::process::open(identity.id) {
            Ok(handle) => handle,
            // What the system says of an id that no process has.
            Err(Win32Error(ERROR_INVALID_PARAMETER)) => return Ok(None),
            Err(code) => return Err(system_error("OpenProcess", code)),
        };
        let created = sys::process::creation_time(handle.as_handle())
            .map_err(|code| system_error("GetProcessTimes", code))?;
        let process = Self { handle, identity };
        let lives = created == identity.created && !process.wait_timeout(Duration::ZERO)?;
        Ok(lives.then_some(process))
    }

    /// Which process this is.
    #[must_use]
    pub fn identity(&self) -> ProcessIdentity {
        self.identity
    }

    /// Waits for the process to exit, at most for `timeout`. Returns `false` if it is still running.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the system refuses.
    ///
    /// Calls `WaitForSingleObject`.
    #[doc(alias = "WaitForSingleObject")]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<bool, SharedMemoryError> {
        wait_until(self.as_handle(), Deadline::after(timeout))
            .map(|waited| waited != Waited::TimedOut)
            .map_err(|code| system_error("WaitForSingleObject", code))
    }
}

impl AsHandle for Process {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }
}

impl From<Process> for OwnedHandle {
    fn from(process: Process) -> Self {
        process.handle
    }
}

impl Sealed for Process {}
impl Waitable for Process {}
