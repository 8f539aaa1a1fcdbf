//! [`SharedMemoryLink`].
//!
//! `unsafe` is allowed here for the functions that give out references into the region and say under
//! which conditions, and for the place of the value.

// Long because the interface of version 0.1.0, with its conditions, is on one type.

#![allow(unsafe_code)]

pub(crate) mod field;
pub(crate) mod slice;

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

use crate::access::sealed::Rights;
use crate::access::{Access, CopyOnWrite, ReadOnly, ReadWrite, Writable};
use crate::data::invalid_value::InvalidValue;
use crate::data::{AllAtomic, AnyBytes, SharedData};
use crate::error::SharedMemoryError;
use crate::place::Place;
use crate::region::options::SharedMemoryOptions;
use crate::region::section::{Section, mappable_size};
use crate::region::view::View;

/// A named region of shared memory that holds a `T`.
///
/// The access `A` is [`ReadOnly`], [`ReadWrite`] or [`CopyOnWrite`]; it decides what can be done with
/// the link and what the system is asked to allow.
///
/// | to | call | get |
/// |---|---|---|
/// | read what another program publishes | [`open`](Self::open) | `ReadOnly` |
/// | publish, and be the first | [`create`](Self::create) | `ReadWrite` |
/// | publish, first or not | [`get_or_create`](Self::get_or_create) | `ReadWrite` |
/// | write to what another program made | [`open_existing`](Self::open_existing) | `ReadWrite` |
///
/// The region has no header: its bytes are those of `T`, so the other program may be written in
/// any language. `T` should have a fixed layout (`#[repr(C)]`), the same in all programs.
///
/// Unmapped and closed on drop. The region lives until the last program that has it open ends.
///
/// # Names
///
/// `Local\name`, or just `name`, is seen by the programs of one login session; `Global\name` by all,
/// and only services and administrators can create it (others may open it; for services, both are
/// the same). Names are case-sensitive. A name can be taken by any program that is quicker; a long random one
/// (a GUID) is not taken by accident.
///
/// # Pitfalls
///
/// - **The memory changes under you.** That is what it is for, and why a reference into it
///   ([`get`](Self::get)) is `unsafe`.
/// - **Pointers do not travel.** Every process has the region at another address, and `usize` has
///   another size in 32-bit programs.
/// - **The region outlives its creator** while somebody has it open. A restarted publisher gets
///   [`AlreadyExists`](SharedMemoryError::AlreadyExists) from `create` and finds the old contents
///   with `get_or_create`.
/// - **A region is only as large as its pages.** The system rounds sizes up to 4096 bytes and
///   forgets the exact one: opening a region that is too small by less than a page succeeds.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{ReadWrite, SharedData, SharedMemoryLink};
///
/// #[derive(Clone, Copy, Debug, PartialEq, SharedData)]
/// #[repr(C)]
/// struct GameState {
///     score: u32,
///     lives: u8,
/// }
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let game: SharedMemoryLink<GameState, ReadWrite> = SharedMemoryLink::create(r"Local\docs-link")?;
/// game.write(&GameState { score: 7, lives: 3 });
///
/// // In another program:
/// let link = SharedMemoryLink::<GameState>::open(r"Local\docs-link")?;
/// assert_eq!(link.read(), GameState { score: 7, lives: 3 });
/// # Ok(())
/// # }
/// ```
pub struct SharedMemoryLink<T, A = ReadOnly> {
    // Dropped in this order: the view first.
    view: View<A>,
    section: Section<A>,
    value: PhantomData<T>,
}

