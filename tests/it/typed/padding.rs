//! Padding of a caller's value may hold anything that was on its stack or heap, keys included: it is
//! never stored in a region, not for an instant.
//!
//! `unsafe` is allowed here to make values whose padding is not zero, and to look at it.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::{
    ReadOnly, ReadWrite, Section, SharedData, SharedMemoryLink, SharedSlice, field,
};

use crate::support::{Child, Parent, fresh_name, watchdog};

#[derive(SharedData)]
#[repr(C)]
struct Inner {
    a: u8,
    b: u32,
    c: u16,
}

#[derive(SharedData)]
#[repr(C)]
struct Outer {
    head: u8,
    inner: [Inner; 3],
    wide: u64,
    tail: u8,
}

const SIZE: usize = 56;

/// The bytes of an `Outer` that are in no field.
#[rustfmt::skip]
const PADDING: [usize; 25] = [
    1, 2, 3,
    5, 6, 7, 14, 15,
    17, 18, 19, 26, 27,
    29, 30, 31, 38, 39,
    49, 50, 51, 52, 53, 54, 55,
];

const POISON: u8 = 0xaa;

/// An `Outer` whose fields say `number` in some way, and whose padding is poison.
fn poisoned(memory: &mut MaybeUninit<Outer>, number: u8) -> &Outer {
    let outer = memory.as_mut_ptr();
    // SAFETY: writes inside `memory`, and then all bytes are initialised. Written field by field: to
    // write a whole struct would be free to change its padding.
    unsafe {
        outer.cast::<u8>().write_bytes(POISON, SIZE);
        (&raw mut (*outer).head).write(number);
        for index in 0..3 {
            let inner = &raw mut (*outer).inner[index];
            (&raw mut (*inner).a).write(number);
            (&raw mut (*inner).b).write(number.into());
            (&raw mut (*inner).c).write(number.into());
        }
        (&raw mut (*outer).wide).write(number.into());
        (&raw mut (*outer).tail).write(number);
        for at in PADDING {
            assert_eq!(outer.cast::<u8>().add(at).read_volatile(), POISON);
        }
        memory.assume_init_ref()
    }
}

#[test]
fn the_padding_of_the_source_becomes_zero() {
    assert_eq!(size_of::<Outer>(), SIZE);
    let name = fresh_name();
    let link: SharedMemoryLink<Outer, ReadWrite> = SharedMemoryLink::create(&name).unwrap();
    let slice = SharedSlice::<Outer, ReadWrite>::open_existing(&name).unwrap();
    let view = link.section().map().unwrap();
    type Way<'a> = (&'a str, &'a dyn Fn(&Outer));
    let ways: [Way<'_>; 6] = [
        ("link", &|value| link.write(value)),
        ("place", &|value| link.place().write(value)),
        ("view", &|value| view.write(0, value).unwrap()),
        ("slice", &|value| {
            slice.write_from(0, std::slice::from_ref(value)).unwrap();
        }),
        ("row", &|value| {
            let table = view.table::<Outer>(0, SIZE, 1).unwrap();
            table.get(0).unwrap().write(value);
        }),
        ("fields", &|value| {
            field!(link.head).write(&value.head);
            field!(link.inner).write(&value.inner);
            field!(link.wide).write(&value.wide);
            field!(link.tail).write(&value.tail);
        }),
    ];
    let mut memory = MaybeUninit::uninit();
    for (way, write) in ways {
        // What is between the fields written one by one is not theirs.
        let before = if way == "fields" { 0 } else { 0xff };
        view.write_bytes(0, &[before; SIZE + 8]).unwrap();
        write(poisoned(&mut memory, 7));
        let bytes = view.read::<[u8; SIZE]>(0).unwrap();
        for (at, byte) in bytes.into_iter().enumerate() {
            match byte {
                0 => {}
                7 => assert!(!PADDING.contains(&at), "{way}: {at} is padding"),
                _ => panic!("{way}: {byte:#x} at {at}"),
            }
        }
        assert_eq!(bytes.iter().filter(|it| **it == 7).count(), 12, "{way}");
        assert_eq!(
            view.read::<[u8; 8]>(SIZE).unwrap(),
            [before; 8],
            "{way}: behind the value"
        );
    }
}

#[test]
fn the_padding_of_the_source_is_not_seen_for_an_instant() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let link: SharedMemoryLink<Outer, ReadWrite> = SharedMemoryLink::create(&name).unwrap();
    let slice = SharedSlice::<Outer, ReadWrite>::open_existing(&name).unwrap();
    let mut child = Child::start(watching_child, &[&name]);
    let watched = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut memory = MaybeUninit::uninit();
            for number in (0..=u8::MAX).cycle() {
                let value = poisoned(&mut memory, number);
                link.write(value);
                field!(link.inner).write(&value.inner);
                slice.write_from(0, std::slice::from_ref(value)).unwrap();
                if watched.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        let seen = child.answer();
        watched.store(true, Ordering::Relaxed);
        assert_eq!(seen, "zeros");
    });
}

/// Looks at the padding as often as it can, while the fields change under its eyes.
#[test]
#[ignore = "a child of the test above"]
fn watching_child() {
    const LONG_ENOUGH: Duration = Duration::from_millis(500);
    const OFTEN_ENOUGH: u32 = 1000;

    let Some(parent) = Parent::find() else { return };
    let section: Section<ReadOnly> = Section::open(parent.argument(0)).unwrap();
    let view = section.map().unwrap();
    let (start, mut changes, mut last) = (Instant::now(), 0, 0);
    while changes < OFTEN_ENOUGH || start.elapsed() < LONG_ENOUGH {
        for at in PADDING {
            let byte: u8 = view.read(at).unwrap();
            if byte != 0 {
                parent.tell(&format!("{byte:#x} at {at} after {changes} changes"));
                return;
            }
        }
        let head: u8 = view.read(0).unwrap();
        changes += u32::from(head != last);
        last = head;
    }
    parent.tell("zeros");
}
