//! [`InvalidSecurity`].

use std::fmt;

/// Why a text cannot be used as a security descriptor.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{InvalidSecurity, SecurityDescriptor, SharedMemoryError};
///
/// match SecurityDescriptor::from_sddl("everybody") {
///     Err(SharedMemoryError::InvalidSecurity { sddl, reason: InvalidSecurity::NotSddl { system, .. }, .. }) => {
///         println!("{sddl}: {system}");
///     }
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum InvalidSecurity {
    /// The text is empty, or only white space.
    Empty,

    /// The text has a NUL character, at which the system would stop reading.
    #[non_exhaustive]
    Nul {
        /// The offset of the first one in bytes.
        at: usize,
    },

    /// The system does not take the text for a descriptor in the security descriptor definition language.
    #[non_exhaustive]
    NotSddl {
        /// The system's reason.
        system: windows_result::Error,
    },

    /// The descriptor has a NULL DACL (`D:NO_ACCESS_CONTROL`), which grants everybody everything.
    NullDacl,
}

impl fmt::Display for InvalidSecurity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::Nul { at } => write!(f, "it has a NUL character at byte {at}"),
            Self::NotSddl { system } => system.fmt(f),
            Self::NullDacl => f.write_str("it has a NULL DACL, which grants everybody everything"),
        }
    }
}

impl std::error::Error for InvalidSecurity {}