impl<T> SharedMemoryLink<T, ReadOnly> {
    /// Opens an existing region for reading.
    ///
    /// If a foreign program backed the region with a file that goes away, reading it ends the process;
    /// see [`View`].
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::InvalidName`].
    /// - [`SharedMemoryError::OpenMapping`]: there is no such region
    ///   ([`is_not_found`](SharedMemoryError::is_not_found)), or its security descriptor does not
    ///   grant read access ([`is_access_denied`](SharedMemoryError::is_access_denied)).
    /// - [`SharedMemoryError::NameInUse`]: another kind of object has the name.
    /// - [`SharedMemoryError::TooSmall`]: the region has fewer bytes than `T`.
    /// - [`SharedMemoryError::InvalidSize`] or [`SharedMemoryError::AlignmentTooLarge`]: `T` is
    ///   zero-sized, or aligned to more than the mapping granularity (64 KiB).
    /// - [`SharedMemoryError::NotCommitted`]: its creator has only reserved the memory so far.
    /// - [`SharedMemoryError::MapView`]: memory or address space ran out.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use win_shared_memory::{ReadOnly, SharedMemoryLink};
    ///
    /// #[repr(C)]
    /// struct GameState {
    ///     score: u32,
    ///     lives: u8,
    /// }
    ///
    /// let link: SharedMemoryLink<GameState, ReadOnly> =
    ///     SharedMemoryLink::open(r"Local\my_game_state").expect("game not running");
    /// ```
    ///
    /// Calls `OpenFileMappingW` and `MapViewOfFile`.
    #[doc(alias = "OpenFileMappingW")]
    pub fn open(name: &str) -> Result<Self, SharedMemoryError> {
        Self::from_section(Section::open(name)?)
    }
}

impl<T> SharedMemoryLink<T, ReadWrite> {
    /// Creates a region, all zero. Fails if the name is taken.
    ///
    /// # Errors
    ///
    /// - [`SharedMemoryError::InvalidName`].
    /// - [`SharedMemoryError::AlreadyExists`]: a region of this name exists.
    /// - [`SharedMemoryError::NameInUse`]: another kind of object has the name.
    /// - [`SharedMemoryError::CreateMapping`]: memory ran out
    ///   ([`is_out_of_memory`](SharedMemoryError::is_out_of_memory)), or security denies it
    ///   ([`is_access_denied`](SharedMemoryError::is_access_denied)).
    /// - [`SharedMemoryError::PrivilegeNotHeld`]: a `Global\` name takes one.
    /// - [`SharedMemoryError::SizeTooLarge`]: `T` is larger than `u32::MAX` bytes.
    /// - [`SharedMemoryError::InvalidSize`] or [`SharedMemoryError::AlignmentTooLarge`]: `T` is
    ///   zero-sized, or aligned to more than the mapping granularity (64 KiB).
    /// - [`SharedMemoryError::MapView`]: address space ran out.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{ReadWrite, SharedMemoryError, SharedMemoryLink};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let speed = SharedMemoryLink::<f32, ReadWrite>::create(r"Local\docs-create")?;
    /// assert_eq!(speed.read(), 0.0);
    ///
    /// let again = SharedMemoryLink::<f32, ReadWrite>::create(r"Local\docs-create");
    /// assert!(matches!(again, Err(SharedMemoryError::AlreadyExists)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `CreateFileMappingW` and `MapViewOfFile`.
    #[doc(alias = "CreateFileMappingW")]
    pub fn create(name: &str) -> Result<Self, SharedMemoryError> {
        Self::from_section(Section::create(name, creatable_size::<T>(name)?)?)
    }

    /// Opens the region of this name, or creates it, all zero.
    /// [`was_created`](Self::was_created) tells which.
    ///
    /// However many processes call this at once, one creates the region and the others open it.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create), `AlreadyExists` aside, and
    /// [`SharedMemoryError::TooSmall`] if the region exists and has fewer bytes than `T`.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{ReadWrite, SharedMemoryLink};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let first = SharedMemoryLink::<f32, ReadWrite>::get_or_create(r"Local\docs-get-or-create")?;
    /// first.write(&120.5);
    ///
    /// // In another program:
    /// let link = SharedMemoryLink::<f32, ReadWrite>::get_or_create(r"Local\docs-get-or-create")?;
    /// assert!(!link.was_created());
    /// assert_eq!(link.read(), 120.5);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `CreateFileMappingW` and `MapViewOfFile`.
    #[doc(alias = "CreateFileMappingW")]
    pub fn get_or_create(name: &str) -> Result<Self, SharedMemoryError> {
        Self::from_section(Section::get_or_create(name, creatable_size::<T>(name)?)?)
    }

