//! `#[derive(SharedData)]` and `field!`. What must not compile is in `tests/compile_fail.md`
//! and in the derive's own tests.

// Long because one set of types is tested from all sides.

use std::mem::offset_of;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU32, Ordering};

use win_shared_memory::layout::{Kind, Layout, Primitive};
use win_shared_memory::{
    AllAtomic, AnyBytes, CopyOnWrite, Place, ReadOnly, ReadWrite, SharedData, SharedMemoryLink,
    SharedMemoryOptions, field, schema,
};

use crate::support::fresh_name;

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Car {
    lap: u8,
    time: u64,
    position: Point,
    gear: Gear,
    wheels: [Wheel; 4],
    name: [u16; 3],
    r#type: u8,
    höhe: i16,
}

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, align(16))]
struct Point(f32, f32, Unit);

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(transparent)]
struct Unit(i8);

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed)]
struct Wheel {
    locked: bool,
    pressure: f32,
    inner: [Inner; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Inner {
    letter: char,
    load: i8,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, SharedData)]
#[repr(i16)]
enum Gear {
    Reverse = -1,
    Neutral,
    First,
    r#Last = 300,
}

#[derive(Debug, SharedData)]
#[repr(C)]
struct Counters {
    ticks: AtomicU32,
    small: [AtomicU8; 4],
    large: Large,
}

#[derive(Debug, SharedData)]
#[repr(C)]
struct Large(AtomicI64);

/// A header and what follows it.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Header {
    count: u32,
    items: [u64; 0],
}

/// Packed as by `#pragma pack(8)`, which leaves the atomic where it is.
#[derive(SharedData)]
#[repr(C, packed(8))]
struct Packed8 {
    flag: u8,
    ticks: AtomicU32,
}

const CAR_SCHEMA: &str = concat!(
    r#"{"size":128,"align":16,"fields":["#,
    r#"{"name":"lap","offset":0,"type":"u8"},"#,
    r#"{"name":"time","offset":8,"type":"u64"},"#,
    r#"{"name":"position","offset":16,"type":{"size":16,"align":16,"fields":["#,
    r#"{"name":"0","offset":0,"type":"f32"},"#,
    r#"{"name":"1","offset":4,"type":"f32"},"#,
    r#"{"name":"2","offset":8,"type":{"size":1,"align":1,"fields":["#,
    r#"{"name":"0","offset":0,"type":"i8"}]}}]}},"#,
    r#"{"name":"gear","offset":32,"type":{"size":2,"align":2,"repr":"i16","variants":["#,
    r#"{"name":"Reverse","value":-1},{"name":"Neutral","value":0},"#,
    r#"{"name":"First","value":1},{"name":"Last","value":300}]}},"#,
    r#"{"name":"wheels","offset":34,"type":{"count":4,"element":{"size":21,"align":1,"fields":["#,
    r#"{"name":"locked","offset":0,"type":"bool"},"#,
    r#"{"name":"pressure","offset":1,"type":"f32"},"#,
    r#"{"name":"inner","offset":5,"type":{"count":2,"element":{"size":8,"align":4,"fields":["#,
    r#"{"name":"letter","offset":0,"type":"char"},"#,
    r#"{"name":"load","offset":4,"type":"i8"}]}}}]}}},"#,
    r#"{"name":"name","offset":118,"type":{"count":3,"element":"u16"}},"#,
    r#"{"name":"type","offset":124,"type":"u8"},"#,
    r#"{"name":"höhe","offset":126,"type":"i16"}]}"#,
);

// Evaluated by a check for any target: equal in 32-bit and 64-bit programs.
const _: () = {
    assert!(same(schema!(Car), CAR_SCHEMA));
    assert!(Car::LAYOUT.hash() == 0xce46_e575_4573_176c);
    assert!(Counters::LAYOUT.hash() == 0x991a_3504_0426_dd4a);
};

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

fn offsets(layout: &Layout) -> Vec<(&'static str, usize, usize)> {
    let Kind::Struct(fields) = layout.kind() else {
        panic!("{layout:?}")
    };
    fields
        .iter()
        .map(|it| (it.name(), it.offset(), it.layout().size()))
        .collect()
}

