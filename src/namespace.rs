//! Which regions there are: for a program that shows them, or that looks for the one it wants.
//!
//! Windows keeps named objects in directories, one for each session and one for all sessions.
//! [`sections`] lists the sections of one, and [`details`] tells what one is.
//!
//! ```
//! use win_shared_memory::namespace::{self, Scope};
//! use win_shared_memory::{ReadWrite, SharedMemoryLink};
//!
//! # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
//! let link = SharedMemoryLink::<[f32; 4], ReadWrite>::create(r"Local\docs-namespace")?;
//! let mut names = namespace::sections(Scope::Session)?.into_iter();
//! let found = names.find(|it| it.name() == r"Local\docs-namespace").expect("it is there");
//! let details = found.details()?;
//! assert_eq!((details.size, details.handles), (Some(4096), Some(1)));
//! assert!(details.may_read && details.may_write);
//! # Ok(())
//! # }
//! ```
//!
//! # Pitfalls
//!
//! - What is listed may have gone when it is looked at: [`is_not_found`](SharedMemoryError::is_not_found).
//! - Names are other programs', who put in them what they like. Do not print control characters.
//! - The functions of the system that list a directory are documented as ones that may change, and have not since
//!   Windows NT.

use std::os::windows::io::AsHandle;

use crate::error::{SharedMemoryError, describe, system_error};
use crate::region::opening::wide;
use crate::sys::Win32Error;
use crate::sys::codes::ERROR_ACCESS_DENIED;
use crate::sys::namespace::{
    self as sys, Attributes, READ_CONTROL, SECTION_MAP_READ, SECTION_MAP_WRITE, SECTION_QUERY,
};

/// Where names are.
///
/// # Examples
///
/// ```
/// use win_shared_memory::namespace::{self, Scope};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// for scope in [Scope::Session, Scope::Global] {
///     println!("{scope:?}: {}", namespace::sections(scope)?.len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Scope {
    /// The session of this process: names with `Local\`, or without a prefix.
    Session,
    /// All sessions: names with `Global\`. A process in session 0, such as a service, has both in one directory.
    Global,
}

/// The name of a section in a directory.
///
/// # Examples
///
/// ```
/// use win_shared_memory::namespace::{self, Scope};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// # let _link = win_shared_memory::SharedMemoryLink::<u32, _>::create(r"Local\docs-listed")?;
/// for it in namespace::sections(Scope::Session)? {
///     println!("{}", it.name().escape_debug());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Listed {
    name: String,
    is_exact: bool,
}

/// What a section keeps its bytes in.
///
/// # Examples
///
/// ```
/// use win_shared_memory::namespace::{self, Kind};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// # let _link = win_shared_memory::SharedMemoryLink::<u32, _>::create(r"Local\docs-section-kind")?;
/// assert_eq!(namespace::details(r"Local\docs-section-kind")?.kind, Some(Kind::Memory));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// Memory.
    Memory,
    /// Memory that is given to pages one by one; see [`Backing::Reserved`](crate::Backing::Reserved).
    Reserved,
    /// Memory in large pages.
    LargePages,
    /// A file.
    File,
    /// A program or a library.
    Image,
}

/// What the system tells of a section. What security does not let this process know is `None`.
///
/// # Examples
///
/// ```
/// use win_shared_memory::namespace;
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// # let _link = win_shared_memory::SharedMemoryLink::<u32, _>::create(r"Local\docs-details")?;
/// let details = namespace::details(r"Local\docs-details")?;
/// match details.size {
///     Some(size) => println!("{size} bytes, open {:?} times", details.handles),
///     None => println!("this program has no right to know"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Details {
    /// The size in bytes: of memory, whole pages.
    pub size: Option<u64>,
    /// What its bytes are in.
    pub kind: Option<Kind>,
    /// Whether this process may read it.
    pub may_read: bool,
    /// Whether this process may write it.
    pub may_write: bool,
    /// Owner, group and access control list, as SDDL.
    pub security: Option<String>,
    /// How many handles to it there are, in this process and all others. A view that is mapped without a handle does
    /// not count.
    pub handles: Option<u32>,
}

impl Listed {
    /// The name with its prefix, as functions that open a region take it. Characters that a terminal obeys are in it if
    /// they are in the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether that is the whole truth. A name that is not valid UTF-16 has `\u{fffd}` in place of what is not; no
    /// function of this crate can open it.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.is_exact
    }

    /// What the system tells of it.
    ///
    /// # Errors
    ///
    /// As for [`details`].
    pub fn details(&self) -> Result<Details, SharedMemoryError> {
        details(&self.name)
    }
}