    /// Opens an existing region for reading and writing.
    ///
    /// # Errors
    ///
    /// As for [`open`](SharedMemoryLink::open), with
    /// [`is_access_denied`](SharedMemoryError::is_access_denied) also for a region that may only
    /// be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{ReadWrite, SharedMemoryLink};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// # let lamp = SharedMemoryLink::<u32, ReadWrite>::create(r"Local\docs-open-existing")?;
    /// let switch = SharedMemoryLink::<u32, ReadWrite>::open_existing(r"Local\docs-open-existing")?;
    /// switch.write(&1);
    /// # assert_eq!(lamp.read(), 1);
    ///
    /// // It creates nothing.
    /// let absent = SharedMemoryLink::<u32, ReadWrite>::open_existing(r"Local\docs-not-there");
    /// assert!(absent.is_err_and(|error| error.is_not_found()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Calls `OpenFileMappingW` and `MapViewOfFile`.
    #[doc(alias = "OpenFileMappingW")]
    pub fn open_existing(name: &str) -> Result<Self, SharedMemoryError> {
        Self::from_section(Section::open_existing(name)?)
    }

    /// A mutable reference to the region as a `T`.
    ///
    /// # Safety
    ///
    /// The conditions of [`get`](Self::get), and for as long as the reference exists nobody else
    /// may *read* the bytes either: no other process, no other link or view of this process (a
    /// reader's included), no safe read through this crate.
    pub unsafe fn get_mut(&mut self) -> &mut T {
        // SAFETY: the view is mapped for writing, has `size_of::<T>()` bytes and is aligned for
        // `T` (`from_section`); the value and exclusivity are the caller's promise.
        unsafe { &mut *self.as_mut_ptr() }
    }
}

impl<T, A: Access> SharedMemoryLink<T, A> {
    /// Maps the beginning of a section as a `T`: one opened with [`SharedMemoryOptions`], or
    /// from
    /// a handle that another process passed on.
    ///
    /// # Errors
    ///
    /// [`SharedMemoryError::TooSmall`], [`SharedMemoryError::InvalidSize`],
    /// [`SharedMemoryError::AlignmentTooLarge`], [`SharedMemoryError::NotCommitted`],
    /// [`SharedMemoryError::NotSharedMemory`] and [`SharedMemoryError::MapView`], as for
    /// [`open`](SharedMemoryLink::open); [`SharedMemoryError::Uncached`] for a
    /// [`ReadWrite`] link to a section that another program made with `SEC_NOCACHE` or
    /// `SEC_WRITECOMBINE`.
    ///
    /// Calls `MapViewOfFile`.
    #[doc(alias = "MapViewOfFile")]
    pub fn from_section(section: Section<A>) -> Result<Self, SharedMemoryError> {
        let size = mappable_size::<T>(section.name())?;
        let view = section.map_range(0, size).map_err(|error| match error {
            SharedMemoryError::OutOfBounds {
                len, size: actual, ..
            } => SharedMemoryError::TooSmall {
                name: section.name().map(Into::into),
                needed: len,
                actual,
            },
            other => other,
        })?;
        // Through such a link there are references to atomics.
        if A::OPEN == ReadWrite::OPEN {
            view.check_cached()?;
        }
        if let Some(offset) = view.first_uncommitted(0, size) {
            return Err(view.not_committed(offset));
        }
        Ok(Self {
            view,
            section,
            value: PhantomData,
        })
    }
}

impl<T, A> SharedMemoryLink<T, A> {
    /// A reference to the region as a `T`.
    ///
    /// # Safety
    ///
    /// For as long as the reference exists,
    ///
    /// - the bytes are a valid `T`: whatever another program left there, and a new region's
    ///   zeros, may be none (a `bool` of 2, a reference of 0);
    /// - nobody writes them, except inside an `UnsafeCell` or atomic of `T` in a way its type
    ///   allows. *Nobody* is every other process that has the region open for writing, another
    ///   link, view or mapping of the same region in this process (through its `get_mut`, its
    ///   `as_mut_ptr`, or this crate's safe writes), and code that this one calls;
    /// - through a [`ReadOnly`] link nothing is written at all, not even an atomic of `T`, and
    ///   atomics of more than 4 bytes are not loaded either: a 64-bit load is a write on 32-bit
    ///   processors;
    /// - a region that another program backed with a file stays readable: its disk, share or
    ///   medium does not go away.
    ///
    /// A lock that all of them take keeps the second; nothing but trust in the other programs
    /// keeps any from one that does not play along.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{ReadWrite, SharedMemoryLink};
    ///
    /// let mut link: SharedMemoryLink<u32, ReadWrite> =
    ///     SharedMemoryLink::create(r"Local\docs-get").unwrap();
    /// // SAFETY: any bytes are a valid `u32`, and nobody else knows this region's name.
    /// unsafe { *link.get_mut() = 42 };
    /// // SAFETY: as above.
    /// assert_eq!(*unsafe { link.get() }, 42);
    /// ```
    pub unsafe fn get(&self) -> &T {
        // SAFETY: the view has `size_of::<T>()` mapped bytes and is aligned for `T`
        // (`from_section`); the value and the absence of writers are the caller's promise.
        unsafe { &*self.as_ptr() }
    }