#[test]
fn layouts_are_the_compilers() {
    assert_eq!(
        offsets(&Car::LAYOUT),
        [
            ("lap", offset_of!(Car, lap), 1),
            ("time", offset_of!(Car, time), 8),
            ("position", offset_of!(Car, position), size_of::<Point>()),
            ("gear", offset_of!(Car, gear), 2),
            ("wheels", offset_of!(Car, wheels), size_of::<[Wheel; 4]>()),
            ("name", offset_of!(Car, name), 6),
            ("type", offset_of!(Car, r#type), 1),
            ("höhe", offset_of!(Car, höhe), 2),
        ]
    );
    assert_eq!(
        offsets(&Point::LAYOUT),
        [("0", 0, 4), ("1", 4, 4), ("2", 8, 1)]
    );
    assert_eq!(
        offsets(&Wheel::LAYOUT),
        [("locked", 0, 1), ("pressure", 1, 4), ("inner", 5, 16)]
    );
    assert_eq!(offsets(&Unit::LAYOUT), [("0", 0, 1)]);
    assert_eq!(
        offsets(&Header::LAYOUT),
        [("count", 0, 4), ("items", offset_of!(Header, items), 0)]
    );
    for (layout, size, align) in [
        (Car::LAYOUT, size_of::<Car>(), align_of::<Car>()),
        (Point::LAYOUT, 16, 16),
        (Wheel::LAYOUT, 21, 1),
        (Header::LAYOUT, 8, 8),
        (Packed8::LAYOUT, 8, 4),
    ] {
        assert_eq!((layout.size(), layout.align()), (size, align));
    }
}

#[test]
fn enums_are_their_numbers() {
    let Kind::Enum { repr, variants, .. } = Gear::LAYOUT.kind() else {
        panic!("{:?}", Gear::LAYOUT)
    };
    assert_eq!((Gear::LAYOUT.size(), Gear::LAYOUT.align()), (2, 2));
    assert_eq!(repr, Primitive::I16);
    let variants: Vec<_> = variants.iter().map(|it| (it.name(), it.value())).collect();
    assert_eq!(
        variants,
        [("Reverse", -1), ("Neutral", 0), ("First", 1), ("Last", 300)]
    );
}

#[test]
fn numbers_of_all_sizes_are_enums() {
    #[derive(Clone, Copy, Debug, Eq, PartialEq, SharedData)]
    #[repr(u64)]
    enum Large {
        Low,
        High = u64::MAX,
    }
    #[derive(Clone, Copy, Debug, Eq, PartialEq, SharedData)]
    #[repr(i64)]
    enum Small {
        Low = i64::MIN,
    }
    let link = new::<[Large; 2]>();
    link.write(&[Large::High, Large::Low]);
    assert_eq!(link.try_read(), Ok([Large::High, Large::Low]));
    field!(link, [1]).write(&Large::High);
    assert_eq!(bytes(&link, 0, 16), [[255; 8], [255; 8]].concat());
    link.view().write(9, &7_u8).unwrap();
    let refused = link.try_read().unwrap_err();
    assert_eq!(refused.field(), "[1]");
    assert_eq!(refused.value(), i128::from(u64::MAX) - (255 - 7) * 256);

    let link = new::<Small>();
    assert_eq!(link.try_read().unwrap_err().value(), 0);
    link.write(&Small::Low);
    assert_eq!(link.try_read(), Ok(Small::Low));
}

#[test]
fn markers_follow_the_fields() {
    const fn any_bytes<T: AnyBytes>() -> bool {
        T::LAYOUT.any_bytes()
    }
    const fn all_atomic<T: AllAtomic>() -> bool {
        T::LAYOUT.has_atomics()
    }
    assert!(any_bytes::<Point>() && any_bytes::<Header>() && any_bytes::<Packed8>());
    assert!(all_atomic::<Counters>() && all_atomic::<[Large; 3]>());
    assert!(!Car::LAYOUT.any_bytes() && !Wheel::LAYOUT.any_bytes() && !Gear::LAYOUT.any_bytes());
}

const CAR: Car = Car {
    lap: 7,
    time: 0x0102_0304_0506_0708,
    position: Point(1.5, -2.5, Unit(-3)),
    gear: Gear::Last,
    wheels: [Wheel {
        locked: true,
        pressure: 2.25,
        inner: [Inner {
            letter: 'ß',
            load: -4,
        }; 2],
    }; 4],
    name: [10, 20, 30],
    r#type: 9,
    höhe: -500,
};

#[test]
fn values_come_back() {
    let link = new::<Car>();
    link.write(&CAR);
    assert_eq!(link.try_read(), Ok(CAR));

    let counters = new::<Counters>();
    counters.shared().large.0.store(-9, Ordering::Release);
    counters.shared().small[1].fetch_add(3, Ordering::Relaxed);
    let copy = counters.read();
    assert_eq!(copy.large.0.into_inner(), -9);
    assert_eq!(copy.small.map(AtomicU8::into_inner), [0, 3, 0, 0]);
}

#[test]
fn padding_becomes_zero() {
    let link = new::<Car>();
    let size = size_of::<Car>();
    link.view().write_bytes(0, &vec![0xff; size]).unwrap();
    link.write(&CAR);
    let bytes = bytes(&link, 0, size);
    let mut data = vec![false; size];
    mark(&Car::LAYOUT, &mut data);
    let mut padding = 0;
    for (at, byte) in bytes.iter().enumerate().filter(|(at, _)| !data[*at]) {
        assert_eq!(*byte, 0, "padding at {at}");
        padding += 1;
    }
    // After `lap`, in `position`, in each `Inner`, after `type`.
    assert_eq!(padding, 7 + 7 + 8 * 3 + 1);
}

/// Marks the bytes that are no padding.
fn mark(layout: &Layout, data: &mut [bool]) {
    match layout.kind() {
        Kind::Array { element, .. } => data
            .chunks_mut(element.size())
            .for_each(|it| mark(element, it)),
        Kind::Struct(fields) => {
            for field in fields {
                let range = field.offset()..field.offset() + field.layout().size();
                mark(field.layout(), &mut data[range]);
            }
        }
        _ => data[..layout.size()].fill(true),
    }
}

#[test]
fn fields_are_where_they_are() {
    let link = new::<Car>();
    link.write(&CAR);
    assert_eq!(field!(link.lap).read(), 7);
    assert_eq!(field!(link.time).read(), CAR.time);
    assert_eq!(field!(link.position.1).read(), -2.5);
    assert_eq!(field!(link.position.2.0).read(), -3);
    assert_eq!(field!(link.gear).try_read(), Ok(Gear::Last));
    assert_eq!(field!(link.wheels[3].pressure).read(), 2.25);
    assert_eq!(field!(link.wheels[3].locked).try_read(), Ok(true));
    assert_eq!(field!(link.wheels[0].inner[1].letter).try_read(), Ok('ß'));
    assert_eq!(field!(link.name[2]).read(), 30);
    assert_eq!(field!(link.r#type).read(), 9);
    assert_eq!(field!(link.höhe).read(), -500);

    field!(link.wheels[2].pressure).write(&7.5);
    field!(link.position.2.0).write(&11);
    let mut expected = CAR;
    expected.wheels[2].pressure = 7.5;
    expected.position.2.0 = 11;
    assert_eq!(link.try_read(), Ok(expected));
}

#[test]
fn an_index_is_any_expression() {
    let link = new::<Car>();
    link.write(&CAR);
    let numbers = [0, 2];
    for index in 0..3 {
        assert_eq!(field!(link.name[index]).read(), CAR.name[index]);
    }
    assert_eq!(field!(link.name[numbers[1] - 1]).read(), 20);
    assert_eq!(field!(link.name[{ numbers.len() }]).read(), 30);
}

#[test]
fn an_index_out_of_bounds_panics() {
    let link = new::<Car>();
    for index in [4, usize::MAX, usize::MAX / size_of::<Wheel>() + 1] {
        let read = AssertUnwindSafe(|| field!(link.wheels[index].pressure).read());
        let message = catch_unwind(read).unwrap_err();
        assert_eq!(
            message.downcast_ref::<String>().unwrap(),
            &format!("index {index} of an array of 4 elements")
        );
        assert!(field!(link.wheels).get(index).is_none());
    }
}

struct Game {
    link: SharedMemoryLink<Car, ReadWrite>,
    others: Vec<SharedMemoryLink<[Car; 2], ReadOnly>>,
}

impl Game {
    fn lap(&self) -> Place<'_, u8, ReadWrite> {
        field!(self.link, lap)
    }

    fn link(&self) -> &SharedMemoryLink<Car, ReadWrite> {
        &self.link
    }
}

#[test]
fn a_path_begins_anywhere() {
    let name = fresh_name();
    let mut game = Game {
        link: SharedMemoryLink::create(&name).unwrap(),
        others: vec![SharedMemoryLink::open(&name).unwrap()],
    };
    game.lap().write(&3);
    assert_eq!(field!(game.link, lap).read(), 3);
    assert_eq!(field!(game.link(), lap).read(), 3);
    assert_eq!(field!(game.others[0], [0].lap).read(), 3);
    assert_eq!(field!(game.others.first().unwrap(), [0].name[1]).read(), 0);

    let reference = &game.link;
    let reference = &reference;
    assert_eq!(field!(reference.lap).read(), 3);
    let mutable = &mut game.link;
    field!(mutable.lap).write(&4);
    assert_eq!(field!(mutable.lap).read(), 4);

    let place = game.others[0].place();
    assert_eq!(field!(place[0].lap).read(), 4);
    let car = field!(place[0]);
    let wheels = field!(car.wheels);
    assert_eq!(field!(wheels[1].inner[0].load).read(), 0);
    let wheel = &wheels.at(2);
    assert_eq!(field!(wheel.pressure).read(), 0.0);
    assert_eq!(field!(field!(place[0]), time).read(), 0);

    // Places live as long as what they begin with, not as long as the place in between.
    let lap = {
        let place = game.link.place();
        field!(place.lap)
    };
    assert_eq!(lap.read(), 4);

    let boxed = std::sync::Arc::new(game.link);
    assert_eq!(field!(*boxed, lap).read(), 4);
}

#[test]
fn what_a_path_begins_with_is_evaluated_once() {
    let link = new::<Car>();
    let mut calls = 0;
    let mut get = || {
        calls += 1;
        &link
    };
    assert_eq!(field!(get(), wheels[1].inner[1].load).read(), 0);
    assert_eq!(calls, 1);
}

#[test]
fn indices_of_tuples_may_touch() {
    #[derive(Clone, Copy, SharedData)]
    #[repr(C)]
    struct Pair(u8, Inner, [Inner; 2]);
    #[derive(Clone, Copy, SharedData)]
    #[repr(C)]
    struct Inner(u16, Deep);
    #[derive(Clone, Copy, SharedData)]
    #[repr(C)]
    struct Deep(u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u32);

    let link = new::<Pair>();
    field!(link.1.0).write(&1);
    field!(link.1.1.0).write(&2);
    field!(link.1.1.11).write(&3);
    field!(link.2[1].1.10).write(&4);
    let Pair(0, first, [_, second]) = link.read() else {
        panic!("not written")
    };
    assert_eq!((first.0, first.1.0, first.1.11), (1, 2, 3));
    assert_eq!(second.1.10, 4);
}

#[test]
fn a_field_of_a_large_struct_is_read_alone() {
    #[derive(Clone, Copy, SharedData)]
    #[repr(C)]
    struct Large {
        samples: [[f32; 1024]; 1024],
        last: bool,
    }
    let link = new::<Large>();
    field!(link.samples[1023][7]).write(&0.5);
    assert_eq!(field!(link.samples[1023][7]).read(), 0.5);
    assert_eq!(field!(link.last).try_read(), Ok(false));
    assert_eq!(
        bytes(&link, (1023 * 1024 + 7) * 4, 4),
        0.5_f32.to_ne_bytes()
    );
}

#[test]
fn refusals_name_the_field() {
    let link = new::<Car>();
    link.write(&CAR);
    let at = offset_of!(Car, wheels) + size_of::<Wheel>() + 5 + size_of::<Inner>();
    link.view().write(at, &0xd800_u32).unwrap();
    let refused = link.try_read().unwrap_err();
    assert_eq!(refused.field(), "wheels[1].inner[1].letter");
    assert_eq!((refused.offset(), refused.value()), (at, 0xd800));

    let refused = field!(link.wheels[1]).try_read().unwrap_err();
    assert_eq!(refused.field(), "inner[1].letter");
    let refused = field!(link.wheels[1].inner[1].letter)
        .try_read()
        .unwrap_err();
    assert_eq!((refused.field(), refused.offset()), ("", 0));
    assert_eq!(field!(link.gear).try_read(), Ok(Gear::Last));

    field!(link.wheels[1].inner[1].letter).write(&'x');
    link.view().write(offset_of!(Car, gear), &2_i16).unwrap();
    let refused = link.try_read().unwrap_err();
    assert_eq!((refused.field(), refused.value()), ("gear", 2));
}

#[test]
fn atomics_are_loaded_through_read_only_links() {
    let name = fresh_name();
    let link = SharedMemoryLink::<Counters, ReadWrite>::create(&name).unwrap();
    let reader = SharedMemoryLink::<Counters>::open(&name).unwrap();
    link.shared().ticks.store(5, Ordering::Release);
    link.shared().small[1].store(6, Ordering::Release);
    assert_eq!(field!(reader.ticks).load(), 5);
    assert_eq!(field!(reader.small[1]).load(), 6);
}

#[test]
fn private_copies_are_written_as_well() {
    let name = fresh_name();
    let original = SharedMemoryLink::<Car, ReadWrite>::create(&name).unwrap();
    let copy: SharedMemoryLink<Car, CopyOnWrite> = SharedMemoryOptions::new()
        .open_copy_on_write(&name)
        .unwrap();
    field!(copy.lap).write(&1);
    assert_eq!(field!(copy.lap).read(), 1);
    assert_eq!(field!(original.lap).read(), 0);
}

#[cfg(feature = "zerocopy")]
#[test]
fn types_of_other_crates_come_through_zerocopy() {
    use win_shared_memory::Zerocopy;
    use zerocopy::{FromBytes, IntoBytes, big_endian};

    /// As if in another crate.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, PartialEq)]
    #[repr(C)]
    struct Foreign {
        id: u64,
        parts: [u16; 4],
    }
    #[derive(Clone, Copy, Debug, PartialEq, SharedData)]
    #[repr(C)]
    struct Packet {
        flags: u8,
        foreign: Zerocopy<Foreign>,
        len: Zerocopy<big_endian::U32>,
        end: u16,
    }

    const PACKET: Packet = Packet {
        flags: 1,
        foreign: Zerocopy(Foreign {
            id: 2,
            parts: [3, 4, 5, 6],
        }),
        len: Zerocopy(big_endian::U32::new(7)),
        end: 8,
    };
    const _: () = assert!(same(
        schema!(Packet),
        concat!(
            r#"{"size":32,"align":8,"fields":[{"name":"flags","offset":0,"type":"u8"},"#,
            r#"{"name":"foreign","offset":8,"type":{"size":16,"align":8,"opaque":true}},"#,
            r#"{"name":"len","offset":24,"type":{"size":4,"align":1,"opaque":true}},"#,
            r#"{"name":"end","offset":28,"type":"u16"}]}"#,
        ),
    ));

    let link = new::<Packet>();
    link.view().write_bytes(0, &[0xff; 32]).unwrap();
    link.write(&PACKET);
    assert_eq!(link.read(), PACKET);
    assert_eq!(bytes(&link, 1, 7), [0; 7]);
    assert_eq!(bytes(&link, 24, 8), [0, 0, 0, 7, 8, 0, 0, 0]);
    field!(link.foreign).write(&Zerocopy(Foreign {
        id: 9,
        parts: [0; 4],
    }));
    assert_eq!(field!(link.foreign).read().0.id, 9);
}

fn new<T>() -> SharedMemoryLink<T, ReadWrite> {
    SharedMemoryLink::create(&fresh_name()).unwrap()
}

fn bytes<T, A>(link: &SharedMemoryLink<T, A>, offset: usize, len: usize) -> Vec<u8> {
    let mut bytes = vec![0xaa; len];
    link.view().read_bytes(offset, &mut bytes).unwrap();
    bytes
}
