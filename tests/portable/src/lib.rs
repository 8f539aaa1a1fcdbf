//! A crate of shared types, as a tool that runs everywhere has one: on any system it says what the types look
//! like in memory, and reads values from recorded bytes.

#![forbid(unsafe_code)]

use win_shared_memory::{ProcessIdentity, SharedData};

/// What a game publishes.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct Telemetry {
    /// Counts up.
    pub tick: u64,
    /// The track, in UTF-16.
    pub track: [u16; 8],
    /// What goes on.
    pub session: Session,
    /// Whether the game is paused.
    pub paused: bool,
}

/// A region that names the process that writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SharedData)]
#[repr(C)]
pub struct Signed {
    /// A count of something.
    pub count: u8,
    /// The process that writes.
    pub by: ProcessIdentity,
}

/// What goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SharedData)]
#[repr(u32)]
pub enum Session {
    /// Nothing counts.
    Practice,
    /// Everything does.
    Race = 10,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use win_shared_memory::layout::{self, InvalidBytes, Kind};
    use win_shared_memory::{Encoding, ProcessIdentity, SharedData as _, Zerocopy, schema};

    use super::{Session, Signed, Telemetry};

    fn recorded() -> Vec<u8> {
        let mut track = [0; 8];
        Encoding::encode_utf16("Monza", &mut track);
        let mut bytes = 7_u64.to_le_bytes().to_vec();
        bytes.extend(track.iter().flat_map(|it| it.to_le_bytes()));
        bytes.extend(10_u32.to_le_bytes());
        bytes.extend([1, 0xaa, 0xbb, 0xcc]);
        bytes
    }

    #[test]
    fn recorded_bytes_are_a_value() {
        let telemetry: Telemetry = layout::from_bytes(&recorded()).expect("it is valid");
        assert_eq!(telemetry.tick, 7);
        assert_eq!(Encoding::decode_utf16(&telemetry.track), "Monza");
        assert_eq!((telemetry.session, telemetry.paused), (Session::Race, true));
    }

    #[test]
    fn unaligned_bytes_are_a_value() {
        let bytes = [vec![0], recorded()].concat();
        let telemetry = layout::from_bytes::<Telemetry>(&bytes[1..]);
        assert_eq!(telemetry.map(|it| it.tick), Ok(7));
    }

    #[test]
    fn too_few_and_too_many_bytes_are_refused_with_both_numbers() {
        for len in [0, 31, 33] {
            let error =
                layout::from_bytes::<Telemetry>(&vec![0; len]).expect_err("of the wrong length");
            let numbers = format!("the type has 32 bytes, and {len} were given");
            assert_eq!(error.to_string(), numbers);
        }
    }

    #[test]
    fn an_invalid_bool_or_enum_is_refused_with_its_name() {
        for (at, value, field) in [(28, 2, "paused"), (24, 11, "session")] {
            let mut bytes = recorded();
            bytes[at] = value;
            match layout::from_bytes::<Telemetry>(&bytes) {
                Err(InvalidBytes::Value(invalid)) => {
                    assert_eq!((invalid.field(), invalid.offset()), (field, at));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn the_layout_is_that_of_windows() {
        let layout = &Telemetry::LAYOUT;
        assert_eq!((layout.size(), layout.align()), (32, 8));
        assert_eq!(layout.path_at(10), "track[1]");
        assert!(matches!(layout.kind(), Kind::Struct(fields) if fields.len() == 4));
        assert_eq!(
            schema!(Session),
            r#"{"size":4,"align":4,"repr":"u32","variants":[{"name":"Practice","value":0},{"name":"Race","value":10}]}"#
        );
    }

    #[test]
    fn a_process_is_part_of_a_value_with_one_layout_everywhere() {
        let bytes = [[9, 0, 0, 0, 0, 0, 0, 0], [7, 0, 0, 0, 0, 0, 0, 0], [1; 8]].concat();
        let created = 0x0101_0101_0101_0101;
        assert_eq!(
            layout::from_bytes::<Signed>(&bytes),
            Ok(Signed {
                count: 9,
                by: ProcessIdentity { id: 7, created },
            })
        );
        assert_eq!(
            schema!(ProcessIdentity),
            r#"{"size":16,"align":8,"fields":[{"name":"id","offset":0,"type":"u32"},{"name":"created","offset":8,"type":"u64"}]}"#
        );
    }

    #[test]
    fn a_zeroed_value_is_the_one_of_zero_bytes() {
        assert_eq!(layout::from_bytes(&[0; 32]), Ok(Telemetry::zeroed()));
        assert_eq!(Telemetry::zeroed().session, Session::Practice);
        assert!(<[Telemetry; 2]>::LAYOUT.zero_is_valid());
    }

    /// `layouts` has an [`Encoding`] of its own, so that reading a file of layouts needs no part of the library.
    #[test]
    fn the_two_crates_agree_on_text() {
        use win_shared_memory_layouts::{Encoding as Other, Text};
        let bytes: Vec<_> = (1..=255_u8).flat_map(|it| [it, 0x41]).collect();
        for (ours, theirs) in [
            (Encoding::Utf8, Other::Utf8),
            (Encoding::Utf16, Other::Utf16),
            (Encoding::Latin1, Other::Latin1),
            (Encoding::Windows1252, Other::Ansi),
        ] {
            for bytes in [&*bytes, b"a\0\0\0b", b"\xe2\x82\xac\xe2\x82", b""] {
                assert_eq!(ours.decode(bytes), Text::new(bytes, theirs).to_str());
            }
        }
    }

    #[test]
    fn the_schema_is_a_layout_of_the_other_crate() {
        use win_shared_memory_layouts::{Layout, Plan};
        let plan = |schema| Plan::new(&Layout::from_schema("x", schema).unwrap()).unwrap();
        let telemetry = plan(schema!(Telemetry));
        let bytes = recorded();
        let view = telemetry.view(&bytes);
        assert_eq!(view.get("tick").unwrap().as_i64(), Some(7));
        assert_eq!(view.get("track[1]").unwrap().as_i64(), Some('o' as i64));

        let opaque = plan(schema!(Zerocopy<[zerocopy::big_endian::U16; 3]>));
        let value = opaque
            .view(&[1, 2, 3, 4, 5, 6])
            .get("value")
            .unwrap()
            .to_string();
        assert_eq!(value, "010203040506");
    }

    #[test]
    fn types_of_other_crates_come_through_zerocopy() {
        use zerocopy::big_endian::U32;
        let port: Zerocopy<U32> = layout::from_bytes(&[0, 0, 1, 0]).expect("any bytes are valid");
        assert_eq!(port.0.get(), 256);
    }
}
