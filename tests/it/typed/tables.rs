//! Tables: their numbers come from the region, so each is checked.

use std::fmt::Debug;

use win_shared_memory::{ReadWrite, Section, SharedData, SharedMemoryError, View, field};

use crate::support::fresh_name;

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Row {
    number: u32,
    value: f32,
}

/// A later version of it.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed)]
struct Row2 {
    row: Row,
    unit: [u8; 5],
}

fn region() -> (Section<ReadWrite>, View<ReadWrite>) {
    let section = Section::create(&fresh_name(), 4096).unwrap();
    let view = section.map().unwrap();
    (section, view)
}

fn row(number: u32) -> Row {
    Row {
        number,
        value: number as f32 / 2.0,
    }
}

#[track_caller]
fn assert_invalid<T: Debug>(result: Result<T, SharedMemoryError>, numbers: (i128, i128, i128)) {
    let error = result.unwrap_err();
    let nearest = |it: i128| it.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
    let numbers = (nearest(numbers.0), nearest(numbers.1), nearest(numbers.2));
    match &error {
        SharedMemoryError::InvalidTable {
            offset,
            stride,
            count,
            row,
            size,
            ..
        } => assert_eq!(
            ((*offset, *stride, *count), *row, *size),
            (numbers, 8, 4096)
        ),
        other => panic!("{other:?}"),
    }
    let message = error.to_string();
    for number in <[i64; 3]>::from(numbers).into_iter().chain([8, 4096]) {
        assert!(message.contains(&number.to_string()), "{message}: {number}");
    }
}

#[test]
fn rows_of_a_newer_version_are_longer() {
    let (_section, view) = region();
    let newer = view.table::<Row2>(101, size_of::<Row2>(), 5).unwrap();
    for (place, number) in newer.iter().zip(1..) {
        place.write(&Row2 {
            row: row(number),
            unit: *b"km/h\0",
        });
    }
    // As the header of a region says it: whatever integers.
    let older = view.table::<Row>(101_u32, 13_u16, 5_i64).unwrap();
    assert_eq!((older.len(), older.is_empty()), (5, false));
    let rows: Vec<_> = older.iter().map(|place| place.read()).collect();
    assert_eq!(rows, [1, 2, 3, 4, 5].map(row));
    for (index, expected) in rows.into_iter().enumerate() {
        assert_eq!(older.get(index).unwrap().read(), expected);
    }
    for index in [5, 6, usize::MAX] {
        assert!(older.get(index).is_none());
    }
    let third = older.get(2).unwrap();
    field!(third.value).write(&9.0);
    let expected = Row {
        value: 9.0,
        ..row(3)
    };
    assert_eq!({ newer.get(2).unwrap().read().row }, expected);
}

#[test]
fn the_last_row_may_be_shorter_than_the_stride() {
    let (_section, view) = region();
    // Rows at 0, 1000, 2000, 3000 and 4000.
    for (offset, count) in [(0, 5), (88, 5), (1088, 4), (4088, 1)] {
        let table = view.table::<Row>(offset, 1000, count).unwrap();
        let last = table.get(count - 1).unwrap();
        last.write(&row(7));
        let at = offset + 1000 * (count - 1);
        assert_eq!(view.read::<Row>(at).unwrap(), row(7));
    }
    assert_invalid(view.table::<Row>(89, 1000, 5), (89, 1000, 5));
    assert_invalid(view.table::<Row>(0, 1023, 5), (0, 1023, 5));
    assert_invalid(view.table::<Row>(0, 1000, 6), (0, 1000, 6));
    assert_invalid(view.table::<Row>(4089, 1000, 1), (4089, 1000, 1));
    view.table::<Row>(0, 1022, 5).unwrap();
    view.table::<Row>(0, 8, 512).unwrap();
    assert_invalid(view.table::<Row>(0, 8, 513), (0, 8, 513));
    assert_invalid(view.table::<Row>(1, 8, 512), (1, 8, 512));
}

#[test]
fn a_stride_smaller_than_a_row_is_refused() {
    let (_section, view) = region();
    for stride in [0, 1, 4, 7] {
        for count in [1, 2, 100] {
            let numbers = (16, stride.into(), count.into());
            assert_invalid(view.table::<Row>(16, stride, count), numbers);
        }
    }
    // Without an end: each row at the same place.
    assert_invalid(view.table::<Row>(0, 0, u64::MAX), (0, 0, u64::MAX.into()));
}

#[test]
fn negative_numbers_are_refused() {
    let (_section, view) = region();
    for negative in [-1, -8, i32::MIN] {
        let number = negative.into();
        assert_invalid(view.table::<Row>(negative, 8, 1), (number, 8, 1));
        assert_invalid(view.table::<Row>(negative, 8, 0), (number, 8, 0));
        assert_invalid(view.table::<Row>(0, negative, 1), (0, number, 1));
        assert_invalid(view.table::<Row>(4000, negative, 3), (4000, number, 3));
        assert_invalid(view.table::<Row>(0, 8, negative), (0, 8, number));
    }
    let least = i128::MIN;
    assert_invalid(
        view.table::<Row>(least, least, least),
        (least, least, least),
    );
}

#[test]
fn numbers_that_overflow_are_refused() {
    let (_section, view) = region();
    let numbers: [u64; 8] = [
        1 << 31,
        1 << 32,
        (1 << 32) + 8,
        1 << 61,
        (1 << 61) + 1,
        1 << 63,
        u64::MAX - 7,
        u64::MAX,
    ];
    for a in numbers {
        let n = i128::from(a);
        assert_invalid(view.table::<Row>(a, 8, 1), (n, 8, 1));
        assert_invalid(view.table::<Row>(a, 8, 0), (n, 8, 0));
        assert_invalid(view.table::<Row>(0, a, 2), (0, n, 2));
        assert_invalid(view.table::<Row>(0, 8, a), (0, 8, n));
        for b in numbers {
            let m = i128::from(b);
            assert_invalid(view.table::<Row>(0, a, b), (0, n, m));
            assert_invalid(view.table::<Row>(a, b, 1), (n, m, 1));
        }
    }
    let most = i128::MAX;
    assert_invalid(view.table::<Row>(0, most, most), (0, most, most));
    assert_invalid(view.table::<Row>(u128::MAX, 8, 1), (most, 8, 1));
}

#[test]
fn a_table_without_rows_is_empty_whatever_its_stride() {
    let (_section, view) = region();
    for (offset, stride) in [(0, 0), (4096, 8), (4095, 3), (7, 4096)] {
        let table = view.table::<Row>(offset, stride, 0).unwrap();
        assert_eq!((table.len(), table.is_empty()), (0, true));
        assert!(table.get(0).is_none());
        assert_eq!(table.iter().count(), 0);
    }
    assert_invalid(view.table::<Row>(4097, 8, 0), (4097, 8, 0));
}

#[test]
fn a_table_of_rows_without_bytes_is_refused() {
    let view = Section::create(&fresh_name(), 64).unwrap().map().unwrap();
    let error = view.table::<[u8; 0]>(0, 0, usize::MAX).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::InvalidTable { row: 0, .. }),
        "{error}"
    );
}
