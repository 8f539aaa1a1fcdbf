//! What mutexes, events and semaphores have in common.

use std::fmt;
use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};

use crate::deadline::Timeout;
use crate::error::{SharedMemoryError, describe, system_error};
use crate::region::opening::{appear, named_error, wide};
use crate::region::options::SharedMemoryOptions;
use crate::region::security::SecurityDescriptor;
use crate::sys::codes::ERROR_ACCESS_DENIED;
use crate::sys::sync::{Kind, New};
use crate::sys::{self, SecurityAttributes, Win32Error};

/// An open kernel object.
pub(super) struct Object {
    handle: OwnedHandle,
    name: Option<Box<str>>,
    created: bool,
}

impl Object {
    /// Creates the object, or opens the one that has the name with `rights`.
    pub(super) fn get_or_create(
        new: New,
        name: &str,
        rights: u32,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Self::make(new, Some(name), rights, options)
    }

    /// Creates the object; fails if the name is taken.
    pub(super) fn create(
        new: New,
        name: &str,
        rights: u32,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let object = Self::make(new, Some(name), rights, options)?;
        if object.created {
            Ok(object)
        } else {
            Err(SharedMemoryError::AlreadyExists)
        }
    }

    /// Creates an object without a name.
    pub(super) fn create_unnamed(
        new: New,
        rights: u32,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        Self::make(new, None, rights, options)
    }

    fn make(
        new: New,
        name: Option<&str>,
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
        let wide = name.map(wide).transpose()?;
        let object = sys::sync::create(new, wide.as_ref(), rights, &attributes)
            .map_err(|code| error(new.kind().create_function(), name, code))?;
        Ok(Self {
            handle: object.handle,
            name: name.map(Into::into),
            created: object.created,
        })
    }

    /// Opens an existing object with `rights`.
    pub(super) fn open(
        kind: Kind,
        name: &str,
        rights: u32,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let mut timeout = options.wait.map(Timeout::new);
        Self::open_within(kind, name, rights, timeout.as_mut(), options)
    }

    /// Opens the object. If there is a timeout, waits until then for one to appear.
    pub(super) fn open_within(
        kind: Kind,
        name: &str,
        rights: u32,
        timeout: Option<&mut Timeout>,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let wide = wide(name)?;
        let handle = appear(name, timeout, || {
            sys::sync::open(kind, &wide, rights, options.inheritable)
        })?
        .map_err(|code| error(kind.open_function(), Some(name), code))?;
        Ok(Self {
            handle,
            name: Some(name.into()),
            created: false,
        })
    }

    /// Adopts a handle, if it is that of an object of this kind.
    pub(super) fn from_handle(kind: Kind, handle: OwnedHandle) -> Result<Self, SharedMemoryError> {
        let found = sys::sync::type_name(handle.as_handle())
            .map_err(|code| system_error("NtQueryObject", code))?;
        if found == kind.type_name() {
            Ok(Self {
                handle,
                name: None,
                created: false,
            })
        } else {
            Err(SharedMemoryError::WrongObject {
                expected: kind.type_name(),
                found,
            })
        }
    }

    pub(super) fn was_created(&self) -> bool {
        self.created
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(super) fn into_handle(self) -> OwnedHandle {
        self.handle
    }

    /// The error of a call on this object.
    pub(super) fn error(&self, function: &'static str, code: Win32Error) -> SharedMemoryError {
        error(function, self.name(), code)
    }
}

fn error(function: &'static str, name: Option<&str>, code: Win32Error) -> SharedMemoryError {
    let cause = match code.0 {
        ERROR_ACCESS_DENIED if name.is_none() => "the handle does not grant the access",
        ERROR_ACCESS_DENIED => "its security descriptor does not grant this process the access",
        _ => "",
    };
    name.and_then(|it| named_error(it, code))
        .unwrap_or_else(|| SharedMemoryError::System {
            function,
            error: describe(function, name, code, cause),
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
