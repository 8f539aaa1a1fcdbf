//! The other side may be hostile or broken: a second process that writes garbage all the time makes
//! nothing panic, hang or read beside the view, and every refusal says what was wrong. And what is
//! promised whole is whole, however fast the other writes.

use std::time::{Duration, Instant};

use win_shared_memory::{
    Encoding, InvalidValue, ReadOnly, ReadWrite, Section, SharedData, SharedMemoryError,
    SharedMemoryLink, SharedSlice, View, field,
};

use crate::support::{Child, Parent, Random, fresh_name, watchdog};

/// How often each is to happen, at least, while garbage is read.
const OFTEN: u32 = 1000;

/// The window that is filled with garbage begins and ends in the midst of the region.
const WINDOW: u64 = 5000;
const WINDOW_LEN: usize = 10_007;

/// All bytes outside the window, and none inside: a call that reads one has read beside the window.
const OUTSIDE: u8 = 0xee;

#[derive(Clone, Copy, Debug, SharedData)]
#[repr(C, packed)]
struct Header {
    offset: i32,
    stride: u16,
    count: i64,
    text: u64,
    text_len: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(i16)]
enum Kind {
    None,
    Low = -0x100,
    High = 0x100,
}

#[derive(Clone, Copy, Debug, SharedData)]
#[repr(C)]
struct Row {
    on: [[bool; 2]; 2],
    letter: char,
    kind: Kind,
    number: u64,
}

#[derive(Clone, Copy, Debug, SharedData)]
#[repr(C)]
struct Whole {
    header: Header,
    rows: [Row; 3],
    wide: [u16; 40],
    narrow: [u8; 50],
}

/// How often what happened.
#[derive(Debug, Default)]
struct Tally {
    values: u32,
    invalid_values: u32,
    tables: u32,
    invalid_tables: u32,
    rows: u32,
    texts: u32,
    invalid_texts: u32,
}

impl Tally {
    fn rarest(&self) -> u32 {
        [
            self.values,
            self.invalid_values,
            self.tables,
            self.invalid_tables,
            self.rows,
            self.texts,
            self.invalid_texts,
        ]
        .into_iter()
        .fold(u32::MAX, u32::min)
    }
}

#[test]
fn garbage_is_read_for_as_long_as_it_is_written() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let section = Section::create(&name, 20_000).unwrap();
    let whole = section.map().unwrap();
    whole.write_bytes(0, &vec![OUTSIDE; whole.len()]).unwrap();
    let window = section.map_range(WINDOW, WINDOW_LEN).unwrap();
    window.write_bytes(0, &[0; WINDOW_LEN]).unwrap();
    let mut child = Child::start(garbage_child, &[&name]);
    assert_eq!(child.answer(), "writing");

    let reader: View<ReadOnly> = Section::open(&name)
        .unwrap()
        .map_range(WINDOW, WINDOW_LEN)
        .unwrap();
    let slice = SharedSlice::<u8>::open(&name).unwrap();
    let mut tally = Tally::default();
    while tally.rarest() < OFTEN {
        read_values(&reader, &mut tally);
        read_table(&reader, &mut tally);
        read_texts(&reader, &mut tally);
        read_by_index(&reader, &slice);
    }
    println!("{tally:?}");
}

