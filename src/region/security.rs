//! [`SecurityDescriptor`].

use std::fmt;

use crate::error::{SharedMemoryError, system_error};
use crate::sys::security::{Descriptor, current_user_sid};

/// Who may do what with a new region.
///
/// Without one, Windows takes the default of the creator's access token: usually full access for
/// the creating user and the system, reading at most for other programs of the same logon, and
/// nothing for anybody else. So a region made by a service or an elevated program is out of reach
/// of the programs of normal users: give it one of the presets or a descriptor of your own.
///
/// A descriptor matters only to the one who creates the region; it does not change an existing one.
/// A descriptor with a NULL DACL, which nobody writes on purpose, is refused.
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
    /// `D:(A;;GA;;;SY)(A;;GR;;;BU)` lets the system do everything and the computer's users read.
    /// `D:` alone is valid and lets nobody open the region at all.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::InvalidSecurity`] if the text is not SDDL, or has a NULL DACL
    /// (`D:NO_ACCESS_CONTROL`).
    ///
    /// Calls `ConvertStringSecurityDescriptorToSecurityDescriptorW`.
    #[doc(alias = "ConvertStringSecurityDescriptorToSecurityDescriptorW")]
    pub fn from_sddl(sddl: &str) -> Result<Self, SharedMemoryError> {
        let invalid = |reason: String| SharedMemoryError::InvalidSecurity {
            sddl: sddl.into(),
            reason,
        };
        if sddl.trim().is_empty() {
            return Err(invalid("it is empty".into()));
        }
        if let Some(at) = sddl.find('\0') {
            return Err(invalid(format!("it has a NUL character at byte {at}")));
        }
        let descriptor = Descriptor::from_sddl(sddl).map_err(|code| {
            invalid(windows_result::Error::from_hresult(code.hresult()).to_string())
        })?;
        if descriptor.has_null_dacl() {
            return Err(invalid(
                "it has a NULL DACL, which grants everybody everything".into(),
            ));
        }
        Ok(Self {
            sddl: sddl.into(),
            descriptor,
        })
    }

    /// Only the user this process runs as has access, at any integrity level that may write
    /// (medium and above).
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::System`] if the process's own token cannot be read, as for all
    /// presets.
    pub fn current_user() -> Result<Self, SharedMemoryError> {
        Self::user_and("")
    }

    /// The current user has full access and everyone may read, programs of other users and
    /// sessions included (those of other sessions need a `Global\` name).
    ///
    /// # Errors
    ///
    /// As for [`current_user`](Self::current_user).
    pub fn everyone_may_read() -> Result<Self, SharedMemoryError> {
        Self::user_and("(A;;GR;;;WD)")
    }

    /// The current user has full access, everyone may read, and so may programs in an AppContainer
    /// (Store apps, sandboxed plug-ins), which `everyone` does not include.
    ///
    /// # Errors
    ///
    /// As for [`current_user`](Self::current_user).
    pub fn app_containers_may_read() -> Result<Self, SharedMemoryError> {
        // ALL APPLICATION PACKAGES, by number since Wine 8 does not know the alias `AC`.
        Self::user_and("(A;;GR;;;WD)(A;;GR;;;S-1-15-2-1)")
    }

    /// The current user has full access, programs of that user that run at low integrity (browser
    /// sandboxes, some plug-in hosts) included, which by default may only read.
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
