//! What must not compile, each as a documentation test with the error that refuses it.
//!
//! What the derive itself refuses has no error code, and is tested in `derive/`.

/// A reference into a link, where others write.
///
/// ```compile_fail,E0614
/// fn reference(link: &win_shared_memory::SharedMemoryLink<u32>) -> &u32 {
///     &**link
/// }
/// ```
/// ```compile_fail,E0308
/// fn reference(link: &win_shared_memory::SharedMemoryLink<u32>) -> &u32 {
///     link
/// }
/// ```
/// ```compile_fail,E0608
/// fn reference(link: &win_shared_memory::SharedMemoryLink<[u32; 4]>) -> &u32 {
///     &link[0]
/// }
/// ```
/// ```compile_fail,E0599
/// fn reference(link: &win_shared_memory::SharedMemoryLink<u32>) -> &u32 {
///     link.as_ref()
/// }
/// ```
/// ```compile_fail,E0133
/// fn reference(link: &win_shared_memory::SharedMemoryLink<u32>) -> &u32 {
///     link.get()
/// }
/// ```
/// ```compile_fail,E0614
/// fn reference<'a>(place: win_shared_memory::Place<'a, u32>) -> &'a u32 {
///     &*place
/// }
/// ```
mod references {}

/// A place that outlives its link.
///
/// ```compile_fail,E0505
/// use win_shared_memory::SharedMemoryLink;
///
/// fn after(link: SharedMemoryLink<u32>) -> u32 {
///     let place = link.place();
///     drop(link);
///     place.read()
/// }
/// ```
/// ```compile_fail,E0515
/// use win_shared_memory::{Place, SharedData, SharedMemoryLink, field};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct State {
///     tick: u32,
/// }
///
/// fn after(link: SharedMemoryLink<State>) -> Place<'static, u32> {
///     field!(link.tick)
/// }
/// ```
/// ```compile_fail,E0515
/// use std::sync::atomic::AtomicU32;
/// use win_shared_memory::{ReadWrite, SharedMemoryLink};
///
/// fn after(link: SharedMemoryLink<AtomicU32, ReadWrite>) -> &'static AtomicU32 {
///     link.shared()
/// }
/// ```
mod lifetimes {}

/// Types that mean nothing in another process.
///
/// ```compile_fail,E0277
/// let shared = <Vec<u8> as win_shared_memory::SharedData>::LAYOUT;
/// ```
/// ```compile_fail,E0277
/// let shared = <Box<u32> as win_shared_memory::SharedData>::LAYOUT;
/// ```
/// ```compile_fail,E0277
/// let shared = <String as win_shared_memory::SharedData>::LAYOUT;
/// ```
/// ```compile_fail,E0277
/// let shared = <&u32 as win_shared_memory::SharedData>::LAYOUT;
/// ```
/// ```compile_fail,E0277
/// let shared = <*const u32 as win_shared_memory::SharedData>::LAYOUT;
/// ```
/// ```compile_fail,E0277
/// let shared = <usize as win_shared_memory::SharedData>::LAYOUT;
/// ```
/// ```compile_fail,E0277
/// let shared = <Option<u32> as win_shared_memory::SharedData>::LAYOUT;
/// ```
/// ```compile_fail,E0277
/// let shared = <std::sync::atomic::AtomicBool as win_shared_memory::SharedData>::LAYOUT;
/// ```
/// ```compile_fail,E0277
/// let shared = <std::sync::atomic::AtomicPtr<u8> as win_shared_memory::SharedData>::LAYOUT;
/// ```
/// ```compile_fail,E0277
/// let shared = <std::cell::Cell<u32> as win_shared_memory::SharedData>::LAYOUT;
/// ```
///
/// As a link's type or at an offset, …
///
/// ```compile_fail,E0277
/// fn read(link: &win_shared_memory::SharedMemoryLink<Vec<u8>>) -> Vec<u8> {
///     link.read()
/// }
/// ```
/// ```compile_fail,E0277
/// fn read(link: &win_shared_memory::SharedMemoryLink<Box<u32>>) {
///     let _ = link.try_read();
/// }
/// ```
/// ```compile_fail,E0277
/// fn write(link: &win_shared_memory::SharedMemoryLink<&str, win_shared_memory::ReadWrite>) {
///     link.write(&"text");
/// }
/// ```
/// ```compile_fail,E0277
/// fn read(view: &win_shared_memory::View) {
///     let _ = view.try_read::<String>(0);
/// }
/// ```
///
/// … and as that of a field, also by another name.
///
/// ```compile_fail,E0277
/// #[derive(win_shared_memory::SharedData)]
/// #[repr(C)]
/// struct State {
///     names: Vec<u8>,
/// }
/// ```
/// ```compile_fail,E0277
/// type Address = *const u8;
///
/// #[derive(win_shared_memory::SharedData)]
/// #[repr(C)]
/// struct State {
///     at: [Address; 2],
/// }
/// ```
/// ```compile_fail,E0277
/// union Either {
///     a: u32,
///     b: f32,
/// }
///
/// #[derive(win_shared_memory::SharedData)]
/// #[repr(C)]
/// struct State {
///     either: Either,
/// }
/// ```
/// ```compile_fail,E0277
/// #[derive(win_shared_memory::SharedData)]
/// #[repr(C)]
/// struct State {
///     of: std::marker::PhantomData<u32>,
/// }
/// ```
mod types {}