    /// A pointer to the region's first byte, aligned for `T` and valid for reads of
    /// `size_of::<T>()` bytes until the link is dropped.
    #[must_use]
    pub fn as_ptr(&self) -> *const T {
        self.view.as_ptr().cast()
    }

    /// The number of bytes this link gives access to: `size_of::<T>()`.
    ///
    /// The region itself may have more; ask
    /// [`section().page_rounded_len()`](Section::page_rounded_len).
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a link is never empty")]
    pub fn len(&self) -> usize {
        self.view.len()
    }

    /// Whether this link's constructor created the region, rather than found it.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.section.was_created()
    }

    /// The region's name as given; `None` for a link made from a handle without one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.section.name()
    }

    /// The open section under this link: for its handle, its size, or further views.
    #[must_use]
    pub fn section(&self) -> &Section<A> {
        &self.section
    }

    /// The mapped bytes under this link.
    #[must_use]
    pub fn view(&self) -> &View<A> {
        &self.view
    }
}

/// Safe access: copies, for types that derive [`SharedData`].
impl<T, A> SharedMemoryLink<T, A> {
    /// The value's place in the region: for its parts, see [`field!`](crate::field).
    #[must_use]
    #[inline]
    pub fn place(&self) -> Place<'_, T, A>
    where
        T: SharedData,
    {
        self.whole()
    }

    /// As [`place`](Self::place); of a type that derives nothing, it is the place of nothing that could
    /// be read, and lets `field!` find out what is missing.
    #[inline]
    pub(crate) fn whole(&self) -> Place<'_, T, A> {
        // SAFETY: the view has `size_of::<T>()` committed bytes, is aligned for `T` and borrowed as
        // long as the place (`from_section`).
        unsafe { Place::new(self.view.start()) }
    }

    /// A copy of the value. It may be torn if another program writes meanwhile; see [`Place`].
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{ReadWrite, SharedData, SharedMemoryLink};
    ///
    /// #[derive(Clone, Copy, Debug, PartialEq, SharedData)]
    /// #[repr(C)]
    /// struct GameState {
    ///     score: u32,
    ///     lives: u8,
    /// }
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let link: SharedMemoryLink<GameState, ReadWrite> =
    ///     SharedMemoryLink::create(r"Local\docs-read")?;
    /// link.write(&GameState { score: 42, lives: 3 });
    /// assert_eq!(link.read(), GameState { score: 42, lives: 3 });
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    #[inline]
    pub fn read(&self) -> T
    where
        T: AnyBytes,
    {
        self.place().read()
    }

    /// A copy of the value if it is valid; see [`Place::try_read`].
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] names the first field that is not, its value and its offset.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{SharedData, SharedMemoryLink};
    /// # use win_shared_memory::ReadWrite;
    ///
    /// #[derive(Debug, SharedData)]
    /// #[repr(C)]
    /// struct Lamp {
    ///     power: f32,
    ///     is_on: bool,
    /// }
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// # let foreign = SharedMemoryLink::<[u8; 8], ReadWrite>::create(r"Local\docs-try-read")?;
    /// # foreign.write(&[0, 0, 0, 0, 2, 0, 0, 0]);
    /// // A program in C has stored 2 where Rust has a `bool`.
    /// let lamp = SharedMemoryLink::<Lamp>::open(r"Local\docs-try-read")?;
    /// let invalid = lamp.try_read().unwrap_err();
    /// assert_eq!((invalid.field(), invalid.value()), ("is_on", 2));
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn try_read(&self) -> Result<T, InvalidValue>
    where
        T: SharedData,
    {
        self.place().try_read()
    }

    /// Copies the value over `to`, without a copy on the stack: for types too large for it.
    #[inline]
    pub fn read_into(&self, to: &mut T)
    where
        T: AnyBytes,
    {
        self.place().read_into(to);
    }

    /// As [`try_read`](Self::try_read), without a copy on the stack; see [`Place::try_read_into`].
    ///
    /// # Errors
    ///
    /// As for [`try_read`](Self::try_read).
    ///
    /// # Examples
    ///
    /// ```
    /// # use win_shared_memory::{ReadWrite, SharedMemoryLink};
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let link: SharedMemoryLink<[bool; 1 << 20], ReadWrite> =
    ///     SharedMemoryLink::create(r"Local\docs-try-read-into")?;
    /// let mut flags = Box::new_uninit();
    /// let flags: &mut [bool; 1 << 20] = link.try_read_into(&mut flags)?;
    /// # assert!(!flags[7]);
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn try_read_into<'to>(
        &self,
        to: &'to mut MaybeUninit<T>,
    ) -> Result<&'to mut T, InvalidValue>
    where
        T: SharedData,
    {
        self.place().try_read_into(to)
    }

    /// Writes the value. Its padding is never stored: the region's padding bytes become zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::{ReadWrite, SharedMemoryLink};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let link = SharedMemoryLink::<[u32; 2], ReadWrite>::create(r"Local\docs-write")?;
    /// link.write(&[7, 8]);
    ///
    /// // In another program:
    /// let reader = SharedMemoryLink::<[u32; 2]>::open(r"Local\docs-write")?;
    /// assert_eq!(reader.read(), [7, 8]);
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn write(&self, value: &T)
    where
        T: SharedData,
        A: Writable,
    {
        self.place().write(value);
    }
}

