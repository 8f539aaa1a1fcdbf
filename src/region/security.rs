//! [`SecurityDescriptor`].

use std::fmt;

use crate::error::invalid_security::InvalidSecurity;
use crate::error::{SharedMemoryError, system_error};
use crate::sys::security::{Descriptor, current_user_sid};

/// Which users and programs may do what with a new region, or another new object.
///
/// Without a descriptor, Windows uses the default of the creator's access token. That usually grants full
/// access to the creating user and the system, at most reading to other programs of the same logon,
/// and nothing to anybody else. So programs of normal users cannot reach a region that a service or
/// an elevated program created, unless that gives it one of the presets or a descriptor of its own.
///
/// Only the program that creates a region decides: a descriptor does not change an existing region.
/// Descriptors with a NULL DACL, which grants everything to everybody, are refused.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{SecurityDescriptor, SharedMemoryOptions};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let link = SharedMemoryOptions::new()
///     .security(SecurityDescriptor::everyone_may_read()?)
///     .create::<[f32; 4]>(r"Local\docs-security")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SecurityDescriptor {
    sddl: Box<str>,
    descriptor: Descriptor,
}

impl SecurityDescriptor {
    /// A descriptor from its text form, the *security descriptor definition language*.
    ///
    /// `D:(A;;GA;;;SY)(A;;GR;;;BU)` grants everything to the system and reading to the computer's users.
    /// `D:` alone is valid, and nobody can open the region.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::InvalidSecurity`] if the text is not SDDL, or has a NULL DACL
    /// (`D:NO_ACCESS_CONTROL`).
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::SecurityDescriptor;
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let users_may_read = SecurityDescriptor::from_sddl("D:(A;;GA;;;SY)(A;;GR;;;BU)")?;
    /// assert!(SecurityDescriptor::from_sddl("everybody").is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `ConvertStringSecurityDescriptorToSecurityDescriptorW`.
    #[doc(alias = "ConvertStringSecurityDescriptorToSecurityDescriptorW")]
    pub fn from_sddl(sddl: &str) -> Result<Self, SharedMemoryError> {
        let invalid = |reason| SharedMemoryError::InvalidSecurity {
            sddl: sddl.into(),
            reason,
        };
        if sddl.trim().is_empty() {
            return Err(invalid(InvalidSecurity::Empty));
        }
        if let Some(at) = sddl.find('\0') {
            return Err(invalid(InvalidSecurity::Nul { at }));
        }
        let descriptor = Descriptor::from_sddl(sddl).map_err(|code| {
            let system = windows_result::Error::from_hresult(code.hresult());
            invalid(InvalidSecurity::NotSddl { system })
        })?;
        if descriptor.has_null_dacl() {
            return Err(invalid(InvalidSecurity::NullDacl));
        }
        Ok(Self {
            sddl: sddl.into(),
            descriptor,
        })
    }

    /// Grants access only to the user as whom this process runs. Programs below medium integrity may not
    /// write.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the process's own token cannot be read.
    pub fn current_user() -> Result<Self, SharedMemoryError> {
        Self::user_and("")
    }

    /// Grants full access to the current user and reading to everyone, including programs of other users
    /// and sessions (those of other sessions need a `Global\` name). Readers of snapshots and shared mutexes, and
    /// receivers of broadcasts, that are to be woken need [`everyone_may_wait`](Self::everyone_may_wait) besides.
    ///
    /// # Errors
    ///
    /// As for [`current_user`](Self::current_user).
    pub fn everyone_may_read() -> Result<Self, SharedMemoryError> {
        Self::user_and("(A;;GR;;;WD)")
    }

    /// Grants full access to the current user, and everyone what waiting takes: for
    /// [`waiting_security`](crate::SharedMemoryOptions::waiting_security). With a region of values it would let
    /// everyone write.
    ///
    /// # Errors
    ///
    /// As for [`current_user`](Self::current_user).
    pub fn everyone_may_wait() -> Result<Self, SharedMemoryError> {
        Self::user_and("(A;;GRGW;;;WD)")
    }

    /// Grants full access to the current user, and reading to everyone and to programs in an AppContainer
    /// (Store apps, sandboxed plug-ins), which *everyone* does not include.
    ///
    /// # Errors
    ///
    /// As for [`current_user`](Self::current_user).
    pub fn app_containers_may_read() -> Result<Self, SharedMemoryError> {
        // ALL APPLICATION PACKAGES, by number since Wine 8 does not know the alias `AC`.
        Self::user_and("(A;;GR;;;WD)(A;;GR;;;S-1-15-2-1)")
    }

    /// Grants full access to the current user, including programs of that user that run at low integrity
    /// (browser sandboxes, some plug-in hosts), which by default may only read.
    ///
    /// # Errors
    ///
    /// As for [`current_user`](Self::current_user).
    pub fn low_integrity_may_write() -> Result<Self, SharedMemoryError> {
        Self::user_and("S:(ML;;NW;;;LW)")
    }

    fn user_and(more: &str) -> Result<Self, SharedMemoryError> {
        let user = current_user_sid().map_err(|(function, code)| system_error(function, code))?;
        Self::from_sddl(&format!("D:P(A;;GA;;;{user}){more}"))
    }

    /// The text this descriptor was made from.
    #[must_use]
    pub fn sddl(&self) -> &str {
        &self.sddl
    }

    pub(crate) fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
}

impl fmt::Debug for SecurityDescriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecurityDescriptor")
            .field(&self.sddl)
            .finish()
    }
}