/// Types that the derive cannot see to be unfit.
///
/// ```compile_fail,E0080
/// #[derive(win_shared_memory::SharedData)]
/// #[repr(C)]
/// struct State {
///     tick: u32,
/// }
///
/// impl Drop for State {
///     fn drop(&mut self) {}
/// }
/// ```
/// ```compile_fail,E0080
/// use std::sync::atomic::AtomicU32;
///
/// #[derive(win_shared_memory::SharedData)]
/// #[repr(C, packed)]
/// struct State {
///     flag: u8,
///     tick: AtomicU32,
/// }
/// ```
/// ```compile_fail,E0080
/// use std::sync::atomic::AtomicU32;
///
/// #[derive(win_shared_memory::SharedData)]
/// #[repr(C)]
/// struct Ticks([AtomicU32; 2]);
///
/// #[derive(win_shared_memory::SharedData)]
/// #[repr(C, packed(2))]
/// struct State {
///     ticks: Ticks,
/// }
/// ```
mod shapes {}

/// Values that not all bytes are, without a check.
///
/// ```compile_fail,E0277
/// fn read(link: &win_shared_memory::SharedMemoryLink<bool>) -> bool {
///     link.read()
/// }
/// ```
/// ```compile_fail,E0277
/// fn read(link: &win_shared_memory::SharedMemoryLink<[char; 4]>, to: &mut [char; 4]) {
///     link.read_into(to);
/// }
/// ```
/// ```compile_fail,E0277
/// fn read(view: &win_shared_memory::View) {
///     let _ = view.read::<bool>(0);
/// }
/// ```
/// ```compile_fail,E0277
/// use win_shared_memory::{SharedData, SharedMemoryLink};
///
/// #[derive(SharedData)]
/// #[repr(u8)]
/// enum Gear {
///     Neutral,
/// }
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct Car {
///     speed: f32,
///     gears: [Gear; 2],
/// }
///
/// fn read(link: &SharedMemoryLink<Car>) -> Car {
///     link.read()
/// }
/// ```
/// ```compile_fail,E0277
/// use win_shared_memory::{SharedData, SharedMemoryLink, field};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct Car {
///     speed: f32,
///     stopped: bool,
/// }
///
/// fn read(link: &SharedMemoryLink<Car>) -> bool {
///     field!(link.stopped).read()
/// }
/// ```
mod invalid_values {}

/// Writing through a read-only link.
///
/// ```compile_fail,E0277
/// fn write(link: &win_shared_memory::SharedMemoryLink<u32>) {
///     link.write(&1);
/// }
/// ```
/// ```compile_fail,E0277
/// fn write(link: &win_shared_memory::SharedMemoryLink<[u32; 4]>) {
///     link.place().at(1).write(&1);
/// }
/// ```
/// ```compile_fail,E0277
/// use win_shared_memory::{SharedData, SharedMemoryLink, field};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct State {
///     tick: u32,
/// }
///
/// fn write(link: &SharedMemoryLink<State>) {
///     field!(link.tick).write(&1);
/// }
/// ```
/// ```compile_fail,E0599
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// fn write(link: &win_shared_memory::SharedMemoryLink<AtomicU32>) {
///     link.shared().store(1, Ordering::Release);
/// }
/// ```
/// ```compile_fail,E0599
/// fn write(mut link: win_shared_memory::SharedMemoryLink<u32>) {
///     // SAFETY: it would be the caller's.
///     *unsafe { link.get_mut() } = 1;
/// }
/// ```
mod read_only {}

/// `shared()` of what is not made of atomics only.
///
/// Padding between them is not, which is seen when the program is built.
///
/// ```compile_fail,E0080
/// use std::sync::atomic::{AtomicU8, AtomicU32};
/// use win_shared_memory::{ReadWrite, SharedData, SharedMemoryLink};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct Padded {
///     small: AtomicU8,
///     large: AtomicU32,
/// }
///
/// let link = SharedMemoryLink::<Padded, ReadWrite>::create("x").unwrap();
/// let _ = link.shared();
/// ```
/// ```compile_fail,E0277
/// use win_shared_memory::{ReadWrite, SharedMemoryLink};
///
/// fn shared(link: &SharedMemoryLink<u32, ReadWrite>) -> &u32 {
///     link.shared()
/// }
/// ```
/// ```compile_fail,E0277
/// use std::sync::atomic::AtomicU32;
/// use win_shared_memory::{ReadWrite, SharedData, SharedMemoryLink};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct State {
///     tick: AtomicU32,
///     score: u32,
/// }
///
/// fn shared(link: &SharedMemoryLink<State, ReadWrite>) -> &State {
///     link.shared()
/// }
/// ```
/// ```compile_fail,E0277
/// use win_shared_memory::{AllAtomic, SharedData};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct State {
///     score: u32,
/// }
///
/// fn all_atomic<T: AllAtomic>() {}
/// all_atomic::<State>();
/// ```
/// ```compile_fail,E0277
/// use std::sync::atomic::AtomicU8;
/// use win_shared_memory::{AllAtomic, SharedData};
///
/// #[derive(SharedData)]
/// #[repr(C, packed)]
/// struct State {
///     tick: AtomicU8,
/// }
///
/// fn all_atomic<T: AllAtomic>() {}
/// all_atomic::<State>();
/// ```
mod shared {}

/// `field!` of what is no field, or is not visible, or is not in shared memory.
///
/// ```compile_fail,E0616
/// use win_shared_memory::{SharedMemoryLink, field};
///
/// mod game {
///     #[derive(win_shared_memory::SharedData)]
///     #[repr(C)]
///     pub struct State {
///         tick: u32,
///     }
/// }
///
/// fn private(link: &SharedMemoryLink<game::State>) -> u32 {
///     field!(link.tick).read()
/// }
/// ```
///
/// Not even behind a visible one of the same name, that a `Deref` leads to. The error has no code.
///
/// ```compile_fail
/// use win_shared_memory::{SharedMemoryLink, field};
///
/// mod game {
///     #[derive(win_shared_memory::SharedData)]
///     #[repr(C)]
///     pub struct State {
///         tick: u32,
///     }
///
///     pub struct Visible {
///         pub tick: u32,
///     }
///
///     impl std::ops::Deref for State {
///         type Target = Visible;
///
///         fn deref(&self) -> &Visible {
///             &Visible { tick: 0 }
///         }
///     }
/// }
///
/// fn private(link: &SharedMemoryLink<game::State>) -> u32 {
///     field!(link.tick).read()
/// }
/// ```
/// ```compile_fail,E0609
/// use win_shared_memory::{SharedData, SharedMemoryLink, field};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct State {
///     tick: u32,
/// }
///
/// fn unknown(link: &SharedMemoryLink<State>) -> u32 {
///     field!(link.tack).read()
/// }
/// ```
/// ```compile_fail,E0277
/// use win_shared_memory::{SharedData, field};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct State {
///     tick: u32,
/// }
///
/// fn reference(state: &State) -> u32 {
///     field!(state.tick).read()
/// }
/// ```
/// ```compile_fail,E0277
/// use win_shared_memory::{SharedData, SharedMemoryLink, field};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct Outer {
///     inner: Inner,
/// }
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct Inner {
///     tick: u32,
/// }
///
/// impl std::ops::Deref for Outer {
///     type Target = Inner;
///
///     fn deref(&self) -> &Inner {
///         &self.inner
///     }
/// }
///
/// fn deref(link: &SharedMemoryLink<Outer>) -> u32 {
///     field!(link.tick).read()
/// }
/// ```
/// ```compile_fail,E0308
/// use win_shared_memory::{SharedData, SharedMemoryLink, field};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct State {
///     tick: u32,
/// }
///
/// fn element(link: &SharedMemoryLink<State>) -> u32 {
///     field!(link.tick[0]).read()
/// }
/// ```
mod fields {}

/// A schema over 512 KiB; one of a few bytes less compiles.
///
/// ```compile_fail,E0080
/// macro_rules! fields {
///     ($name:ident: $type:ty; $($field:ident)*) => {
///         #[derive(win_shared_memory::SharedData)]
///         #[repr(C)]
///         struct $name { $($field: $type),* }
///     };
/// }
/// fields! { A: u8; a b c d e f g h i j k l m n o p q r s t u v w x y z }
/// fields! { B: A; a b c d e f g h i j k l m n o p q r s t u v w x y z }
/// fields! { C: B; a b c d e f g h i j k l m n o p q r s t u v w x y z }
/// ```
/// ```
/// macro_rules! fields {
///     ($name:ident: $type:ty; $($field:ident)*) => {
///         #[derive(win_shared_memory::SharedData)]
///         #[repr(C)]
///         struct $name { $($field: $type),* }
///     };
/// }
/// fields! { A: u8; a b c d e f g h i j k l m n o p q r s t u v w x y z }
/// fields! { B: A; a b c d e f g h i j k l m n o p q r s t u v w x y z }
/// fields! { C: B; a b c d e f g h i j k l m n o p q }
/// ```
mod schemas {}

/// What `zerocopy` vouches for in part only.
///
/// ```compile_fail,E0277
/// let shared = <win_shared_memory::Zerocopy<bool> as win_shared_memory::SharedData>::LAYOUT;
/// ```
/// ```compile_fail,E0277
/// type Atomic = win_shared_memory::Zerocopy<std::sync::atomic::AtomicU32>;
/// let shared = <Atomic as win_shared_memory::SharedData>::LAYOUT;
/// ```
/// ```compile_fail,E0277
/// type Cell = win_shared_memory::Zerocopy<std::cell::Cell<u32>>;
/// let shared = <Cell as win_shared_memory::SharedData>::LAYOUT;
/// ```
/// ```compile_fail,E0277
/// type Address = win_shared_memory::Zerocopy<*const u8>;
/// let shared = <Address as win_shared_memory::SharedData>::LAYOUT;
/// ```
#[cfg(feature = "zerocopy")]
mod zerocopy {}

/// The lock belongs to a thread.
///
/// ```compile_fail,E0277
/// use win_shared_memory::{SharedMemoryError, SharedMutex};
///
/// fn elsewhere(counter: &SharedMutex<u64>) -> Result<(), SharedMemoryError> {
///     let guard = counter.lock()?;
///     std::thread::scope(|scope| {
///         scope.spawn(move || drop(guard));
///     });
///     Ok(())
/// }
/// ```
mod guards {}
