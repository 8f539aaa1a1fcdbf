//! What mutexes, events and semaphores have in common.

use std::fmt;
use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};

use crate::deadline::Timeout;
use crate::error::{SharedMemoryError, describe};
use crate::region::opening::{appear, named_error, wide};
use crate::region::options::SharedMemoryOptions;
use crate::region::security::SecurityDescriptor;
use crate::sys::codes::ERROR_ACCESS_DENIED;
use crate::sys::sync::Kind;
use crate::sys::{self, SecurityAttributes, Win32Error};

/// An open kernel object with a name.
pub(super) struct Object {
    handle: OwnedHandle,
    name: Box<str>,
    created: bool,
}

/// The names, for messages, of the functions that create and open a kind of object.
pub(super) struct Functions {
    pub(super) create: &'static str,
    pub(super) open: &'static str,
}

impl Object {
    /// Creates the object, or opens the one that has the name with `rights`.
    pub(super) fn get_or_create(
        kind: Kind,
        functions: &Functions,
        name: &str,
        rights: u32,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let attributes = SecurityAttributes {
            security: options
                .security
                .as_ref()
                .map(SecurityDescriptor::descriptor),
            inheritable: options.inheritable,
        };
        let object = sys::sync::create(kind, &wide(name)?, rights, &attributes)
            .map_err(|code| error(functions.create, name, code))?;
        Ok(Self {
            handle: object.handle,
            name: name.into(),
            created: object.created,
        })
    }

    /// Creates the object; fails if the name is taken.
    pub(super) fn create(
        kind: Kind,
        functions: &Functions,
        name: &str,
        rights: u32,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let object = Self::get_or_create(kind, functions, name, rights, options)?;
        if object.created {
            Ok(object)
        } else {
            Err(SharedMemoryError::AlreadyExists)
        }
    }

    /// Opens an existing object with `rights`.
    pub(super) fn open(
        kind: Kind,
        functions: &Functions,
        name: &str,
        rights: u32,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let mut timeout = options.wait.map(Timeout::new);
        Self::open_within(kind, functions, name, rights, options, timeout.as_mut())
    }

    /// Opens the object. If there is a timeout, waits until then for one to appear.
    pub(super) fn open_within(
        kind: Kind,
        functions: &Functions,
        name: &str,
        rights: u32,
        options: &SharedMemoryOptions,
        timeout: Option<&mut Timeout>,
    ) -> Result<Self, SharedMemoryError> {
        let wide = wide(name)?;
        let handle = appear(name, timeout, || {
            sys::sync::open(kind, &wide, rights, options.inheritable)
        })?
        .map_err(|code| error(functions.open, name, code))?;
        Ok(Self {
            handle,
            name: name.into(),
            created: false,
        })
    }

    pub(super) fn was_created(&self) -> bool {
        self.created
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The error of a call on this object.
    pub(super) fn error(&self, function: &'static str, code: Win32Error) -> SharedMemoryError {
        error(function, &self.name, code)
    }
}

fn error(function: &'static str, name: &str, code: Win32Error) -> SharedMemoryError {
    let cause = match code.0 {
        ERROR_ACCESS_DENIED => "its security descriptor does not grant this process the access",
        _ => "",
    };
    named_error(name, code).unwrap_or_else(|| SharedMemoryError::System {
        function,
        error: describe(function, Some(name), code, cause),
    })
}

impl AsHandle for Object {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("name", &self.name)
            .field("created", &self.created)
            .field("handle", &self.handle)
            .finish()
    }
}
