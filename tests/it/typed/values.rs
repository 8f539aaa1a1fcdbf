//! Bytes that are no value: refused with field, offset and number.

use std::mem::MaybeUninit;

use win_shared_memory::{
    InvalidValue, ReadWrite, Section, SharedData, SharedMemoryError, SharedMemoryLink, SharedSlice,
    field,
};

use crate::support::fresh_name;

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(i16)]
enum State {
    Off = -2,
    On = 5,
}

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Wheel {
    locked: bool,
    letters: [char; 2],
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed)]
struct Car {
    number: u8,
    wheels: [[Wheel; 2]; 2],
    flags: [bool; 3],
}

const WHEEL: Wheel = Wheel {
    locked: true,
    letters: ['a', '\u{10ffff}'],
    state: State::Off,
};

const CAR: Car = Car {
    number: 255,
    wheels: [[WHEEL; 2]; 2],
    flags: [false, true, false],
};

#[track_caller]
fn assert_says(error: &InvalidValue, field: &str, offset: usize, value: i128) {
    assert_eq!(
        (error.field(), error.offset(), error.value()),
        (field, offset, value)
    );
    let message = error.to_string();
    for part in [field, &offset.to_string(), &value.to_string()] {
        assert!(message.contains(part), "{message}: no {part}");
    }
}

#[test]
fn a_refusal_says_field_and_offset_and_number() {
    let link: SharedMemoryLink<Car, ReadWrite> = SharedMemoryLink::create(&fresh_name()).unwrap();
    let view = link.view();
    // Wheels are 16 bytes: `locked`, padding to 4, `letters` to 12, `state` to 14, padding.
    let cases: [(usize, &[u8], &str, i128); 12] = [
        (1, &[2], "wheels[0][0].locked", 2),
        (17, &[255], "wheels[0][1].locked", 255),
        (5, &[0, 0xd8, 0, 0], "wheels[0][0].letters[0]", 0xd800),
        (9, &[0xff, 0xdf, 0, 0], "wheels[0][0].letters[1]", 0xdfff),
        (41, &[0, 0, 0x11, 0], "wheels[1][0].letters[1]", 0x11_0000),
        (53, &[255; 4], "wheels[1][1].letters[0]", 0xffff_ffff),
        (13, &[255, 255], "wheels[0][0].state", -1),
        (29, &[0, 0], "wheels[0][1].state", 0),
        (61, &[5, 1], "wheels[1][1].state", 0x105),
        (61, &[0, 128], "wheels[1][1].state", -32_768),
        (65, &[128], "flags[0]", 128),
        (67, &[3], "flags[2]", 3),
    ];
    for (offset, bytes, field, value) in cases {
        link.write(&CAR);
        assert_eq!(link.try_read(), Ok(CAR));
        view.write_bytes(offset, bytes).unwrap();
        let refusals = [
            link.try_read().map(drop).unwrap_err(),
            link.place().try_read().map(drop).unwrap_err(),
            link.place()
                .try_read_into(&mut MaybeUninit::uninit())
                .map(drop)
                .unwrap_err(),
        ];
        for refusal in refusals {
            assert_says(&refusal, field, offset, value);
        }
    }
}

#[test]
fn the_first_of_several_is_named() {
    let link: SharedMemoryLink<Car, ReadWrite> = SharedMemoryLink::create(&fresh_name()).unwrap();
    link.view().write_bytes(0, &[7; 68]).unwrap();
    assert_says(&link.try_read().unwrap_err(), "wheels[0][0].locked", 1, 7);
    // Of what is read, not of what it is in.
    assert_says(
        &field!(link.wheels[1][1]).try_read().unwrap_err(),
        "locked",
        0,
        7,
    );
    assert_says(
        &field!(link.wheels[1][1].state).try_read().unwrap_err(),
        "",
        0,
        0x707,
    );
    assert_says(&field!(link.flags).try_read().unwrap_err(), "[0]", 0, 7);
    assert_eq!(field!(link.number).try_read(), Ok(7));
}

#[test]
fn padding_may_be_anything() {
    let link: SharedMemoryLink<Wheel, ReadWrite> = SharedMemoryLink::create(&fresh_name()).unwrap();
    link.write(&WHEEL);
    for at in [1, 2, 3, 14, 15] {
        link.view().write(at, &0xff_u8).unwrap();
    }
    assert_eq!(link.try_read(), Ok(WHEEL));
}

#[test]
fn every_number_of_a_bool_and_the_ends_of_char_are_told_apart() {
    let section = Section::create(&fresh_name(), 4096).unwrap();
    let view = section.map().unwrap();
    for byte in 0..=u8::MAX {
        view.write(9, &byte).unwrap();
        match view.try_read::<bool>(9) {
            Ok(value) => assert_eq!(u8::from(value), byte),
            Err(SharedMemoryError::InvalidValue(error)) => {
                assert!(byte > 1);
                assert_says(&error, "", 0, byte.into());
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    for number in [
        0,
        0x7f,
        0xd7ff,
        0xd800,
        0xdfff,
        0xe000,
        0x10_ffff,
        0x11_0000,
        u32::MAX,
    ] {
        view.write(9, &number).unwrap();
        match view.try_read::<char>(9) {
            Ok(value) => assert_eq!(Some(value), char::from_u32(number)),
            Err(SharedMemoryError::InvalidValue(error)) => {
                assert_eq!(char::from_u32(number), None);
                assert_says(&error, "", 0, number.into());
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn rows_and_elements_are_checked_as_well() {
    let name = fresh_name();
    let link: SharedMemoryLink<[Wheel; 3], ReadWrite> = SharedMemoryLink::create(&name).unwrap();
    link.write(&[WHEEL; 3]);
    link.view().write(2 * 16 + 12, &6_i16).unwrap();
    let table = link.view().table::<Wheel>(0, 16, 3).unwrap();
    let rows: Vec<_> = table.iter().map(|row| row.try_read()).collect();
    assert_eq!(rows[..2], [Ok(WHEEL), Ok(WHEEL)]);
    assert_says(rows[2].as_ref().unwrap_err(), "state", 12, 6);
    let slice = SharedSlice::<Wheel>::open(&name).unwrap();
    assert_eq!(slice.get(1).unwrap().try_read(), Ok(WHEEL));
    assert_says(
        &slice.get(2).unwrap().try_read().unwrap_err(),
        "state",
        12,
        6,
    );
}
