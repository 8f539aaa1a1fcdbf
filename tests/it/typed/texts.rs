//! Text in regions: bounded, with or without its terminator.

use win_shared_memory::{
    Encoding, ReadWrite, Section, SharedData, SharedMemoryError, SharedMemoryLink, View, field,
};

use crate::support::fresh_name;

const ALL: [Encoding; 4] = [
    Encoding::Utf16,
    Encoding::Utf8,
    Encoding::Latin1,
    Encoding::Windows1252,
];

#[derive(Clone, Copy, SharedData)]
#[repr(C, packed)]
struct Texts {
    flag: u8,
    wide: [u16; 8],
    narrow: [u8; 8],
    after: [u8; 4],
}

fn texts() -> SharedMemoryLink<Texts, ReadWrite> {
    let link: SharedMemoryLink<Texts, ReadWrite> = SharedMemoryLink::create(&fresh_name()).unwrap();
    field!(link.after).write(b"wxyz");
    link
}

fn region(len: usize) -> (Section<ReadWrite>, View<ReadWrite>) {
    let section = Section::create(&fresh_name(), 8192).unwrap();
    let view = section.map_range(0, len).unwrap();
    (section, view)
}

#[test]
fn what_is_written_to_a_field_is_read_from_it() {
    let link = texts();
    for text in ["", "a", "Grün", "abcdefg", "🦊 ßé"] {
        field!(link.wide).write(&[0xffff; 8]);
        field!(link.wide).write_text(text);
        assert_eq!(field!(link.wide).read_text(), text);
    }
    for encoding in ALL {
        for text in ["", "a", "Grü"] {
            field!(link.narrow).write(&[0xff; 8]);
            field!(link.narrow).write_text(text, encoding);
            assert_eq!(field!(link.narrow).read_text(encoding), text);
        }
    }
    assert_eq!(field!(link.after).read(), *b"wxyz");
}

#[test]
fn text_of_another_program_ends_with_its_field() {
    let link = texts();
    field!(link.wide).write(&[0x20ac; 8]);
    field!(link.narrow).write(b"\x80\xe9345678");
    assert_eq!(field!(link.wide).read_text(), "€".repeat(8));
    let narrow = field!(link.narrow);
    assert_eq!(narrow.read_text(Encoding::Windows1252), "€é345678");
    assert_eq!(narrow.read_text(Encoding::Latin1), "\u{80}é345678");
    assert_eq!(narrow.read_text(Encoding::Utf8), "\u{fffd}\u{fffd}345678");
    assert_eq!(
        narrow.read_text(Encoding::Utf16),
        "\u{e980}\u{3433}\u{3635}\u{3837}"
    );
    // What is behind the terminator is of an earlier, longer text.
    field!(link.wide[2]).write(&0);
    field!(link.narrow[2]).write(&0);
    assert_eq!(field!(link.wide).read_text(), "€€");
    assert_eq!(narrow.read_text(Encoding::Windows1252), "€é");
}

#[test]
fn text_that_is_too_long_is_cut_and_terminated() {
    let link = texts();
    field!(link.narrow).write_text("abcdefghijkl", Encoding::Latin1);
    assert_eq!(field!(link.narrow).read(), *b"abcdefg\0");
    field!(link.wide).write_text("abcdef🦊");
    assert_eq!(field!(link.wide).read_text(), "abcdef");
    field!(link.wide).write_text("abcde🦊g");
    assert_eq!(field!(link.wide).read_text(), "abcde🦊");
    assert_eq!(field!(link.wide[7]).read(), 0);
    assert_eq!(field!(link.after).read(), *b"wxyz");
}

#[test]
fn text_of_unknown_length_ends_at_its_nul() {
    // More than is copied at once, and ends around there.
    for len in [0, 1, 2, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1000] {
        for encoding in ALL {
            let (_section, view) = region(4096);
            view.write_bytes(0, &[b'#'; 4096]).unwrap();
            let text = "ab".repeat(len)[..len].to_owned();
            let unit = if encoding == Encoding::Utf16 { 2 } else { 1 };
            let mut bytes = vec![0; unit * (len + 1)];
            encoding.encode(&text, &mut bytes);
            view.write_bytes(3, &bytes).unwrap();
            for cap in [
                unit * len,
                unit * len + 1,
                unit * (len + 1),
                4000,
                usize::MAX,
            ] {
                let read = view.read_text(3, cap, encoding).unwrap();
                assert_eq!(read, text, "{len} characters, {cap} bytes, {encoding:?}");
            }
        }
    }
}

#[test]
fn text_without_a_nul_ends_with_its_cap_or_the_view() {
    let (_section, view) = region(1001);
    view.write_bytes(0, &[b'#'; 1001]).unwrap();
    for encoding in [Encoding::Utf8, Encoding::Latin1, Encoding::Windows1252] {
        for (at, cap, len) in [
            (0, 0, 0),
            (0, 1, 1),
            (5, 700, 700),
            (1, usize::MAX, 1000),
            (1000, usize::MAX, 1),
            (1001, usize::MAX, 0),
            (1001, 0, 0),
        ] {
            let text = view.read_text(at, cap, encoding).unwrap();
            assert_eq!(text, "#".repeat(len), "{cap} bytes at {at}");
        }
    }
    // Units of two bytes, and half a one at the end.
    for (at, cap, len) in [
        (1, usize::MAX, 500),
        (0, usize::MAX, 500),
        (0, 7, 3),
        (7, 1, 0),
    ] {
        let text = view.read_text(at, cap, Encoding::Utf16).unwrap();
        assert_eq!(text, "\u{2323}".repeat(len), "{cap} bytes at {at}");
    }
}

#[test]
fn a_nul_is_two_bytes_of_one_unit_in_utf_16() {
    let (_section, view) = region(2000);
    // The zero bytes of U+0001 and U+0100 are side by side, again and again.
    let text = "\u{1}\u{100}".repeat(400);
    for (at, unit) in text.encode_utf16().enumerate() {
        view.write(1 + 2 * at, &unit).unwrap();
    }
    assert_eq!(view.read_text(1, 2000, Encoding::Utf16).unwrap(), text);
    assert_eq!(
        view.read_text(1, 1599, Encoding::Utf16).unwrap(),
        text[..1198]
    );
}

#[test]
fn what_is_cut_or_broken_is_replaced() {
    let (_section, view) = region(100);
    view.write_bytes(0, "aé".as_bytes()).unwrap();
    assert_eq!(view.read_text(0, 2, Encoding::Utf8).unwrap(), "a\u{fffd}");
    assert_eq!(view.read_text(0, 3, Encoding::Utf8).unwrap(), "aé");
    view.write(0, &[0xd83e_u16, 0xdd8a, 0xdd8a, 0x61]).unwrap();
    let wide = |cap| view.read_text(0, cap, Encoding::Utf16).unwrap();
    assert_eq!(wide(2), "\u{fffd}");
    assert_eq!(wide(4), "🦊");
    assert_eq!(wide(100), "🦊\u{fffd}a");
}

#[test]
fn text_that_begins_outside_is_refused() {
    let (_section, view) = region(100);
    for at in [101, 102, 4096, usize::MAX] {
        for cap in [0, 1, usize::MAX] {
            match view.read_text(at, cap, Encoding::Utf8) {
                Err(error @ SharedMemoryError::OutOfBounds { offset, size, .. }) => {
                    assert_eq!((offset, size), (at as u64, 100));
                    assert!(error.to_string().contains(&at.to_string()), "{error}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