impl<T> SharedMemoryLink<T, ReadWrite> {
    /// A reference to the value in the region, which is made of atomics only: others may change it
    /// at any time, and each load sees that.
    ///
    /// On a read-only link, load single fields instead: `field!(link.tick).load()`. A store through
    /// a reference would be an access violation there.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use win_shared_memory::{ReadWrite, SharedMemoryLink};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let counters: SharedMemoryLink<[AtomicU32; 8], ReadWrite> =
    ///     SharedMemoryLink::get_or_create(r"Local\docs-shared")?;
    /// counters.shared()[3].fetch_add(1, Ordering::Relaxed);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    #[inline]
    pub fn shared(&self) -> &T
    where
        T: AllAtomic,
    {
        self.place().shared()
    }
}

impl<T, A: Writable> SharedMemoryLink<T, A> {
    /// A pointer to the region's first byte, aligned for `T` and valid for reads and writes of
    /// `size_of::<T>()` bytes until the link is dropped.
    #[must_use]
    pub fn as_mut_ptr(&self) -> *mut T {
        self.view.as_mut_ptr().cast()
    }
}

/// Typed links.
impl SharedMemoryOptions {
    /// [`SharedMemoryLink::open`] with these options.
    ///
    /// # Errors
    ///
    /// As there, and [`SharedMemoryError::TimedOut`] after [`wait`](Self::wait).
    pub fn open<T>(&self, name: &str) -> Result<SharedMemoryLink<T, ReadOnly>, SharedMemoryError> {
        SharedMemoryLink::from_section(Section::open_with(name, self)?)
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
        SharedMemoryLink::from_section(Section::open_with(name, self)?)
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
        SharedMemoryLink::from_section(Section::open_with(name, self)?)
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
        let size = creatable_size::<T>(name)?;
        SharedMemoryLink::from_section(Section::create_with(name, size, &self.committed())?)
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
        let size = creatable_size::<T>(name)?;
        SharedMemoryLink::from_section(Section::get_or_create_with(name, size, &self.committed())?)
    }
}

/// The size in bytes of a new region of this name for a `T`.
fn creatable_size<T>(name: &str) -> Result<u64, SharedMemoryError> {
    match u32::try_from(mappable_size::<T>(Some(name))?) {
        Ok(size) => Ok(size.into()),
        Err(_) => Err(SharedMemoryError::SizeTooLarge),
    }
}

impl<T, A> fmt::Debug for SharedMemoryLink<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMemoryLink")
            .field("type", &type_name::<T>())
            .field("section", &self.section)
            .field("view", &self.view)
            .finish()
    }
}
