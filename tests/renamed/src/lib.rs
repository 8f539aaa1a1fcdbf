//! What the derive and `field!` expand to, in a crate that knows the library by another name, has
//! its own idea of what names mean, and allows neither `unsafe` nor a warning.

#![cfg(windows)]
#![forbid(unsafe_code)]
#![deny(
    warnings,
    future_incompatible,
    let_underscore,
    nonstandard_style,
    unused
)]
#![deny(
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery, clippy::cargo)]
#![deny(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block
)]
#![allow(clippy::cargo_common_metadata, clippy::multiple_crate_versions)]

use std::sync::atomic::AtomicU32;

use shm::{Place, SharedData, SharedMemoryLink, field};

/// Without the names that are usually in scope.
pub mod bare {
    #![no_implicit_prelude]
    #![allow(
        missing_docs,
        missing_debug_implementations,
        missing_copy_implementations
    )]

    #[derive(::shm::SharedData)]
    #[shared_data(crate = ::shm)]
    #[repr(u8)]
    pub enum Gear {
        Neutral,
        First,
    }

    #[derive(::shm::SharedData)]
    #[shared_data(crate = ::shm)]
    #[repr(C)]
    pub struct Car {
        pub speed: f32,
        pub gear: Gear,
    }

    #[must_use]
    pub fn speed(car: ::shm::Place<'_, Car>) -> f32 {
        ::shm::field!(car.speed).read()
    }
}

/// Modules and types that expansions must not mean.
pub mod shadows {
    #![allow(missing_docs, missing_debug_implementations, non_camel_case_types)]
    pub mod core {}
    pub mod std {}
    pub mod win_shared_memory {}
    pub type Option = ();
    pub type Result = ();
    pub type Sized = ();
    pub type Layout = ();
    pub type Field = ();
    pub type Place = ();
    pub type i128 = ();
    pub type usize = ();
    pub type str = ();

    /// With all of the above in scope.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, shm::SharedData)]
    #[shared_data(crate = shm)]
    #[repr(i8)]
    pub enum Gear {
        Reverse = -1,
        Neutral,
        First,
    }

    #[derive(Clone, Copy, shm::SharedData)]
    #[shared_data(crate = ::shm)]
    #[repr(C)]
    pub struct Car {
        pub speed: f32,
        pub gear: Gear,
        pub wheels: [super::Wheel; 4],
    }

    #[must_use]
    pub fn speed(car: shm::Place<'_, Car>) -> u32 {
        shm::field!(car.speed).read().to_bits()
    }
}

/// A wheel.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[shared_data(crate = shm)]
#[repr(C, packed)]
pub struct Wheel {
    flat: bool,
    /// In bar.
    pub pressure: f32,
    r#type: Kind,
    größe: u16,
}

/// The type of a private field of a public struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SharedData)]
#[shared_data(crate = crate::library)]
#[repr(u16)]
enum Kind {
    Slick = 7,
    r#Rain,
}

/// The library by yet another path.
pub mod library {
    pub use shm::*;
}

/// What can be shared by reference.
#[derive(Debug, SharedData)]
#[shared_data(crate = shm)]
#[repr(transparent)]
pub struct Ticks(AtomicU32);

macro_rules! shared {
    ($name:ident { $($field:ident: $type:ty),* }) => {
        /// Made by a macro.
        #[derive(Clone, Copy, Debug, SharedData)]
        #[shared_data(crate = shm)]
        #[repr(C)]
        pub struct $name { $($field: $type),* }

        impl $name {
            /// The sum of the fields, by names that a macro passes on.
            #[must_use]
            pub fn sum(place: Place<'_, Self>) -> u32 {
                0 $(+ u32::from(field!(place.$field).read()))*
            }
        }
    };
}
shared!(Made { a: u8, b: u32 });

/// The pressure of the wheel with this number.
#[must_use]
pub fn pressure(link: &SharedMemoryLink<[Wheel; 4]>, index: usize) -> f32 {
    field!(link[index].pressure).read()
}

/// The number of ticks.
#[must_use]
pub fn ticks(link: &SharedMemoryLink<Ticks>) -> u32 {
    field!(link.0).load()
}

#[cfg(test)]
mod tests {
    use shm::{AllAtomic, AnyBytes, ReadWrite, SharedData, SharedMemoryLink, field, schema};

    use super::shadows::{Car, Gear};
    use super::{Made, Ticks, Wheel};

    #[test]
    fn fields_of_all_kinds_are_found() {
        let name = format!(r"Local\win-shared-memory-renamed-{}", std::process::id());
        let link: SharedMemoryLink<Car, ReadWrite> = SharedMemoryLink::create(&name).expect("new");
        field!(link.gear).write(&Gear::First);
        field!(link.wheels[2].pressure).write(&2.5);
        let car = SharedMemoryLink::<Car>::open(&name).expect("just created");
        assert_eq!(field!(car.gear).try_read(), Ok(Gear::First));
        assert_eq!(super::shadows::speed(car.place()), 0);

        let wheels = field!(car.wheels);
        let refused = field!(wheels[2]).try_read().expect_err("type 0");
        assert_eq!((refused.field(), refused.offset()), ("type", 5));
        field!(link.wheels[2].r#type).write(&super::Kind::Rain);
        field!(link.wheels[2].größe).write(&18);
        let wheel = field!(wheels[2]).try_read().expect("valid now");
        assert_eq!({ wheel.pressure }.to_bits(), 2.5_f32.to_bits());
        assert_eq!({ wheel.größe }, 18);
    }

    #[test]
    fn names_are_those_of_the_source() {
        assert_eq!(
            schema!(Wheel),
            concat!(
                r#"{"size":9,"align":1,"fields":[{"name":"flat","offset":0,"type":"bool"},"#,
                r#"{"name":"pressure","offset":1,"type":"f32"},"#,
                r#"{"name":"type","offset":5,"type":{"size":2,"align":2,"repr":"u16","#,
                r#""variants":[{"name":"Slick","value":7},{"name":"Rain","value":8}]}},"#,
                r#"{"name":"größe","offset":7,"type":"u16"}]}"#,
            ),
        );
        assert_eq!(Made::LAYOUT.path_at(4), "b");
    }

    #[test]
    const fn markers_follow_the_fields() {
        const fn all_atomic<T: AllAtomic>() {}
        const fn any_bytes<T: AnyBytes>() {}
        all_atomic::<Ticks>();
        any_bytes::<Made>();
    }
}
