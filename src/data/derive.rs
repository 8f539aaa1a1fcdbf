//! The derive, with the documentation that can link to the rest of the library.

/// Lets values of a type live in shared memory: derives the trait
/// [`SharedData`](trait@crate::SharedData), what [`field!`](crate::field) needs, and, as far as the
/// fields allow, [`AnyBytes`](crate::AnyBytes) and [`AllAtomic`](crate::AllAtomic).
///
/// | type | needs |
/// |---|---|
/// | struct | `#[repr(C)]`, `#[repr(C, packed)]` or `#[repr(transparent)]`, with `align(…)` or not |
/// | enum without data | `#[repr(u8)]`, or `u16`, `u32`, `u64`, `i8`, `i16`, `i32`, `i64` |
///
/// Fields are
///
/// - integers from `u8` to `i64`, `f32`, `f64`, `bool`, `char`;
/// - `AtomicU8` to `AtomicI64`;
/// - types that derive it, and arrays of all of these.
///
/// Another program sees the bytes of a value and nothing else, so what has its meaning in this
/// process is refused: pointers, references, `Vec`, `String`, `Box`; and what other programs lay out
/// differently: `usize`, `u128`, tuples, structs without `#[repr(C)]`. So are unions and enums with
/// data, since nothing makes another program write the field that a tag names; generic types, which
/// have no one layout; and types with a `Drop` implementation, which would run for every copy. The
/// compiler's message says what to use instead.
///
/// A `packed` struct may have atomics where they stay aligned (`packed(8)`).
///
/// The code it makes passes `#![forbid(unsafe_code)]`.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{ReadWrite, SharedData, SharedMemoryLink, field};
///
/// #[derive(Clone, Copy, Debug, PartialEq, SharedData)]
/// #[repr(u32)]
/// enum Session {
///     Practice,
///     Qualifying,
///     Race = 10,
/// }
///
/// #[derive(Clone, Copy, Debug, PartialEq, SharedData)]
/// #[repr(C)]
/// struct State {
///     tick: u32,
///     session: Session,
///     driver: [u16; 33],
///     tyres: [Tyre; 4],
/// }
///
/// #[derive(Clone, Copy, Debug, PartialEq, SharedData)]
/// #[repr(C, packed)]
/// struct Tyre {
///     worn: bool,
///     pressure: f32,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let link: SharedMemoryLink<State, ReadWrite> = SharedMemoryLink::create(r"Local\docs-derive")?;
/// field!(link.session).write(&Session::Race);
/// field!(link.tyres[1].pressure).write(&1.75);
///
/// // Another program could write a session 11, so there is no `read`.
/// let state = link.try_read()?;
/// assert_eq!(state.session, Session::Race);
/// assert_eq!({ state.tyres[1].pressure }, 1.75);
/// # Ok(())
/// # }
/// ```
///
/// `#[shared_data(may_grow)]` on a struct lets a [`snapshot::Reader`](crate::snapshot::Reader) of it read also
/// what a writer of a later version publishes, whose struct has the same fields at the same offsets and others
/// after them:
///
/// ```
/// use win_shared_memory::{SharedData, snapshot};
///
/// #[derive(Debug, PartialEq, SharedData)]
/// #[repr(C)]
/// #[shared_data(may_grow)]
/// struct State {
///     score: u32,
/// }
///
/// // The same struct, in the next version of the program that publishes it.
/// #[derive(SharedData)]
/// #[repr(C)]
/// #[shared_data(may_grow)]
/// struct NextState {
///     score: u32,
///     lives: u8,
/// }
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut writer = snapshot::Writer::register(r"Local\docs-may-grow")?;
/// writer.publish(&NextState { score: 7, lives: 3 });
///
/// let mut reader = snapshot::Reader::<State>::open(r"Local\docs-may-grow")?;
/// assert_eq!(reader.latest()?, Some(State { score: 7 }));
/// # Ok(())
/// # }
/// ```
///
/// A reader never does without a field that it has. Links, slices and shared mutexes take no notice of the attribute.
/// A writer of the earlier version is refused while anybody has the later one's region open, with the attribute or
/// without.
///
/// `#[shared_data(crate = …)]` names the library where it is not `::win_shared_memory`:
///
/// ```
/// mod reexported {
///     pub mod shm {
///         pub use ::win_shared_memory::*;
///     }
/// }
///
/// #[derive(win_shared_memory::SharedData)]
/// #[shared_data(crate = reexported::shm)]
/// #[repr(transparent)]
/// struct Tick(u32);
/// ```
pub use win_shared_memory_derive::SharedData;