/// The named sections that there are, in the order of their names.
///
/// # Errors
///
/// [`SharedMemoryError::System`]: the system does not let this process list them.
///
/// Calls `NtOpenDirectoryObject` and `NtQueryDirectoryObject`.
#[doc(alias = "NtQueryDirectoryObject")]
pub fn sections(scope: Scope) -> Result<Vec<Listed>, SharedMemoryError> {
    let (prefix, path) = match scope {
        Scope::Session => (r"Local\", session()?),
        Scope::Global => (r"Global\", GLOBAL.to_owned()),
    };
    let path: Vec<u16> = path.encode_utf16().collect();
    let directory =
        sys::open_directory(&path).map_err(|code| system_error("NtOpenDirectoryObject", code))?;
    let names = sys::section_names(directory.as_handle())
        .map_err(|code| system_error("NtQueryDirectoryObject", code))?;
    let listed = names.into_iter().map(|name| {
        let exact = String::from_utf16(&name);
        let is_exact = exact.is_ok();
        let name = exact.unwrap_or_else(|_| String::from_utf16_lossy(&name));
        let name = format!("{prefix}{name}");
        Listed { name, is_exact }
    });
    let mut found: Vec<_> = listed.collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// What the system tells of the section of this name. Nothing of it is mapped.
///
/// # Errors
///
/// - [`SharedMemoryError::InvalidName`]: it is not a name.
/// - [`SharedMemoryError::OpenMapping`]: there is none ([`is_not_found`](SharedMemoryError::is_not_found)), or it may
///   be opened for nothing at all ([`is_access_denied`](SharedMemoryError::is_access_denied)).
/// - [`SharedMemoryError::System`]: the system does not tell.
///
/// Calls `NtOpenSection`, `NtQuerySection`, `NtQueryObject` and `GetSecurityInfo`.
#[doc(alias = "NtQuerySection")]
pub fn details(name: &str) -> Result<Details, SharedMemoryError> {
    wide(name)?;
    // The prefixes are links in the directory of the session.
    let path: Vec<u16> = format!(r"{}\{name}", session()?).encode_utf16().collect();
    let refused = |code, cause: &str| {
        SharedMemoryError::OpenMapping(describe("NtOpenSection", Some(name), code, cause))
    };
    let open = |rights| match sys::open_section(&path, rights) {
        Ok(handle) => Ok(Some(handle)),
        Err(Win32Error(ERROR_ACCESS_DENIED)) => Ok(None),
        Err(code) => Err(refused(code, "")),
    };
    let mut details = Details {
        size: None,
        kind: None,
        may_read: open(SECTION_MAP_READ)?.is_some(),
        may_write: open(SECTION_MAP_WRITE)?.is_some(),
        security: None,
        handles: None,
    };
    if let Some(section) = open(SECTION_QUERY)? {
        let basic =
            sys::basic(section.as_handle()).map_err(|code| system_error("NtQuerySection", code))?;
        details.size = Some(basic.size.try_into().unwrap_or(0));
        details.kind = Some(match basic.attributes() {
            Attributes::Image => Kind::Image,
            Attributes::File => Kind::File,
            Attributes::LargePages => Kind::LargePages,
            Attributes::Reserved => Kind::Reserved,
            Attributes::Memory => Kind::Memory,
        });
        let handles = sys::handles(section.as_handle());
        let handles = handles.map_err(|code| system_error("NtQueryObject", code))?;
        // Without ours.
        details.handles = Some(handles.saturating_sub(1));
    }
    if let Some(section) = open(READ_CONTROL)? {
        let sddl = sys::sddl(section.as_handle());
        details.security = Some(sddl.map_err(|code| system_error("GetSecurityInfo", code))?);
    }
    let is_closed = details.size.is_none() && details.security.is_none();
    if is_closed && !details.may_read && !details.may_write {
        let cause = "its security descriptor grants this process nothing";
        return Err(refused(Win32Error(ERROR_ACCESS_DENIED), cause));
    }
    Ok(details)
}

/// The directory for all sessions, and for session 0.
const GLOBAL: &str = r"\BaseNamedObjects";

/// The directory of this session.
fn session() -> Result<String, SharedMemoryError> {
    let session = sys::current_session();
    let session = session.map_err(|code| system_error("ProcessIdToSessionId", code))?;
    Ok(match session {
        0 => GLOBAL.to_owned(),
        session => format!(r"\Sessions\{session}\BaseNamedObjects"),
    })
}