/// A struct with `bool`s, `char`s and enums, at any offset.
fn read_values(view: &View, tally: &mut Tally) {
    let header = header(view);
    for offset in [0, 1, 27, header.text as usize % (2 * WINDOW_LEN)] {
        match view.try_read::<Whole>(offset) {
            Ok(whole) => {
                assert!(offset + size_of::<Whole>() <= WINDOW_LEN);
                whole.rows.iter().for_each(assert_inside);
                tally.values += 1;
            }
            Err(SharedMemoryError::InvalidValue(error)) => {
                assert_explains::<Whole>(&error);
                tally.invalid_values += 1;
            }
            Err(error @ SharedMemoryError::OutOfBounds { .. }) => {
                assert!(offset + size_of::<Whole>() > WINDOW_LEN, "{error}");
                assert!(error.to_string().contains(&offset.to_string()), "{error}");
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// A table that is where the garbage says.
fn read_table(view: &View, tally: &mut Tally) {
    // Once, and then what was read: it is another number at the next look.
    let Header {
        offset,
        stride,
        count,
        ..
    } = header(view);
    let row = size_of::<Row>() as i128;
    let numbers = (i128::from(offset), i128::from(stride), i128::from(count));
    let fits = numbers.0 >= 0
        && numbers.2 >= 0
        && match numbers.2 {
            0 => numbers.0 <= WINDOW_LEN as i128,
            rows => {
                let end = numbers.0 + (rows - 1) * numbers.1 + row;
                numbers.1 >= row && end <= WINDOW_LEN as i128
            }
        };
    match view.table::<Row>(offset, stride, count) {
        Ok(table) => {
            assert!(fits, "{numbers:?}");
            assert_eq!(table.len() as i128, numbers.2);
            assert_eq!(table.iter().count(), table.len());
            for place in table.iter() {
                match place.try_read() {
                    Ok(row) => assert_inside(&row),
                    Err(error) => assert_explains::<Row>(&error),
                }
                assert_inside_bytes(&field!(place.number).read().to_ne_bytes());
                tally.rows += 1;
            }
            tally.tables += 1;
        }
        Err(SharedMemoryError::InvalidTable {
            offset: o,
            stride: s,
            count: c,
            row: r,
            size,
            ..
        }) => {
            assert!(!fits, "{numbers:?}");
            let nearest = |it: i128| it.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
            let (offset, stride, count) = numbers;
            assert_eq!(
                (o, s, c),
                (nearest(offset), nearest(stride), nearest(count))
            );
            assert_eq!((r as i128, size), (row, WINDOW_LEN));
            tally.invalid_tables += 1;
        }
        Err(other) => panic!("{other:?}"),
    }
}

/// Texts in fields, and one that is where the garbage says and as long.
fn read_texts(view: &View, tally: &mut Tally) {
    let place = view.place::<Whole>(3).unwrap();
    assert!(field!(place.wide).read_text().chars().count() <= 40);
    let header = header(view);
    let (at, cap) = (header.text as usize, header.text_len as usize);
    for encoding in [
        Encoding::Utf16,
        Encoding::Utf8,
        Encoding::Latin1,
        Encoding::Windows1252,
    ] {
        let text = field!(place.narrow).read_text(encoding);
        assert!(text.chars().count() <= 50);
        match view.read_text(at, cap, encoding) {
            Ok(text) => {
                assert!(at <= WINDOW_LEN);
                assert!(text.chars().count() <= cap.min(WINDOW_LEN - at));
                if encoding != Encoding::Utf8 {
                    // No byte becomes a character whose units have that one.
                    for unit in text.encode_utf16() {
                        assert_inside_bytes(&unit.to_ne_bytes());
                    }
                }
                tally.texts += 1;
            }
            Err(error @ SharedMemoryError::OutOfBounds { offset, .. }) => {
                assert!(at > WINDOW_LEN);
                assert_eq!(offset, at as u64);
                assert!(error.to_string().contains(&at.to_string()), "{error}");
                tally.invalid_texts += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Elements that the garbage numbers.
fn read_by_index(view: &View, slice: &SharedSlice<u8>) {
    let index = header(view).text as usize;
    let array = view.place::<[u64; 100]>(8).unwrap();
    match array.get(index) {
        Some(place) => {
            assert!(index < 100);
            assert_inside_bytes(&place.read().to_ne_bytes());
        }
        None => assert!(index >= 100),
    }
    assert_eq!(slice.read(index).is_some(), index < slice.len());
}

fn header(view: &View) -> Header {
    view.read(0).unwrap()
}

#[track_caller]
fn assert_inside_bytes(bytes: &[u8]) {
    assert!(!bytes.contains(&OUTSIDE), "beside the window: {bytes:x?}");
}

#[track_caller]
fn assert_inside(row: &Row) {
    assert_inside_bytes(&row.number.to_ne_bytes());
    assert_inside_bytes(&u32::from(row.letter).to_ne_bytes());
}

/// That a refusal names the field, and a number that is indeed none of its values.
#[track_caller]
fn assert_explains<T: SharedData>(error: &InvalidValue) {
    let (field, offset, value) = (error.field(), error.offset(), error.value());
    assert_eq!(T::LAYOUT.path_at(offset), field);
    let message = error.to_string();
    for part in [field, &offset.to_string(), &value.to_string()] {
        assert!(!part.is_empty() && message.contains(part), "{message}");
    }
    let is_valid = match field.rsplit('.').next() {
        Some("letter") => u32::try_from(value).is_ok_and(|it| char::from_u32(it).is_some()),
        Some("kind") => [0, 0x100, -0x100].contains(&value),
        Some(on) if on.starts_with("on[") => value == 0 || value == 1,
        _ => panic!("{message}"),
    };
    assert!(!is_valid, "{message}");
}

/// Writes until it is killed: noise, extremes, and what could nearly be true.
#[test]
#[ignore = "a child of the test above"]
fn garbage_child() {
    let Some(parent) = Parent::find() else { return };
    let section = Section::open_existing(parent.argument(0)).unwrap();
    let view = section.map_range(WINDOW, WINDOW_LEN).unwrap();
    let mut random = Random::of(1);
    parent.tell("writing");
    loop {
        let mut garbage = [0; WINDOW_LEN];
        match random.below(4) {
            0 => garbage.fill_with(|| random.next() as u8),
            1 => garbage.fill(random.pick(&[0, 1, 0x7f, 0x80, 0xff])),
            // Mostly valid `bool`s and letters, among them some that are not.
            _ => garbage.fill_with(|| u8::from(random.below(50) == 0) * random.below(3) as u8),
        }
        for _ in 0..200 {
            let header = header_of(&mut random);
            garbage[..header.len()].copy_from_slice(&header);
            for byte in &mut garbage {
                *byte = if *byte == OUTSIDE { 0xef } else { *byte };
            }
            let end = random.below(WINDOW_LEN as u64) as usize;
            let end = end.max(header.len());
            view.write_bytes(0, &garbage[..end]).unwrap();
        }
        view.write_bytes(0, &garbage).unwrap();
    }
}

/// A [`Header`] of numbers that fit, nearly fit, or are far off.
fn header_of(random: &mut Random) -> [u8; size_of::<Header>()] {
    let extremes = [
        0,
        1,
        u64::MAX,
        1 << 31,
        (1 << 31) - 1,
        1 << 32,
        1 << 63,
        (1 << 63) - 1,
        u64::MAX / size_of::<Row>() as u64 + 1,
    ];
    let mut number = |limit: usize| match random.below(4) {
        0 => random.pick(&extremes),
        1 => random.next(),
        _ => random.below(limit as u64),
    };
    let mut bytes = [0; size_of::<Header>()];
    bytes[..4].copy_from_slice(&(number(WINDOW_LEN) as u32).to_ne_bytes());
    bytes[4..6].copy_from_slice(&(number(100) as u16).to_ne_bytes());
    bytes[6..14].copy_from_slice(&number(200).to_ne_bytes());
    bytes[14..22].copy_from_slice(&number(WINDOW_LEN + 100).to_ne_bytes());
    bytes[22..].copy_from_slice(&(number(WINDOW_LEN + 100) as u32).to_ne_bytes());
    bytes
}

/// Values that are read and written with one access of the processor.
#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct Aligned {
    long: u64,
    float: f64,
    words: [u32; 2],
    int: u32,
    halves: [u16; 2],
    short: u16,
}

impl Aligned {
    /// All the same number, however it is cut in parts.
    fn of(n: u32) -> Self {
        let (long, int) = (
            u64::from(n) << 32 | u64::from(n),
            (n & 0xffff) << 16 | n & 0xffff,
        );
        Self {
            long,
            float: f64::from_bits(long),
            words: [n; 2],
            int,
            halves: [n as u16; 2],
            short: (n as u16 & 0xff) << 8 | n as u16 & 0xff,
        }
    }
}

#[test]
fn aligned_values_do_not_tear_and_do_not_run_backwards() {
    const LONG_ENOUGH: Duration = Duration::from_millis(500);
    const OFTEN_ENOUGH: u32 = 1000;

    let _watchdog = watchdog();
    let name = fresh_name();
    let _region = SharedMemoryLink::<Aligned, ReadWrite>::create(&name).unwrap();
    let mut child = Child::start(counting_child, &[&name]);
    assert_eq!(child.answer(), "writing");
    let link = SharedMemoryLink::<Aligned>::open(&name).unwrap();
    let (start, mut changes, mut last) = (Instant::now(), 0, [0; 4]);
    while changes < OFTEN_ENOUGH || start.elapsed() < LONG_ENOUGH {
        let long = [
            field!(link.long).read(),
            field!(link.long).try_read().unwrap(),
            field!(link.float).read().to_bits(),
        ];
        for it in long {
            assert_eq!(it >> 32, it & 0xffff_ffff, "{it:x}");
        }
        let [a, b] = field!(link.words).read();
        assert_eq!(a, b);
        for int in [
            field!(link.int).read(),
            field!(link.int).try_read().unwrap(),
        ] {
            assert_eq!(int >> 16, int & 0xffff, "{int:x}");
        }
        let [c, d] = field!(link.halves).read();
        assert_eq!(c, d);
        let short = field!(link.short).read();
        assert_eq!(short >> 8, short & 0xff, "{short:x}");

        let now = [long[0], long[1], long[2], u64::from(a) << 32];
        assert!(long[1] >= long[0], "{long:x?}");
        for (now, last) in now.iter().zip(last) {
            assert!(*now >= last, "{now:x} after {last:x}");
        }
        changes += u32::from(now != last);
        last = now;
    }
}

#[test]
#[ignore = "a child of the test above"]
fn counting_child() {
    let Some(parent) = Parent::find() else { return };
    let link: SharedMemoryLink<Aligned, ReadWrite> =
        SharedMemoryLink::open_existing(parent.argument(0)).unwrap();
    parent.tell("writing");
    for n in 1.. {
        let Aligned {
            long,
            float,
            words,
            int,
            halves,
            short,
        } = Aligned::of(n);
        field!(link.long).write(&long);
        field!(link.float).write(&float);
        field!(link.words).write(&words);
        field!(link.int).write(&int);
        field!(link.halves).write(&halves);
        field!(link.short).write(&short);
    }
}
