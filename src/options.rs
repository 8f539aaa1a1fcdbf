//! [`SharedMemoryOptions`].

use std::time::Duration;

use crate::access::{Access, CopyOnWrite, ReadOnly, ReadWrite};
use crate::error::SharedMemoryError;
use crate::link::{SharedMemoryLink, creatable_size};
use crate::section::{Section, Settings};
use crate::security::SecurityDescriptor;
use crate::sys::section::Backing;

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
    settings: Settings,
}

impl SharedMemoryOptions {
    /// The options that the constructors of [`SharedMemoryLink`] and [`Section`] use: default
    /// security, handles that children do not inherit, no waiting.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Who may do what with the region, if this creates it.
    pub fn security(&mut self, security: SecurityDescriptor) -> &mut Self {
        self.settings.security = Some(security);
        self
    }

    /// Whether child processes started with handle inheritance get the section's handle. Off by
    /// default: an inherited handle keeps the region and its name alive.
    pub fn inheritable(&mut self, inheritable: bool) -> &mut Self {
        self.settings.inheritable = inheritable;
        self
    }

    /// When opening, wait this long for the region to appear; [`Duration::MAX`] waits for ever.
    ///
    /// Windows cannot wait for a section, so this looks again and again, at most 16 ms apart
    /// (31 ms with the default timer resolution).
    pub fn wait(&mut self, timeout: Duration) -> &mut Self {
        self.settings.wait = Some(timeout);
        self
    }

    /// Creates sections as reserved address space without memory (`SEC_RESERVE`), which
    /// [`View::commit`](crate::View::commit) provides piece by piece.
    ///
    /// Without this the whole size is charged to the system's commit limit at creation.
    pub fn reserve(&mut self, reserve: bool) -> &mut Self {
        self.settings.backing = if reserve {
            Backing::Reserve
        } else {
            Backing::Commit
        };
        self
    }

    /// Creates and maps sections with large pages (`SEC_LARGE_PAGES`): fewer TLB misses in regions
    /// of many MiB. Sizes are rounded up to whole large pages, usually 2 MiB. Takes the privilege
    /// `SeLockMemoryPrivilege`, which has to be granted to the user and enabled in the process;
    /// without it there is an error and no fallback to small pages. A process that opens such a
    /// region has to ask for large pages too.
    ///
    /// Replaces [`reserve`](Self::reserve) and is replaced by it: the two do not go together.
    pub fn large_pages(&mut self, large_pages: bool) -> &mut Self {
        self.settings.backing = if large_pages {
            Backing::LargePages
        } else {
            Backing::Commit
        };
        self
    }

    /// [`SharedMemoryLink::open`] with these options.
    ///
    /// # Errors
    ///
    /// As there, and [`SharedMemoryError::TimedOut`] after [`wait`](Self::wait).
    pub fn open<T>(&self, name: &str) -> Result<SharedMemoryLink<T, ReadOnly>, SharedMemoryError> {
        SharedMemoryLink::from_section(self.open_section(name)?)
    }

    /// [`SharedMemoryLink::open_existing`] with these options.
    ///
    /// # Errors
    ///
    /// As there, and [`SharedMemoryError::TimedOut`] after [`wait`](Self::wait).
    pub fn open_existing<T>(
        &self,
        name: &str,
    ) -> Result<SharedMemoryLink<T, ReadWrite>, SharedMemoryError> {
        SharedMemoryLink::from_section(self.open_section(name)?)
    }

    /// An existing region for reading and for writes that only this link sees; see
    /// [`CopyOnWrite`].
    ///
    /// # Errors
    ///
    /// As for [`SharedMemoryLink::open`], and [`SharedMemoryError::TimedOut`] after
    /// [`wait`](Self::wait).
    pub fn open_copy_on_write<T>(
        &self,
        name: &str,
    ) -> Result<SharedMemoryLink<T, CopyOnWrite>, SharedMemoryError> {
        SharedMemoryLink::from_section(self.open_section(name)?)
    }

    /// [`SharedMemoryLink::create`] with these options.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn create<T>(
        &self,
        name: &str,
    ) -> Result<SharedMemoryLink<T, ReadWrite>, SharedMemoryError> {
        let size = creatable_size::<T>()?;
        SharedMemoryLink::from_section(self.create_section(name, size)?)
    }

    /// [`SharedMemoryLink::get_or_create`] with these options.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn get_or_create<T>(
        &self,
        name: &str,
    ) -> Result<SharedMemoryLink<T, ReadWrite>, SharedMemoryError> {
        let size = creatable_size::<T>()?;
        SharedMemoryLink::from_section(self.get_or_create_section(name, size)?)
    }

    /// Opens an existing region with the rights that `A` needs and no others.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::InvalidName`].
    /// - [`SharedMemoryError::OpenMapping`]: there is none
    ///   ([`is_not_found`](SharedMemoryError::is_not_found)), or its security descriptor does not
    ///   grant the rights ([`is_access_denied`](SharedMemoryError::is_access_denied)).
    /// - [`SharedMemoryError::NameInUse`]: another kind of object has the name.
    /// - [`SharedMemoryError::TimedOut`] after [`wait`](Self::wait).
    ///
    /// Calls `OpenFileMappingW`.
    #[doc(alias = "OpenFileMappingW")]
    pub fn open_section<A: Access>(&self, name: &str) -> Result<Section<A>, SharedMemoryError> {
        Section::open_with(name, &self.settings)
    }

    /// Creates a region of `size` bytes, all zero.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::InvalidName`], [`SharedMemoryError::InvalidSize`].
    /// - [`SharedMemoryError::AlreadyExists`]: a region of this name exists.
    /// - [`SharedMemoryError::NameInUse`]: another kind of object has the name.
    /// - [`SharedMemoryError::PrivilegeNotHeld`]: `Global\` names and large pages take one.
    /// - [`SharedMemoryError::CreateMapping`]: memory ran out
    ///   ([`is_out_of_memory`](SharedMemoryError::is_out_of_memory)), or security denies it
    ///   ([`is_access_denied`](SharedMemoryError::is_access_denied)).
    ///
    /// Calls `CreateFileMappingW`.
    #[doc(alias = "CreateFileMappingW")]
    pub fn create_section<A: Access>(
        &self,
        name: &str,
        size: u64,
    ) -> Result<Section<A>, SharedMemoryError> {
        Section::create_with(name, size, &self.settings)
    }

    /// Opens the region of this name with the rights that `A` needs, or creates it with `size`
    /// bytes, all zero. [`Section::was_created`] tells which. However many processes call this at
    /// once, one creates the region and the others open it.
    ///
    /// An existing region keeps its own size.
    ///
    /// # Errors
    ///
    /// As for [`create_section`](Self::create_section), `AlreadyExists` aside.
    ///
    /// Calls `CreateFileMappingW`, and `OpenFileMappingW` where an existing region grants only part
    /// of the rights.
    #[doc(alias = "CreateFileMappingW")]
    pub fn get_or_create_section<A: Access>(
        &self,
        name: &str,
        size: u64,
    ) -> Result<Section<A>, SharedMemoryError> {
        Section::get_or_create_with(name, size, &self.settings)
    }

    /// Creates a region without a name, to be shared by passing its handle on.
    ///
    /// # Errors
    ///
    /// As for [`create_section`](Self::create_section), those about the name aside.
    ///
    /// Calls `CreateFileMappingW`.
    #[doc(alias = "CreateFileMappingW")]
    pub fn create_unnamed_section(
        &self,
        size: u64,
    ) -> Result<Section<ReadWrite>, SharedMemoryError> {
        Section::create_unnamed_with(size, &self.settings)
    }
}
