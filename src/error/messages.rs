//! What errors say.

use std::fmt;

use crate::error::SharedMemoryError;
use crate::name::Quoted;
use crate::sys::section::MAX_SIZE;

impl fmt::Display for SharedMemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Long because each error has its message.
        match self {
            Self::OpenMapping(error) => write!(f, "cannot open shared memory: {error}"),
            Self::CreateMapping(error) => write!(f, "cannot create shared memory: {error}"),
            Self::MapView(error) => write!(f, "cannot map shared memory: {error}"),
            Self::Commit(error) => write!(f, "cannot commit shared memory: {error}"),
            Self::System { error, .. } => error.fmt(f),
            Self::InvalidValue(error) => error.fmt(f),
            Self::LayoutMismatch(error) => error.fmt(f),
            Self::Inconsistent(error) => error.fmt(f),
            Self::AlreadyExists => f.write_str("cannot create it: the name exists already"),
            Self::SizeTooLarge => f.write_str(
                "cannot create shared memory: the type is larger than 4 GiB (u32::MAX bytes)",
            ),
            Self::InvalidName { name, reason } => {
                write!(f, "{} is not a valid name: {reason}", Quoted(name))
            }
            Self::NameInUse { name } => write!(
                f,
                "{} is the name of another kind of object; shared memory, events, mutexes, \
                 semaphores, timers and jobs share one namespace",
                Quoted(name)
            ),
            Self::NotSharedMemory { name } => write!(
                f,
                "{} is not shared memory: it is another kind of object, or an executable image",
                Region(name, "the object")
            ),
            Self::WrongObject { expected, found } => write!(
                f,
                "the handle is that of an object of type {}, not of type {}",
                Quoted(found),
                Quoted(expected)
            ),
            Self::PrivilegeNotHeld { name, privilege } => write!(
                f,
                "cannot create {}: the process lacks the privilege {privilege}",
                Region(name, "shared memory")
            ),
            Self::InvalidSecurity { sddl, reason } => write!(
                f,
                "{} is not a usable security descriptor: {reason}",
                Quoted(sddl)
            ),
            Self::TimedOut { name, timeout } => {
                write!(f, "{} did not appear within {timeout:?}", Quoted(name))
            }
            Self::TooSmall {
                name,
                needed,
                actual,
            } => write!(
                f,
                "{} has {actual} bytes where {needed} are needed",
                Region::memory(name)
            ),
            // Only a window has to have bytes; a copy of none is refused for where it begins.
            Self::OutOfBounds {
                name,
                offset,
                len: 0,
                size,
            } if offset <= size => write!(
                f,
                "a window of no bytes of {} was asked for; ask for at least one",
                Region::memory(name)
            ),
            Self::OutOfBounds {
                name,
                offset,
                len,
                size,
            } => write!(
                f,
                "{len} bytes at offset {offset} do not lie inside the {size} bytes of {}",
                Region::memory(name)
            ),
            Self::NotCommitted { name, offset } => write!(
                f,
                "the page at offset {offset} of {} is reserved and not committed, so it has no \
                 memory",
                Region::memory(name)
            ),
            Self::Uncached { name } => write!(
                f,
                "another program made {} uncached (SEC_NOCACHE or SEC_WRITECOMBINE), where atomic \
                 instructions may raise an exception",
                Region::memory(name)
            ),
            Self::InvalidSize { name, size: 0 } => write!(
                f,
                "{} cannot have zero bytes; ask for at least one, and for a type that is not \
                 zero-sized",
                Region::memory(name)
            ),
            Self::InvalidSize { name, size } => write!(
                f,
                "{} cannot have {size} bytes; the most is {MAX_SIZE}",
                Region::memory(name)
            ),
            Self::AlignmentTooLarge {
                name,
                align,
                granularity,
            } => write!(
                f,
                "{} cannot hold the type: it asks for an alignment of {align} bytes, and views are \
                 aligned to {granularity}",
                Region::memory(name)
            ),
            Self::Misaligned {
                name,
                offset,
                align,
            } => write!(
                f,
                "offset {offset} of {} is not a multiple of {align}, which the atomics in the type \
                 require",
                Region::memory(name)
            ),
            Self::InvalidTable {
                name,
                offset,
                stride,
                count,
                row,
                size,
            } => write!(
                f,
                "a table of {count} rows of {row} bytes, {stride} bytes apart, at offset {offset} \
                 does not fit the {size} bytes of {}",
                Region::memory(name)
            ),
            Self::UnknownFormat { name, reason } => {
                write!(f, "cannot use the region {}: {reason}", Quoted(name))
            }
            Self::NotReady { name, timeout } => write!(
                f,
                "{} exists, and another process has not finished registering within {timeout:?}",
                Quoted(name)
            ),
            Self::WriterAlive { name, writer } => write!(
                f,
                "{} already has a live writer: process {}",
                Quoted(name),
                writer.id
            ),
            Self::EndTaken { name, holder } => write!(
                f,
                "another live process has this end of the channel {}: process {}",
                Quoted(name),
                holder.id
            ),
            Self::Disconnected { name } => {
                write!(f, "nobody is at the other end of {} any more", Quoted(name))
            }
            Self::TooLong { name, len, limit } => write!(
                f,
                "a slice of {len} elements is too long for {}, which has room for {limit}: create it \
                 with a larger capacity",
                Quoted(name)
            ),
            Self::AlreadyLocked { name } => write!(
                f,
                "this thread already holds the lock {} and would wait for itself",
                Quoted(name)
            ),
            Self::TooManyHandles { name, limit } => write!(
                f,
                "{limit} handles to the lock {} are open, and there can be no more: close some, or \
                 create it with LockMode::Kernel",
                Quoted(name)
            ),
            Self::Contended { name, attempts } => write!(
                f,
                "the value of {} was overwritten during each of {attempts} attempts to read it",
                Quoted(name)
            ),
        }
    }
}

/// The name of a region, or what to call one that has no name.
struct Region<'a>(&'a Option<String>, &'static str);

impl<'a> Region<'a> {
    fn memory(name: &'a Option<String>) -> Self {
        Self(name, "the shared memory")
    }
}

impl fmt::Display for Region<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => Quoted(name).fmt(f),
            None => f.write_str(self.1),
        }
    }
}
