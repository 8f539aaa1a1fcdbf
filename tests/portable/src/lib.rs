//! A crate of shared types, as a tool that runs everywhere has one: on any system it says what the types look
//! like in memory, and reads values from recorded bytes.

#![forbid(unsafe_code)]

use win_shared_memory::SharedData;

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
mod tests {
    use win_shared_memory::layout::{self, InvalidBytes, Kind};
    use win_shared_memory::{Encoding, SharedData as _, Zerocopy, schema};

    use super::{Session, Telemetry};

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
    fn types_of_other_crates_come_through_zerocopy() {
        use zerocopy::big_endian::U32;
        let port: Zerocopy<U32> = layout::from_bytes(&[0, 0, 1, 0]).expect("any bytes are valid");
        assert_eq!(port.0.get(), 256);
    }
}
